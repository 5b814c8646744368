//! The invariants of the protocol for one tenant, read from a majority of MongoDB and from Redis. A
//! test of races or failures ends with them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::{TryStreamExt as _, future::join_all};
use mongodb::{
    Database,
    bson::{Bson, DateTime, Document, doc},
};
use redis::AsyncCommands as _;
use serde_json::{Value, json};

use super::{
    WAIT_TIMEOUT, outbox,
    people::{Hold, Tenant, User},
    poll::eventually,
    redis_log::went_without_redis,
    reply::Reply,
    runtime_api::{Environment, Event},
};

/// The budget of a call that tries whether a seat is free.
const BUDGET: Duration = Duration::from_secs(25);

/// The documents of one tenant.
pub struct Books {
    pub seats: Vec<Document>,
    pub reservations: Vec<Document>,
    pub bookings: Vec<Document>,
    pub refunds: Vec<Document>,
}

async fn all(database: &Database, collection: &str, app_id: &str) -> Vec<Document> {
    let cursor = database.collection::<Document>(collection).find(doc! {"appId": app_id}).await;
    cursor.expect("a cursor").try_collect().await.expect("documents")
}

/// An id as text, whether it is stored as an ObjectId or as a string.
fn id(value: &Bson) -> String {
    match value {
        Bson::ObjectId(id) => id.to_hex(),
        Bson::String(text) => text.clone(),
        other => panic!("not an id: {other}"),
    }
}

fn seat_ids(document: &Document) -> Vec<String> {
    document.get_array("seatIds").expect("seatIds").iter().map(id).collect()
}

/// The sum of a field over those elements of a list that are wanted.
fn listed(booking: &Document, list: &str, wanted: fn(&Document) -> bool, field: &str) -> i64 {
    let elements = booking.get_array(list).into_iter().flatten();
    let elements = elements.map(|one| one.as_document().expect("a document"));
    elements.filter(|one| wanted(one)).map(|one| one.get_i64(field).expect("an amount")).sum()
}

pub fn text<'a>(document: &'a Document, field: &str) -> &'a str {
    document.get_str(field).unwrap_or_else(|e| panic!("{field}: {e} in {document}"))
}

impl Books {
    /// Reads again if a booking has changed meanwhile: another test's worker may pay its refund.
    pub async fn read(tenant: &Tenant) -> Self {
        let database = tenant.stack.database().await;
        let mut bookings = all(&database, "bookings", &tenant.app_id).await;
        loop {
            let seats = all(&database, "seats", &tenant.app_id).await;
            let reservations = all(&database, "reservations", &tenant.app_id).await;
            let refunds = all(&database, "refunds", &tenant.app_id).await;
            let after = all(&database, "bookings", &tenant.app_id).await;
            if after == bookings {
                return Self { seats, reservations, bookings, refunds };
            }
            bookings = after;
        }
    }

    fn confirmed(&self) -> impl Iterator<Item = &Document> {
        self.bookings.iter().filter(|b| text(b, "status") == "CONFIRMED")
    }

    /// How many reservations have this status.
    pub fn count(&self, status: &str) -> usize {
        self.reservations.iter().filter(|r| text(r, "status") == status).count()
    }

    /// Invariant 1: a seat has at most one CONFIRMED booking, and is BOOKED exactly if it has one.
    /// Seat and booking name each other.
    fn no_seat_is_sold_twice(&self) {
        let mut sold: BTreeMap<String, &Document> = BTreeMap::new();
        for booking in self.confirmed() {
            for seat in seat_ids(booking) {
                let before = sold.insert(seat, booking);
                assert!(before.is_none(), "a seat is sold twice: {before:?} and {booking}");
            }
        }
        for seat in &self.seats {
            let booking = sold.remove(&id(seat.get("_id").expect("_id")));
            assert_eq!(
                text(seat, "status") == "BOOKED",
                booking.is_some(),
                "{seat}, booking {booking:?}"
            );
            let named = seat.get("bookingId").filter(|name| **name != Bson::Null);
            let by_either_name = booking.map(|b| [b.get("_id"), b.get("bookingId")]);
            match by_either_name {
                Some(names) => assert!(names.contains(&named), "{seat}, booking {booking:?}"),
                None => assert_eq!(named, None, "{seat}"),
            }
        }
        assert!(sold.is_empty(), "bookings of seats that do not exist: {sold:?}");
    }

