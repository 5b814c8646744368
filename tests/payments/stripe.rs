//! What Stripe says about a payment.

use super::{SECRET_KEY, charge, intent, object, paid_intent, pay, stripe, stripe_with};
use serde_json::json;
use shared::{
    domain::Currency,
    payment::{
        Gateway, Mismatch, PaymentOutcome, PaymentRef, ProviderError, StartedPayment, TakenPayment,
    },
};
use stack::FakePayments;

#[tokio::test]
async fn an_intent_names_the_hold_and_repeats_as_the_same_intent() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let started = stripe.start(&charge).await.unwrap();
    let StartedPayment::Intent { payment_id, client_secret, status } = &started else { panic!() };
    assert_eq!(status, "requires_payment_method");
    assert!(!format!("{started:?}").contains("_secret_"), "the client's secret is shown");
    assert!(format!("{client_secret:?}").contains("REDACTED"));
    assert_eq!(intent(&stripe, &charge).await, *payment_id);
    let made = object(&fake, payment_id.as_str()).await;
    assert_eq!((made["amount"].as_i64(), made["currency"].as_str()), (Some(1050), Some("usd")));
    let token = charge.token.to_string();
    assert_eq!(
        made["metadata"],
        json!({"reservation_token": token, "version": "0", "app_id": "shop"})
    );
}

#[tokio::test]
async fn a_changed_hold_gets_another_intent() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, first) = (stripe(&fake), charge(1050, "USD"));
    let changed = shared::payment::AmountDue { version: 1, amount: 2000, ..first.clone() };
    assert_ne!(intent(&stripe, &first).await, intent(&stripe, &changed).await);
}

#[tokio::test]
async fn a_paid_intent_is_taken() {
    let fake = FakePayments::start(None).await.unwrap();
    for (amount, currency) in
        [(1050, "USD"), (500, "JPY"), (70, "ISK"), (700, "MGA"), (5120, "KWD")]
    {
        let charge = charge(amount, currency);
        let id = paid_intent(&fake, &charge, "4242 4242 4242 4242").await;
        let outcome = stripe(&fake).check(&PaymentRef::Intent(id.clone()), &charge).await.unwrap();
        let payment =
            TakenPayment { payment_id: id, amount, returned: 0, currency: charge.currency };
        assert_eq!(outcome, PaymentOutcome::Taken { payment, others: Vec::new() }, "{currency}");
    }
}

#[tokio::test]
async fn stripes_own_units_go_over_the_wire() {
    let fake = FakePayments::start(None).await.unwrap();
    for (amount, currency, sent) in [(500, "JPY", 500), (70, "UGX", 7000), (700, "MGA", 7)] {
        let id = intent(&stripe(&fake), &charge(amount, currency)).await;
        assert_eq!(object(&fake, id.as_str()).await["amount"], sent, "{currency}");
    }
}

#[tokio::test]
async fn an_unpaid_intent_is_pending() {
    let fake = FakePayments::start(None).await.unwrap();
    let stripe = stripe(&fake);
    for (card, status) in [
        (None, "requires_payment_method"),
        (Some("4000000000000002"), "requires_payment_method"),
        (Some("4000000000009995"), "requires_payment_method"),
        (Some("4000002500003155"), "requires_action"),
        (Some("000123456789"), "processing"),
    ] {
        let charge = charge(1050, "USD");
        let id = intent(&stripe, &charge).await;
        if let Some(card) = card {
            pay(&fake, &id, card).await;
        }
        let outcome = stripe.check(&PaymentRef::Intent(id), &charge).await.unwrap();
        assert_eq!(outcome, PaymentOutcome::Pending { status: status.into() }, "{card:?}");
    }
}

