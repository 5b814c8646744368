//! A seat taken and given back over and over is left to others for a while.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    payment,
    people::{Hold, User},
    reply::Reply,
    stacks, unique,
};

#[track_caller]
fn rests(reply: &Reply, ttl: u64) {
    reply.error(429, "RATE_LIMITED");
    let wait: u64 = reply.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!((1..=ttl).contains(&wait), "{reply}");
}

async fn take_and_return(user: &User, seats: &[&str]) {
    let hold = user.hold(seats).await;
    user.release(&hold).await.expect(200);
}

#[tokio::test]
async fn after_ten_turns_on_a_seat_its_user_leaves_it_to_others() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    for _ in 0..10 {
        take_and_return(&ann, &[&seats[0]]).await;
    }
    rests(&ann.reserve(&[&seats[0]]).await, 120);
    // In a basket, too; and that takes no lock of the other seat.
    rests(&ann.reserve(&[&seats[0], &seats[1]]).await, 120);
    assert_eq!(bob.free_seats().await, seats);
    ann.hold(&[&seats[1]]).await;
    bob.book(&[&seats[0]]).await;
}

#[tokio::test]
async fn a_basket_with_a_sold_seat_keeps_the_other_from_nobody_for_long() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    bob.book(&[&seats[1]]).await;
    let (wanted, sold) = (seats[0].as_str(), seats[1].as_str());
    for _ in 0..10 {
        ann.reserve(&[wanted, sold]).await.error(409, "SEAT_ALREADY_BOOKED");
    }
    for _ in 0..3 {
        rests(&ann.reserve(&[wanted, sold]).await, 120);
    }
    bob.hold(&[wanted]).await;
}

#[tokio::test]
async fn declined_payments_are_turns_and_a_sale_is_none() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    for _ in 0..10 {
        let hold = ann.hold(&[&seat]).await;
        ann.confirm(&hold, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    }
    rests(&ann.reserve(&[&seat]).await, 120);
    let hold = bob.hold(&[&seat]).await;
    let paid = payment();
    for _ in 0..15 {
        assert!(matches!(bob.confirm(&hold, &paid).await.status, 200 | 201));
    }
}

#[tokio::test]
async fn the_rest_ends_after_a_hold_time() {
    let tenant = stacks::short().await.tenant().await;
    let seat = tenant.seat().await;
    let ann = tenant.user().await;
    // On a slow machine the first turns are forgotten before the tenth: then there are more.
    let mut turns = 0;
    let refused = loop {
        let reply = ann.reserve(&[&seat]).await;
        if reply.status == 429 {
            break reply;
        }
        reply.expect(201);
        ann.release(&Hold::of(&reply)).await.expect(200);
        turns += 1;
        assert!(turns < 200, "never told to rest");
    };
    assert!(turns >= 10, "told to rest after {turns} turns");
    rests(&refused, 2);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    ann.hold(&[&seat]).await;
}

#[tokio::test]
async fn asking_again_for_ones_own_hold_is_no_turn() {
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
        // Nothing is given back by it.
        ann.post("/release-seat", &json!({"reservationToken": hold.token})).await.expect(200);
    }
    ann.hold(&[&seat]).await;
}
