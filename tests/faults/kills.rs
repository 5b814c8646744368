//! A process is killed at every request that it sends: before the server has seen the request, and
//! after the server has done it. The repeat finishes what was begun.

use std::time::Duration;

use futures_util::future::join_all;

use super::{
    BUDGET, FaultRig, abort_transactions, booking, fault_slot, held,
    regressions::with_long_transactions, repeat_while_unavailable, script, shared_server,
    to_confirm, to_release, to_reserve,
};
use crate::support::{
    expiry::{end_hold, end_key_locks},
    invariants, payment,
    people::Hold,
    proxy::Action,
    runtime_api::Event,
    unique,
};

const TAKE: &str = include_str!("../../shared/src/locks/take.lua");
/// The script as the functions send it, after the part that all scripts share.
const RELEASE: &str = concat!(
    include_str!("../../shared/src/locks/seat_changes.lua"),
    include_str!("../../shared/src/locks/release.lua")
);

/// Lets a process of `function` work on `event` until the request with `word` is about to reach its
/// server, or was executed there. Then kills the process.
pub(super) async fn killed_at(
    rig: &FaultRig,
    function: &str,
    event: &Event,
    word: &str,
    action: Action,
) {
    killed_on(shared_server().await.1.members[0].port, rig, function, event, word, action).await;
}

/// `killed_at`, with MongoDB at this port.
async fn killed_on(
    server: u16,
    rig: &FaultRig,
    function: &str,
    event: &Event,
    word: &str,
    action: Action,
) {
    let apart = rig.apart(server).await;
    let process = apart.start(function).await;
    let mut traps = [apart.mongodb.trap(word, action, 1), apart.redis.trap(word, action, 1)];
    let mut invocation = process.invoke(event, BUDGET);
    let [mongodb, redis] = &mut traps;
    let trap = tokio::select! {
        () = mongodb.sprung() => mongodb,
        () = redis.sprung() => redis,
    };
    assert!(invocation.is_open(), "{function} responded before {word}");
    process.kill().await;
    if action == Action::Hold {
        trap.abandoned().await;
    }
}

#[tokio::test]
async fn a_process_killed_between_its_locks_and_its_write_does_not_lock_its_own_user_out() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let seat = rig.seats[0].as_str();
    let event = to_reserve(&rig.ann, &[seat]);
    killed_at(&rig, "reserve", &event, "findAndModify", Action::Hold).await;
    let books = invariants::check(&rig.tenant).await;
    assert!(books.reservations.is_empty(), "killed before the write");
    invariants::no_locks_left_but(&rig.tenant, &[seat]).await;

    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let refused = reserve.call(&to_reserve(&rig.bob, &[seat]), BUDGET).await;
    let wait = &refused.error(409, "SEAT_ALREADY_LOCKED")["details"]["expiresIn"];
    assert!(
        wait.as_i64().is_some_and(|s| (1..=120).contains(&s)),
        "others wait no longer than the TTL: {refused}"
    );
    let hold = held(&reserve, &rig.ann, &[seat]).await;
    let lock = &invariants::locks(&rig.tenant).await[seat];
    assert_eq!(lock["reservationToken"], hold.token.as_str(), "the lock is the hold's now");
    confirm.call(&to_confirm(&rig.ann, &hold, &payment()), BUDGET).await.expect(201);
    invariants::check(&rig.tenant).await;
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_reserve_killed_at_any_step_is_finished_by_its_repeat() {
    let _slot = fault_slot().await;
    let take = script(&shared_server().await.0, TAKE).await;
    let steps: Vec<(&str, Action)> = [take.as_str(), "findAndModify"]
        .into_iter()
        .flat_map(|word| [(word, Action::Hold), (word, Action::HoldReply)])
        .collect();
    let rig = FaultRig::new(steps.len()).await;
    let reserve = rig.start("reserve").await;
    let cases = steps.iter().zip(&rig.seats).map(|((word, action), seat)| {
        let (rig, reserve) = (&rig, &reserve);
        async move {
            let event = to_reserve(&rig.ann, &[seat]);
            killed_at(rig, "reserve", &event, word, *action).await;
            let again = reserve.call(&event, BUDGET).await;
            assert!(matches!(again.status, 200 | 201), "{word} {action:?}: {again}");
            let hold = Hold::of(&again);
            assert_eq!(Hold::of(&reserve.call(&event, BUDGET).await), hold, "{word} {action:?}");
            (seat.as_str(), hold)
        }
    });
    let holds = join_all(cases).await;
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.live().len(), steps.len(), "one hold a seat");
    let locks = invariants::locks(&rig.tenant).await;
    for (seat, hold) in &holds {
        assert_eq!(locks[*seat]["reservationToken"], hold.token.as_str());
    }
}

