//! What a process sends to MongoDB: read and write concerns, time limits, the order and number of
//! commands, and the number of connections.

mod concerns;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use chrono::Utc;
use futures_util::future::join_all;
use mongodb::bson::Document;
use redis::AsyncCommands as _;
use serde_json::Value;

use self::concerns::{assert_one_transaction, assert_safe};
use super::{
    BUDGET, FaultRig, WAIT_TIMEOUT, fault_slot, held, repeat_while_unavailable, shared_server,
    to_confirm, to_release, to_reserve,
};
use crate::support::{
    expiry::end_hold,
    invariants,
    mongodb_wire::{Command, commands},
    payment,
    people::{Hold, User},
    poll::eventually,
    proxy::{Action, Mode},
    redis_log::went_without_redis,
    reply::Reply,
    runtime_api::{Environment, Event},
    unique,
};

/// A test cannot wait for the absence of a command. An unwanted one would come within this time.
const QUIET: Duration = Duration::from_millis(300);
/// At most this many attempts, while a busy machine keeps Redis from answering in time.
const ATTEMPTS: usize = 5;

fn get(user: &User, target: &str) -> Event {
    Event::of(user, "GET", target, &Value::Null)
}

/// Makes a call and records its commands to MongoDB. Fails if one comes after the response.
async fn watched(rig: &FaultRig, process: &Environment, event: &Event) -> (Reply, Vec<Command>) {
    rig.mongodb.record();
    let reply = process.call(event, BUDGET).await;
    let asked = commands(&rig.mongodb.requests());
    tokio::time::sleep(QUIET).await;
    let later = commands(&rig.mongodb.requests()).split_off(asked.len());
    assert!(later.is_empty(), "commands after the response: {later:?}");
    asked.iter().for_each(assert_safe);
    (reply, asked)
}

/// Names and collections of commands. Reads of the app and the user are left out: they
/// come every few seconds.
fn names(asked: &[Command]) -> Vec<String> {
    let booking = asked.iter().filter(|command| !matches!(command.collection(), "apps" | "users"));
    booking
        .map(|command| format!("{} {}", command.name(), command.collection()).trim_end().to_owned())
        .collect()
}

