//! Negative controls: each flaw must be noticed by the test that guards against it. A scenario runs
//! once on the real functions, as a test. It runs again on processes that have the flaw, and must
//! fail there with the expected words.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt as _, future::join_all};

use super::{
    BUDGET, FaultRig, booking, fault_slot, held, redis::late_delete, replicas, script,
    shared_server, stack_on, to_confirm, to_reserve,
};
use crate::support::{
    expiry::end_hold,
    invariants, payment,
    people::Hold,
    proxy::{Action, Mode},
};

/// The command that the flaw `plain-del` runs instead of compare-and-delete.
const PLAIN_DEL: &str = "return redis.call('DEL', unpack(KEYS))";

/// This rig, with processes that have these flaws.
fn flawed(mut rig: FaultRig, flaws: &[&str]) -> FaultRig {
    let points: Vec<String> = flaws.iter().map(|flaw| format!("{flaw}=return")).collect();
    rig.set("FAILPOINTS", points.join(";"));
    rig
}

/// A database without the unique indexes that limit a seat or a payment to one hold and one sale.
async fn without_indexes() -> FaultRig {
    let set = shared_server().await.1;
    let rig = FaultRig::on(stack_on(&set).await, set.members[0].port, 1).await;
    rig.tenant.stack.drop_unique_indexes().await;
    rig
}

/// The panic message with which a scenario fails.
async fn failure_of(scenario: impl Future<Output = ()>) -> String {
    let panic = AssertUnwindSafe(scenario).catch_unwind().await.err();
    let panic = panic.expect("the flaw was not noticed");
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    words.expect("a message").to_owned()
}

