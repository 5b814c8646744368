//! What is sold: seats, holds, bookings and refunds.

use super::{
    super::{
        bookings::{PAYMENT_INDEX, SEATS_INDEX},
        entity_cancels::CANCELLED_INDEX,
        payment_asks::ASK_INDEX,
        refunds::FAILED_INDEX,
        seats::{KEY_INDEX, SEAT_ORDER_INDEX, UNKEYED_INDEX},
    },
    CollectionSchema,
    parts::{currency, domain, id, ids, money, object, partial, plain, text, unique, unsent},
};
use mongodb::{IndexModel, bson::doc};

pub(super) fn seats() -> CollectionSchema {
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
                "appId": text(), "domain": domain(), "entityId": text(), "seatNumber": text(),
                "seatOrder": text(),
                // Not required: functions of the previous version do not write it.
                "seatKey": text(),
                "status": {"enum": ["AVAILABLE", "BOOKED"]}, "price": money(),
                "currency": currency(),
                "metadata": {"bsonType": "object"}, "bookedBy": id(), "bookingId": id(),
                "section": text(), "sectionLabel": text(), "row": text(), "label": text(),
                "category": text(),
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
            // Seat numbers that look alike name the same seat.
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

pub(super) fn reservations() -> CollectionSchema {
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
                "reservationToken": text(), "userId": id(), "appId": text(), "entityId": text(),
                "seatIds": ids(),
                "amount": money(), "currency": currency(),
                "status": {"enum": ["ACTIVE", "EXPIRED", "CONFIRMED", "RELEASED", "CANCELLED"]},
                "claimed": {"enum": [true]},
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

pub(super) fn bookings() -> CollectionSchema {
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
                "bookingId": text(), "userId": id(), "appId": text(), "entityId": text(),
                "seatIds": ids(),
                "reservationToken": text(),
                "paymentStatus": {"enum": ["PENDING", "SUCCESS", "FAILED"]},
                "paymentId": text(), "amount": money(), "currency": currency(),
                "status": {"enum": ["CONFIRMED", "FAILED", "REFUND_DUE", "CANCELLED"]},
                "bookingDate": {"bsonType": "date"},
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
        // Whether a payment was declined for a hold. Sales are not in this index, so they need not
        // update it.
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
            doc! {
                "userId": 1, "bookingDate": -1, "_id": -1, "appId": 1,
                "status": 1, "paymentStatus": 1,
            },
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
        // sold nothing, so a sale need not update them.
        partial(
            "unsold_status_bookingDate",
            doc! {
                "status": 1, "bookingDate": -1, "_id": -1, "appId": 1,
                "userId": 1, "paymentStatus": 1,
            },
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
            doc! {
                "paymentStatus": 1, "bookingDate": -1, "_id": -1, "appId": 1,
                "userId": 1, "status": 1,
            },
            doc! {"paymentStatus": {"$in": ["FAILED", "PENDING"]}},
        ),
        unsent("bookings_unsent"),
    ]
}

pub(super) fn refunds() -> CollectionSchema {
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