#[tokio::test]
async fn holds_releases_and_listings_use_a_majority_and_send_nothing_after_their_response() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(2).await;
    let (reserve, release, list, mine, bookings) = tokio::join!(
        rig.start("reserve"),
        rig.start("release"),
        rig.start("list-seats"),
        rig.start("list-reservations"),
        rig.start("list-bookings")
    );
    let seats: Vec<&str> = rig.seats.iter().map(String::as_str).collect();
    let mut attempts = 0;
    let hold = loop {
        let since = Utc::now();
        let (reply, asked) = watched(&rig, &reserve, &to_reserve(&rig.ann, &seats)).await;
        reply.expect(201);
        let hold = Hold::of(&reply);
        attempts += 1;
        // Without Redis, MongoDB is asked more.
        if !went_without_redis(&reserve.log(), since) || attempts == ATTEMPTS {
            assert_eq!(
                names(&asked),
                ["aggregate seats", "findAndModify reservations", "find reservations"]
            );
            break hold;
        }
        release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
    };

    // The hold in the response comes from a majority read, not from the local read that found it.
    let (reply, asked) = watched(&rig, &reserve, &to_reserve(&rig.ann, &seats)).await;
    assert_eq!((reply.status, Hold::of(&reply)), (200, hold.clone()));
    let last_read = asked
        .iter()
        .rfind(|c| c.body.get_document("filter").is_ok_and(|f| f.contains_key("reservationToken")));
    assert_eq!(
        last_read.and_then(|command| command.concern("readConcern")),
        Some("majority"),
        "{asked:?}"
    );

    for (process, target) in [
        (&list, format!("/seats?entityId={}", rig.tenant.entity)),
        (&mine, "/reservations".to_owned()),
        (&bookings, "/bookings".to_owned()),
    ] {
        let (reply, asked) = watched(&rig, process, &get(&rig.ann, &target)).await;
        reply.expect(200);
        assert!(names(&asked).iter().all(|name| name.starts_with("find ")), "{target}: {asked:?}");
        assert!(!names(&asked).is_empty());
    }
    for again in [false, true] {
        let (reply, asked) = watched(&rig, &release, &to_release(&rig.ann, &hold)).await;
        reply.expect(200);
        let expected = ["findAndModify reservations", "find reservations"];
        assert_eq!(names(&asked), expected[..1 + usize::from(again)]);
    }
    invariants::check(&rig.tenant).await;
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_sale_a_declined_payment_and_a_late_payment_are_each_written_in_one_transaction() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(3).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    let (reply, asked) = watched(&rig, &confirm, &event).await;
    reply.expect(201);
    let sale =
        ["findAndModify reservations", "update seats", "insert bookings", "commitTransaction"];
    assert_eq!(names(&asked), [&["find reservations"], &sale[..]].concat());
    assert_one_transaction(&asked);
    let (reply, asked) = watched(&rig, &confirm, &event).await;
    reply.expect(200);
    assert_eq!(names(&asked), ["find reservations", "find bookings"]);

    let record = ["findAndModify reservations", "insert bookings", "commitTransaction"];
    let hold = held(&reserve, &rig.ann, &[&rig.seats[1]]).await;
    let (reply, asked) =
        watched(&rig, &confirm, &to_confirm(&rig.ann, &hold, &unique("pay_fail"))).await;
    reply.error(402, "PAYMENT_FAILED");
    // A payment whose money has gone back looks like a declined one.
    assert_eq!(names(&asked), [&["find reservations", "find bookings"], &record[..]].concat());
    assert_one_transaction(&asked);

    let hold = held(&reserve, &rig.ann, &[&rig.seats[2]]).await;
    end_hold(&rig.tenant, &hold).await;
    let late = payment();
    let (reply, asked) = watched(&rig, &confirm, &to_confirm(&rig.ann, &hold, &late)).await;
    assert_eq!(reply.error(410, "RESERVATION_EXPIRED")["details"]["refundDue"], true, "{reply}");
    let due =
        ["findAndModify reservations", "insert bookings", "insert refunds", "commitTransaction"];
    assert_eq!(names(&asked), [&["find reservations"], &due[..]].concat());
    assert_one_transaction(&asked);
    let books = invariants::check(&rig.tenant).await;
    invariants::money_is_accounted_for(&books, &[paid, late]);
}

#[tokio::test]
async fn sweeps_and_idempotency_keys_are_written_for_a_majority() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(2).await;
    // Redis has seen every lock for longer than a lock lasts.
    let mut redis = rig.tenant.stack.redis().await;
    let () = redis.set(format!("seat:known:{{{}}}", rig.tenant.app_id), 1).await.expect("SET");
    let (reserve, sweep) = tokio::join!(rig.start("reserve"), rig.start("expire-reservations"));
    let event = to_reserve(&rig.ann, &[&rig.seats[0]]).key(&unique("key"));
    let (reply, asked) = watched(&rig, &reserve, &event).await;
    reply.expect(201);
    let hold = Hold::of(&reply);
    let key = "findAndModify idempotency_keys";
    let (first, last) = (names(&asked).first().cloned(), names(&asked).last().cloned());
    assert_eq!((first.as_deref(), last.as_deref()), (Some(key), Some(key)));

    end_hold(&rig.tenant, &hold).await;
    rig.mongodb.record();
    let swept = sweep.invoke(&Event::scheduled(), BUDGET).value().await;
    assert!(swept["expired"].as_u64().is_some_and(|count| count >= 1), "{swept}");
    let asked = commands(&rig.mongodb.requests());
    asked.iter().for_each(assert_safe);
    let mut swept = names(&asked);
    // Holds that were kept for a payment come first, one by one. There is none.
    assert_eq!(swept.remove(0), "findAndModify reservations");
    assert_eq!(
        swept.first().map(String::as_str),
        Some("aggregate"),
        "orphaned transactions are searched for before the batches"
    );
    swept.retain(|name| !matches!(name.as_str(), "aggregate" | "killSessions"));
    assert_eq!(swept[..2], ["find reservations", "update reservations"]);
    assert_eq!(invariants::check(&rig.tenant).await.count("EXPIRED"), 1);

    // A conflicting hold that has run out is marked as expired by the same call.
    let hold = held(&reserve, &rig.ann, &[&rig.seats[1]]).await;
    end_hold(&rig.tenant, &hold).await;
    let (reply, asked) = watched(&rig, &reserve, &to_reserve(&rig.bob, &[&rig.seats[1]])).await;
    reply.expect(201);
    let write = "findAndModify reservations";
    // The hold, the conflicting hold, no other conflict, the hold again. Redis knows how many seats
    // the user holds.
    assert_eq!(names(&asked), ["aggregate seats", write, write, write, write]);
    assert_eq!(invariants::check(&rig.tenant).await.count("EXPIRED"), 2);
}

