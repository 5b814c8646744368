//! Cached pages of a listing. Every later request sees a change to a seat at once, in every
//! process. A change that Redis missed is visible after a second.
//!
//! On a busy machine Redis may respond too late for a function, which goes on without it and says
//! so in its log.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use mongodb::bson::{Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::support::{
    payment,
    people::{Hold, PRICE, User},
    poll::eventually,
    redis_log::went_without_redis,
    runtime_api::{Environment, Event},
    servers::redis_command,
    stacks::{self, Stack},
};

const BUDGET: Duration = Duration::from_secs(25);

/// How soon a line of a process is in its log.
const LOGGED: Duration = Duration::from_secs(5);

/// How long a page is served if its version does not change.
const PAGE_TTL: Duration = Duration::from_secs(1);

async fn process(stack: &Stack, function: &str) -> Environment {
    let mut settings: BTreeMap<String, String> = stack.credentials.env();
    settings.insert("MONGODB_URI".to_owned(), stack.mongodb_uri.clone());
    settings.insert("MONGODB_DATABASE".to_owned(), stack.database.clone());
    settings.insert("REDIS_URL".to_owned(), stack.redis_url.clone());
    for limit in ["RATE_LIMIT_APP", "RATE_LIMIT_READ"] {
        settings.insert(limit.to_owned(), "1000000/60".to_owned());
    }
    settings.insert("RATE_LIMIT_RESERVE".to_owned(), "1000000/60".to_owned());
    settings.insert("AWS_LAMBDA_MAX_CONCURRENCY".to_owned(), "32".to_owned());
    settings.insert("DEFAULT_PAYMENT_PROVIDER".to_owned(), "simulated".to_owned());
    settings.insert("AWS_LAMBDA_LOG_LEVEL".to_owned(), "debug".to_owned());
    Environment::start(function, &settings).await
}

/// A stack with its own Redis, which a test may change as it likes.
async fn with_own_redis(name: &'static str) -> Arc<Stack> {
    let plan = stacks::Plan {
        own_redis: true,
        functions: Some(stacks::BOOKING),
        ..stacks::Plan::new(name)
    };
    plan.unlimited().start().await
}

async fn list(process: &Environment, user: &User, query: &str) -> Vec<Value> {
    let target = format!("/seats?entityId={}{query}", user.tenant.entity);
    let reply = process.call(&Event::of(user, "GET", &target, &Value::Null), BUDGET).await;
    reply.expect(200)["seats"].as_array().unwrap().clone()
}

async fn hold(reserve: &Environment, user: &User, seat: &str) -> Hold {
    let event = Event::of(user, "POST", "/reserve-seat", &json!({"seatId": seat}));
    let reply = reserve.call(&event, BUDGET).await;
    reply.expect(201);
    Hold::of(&reply)
}

async fn free(process: &Environment, user: &User) -> Vec<String> {
    list(process, user, "")
        .await
        .iter()
        .map(|seat| seat["seatNumber"].as_str().unwrap().to_owned())
        .collect()
}

async fn state_of(process: &Environment, user: &User, number: &str) -> String {
    let seats = list(process, user, "&include=all").await;
    let seat = seats.iter().find(|seat| seat["seatNumber"] == number).unwrap();
    seat["status"].as_str().unwrap().to_owned()
}

/// Waits until a listing shows a change that was made after `since`. The first listing must show
/// it, unless a busy machine kept one of these processes from Redis: then a page may be a second
/// old.
async fn assert_shows<T: PartialEq + Debug>(
    processes: &[&Environment],
    since: DateTime<Utc>,
    expected: T,
    read: impl AsyncFn() -> T,
) {
    let shown = read().await;
    if shown == expected {
        return;
    }
    let without_redis = async || {
        let did_without = |process: &&Environment| went_without_redis(&process.log(), since);
        processes.iter().any(did_without).then_some(())
    };
    let what = format!("{shown:?} instead of {expected:?}, or a call that Redis missed");
    eventually(&what, LOGGED, without_redis).await;
    eventually(&what, 10 * PAGE_TTL, async || (read().await == expected).then_some(())).await;
}

