//! A MongoDB that returns errors, or that the functions cannot reach.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use mongodb::bson::{Document, doc};
use tokio::sync::{Mutex, MutexGuard};

use super::{
    BUDGET, FaultRig, booking, fault_slot, held, repeat_while_unavailable, shared_server,
    to_confirm, to_release, to_reserve,
};
use crate::support::{
    invariants, payment,
    people::Hold,
    proxy::{Action, Mode},
};

/// The server's fail point `failCommand`. A server has only one. It is set for one app's name, and
/// dropping this turns it off.
pub(super) struct FailPoint {
    _alone: MutexGuard<'static, ()>,
    /// How often it had failed commands before this was set: the server counts from its start.
    before: AtomicI64,
}

fn times_hit(reply: &Document) -> i64 {
    reply.get_i64("count").or_else(|_| reply.get_i32("count").map(i64::from)).expect("a count")
}

impl FailPoint {
    pub(super) async fn alone() -> Self {
        static ONE_AT_A_TIME: LazyLock<Mutex<()>> = LazyLock::new(Mutex::default);
        Self { _alone: ONE_AT_A_TIME.lock().await, before: AtomicI64::new(0) }
    }

    /// Fails the next `times` commands of this name, if they come from the rig's functions.
    pub(super) async fn set(&self, rig: &FaultRig, command: &str, times: i32, failure: Document) {
        let mut data = doc! {"failCommands": [command], "appName": rig.name()};
        data.extend(failure);
        let command =
            doc! {"configureFailPoint": "failCommand", "mode": {"times": times}, "data": data};
        let reply = shared_server().await.1.admin(0, command).await.expect("the fail point is set");
        self.before.store(times_hit(&reply), Ordering::Relaxed);
    }

