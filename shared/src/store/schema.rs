//! The collections with their validators and indexes.

use super::{
    bookings::{PAYMENT_INDEX, SEATS_INDEX},
    entity_cancels::{CANCELLED_INDEX, WORK_INDEX},
    idempotency::RESPONSE_TTL_SECONDS,
    outbox::WEBHOOK_TYPES_INDEX,
    payment_asks::ASK_INDEX,
    refunds::FAILED_INDEX,
    seats::{KEY_INDEX, SEAT_ORDER_INDEX, UNKEYED_INDEX},
    webhook_schema::{deliverers, deliveries, webhooks},
};
use mongodb::{
    IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};
use std::time::Duration;

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
                "appId": text(), "apiKeyHash": text(), "apiKeyTag": text(), "name": text(), "domain": domain(),
                "allowedDomains": {"bsonType": "array", "items": text()}, "allowServerRequests": {"bsonType": "bool"},
                "isActive": {"bsonType": "bool"}, "version": whole(), "createdBy": text(), "previousKeys": {"bsonType": "array"},
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
            doc! {"email": text(), "passwordHash": text(), "name": text(), "phone": text(), "tokensValidAfter": {"bsonType": "date"}},
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
                "appId": text(), "entityId": text(), "domain": domain(), "currency": currency(), "seats": whole(), "version": whole(), "seatsVersion": whole(), "feedKey": text(), "epoch": whole(),
                "layoutId": text(), "layoutVersion": whole(), "seatsIncomplete": {"bsonType": "bool"}, "seatsMade": whole(), "layoutPrices": {"bsonType": "array"},
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

fn seats() -> CollectionSchema {
    CollectionSchema {
        name: "seats",
        validator: object(
            &[
                "appId",
                "domain",
                "entityId",
                "seatNumber",
                "seatOrder",
                "status",
                "price",
                "currency",
                "metadata",
            ],
            doc! {
                "appId": text(), "domain": domain(), "entityId": text(), "seatNumber": text(), "seatOrder": text(),
                // Not required: functions of the previous version do not write it.
                "seatKey": text(),
                "status": {"enum": ["AVAILABLE", "BOOKED"]}, "price": money(), "currency": currency(),
                "metadata": {"bsonType": "object"}, "bookedBy": id(), "bookingId": id(),
                "section": text(), "sectionLabel": text(), "row": text(), "label": text(), "category": text(),
                "flags": {"bsonType": "array", "items": text()}, "notForSale": {"bsonType": "bool"},
                "wasSold": {"bsonType": "bool"},
            },
        ),
        indexes: vec![
            unique(
                "appId_entityId_seatNumber_unique",
                doc! {"appId": 1, "entityId": 1, "seatNumber": 1},
                None,
            ),
            // What looks alike is the same seat.
            unique(
                KEY_INDEX,
                doc! {"appId": 1, "entityId": 1, "seatKey": 1},
                Some(doc! {"seatKey": {"$type": "string"}}),
            ),
            // Seats that no migration has given a key yet: few, and in the end none.
            partial(
                UNKEYED_INDEX,
                doc! {"appId": 1, "entityId": 1, "_id": 1},
                doc! {"seatKey": null},
            ),
            // Listings in natural order. Available seats are found without reading sold ones; the
            // whole map is a merge of both. An index without `status` would serve only the whole
            // map, but the planner would pick it for available seats while few are sold.
            plain(SEAT_ORDER_INDEX, doc! {"appId": 1, "entityId": 1, "status": 1, "seatOrder": 1}),
            plain("bookingId", doc! {"bookingId": 1}),
            // The search for the best seats leaves these out.
            partial(
                "offSale_appId_entityId",
                doc! {"appId": 1, "entityId": 1, "notForSale": 1},
                doc! {"notForSale": true},
            ),
        ],
        retired: vec![
            ("appId_entityId_status", doc! {"appId": 1, "entityId": 1, "status": 1}),
            ("appId_entityId_seatOrder", doc! {"appId": 1, "entityId": 1, "seatOrder": 1}),
        ],
    }
}