#[tokio::test]
async fn every_later_listing_in_every_process_shows_a_change_to_a_seat() {
    let stack = stacks::usual().await;
    let (one, other) = (process(&stack, "list-seats").await, process(&stack, "list-seats").await);
    let (reserve, release, confirm, create) = tokio::join!(
        process(&stack, "reserve"),
        process(&stack, "release"),
        process(&stack, "confirm"),
        process(&stack, "create-seats")
    );
    let all = [&one, &other, &reserve, &release, &confirm, &create];
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let both = || async {
        for process in [&one, &other] {
            for user in [&ann, &bob] {
                let _ = (free(process, user).await, state_of(process, user, "A1").await);
            }
        }
    };
    for _ in 0..5 {
        both().await;
        let since = Utc::now();
        let held = hold(&reserve, &ann, &seats[0]).await;
        for process in [&one, &other] {
            assert_shows(&all, since, vec!["A2".to_owned()], async || free(process, &bob).await)
                .await;
            assert_shows(&all, since, "LOCKED".to_owned(), async || {
                state_of(process, &bob, "A1").await
            })
            .await;
            let map = list(process, &ann, "&include=all").await;
            assert_eq!(map[0]["mine"], true, "another's page is not mine: {map:?}");
        }
        let since = Utc::now();
        let body = json!({"reservationToken": held.token});
        let event = Event::of(&ann, "POST", "/release-seat", &body);
        release.call(&event, BUDGET).await.expect(200);
        for process in [&one, &other] {
            let both = vec!["A1".to_owned(), "A2".to_owned()];
            assert_shows(&all, since, both, async || free(process, &bob).await).await;
            assert_shows(&all, since, "AVAILABLE".to_owned(), async || {
                state_of(process, &bob, "A1").await
            })
            .await;
        }
    }
    both().await;
    let since = Utc::now();
    let held = hold(&reserve, &ann, &seats[0]).await;
    let body = json!({"reservationToken": held.token, "paymentId": payment()});
    let event = Event::of(&ann, "POST", "/confirm-booking", &body);
    confirm.call(&event, BUDGET).await.expect(201);
    for process in [&one, &other] {
        assert_shows(&all, since, vec!["A2".to_owned()], async || free(process, &ann).await).await;
        assert_shows(&all, since, "BOOKED".to_owned(), async || {
            state_of(process, &ann, "A1").await
        })
        .await;
    }
    both().await;
    let since = Utc::now();
    let seats = [json!({"seatNumber": "A3", "price": PRICE})];
    let body = json!({
        "appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR", "seats": seats,
    });
    let event = Event::by_admin(&stack.admin().await, "POST", "/admin/seats", &body);
    create.call(&event, BUDGET).await.expect(201);
    for process in [&one, &other] {
        let both = vec!["A2".to_owned(), "A3".to_owned()];
        assert_shows(&all, since, both, async || free(process, &ann).await).await;
    }
}

#[tokio::test]
async fn a_listing_shows_a_hold_that_has_run_out_although_no_version_changed() {
    const HOLD_TTL: Duration = Duration::from_secs(2);
    let stack = stacks::short().await;
    let process = process(&stack, "list-seats").await;
    let tenant = stack.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let before = Instant::now();
    user.hold(&[&seat]).await;
    let held = Instant::now();
    // The test lists all the time, so that there is always a page that was just read.
    loop {
        let sent = held.elapsed();
        if !free(&process, &user).await.is_empty() {
            break;
        }
        assert!(sent < HOLD_TTL + PAGE_TTL, "still held in a listing of {sent:?} after the hold");
    }
    assert!(before.elapsed() >= HOLD_TTL, "free after {:?}", before.elapsed());
}