    /// Invariant 4: a seat has at most one live hold. A hold has a claim exactly while it
    /// is ACTIVE or CONFIRMED.
    fn no_seat_is_held_twice(&self) {
        let mut claims: BTreeMap<String, &Document> = BTreeMap::new();
        for reservation in &self.reservations {
            let claims_seats = matches!(text(reservation, "status"), "ACTIVE" | "CONFIRMED");
            assert_eq!(
                reservation.get_bool("claimed").ok(),
                claims_seats.then_some(true),
                "{reservation}"
            );
            if claims_seats {
                for seat in seat_ids(reservation) {
                    let before = claims.insert(seat, reservation);
                    assert!(before.is_none(), "two claims: {before:?} and {reservation}");
                }
            }
        }
    }

    /// A CONFIRMED reservation and a CONFIRMED booking come in pairs, with the same
    /// user, seats and amount.
    fn every_sale_has_its_hold(&self) {
        let mut holds: BTreeMap<&str, &Document> = self
            .reservations
            .iter()
            .filter(|r| text(r, "status") == "CONFIRMED")
            .map(|r| (text(r, "reservationToken"), r))
            .collect();
        for booking in self.confirmed() {
            let hold = holds.remove(text(booking, "reservationToken"));
            let hold = hold.unwrap_or_else(|| panic!("no CONFIRMED reservation for {booking}"));
            for field in ["userId", "entityId", "amount", "currency"] {
                assert_eq!(booking.get(field), hold.get(field), "{field} of {booking} and {hold}");
            }
            let (sold, held): (BTreeSet<_>, BTreeSet<_>) =
                (seat_ids(booking).into_iter().collect(), seat_ids(hold).into_iter().collect());
            assert_eq!(sold, held, "{booking} and {hold}");
        }
        assert!(holds.is_empty(), "confirmed without a booking: {holds:?}");
    }

    /// Invariant 9: every reservation is confirmed, released, expired or live.
    fn every_hold_is_accounted_for(&self) {
        let known = ["ACTIVE", "CONFIRMED", "RELEASED", "EXPIRED", "CANCELLED"];
        let counted: usize = known.iter().map(|status| self.count(status)).sum();
        assert_eq!(counted, self.reservations.len(), "{:?}", self.reservations);
    }

    /// Invariant 10: what cancellations and admins give back is on record as refunds, once, and is
    /// never more than was paid.
    fn refunds_add_up(&self) {
        for booking in &self.bookings {
            let own = |refund: &&Document| refund.get("booking") == booking.get("_id");
            let amount = |refund: &Document| refund.get_i64("amount").expect("an amount");
            let counted =
                || self.refunds.iter().filter(own).filter(|r| text(r, "status") != "FAILED");
            let refunded: i64 = counted().map(amount).sum();
            let by_provider = counted().filter(|r| r.get_str("source").ok() == Some("PROVIDER"));
            assert!(refunded <= amount(booking), "{refunded} of {booking}");
            let paid = self.refunds.iter().filter(own).filter(|r| text(r, "status") == "SUCCEEDED");
            let paid: i64 = paid.map(amount).sum();
            assert_eq!(booking.get_i64("refunded").unwrap_or(0), paid, "{booking}");
            let owed = listed(booking, "cancellations", |_| true, "refund")
                + listed(booking, "history", |one| text(one, "action") == "REFUND", "amount")
                + by_provider.map(amount).sum::<i64>();
            let failed = self.refunds.iter().filter(own).any(|r| text(r, "status") == "FAILED");
            let is_due = text(booking, "status") == "REFUND_DUE";
            assert!(failed || is_due || owed == refunded, "{refunded} of {booking}");
        }
    }

    /// The tokens of the holds that keep others out, overdue or not.
    fn claims(&self) -> BTreeSet<String> {
        let claims = |r: &&Document| r.get_bool("claimed").unwrap_or(false);
        self.reservations
            .iter()
            .filter(claims)
            .map(|r| text(r, "reservationToken").to_owned())
            .collect()
    }