#[tokio::test]
async fn a_release_killed_at_any_step_is_finished_by_its_repeat() {
    let _slot = fault_slot().await;
    let unlock = script(&shared_server().await.0, RELEASE).await;
    let steps: Vec<(&str, Action)> = ["findAndModify", unlock.as_str()]
        .into_iter()
        .flat_map(|word| [(word, Action::Hold), (word, Action::HoldReply)])
        .collect();
    let rig = FaultRig::new(steps.len()).await;
    let (reserve, release) = tokio::join!(rig.start("reserve"), rig.start("release"));
    let cases = steps.iter().zip(&rig.seats).map(|((word, action), seat)| {
        let (rig, reserve, release) = (&rig, &reserve, &release);
        async move {
            let hold = held(reserve, &rig.ann, &[seat]).await;
            let event = to_release(&rig.ann, &hold);
            killed_at(rig, "release", &event, word, *action).await;
            release.call(&event, BUDGET).await.expect(200);
            // The seat is free at once, and a repeated release does not touch the new hold.
            let next = held(reserve, &rig.bob, &[seat]).await;
            release.call(&event, BUDGET).await.expect(200);
            assert_eq!(Hold::of(&reserve.call(&to_reserve(&rig.bob, &[seat]), BUDGET).await), next);
        }
    });
    join_all(cases).await;
    let books = invariants::check(&rig.tenant).await;
    assert_eq!((books.count("RELEASED"), books.live().len()), (steps.len(), steps.len()));
    invariants::no_locks_left_but(
        &rig.tenant,
        &rig.seats.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await;
}

#[tokio::test]
async fn a_confirm_killed_at_any_step_is_finished_by_its_repeat_and_paid_once() {
    let _slot = fault_slot().await;
    let unlock = script(&shared_server().await.0, RELEASE).await;
    let steps: Vec<(&str, Action)> =
        ["findAndModify", "bookedBy", "insert", "commitTransaction", unlock.as_str()]
            .into_iter()
            .flat_map(|word| [(word, Action::Hold), (word, Action::HoldReply)])
            .collect();
    let rig = FaultRig::new(steps.len()).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let payments: Vec<String> = steps.iter().map(|_| payment()).collect();
    let cases =
        steps.iter().zip(&rig.seats).zip(&payments).map(|(((word, action), seat), paid)| {
            let (rig, reserve, confirm) = (&rig, &reserve, &confirm);
            async move {
                let hold = held(reserve, &rig.ann, &[seat]).await;
                let event = to_confirm(&rig.ann, &hold, paid);
                killed_at(rig, "confirm", &event, word, *action).await;
                // The dead process's transaction stays open until the server's limit of 5 s. No
                // response comes after its deadline, and after the limit the repeat sells.
                let sold = booking(&repeat_while_unavailable(confirm, &event).await);
                assert_eq!(booking(&confirm.call(&event, BUDGET).await), sold, "{word} {action:?}");
            }
        });
    join_all(cases).await;
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), steps.len());
    invariants::money_is_accounted_for(&books, &payments);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn calls_that_meet_the_transaction_of_a_killed_process_get_a_response_in_time() {
    let _slot = fault_slot().await;
    // On this server the transaction stays open until the test aborts it.
    let (stack, set) = with_long_transactions().await;
    let server = set.members[0].port;
    let rig = FaultRig::on(stack, server, 1).await;
    let seat = rig.seats[0].as_str();
    let (reserve, release, list) =
        tokio::join!(rig.start("reserve"), rig.start("release"), rig.start("list-reservations"));
    let hold = held(&reserve, &rig.ann, &[seat]).await;
    let sale = to_confirm(&rig.ann, &hold, &payment());
    killed_on(server, &rig, "confirm", &sale, "commitTransaction", Action::Hold).await;
    let budget = Duration::from_secs(3);
    reserve.call(&to_reserve(&rig.bob, &[seat]), BUDGET).await.error(409, "SEAT_ALREADY_LOCKED");
    let event = Event::of(&rig.ann, "GET", "/reservations", &serde_json::Value::Null);
    list.call(&event, BUDGET).await.expect(200);
    release.call(&to_release(&rig.ann, &hold), budget).await.error(503, "SERVICE_UNAVAILABLE");
    // The server does this by itself at the end of its limit. Then the seat is free again.
    assert_eq!(abort_transactions(&set, &rig.own_name()).await, 1);
    repeat_while_unavailable(&release, &to_release(&rig.ann, &hold)).await.expect(200);
    held(&reserve, &rig.bob, &[seat]).await;
    let books = invariants::check(&rig.tenant).await;
    assert!(books.bookings.is_empty());
    invariants::no_locks_left_but(&rig.tenant, &[seat]).await;
}

