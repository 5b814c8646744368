//! What the database must look like: collections, their validators, their indexes.

use super::{
    bookings::{PAYMENT_INDEX, SEATS_INDEX},
    idempotency::KEPT_SECONDS,
};
use mongodb::{
    IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};
use std::time::Duration;

/// One collection.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) validator: Document,
    pub(super) indexes: Vec<IndexModel>,
}

/// All collections.
pub(super) fn shapes() -> Vec<Shape> {
    vec![apps(), users(), entities(), seats(), reservations(), bookings(), idempotency_keys()]
}

fn apps() -> Shape {
    Shape {
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
                "appId": text(), "apiKeyHash": text(), "name": text(), "domain": domain(),
                "allowedDomains": {"bsonType": "array", "items": text()}, "allowServerRequests": {"bsonType": "bool"},
                "isActive": {"bsonType": "bool"}, "version": whole(), "createdBy": text(), "previousKeys": {"bsonType": "array"},
            },
        ),
        indexes: vec![
            unique("appId_unique", doc! {"appId": 1}, None),
            plain("domain", doc! {"domain": 1}),
            plain("isActive", doc! {"isActive": 1}),
            // A preflight and the CORS headers of an error ask by origin.
            plain("allowedDomains_isActive", doc! {"allowedDomains": 1, "isActive": 1}),
        ],
    }
}

fn users() -> Shape {
    Shape {
        name: "users",
        validator: object(
            &["email", "passwordHash", "name"],
            doc! {"email": text(), "passwordHash": text(), "name": text(), "phone": text(), "tokensValidAfter": {"bsonType": "date"}},
        ),
        indexes: vec![unique("email_unique", doc! {"email": 1}, None)],
    }
}

fn entities() -> Shape {
    Shape {
        name: "entities",
        validator: object(
            &["appId", "entityId", "domain", "currency", "seats"],
            doc! {"appId": text(), "entityId": text(), "domain": domain(), "currency": currency(), "seats": whole()},
        ),
        indexes: vec![unique("appId_entityId_unique", doc! {"appId": 1, "entityId": 1}, None)],
    }
}

fn seats() -> Shape {
    Shape {
        name: "seats",
        validator: object(
            &["appId", "domain", "entityId", "seatNumber", "seatOrder", "status", "price", "currency", "metadata"],
            doc! {
                "appId": text(), "domain": domain(), "entityId": text(), "seatNumber": text(), "seatOrder": text(),
                "status": {"enum": ["AVAILABLE", "BOOKED"]}, "price": money(), "currency": currency(),
                "metadata": {"bsonType": "object"}, "bookedBy": id(), "bookingId": id(),
            },
        ),
        indexes: vec![
            unique("appId_entityId_seatNumber_unique", doc! {"appId": 1, "entityId": 1, "seatNumber": 1}, None),
            plain("appId_entityId_status", doc! {"appId": 1, "entityId": 1, "status": 1}),
            // Listings, whole and of what is free, page by page in natural order.
            plain("appId_entityId_seatOrder", doc! {"appId": 1, "entityId": 1, "seatOrder": 1}),
            plain("bookingId", doc! {"bookingId": 1}),
        ],
    }
}

fn reservations() -> Shape {
    Shape {
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
                "status": {"enum": ["ACTIVE", "EXPIRED", "CONFIRMED", "RELEASED"]}, "claimed": {"enum": [true]},
                "expiresAt": {"bsonType": "date"},
            },
        ),
        indexes: vec![
            unique("reservationToken_unique", doc! {"reservationToken": 1}, None),
            plain("userId_status", doc! {"userId": 1, "status": 1}),
            plain("expiresAt", doc! {"expiresAt": 1}),
            // The heart: two claims that share a seat cannot both be written.
            unique("claimed_seats_unique", doc! {"appId": 1, "seatIds": 1}, Some(doc! {"claimed": true})),
            // Listings ask for the live holds of an entity, the sweeper for what is overdue anywhere.
            partial(
                "appId_entityId_status_expiresAt",
                doc! {"appId": 1, "entityId": 1, "status": 1, "expiresAt": 1},
                doc! {"claimed": true},
            ),
            partial("status_expiresAt", doc! {"status": 1, "expiresAt": 1}, doc! {"claimed": true}),
            plain("appId_createdAt", doc! {"appId": 1, "createdAt": 1}),
        ],
    }
}

fn bookings() -> Shape {
    let confirmed = || Some(doc! {"status": "CONFIRMED"});
    Shape {
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
        indexes: vec![
            unique("bookingId_unique", doc! {"bookingId": 1}, None),
            plain("userId", doc! {"userId": 1}),
            plain("appId_bookingDate", doc! {"appId": 1, "bookingDate": 1}),
            plain("paymentStatus", doc! {"paymentStatus": 1}),
            unique("reservationToken_unique", doc! {"reservationToken": 1}, confirmed()),
            // A payment pays once in an app.
            unique(PAYMENT_INDEX, doc! {"appId": 1, "paymentId": 1}, Some(doc! {"paymentStatus": "SUCCESS"})),
            // The last line: a seat is sold once.
            unique(SEATS_INDEX, doc! {"appId": 1, "seatIds": 1}, confirmed()),
            // Whether a payment was declined for a hold.
            plain("reservationToken_paymentId", doc! {"reservationToken": 1, "paymentId": 1}),
            // Newest first: of a user in an app, and of all.
            plain("userId_appId_bookingDate", doc! {"userId": 1, "appId": 1, "bookingDate": -1, "_id": -1}),
            plain("bookingDate", doc! {"bookingDate": -1, "_id": -1}),
            plain("appId_createdAt", doc! {"appId": 1, "createdAt": 1}),
        ],
    }
}

fn idempotency_keys() -> Shape {
    let kept = IndexOptions::builder()
        .name("createdAt_ttl".to_owned())
        .expire_after(Duration::from_secs(KEPT_SECONDS))
        .build();
    Shape {
        name: "idempotency_keys",
        validator: object(
            &["bodyHash", "owner", "lockedUntil"],
            doc! {"bodyHash": text(), "owner": text(), "lockedUntil": {"bsonType": "date"}},
        ),
        indexes: vec![IndexModel::builder().keys(doc! {"createdAt": 1}).options(kept).build()],
    }
}

/// A JSON schema of a document that has these fields, and `createdAt` and `updatedAt`.
fn object(required: &[&str], mut properties: Document) -> Document {
    properties.extend(doc! {"createdAt": {"bsonType": "date"}, "updatedAt": {"bsonType": "date"}});
    let required: Vec<&str> = required.iter().copied().chain(["createdAt", "updatedAt"]).collect();
    doc! {"$jsonSchema": {"bsonType": "object", "required": required, "properties": properties}}
}

fn text() -> Document {
    doc! {"bsonType": "string"}
}

fn whole() -> Document {
    doc! {"bsonType": ["int", "long"]}
}

/// Minor units, never a float.
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

fn plain(name: &str, keys: Document) -> IndexModel {
    IndexModel::builder().keys(keys).options(IndexOptions::builder().name(name.to_owned()).build()).build()
}

fn partial(name: &str, keys: Document, filter: Document) -> IndexModel {
    let options = IndexOptions::builder().name(name.to_owned()).partial_filter_expression(filter).build();
    IndexModel::builder().keys(keys).options(options).build()
}

fn unique(name: &str, keys: Document, filter: Option<Document>) -> IndexModel {
    let mut options = IndexOptions::builder().name(name.to_owned()).unique(true).build();
    options.partial_filter_expression = filter;
    IndexModel::builder().keys(keys).options(options).build()
}