fn reservations() -> CollectionSchema {
    // These indexes contain only current holds. So they stay small, and a sale or a release only
    // removes an entry.
    let active = |name, keys| partial(name, keys, doc! {"status": "ACTIVE"});
    CollectionSchema {
        name: "reservations",
        validator: object(
            &[
                "reservationToken",
                "userId",
                "appId",
                "entityId",
                "seatIds",
                "amount",
                "currency",
                "status",
                "expiresAt",
            ],
            doc! {
                "reservationToken": text(), "userId": id(), "appId": text(), "entityId": text(), "seatIds": ids(),
                "amount": money(), "currency": currency(),
                "status": {"enum": ["ACTIVE", "EXPIRED", "CONFIRMED", "RELEASED", "CANCELLED"]}, "claimed": {"enum": [true]},
                "expiresAt": {"bsonType": "date"},
            },
        ),
        indexes: vec![
            unique("reservationToken_unique", doc! {"reservationToken": 1}, None),
            // For the limit per user, listings of an entity, and the sweeper. They come before the
            // others because the planner prefers the older of two indexes that seem equally good,
            // and remembers its choice.
            active("active_userId_appId_expiresAt", doc! {"userId": 1, "appId": 1, "expiresAt": 1}),
            active(
                "active_appId_entityId_expiresAt",
                doc! {"appId": 1, "entityId": 1, "expiresAt": 1},
            ),
            // The condition on `claimed` reserves it for the sweeper: no other query by date has
            // that condition.
            partial(
                "active_status_expiresAt",
                doc! {"status": 1, "expiresAt": 1},
                doc! {"status": "ACTIVE", "claimed": true},
            ),
            // For the sweeper: holds that were kept for a payment are marked one by one.
            partial(
                "active_extended_expiresAt",
                doc! {"extended": 1, "expiresAt": 1},
                doc! {"status": "ACTIVE", "claimed": true, "extended": true},
            ),
            // For the limit per user in an entity: held and booked seats.
            plain(
                "userId_status_appId_entityId",
                doc! {"userId": 1, "status": 1, "appId": 1, "entityId": 1},
            ),
            plain("expiresAt", doc! {"expiresAt": 1}),
            // The central guarantee: two holds that share a seat cannot both be claimed.
            unique(
                "claimed_seats_unique",
                doc! {"appId": 1, "seatIds": 1},
                Some(doc! {"claimed": true}),
            ),
            // For the events of payment providers. Only holds whose payment was started are in it.
            partial(
                "appId_payment_id",
                doc! {"appId": 1, "payment.id": 1},
                doc! {"payment.id": {"$exists": true}},
            ),
            // For the worker that asks about payments: only those that are still to be asked about.
            partial(ASK_INDEX, doc! {"askAt": 1}, doc! {"askAt": {"$exists": true}}),
            // For analytics of a period.
            plain("appId_createdAt", doc! {"appId": 1, "createdAt": 1}),
            unsent("reservations_unsent"),
        ],
        retired: vec![
            (
                "appId_entityId_status_expiresAt",
                doc! {"appId": 1, "entityId": 1, "status": 1, "expiresAt": 1},
            ),
            ("status_expiresAt", doc! {"status": 1, "expiresAt": 1}),
            ("userId_status", doc! {"userId": 1, "status": 1}),
        ],
    }
}

