//! Stripe fails, is slow or refuses.

use super::{charge, fault, intent, stripe};
use serde_json::json;
use shared::payment::{Gateway, PaymentRef, ProviderError};
use stack::FakePayments;
use std::error::Error;

#[tokio::test]
async fn a_lost_response_to_a_start_is_repeated_into_the_same_intent() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    fault(&fake, "stripe", "create_intent", "reply_lost").await;
    let error = stripe.start(&charge).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    assert_eq!(intent(&stripe, &charge).await, intent(&stripe, &charge).await);
}

#[tokio::test]
async fn a_500_is_followed_by_success() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    fault(&fake, "stripe", "create_intent", "error_500").await;
    let error = stripe.start(&charge).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    assert!(error.source().unwrap().to_string().contains("HTTP 500"), "the cause is kept");
    let id = PaymentRef::Intent(intent(&stripe, &charge).await);
    fault(&fake, "stripe", "get_intent", "error_500").await;
    assert!(stripe.check(&id, &charge).await.is_err());
    assert!(stripe.check(&id, &charge).await.is_ok());
}

#[tokio::test]
async fn too_many_requests_mean_that_nothing_has_happened() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    fault(&fake, "stripe", "create_intent", "rate_limited").await;
    let error = stripe.start(&charge).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Busy(refusal) if refusal.status == 429), "{error:?}");
    intent(&stripe, &charge).await;
}

#[tokio::test]
async fn a_slow_call_is_given_up_and_its_key_stays_in_use() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let slow = json!({"provider": "stripe", "operation": "create_intent", "fault": "slow",
                      "millis": 600_000});
    fake.control("faults", &slow).await.unwrap();
    let error = stripe.start(&charge).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    let error = stripe.start(&charge).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Busy(refusal) if refusal.status == 409), "{error:?}");
}

#[tokio::test]
async fn a_malformed_or_oversized_response_leaves_the_outcome_open() {
    let fake = FakePayments::start(None).await.unwrap();
    let (stripe, charge) = (stripe(&fake), charge(1050, "USD"));
    let id = PaymentRef::Intent(intent(&stripe, &charge).await);
    for kind in ["malformed", "oversized"] {
        fault(&fake, "stripe", "get_intent", kind).await;
        let error = stripe.check(&id, &charge).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unknown(_)), "{kind}: {error:?}");
    }
}
