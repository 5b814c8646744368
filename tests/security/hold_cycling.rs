//! A user who holds and releases the same seat again and again has to leave it to
//! others for a while.

use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{payment, people::User, reply::Reply, stacks, unique};

/// How many seconds a hold lasts on the stack of these tests.
const HOLD_TTL: u64 = 120;

#[track_caller]
fn has_to_wait(reply: &Reply) {
    reply.error(429, "RATE_LIMITED");
    let wait: u64 = reply.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!((1..=HOLD_TTL).contains(&wait), "{reply}");
}

async fn take_and_return(user: &User, seats: &[&str]) {
    let hold = user.hold(seats).await;
    user.release(&hold).await.expect(200);
}

#[tokio::test]
async fn after_ten_cycles_on_a_seat_its_user_leaves_it_to_others() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    for _ in 0..10 {
        take_and_return(&ann, &[&seats[0]]).await;
    }
    has_to_wait(&ann.reserve(&[&seats[0]]).await);
    // The same in a basket. It does not lock the other seat.
    has_to_wait(&ann.reserve(&[&seats[0], &seats[1]]).await);
    assert_eq!(bob.free_seats().await, seats);
    ann.hold(&[&seats[1]]).await;
    bob.book(&[&seats[0]]).await;
}

#[tokio::test]
async fn a_basket_with_a_sold_seat_does_not_block_its_other_seat() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    bob.book(&[&seats[1]]).await;
    let (wanted, sold) = (seats[0].as_str(), seats[1].as_str());
    for _ in 0..10 {
        ann.reserve(&[wanted, sold]).await.error(409, "SEAT_ALREADY_BOOKED");
    }
    for _ in 0..3 {
        has_to_wait(&ann.reserve(&[wanted, sold]).await);
    }
    bob.hold(&[wanted]).await;
}

#[tokio::test]
async fn declined_payments_are_cycles_and_a_sale_is_none() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    for _ in 0..10 {
        let hold = ann.hold(&[&seat]).await;
        ann.confirm(&hold, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    }
    has_to_wait(&ann.reserve(&[&seat]).await);
    let hold = bob.hold(&[&seat]).await;
    let paid = payment();
    for _ in 0..15 {
        assert!(matches!(bob.confirm(&hold, &paid).await.status, 200 | 201));
    }
}

#[tokio::test]
async fn the_wait_ends_after_a_hold_time() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let ann = tenant.user().await;
    for _ in 0..10 {
        take_and_return(&ann, &[&seat]).await;
    }
    has_to_wait(&ann.reserve(&[&seat]).await);
    // The counter in Redis ends by its TTL. Here it is deleted.
    let mut redis = tenant.stack.redis().await;
    let cycles = format!("seat:turns:{{{}}}:{seat}:{}", tenant.app_id, ann.user_id);
    let left: i64 = redis.ttl(&cycles).await.expect("TTL");
    assert!((0..=HOLD_TTL as i64).contains(&left), "{left}");
    let () = redis.del(cycles).await.expect("DEL");
    ann.hold(&[&seat]).await;
}

#[tokio::test]
async fn asking_again_for_ones_own_hold_is_no_cycle() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let ann = tenant.user().await;
    let hold = ann.hold(&[&seat]).await;
    for _ in 0..20 {
        assert_eq!(
            ann.reserve(&[&seat]).await.expect(200)["reservationToken"],
            hold.token.as_str()
        );
    }
    ann.release(&hold).await.expect(200);
    for _ in 0..20 {
        // A repeat gives no seat back.
        ann.post("/release-seat", &json!({"reservationToken": hold.token})).await.expect(200);
    }
    ann.hold(&[&seat]).await;
}
