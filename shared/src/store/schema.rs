//! The collections with their validators and indexes.

mod parts;
mod sales;
mod webhooks;

use super::{
    entity_cancels::WORK_INDEX, idempotency::RESPONSE_TTL_SECONDS, outbox::WEBHOOK_TYPES_INDEX,
};
use mongodb::{
    IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};
use parts::{currency, domain, object, partial, plain, text, unique, unsent, whole};
use sales::{bookings, refunds, reservations, seats};
use std::time::Duration;
use webhooks::{deliverers, deliveries, webhooks};

pub(super) struct CollectionSchema {
    pub(super) name: &'static str,
    pub(super) validator: Document,
    pub(super) indexes: Vec<IndexModel>,
    /// Name and keys of indexes that earlier versions created and no query uses any more. No
    /// unique index is here.
    pub(super) retired: Vec<(&'static str, Document)>,
}

pub(super) fn collections() -> Vec<CollectionSchema> {
    vec![
        apps(),
        users(),
        entities(),
        layouts(),
        feeds(),
        leases(),
        live_connections(),
        seats(),
        reservations(),
        bookings(),
        refunds(),
        webhooks(),
        deliveries(),
        deliverers(),
        idempotency_keys(),
    ]
}

fn apps() -> CollectionSchema {
    CollectionSchema {
        name: "apps",
        validator: object(
            &[
                "appId",
                "apiKeyHash",
                "name",
                "domain",
                "allowedDomains",
                "allowServerRequests",
                "isActive",
                "version",
                "createdBy",
            ],
            doc! {
                "appId": text(), "apiKeyHash": text(), "apiKeyTag": text(), "name": text(),
                "domain": domain(),
                "allowedDomains": {"bsonType": "array", "items": text()},
                "allowServerRequests": {"bsonType": "bool"},
                "isActive": {"bsonType": "bool"}, "version": whole(), "createdBy": text(),
                "previousKeys": {"bsonType": "array"},
                "secretKeys": {"bsonType": "array"},
                "webhookTypes": {"bsonType": "array", "items": text()},
            },
        ),
        indexes: vec![
            unique("appId_unique", doc! {"appId": 1}, None),
            unique(
                "secretKeys_hash_unique",
                doc! {"secretKeys.hash": 1},
                Some(doc! {"secretKeys.hash": {"$exists": true}}),
            ),
            plain("domain", doc! {"domain": 1}),
            plain("isActive", doc! {"isActive": 1}),
            // Preflights and the CORS headers of errors look up apps by origin.
            plain("allowedDomains_isActive", doc! {"allowedDomains": 1, "isActive": 1}),
            // The admin's list of apps, in its order.
            plain("createdAt", doc! {"createdAt": 1, "_id": 1}),
            // Which apps have webhook endpoints.
            partial(
                WEBHOOK_TYPES_INDEX,
                doc! {"webhookTypes": 1},
                doc! {"webhookTypes": {"$exists": true}},
            ),
        ],
        retired: Vec::new(),
    }
}

fn users() -> CollectionSchema {
    CollectionSchema {
        name: "users",
        validator: object(
            &["email", "passwordHash", "name"],
            doc! {
                "email": text(), "passwordHash": text(), "name": text(), "phone": text(),
                "tokensValidAfter": {"bsonType": "date"},
            },
        ),
        indexes: vec![unique("email_unique", doc! {"email": 1}, None)],
        retired: Vec::new(),
    }
}

fn entities() -> CollectionSchema {
    CollectionSchema {
        name: "entities",
        validator: object(
            &["appId", "entityId", "domain", "currency", "seats"],
            doc! {
                "appId": text(), "entityId": text(), "domain": domain(), "currency": currency(),
                "seats": whole(), "version": whole(), "seatsVersion": whole(), "feedKey": text(),
                "epoch": whole(),
                "layoutId": text(), "layoutVersion": whole(),
                "seatsIncomplete": {"bsonType": "bool"}, "seatsMade": whole(),
                "layoutPrices": {"bsonType": "array"},
                "cancel": {"bsonType": "object"},
            },
        ),
        indexes: vec![
            unique("appId_entityId_unique", doc! {"appId": 1, "entityId": 1}, None),
            unique(
                "feedKey_unique",
                doc! {"feedKey": 1},
                Some(doc! {"feedKey": {"$exists": true}}),
            ),
            // Lists by start. Only entities with settings have one.
            partial(
                "appId_startOrder",
                doc! {"appId": 1, "startOrder": 1, "entityId": 1, "shownUntil": 1, "state": 1},
                doc! {"startOrder": {"$exists": true}},
            ),
            unsent("entities_unsent"),
            // For the worker that cancels entities.
            partial(
                WORK_INDEX,
                doc! {"cancel.workAt": 1},
                doc! {"cancel.workAt": {"$exists": true}},
            ),
        ],
        retired: Vec::new(),
    }
}

fn layouts() -> CollectionSchema {
    CollectionSchema {
        name: "layouts",
        validator: object(
            &["appId", "layoutId", "version", "name", "counts", "document"],
            doc! {
                "appId": text(), "layoutId": text(), "version": whole(), "name": text(),
                "counts": {"bsonType": "object"}, "document": {"bsonType": "binData"},
            },
        ),
        // The newest version, and the list of layouts with their newest versions.
        indexes: vec![unique(
            "appId_layoutId_version_unique",
            doc! {"appId": 1, "layoutId": 1, "version": -1},
            None,
        )],
        retired: Vec::new(),
    }
}

fn feeds() -> CollectionSchema {
    CollectionSchema {
        name: "feeds",
        validator: object(
            &["appId", "entityId", "epoch", "seq", "digest", "seatsVersion", "order"],
            doc! {
                "appId": text(), "entityId": text(), "epoch": whole(), "seq": whole(),
                "digest": text(), "seatsVersion": whole(), "order": text(),
            },
        ),
        indexes: vec![unique("appId_entityId_unique", doc! {"appId": 1, "entityId": 1}, None)],
        retired: Vec::new(),
    }
}

fn leases() -> CollectionSchema {
    CollectionSchema {
        name: "leases",
        validator: object(
            &["holder", "until"],
            doc! {"_id": text(), "holder": text(), "until": {"bsonType": "date"}},
        ),
        indexes: Vec::new(),
        retired: Vec::new(),
    }
}

fn live_connections() -> CollectionSchema {
    let expired = IndexOptions::builder()
        .name("expiresAt_ttl".to_owned())
        .expire_after(Duration::ZERO)
        .build();
    CollectionSchema {
        name: "live_connections",
        validator: object(
            &["connectionId", "feedKey", "expiresAt"],
            doc! {
                "connectionId": text(), "feedKey": text(), "sent": text(),
                "sentAt": {"bsonType": "date"}, "expiresAt": {"bsonType": "date"},
            },
        ),
        indexes: vec![
            unique("connectionId_unique", doc! {"connectionId": 1}, None),
            // The viewers of a feed, and those who have another state than the newest.
            plain("feedKey_sent", doc! {"feedKey": 1, "sent": 1}),
            IndexModel::builder().keys(doc! {"expiresAt": 1}).options(expired).build(),
        ],
        retired: Vec::new(),
    }
}

fn idempotency_keys() -> CollectionSchema {
    let kept = IndexOptions::builder()
        .name("createdAt_ttl".to_owned())
        .expire_after(Duration::from_secs(RESPONSE_TTL_SECONDS))
        .build();
    CollectionSchema {
        name: "idempotency_keys",
        validator: object(
            &["bodyHash", "owner", "lockedUntil"],
            doc! {"bodyHash": text(), "owner": text(), "lockedUntil": {"bsonType": "date"}},
        ),
        indexes: vec![IndexModel::builder().keys(doc! {"createdAt": 1}).options(kept).build()],
        retired: Vec::new(),
    }
}