#[tokio::test]
async fn a_crowd_opens_no_more_connections_than_the_pool_may_hold() {
    const POOL: usize = 3;
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(16).await;
    rig.set("AWS_LAMBDA_MAX_CONCURRENCY", "16");
    rig.set("MONGODB_MAX_POOL_SIZE", POOL.to_string());
    let reserve = rig.start("reserve").await;
    rig.mongodb.record();
    let calls = rig.seats.iter().map(|seat| to_reserve(&rig.ann, &[seat]));
    let events: Vec<Event> = calls.collect();
    // Writes wait until each connection of the pool has one, so that all are in use at once.
    let trap = rig.mongodb.trap("findAndModify", Action::Hold, POOL);
    let full = async {
        let waits = || async { (trap.count() == POOL).then_some(()) };
        eventually("every connection of the pool has a write", BUDGET, waits).await;
        drop(trap);
    };
    let calls = join_all(events.iter().map(|event| reserve.call(event, BUDGET)));
    let (replies, ()) = tokio::join!(calls, full);
    for reply in replies {
        reply.expect(201);
    }
    let used: BTreeSet<usize> =
        commands(&rig.mongodb.requests()).iter().map(|command| command.connection).collect();
    assert_eq!(used.len(), POOL, "all of the pool is used, and no more");
    // Beside the pool's connections, there are two that monitor the server: its state, and its
    // round-trip time.
    let all = rig.mongodb.connections();
    assert!((POOL + 1..=POOL + 2).contains(&all), "{all} connections");
    assert_eq!(invariants::check(&rig.tenant).await.live().len(), 16);
}

#[tokio::test]
async fn a_long_invocation_does_not_wait_to_its_end_for_a_mongodb_out_of_reach() {
    let _slot = fault_slot().await;
    // A refused connection is given up when no server can be selected. A silent one is given up
    // after a missed heartbeat.
    tokio::join!(out_of_reach(Mode::Refuse), out_of_reach(Mode::Pause));
}

