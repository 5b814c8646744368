//! The fake's Stripe refunds, through the client that the service uses.

use super::{charge, fault, paid_intent, refund_of, stripe};
use serde_json::json;
use shared::payment::{Gateway, ProviderError, ProviderRefund, RefundState, Stripe};
use stack::FakePayments;

#[tokio::test]
async fn a_refund_succeeds_once_for_each_id() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = paid_intent(&fake, &charge, "4242424242424242").await;
    let refund = refund_of(&id, &charge, 400);
    let made = stripe.refund(&refund).await.unwrap();
    let expected = ProviderRefund {
        provider_id: made.provider_id.clone(),
        refund_id: Some(refund.refund_id.clone()),
        amount: 400,
        state: RefundState::Succeeded,
    };
    assert_eq!(made, expected);
    assert_eq!(stripe.refund(&refund).await.unwrap(), expected);
    assert_eq!(stripe.refunds(&id, &charge.currency).await.unwrap(), [expected]);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_for_a_day() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = paid_intent(&fake, &charge, "4242424242424242").await;
    let refund = refund_of(&id, &charge, 400);
    stripe.refund(&refund).await.unwrap();
    let other = shared::payment::RefundRequest { amount: 500, ..refund.clone() };
    let error = stripe.refund(&other).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Refused(r) if r.code == "idempotency_error"),
        "{error:?}"
    );
    fake.control("clock", &json!({"advanceSeconds": 24 * 3600 - 60})).await.unwrap();
    stripe.refund(&refund).await.unwrap();
    assert_eq!(stripe.refunds(&id, &charge.currency).await.unwrap().len(), 1);
    // After a day Stripe has forgotten the key, and would pay twice. So look a refund up first.
    fake.control("clock", &json!({"advanceSeconds": 60})).await.unwrap();
    stripe.refund(&refund).await.unwrap();
    assert_eq!(stripe.refunds(&id, &charge.currency).await.unwrap().len(), 2);
}

#[tokio::test]
async fn more_than_the_charge_is_refused() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = paid_intent(&fake, &charge, "4242424242424242").await;
    stripe.refund(&refund_of(&id, &charge, 700)).await.unwrap();
    let error = stripe.refund(&refund_of(&id, &charge, 301)).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Refused(r) if r.field == "amount"), "{error:?}");
    stripe.refund(&refund_of(&id, &charge, 300)).await.unwrap();
    let error = stripe.refund(&refund_of(&id, &charge, 1)).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Refused(r) if r.code == "charge_already_refunded"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_refund_may_be_pending_and_may_fail_after_it_had_succeeded() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = paid_intent(&fake, &charge, "4000000000007726").await;
    let made = stripe.refund(&refund_of(&id, &charge, 1000)).await.unwrap();
    assert_eq!(made.state, RefundState::Submitted);
    for (succeeded, state) in [(true, RefundState::Succeeded), (false, RefundState::Failed)] {
        let path = format!("stripe/refunds/{}/finish", made.provider_id);
        fake.control(&path, &json!({"succeeded": succeeded})).await.unwrap();
        let refunds = stripe.refunds(&id, &charge.currency).await.unwrap();
        assert_eq!(refunds[0].state, state);
    }
    // The failed refund left the money with the account, so there is room for another one.
    stripe.refund(&refund_of(&id, &charge, 1000)).await.unwrap();
}

#[tokio::test]
async fn a_low_balance_leaves_the_refund_pending() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = paid_intent(&fake, &charge, "4242424242424242").await;
    let balance = json!({"provider": "stripe", "account": super::SECRET_KEY, "amount": 999});
    fake.control("balance", &balance).await.unwrap();
    let made = stripe.refund(&refund_of(&id, &charge, 1000)).await.unwrap();
    assert_eq!(made.state, RefundState::Submitted);
}

#[tokio::test]
async fn a_disputed_payment_is_not_refunded() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = paid_intent(&fake, &charge, "4000000000000259").await;
    let error = stripe.refund(&refund_of(&id, &charge, 1000)).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Refused(r) if r.code == "charge_disputed"),
        "{error:?}"
    );
}

#[tokio::test]
async fn refunds_are_listed_page_by_page_and_foreign_ones_have_no_id_of_ours() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(10_000, "USD"));
    let id = paid_intent(&fake, &charge, "4242424242424242").await;
    let in_dashboard = reqwest::Client::new()
        .post(format!("{}/v1/refunds", fake.stripe()))
        .bearer_auth(super::SECRET_KEY)
        .body(format!("payment_intent={}&amount=7", id.as_str()));
    assert!(in_dashboard.send().await.unwrap().status().is_success());
    for _ in 0..100 {
        stripe.refund(&refund_of(&id, &charge, 1)).await.unwrap();
    }
    let refunds = stripe.refunds(&id, &charge.currency).await.unwrap();
    assert_eq!(refunds.len(), 101);
    let foreign: Vec<_> = refunds.iter().filter(|refund| refund.refund_id.is_none()).collect();
    assert_eq!((foreign.len(), foreign[0].amount), (1, 7));
}

#[tokio::test]
async fn a_lost_response_to_a_refund_is_found_by_its_id() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = paid_intent(&fake, &charge, "4242424242424242").await;
    for (index, lost) in
        ["reply_lost", "error_500_done", "malformed", "oversized"].iter().enumerate()
    {
        fault(&fake, "stripe", "create_refund", lost).await;
        let refund = refund_of(&id, &charge, 10);
        let error = stripe.refund(&refund).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unknown(_)), "{lost}: {error:?}");
        let all = stripe.refunds(&id, &charge.currency).await.unwrap();
        assert_eq!(all.len(), index + 1, "{lost}");
        assert_eq!(all[0].refund_id.as_deref(), Some(refund.refund_id.as_str()), "{lost}");
    }
}

#[tokio::test]
async fn a_kept_500_stays_with_its_key_and_nothing_was_paid() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = paid_intent(&fake, &charge, "4242424242424242").await;
    fault(&fake, "stripe", "create_refund", "error_500_kept").await;
    let refund = refund_of(&id, &charge, 10);
    for _ in 0..2 {
        let error = stripe.refund(&refund).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    }
    assert!(refunds(&stripe, &id, &charge).await.is_empty());
    fake.control("clock", &json!({"advanceSeconds": 24 * 3600})).await.unwrap();
    stripe.refund(&refund).await.unwrap();
    assert_eq!(refunds(&stripe, &id, &charge).await.len(), 1);
}

async fn refunds(
    stripe: &Stripe,
    id: &shared::domain::PaymentId,
    charge: &shared::payment::AmountDue,
) -> Vec<ProviderRefund> {
    stripe.refunds(id, &charge.currency).await.unwrap()
}
