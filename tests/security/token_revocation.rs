//! Tokens that end early, because the user was deleted or has ended all sessions.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use redis::AsyncCommands as _;
use serde_json::{Value, json};

use super::sign_ins::{ground, login, process};
use crate::support::{
    WAIT_TIMEOUT,
    people::User,
    poll::eventually,
    runtime_api::{Environment, Event},
    stacks::Stack,
    tokens,
};

const BUDGET: Duration = Duration::from_secs(25);
/// How long a process uses a user's token cutoff that it, or another process, has read.
const CUTOFF_TTL: Duration = Duration::from_secs(5);

fn listing(user: &User) -> Event {
    Event::of(user, "GET", "/bookings", &Value::Null)
}

async fn change_user(user: &User, change: Document) {
    let users = user.tenant.stack.database().await.collection::<Document>("users");
    let id = ObjectId::parse_str(&user.user_id).unwrap();
    assert_eq!(users.update_one(doc! {"_id": id}, change).await.unwrap().modified_count, 1);
}

/// The token ends in this process: no request sent later than `CUTOFF_TTL` after
/// the change is served.
async fn refused_in_time(process: &Environment, user: &User) {
    let changed = Instant::now();
    let refused = || async {
        let sent = changed.elapsed();
        let reply = process.call(&listing(user), BUDGET).await;
        assert!(reply.status != 200 || sent < CUTOFF_TTL, "served when sent after {sent:?}");
        (reply.status != 200).then_some(reply)
    };
    let reply = eventually("the token ends", WAIT_TIMEOUT, refused).await;
    reply.error(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn tokens_older_than_the_users_cutoff_end_within_seconds() {
    let stack = ground().await;
    let tenant = stack.tenant().await;
    let (user, other) = (tenant.user().await, tenant.user().await);
    let (warm, sign_in) =
        tokio::join!(process(&stack, "list-bookings", &[]), process(&stack, "login", &[]));
    warm.call(&listing(&user), BUDGET).await.expect(200);
    // The second after the token's: a token has no finer time than a second.
    let issued = tokens::claims(&user.token)["iat"].as_i64().unwrap();
    let next = || async { (chrono::Utc::now().timestamp() > issued).then_some(()) };
    eventually("the second is over", WAIT_TIMEOUT, next).await;
    change_user(&user, doc! {"$currentDate": {"tokensValidAfter": true}}).await;
    refused_in_time(&warm, &user).await;
    process(&stack, "list-bookings", &[])
        .await
        .call(&listing(&user), BUDGET)
        .await
        .error(401, "UNAUTHENTICATED");
    // The user can sign in again, and other users are not affected.
    let reply =
        sign_in.call(&login(&tenant, &user.email, &user.password, "198.51.100.9"), BUDGET).await;
    let token = reply.expect(200)["token"].as_str().unwrap().to_owned();
    warm.call(&listing(&User { token, ..user.clone() }), BUDGET).await.expect(200);
    warm.call(&listing(&other), BUDGET).await.expect(200);
    // The validator of `migrate` refuses a value that is no time.
    let users = stack.database().await.collection::<Document>("users");
    let wrong = doc! {"$set": {"tokensValidAfter": "2026-01-01"}};
    assert!(users.update_one(doc! {"email": &user.email}, wrong).await.is_err());
}

#[tokio::test]
async fn a_token_of_the_very_second_holds_and_one_of_the_second_before_does_not() {
    let stack = ground().await;
    let user = stack.tenant().await.user().await;
    let issued = tokens::claims(&user.token)["iat"].as_i64().unwrap();
    for (ms, status) in [(issued * 1000 + 999, 200), ((issued + 1) * 1000, 401)] {
        change_user(&user, doc! {"$set": {"tokensValidAfter": DateTime::from_millis(ms)}}).await;
        // The cutoff that the first process shared would be valid for five seconds.
        forget(&stack, &user).await;
        let fresh = process(&stack, "list-bookings", &[]).await;
        assert_eq!(fresh.call(&listing(&user), BUDGET).await.status, status, "{ms} of {issued}");
    }
}

#[tokio::test]
async fn a_deleted_users_tokens_end_within_seconds_on_whatever_they_ask() {
    let stack = ground().await;
    let user = stack.tenant().await.user().await;
    let warm = process(&stack, "list-bookings", &[]).await;
    warm.call(&listing(&user), BUDGET).await.expect(200);
    let users = stack.database().await.collection::<Document>("users");
    users.delete_one(doc! {"email": &user.email}).await.unwrap();
    refused_in_time(&warm, &user).await;
    let reserve = process(&stack, "reserve", &[]).await;
    let seat = json!({"seatId": "507f1f77bcf86cd799439011"});
    reserve
        .call(&Event::of(&user, "POST", "/reserve-seat", &seat), BUDGET)
        .await
        .error(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_users_token_cutoff_is_read_once_in_five_seconds_and_never_for_a_refused_request() {
    let stack = ground().await;
    let user = stack.tenant().await.user().await;
    let database = stack.database().await;
    let asked = async || {
        let filter = doc! {
            "ns": format!("{}.users", database.name()),
            "command.filter._id": ObjectId::parse_str(&user.user_id).unwrap(),
        };
        database.collection::<Document>("system.profile").count_documents(filter).await.unwrap()
    };
    database.run_command(doc! {"profile": 2}).await.unwrap();
    let limited = process(&stack, "confirm", &[("RATE_LIMIT_CONFIRM", "3/86400")]).await;
    let body =
        json!({"reservationToken": "00000000-0000-4000-8000-000000000000", "paymentId": "pay_1"});
    let confirm = Event::of(&user, "POST", "/confirm-booking", &body);
    let began = Instant::now();
    for _ in 0..3 {
        limited.call(&confirm, BUDGET).await.error(404, "RESERVATION_NOT_FOUND");
    }
    let (reads, most) = (asked().await, 2 + began.elapsed().as_secs() / CUTOFF_TTL.as_secs());
    assert!((1..=most).contains(&reads), "read {reads} times in {:?}", began.elapsed());
    let fresh = process(&stack, "confirm", &[("RATE_LIMIT_CONFIRM", "3/86400")]).await;
    let before = asked().await;
    for process in [&limited, &fresh, &fresh] {
        process.call(&confirm, BUDGET).await.error(429, "RATE_LIMITED");
    }
    assert_eq!(asked().await, before);
    database.run_command(doc! {"profile": 0}).await.unwrap();
}

/// The Redis key in which processes share the user's token cutoff.
fn cutoff_key(user: &User) -> String {
    format!("user:standing:{{{}}}:{}", user.tenant.app_id, user.user_id)
}

async fn fresh(stack: &Stack) -> Environment {
    process(stack, "list-bookings", &[]).await
}

/// How long ago a record was read from MongoDB: it begins with that time.
fn age(record: &str) -> Duration {
    let read_at = record.split(' ').next().and_then(|ms| ms.parse().ok()).expect("a time");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    now.saturating_sub(Duration::from_millis(read_at))
}

async fn forget(stack: &Stack, user: &User) {
    let _: i64 = stack.redis().await.del(cutoff_key(user)).await.unwrap();
}

#[tokio::test]
async fn what_one_process_has_read_of_a_user_the_next_believes_for_five_seconds_if_it_is_signed() {
    let stack = ground().await;
    let tenant = stack.tenant().await;
    let (first, second) = (fresh(&stack).await, fresh(&stack).await);
    let mut redis = stack.redis().await;
    let other = tenant.user().await;
    first.call(&listing(&other), BUDGET).await.expect(200);
    let others: String = redis.get(cutoff_key(&other)).await.unwrap();
    // The record's age shows whether the second process was called in time. If the machine was too
    // slow, the test starts again with another user.
    let (user, record) = loop {
        let user = tenant.user().await;
        first.call(&listing(&user), BUDGET).await.expect(200);
        let record: String = redis.get(cutoff_key(&user)).await.unwrap();
        let later = doc! {"$set": {"tokensValidAfter": DateTime::from_millis(i64::MAX / 2)}};
        change_user(&user, later).await;
        let reply = second.call(&listing(&user), BUDGET).await;
        if age(&record) < CUTOFF_TTL {
            reply.expect(200);
            break (user, record);
        }
    };
    let status = async || fresh(&stack).await.call(&listing(&user), BUDGET).await.status;
    // Somebody who can write to Redis may store other records.
    let (read_at, rest) = record.split_once(' ').unwrap();
    let younger = format!("{} {rest}", read_at.parse::<u64>().unwrap() + 1);
    for forged in
        [others.as_str(), &younger, "", "0 - -", "99999999999999 - x", &record.to_uppercase()]
    {
        let () = redis.set(cutoff_key(&user), forged).await.unwrap();
        assert_eq!(status().await, 401, "{forged:?} was believed");
    }
    // Our record is ignored once it is five seconds old, even if Redis still has it.
    let () = redis.set(cutoff_key(&user), &record).await.unwrap();
    tokio::time::sleep(CUTOFF_TTL.saturating_sub(age(&record))).await;
    assert_eq!(status().await, 401);
}