fn bookings() -> CollectionSchema {
    CollectionSchema {
        name: "bookings",
        validator: object(
            &[
                "bookingId",
                "userId",
                "appId",
                "entityId",
                "seatIds",
                "reservationToken",
                "paymentStatus",
                "paymentId",
                "amount",
                "currency",
                "status",
                "bookingDate",
            ],
            doc! {
                "bookingId": text(), "userId": id(), "appId": text(), "entityId": text(), "seatIds": ids(),
                "reservationToken": text(), "paymentStatus": {"enum": ["PENDING", "SUCCESS", "FAILED"]},
                "paymentId": text(), "amount": money(), "currency": currency(),
                "status": {"enum": ["CONFIRMED", "FAILED", "REFUND_DUE", "CANCELLED"]}, "bookingDate": {"bsonType": "date"},
            },
        ),
        indexes: booking_indexes(),
        retired: vec![
            ("reservationToken_paymentId", doc! {"reservationToken": 1, "paymentId": 1}),
            (
                "userId_appId_bookingDate",
                doc! {"userId": 1, "appId": 1, "bookingDate": -1, "_id": -1},
            ),
            ("bookingDate", doc! {"bookingDate": -1, "_id": -1}),
            // `bookingDate` equals `createdAt`, so `appId_bookingDate` serves analytics.
            ("appId_createdAt", doc! {"appId": 1, "createdAt": 1}),
        ],
    }
}

fn booking_indexes() -> Vec<IndexModel> {
    let confirmed = || Some(doc! {"status": "CONFIRMED"});
    vec![
        unique("bookingId_unique", doc! {"bookingId": 1}, None),
        plain("userId", doc! {"userId": 1}),
        plain("appId_bookingDate", doc! {"appId": 1, "bookingDate": 1}),
        plain("paymentStatus", doc! {"paymentStatus": 1}),
        unique("reservationToken_unique", doc! {"reservationToken": 1}, confirmed()),
        // A payment can be used once in an app.
        unique(
            PAYMENT_INDEX,
            doc! {"appId": 1, "paymentId": 1},
            Some(doc! {"paymentStatus": "SUCCESS"}),
        ),
        // The last guard: a seat is sold once.
        unique(SEATS_INDEX, doc! {"appId": 1, "seatIds": 1}, confirmed()),
        // Whether a payment was declined for a hold. Sales are not in it, so they do not pay for
        // it.
        partial(
            "declined_reservationToken_paymentId",
            doc! {"reservationToken": 1, "paymentId": 1},
            doc! {"status": "FAILED"},
        ),
        // Newest first: of a user, of an app, of all. The other fields that can be filtered by come
        // after the sort order, so that no document is fetched only to be skipped. The widest comes
        // last, for the reason given for `reservations`.
        plain(
            "userId_bookingDate_appId",
            doc! {"userId": 1, "bookingDate": -1, "_id": -1, "appId": 1, "status": 1, "paymentStatus": 1},
        ),
        plain(
            "appId_bookingDate_status",
            doc! {"appId": 1, "bookingDate": -1, "_id": -1, "status": 1, "paymentStatus": 1},
        ),
        plain(
            "bookingDate_status",
            doc! {"bookingDate": -1, "_id": -1, "status": 1, "paymentStatus": 1},
        ),
        // Rare statuses are far apart in the indexes above. These two contain only bookings that
        // sold nothing, so a sale does not pay for them.
        partial(
            "unsold_status_bookingDate",
            doc! {"status": 1, "bookingDate": -1, "_id": -1, "appId": 1, "userId": 1, "paymentStatus": 1},
            doc! {"status": {"$in": ["FAILED", "REFUND_DUE", "CANCELLED"]}},
        ),
        // How many bookings were cancelled with their entity.
        partial(
            CANCELLED_INDEX,
            doc! {"entityCancelled": 1, "appId": 1, "entityId": 1},
            doc! {"entityCancelled": true},
        ),
        partial(
            "unpaid_paymentStatus_bookingDate",
            doc! {"paymentStatus": 1, "bookingDate": -1, "_id": -1, "appId": 1, "userId": 1, "status": 1},
            doc! {"paymentStatus": {"$in": ["FAILED", "PENDING"]}},
        ),
        unsent("bookings_unsent"),
    ]
}

