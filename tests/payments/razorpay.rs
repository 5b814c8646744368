//! What Razorpay says about a payment, and its refunds.

use super::{KEY_ID, charge, fault, object, of_order, order, pay_order, razorpay, refund_of};
use serde_json::json;
use shared::{
    domain::PaymentId,
    payment::{
        Gateway, Mismatch, PaymentOutcome, PaymentRef, ProviderError, RefundState, TakenPayment,
    },
};
use stack::FakePayments;

#[tokio::test]
async fn an_order_names_the_hold() {
    let fake = FakePayments::start(None).await.unwrap();
    let charge = charge(29_900, "INR");
    let id = order(&razorpay(&fake), &charge).await;
    let made = object(&fake, &id).await;
    let token = charge.token.to_string();
    assert_eq!((made["amount"].as_i64(), made["currency"].as_str()), (Some(29_900), Some("INR")));
    assert_eq!(made["receipt"], format!("{token}:0"));
    assert_eq!(made["notes"]["reservation_token"], token);
}

#[tokio::test]
async fn an_account_with_unique_receipts_gets_the_same_order_again() {
    let fake = FakePayments::start(None).await.unwrap();
    let settings = json!({"account": KEY_ID, "uniqueReceipts": true});
    fake.control("settings", &settings).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    fault(&fake, "razorpay", "create_order", "reply_lost").await;
    let error = razorpay.start(&charge).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    assert_eq!(order(&razorpay, &charge).await, order(&razorpay, &charge).await);
}

#[tokio::test]
async fn a_captured_payment_of_the_order_is_taken() {
    let fake = FakePayments::start(None).await.unwrap();
    for (amount, currency) in [(29_900, "INR"), (500, "JPY"), (295_990, "KWD")] {
        let (razorpay, charge) = (razorpay(&fake), charge(amount, currency));
        let id = order(&razorpay, &charge).await;
        let payment_id = pay_order(&fake, &id, "captured").await;
        let payment = TakenPayment {
            payment_id: payment_id.clone(),
            amount,
            returned: 0,
            currency: charge.currency.clone(),
        };
        let taken = PaymentOutcome::Taken { payment, others: Vec::new() };
        assert_eq!(razorpay.check(&of_order(&id), &charge).await.unwrap(), taken);
        let named = PaymentRef::Order { order_id: id, payment_id: Some(payment_id) };
        assert_eq!(razorpay.check(&named, &charge).await.unwrap(), taken);
        assert_eq!(razorpay.cancel(&named, &charge).await.unwrap(), taken);
    }
}

#[tokio::test]
async fn an_unpaid_failed_or_authorised_order_is_pending() {
    let fake = FakePayments::start(None).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    let id = order(&razorpay, &charge).await;
    let pending = |status: &str| PaymentOutcome::Pending { status: status.into() };
    assert_eq!(razorpay.check(&of_order(&id), &charge).await.unwrap(), pending("created"));
    pay_order(&fake, &id, "failed").await;
    assert_eq!(razorpay.check(&of_order(&id), &charge).await.unwrap(), pending("failed"));
    fake.control("clock", &json!({"advanceSeconds": 3 * 24 * 3600})).await.unwrap();
    let late = pay_order(&fake, &id, "authorized").await;
    assert_eq!(razorpay.check(&of_order(&id), &charge).await.unwrap(), pending("authorized"));
    fake.control(&format!("razorpay/payments/{}/capture", late.as_str()), &json!({}))
        .await
        .unwrap();
    let outcome = razorpay.check(&of_order(&id), &charge).await.unwrap();
    assert!(matches!(outcome, PaymentOutcome::Taken { .. }), "{outcome:?}");
}

#[tokio::test]
async fn an_authorised_payment_that_expired_was_never_taken() {
    let fake = FakePayments::start(None).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    let id = order(&razorpay, &charge).await;
    let payment = pay_order(&fake, &id, "authorized").await;
    fake.control(&format!("razorpay/payments/{}/expire", payment.as_str()), &json!({}))
        .await
        .unwrap();
    let outcome = razorpay.check(&of_order(&id), &charge).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Pending { status: "refunded".into() });
}

#[tokio::test]
async fn a_second_captured_payment_is_reported_as_well() {
    let fake = FakePayments::start(None).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    let id = order(&razorpay, &charge).await;
    let mut paid = Vec::new();
    for _ in 0..2 {
        paid.push(pay_order(&fake, &id, "captured").await);
    }
    match razorpay.check(&of_order(&id), &charge).await.unwrap() {
        PaymentOutcome::Taken { payment, others } => {
            let found = [&payment.payment_id, &others[0].payment_id];
            assert!(others.len() == 1 && paid.iter().all(|id| found.contains(&id)), "{found:?}");
        }
        other => panic!("{other:?}"),
    }
    // Both are reported even when neither pays for the hold any more.
    for payment in &paid {
        razorpay.refund(&refund_of(payment, &charge, 900)).await.unwrap();
    }
    match razorpay.check(&of_order(&id), &charge).await.unwrap() {
        PaymentOutcome::Mismatch(Mismatch::Amount(payment, others)) => {
            let found = [&payment, &others[0]].map(|left| (&left.payment_id, left.amount));
            assert!(paid.iter().all(|id| found.contains(&(id, 29_000))), "{found:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_payment_of_another_order_is_a_mismatch() {
    let fake = FakePayments::start(None).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    let (ours, other) =
        (order(&razorpay, &charge).await, order(&razorpay, &super::charge(100, "INR")).await);
    let foreign = pay_order(&fake, &other, "captured").await;
    for payment_id in [foreign, PaymentId::parse("pay_unknown").unwrap()] {
        let named = PaymentRef::Order { order_id: ours.clone(), payment_id: Some(payment_id) };
        let outcome = razorpay.check(&named, &charge).await.unwrap();
        assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::Reservation));
    }
    let intent = PaymentRef::Intent(PaymentId::parse("pi_1").unwrap());
    let outcome = razorpay.check(&intent, &charge).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::Reservation));
}

