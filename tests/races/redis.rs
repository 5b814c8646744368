//! Redis wiped, and Redis gone: only speed is lost.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    invariants, payment,
    people::{Hold, User},
    poll::eventually,
    stacks::{self, Plan, Shared, Stack},
};

/// How long a process may use its cached copy of an app when Redis is gone, by the contract.
const APP_CACHE_TTL: Duration = Duration::from_secs(5);

/// A stack whose Redis several tests wipe. Each of them copes with a wipe at any moment.
async fn wiped() -> Arc<Stack> {
    static STACK: Shared<Arc<Stack>> = Shared::new();
    let plan = || Plan {
        functions: Some(stacks::BOOKING),
        instances: 2,
        own_redis: true,
        ..Plan::new("wiped").unlimited()
    };
    STACK.get(|| plan().start()).await
}

/// A stack that has lost its Redis after a hold was made.
async fn gateless() -> (Arc<Stack>, User, Hold) {
    static STACK: Shared<(Arc<Stack>, User, Hold)> = Shared::new();
    let start = || async {
        let plan = Plan {
            functions: Some(stacks::BOOKING),
            instances: 2,
            own_redis: true,
            // The shared hold outlives all tests that may pay for it.
            hold_ttl: 3600,
            ..Plan::new("gateless").unlimited()
        };
        let stack = plan.start().await;
        let tenant = stack.tenant().await;
        let seat = tenant.seat().await;
        let user = tenant.user().await;
        let hold = user.hold(&[&seat]).await;
        stack.stop_redis().await;
        (stack, user, hold)
    };
    STACK.get(start).await
}

