//! Verifies the protocol over its whole state space. Refutes the first design, and
//! each flaw by itself.
//!
//! `cargo test -p model -- --nocapture` shows the figures and the counterexamples.

#![expect(
    clippy::print_stdout,
    reason = "the figures and the counterexamples are what one runs these tests for"
)]

use model::{BookingModel, Bounds, Flaw, counterexample, properties};
use stateright::{Checker, Expectation, HasDiscoveries, Model};
use std::{collections::BTreeSet, time::Instant};

/// Three users, a wipe of Redis and a crash.
const THREE_USERS: Bounds = Bounds { wipes: 1, crashes: 1, ..Bounds::users(3) };
/// Two users who also repeat calls that still run, pay twice, and make one more call.
const REPEATS: Bounds = Bounds { wipes: 1, lost_replies: 1, extra_calls: 1, ..Bounds::users(2) };
/// Two users. Nothing fails, but time passes.
const TWO_USERS: Bounds = Bounds::users(2);

/// Two users who change their holds, and a wipe of Redis.
const CHANGES: Bounds = Bounds { changes: 1, wipes: 1, ..Bounds::users(2) };
/// One user who changes a hold twice, in two tabs, and a crash.
const TWO_TABS: Bounds =
    Bounds { changes: 2, tabs: true, lost_replies: 1, crashes: 1, ..Bounds::users(1) };
/// Two users who start payments, and an event of the provider.
const PAYMENTS: Bounds = Bounds { payments: true, events: 1, ..Bounds::users(2) };
/// One user who starts payments and changes the hold in two tabs. The provider
/// may take another amount.
const PAYMENT_AND_CHANGE: Bounds =
    Bounds { payments: true, events: 1, other_amounts: true, changes: 1, ..TWO_TABS };
/// Two users who cancel what they bought and buy again.
const CANCELS: Bounds = Bounds { cancels: true, extra_calls: 2, ..Bounds::users(2) };
/// One user who cancels and buys again in two tabs, and a crash.
const CANCELS_IN_TWO_TABS: Bounds =
    Bounds { cancels: true, extra_calls: 2, changes: 0, ..TWO_TABS };
/// Two users who may cancel, an organiser who cancels the entity, and a crash.
const ENTITY: Bounds =
    Bounds { entity_cancel: true, cancels: true, crashes: 1, ..Bounds::users(2) };
/// One user who starts a payment in an entity that is cancelled.
const PAYMENT_AND_ENTITY: Bounds = Bounds {
    payments: true,
    events: 1,
    entity_cancel: true,
    cancels: true,
    changes: 0,
    ..TWO_TABS
};
/// Two users, an organiser who removes a seat, and a crash.
const REMOVAL: Bounds = Bounds { removals: 1, crashes: 1, ..Bounds::users(2) };