#[tokio::test]
async fn an_idempotency_key_of_a_killed_call_is_free_again_by_that_calls_own_deadline() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(2).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let keyed = to_confirm(&rig.ann, &hold, &paid).key(&unique("key"));
    killed_at(&rig, "confirm", &keyed, "commitTransaction", Action::HoldReply).await;
    let waiting = confirm.call(&keyed, BUDGET).await;
    waiting.error(409, "IDEMPOTENCY_KEY_IN_USE");
    let wait: u64 = waiting.header("retry-after").expect("a time").parse().expect("seconds");
    assert!((1..=BUDGET.as_secs()).contains(&wait), "{wait} s");
    end_key_locks(&rig.tenant.stack.database().await).await;
    let first = confirm.call(&keyed, BUDGET).await;
    let sold = booking(&first);
    let again = confirm.call(&keyed, BUDGET).await;
    assert!(again.replayed(), "{again}");
    assert_eq!((booking(&again), again.status), (sold, first.status));
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 1);
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn a_sweep_killed_at_its_write_or_done_by_two_at_once_ends_every_overdue_hold_once() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(4).await;
    let (reserve, one, two) = tokio::join!(
        rig.start("reserve"),
        rig.start("expire-reservations"),
        rig.start("expire-reservations")
    );
    let sweep = Event::scheduled();
    for (seats, action) in rig.seats.chunks(2).zip([Action::Hold, Action::HoldReply]) {
        for seat in seats {
            let hold = held(&reserve, &rig.ann, &[seat]).await;
            end_hold(&rig.tenant, &hold).await;
        }
        killed_at(&rig, "expire-reservations", &sweep, "EXPIRED", action).await;
        // The rest of a killed sweep blocks nobody, and the next sweep finds it.
        let next =
            held(&reserve, &rig.bob, &seats[..1].iter().map(String::as_str).collect::<Vec<_>>())
                .await;
        let both =
            tokio::join!(one.invoke(&sweep, BUDGET).value(), two.invoke(&sweep, BUDGET).value());
        assert!(both.0["expired"].is_u64() && both.1["expired"].is_u64(), "{both:?}");
        let books = invariants::check(&rig.tenant).await;
        assert_eq!(
            books.live().into_iter().collect::<Vec<_>>(),
            [next.token.as_str()],
            "{action:?}"
        );
        end_hold(&rig.tenant, &next).await;
        one.invoke(&sweep, BUDGET).value().await;
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!((books.count("EXPIRED"), books.reservations.len()), (6, 6));
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}