    /// Turns it off and returns how many commands it has failed.
    pub(super) async fn off(&self) -> i64 {
        let command = doc! {"configureFailPoint": "failCommand", "mode": "off"};
        let reply = shared_server().await.1.admin(0, command).await.expect("the fail point is off");
        times_hit(&reply) - self.before.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn a_commit_whose_reply_is_lost_returns_its_booking_and_so_does_the_repeat() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    let trap = rig.mongodb.trap("commitTransaction", Action::LoseReply, 1);
    let first = confirm.call(&event, BUDGET).await;
    first.expect(201);
    assert_eq!(trap.count(), 1);
    let again = confirm.call(&event, BUDGET).await;
    again.expect(200);
    assert_eq!(booking(&again), booking(&first));
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 1);
    invariants::money_is_accounted_for(&books, &[paid]);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_commit_whose_every_reply_is_lost_ends_by_the_deadline_and_the_repeat_finds_the_booking()
{
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    let trap = rig.mongodb.trap("commitTransaction", Action::LoseReply, usize::MAX);
    let first = confirm.call(&event, Duration::from_secs(3)).await;
    // The seat is sold. Either the last read saw it, or the outcome was unknown.
    if first.status == 503 {
        first.error(503, "SERVICE_UNAVAILABLE");
    } else {
        first.expect(201);
    }
    assert!(trap.count() > 1, "the commit was repeated");
    drop(trap);
    let again = confirm.call(&event, BUDGET).await;
    again.expect(200);
    if first.status == 201 {
        assert_eq!(booking(&first), booking(&again));
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 1);
    invariants::money_is_accounted_for(&books, &[paid]);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn holds_and_releases_whose_reply_is_lost_get_the_usual_responses() {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(3).await;
    rig.set("MAX_HELD_SEATS_PER_USER", "2");
    let (reserve, release) = tokio::join!(rig.start("reserve"), rig.start("release"));
    let lose = || rig.mongodb.trap("findAndModify", Action::LoseReply, 1);
    let mut holds = Vec::new();
    for seat in &rig.seats[..2] {
        let trap = lose();
        let reply = reserve.call(&to_reserve(&rig.ann, &[seat]), BUDGET).await;
        assert_eq!((trap.count(), reply.status), (1, 201), "{reply}");
        holds.push(Hold::of(&reply));
    }
    // The limit also applies to the response of a repeated command.
    let before = invariants::check(&rig.tenant).await;
    let trap = lose();
    let over = reserve.call(&to_reserve(&rig.ann, &[&rig.seats[2]]), BUDGET).await;
    assert_eq!((trap.count(), over.code()), (1, "HOLD_LIMIT_REACHED"), "{over}");
    drop(trap);
    invariants::nothing_was_gained(&before, &invariants::check(&rig.tenant).await);
    for hold in &holds {
        let trap = lose();
        release.call(&to_release(&rig.ann, hold), BUDGET).await.expect(200);
        assert_eq!(trap.count(), 1);
        drop(trap);
        release.call(&to_release(&rig.ann, hold), BUDGET).await.expect(200);
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.count("RELEASED"), books.reservations.len());
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn transient_errors_at_every_command_of_a_sale_are_repeated_until_it_is_made_once() {
    let _slot = fault_slot().await;
    let fail = FailPoint::alone().await;
    let rig = FaultRig::new(4).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let transient = doc! {"errorCode": 251, "errorLabels": ["TransientTransactionError"]};
    let mut payments = Vec::new();
    for (seat, command) in
        rig.seats.iter().zip(["findAndModify", "update", "insert", "commitTransaction"])
    {
        let hold = held(&reserve, &rig.ann, &[seat]).await;
        payments.push(payment());
        let event = to_confirm(&rig.ann, &hold, payments.last().expect("one"));
        fail.set(&rig, command, 4, transient.clone()).await;
        let reply = confirm.call(&event, BUDGET).await;
        assert_eq!(fail.off().await, 4, "{command} failed four times");
        reply.expect(201);
        confirm.call(&event, BUDGET).await.expect(200);
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 4);
    invariants::money_is_accounted_for(&books, &payments);
}

#[tokio::test]
async fn commits_of_unknown_outcome_are_repeated_until_it_is_known() {
    let _slot = fault_slot().await;
    let fail = FailPoint::alone().await;
    let rig = FaultRig::new(3).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let unknown = [
        // The write is done, but the server cannot confirm that a majority has it.
        doc! {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out", "errInfo": {}}},
        doc! {"writeConcernError": {"code": 91, "errmsg": "shutting down", "errInfo": {}}},
        // The write is not done, and the connection ends without a response.
        doc! {"closeConnection": true},
    ];
    let mut payments = Vec::new();
    for (seat, failure) in rig.seats.iter().zip(unknown) {
        let hold = held(&reserve, &rig.ann, &[seat]).await;
        payments.push(payment());
        let event = to_confirm(&rig.ann, &hold, payments.last().expect("one"));
        fail.set(&rig, "commitTransaction", 3, failure.clone()).await;
        let reply = confirm.call(&event, BUDGET).await;
        assert!(fail.off().await >= 3, "{failure}");
        let sold = booking(&reply);
        let again = confirm.call(&event, BUDGET).await;
        again.expect(200);
        assert_eq!(booking(&again), sold, "{failure}");
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 3);
    invariants::money_is_accounted_for(&books, &payments);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn errors_that_do_not_pass_end_in_a_503_by_the_deadline_and_sell_nothing() {
    let _slot = fault_slot().await;
    let fail = FailPoint::alone().await;
    let rig = FaultRig::new(1).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    let transient = doc! {"errorCode": 112, "errorLabels": ["TransientTransactionError"]};
    fail.set(&rig, "insert", 1_000_000, transient).await;
    confirm.call(&event, Duration::from_secs(2)).await.error(503, "SERVICE_UNAVAILABLE");
    assert!(fail.off().await > 1);
    assert!(invariants::check(&rig.tenant).await.bookings.is_empty());
    // A transaction that the deadline cut off may be open until the server's limit for it.
    repeat_while_unavailable(&confirm, &event).await.expect(201);
    invariants::money_is_accounted_for(&invariants::check(&rig.tenant).await, &[paid]);
}

#[tokio::test]
async fn a_mongodb_out_of_reach_costs_a_503_by_the_deadline_and_the_same_call_succeeds_once_it_is_back()
 {
    let _slot = fault_slot().await;
    for mode in [Mode::Pause, Mode::Refuse, Mode::LoseReplies] {
        let rig = FaultRig::new(3).await;
        let (reserve, confirm, release) =
            tokio::join!(rig.start("reserve"), rig.start("confirm"), rig.start("release"));
        let (kept, given) = (
            held(&reserve, &rig.ann, &[&rig.seats[0]]).await,
            held(&reserve, &rig.ann, &[&rig.seats[1]]).await,
        );
        let paid = payment();
        let calls = [
            (&reserve, to_reserve(&rig.ann, &[&rig.seats[2]])),
            (&confirm, to_confirm(&rig.ann, &kept, &paid)),
            (&release, to_release(&rig.ann, &given)),
        ];
        rig.mongodb.set_mode(mode);
        let budget = Duration::from_secs(2);
        for reply in
            join_all(calls.iter().map(|(process, event)| process.call(event, budget))).await
        {
            reply.error(503, "SERVICE_UNAVAILABLE");
        }
        rig.mongodb.set_mode(Mode::Pass);
        let mut replies = Vec::new();
        for (process, event) in &calls {
            let reply = repeat_while_unavailable(process, event).await;
            assert!(matches!(reply.status, 200 | 201), "{mode:?}: {reply}");
            replies.push(reply);
        }
        let books = invariants::check(&rig.tenant).await;
        assert_eq!(
            (books.bookings.len(), books.count("RELEASED"), books.live().len()),
            (1, 1, 1),
            "{mode:?}"
        );
        invariants::assert_kept(&books, &replies[1], &rig.ann, &kept, &paid);
        invariants::money_is_accounted_for(&books, &[paid]);
        release.call(&to_release(&rig.ann, &Hold::of(&replies[0])), BUDGET).await.expect(200);
        invariants::every_unsold_seat_can_be_reserved(&rig.tenant, &reserve, &release).await;
    }
}

#[tokio::test]
async fn sockets_that_are_half_open_after_a_thaw_delay_nobody_beyond_a_deadline() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(8).await;
    let reserve = rig.start("reserve").await;
    held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    reserve.freeze();
    rig.mongodb.sever();
    rig.redis.sever();
    tokio::time::sleep(Duration::from_millis(200)).await;
    reserve.thaw();
    let event = to_reserve(&rig.ann, &[&rig.seats[1]]);
    // One dead connection costs one call its time. The pool has more than one, and not more than it
    // has used. A call on a live connection has far more time than it needs.
    let mut calls = 0;
    let reply = loop {
        calls += 1;
        let reply = reserve.call(&event, Duration::from_secs(4)).await;
        if reply.status != 503 {
            break reply;
        }
        assert!(calls < 4, "{calls} calls without success after the thaw");
    };
    assert!(matches!(reply.status, 200 | 201), "{reply}");
    invariants::check(&rig.tenant).await;
}

#[tokio::test]
async fn connections_cut_again_and_again_under_a_crowd_sell_every_seat_once() {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(8).await;
    rig.set("AWS_LAMBDA_MAX_CONCURRENCY", "8");
    let (reserve, confirm, release) =
        tokio::join!(rig.start("reserve"), rig.start("confirm"), rig.start("release"));
    let payments: Vec<String> = (0..6).map(|_| payment()).collect();
    let shop = |number: usize| {
        let (rig, reserve, confirm, release, payments) =
            (&rig, &reserve, &confirm, &release, &payments);
        async move {
            let user = [&rig.ann, &rig.bob][number % 2];
            let reply =
                repeat_while_unavailable(reserve, &to_reserve(user, &[&rig.seats[number]])).await;
            assert!(matches!(reply.status, 200 | 201), "{reply}");
            let hold = Hold::of(&reply);
            // Some release the seat.
            let Some(paid) = payments.get(number) else {
                repeat_while_unavailable(release, &to_release(user, &hold)).await.expect(200);
                return None;
            };
            let event = to_confirm(user, &hold, paid);
            let sold = booking(&repeat_while_unavailable(confirm, &event).await);
            let again = repeat_while_unavailable(confirm, &event).await;
            assert_eq!(booking(&again), sold);
            Some((again, user, hold, paid))
        }
    };
    let cutting = async {
        for _ in 0..25 {
            tokio::time::sleep(Duration::from_millis(30)).await;
            rig.mongodb.cut();
            rig.redis.cut();
        }
    };
    let (sales, ()) = tokio::join!(join_all((0..8).map(shop)), cutting);
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 6);
    for (reply, user, hold, paid) in sales.iter().flatten() {
        invariants::assert_kept(&books, reply, user, hold, paid);
    }
    invariants::money_is_accounted_for(&books, &payments);
    invariants::every_unsold_seat_can_be_reserved(&rig.tenant, &reserve, &release).await;
}

#[tokio::test]
async fn a_crowd_on_one_database_connection_is_served_one_after_the_other() {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(16).await;
    rig.set("AWS_LAMBDA_MAX_CONCURRENCY", "16");
    rig.set("MONGODB_MAX_POOL_SIZE", "1");
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let payments: Vec<String> = rig.seats.iter().map(|_| payment()).collect();
    let shopping = (0..16).map(|number| {
        let (rig, reserve, confirm, payments) = (&rig, &reserve, &confirm, &payments);
        async move {
            let hold = held(reserve, &rig.ann, &[&rig.seats[number]]).await;
            confirm.call(&to_confirm(&rig.ann, &hold, &payments[number]), BUDGET).await.expect(201);
        }
    });
    join_all(shopping).await;
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 16);
    invariants::money_is_accounted_for(&books, &payments);
}