/// While MongoDB is in this `mode`, calls with almost half a minute get a response long before
/// that. They succeed once MongoDB is back.
async fn out_of_reach(mode: Mode) {
    let rig = FaultRig::new(2).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let calls = [
        (&reserve, to_reserve(&rig.ann, &[&rig.seats[1]])),
        (&confirm, to_confirm(&rig.ann, &hold, &paid)),
    ];
    rig.mongodb.set_mode(mode);
    let begun = Instant::now();
    let long = Duration::from_secs(29);
    for reply in join_all(calls.iter().map(|(process, event)| process.call(event, long))).await {
        reply.error(503, "SERVICE_UNAVAILABLE");
    }
    assert!(begun.elapsed() < long * 3 / 4, "{mode:?}: {:?}", begun.elapsed());
    // By now the process cannot know whether the app has changed. Its pages may still read the
    // response.
    let [(reserve, event), _] = &calls;
    let reply = reserve.call(event, BUDGET).await;
    reply.error(503, "SERVICE_UNAVAILABLE");
    let origin = reply.header("access-control-allow-origin");
    assert_eq!(origin, Some(rig.tenant.origin.as_str()), "{reply}");
    rig.mongodb.set_mode(Mode::Pass);
    for (process, event) in &calls {
        let reply = repeat_while_unavailable(process, event).await;
        assert!(matches!(reply.status, 200 | 201), "{mode:?}: {reply}");
    }
    let books = invariants::check(&rig.tenant).await;
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn a_hold_released_before_its_reserve_returned_stays_released_when_the_write_is_repeated() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let apart = rig.apart(shared_server().await.1.members[0].port).await;
    let (reserve, release, confirm) =
        tokio::join!(apart.start("reserve"), rig.start("release"), rig.start("confirm"));
    let seat = rig.seats[0].as_str();
    // The hold is written and the response is on its way. The user sees the hold in another tab and
    // releases it.
    let mut trap = apart.mongodb.trap("findAndModify", Action::HoldReply, 1);
    apart.mongodb.record();
    let first = reserve.invoke(&to_reserve(&rig.ann, &[seat]), BUDGET);
    trap.sprung().await;
    let written = invariants::check(&rig.tenant).await;
    let token = written.live().first().copied().expect("it is written").to_owned();
    let hold = Hold { token, seats: vec![seat.to_owned()] };
    release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
    let released = invariants::check(&rig.tenant).await;
    // The response is lost, and the driver sends the write again.
    apart.mongodb.cut();
    let repeated = || async {
        let asked = commands(&apart.mongodb.requests());
        (asked.iter().filter(|command| command.name() == "findAndModify").count() == 2)
            .then_some(())
    };
    eventually("the write comes once more", WAIT_TIMEOUT, repeated).await;
    drop(trap);
    let late = first.reply().await;
    if late.status == 201 {
        assert_eq!(Hold::of(&late), hold, "the response describes the released hold");
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.reservations, released.reservations, "nothing was revived, extended or added");
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
    confirm
        .call(&to_confirm(&rig.ann, &hold, &unique("pay_fail")), BUDGET)
        .await
        .error(409, "RESERVATION_RELEASED");
}

#[tokio::test]
async fn the_command_that_wrote_a_hold_revives_and_extends_nothing_when_it_comes_once_more() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(2).await;
    let (reserve, release) = tokio::join!(rig.start("reserve"), rig.start("release"));
    let database = rig.tenant.stack.database().await;
    rig.mongodb.record();
    let kept = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let given = held(&reserve, &rig.bob, &[&rig.seats[1]]).await;
    release.call(&to_release(&rig.bob, &given), BUDGET).await.expect(200);
    let before = invariants::check(&rig.tenant).await;
    // Sent as new commands: the server would recognise the driver's own retry.
    let of_session = ["lsid", "txnNumber", "$clusterTime", "$db"];
    let writes: Vec<Document> = commands(&rig.mongodb.requests())
        .into_iter()
        .filter(|command| command.flag("upsert") == Some(true))
        .map(|command| {
            command
                .body
                .into_iter()
                .filter(|(name, _)| !of_session.contains(&name.as_str()))
                .collect()
        })
        .collect();
    assert_eq!(writes.len(), 2);
    for write in &writes {
        database.run_command(write.clone()).await.expect("it is taken");
    }
    assert_eq!(invariants::check(&rig.tenant).await.reservations, before.reservations);
    // The same after the kept hold has run out and was marked as expired.
    end_hold(&rig.tenant, &kept).await;
    release.call(&to_release(&rig.ann, &kept), BUDGET).await.error(410, "RESERVATION_EXPIRED");
    let before = invariants::check(&rig.tenant).await;
    for write in &writes {
        database.run_command(write.clone()).await.expect("it is taken");
    }
    assert_eq!(invariants::check(&rig.tenant).await.reservations, before.reservations);
}
