//! Examples of webhook endpoints and deliveries.

use super::Examples;
use serde_json::{Value, json};

/// An endpoint that stays, one that an event deletes, and a delivery of the first.
pub(super) const WEBHOOK: &str = "3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11";
pub(super) const DELETED_WEBHOOK: &str = "77e0c1de-7f43-4b0a-8a5e-0d8f3b1c2d4e";
pub(super) const DELIVERY: &str = "8f14e45f-ceea-467f-ab5b-1c2d3e4f5a6b";
const EVENT: &str = "c9a646d3-9c61-4cd7-8f5e-2b1f0a3e4d5c";
const URL: &str = "https://shop.example/hooks/seats";
const SECRET: &str = "whsec_YW4gZXhhbXBsZSwgbm90IGEgc2VjcmV0";

fn an_endpoint() -> Value {
    json!({
        "webhookId": WEBHOOK, "url": URL, "types": ["booking.confirmed", "booking.cancelled"],
        "description": "Stock system", "enabled": true, "createdAt": "2026-01-22T09:00:00.000Z",
        "updatedAt": "2026-01-22T09:00:00.000Z",
    })
}

pub(crate) fn create_webhook() -> Examples {
    let some = json!({
        "url": URL, "types": ["booking.confirmed", "booking.cancelled"],
        "description": "Stock system",
    });
    vec![("two types", some), ("all types", json!({"url": URL}))]
}

pub(crate) fn new_webhook() -> Examples {
    let mut endpoint = an_endpoint();
    endpoint["secret"] = SECRET.into();
    vec![("an endpoint", endpoint)]
}

pub(crate) fn webhook() -> Examples {
    let mut disabled = an_endpoint();
    disabled["enabled"] = false.into();
    disabled["disabledReason"] = "The receiver responded with 410 Gone".into();
    vec![("an endpoint", an_endpoint()), ("disabled by the service", disabled)]
}

pub(crate) fn webhooks() -> Examples {
    vec![("one endpoint", json!({"webhooks": [an_endpoint()]}))]
}

pub(crate) fn patch_webhook() -> Examples {
    vec![("switch on", json!({"enabled": true})), ("all types", json!({"types": null}))]
}

pub(crate) fn deleted_webhook() -> Examples {
    vec![("deleted", json!({"webhookId": DELETED_WEBHOOK, "deleted": true}))]
}

pub(crate) fn rotate_webhook_secret() -> Examples {
    vec![("both sign for a day", json!({"overlapSeconds": 86_400}))]
}

pub(crate) fn new_webhook_secret() -> Examples {
    vec![("a secret", json!({"webhookId": WEBHOOK, "secret": SECRET}))]
}

pub(crate) fn started_delivery() -> Examples {
    vec![("on its way", json!({"deliveryId": DELIVERY, "eventId": EVENT}))]
}

pub(crate) fn deliveries() -> Examples {
    let delivery = json!({
        "deliveryId": DELIVERY, "eventId": EVENT, "type": "booking.confirmed", "status": "PENDING",
        "attempts": [{
            "at": "2026-01-22T10:00:01.000Z", "status": 500, "durationMs": 87,
            "error": "the receiver responded with 500", "response": "Internal Server Error",
        }],
        "nextAttemptAt": "2026-01-22T10:00:06.000Z", "createdAt": "2026-01-22T10:00:00.500Z",
    });
    vec![("one delivery", json!({"deliveries": [delivery]}))]
}

pub(crate) fn recover_webhook() -> Examples {
    vec![("since this morning", json!({"since": "2026-01-22T06:00:00.000Z"}))]
}

pub(crate) fn recovered_deliveries() -> Examples {
    vec![("three deliveries", json!({"recovered": 3}))]
}
