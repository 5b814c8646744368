//! The end of a run: compares the database and Redis with the responses that clients got.

use std::{
    collections::{BTreeMap, HashMap},
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use mongodb::bson::{DateTime, Document, doc};
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::json;
use tokio::time::sleep;

use super::{
    events,
    spec::{Micros, Token},
    world::{House, PAYMENT_WINDOW, TTL, World},
};
use crate::support::{
    invariants::{self, Books, text},
    people::User,
    runtime_api::Event,
};

/// How long an orphaned transaction blocks its seats before the next request ends it.
const TRANSACTION_LIMIT: Duration = Duration::from_secs(5);

/// The numbers of things checked.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    pub seats: usize,
    pub observations: usize,
    pub longest_history: usize,
    pub bookings: usize,
    pub cancelled: usize,
    pub refunds: usize,
    pub refunds_due: usize,
    pub reservations: usize,
    pub reserved_again: usize,
    pub events: usize,
}

/// Checks everything and notes each violation.
pub async fn of(world: &World) -> Verdict {
    let ended = Instant::now();
    world.set.lock().await.all_in_service().await;
    let mut verdict = Verdict::default();
    for house in &world.houses {
        world.set.lock().await.agrees(&world.stack.database, &house.tenant.app_id).await;
        invariants_hold(world, house).await;
        let books = Books::read(&house.tenant).await;
        verdict.bookings +=
            books.bookings.iter().filter(|booking| text(booking, "status") == "CONFIRMED").count();
        verdict.refunds_due +=
            books.bookings.iter().filter(|booking| text(booking, "status") == "REFUND_DUE").count();
        verdict.cancelled +=
            books.bookings.iter().filter(|booking| booking.contains_key("cancellations")).count();
        verdict.refunds += books.refunds.len();
        verdict.reservations += books.reservations.len();
        every_acknowledged_sale_is_there(world, house, &books);
        money_is_accounted_for(world, house, &books);
        seat_histories_are_explained(world, &books, &mut verdict).await;
        every_refund_is_paid(world, house).await;
    }
    verdict.reserved_again = every_unsold_seat_can_be_reserved(world, ended).await;
    for house in &world.houses {
        invariants_hold(world, house).await;
        verdict.events += events::reach_their_receiver(world, house).await;
        invariants_hold(world, house).await;
    }
    verdict
}

/// The invariants of the other tests. A panic is noted as a violation, so that the
/// other checks still run.
async fn invariants_hold(world: &World, house: &House) {
    if let Err(panic) = AssertUnwindSafe(invariants::check(&house.tenant)).catch_unwind().await {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        world.ledger.violation(words.unwrap_or("an invariant does not hold").to_owned());
    }
}

/// Invariant 2. A booking whose cancellation began may be CANCELLED.
fn every_acknowledged_sale_is_there(world: &World, house: &House, books: &Books) {
    let by_token: HashMap<&str, &Document> = books
        .bookings
        .iter()
        .filter(|booking| matches!(text(booking, "status"), "CONFIRMED" | "CANCELLED"))
        .map(|booking| (text(booking, "reservationToken"), booking))
        .collect();
    let cancelled = world.ledger.entries().cancelled.clone();
    let users: Vec<&str> = house.users.iter().map(|user| user.user_id.as_str()).collect();
    let sales = world.ledger.entries().sales.clone();
    for (token, sale) in sales.iter().filter(|(_, sale)| users.contains(&sale.user_id.as_str())) {
        let there = by_token.get(token.as_str()).is_some_and(|booking| {
            text(booking, "bookingId") == sale.booking_id
                && text(booking, "paymentId") == sale.payment
                && (text(booking, "status") == "CONFIRMED" || cancelled.contains(token))
                && booking.get_object_id("userId").is_ok_and(|user| user.to_hex() == sale.user_id)
        });
        if !there {
            let has = by_token.get(token.as_str());
            world.ledger.violation(format!(
                "an acknowledged booking is lost: {token} {sale:?}; there is {has:?}"
            ));
        }
    }
}

/// Invariant 7: a payment that was taken is recorded once if its response arrived, and at
/// most once if not.
fn money_is_accounted_for(world: &World, house: &House, books: &Books) {
    let mut records: BTreeMap<&str, usize> = BTreeMap::new();
    for booking in
        books.bookings.iter().filter(|booking| text(booking, "paymentStatus") == "SUCCESS")
    {
        *records.entry(text(booking, "paymentId")).or_default() += 1;
    }
    let payments = world.ledger.entries().payments.clone();
    let twice =
        records.iter().filter(|(_, count)| **count > 1).map(|(payment, _)| (*payment).to_owned());
    for payment in twice.collect::<Vec<_>>() {
        world.ledger.violation(format!("payment {payment} is recorded more than once"));
    }
    // The payments of both tenants are in one ledger. So each payment is checked only for its own
    // tenant.
    let mine = world.ledger.entries().payers.clone();
    let acknowledged = payments
        .iter()
        .filter(|(_, has_response)| **has_response)
        .map(|(payment, _)| payment.as_str());
    for payment in acknowledged.filter(|payment| mine.get(*payment) == Some(&house.tenant.app_id)) {
        if !records.contains_key(payment) {
            world
                .ledger
                .violation(format!("payment {payment} got a response and is recorded nowhere"));
        }
    }
}