fn refunds() -> CollectionSchema {
    CollectionSchema {
        name: "refunds",
        validator: object(
            &[
                "refundId",
                "appId",
                "booking",
                "bookingId",
                "paymentId",
                "amount",
                "currency",
                "status",
            ],
            doc! {
                "refundId": text(), "appId": text(), "booking": id(), "bookingId": text(),
                "paymentId": text(), "amount": money(), "currency": currency(),
                "status": {"enum": ["PENDING", "SUBMITTED", "SUCCEEDED", "FAILED"]},
                "askAt": {"bsonType": "date"},
            },
        ),
        indexes: vec![
            unique("refundId_unique", doc! {"refundId": 1}, None),
            plain("booking", doc! {"booking": 1}),
            plain("bookingId_createdAt", doc! {"bookingId": 1, "createdAt": -1, "_id": -1}),
            // Newest first, of an app and of all. What can be filtered by comes last.
            plain(
                "appId_createdAt_status",
                doc! {"appId": 1, "createdAt": -1, "_id": -1, "status": 1},
            ),
            plain("createdAt_status", doc! {"createdAt": -1, "_id": -1, "status": 1}),
            // Rare statuses are far apart in the indexes above.
            partial(
                "unpaid_status_createdAt",
                doc! {"status": 1, "createdAt": -1, "_id": -1, "appId": 1},
                doc! {"status": {"$in": ["PENDING", "SUBMITTED", "FAILED"]}},
            ),
            // Of a cancelled entity: those that have failed are counted.
            partial(
                FAILED_INDEX,
                doc! {"appId": 1, "cancelledEntity": 1, "status": 1, "retriedBy": 1},
                doc! {"cancelledEntity": {"$exists": true}},
            ),
            // Those that are not paid yet: few.
            partial(
                "open_askAt",
                doc! {"askAt": 1, "status": 1},
                doc! {"askAt": {"$exists": true}},
            ),
            unsent("refunds_unsent"),
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

/// A JSON schema with these fields, and `createdAt` and `updatedAt`.
pub(super) fn object(required: &[&str], mut properties: Document) -> Document {
    properties.extend(doc! {"createdAt": {"bsonType": "date"}, "updatedAt": {"bsonType": "date"}});
    let required: Vec<&str> = required.iter().copied().chain(["createdAt", "updatedAt"]).collect();
    doc! {"$jsonSchema": {"bsonType": "object", "required": required, "properties": properties}}
}

pub(super) fn text() -> Document {
    doc! {"bsonType": "string"}
}

pub(super) fn whole() -> Document {
    doc! {"bsonType": ["int", "long"]}
}

/// In the currency's minor unit, never a float.
fn money() -> Document {
    doc! {"bsonType": ["int", "long"], "minimum": 0}
}

fn currency() -> Document {
    doc! {"bsonType": "string", "pattern": "^[A-Z]{3}$"}
}

fn domain() -> Document {
    doc! {"enum": ["EVENT", "BUS", "MOVIE"]}
}

fn id() -> Document {
    doc! {"bsonType": "objectId"}
}

fn ids() -> Document {
    doc! {"bsonType": "array", "items": id(), "minItems": 1, "maxItems": 10, "uniqueItems": true}
}

pub(super) fn plain(name: &str, keys: Document) -> IndexModel {
    IndexModel::builder()
        .keys(keys)
        .options(IndexOptions::builder().name(name.to_owned()).build())
        .build()
}

pub(super) fn partial(name: &str, keys: Document, filter: Document) -> IndexModel {
    let options =
        IndexOptions::builder().name(name.to_owned()).partial_filter_expression(filter).build();
    IndexModel::builder().keys(keys).options(options).build()
}

/// Documents with events that the relay has not copied yet: few, and in the end none.
fn unsent(name: &str) -> IndexModel {
    partial(name, doc! {"unsent": 1}, doc! {"unsent": true})
}

pub(super) fn unique(name: &str, keys: Document, filter: Option<Document>) -> IndexModel {
    let mut options = IndexOptions::builder().name(name.to_owned()).unique(true).build();
    options.partial_filter_expression = filter;
    IndexModel::builder().keys(keys).options(options).build()
}
