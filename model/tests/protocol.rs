//! The protocol is verified over its whole state space; the first design, and one flaw at a time,
//! are refuted.
//!
//! `cargo test -p model -- --nocapture` shows the figures and the counterexamples.

#![expect(
    clippy::print_stdout,
    reason = "the figures and the counterexamples are what one runs these tests for"
)]

use model::{Booking, Bounds, Flaw, promise, story};
use stateright::{Checker, Expectation, HasDiscoveries, Model};
use std::{collections::BTreeSet, time::Instant};

/// Three users, two seats, a wipe of Redis, a crash, and expiry, which is always possible.
const THREE_USERS: Bounds =
    Bounds { users: 3, wipes: 1, crashes: 1, losses: 0, extra: 0, redis: true };
/// Two users who also repeat calls that still run, pay twice, and call once more.
const REPEATS: Bounds = Bounds { users: 2, wipes: 1, crashes: 0, losses: 1, extra: 1, redis: true };
/// Two users, whom nothing befalls but time.
const TWO_USERS: Bounds =
    Bounds { users: 2, wipes: 0, crashes: 0, losses: 0, extra: 0, redis: true };

/// Explores every state, and expects each promise kept and each example reached. How many there
/// are.
fn verify(model: Booking) -> usize {
    let (start, bounds) = (Instant::now(), model.bounds);
    let checker = model.checker().threads(2).symmetry().spawn_dfs().join();
    let states = checker.unique_state_count();
    println!(
        "{bounds:?}: {states} states up to symmetry, {} generated, depth {}, {:.1} s",
        checker.state_count(),
        checker.max_depth(),
        start.elapsed().as_secs_f32(),
    );
    checker.assert_properties();
    assert!(checker.is_done(), "the whole state space was explored");
    states
}

/// Searches breadth first until the promise is broken, and tells how.
fn refute(model: Booking, promise: &'static str) -> String {
    let (start, words) = (Instant::now(), model.clone());
    let found = HasDiscoveries::AnyOf(BTreeSet::from([promise]));
    let checker = model.checker().finish_when(found).spawn_bfs().join();
    let story = story::tell(&words, promise, checker.assert_any_discovery(promise));
    println!(
        "NOT \"{promise}\" ({:?}, {:?}): {} states, {:.1} s\n{story}",
        words.order,
        words.flaw,
        checker.unique_state_count(),
        start.elapsed().as_secs_f32()
    );
    story
}

#[test]
fn as_built_every_promise_holds_for_three_users_with_a_wipe_a_crash_and_expiry() {
    assert!(verify(Booking::as_built(THREE_USERS)) > 1_000_000);
}

#[test]
fn as_built_every_promise_holds_when_calls_are_repeated_while_they_run() {
    assert!(verify(Booking::as_built(REPEATS)) > 1_000_000);
}

#[test]
fn as_built_every_promise_holds_without_redis() {
    verify(Booking::as_built(Bounds { wipes: 0, redis: false, ..THREE_USERS }));
}

#[test]
fn unlocking_before_the_commit_costs_none_of_the_promises() {
    verify(Booking::flawed(Flaw::UnlockFirst, Bounds { crashes: 1, wipes: 1, ..TWO_USERS }));
}

#[test]
fn as_first_designed_a_seat_is_sold_to_two_users() {
    let story = refute(Booking::as_first_designed(TWO_USERS), promise::ONE_BOOKING);
    assert!(story.contains("Ann") && story.contains("Bob"), "{story}");
}

#[test]
fn as_first_designed_one_confirm_sent_twice_books_twice() {
    let alone = Bounds { users: 1, losses: 1, ..TWO_USERS };
    refute(Booking::as_first_designed(alone), promise::ONE_BOOKING);
}

#[test]
fn as_first_designed_a_seat_is_sold_twice_within_the_bounds_that_the_built_one_holds() {
    refute(Booking::as_first_designed(THREE_USERS), promise::ONE_BOOKING);
}

#[test]
fn a_plain_delete_takes_the_lock_of_the_next_holder() {
    refute(Booking::flawed(Flaw::PlainDelete, TWO_USERS), promise::OWN_LOCKS);
}

#[test]
fn without_indexes_and_guards_a_seat_is_sold_twice() {
    refute(Booking::flawed(Flaw::NoIndexNoGuards, TWO_USERS), promise::ONE_BOOKING);
}

#[test]
fn without_the_index_two_hold_one_seat() {
    refute(Booking::flawed(Flaw::NoIndex, TWO_USERS), promise::ONE_HOLD);
}

#[test]
fn expiry_judged_before_the_transaction_only_sells_an_overdue_hold() {
    refute(Booking::flawed(Flaw::ExpiryBeforeTransaction, TWO_USERS), promise::NOT_OVERDUE);
}

#[test]
fn a_replayed_upsert_that_writes_anew_revives_a_hold() {
    let lossy = Bounds { losses: 1, ..TWO_USERS };
    refute(Booking::flawed(Flaw::ReplayRevives, lossy), promise::OWN_HOLDS);
}

#[test]
fn a_late_payment_without_a_record_is_silent_money() {
    refute(Booking::flawed(Flaw::SilentMoney, TWO_USERS), promise::MONEY);
}

#[test]
fn each_flaw_breaks_what_it_is_about_and_nothing_else() {
    let bounds = Bounds { wipes: 1, crashes: 1, ..TWO_USERS };
    for (flaw, breaks) in [
        (Flaw::PlainDelete, vec![promise::OWN_LOCKS]),
        (Flaw::NoIndex, vec![promise::ONE_CLAIM, promise::ONE_HOLD]),
        (Flaw::ExpiryBeforeTransaction, vec![promise::NOT_OVERDUE]),
        (Flaw::SilentMoney, vec![promise::MONEY]),
    ] {
        let model = Booking::flawed(flaw, bounds);
        let checker = model.clone().checker().threads(2).symmetry().spawn_dfs().join();
        let failed = |name: &&'static str| model.property(name).expectation == Expectation::Always;
        let broken: BTreeSet<_> = checker.discoveries().into_keys().filter(failed).collect();
        assert_eq!(broken, BTreeSet::from_iter(breaks), "{flaw:?}");
    }
}