/// A sale waits before its commit. Its locks exist too.
async fn locks_at_the_commit(rig: &FaultRig) {
    let reserve = rig.start("reserve").await;
    let seat = rig.seats[0].as_str();
    let hold = held(&reserve, &rig.ann, &[seat]).await;
    let apart = rig.apart(shared_server().await.1.members[0].port).await;
    let confirm = apart.start("confirm").await;
    let mut trap = apart.mongodb.trap("commitTransaction", Action::Hold, 1);
    let sale = confirm.invoke(&to_confirm(&rig.ann, &hold, &payment()), BUDGET);
    trap.sprung().await;
    let locks = invariants::locks(&rig.tenant).await;
    let lock = locks.get(seat).expect("the lock stands until the commit");
    assert_eq!(lock["reservationToken"], hold.token.as_str());
    drop(trap);
    sale.reply().await.expect(201);
    invariants::check(&rig.tenant).await;
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn the_locks_of_a_hold_stand_until_its_sale_is_committed() {
    let _slot = fault_slot().await;
    locks_at_the_commit(&FaultRig::new(1).await).await;
}

#[tokio::test]
async fn control_locks_deleted_before_the_commit_fail_the_test_of_locks_at_the_commit() {
    let _slot = fault_slot().await;
    let rig = flawed(FaultRig::new(1).await, &["unlock-before-commit"]);
    let words = failure_of(locks_at_the_commit(&rig)).await;
    assert_eq!(words, "the lock stands until the commit");
}

/// While a sale waits before its commit, another user tries to hold its seat and to pay for it.
async fn another_buyer_at_the_commit(rig: &FaultRig) {
    let (reserve, other) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let seat = rig.seats[0].as_str();
    let hold = held(&reserve, &rig.ann, &[seat]).await;
    let apart = rig.apart(shared_server().await.1.members[0].port).await;
    let confirm = apart.start("confirm").await;
    let mut trap = apart.mongodb.trap("commitTransaction", Action::Hold, 1);
    let mut payments = vec![payment()];
    let sale = confirm.invoke(&to_confirm(&rig.ann, &hold, &payments[0]), BUDGET);
    trap.sprung().await;
    let late = reserve.call(&to_reserve(&rig.bob, &[seat]), BUDGET).await;
    drop(trap);
    sale.reply().await.expect(201);
    if late.status == 201 {
        payments.push(payment());
        other.call(&to_confirm(&rig.bob, &Hold::of(&late), &payments[1]), BUDGET).await;
    }
    let books = invariants::check(&rig.tenant).await;
    invariants::money_is_accounted_for(&books, &payments);
    late.error(409, "SEAT_ALREADY_LOCKED");
    assert_eq!(books.bookings.len(), 1);
}

#[tokio::test]
async fn a_seat_whose_sale_is_about_to_be_committed_is_sold_to_nobody_else() {
    let _slot = fault_slot().await;
    another_buyer_at_the_commit(&FaultRig::new(1).await).await;
}

#[tokio::test]
async fn control_locks_that_are_deleted_before_the_commit_sell_a_seat_twice_only_without_index_and_guard()
 {
    let _slot = fault_slot().await;
    // The gate lets the other buyer pass, but the index refuses him.
    another_buyer_at_the_commit(&flawed(FaultRig::new(1).await, &["unlock-before-commit"])).await;
    let rig = flawed(without_indexes().await, &["unlock-before-commit", "no-guard"]);
    let words = failure_of(another_buyer_at_the_commit(&rig)).await;
    assert!(words.starts_with("a seat is sold twice"), "{words}");
}

#[tokio::test]
async fn control_a_plain_delete_takes_the_lock_of_the_next_holder_away() {
    let _slot = fault_slot().await;
    let rig = flawed(FaultRig::new(1).await, &["plain-del"]);
    script(&rig.tenant.stack, PLAIN_DEL).await;
    let words = failure_of(late_delete(&rig)).await;
    assert_eq!(words, "the next holder's lock stands");
}

/// One confirm runs in four processes, eight times at once in each. All have verified their
/// payment before any sells.
async fn one_confirm_many_times(rig: &mut FaultRig, flaws: &[&str]) {
    let slow_provider = ["payment.verify:after=return(1000)".to_owned()];
    let points: Vec<String> =
        flaws.iter().map(|flaw| format!("{flaw}=return")).chain(slow_provider).collect();
    rig.set("FAILPOINTS", points.join(";"));
    rig.set("AWS_LAMBDA_MAX_CONCURRENCY", "8");
    let processes = join_all((0..4).map(|_| rig.start("confirm"))).await;
    let hold = held(&rig.start("reserve").await, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    let calls = processes.iter().flat_map(|process| (0..8).map(|_| process.call(&event, BUDGET)));
    let replies = join_all(calls).await;
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 1);
    invariants::money_is_accounted_for(&books, &[paid]);
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1, "one sale");
    for reply in &replies {
        assert_eq!(booking(reply), booking(&replies[0]));
    }
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn the_same_confirm_32_times_at_once_in_four_processes_makes_one_booking() {
    let _slot = fault_slot().await;
    one_confirm_many_times(&mut FaultRig::new(1).await, &[]).await;
}

#[tokio::test]
async fn control_the_same_confirm_32_times_at_once_without_index_and_guard_sells_the_seat_twice() {
    let _slot = fault_slot().await;
    let mut rig = without_indexes().await;
    let words = failure_of(one_confirm_many_times(&mut rig, &["no-guard"])).await;
    assert!(words.starts_with("a seat is sold twice"), "{words}");
}

/// The test of a lost commit fails on functions with this flaw. Its message contains `expected`.
async fn failure_of_a_lost_commit(flaw: &str, expected: &str) {
    let mut trio = replicas::Trio::start(1).await;
    trio.rig = flawed(trio.rig, &[flaw]);
    let words = failure_of(replicas::commit_on_the_old_primary_alone(&mut trio)).await;
    // It failed while the old primary was cut off. End this for the next test.
    trio.set.members.iter().for_each(|member| member.proxy.set_mode(Mode::Pass));
    assert!(words.contains(expected), "{words}");
}

#[tokio::test]
async fn control_with_write_concern_1_a_commit_that_only_one_server_has_is_confirmed_to_its_buyer()
{
    failure_of_a_lost_commit("write-concern-1", "POST /confirm-booking by confirm → 201").await;
}

#[tokio::test]
async fn control_with_local_reads_a_booking_that_only_one_server_has_is_confirmed_to_its_buyer() {
    failure_of_a_lost_commit("local-reads", "POST /confirm-booking by confirm → 20").await;
}

/// A sale that the network delays until its hold has run out at the database.
async fn sale_that_arrives_too_late(rig: &FaultRig) {
    let apart = rig.apart(shared_server().await.1.members[0].port).await;
    let (reserve, slow, confirm) =
        tokio::join!(rig.start("reserve"), apart.start("confirm"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    let mut trap = apart.mongodb.trap("findAndModify", Action::Hold, 1);
    let first = slow.invoke(&event, BUDGET);
    trap.sprung().await;
    end_hold(&rig.tenant, &hold).await;
    drop(trap);
    let first = first.reply().await;
    assert!(!matches!(first.status, 200 | 201), "a hold that had run out was sold: {first}");
    for reply in [first, confirm.call(&event, BUDGET).await] {
        assert_eq!(
            reply.error(410, "RESERVATION_EXPIRED")["details"]["refundDue"],
            true,
            "{reply}"
        );
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!((books.bookings.len(), books.count("EXPIRED")), (1, 1));
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn a_confirm_that_reaches_the_database_after_its_hold_ran_out_sells_nothing() {
    let _slot = fault_slot().await;
    sale_that_arrives_too_late(&FaultRig::new(1).await).await;
}

#[tokio::test]
async fn control_expiry_by_a_functions_clock_sells_a_hold_that_has_run_out() {
    let _slot = fault_slot().await;
    let rig = flawed(FaultRig::new(1).await, &["own-clock"]);
    let words = failure_of(sale_that_arrives_too_late(&rig)).await;
    assert!(words.starts_with("a hold that had run out was sold"), "{words}");
}
