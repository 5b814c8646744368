//! Examples of payments, and of accounts at providers.

use super::{Examples, PAID_TOKEN};
use serde_json::json;

pub(crate) fn put_payments() -> Examples {
    let stripe = json!({
        "provider": "stripe", "secretKey": "sk_test_51Example",
        "publishableKey": "pk_test_51Example",
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

pub(crate) fn start_payment() -> Examples {
    vec![("a hold", json!({"reservationToken": PAID_TOKEN}))]
}

pub(crate) fn started_payment() -> Examples {
    let of_stripe = json!({
        "paymentId": "pi_3Example", "provider": "stripe", "status": "requires_payment_method",
        "amount": 90_000, "currency": "INR", "holdExpiresAt": "2026-01-22T10:10:00.000Z",
        "clientSecret": "pi_3Example_secret_Example", "publishableKey": "pk_test_51Example",
    });
    let of_razorpay = json!({
        "provider": "razorpay", "status": "created", "amount": 90_000, "currency": "INR",
        "holdExpiresAt": "2026-01-22T10:10:00.000Z", "orderId": "order_Example",
        "keyId": "rzp_test_example",
    });
    vec![("Stripe", of_stripe), ("Razorpay", of_razorpay)]
}

pub(crate) fn event_handled() -> Examples {
    vec![("handled", json!({"handled": true}))]
}

pub(crate) fn payment_setup() -> Examples {
    let stripe = json!({
        "provider": "stripe", "mode": "test", "publishableKey": "pk_test_51Example",
        "webhookUrl": "https://api.example.com/payment-events/stripe/city-hall",
        "configuredAt": "2026-01-22T09:00:00.000Z",
    });
    vec![("Stripe", stripe), ("no provider", json!({"provider": "none"}))]
}
