//! Against the providers' test modes, if their test keys are given. Without keys each test says
//! that it was skipped.

use super::{charge, intent, of_order, order};
use shared::payment::{
    Gateway, PaymentOutcome, PaymentRef, ProviderHttp, RAZORPAY_API_BASE, Razorpay,
    STRIPE_API_BASE, Stripe,
};

/// A setting of the test. `None`: it is not given, and the test says so.
#[expect(clippy::disallowed_methods, reason = "only these opt-in tests read the keys")]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn key(name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    if value.is_none() {
        println!("skipped: set {name} to a test key to run this test against the provider");
    }
    value
}

#[tokio::test]
async fn stripe_in_test_mode_starts_checks_and_cancels() {
    let Some(key) = key("STRIPE_TEST_SECRET_KEY") else { return };
    assert!(!key.contains("_live_"), "STRIPE_TEST_SECRET_KEY must be a test key");
    let http = ProviderHttp::default();
    let stripe = Stripe::new(http, STRIPE_API_BASE, &key.into(), "whsec_unused".into()).unwrap();
    let charge = charge(1050, "USD");
    let id = intent(&stripe, &charge).await;
    assert_eq!(intent(&stripe, &charge).await, id, "the key gives the same intent");
    let id = PaymentRef::Intent(id);
    let outcome = stripe.check(&id, &charge).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Pending { status: "requires_payment_method".into() });
    for _ in 0..2 {
        assert_eq!(stripe.cancel(&id, &charge).await.unwrap(), PaymentOutcome::Declined);
    }
}

#[tokio::test]
async fn razorpay_in_test_mode_starts_and_checks() {
    let (Some(id), Some(secret)) = (key("RAZORPAY_TEST_KEY_ID"), key("RAZORPAY_TEST_KEY_SECRET"))
    else {
        return;
    };
    assert!(id.starts_with("rzp_test_"), "RAZORPAY_TEST_KEY_ID must be a test key");
    let http = ProviderHttp::default();
    let razorpay =
        Razorpay::new(http, RAZORPAY_API_BASE, &id, &secret.into(), "unused".into()).unwrap();
    let charge = charge(29_900, "INR");
    let order_id = order(&razorpay, &charge).await;
    let outcome = razorpay.check(&of_order(&order_id), &charge).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Pending { status: "created".into() });
}
