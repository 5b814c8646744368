//! Every query of the functions, with its index. The test fails on a query without a line here, and
//! on a line without a query.

mod listings;

pub use listings::{PAGES, REFUND_PAGES};

/// Which documents a query may read without returning them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It reads only documents that it returns.
    Exact,
    /// The query finds a document by a unique key, and then a guard may reject it. So it may read
    /// one document per key in the filter.
    Guarded,
    /// The last booking of the previous page: bookings of the same millisecond are
    /// ordered by their ids.
    Cursor,
    /// A count reads as many documents as match. Without a filter it reads the whole collection,
    /// and no index helps.
    Counts,
    /// The newest version of each layout, by the index alone: no document is read. The
    /// ids are then sorted.
    Newest,
    /// By the index alone: no document is read.
    Covered,
    /// A document and one that belongs to it.
    WithOne,
    /// Wanted seats, by their ids, and for each of them the document of its entity: the server
    /// takes longer to group seats of one entity than to read its document again.
    EachWithEntity,
    /// An organiser's question that is asked seldom, and that no index answers, because every hold
    /// would pay for it.
    Rare,
    /// One document, by an index that is not in the order of the page: sorting it costs nothing.
    One,
}

/// A query's shape, the keys of the indexes that may serve it (`_id` alone: the document's own
/// id), and its rule.
pub type Line = (&'static str, &'static [&'static str], Rule);

use Rule::{Counts, Covered, Cursor, EachWithEntity, Exact, Guarded, Newest, Rare, WithOne};

const ID: &[&str] = &["{ _id: 1 }"];
const TOKEN: &[&str] = &["{ reservationToken: 1 }"];
const ASKS: &[&str] = &["{ askAt: 1 }"];
const CLAIMS: &[&str] = &["{ appId: 1, seatIds: 1 }"];
const APP: &[&str] = &["{ appId: 1 }"];
const ENTITY: &[&str] = &["{ appId: 1, entityId: 1 }"];
const FEED_KEY: &[&str] = &["{ feedKey: 1 }"];
const CONNECTION: &[&str] = &["{ connectionId: 1 }"];
const LIVE: &[&str] = &["{ appId: 1, entityId: 1, expiresAt: 1 }"];
const ENTITIES: &[&str] = &["{ appId: 1, startOrder: 1, entityId: 1, shownUntil: 1, state: 1 }"];
const LAYOUTS: &[&str] = &["{ appId: 1, layoutId: 1, version: -1 }"];
/// One entry of the index for each layout.
const NEWEST: &[&str] = &["DISTINCT_SCAN { appId: 1, layoutId: 1, version: -1 }"];
const KEY: &[&str] = &["IDHACK"];
const UNSENT: &[&str] = &["{ unsent: 1 }"];
const SENT: &[&str] = &["{ _id: 1 }", "{ unsent: 1 }"];
const PENDING: &[&str] = &["{ status: 1, webhookId: 1, nextAttemptAt: 1, appId: 1 }"];
const FIRST_PENDING: &[&str] =
    &["DISTINCT_SCAN { status: 1, webhookId: 1, nextAttemptAt: 1, appId: 1 }"];
const LISTED: &[&str] = &["{ webhookId: 1, status: 1, createdAt: -1, _id: -1 }"];
const ENDED: &[&str] = &[
    "{ webhookId: 1, status: 1, createdAt: -1, _id: -1 }",
    "{ status: 1, webhookId: 1, nextAttemptAt: 1, appId: 1 }",
];

/// All queries except the pages of bookings and refunds: see [`listings`].
pub const LINES: &[Line] = &[
    // Tenants.
    ("apps find {appId}", APP, Exact),
    ("apps find {} sort createdAt, _id", &["{ createdAt: 1, _id: 1 }"], Exact),
    // Workers that write documents of many apps ask who has endpoints.
    ("apps find {webhookTypes $exists}", &["{ webhookTypes: 1 }"], Exact),
    ("apps find {allowedDomains $in, isActive}", &["{ allowedDomains: 1, isActive: 1 }"], Exact),
    ("apps findAndModify {appId}", APP, Exact),
    ("apps findAndModify {appId, version}", APP, Guarded),
    // A rotation with an overlap counts the keys that are valid.
    ("apps findAndModify {$expr, appId}", APP, Guarded),
    ("apps findAndModify {appId, secretKeys.9 $exists}", APP, Guarded),
    ("apps findAndModify {appId, secretKeys.id}", APP, Guarded),
    ("apps find {secretKeys.hash}", &["{ secretKeys.hash: 1 }"], Exact),
    ("apps update {secretKeys.hash}", &["{ secretKeys.hash: 1 }"], Exact),
    ("apps findAndModify {allowServerRequests, appId}", APP, Guarded),
    ("apps findAndModify {allowedDomains.0 $exists, appId}", APP, Guarded),
    // Users.
    ("users find {email}", &["{ email: 1 }"], Exact),
    ("users find {_id}", KEY, Exact),
    ("users find {_id} linearizable", KEY, Exact),
    ("users update {_id, passwordHash}", ID, Guarded),
    // Seats.
    // With its holds, of which the test makes one, and its sold seats, which an index has.
    ("entities aggregate {$nor, appId, entityId}", ENTITY, WithOne),
    ("entities findAndModify {appId, entityId}", &["{ appId: 1, entityId: 1 }"], Exact),
    ("entities find {appId, entityId}", &["{ appId: 1, entityId: 1 }"], Exact),
    ("entities find {$nor, appId, entityId}", ENTITY, Guarded),
    ("seats find {appId, entityId, seatKey}", &["{ appId: 1, entityId: 1, _id: 1 }"], Exact),
    (
        "seats find {appId, entityId, seatKey $in, $type}",
        &["{ appId: 1, entityId: 1, seatKey: 1 }", "{ appId: 1, entityId: 1, seatNumber: 1 }"],
        Exact,
    ),
    ("seats aggregate {_id $in, appId, removed $exists}", ID, EachWithEntity),
    (
        "seats find {appId, entityId, notForSale $exists, removed $exists, status} sort seatOrder",
        SEATS,
        Exact,
    ),
    (
        "seats find {appId, entityId, notForSale $exists, removed $exists, seatOrder range, status} sort seatOrder",
        SEATS,
        Exact,
    ),
    ("seats find {appId, entityId, removed $exists, status $in} sort seatOrder", SEATS, Exact),
    (
        "seats find {appId, entityId, removed $exists, seatOrder range, status $in} sort seatOrder",
        SEATS,
        Exact,
    ),
    ("seats find {_id $in}", ID, Guarded),
    // Seats that an organiser looks for by their number, in one entity or in all.
    ("seats find {appId, entityId, seatKey $eq, $type}", SEAT_KEY, Exact),
    ("seats find {appId range, entityId, seatKey $eq, $type}", SEAT_KEY, Rare),
    ("seats find {appId, entityId range, seatKey $eq, $type}", SEAT_KEY, Rare),
    ("seats find {appId range, entityId range, seatKey $eq, $type}", SEAT_KEY, Rare),
    // Seats that an organiser removes by their number.
    (
        "seats find {(seatNumber $in or seatKey $in, $type), appId, entityId, removed $exists, status $in}",
        NUMBERS,
        Rare,
    ),
    (
        "seats update {(seatNumber $in or seatKey $in, $type), _id $nin, appId, bookingId $exists, entityId, removed $exists, status, status $in, wasSold $exists}",
        NUMBERS,
        Rare,
    ),
    // Seats that were removed come back with their ids.
    ("seats remove {_id $in, removed}", ID, Guarded),
    ("seats update {_id $in, appId, removed $exists, status}", ID, Guarded),
    (
        "seats aggregate {appId, entityId $in, removed $exists, status $in}",
        &["{ appId: 1, entityId: 1, seatNumber: 1 }"],
        Counts,
    ),
    ("seats aggregate {_id $in, appId, removed $exists, status}", ID, Counts),
    ("seats update {appId, entityId}", &["{ appId: 1, entityId: 1, seatNumber: 1 }"], Exact),
    // Entities.
    ("entities find {feedKey}", FEED_KEY, Exact),
    ("entities update {appId, entityId, seatsVersion}", ENTITY, Guarded),
    ("feeds find {appId, entityId}", ENTITY, Exact),
    ("feeds find {appId, entityId} linearizable", ENTITY, Exact),
    ("feeds update {(epoch range or epoch, seq range), appId, entityId}", ENTITY, Guarded),
    ("reservations find {appId, entityId, expiresAt range, status}", LIVE, Exact),
    ("entities find {appId, entityId, title $exists}", ENTITY, Guarded),
    ("entities findAndModify {appId, currency, entityId, title $exists}", ENTITY, Guarded),
    ("entities findAndModify {appId, currency, entityId, version}", ENTITY, Guarded),
    ("entities update {appId, entityId}", ENTITY, Exact),
    ("entities findAndModify {appId, entityId, version}", ENTITY, Guarded),
    ("entities find {appId, startOrder range} sort startOrder, entityId", ENTITIES, Exact),
    ("entities find {appId, startOrder range, state} sort startOrder, entityId", ENTITIES, Exact),
    (
        "entities find {appId, shownUntil range, startOrder range} sort startOrder, entityId",
        ENTITIES,
        Exact,
    ),
    (
        "entities find {appId, shownUntil $gte now, startOrder range} sort startOrder, entityId",
        ENTITIES,
        Exact,
    ),
    (
        "entities find {(startOrder range or entityId range, startOrder), appId, startOrder range} sort startOrder, entityId",
        ENTITIES,
        Exact,
    ),
    (
        "entities find {(startOrder range or entityId range, startOrder), appId, shownUntil range, startOrder range} sort startOrder, entityId",
        ENTITIES,
        Exact,
    ),
    (
        "entities find {(startOrder range or entityId range, startOrder), appId, shownUntil $gte now, startOrder range} sort startOrder, entityId",
        ENTITIES,
        Exact,
    ),
    (
        "reservations find {appId, claimed, entityId range, expiresAt $gt now, status}",
        &["{ appId: 1, entityId: 1, expiresAt: 1 }"],
        Exact,
    ),
    (
        "seats aggregate {appId, entityId range, removed $exists, status $in}",
        &[
            "{ appId: 1, entityId: 1, seatNumber: 1 }",
            "{ appId: 1, entityId: 1, seatKey: 1 }",
            "{ appId: 1, entityId: 1, status: 1, seatOrder: 1 }",
        ],
        Counts,
    ),
    (
        "reservations find {appId, claimed, entityId $in, expiresAt $gt now, status}",
        &["{ appId: 1, entityId: 1, expiresAt: 1 }"],
        Exact,
    ),
    (
        "reservations find {appId, entityId, status $in, userId}",
        &["{ userId: 1, status: 1, appId: 1, entityId: 1 }"],
        Exact,
    ),
    ("reservations find {appId, createdAt range, entityId}", &["{ appId: 1, createdAt: 1 }"], Rare),
    // Seats of a layout.
    ("entities update {$nor, appId, entityId, seats, seatsIncomplete $exists}", ENTITY, Guarded),
    (
        "entities update {appId, currency, entityId, layoutId, layoutVersion, seatsIncomplete, seatsMade}",
        ENTITY,
        Guarded,
    ),
    // Layouts.
    ("layouts find {appId, layoutId} sort version", LAYOUTS, Exact),
    ("layouts find {appId, layoutId, version} sort version", LAYOUTS, Exact),
    ("layouts aggregate {appId}", NEWEST, Newest),
    ("layouts aggregate {appId, layoutId range}", NEWEST, Newest),
    ("layouts find {(appId, layoutId, version or appId, layoutId, version)}", LAYOUTS, Exact),
    ("layouts find {(appId, layoutId, version)}", LAYOUTS, Exact),
    // Refunds.
    ("refunds find {booking $in}", &["{ booking: 1 }"], Exact),
    ("refunds find {refundId}", &["{ refundId: 1 }"], Exact),
    (
        "refunds find {bookingId, createdAt range} sort createdAt, _id",
        &["{ bookingId: 1, createdAt: -1, _id: -1 }"],
        Exact,
    ),
    // Holds.
    (
        "reservations findAndModify {claimed, expiresAt $lte now, extended, status}",
        &["{ extended: 1, expiresAt: 1 }"],
        Exact,
    ),
    // The worker that asks about payments.
    ("reservations findAndModify {askAt $exists, askAt $lte now}", ASKS, Exact),
    ("reservations find {askAt $exists} sort askAt", ASKS, Exact),
    ("reservations update {_id, askAt}", ID, Guarded),
    ("reservations findAndModify {reservationToken}", TOKEN, Exact),
    // A replayed response tells how long the hold lives now.
    ("reservations find {reservationToken}", TOKEN, Exact),
    ("reservations find {appId, claimed, seatIds $in}", CLAIMS, Exact),
    (
        "reservations findAndModify {appId, claimed, expiresAt $lte now, seatIds $in, status}",
        CLAIMS,
        Guarded,
    ),
    ("reservations find {appId, reservationToken, userId}", TOKEN, Guarded),
    ("reservations find {appId, reservationToken, userId} linearizable", TOKEN, Guarded),
    (
        "reservations findAndModify {appId, expiresAt $gt now, reservationToken, status, userId}",
        TOKEN,
        Guarded,
    ),
    (
        "reservations findAndModify {appId, expiresAt $gt now, reservationToken, status, userId, version $in}",
        TOKEN,
        Guarded,
    ),
    (
        "reservations findAndModify {appId, expiresAt $lte now, reservationToken, status, userId}",
        TOKEN,
        Guarded,
    ),
    (
        "reservations find {appId, expiresAt $gt now, status, userId}",
        &["{ userId: 1, appId: 1, expiresAt: 1 }"],
        Exact,
    ),
    (
        "reservations find {appId, claimed, entityId, expiresAt $gt now, status}",
        &["{ appId: 1, entityId: 1, expiresAt: 1 }"],
        Exact,
    ),
    (
        "reservations find {claimed, expiresAt $lte now, status}",
        &["{ status: 1, expiresAt: 1 }"],
        Exact,
    ),
    ("reservations update {_id $in, expiresAt $lte now, status}", ID, Guarded),
    // Bookings.
    ("bookings find {appId, reservationToken, status}", TOKEN, Guarded),
    (
        "bookings find {appId, paymentId, reservationToken, status}",
        &["{ reservationToken: 1, paymentId: 1 }"],
        Exact,
    ),
    ("bookings find {appId, paymentId, paymentStatus}", &["{ appId: 1, paymentId: 1 }"], Exact),
    ("bookings find {appId, bookingId, userId}", &["{ bookingId: 1 }"], Guarded),
    ("bookings find {bookingId}", &["{ bookingId: 1 }"], Exact),
    ("bookings find {bookingId} linearizable", &["{ bookingId: 1 }"], Exact),
    ("bookings find {appId, bookingId, userId} linearizable", &["{ bookingId: 1 }"], Guarded),
    // Stored responses.
    ("idempotency_keys findAndModify {_id}", KEY, Exact),
    ("idempotency_keys findAndModify {_id, owner}", ID, Guarded),
    ("idempotency_keys update {_id, owner}", ID, Guarded),
    ("idempotency_keys findAndModify {_id, answer $exists, owner}", ID, Guarded),
    // Live push.
    ("live_connections update {connectionId}", CONNECTION, Exact),
    ("live_connections update {connectionId $in}", CONNECTION, Exact),
    ("live_connections remove {connectionId $in}", CONNECTION, Exact),
    ("live_connections find {}", &["COLLSCAN"], Exact),
    ("live_connections distinct {}", &["DISTINCT_SCAN { feedKey: 1, sent: 1 }"], Covered),
    ("live_connections aggregate {feedKey}", &["{ feedKey: 1, sent: 1 }"], Covered),
    ("live_connections find {feedKey, sent $ne}", &["{ feedKey: 1, sent: 1 }"], Exact),
    ("leases findAndModify {_id}", KEY, Exact),
    ("leases find {_id, until $gt now}", ID, Guarded),
    ("leases remove {_id, holder}", ID, Guarded),
    // Webhooks: endpoints.
    ("webhooks find {appId}", APP, Exact),
    ("webhooks find {appId $in}", APP, Exact),
    ("webhooks find {_id, appId}", ID, Guarded),
    ("webhooks update {_id, appId}", ID, Guarded),
    // A rotation with an overlap counts the secrets that still sign.
    ("webhooks update {$expr, _id, appId}", ID, Guarded),
    ("webhooks remove {_id, appId}", ID, Guarded),
    ("webhooks update {_id}", KEY, Exact),
    ("webhooks update {_id, url}", ID, Guarded),
    ("webhooks findAndModify {_id, enabled, url}", ID, Guarded),
    ("webhooks findAndModify {_id, enabled, failedAt.0, url}", ID, Guarded),
    // The relay.
    ("reservations find {unsent}", UNSENT, Exact),
    ("bookings find {unsent}", UNSENT, Exact),
    ("refunds find {unsent}", UNSENT, Exact),
    ("entities find {unsent}", UNSENT, Exact),
    ("deliveries find {eventId $in}", &["{ eventId: 1, webhookId: 1 }"], Exact),
    ("reservations update {_id $in, unsent}", SENT, Guarded),
    ("bookings update {_id $in, unsent}", SENT, Guarded),
    ("refunds update {_id $in, unsent}", SENT, Guarded),
    ("entities update {_id $in, unsent}", SENT, Guarded),
    // The deliverer.
    ("deliverers findAndModify {_id, until $lte now}", ID, Guarded),
    ("deliverers find {_id}", KEY, Exact),
    ("deliverers update {_id}", KEY, Exact),
    ("deliverers update {_id, owner}", ID, Guarded),
    // One entry of the index for each endpoint.
    ("deliveries aggregate {status}", FIRST_PENDING, Covered),
    (
        "deliveries findAndModify {nextAttemptAt $lte now, status, webhookId} sort status, webhookId, nextAttemptAt",
        PENDING,
        Exact,
    ),
    ("deliveries update {_id, taken}", ID, Guarded),
    ("deliveries update {_id, status, taken, tries}", ID, Guarded),
    ("deliveries update {_id, taken, tries}", ID, Guarded),
    ("deliveries update {status, updatedAt range, webhookId}", ENDED, Exact),
    ("deliveries remove {webhookId}", LISTED, Exact),
    // Deliveries as the organiser sees them.
    ("deliveries find {status $in, webhookId} sort createdAt, _id", LISTED, Exact),
    (
        "deliveries find {(createdAt range or _id range, createdAt), createdAt range, status $in, webhookId} sort createdAt, _id",
        LISTED,
        Cursor,
    ),
    ("deliveries findAndModify {_id, webhookId}", ID, Guarded),
    ("deliveries update {createdAt range, status $in, webhookId}", LISTED, Exact),
    // Analytics.
    ("reservations aggregate {}", &["COLLSCAN"], Counts),
    ("bookings aggregate {}", &["COLLSCAN"], Counts),
    ("reservations aggregate {appId}", MADE, Counts),
    ("bookings aggregate {appId}", &["{ appId: 1, bookingDate: 1 }", OF_APP], Counts),
    ("reservations aggregate {appId, createdAt range}", MADE, Counts),
    (
        "bookings aggregate {appId, bookingDate range}",
        &["{ appId: 1, bookingDate: 1 }", OF_APP],
        Counts,
    ),
    ("reservations aggregate {appId range, createdAt range}", MADE, Counts),
    (
        "bookings aggregate {appId range, bookingDate range}",
        &["{ appId: 1, bookingDate: 1 }", OF_APP],
        Counts,
    ),
];

const SEAT_KEY: &[&str] = &["{ appId: 1, entityId: 1, seatKey: 1 }"];
const NUMBERS: &[&str] =
    &["{ appId: 1, entityId: 1, seatNumber: 1 }", "{ appId: 1, entityId: 1, seatKey: 1 }"];
const SEATS: &[&str] = &["{ appId: 1, entityId: 1, status: 1, seatOrder: 1 }"];
const MADE: &[&str] = &["{ appId: 1, createdAt: 1 }"];
const OF_APP: &str = "{ appId: 1, bookingDate: -1, _id: -1, status: 1, paymentStatus: 1 }";

/// The lines of all queries, pages included.
pub fn all() -> Vec<(String, &'static [&'static str], Rule)> {
    LINES
        .iter()
        .map(|(shape, indexes, rule)| ((*shape).to_owned(), *indexes, *rule))
        .chain(listings::pages())
        .chain(listings::refund_pages())
        .chain(listings::looked_up())
        .collect()
}