#[tokio::test]
async fn a_wipe_between_reserve_and_confirm_still_makes_one_sale() {
    let stack = wiped().await;
    let tenant = stack.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let hold = ann.hold(&[&seat]).await;
    stack.wipe_redis().await;
    // MongoDB decides: the lock is gone, the claim is not.
    bob.reserve(&[&seat]).await.error(409, "SEAT_ALREADY_LOCKED");
    assert!(bob.free_seats().await.is_empty());
    assert_eq!(Hold::of(&ann.reserve(&[&seat]).await), hold);
    stack.wipe_redis().await;
    let paid = payment();
    let basket = [seat.as_str()];
    let (confirmed, tried) = tokio::join!(ann.confirm(&hold, &paid), bob.reserve(&basket));
    confirmed.expect(201);
    assert!(matches!(tried.code(), "SEAT_ALREADY_LOCKED" | "SEAT_ALREADY_BOOKED"), "{tried}");
    stack.wipe_redis().await;
    bob.reserve(&[&seat]).await.error(409, "SEAT_ALREADY_BOOKED");
    let books = invariants::check(&tenant).await;
    assert_eq!(books.bookings.len(), 1);
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn wipes_in_the_middle_of_a_crowd_sell_nothing_twice() {
    let stack = wiped().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    let users = tenant.users(6).await;
    let shopping = join_all(users.iter().map(|user| async {
        let mut payments = Vec::new();
        for seat in seats.iter().cycle().take(12) {
            let reply = user.reserve(&[seat]).await;
            if reply.status == 201 {
                let paid = payment();
                user.confirm(&Hold::of(&reply), &paid).await.expect(201);
                payments.push(paid);
            } else if reply.status != 200 {
                assert!(
                    matches!(reply.code(), "SEAT_ALREADY_LOCKED" | "SEAT_ALREADY_BOOKED"),
                    "{reply}"
                );
            }
        }
        payments
    }));
    let wiping = async {
        for _ in 0..20 {
            stack.wipe_redis().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (payments, ()) = tokio::join!(shopping, wiping);
    let books = invariants::check(&tenant).await;
    assert_eq!(books.bookings.len(), seats.len(), "every seat is sold once");
    invariants::money_is_accounted_for(&books, &payments.concat());
}

#[tokio::test]
async fn a_hold_made_before_redis_was_lost_can_be_paid() {
    let (_, user, hold) = gateless().await;
    let paid = payment();
    user.confirm(&hold, &paid).await.expect(201);
    user.confirm(&hold, &paid).await.expect(200);
}

#[tokio::test]
async fn without_redis_listing_reserve_release_and_confirm_go_on() {
    let (stack, _, _) = gateless().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    assert_eq!(ann.free_seats().await, seats);
    let hold = ann.hold(&[&seats[0]]).await;
    assert_eq!(Hold::of(&ann.reserve(&[&seats[0]]).await), hold);
    assert_eq!(bob.free_seats().await, seats[1..]);
    assert_eq!(bob.seat(&seats[0]).await["status"], "LOCKED");
    let error = bob.reserve(&[&seats[0], &seats[1]]).await;
    let error = error.error(409, "SEAT_ALREADY_LOCKED");
    assert!(
        error["details"]["expiresIn"].as_i64().is_some_and(|s| (1..=3600).contains(&s)),
        "{error}"
    );
    ann.release(&hold).await.expect(200);
    let hold = bob.hold(&[&seats[0], &seats[1]]).await;
    bob.confirm(&hold, &payment()).await.expect(201);
    ann.reserve(&[&seats[1]]).await.error(409, "SEAT_ALREADY_BOOKED");
    assert_eq!(bob.bookings().await.len(), 1);
    let books = invariants::Books::read(&tenant).await;
    assert_eq!(
        (books.count("CONFIRMED"), books.count("RELEASED"), books.bookings.len()),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn without_redis_a_crowd_still_gets_one_seat_once() {
    let (stack, _, _) = gateless().await;
    let tenant = stack.tenant().await;
    let seat = tenant.seat().await;
    let users = tenant.users(6).await;
    let basket = [seat.as_str()];
    let replies = join_all((0..24).map(|n| users[n % 6].reserve(&basket))).await;
    assert_eq!(replies.iter().filter(|r| r.status == 201).count(), 1, "one wins");
    for reply in replies.iter().filter(|r| r.status >= 400) {
        reply.error(409, "SEAT_ALREADY_LOCKED");
    }
    assert_eq!(invariants::Books::read(&tenant).await.reservations.len(), 1);
}

#[tokio::test]
async fn without_redis_a_deactivated_app_is_refused_within_five_seconds() {
    let (stack, _, _) = gateless().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    user.get("/bookings").await.expect(200);
    let path = format!("/admin/apps/{}", tenant.app_id);
    stack.admin().await.patch(&path, &serde_json::json!({"isActive": false})).await.expect(200);
    let deactivated = Instant::now();
    // Each warm process has its own cache of the app. After six refusals in a row, no process uses
    // an old copy.
    let refused = || async {
        for _ in 0..6 {
            let sent = deactivated.elapsed();
            if user.get("/bookings").await.code() != "APP_INACTIVE" {
                assert!(sent < APP_CACHE_TTL, "served when sent {sent:?} after the deactivation");
                return None;
            }
        }
        Some(())
    };
    eventually("the app is refused", Duration::from_secs(60), refused).await;
}

#[tokio::test]
async fn without_redis_the_best_seats_are_found_too_and_nobody_gets_a_conflict() {
    let (stack, ..) = gateless().await;
    let tenant = stack.tenant().await;
    let numbers: Vec<String> = (1..=50).map(|n| format!("A{n}")).collect();
    tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let users = tenant.users(12).await;
    let best = json!({"bestAvailable": {"entityId": tenant.entity, "quantity": 3}});
    let replies = join_all(users.iter().map(|user| user.post("/reserve-seat", &best))).await;
    let held: BTreeSet<String> = replies
        .iter()
        .flat_map(|reply| {
            reply.expect(201);
            Hold::of(reply).seats
        })
        .collect();
    assert_eq!(held.len(), 36, "12 holds of 3 seats");
    assert_eq!(invariants::Books::read(&tenant).await.live().len(), 12);
}