/// The worker pays every refund on record, once the faults have stopped.
async fn every_refund_is_paid(world: &World, house: &House) {
    let mut rng = StdRng::seed_from_u64(2);
    let begun = Instant::now();
    let refunds = world.stack.database().await.collection::<Document>("refunds");
    loop {
        // The run does not wait for the pause after a failed attempt.
        let open = doc! {"appId": &house.tenant.app_id, "asked": {"$gt": 1}};
        let now = doc! {"$set": {"askAt": DateTime::now()}};
        refunds.update_many(open, now).await.expect("a response");
        let event = Event::scheduled();
        world.fleets.refunds.call(&event, Duration::from_secs(12), &mut rng).await;
        let books = Books::read(&house.tenant).await;
        let open = books.refunds.iter().find(|refund| text(refund, "status") != "SUCCEEDED");
        match open {
            None => return,
            Some(open) if begun.elapsed() > Duration::from_secs(90) => {
                return world.ledger.violation(format!("a refund is not paid: {open}"));
            }
            Some(_) => sleep(Duration::from_millis(200)).await,
        }
    }
}

/// The check ends after this many seats whose calls fit no order.
const MAX_WRONG_SEATS: usize = 8;

/// For every seat, some order explains all observations and ends in the state of the database.
async fn seat_histories_are_explained(world: &World, books: &Books, verdict: &mut Verdict) {
    let mut sold: HashMap<String, String> = HashMap::new();
    for booking in books.bookings.iter().filter(|booking| text(booking, "status") == "CONFIRMED") {
        for seat in booking.get_array("seatIds").expect("seats") {
            sold.insert(
                seat.as_object_id().expect("an id").to_hex(),
                text(booking, "reservationToken").to_owned(),
            );
        }
    }
    let mut work = Vec::new();
    {
        let mut entries = world.ledger.entries();
        for seat in &books.seats {
            let id = seat.get_object_id("_id").expect("an id").to_hex();
            let token: Option<Token> = sold.get(&id).map(|token| entries.token(token));
            if let Some(history) = entries.seat_histories.get(&id) {
                verdict.seats += 1;
                verdict.observations += history.len();
                verdict.longest_history = verdict.longest_history.max(history.len());
                work.push((id, history.clone(), token));
            }
        }
    }
    let ttl = Micros::try_from(TTL.as_micros()).expect("a short time");
    let check = move || {
        let check = |(id, history, token): (String, super::check::SeatHistory, Option<Token>)| {
            history.check(token, ttl).err().map(|why| format!("seat {id}: {why}"))
        };
        // It may take a minute to find out that the calls of a seat fit no order. A few such
        // seats are enough.
        work.into_iter().filter_map(check).take(MAX_WRONG_SEATS).collect::<Vec<_>>()
    };
    let wrong = tokio::task::spawn_blocking(check).await.expect("the check ends");
    wrong.into_iter().for_each(|why| world.ledger.violation(why));
}

/// Invariant 8: after the faults, every unsold seat can be reserved within the time of a hold, plus
/// the time of a transaction, plus five seconds. A payment that was started extends a hold.
async fn every_unsold_seat_can_be_reserved(world: &World, ended: Instant) -> usize {
    let limit = TTL + TRANSACTION_LIMIT + Duration::from_secs(5);
    let mut rng = StdRng::seed_from_u64(1);
    let mut reserved = 0;
    for house in &world.houses {
        let books = Books::read(&house.tenant).await;
        let unsold = books.seats.iter().filter(|seat| text(seat, "status") == "AVAILABLE");
        let unsold: Vec<(String, &str)> = unsold
            .map(|seat| {
                (seat.get_object_id("_id").expect("an id").to_hex(), text(seat, "entityId"))
            })
            .collect();
        let limit = if house.by_card { limit + PAYMENT_WINDOW } else { limit };
        let played: Vec<&str> = house.played().iter().map(|show| show.entity.as_str()).collect();
        let user = house.tenant.user().await;
        for show in played {
            let seats: Vec<&str> = unsold
                .iter()
                .filter(|(_, entity)| *entity == show)
                .map(|(seat, _)| seat.as_str())
                .collect();
            for basket in seats.chunks(10) {
                while let Err(response) = reserve_and_release(world, &user, basket, &mut rng).await
                {
                    if ended.elapsed() > limit + Duration::from_millis(reserved as u64 * 20) {
                        world.ledger.violation(format!(
                            "{basket:?} cannot be reserved after {limit:?}: {response}"
                        ));
                        break;
                    }
                    sleep(Duration::from_millis(100)).await;
                }
                reserved += basket.len();
            }
        }
    }
    reserved
}

/// `Err`: the response to the call that did not succeed.
async fn reserve_and_release(
    world: &World,
    user: &User,
    seats: &[&str],
    rng: &mut StdRng,
) -> Result<(), String> {
    let budget = Duration::from_secs(3);
    let event = Event::of(user, "POST", "/reserve-seat", &json!({"seatIds": seats}));
    let result = world.fleets.reserve.call(&event, budget, rng).await;
    let Some((200 | 201, body)) = result.response else {
        return Err(format!("{:?}", result.response));
    };
    let event = Event::of(
        user,
        "POST",
        "/release-seat",
        &json!({"reservationToken": body["data"]["reservationToken"]}),
    );
    match world.fleets.release.call(&event, budget, rng).await.response {
        Some((200, _)) => Ok(()),
        response => Err(format!("{response:?}")),
    }
}