#[tokio::test]
async fn another_amount_currency_or_a_refund_is_a_mismatch_that_says_what_is_left() {
    let fake = FakePayments::start(None).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    let id = order(&razorpay, &charge).await;
    let payment_id = pay_order(&fake, &id, "captured").await;
    let left = |amount| TakenPayment {
        payment_id: payment_id.clone(),
        amount,
        returned: 29_900 - amount,
        currency: charge.currency.clone(),
    };
    let mut other = charge.clone();
    other.amount = 30_000;
    let outcome = razorpay.check(&of_order(&id), &other).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::Amount(left(29_900), Vec::new())));
    let mut other = charge.clone();
    other.currency = shared::domain::Currency::parse("USD").unwrap();
    let outcome = razorpay.check(&of_order(&id), &other).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::Currency(left(29_900), Vec::new())));
    razorpay.refund(&refund_of(&payment_id, &charge, 900)).await.unwrap();
    let outcome = razorpay.check(&of_order(&id), &charge).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::Amount(left(29_000), Vec::new())));
    razorpay.refund(&refund_of(&payment_id, &charge, 29_000)).await.unwrap();
    assert_eq!(razorpay.check(&of_order(&id), &charge).await.unwrap(), PaymentOutcome::Declined);
}

#[tokio::test]
async fn an_amount_that_razorpay_cannot_charge_is_not_payable() {
    let fake = FakePayments::start(None).await.unwrap();
    let razorpay = razorpay(&fake);
    for (amount, currency) in [(99, "INR"), (5121, "KWD"), (500, "XTS")] {
        let error = razorpay.start(&charge(amount, currency)).await.unwrap_err();
        assert!(matches!(error, ProviderError::NotPayable(_)), "{amount} {currency}: {error:?}");
    }
}

#[tokio::test]
async fn a_refund_is_made_once_for_each_id_and_refused_above_the_payment() {
    let fake = FakePayments::start(None).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    let id = order(&razorpay, &charge).await;
    let payment = pay_order(&fake, &id, "captured").await;
    let refund = refund_of(&payment, &charge, 9_900);
    fault(&fake, "razorpay", "create_refund", "reply_lost").await;
    let error = razorpay.refund(&refund).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    let made = razorpay.refund(&refund).await.unwrap();
    assert_eq!((made.state, made.amount), (RefundState::Succeeded, 9_900));
    assert_eq!(made.refund_id.as_deref(), Some(refund.refund_id.as_str()));
    assert_eq!(razorpay.refunds(&payment, &charge.currency).await.unwrap(), [made]);
    let error = razorpay.refund(&refund_of(&payment, &charge, 20_001)).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Refused(r) if r.status == 400), "{error:?}");
    let other = shared::payment::RefundRequest { amount: 1, ..refund };
    let error = razorpay.refund(&other).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Refused(r) if r.status == 400), "{error:?}");
}

#[tokio::test]
async fn a_low_balance_is_an_error_of_its_own() {
    let fake = FakePayments::start(None).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    let id = order(&razorpay, &charge).await;
    let payment = pay_order(&fake, &id, "captured").await;
    let balance = |amount| json!({"provider": "razorpay", "account": KEY_ID, "amount": amount});
    fake.control("balance", &balance(Some(100))).await.unwrap();
    let refund = refund_of(&payment, &charge, 29_900);
    let error = razorpay.refund(&refund).await.unwrap_err();
    assert!(matches!(error, ProviderError::LowBalance(_)), "{error:?}");
    fake.control("balance", &balance(None)).await.unwrap();
    razorpay.refund(&refund).await.unwrap();
}

#[tokio::test]
async fn a_refund_may_be_pending_and_may_fail_late() {
    let fake = FakePayments::start(None).await.unwrap();
    fake.control("settings", &json!({"openRefunds": true})).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    let id = order(&razorpay, &charge).await;
    let payment = pay_order(&fake, &id, "captured").await;
    let made = razorpay.refund(&refund_of(&payment, &charge, 29_900)).await.unwrap();
    assert_eq!(made.state, RefundState::Submitted);
    for (succeeded, state) in [(true, RefundState::Succeeded), (false, RefundState::Failed)] {
        let path = format!("razorpay/refunds/{}/finish", made.provider_id);
        fake.control(&path, &json!({"succeeded": succeeded})).await.unwrap();
        assert_eq!(razorpay.refunds(&payment, &charge.currency).await.unwrap()[0].state, state);
    }
}

#[tokio::test]
async fn refunds_are_listed_page_by_page() {
    let fake = FakePayments::start(None).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    let id = order(&razorpay, &charge).await;
    let payment = pay_order(&fake, &id, "captured").await;
    for _ in 0..101 {
        razorpay.refund(&refund_of(&payment, &charge, 1)).await.unwrap();
    }
    assert_eq!(razorpay.refunds(&payment, &charge.currency).await.unwrap().len(), 101);
}

#[tokio::test]
async fn errors_of_razorpay_are_told_apart() {
    let fake = FakePayments::start(None).await.unwrap();
    let (razorpay, charge) = (razorpay(&fake), charge(29_900, "INR"));
    fault(&fake, "razorpay", "create_order", "error_500").await;
    let error = razorpay.start(&charge).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    fault(&fake, "razorpay", "create_order", "rate_limited").await;
    let error = razorpay.start(&charge).await.unwrap_err();
    assert!(matches!(error, ProviderError::Busy(_)), "{error:?}");
    order(&razorpay, &charge).await;
}
