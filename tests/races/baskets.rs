//! Overlapping baskets: one user gets a whole basket, and the others get none of their seats.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use mongodb::bson::{Document, doc};
use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{
    invariants, payment,
    people::{Hold, Tenant},
    reply::{Reply, strings},
    stacks,
};

#[tokio::test]
async fn of_overlapping_baskets_one_wins_whole_and_nothing_is_left_over() {
    let tenant = stacks::usual().await.tenant().await;
    let users = tenant.users(6).await;
    for round in 0..5 {
        let entity = format!("round-{round}");
        let seats = tenant.seats_in(&entity, &["A1", "A2", "A3", "A4"]).await;
        // Every two of these baskets share a seat, so at most one can be held.
        let baskets = [[0, 1, 2], [2, 1, 0], [1, 2, 3], [3, 2, 1], [0, 1, 3], [3, 2, 0]];
        let attempts = users.iter().zip(baskets).map(|(user, basket)| {
            let basket = basket.map(|n: usize| seats[n].as_str());
            async move { user.reserve(&basket).await }
        });
        let replies: Vec<Reply> = join_all(attempts).await;
        let won: Vec<&Reply> = replies.iter().filter(|r| r.status == 201).collect();
        for reply in replies.iter().filter(|r| r.status != 201) {
            reply.error(409, "SEAT_ALREADY_LOCKED");
        }
        assert!(won.len() <= 1, "two overlapping baskets are held");
        let books = invariants::check(&tenant).await;
        let live: Vec<String> = won.iter().map(|r| Hold::of(r).token).collect();
        let held: BTreeSet<&str> = live.iter().map(String::as_str).collect();
        assert_eq!(books.live(), held, "a loser left a claim");
        let locked: Vec<String> =
            won.iter().flat_map(|r| strings(&r.body["data"]["seatIds"])).collect();
        invariants::no_locks_left_but(
            &tenant,
            &locked.iter().map(String::as_str).collect::<Vec<_>>(),
        )
        .await;
        for (user, reply) in users.iter().zip(&replies) {
            if reply.status == 201 {
                user.release(&Hold::of(reply)).await.expect(200);
            }
        }
        // No lock was left over: one user can hold the whole row.
        let row: Vec<&str> = seats.iter().map(String::as_str).collect();
        let hold = users[0].hold(&row).await;
        users[0].release(&hold).await.expect(200);
    }
}

#[tokio::test]
async fn of_overlapping_pairs_of_seats_exactly_one_is_held() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let users = tenant.users(8).await;
    let baskets = [[0, 1], [1, 2], [2, 0], [1, 0], [2, 1], [0, 2], [0, 1], [1, 2]];
    let attempts = users.iter().zip(baskets).map(|(user, basket)| {
        let basket = basket.map(|n: usize| seats[n].as_str());
        async move { user.reserve(&basket).await }
    });
    let replies: Vec<Reply> = join_all(attempts).await;
    let won = replies.iter().filter(|r| r.status == 201).count();
    assert_eq!(won, 1, "the gate takes all or none, in one step");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn twelve_baskets_of_one_user_at_once_stay_within_the_limit() {
    twelve_baskets(&stacks::limited().await.tenant().await).await;
}

#[tokio::test]
async fn twelve_baskets_of_one_user_at_once_stay_within_the_limit_that_redis_counts() {
    let tenant = stacks::limited().await.tenant().await;
    let_redis_know_every_hold(&tenant).await;
    twelve_baskets(&tenant).await;
}

