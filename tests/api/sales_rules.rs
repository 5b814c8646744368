//! What the settings of an entity mean for reserve: when it sells, how long a hold lasts, and how
//! many seats a user may have.

use redis::AsyncCommands as _;
use serde_json::json;

use super::entities::{in_seconds, patch, selling};
use crate::support::{
    WAIT_TIMEOUT, payment,
    people::Hold,
    poll::eventually,
    reply::{Reply, time},
};

#[tokio::test]
async fn outside_the_sale_nothing_new_is_held_and_what_is_held_can_be_bought() {
    let (tenant, seats) = selling(&json!({}), &["A1", "A2"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    let opens = in_seconds(3_600);
    for (change, code) in [
        (json!({"salesOpenAt": opens}), "SALES_NOT_OPEN"),
        (json!({"salesOpenAt": null, "salesCloseAt": in_seconds(-1)}), "SALES_CLOSED"),
        (json!({"state": "PAUSED", "salesCloseAt": null}), "SALES_PAUSED"),
    ] {
        patch(&tenant, &change).await.expect(200);
        let reply = user.reserve(&[&seats[1]]).await;
        let error = reply.error(409, code);
        if code == "SALES_NOT_OPEN" {
            assert_eq!(time(&error["details"]["opensAt"]), time(&json!(opens)));
        }
        let grow = json!({"reservationToken": hold.token, "seatIds": [seats[0], seats[1]]});
        user.post("/reserve-seat", &grow).await.error(409, code);
        // The caller's own hold is searched first, and the listing does not change.
        assert_eq!(Hold::of(&user.reserve(&[&seats[0]]).await), hold);
        assert_eq!(user.free_seats().await, [seats[1].clone()]);
    }
    user.confirm(&hold, &payment()).await.expect(201);
    // Calls that are refused before the sale count as no hold cycle.
    for _ in 0..12 {
        user.reserve(&[&seats[1]]).await.error(409, "SALES_PAUSED");
    }
    patch(&tenant, &json!({"state": "ON_SALE"})).await.expect(200);
    user.hold(&[&seats[1]]).await;
}

#[tokio::test]
async fn a_sale_opens_by_itself() {
    let (tenant, seats) = selling(&json!({"salesOpenAt": in_seconds(2)}), &["A1"]).await;
    let user = tenant.user().await;
    let held = || async {
        let reply = user.reserve(&[&seats[0]]).await;
        if reply.status == 201 {
            return Some(());
        }
        reply.error(409, "SALES_NOT_OPEN");
        None
    };
    eventually("the sale opens", WAIT_TIMEOUT, held).await;
}

#[tokio::test]
async fn a_hold_lasts_as_long_as_its_entity_says() {
    for seconds in [30_i64, 600] {
        let (tenant, seats) = selling(&json!({"holdSeconds": seconds}), &["A1"]).await;
        let user = tenant.user().await;
        let reply = user.reserve(&[&seats[0]]).await;
        let left = reply.expect(201)["expiresIn"].as_i64().unwrap();
        assert!((seconds - 10..=seconds).contains(&left), "{reply}");
        let key = format!("seat:lock:{{{}}}:{}", tenant.app_id, seats[0]);
        let mut redis = tenant.stack.redis().await;
        let ttl: i64 = redis.ttl(key).await.unwrap();
        assert!((seconds - 10..=seconds).contains(&ttl), "the lock ends in {ttl} s");
        let conflict = tenant.user().await.reserve(&[&seats[0]]).await;
        let left = conflict.error(409, "SEAT_ALREADY_LOCKED")["details"]["expiresIn"].clone();
        assert!((seconds - 10..=seconds).contains(&left.as_i64().unwrap()), "{conflict}");
    }
}

#[tokio::test]
async fn one_user_has_at_most_as_many_seats_as_the_entity_says_held_and_booked() {
    let (tenant, seats) = selling(&json!({"maxSeatsPerUser": 2}), &["A1", "A2", "A3", "A4"]).await;
    let (user, other) = (tenant.user().await, tenant.user().await);
    let refused = |reply: Reply| {
        assert_eq!(reply.error(409, "SEAT_LIMIT_REACHED")["details"]["limit"], 2, "{reply}");
    };
    refused(user.reserve(&[&seats[0], &seats[1], &seats[2]]).await);
    user.book(&[&seats[0]]).await;
    let hold = user.hold(&[&seats[1]]).await;
    refused(user.reserve(&[&seats[2]]).await);
    let grown = json!({"reservationToken": hold.token, "seatIds": [seats[1], seats[2]]});
    refused(user.post("/reserve-seat", &grown).await);
    // Nothing was held by the refused calls.
    other.hold(&[&seats[2]]).await;
    user.release(&hold).await.expect(200);
    user.hold(&[&seats[3]]).await;
    // A conflict is reported before the limit.
    user.reserve(&[&seats[2]]).await.error(409, "SEAT_ALREADY_LOCKED");
}

#[tokio::test]
async fn of_many_reserves_of_one_user_at_once_no_more_than_the_limit_stay() {
    let numbers = ["A1", "A2", "A3", "A4", "A5", "A6"];
    let (tenant, seats) = selling(&json!({"maxSeatsPerUser": 2}), &numbers).await;
    let user = tenant.user().await;
    let replies = futures_util::future::join_all(
        seats.iter().map(|seat| async { user.reserve(&[seat.as_str()]).await }),
    )
    .await;
    let held = replies.iter().filter(|reply| reply.status == 201).count();
    assert!(held <= 2, "{held} seats are held");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.error(409, "SEAT_LIMIT_REACHED");
    }
    assert_eq!(user.reservations().await.len(), held);
}
