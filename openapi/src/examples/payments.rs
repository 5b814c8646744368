//! Examples of payments.

use super::Examples;
use serde_json::json;

pub(crate) fn put_payments() -> Examples {
    let stripe = json!({
        "provider": "stripe", "secretKey": "sk_test_51Example", "publishableKey": "pk_test_51Example",
        "webhookSecret": "whsec_example",
    });
    let razorpay = json!({
        "provider": "razorpay", "keyId": "rzp_test_example", "keySecret": "example-secret",
        "webhookSecret": "example-webhook-secret",
    });
    vec![
        ("the simulation", json!({"provider": "simulated"})),
        ("Stripe", stripe),
        ("Razorpay", razorpay),
    ]
}

pub(crate) fn payment_setup() -> Examples {
    let stripe = json!({
        "provider": "stripe", "mode": "test", "publishableKey": "pk_test_51Example",
        "webhookUrl": "https://api.example.com/payment-events/stripe/city-hall",
        "configuredAt": "2026-01-22T09:00:00.000Z",
    });
    vec![("Stripe", stripe), ("no provider", json!({"provider": "none"}))]
}