#[tokio::test]
async fn a_declined_card_may_be_followed_by_a_good_one() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let id = paid_intent(&fake, &charge, "4000000000000002").await;
    pay(&fake, &id, "4242424242424242").await;
    let outcome = stripe.check(&PaymentRef::Intent(id), &charge).await.unwrap();
    assert!(matches!(outcome, PaymentOutcome::Taken { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_bank_decides_after_authentication_and_debit() {
    let fake = FakePayments::start(None).await.unwrap();
    let stripe = stripe(&fake);
    for card in ["4000002500003155", "000123456789"] {
        for succeeded in [true, false] {
            let charge = charge(1050, "USD");
            let id = paid_intent(&fake, &charge, card).await;
            let path = format!("stripe/intents/{}/finish", id.as_str());
            fake.control(&path, &json!({"succeeded": succeeded})).await.unwrap();
            let outcome = stripe.check(&PaymentRef::Intent(id), &charge).await.unwrap();
            assert_eq!(
                matches!(outcome, PaymentOutcome::Taken { .. }),
                succeeded,
                "{card} {outcome:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_unpaid_intent_can_be_cancelled_and_then_it_is_declined() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let id = PaymentRef::Intent(intent(&stripe, &charge).await);
    for _ in 0..2 {
        assert_eq!(stripe.cancel(&id, &charge).await.unwrap(), PaymentOutcome::Declined);
    }
    assert_eq!(stripe.check(&id, &charge).await.unwrap(), PaymentOutcome::Declined);
}

#[tokio::test]
async fn cancelling_a_paid_intent_says_that_it_is_paid() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let paid = PaymentRef::Intent(paid_intent(&fake, &charge, "4242424242424242").await);
    let outcome = stripe.cancel(&paid, &charge).await.unwrap();
    assert!(matches!(outcome, PaymentOutcome::Taken { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_debit_on_its_way_cannot_be_cancelled() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let debit = PaymentRef::Intent(paid_intent(&fake, &charge, "000123456789").await);
    let outcome = stripe.cancel(&debit, &charge).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Pending { status: "processing".into() });
}

#[tokio::test]
async fn a_payment_for_another_hold_or_app_is_a_mismatch() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let id = PaymentRef::Intent(paid_intent(&fake, &charge, "4242424242424242").await);
    let other_hold = super::charge(1050, "USD");
    let outcome = stripe.check(&id, &other_hold).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::Reservation));
    let mut other_app = charge.clone();
    other_app.app_id = shared::domain::AppId::parse("other").unwrap();
    let outcome = stripe.check(&id, &other_app).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::App));
}

#[tokio::test]
async fn another_amount_or_currency_is_a_mismatch_that_says_what_was_received() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let payment_id = paid_intent(&fake, &charge, "4242424242424242").await;
    let id = PaymentRef::Intent(payment_id.clone());
    let received =
        TakenPayment { payment_id, amount: 1050, returned: 0, currency: charge.currency.clone() };
    let mut dearer = charge.clone();
    dearer.amount = 1051;
    let outcome = stripe.check(&id, &dearer).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::Amount(received.clone(), Vec::new())));
    let mut in_euro = charge;
    in_euro.currency = Currency::parse("EUR").unwrap();
    let outcome = stripe.check(&id, &in_euro).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::Currency(received, Vec::new())));
}

#[tokio::test]
async fn money_that_went_back_in_the_dashboard_pays_for_nothing() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let payment_id = paid_intent(&fake, &charge, "4242424242424242").await;
    let id = PaymentRef::Intent(payment_id.clone());
    stripe.refund(&super::refund_of(&payment_id, &charge, 50)).await.unwrap();
    let left = TakenPayment {
        payment_id: payment_id.clone(),
        amount: 1000,
        returned: 50,
        currency: charge.currency.clone(),
    };
    let outcome = stripe.check(&id, &charge).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Mismatch(Mismatch::Amount(left, Vec::new())));
    stripe.refund(&super::refund_of(&payment_id, &charge, 1000)).await.unwrap();
    assert_eq!(stripe.check(&id, &charge).await.unwrap(), PaymentOutcome::Declined);
}

#[tokio::test]
async fn a_disputed_payment_waits_for_the_end_of_the_dispute() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let payment_id = paid_intent(&fake, &charge, "4000000000000259").await;
    let id = PaymentRef::Intent(payment_id.clone());
    let outcome = stripe.check(&id, &charge).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Pending { status: "disputed".into() });
    let dispute = format!("stripe/intents/{}/dispute", payment_id.as_str());
    fake.control(&dispute, &json!({"status": "won"})).await.unwrap();
    let outcome = stripe.check(&id, &charge).await.unwrap();
    assert!(matches!(outcome, PaymentOutcome::Taken { .. }), "{outcome:?}");
    fake.control(&dispute, &json!({"status": "lost"})).await.unwrap();
    assert_eq!(stripe.check(&id, &charge).await.unwrap(), PaymentOutcome::Declined);
}

#[tokio::test]
async fn an_amount_that_stripe_cannot_charge_is_not_payable() {
    let fake = FakePayments::start(None).await.unwrap();
    let stripe = stripe(&fake);
    for (amount, currency) in
        [(49, "USD"), (49, "JPY"), (100_000_000, "EUR"), (5121, "KWD"), (150, "MGA"), (500, "XTS")]
    {
        let error = stripe.start(&charge(amount, currency)).await.unwrap_err();
        assert!(matches!(error, ProviderError::NotPayable(_)), "{amount} {currency}: {error:?}");
    }
}

#[tokio::test]
async fn an_account_sees_only_its_own_payments() {
    let fake = FakePayments::start(None).await.unwrap();
    let charge = charge(1050, "USD");
    let id = PaymentRef::Intent(paid_intent(&fake, &charge, "4242424242424242").await);
    let stranger = stripe_with(&fake, "sk_test_stranger");
    assert!(stripe_with(&fake, SECRET_KEY).check(&id, &charge).await.is_ok());
    let error = stranger.check(&id, &charge).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Refused(refusal) if refusal.code == "resource_missing"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_live_account_says_so() {
    let fake = FakePayments::start(None).await.unwrap();
    assert!(!stripe(&fake).is_live());
    assert!(!stripe_with(&fake, "rk_test_restricted").is_live());
    assert!(stripe_with(&fake, "sk_live_ours").is_live());
    assert!(stripe_with(&fake, "rk_live_ours").is_live());
}