#[tokio::test]
async fn a_hold_that_becomes_visible_after_a_younger_one_does_not_pass_a_limit() {
    let mut of_two = stacks::usual().await.tenant().await;
    of_two.entity = of_two.new_entity("two-each", &json!({"maxSeatsPerUser": 2})).await;
    let of_four = stacks::limited().await.tenant().await;
    let limits =
        [(of_two, 2, (409, "SEAT_LIMIT_REACHED")), (of_four, 4, (429, "HOLD_LIMIT_REACHED"))];
    for (tenant, limit, (status, code)) in limits {
        let seats = tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
        let user = tenant.user().await;
        let held: Vec<&str> = seats[..limit].iter().map(String::as_str).collect();
        user.hold(&held).await;
        // As if this hold had been created after the next one, but written before it.
        let holds = tenant.stack.database().await.collection::<Document>("reservations");
        let later = vec![doc! {"$set": {"createdAt": {"$add": ["$createdAt", 60_000]}}}];
        holds.update_many(doc! {"appId": tenant.app_id.as_str()}, later).await.unwrap();
        user.reserve(&[&seats[4]]).await.error(status, code);
        assert_eq!(invariants::check(&tenant).await.live().len(), 1);
    }
}

#[tokio::test]
async fn a_hold_that_redis_has_forgotten_counts() {
    let tenant = stacks::limited().await.tenant().await;
    let_redis_know_every_hold(&tenant).await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
    let user = tenant.user().await;
    user.hold(&[&seats[0], &seats[1], &seats[2], &seats[3]]).await;
    user.reserve(&[&seats[4]]).await.error(429, "HOLD_LIMIT_REACHED");
    // Redis loses all keys of the app, as in a failover to an empty server.
    let mut redis = tenant.stack.redis().await;
    let of_the_app: Vec<String> =
        redis.keys(format!("seat:*{{{}}}*", tenant.app_id)).await.unwrap();
    assert!(of_the_app.len() >= 6, "{of_the_app:?}");
    let _: i64 = redis.del(of_the_app).await.unwrap();
    for _ in 0..2 {
        user.reserve(&[&seats[4]]).await.error(429, "HOLD_LIMIT_REACHED");
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn seats_that_were_given_back_or_bought_do_not_count() {
    let tenant = stacks::limited().await.tenant().await;
    let_redis_know_every_hold(&tenant).await;
    let numbers: Vec<String> = (1..=16).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let user = tenant.user().await;
    for (round, four) in seats.chunks(4).enumerate() {
        let hold = user.hold(&[&four[0], &four[1], &four[2], &four[3]]).await;
        if round % 2 == 0 {
            user.release(&hold).await.expect(200);
        } else {
            user.confirm(&hold, &payment()).await.expect(201);
        }
    }
    invariants::check(&tenant).await;
}

/// Makes Redis look as if it had run for longer than a hold lasts.
async fn let_redis_know_every_hold(tenant: &Tenant) {
    let mut redis = tenant.stack.redis().await;
    let () = redis.set(format!("seat:known:{{{}}}", tenant.app_id), 1).await.unwrap();
}

async fn twelve_baskets(tenant: &Tenant) {
    let numbers: Vec<String> = (1..=24).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let baskets: Vec<[&str; 2]> =
        seats.chunks(2).map(|pair| [pair[0].as_str(), pair[1].as_str()]).collect();
    let replies = join_all(baskets.iter().map(|basket| ann.reserve(basket))).await;
    let mut won: Vec<[&str; 2]> = Vec::new();
    for (basket, reply) in baskets.iter().zip(&replies) {
        match reply.status {
            201 => won.push(*basket),
            _ => drop(reply.error(429, "HOLD_LIMIT_REACHED")),
        }
    }
    // Holds count in the order of creation, so the oldest two always stay.
    assert_eq!(won.len(), 2, "of a limit of four, two baskets of two");
    let books = invariants::check(tenant).await;
    assert_eq!(books.live().len(), 2);
    invariants::no_locks_left_but(tenant, &won.concat()).await;
    // Seats of an undone hold are free at once.
    let free: Vec<&[&str; 2]> = baskets.iter().filter(|b| !won.contains(b)).collect();
    bob.hold(free[0]).await;
    bob.hold(free[1]).await;
    invariants::check(tenant).await;
}
