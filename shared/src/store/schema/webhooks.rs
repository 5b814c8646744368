//! The collections of webhooks, with their validators and indexes.

use super::{
    super::deliveries::{DELIVERY_TTL_SECONDS, PENDING_INDEX},
    CollectionSchema,
    parts::{object, partial, plain, text, unique, whole},
};
use mongodb::{IndexModel, bson::doc, options::IndexOptions};
use std::time::Duration;

pub(super) fn webhooks() -> CollectionSchema {
    CollectionSchema {
        name: "webhooks",
        validator: object(
            &["appId", "url", "types", "enabled", "secrets"],
            doc! {
                "appId": text(), "url": text(), "types": {"bsonType": "array", "items": text()},
                "description": text(), "enabled": {"bsonType": "bool"}, "disabledReason": text(),
                "secrets": {"bsonType": "array", "minItems": 1}, "failedAt": {"bsonType": "array"},
            },
        ),
        indexes: vec![plain("webhooks_appId", doc! {"appId": 1})],
        retired: Vec::new(),
    }
}

pub(super) fn deliverers() -> CollectionSchema {
    CollectionSchema {
        name: "deliverers",
        validator: object(
            &["owner", "until", "endsAt"],
            doc! {
                "owner": text(), "until": {"bsonType": "date"}, "endsAt": {"bsonType": "date"},
                "activeAt": {"bsonType": "date"},
            },
        ),
        indexes: Vec::new(),
        retired: Vec::new(),
    }
}

pub(super) fn deliveries() -> CollectionSchema {
    let kept = IndexOptions::builder()
        .name("deliveries_createdAt_ttl".to_owned())
        .expire_after(Duration::from_secs(DELIVERY_TTL_SECONDS))
        .build();
    CollectionSchema {
        name: "deliveries",
        validator: object(
            &["eventId", "webhookId", "appId", "type", "body", "status"],
            doc! {
                "eventId": text(), "webhookId": text(), "appId": text(), "type": text(),
                "body": text(), "status": {"enum": ["PENDING", "DELIVERED", "FAILED"]},
                "attempts": {"bsonType": "array"}, "tries": whole(), "taken": whole(),
                "nextAttemptAt": {"bsonType": "date"},
            },
        ),
        indexes: vec![
            // An event goes to an endpoint once.
            unique("eventId_webhookId_unique", doc! {"eventId": 1, "webhookId": 1}, None),
            // The list of an endpoint's deliveries, and those to recover.
            plain(
                "webhookId_status_createdAt",
                doc! {"webhookId": 1, "status": 1, "createdAt": -1, "_id": -1},
            ),
            // What is due, endpoint by endpoint. `status` is in it so that MongoDB finds each
            // endpoint's first delivery without reading the others.
            partial(
                PENDING_INDEX,
                doc! {"status": 1, "webhookId": 1, "nextAttemptAt": 1, "appId": 1},
                doc! {"status": "PENDING"},
            ),
            IndexModel::builder().keys(doc! {"createdAt": 1}).options(kept).build(),
        ],
        retired: Vec::new(),
    }
}