#[tokio::test]
async fn a_page_is_not_read_again_while_nothing_happens_and_never_used_for_more_than_a_second() {
    let stack = stacks::usual().await;
    let process = process(&stack, "list-seats").await;
    let tenant = stack.tenant().await;
    let numbers: Vec<String> = (1..=30).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let user = tenant.user().await;
    let database = stack.database().await;
    let (mut unseen, mut longest) = (0, Duration::ZERO);
    for (round, seat) in seats.iter().enumerate() {
        // On a slow machine a page may have ended before it could be used again: then there are
        // more rounds.
        if round >= 3 && unseen > 0 {
            break;
        }
        let before = free(&process, &user).await;
        assert_eq!(before.len(), seats.len() - round);
        // A change that bypasses the functions: the version stays the same.
        let sold = doc! {"$set": {"status": "BOOKED"}};
        let id = ObjectId::parse_str(seat).unwrap();
        database.collection::<Document>("seats").update_one(doc! {"_id": id}, sold).await.unwrap();
        let gone_at = Instant::now();
        loop {
            // A request is sent now and served a little later. The time of sending counts.
            let asked_at = gone_at.elapsed();
            if free(&process, &user).await.len() < before.len() {
                break;
            }
            unseen += 1;
            longest = longest.max(asked_at);
        }
    }
    assert!(unseen > 0, "no page was used again");
    assert!(longest <= PAGE_TTL, "a page was used after {longest:?}");
}

#[tokio::test]
async fn of_many_listings_at_once_none_shows_a_state_from_before_its_request() {
    let stack = stacks::usual().await;
    let (lists, reserve) = (process(&stack, "list-seats").await, process(&stack, "reserve").await);
    let tenant = stack.tenant().await;
    let numbers: Vec<String> = (1..=60).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let users = tenant.users(6).await;
    // Every user holds one seat after the other and lists right after each, all at the same time.
    let work = users.iter().zip(seats.chunks(10)).map(|(user, seats)| {
        let (lists, reserve) = (&lists, &reserve);
        async move {
            let mut held: Vec<&String> = Vec::new();
            for seat in seats {
                let since = Utc::now();
                hold(reserve, user, seat).await;
                held.push(seat);
                let listed_again = async || {
                    let mut listed = list(lists, user, "").await;
                    listed.retain(|row| held.iter().any(|id| row["seatId"] == **id));
                    listed
                };
                assert_shows(&[lists, reserve], since, Vec::new(), listed_again).await;
            }
        }
    });
    let since = Utc::now();
    join_all(work).await;
    assert_shows(&[&lists, &reserve], since, Vec::new(), async || {
        list(&lists, &users[0], "").await
    })
    .await;
}

#[tokio::test]
async fn without_redis_every_listing_is_read() {
    let stack = with_own_redis("pages").await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    assert_eq!(user.free_seats().await.len(), 2);
    stack.stop_redis().await;
    for left in [1, 0] {
        user.hold(&[&seats[left]]).await;
        assert_eq!(user.free_seats().await.len(), left);
    }
}

#[tokio::test]
async fn a_redis_that_forgot_makes_no_old_page_new() {
    let stack = with_own_redis("wiped").await;
    let process = process(&stack, "list-seats").await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    for (left, seat) in seats.iter().enumerate().rev() {
        assert_eq!(free(&process, &user).await.len(), left + 1);
        user.hold(&[seat]).await;
        stack.wipe_redis().await;
        assert_eq!(free(&process, &user).await.len(), left);
    }
}

#[tokio::test]
async fn a_redis_that_accepts_no_writes_does_not_report_unchanged_seats() {
    let stack = with_own_redis("no-writes").await;
    let process = process(&stack, "list-seats").await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let client = redis::Client::open(stack.redis_url.as_str()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let follower =
        (["REPLICAOF", "127.0.0.1", "1"].as_slice(), ["REPLICAOF", "NO", "ONE"].as_slice());
    let full = (
        ["CONFIG", "SET", "maxmemory", "1"].as_slice(),
        ["CONFIG", "SET", "maxmemory", "0"].as_slice(),
    );
    for (held, (seat, (stop, go_on))) in seats.iter().zip([follower, full]).enumerate() {
        assert_eq!(free(&process, &user).await.len(), seats.len() - held);
        redis_command(&mut redis, stop).await;
        user.hold(&[seat]).await;
        assert_eq!(free(&process, &user).await.len(), seats.len() - held - 1, "after {stop:?}");
        redis_command(&mut redis, go_on).await;
    }
}