/// Explores every state, and expects each property to hold and each example to be reached. Returns
/// the number of states.
fn verify(model: BookingModel) -> usize {
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

/// Searches breadth first for the shortest way to break the property, and returns it.
fn refute(model: BookingModel, property: &'static str) -> Vec<String> {
    let start = Instant::now();
    let mut shortest: Option<(Vec<String>, usize)> = None;
    // The checker reports the last of the ways that it meets before it stops. So search again, only
    // among shorter ones, until there is none.
    loop {
        let found = HasDiscoveries::AnyOf(BTreeSet::from([property]));
        let mut search = model.clone().checker().finish_when(found);
        if let Some((lines, _)) = &shortest {
            // The checker counts states. A path has one more state than steps.
            search = search.target_max_depth(lines.len() + 1);
        }
        let checker = search.spawn_bfs().join();
        let Some(path) = checker.discovery(property) else { break };
        let lines = counterexample::describe(&model, property, path);
        shortest = Some((lines, checker.unique_state_count()));
    }
    assert!(shortest.is_some(), "no way breaks \"{property}\"");
    let (lines, states) = shortest.unwrap_or_default();
    println!(
        "NOT \"{property}\" ({:?}, {:?}): {} steps, {states} states, {:.1} s",
        model.design,
        model.flaw,
        lines.len(),
        start.elapsed().as_secs_f32()
    );
    for (number, line) in lines.iter().enumerate() {
        println!("{:>3}. {line}", number + 1);
    }
    lines
}

/// Expects the flaw to break the property, and the shortest way to take this many steps.
fn refute_flaw(flaw: Flaw, bounds: Bounds, property: &'static str, steps: usize) {
    let lines = refute(BookingModel::flawed(flaw, bounds), property);
    assert_eq!(lines.len(), steps, "{flaw:?}: {}", lines.join("\n"));
}

mod sale {
    use super::*;

    #[test]
    fn every_property_holds_for_three_users_with_a_wipe_a_crash_and_expiry() {
        assert!(verify(BookingModel::current(THREE_USERS)) > 1_000_000);
    }

    #[test]
    fn every_property_holds_when_calls_are_repeated_while_they_run() {
        assert!(verify(BookingModel::current(REPEATS)) > 1_000_000);
    }

    #[test]
    fn every_property_holds_without_redis() {
        verify(BookingModel::current(Bounds { wipes: 0, redis: false, ..THREE_USERS }));
    }

    #[test]
    fn unlocking_before_the_commit_breaks_no_property() {
        let bounds = Bounds { crashes: 1, wipes: 1, ..TWO_USERS };
        verify(BookingModel::flawed(Flaw::UnlocksFirst, bounds));
    }

    #[test]
    fn a_plain_delete_removes_the_lock_of_the_next_holder() {
        refute_flaw(Flaw::PlainDelete, TWO_USERS, properties::OWN_LOCKS, 7);
    }

    #[test]
    fn without_indexes_and_guards_a_seat_is_sold_twice() {
        refute_flaw(Flaw::NoIndexNoGuards, TWO_USERS, properties::ONE_BOOKING, 15);
    }

    #[test]
    fn without_the_index_two_users_hold_one_seat() {
        refute_flaw(Flaw::NoIndex, TWO_USERS, properties::ONE_HOLD, 7);
    }

    #[test]
    fn expiry_checked_before_the_transaction_only_sells_an_overdue_hold() {
        refute_flaw(Flaw::ChecksExpiryEarly, TWO_USERS, properties::NOT_OVERDUE, 7);
    }

    #[test]
    fn a_repeated_upsert_that_sets_its_fields_again_revives_a_hold() {
        let lossy = Bounds { lost_replies: 1, ..TWO_USERS };
        refute_flaw(Flaw::ReplayRevives, lossy, properties::OWN_HOLDS, 5);
    }

    #[test]
    fn a_late_payment_without_a_record_is_silent_money() {
        refute_flaw(Flaw::SilentMoney, TWO_USERS, properties::MONEY, 9);
    }

    #[test]
    fn each_flaw_breaks_its_own_properties_and_no_other() {
        let bounds = Bounds { wipes: 1, crashes: 1, ..TWO_USERS };
        for (flaw, breaks) in [
            (Flaw::PlainDelete, vec![properties::OWN_LOCKS]),
            (Flaw::NoIndex, vec![properties::ONE_CLAIM, properties::ONE_HOLD]),
            (Flaw::ChecksExpiryEarly, vec![properties::NOT_OVERDUE]),
            (Flaw::SilentMoney, vec![properties::MONEY]),
        ] {
            let model = BookingModel::flawed(flaw, bounds);
            let checker = model.clone().checker().threads(2).symmetry().spawn_dfs().join();
            let failed =
                |name: &&'static str| model.property(name).expectation == Expectation::Always;
            let broken: BTreeSet<_> = checker.discoveries().into_keys().filter(failed).collect();
            assert_eq!(broken, BTreeSet::from_iter(breaks), "{flaw:?}");
        }
    }
}

mod first_design {
    use super::*;

    #[test]
    fn a_seat_is_sold_to_two_users() {
        let lines = refute(BookingModel::first(TWO_USERS), properties::ONE_BOOKING).join("\n");
        assert!(lines.contains("Ann") && lines.contains("Bob"), "{lines}");
    }

    #[test]
    fn one_confirm_sent_twice_books_twice() {
        let alone = Bounds { users: 1, lost_replies: 1, ..TWO_USERS };
        refute(BookingModel::first(alone), properties::ONE_BOOKING);
    }
}

mod change {
    use super::*;

    #[test]
    fn every_property_holds_when_holds_change() {
        verify(BookingModel::current(CHANGES));
    }

    #[test]
    fn every_property_holds_when_a_hold_changes_in_two_tabs() {
        verify(BookingModel::current(TWO_TABS));
    }

    #[test]
    fn a_confirm_without_the_version_sells_a_changed_hold_at_its_old_price() {
        refute_flaw(Flaw::ConfirmIgnoresVersion, TWO_TABS, properties::PAID_PRICE, 10);
    }

    #[test]
    fn a_change_without_a_guard_moves_a_sold_hold_off_its_seats() {
        refute_flaw(Flaw::UnguardedChange, TWO_TABS, properties::HOLD_AND_BOOKING, 10);
    }

    #[test]
    fn a_change_in_two_writes_loses_the_old_hold() {
        refute_flaw(Flaw::ChangesInTwoWrites, CHANGES, properties::TRUE_RESPONSES, 15);
    }

    #[test]
    fn a_change_that_keeps_dropped_locks_keeps_others_out() {
        refute_flaw(Flaw::KeepsDroppedLocks, CHANGES, properties::NO_STRAY_LOCKS, 5);
    }
}

mod payment {
    use super::*;

    #[test]
    fn every_property_holds_when_payments_are_started_and_events_arrive() {
        verify(BookingModel::current(PAYMENTS));
    }

    #[test]
    fn every_property_holds_when_the_hold_changes_under_its_payment() {
        verify(BookingModel::current(PAYMENT_AND_CHANGE));
    }

    #[test]
    fn a_payment_stored_after_the_hold_changed_is_for_the_old_price() {
        refute_flaw(Flaw::StoreIgnoresVersion, PAYMENT_AND_CHANGE, properties::PAYABLE, 9);
    }

    #[test]
    fn a_payment_stored_on_an_overdue_hold_revives_it() {
        refute_flaw(Flaw::StoreRevives, PAYMENTS, properties::OWN_HOLDS, 7);
    }

    #[test]
    fn an_idempotency_key_without_the_version_returns_the_old_payment() {
        refute_flaw(Flaw::KeyWithoutVersion, PAYMENT_AND_CHANGE, properties::PAYABLE, 12);
    }

    #[test]
    fn a_change_after_a_payment_was_started_makes_the_client_pay_the_old_price() {
        refute_flaw(Flaw::ChangeIgnoresPayment, PAYMENT_AND_CHANGE, properties::PAYABLE, 8);
    }

    #[test]
    fn a_payment_shown_without_being_stored_is_silent_money() {
        refute_flaw(Flaw::ShowsUnstoredPayment, PAYMENT_AND_CHANGE, properties::MONEY, 8);
    }

    #[test]
    fn a_payment_that_extends_every_time_holds_seats_for_ever() {
        refute_flaw(Flaw::ExtendsEveryTime, PAYMENT_AND_CHANGE, properties::EXTENDED_ONCE, 13);
    }

    #[test]
    fn a_spent_payment_that_stays_on_its_hold_is_offered_again() {
        refute_flaw(Flaw::KeepsSpentPayment, PAYMENT_AND_CHANGE, properties::PAYABLE, 9);
    }

    #[test]
    fn an_event_that_sells_without_the_guards_sells_a_seat_twice() {
        refute_flaw(Flaw::EventSellsUnguarded, PAYMENTS, properties::ONE_CLAIM, 15);
    }
}

mod cancellation {
    use super::*;

    #[test]
    fn every_property_holds_when_seats_are_cancelled_and_sold_again() {
        verify(BookingModel::current(CANCELS));
    }

    #[test]
    fn every_property_holds_when_cancellations_run_in_two_tabs() {
        verify(BookingModel::current(CANCELS_IN_TWO_TABS));
    }

    #[test]
    fn a_cancellation_that_frees_seats_first_sells_them_under_two_bookings() {
        refute_flaw(Flaw::FreesSeatsFirst, CANCELS, properties::ONE_BOOKING, 17);
    }

    #[test]
    fn a_cancellation_that_keeps_the_reservation_keeps_the_seat_from_everyone() {
        refute_flaw(Flaw::KeepsClaim, CANCELS, properties::HOLD_AND_BOOKING, 11);
    }

    #[test]
    fn a_refund_row_after_the_commit_is_lost_with_the_process() {
        refute_flaw(Flaw::RefundAfterCommit, CANCELS_IN_TWO_TABS, properties::REFUNDED, 12);
    }

    #[test]
    fn a_cancellation_without_guards_refunds_a_seat_twice() {
        refute_flaw(Flaw::UnguardedCancel, CANCELS_IN_TWO_TABS, properties::REFUNDED_ONCE, 15);
    }

    #[test]
    fn a_cancelled_bookings_payment_that_leaves_its_index_buys_again() {
        refute_flaw(Flaw::ForgetsPayment, CANCELS_IN_TWO_TABS, properties::MONEY_ONCE, 17);
    }
}

mod entity_cancel {
    use super::*;

    #[test]
    fn every_property_holds_when_the_entity_is_cancelled() {
        verify(BookingModel::current(ENTITY));
    }

    #[test]
    fn every_property_holds_when_the_entity_of_a_started_payment_is_cancelled() {
        verify(BookingModel::current(PAYMENT_AND_ENTITY));
    }

    #[test]
    fn a_cancel_that_reads_bookings_once_misses_a_confirm_inside_its_transaction() {
        refute_flaw(Flaw::CancelsBookingsOnce, ENTITY, properties::ENTITY_ENDED, 10);
    }

    #[test]
    fn a_cancel_that_ends_at_once_misses_a_reserve_that_has_read_the_entity() {
        refute_flaw(Flaw::CancelEndsAtOnce, ENTITY, properties::ENTITY_ENDED, 5);
    }
}

mod removal {
    use super::*;

    #[test]
    fn every_property_holds_when_a_seat_is_removed() {
        verify(BookingModel::current(REMOVAL));
    }

    #[test]
    fn a_deleted_seat_is_missing_from_a_hold_that_raced() {
        refute_flaw(Flaw::DeletesRemovedSeat, REMOVAL, properties::SEAT_THERE, 9);
    }

    #[test]
    fn a_removal_without_its_guard_removes_a_sold_seat() {
        refute_flaw(Flaw::RemovesBookedSeat, REMOVAL, properties::REMOVED_UNSOLD, 9);
    }
}