    /// The tokens of the holds that are live now.
    pub fn live(&self) -> BTreeSet<&str> {
        let now = DateTime::now();
        let live = |r: &&Document| {
            text(r, "status") == "ACTIVE" && *r.get_datetime("expiresAt").expect("expiresAt") > now
        };
        self.reservations.iter().filter(live).map(|r| text(r, "reservationToken")).collect()
    }
}

/// The tenant's locks, by seat id.
pub async fn locks(tenant: &Tenant) -> BTreeMap<String, Value> {
    let mut redis = tenant.stack.redis().await;
    let prefix = format!("seat:lock:{{{}}}:", tenant.app_id);
    let keys: Vec<String> = redis.keys(format!("{prefix}*")).await.expect("KEYS");
    let mut locks = BTreeMap::new();
    for key in keys {
        let seat = key.strip_prefix(&prefix).expect("the prefix").to_owned();
        let (value, left): (Option<String>, i64) = redis::pipe()
            .cmd("GET")
            .arg(&key)
            .cmd("PTTL")
            .arg(&key)
            .query_async(&mut redis)
            .await
            .expect("a lock is a string with a TTL");
        // It ended between the two commands, or in this millisecond. It may expire or be released
        // at any time.
        let Some(value) = value.filter(|_| !matches!(left, -2 | 0)) else { continue };
        // MAX_LOCK_SECONDS: a hold that is paid for, or an entity of its own hold time, outlives
        // HOLD_TTL_SECONDS.
        let limit = 3_600_000;
        assert!(left > 0 && left <= limit, "{key} has {left} ms of at most {limit}");
        locks.insert(
            seat,
            serde_json::from_str(&value).unwrap_or_else(|e| panic!("{key} = {value}: {e}")),
        );
    }
    locks
}

/// Invariant 5: every lock has a TTL within the hold's, is on a seat of this tenant,
/// and names its owner.
async fn every_lock_ends(tenant: &Tenant, books: &Books) {
    let seats: BTreeSet<String> =
        books.seats.iter().map(|s| id(s.get("_id").expect("_id"))).collect();
    for (seat, lock) in locks(tenant).await {
        assert!(seats.contains(&seat), "a lock on what is no seat: {seat} = {lock}");
        let context = format!("the lock of {seat}");
        super::reply::keys(
            &lock,
            &["reservationToken", "userId", "timestamp", "expiresAt"],
            &[],
            &context,
        );
    }
}

/// Checks invariants 1, 4, 5, 9 and 11 of this tenant as a majority has it, and returns what was
/// read for the test's own checks. `ReplicaSet::agrees` waits until every member has the same.
pub async fn check(tenant: &Tenant) -> Books {
    let books = Books::read(tenant).await;
    books.no_seat_is_sold_twice();
    books.no_seat_is_held_twice();
    books.every_sale_has_its_hold();
    books.every_hold_is_accounted_for();
    books.refunds_add_up();
    every_lock_ends(tenant, &books).await;
    if outbox::every_event_is_wanted(tenant).await {
        outbox::every_change_has_its_event(tenant, &books).await;
    }
    books
}

/// Invariant 2: a confirm with a 2xx response is in the database, with that user, hold and payment.
pub fn assert_kept(books: &Books, reply: &Reply, user: &User, hold: &Hold, payment: &str) {
    assert!(matches!(reply.status, 200 | 201), "{reply}");
    let returned = reply.expect(reply.status)["bookingId"].as_str().expect("an id");
    let kept = books.bookings.iter().find(|booking| text(booking, "bookingId") == returned);
    let kept = kept.unwrap_or_else(|| panic!("a lost booking: {reply}"));
    assert_eq!(
        (text(kept, "status"), text(kept, "paymentStatus")),
        ("CONFIRMED", "SUCCESS"),
        "{kept}"
    );
    assert_eq!(
        (text(kept, "paymentId"), text(kept, "reservationToken")),
        (payment, hold.token.as_str()),
        "{kept}"
    );
    assert_eq!(kept.get("userId").map(id), Some(user.user_id.clone()), "{kept}");
    let (sold, held): (BTreeSet<String>, BTreeSet<String>) =
        (seat_ids(kept).into_iter().collect(), hold.seats.iter().cloned().collect());
    assert_eq!(sold, held, "{kept}");
}

/// Invariant 3: refusals change nothing. Between the two readings there was no new hold and no
/// sale. A refused payment may add a REFUND_DUE or FAILED record.
pub fn nothing_was_gained(before: &Books, after: &Books) {
    let new = after.claims().difference(&before.claims()).cloned().collect::<Vec<_>>();
    assert!(new.is_empty(), "a refusal left holds: {new:?}");
    let sold = |books: &Books| -> BTreeSet<String> {
        books.confirmed().map(|booking| text(booking, "bookingId").to_owned()).collect()
    };
    assert_eq!(sold(after), sold(before), "a refusal sold something");
}

/// Invariant 8: when the faults have stopped and the holds have ended, every unsold seat can be
/// reserved. Each is given back again. `make chaos` measures how soon.
pub async fn every_unsold_seat_can_be_reserved(
    tenant: &Tenant,
    reserve: &Environment,
    release: &Environment,
) {
    let user = tenant.user().await;
    let books = Books::read(tenant).await;
    // A lock that was not deleted because Redis was unavailable ends by its TTL. Here it is deleted
    // at once.
    let mut redis = tenant.stack.redis().await;
    for (seat, lock) in locks(tenant).await {
        if !lock["reservationToken"].as_str().is_some_and(|token| books.live().contains(token)) {
            let key = format!("seat:lock:{{{}}}:{seat}", tenant.app_id);
            let () = redis.del(key).await.expect("DEL");
        }
    }
    let unsold = books.seats.iter().filter(|seat| text(seat, "status") != "BOOKED");
    let attempts = unsold.map(|seat| {
        let (user, seat) = (&user, id(seat.get("_id").expect("_id")));
        async move {
            let event = Event::of(user, "POST", "/reserve-seat", &json!({"seatIds": [seat]}));
            let held = || async {
                let reply = reserve.call(&event, BUDGET).await;
                matches!(reply.status, 200 | 201).then(|| Hold::of(&reply))
            };
            let hold = eventually("an unsold seat can be reserved", WAIT_TIMEOUT, held).await;
            let event =
                Event::of(user, "POST", "/release-seat", &json!({"reservationToken": hold.token}));
            release.call(&event, BUDGET).await.expect(200);
        }
    });
    join_all(attempts).await;
}

/// Only these seats are locked: a refused call has removed its locks.
pub async fn no_locks_left_but(tenant: &Tenant, seats: &[&str]) {
    let left: BTreeSet<String> = locks(tenant).await.into_keys().collect();
    let expected: BTreeSet<String> = seats.iter().map(|s| (*s).to_owned()).collect();
    assert!(
        left == expected || may_have_lost_redis(tenant),
        "{left:?} are locked, and not {expected:?}"
    );
}

/// Whether a function of the tenant's stack went on without Redis since the tenant exists. Then it
/// may have left locks, or taken none.
fn may_have_lost_redis(tenant: &Tenant) -> bool {
    let logs = std::fs::read_dir(&tenant.stack.logs).into_iter().flatten().flatten();
    let mut logs = logs.filter_map(|log| std::fs::read_to_string(log.path()).ok());
    logs.any(|log| went_without_redis(&log, tenant.since))
}

/// Invariant 7: each payment that was taken is exactly one booking, confirmed or cancelled, or
/// exactly one REFUND_DUE record.
pub fn money_is_accounted_for(books: &Books, payments: &[String]) {
    for payment in payments {
        let records: Vec<&Document> = books
            .bookings
            .iter()
            .filter(|b| text(b, "paymentId") == payment && text(b, "paymentStatus") == "SUCCESS")
            .collect();
        assert_eq!(records.len(), 1, "{payment}: {records:?}");
        let status = text(records[0], "status");
        assert!(matches!(status, "CONFIRMED" | "CANCELLED" | "REFUND_DUE"), "{records:?}");
    }
}
