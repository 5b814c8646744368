//! How Lambda may invoke a function: one event delivered twice, several events at once in one
//! process, and a process that is frozen in the middle of an event.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use redis::AsyncCommands as _;

use super::{
    BUDGET, FaultRig, booking, fault_slot, held, regressions::warm_up_confirm,
    repeat_while_unavailable, to_confirm, to_release, to_reserve,
};
use crate::support::{expiry::end_hold, invariants, payment, people::Hold, proxy::Action};

#[tokio::test]
async fn the_same_event_at_once_in_two_processes_and_once_more_later_is_done_once() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let seat = rig.seats[0].as_str();
    let (reserve, other) = tokio::join!(rig.start("reserve"), rig.start("reserve"));
    let event = to_reserve(&rig.ann, &[seat]);
    let (one, two) = tokio::join!(reserve.call(&event, BUDGET), other.call(&event, BUDGET));
    let later = reserve.call(&event, BUDGET).await;
    assert_eq!(
        [one.status.min(two.status), one.status.max(two.status), later.status],
        [200, 201, 200]
    );
    let hold = Hold::of(&later);
    assert_eq!([Hold::of(&one), Hold::of(&two)], [hold.clone(), hold.clone()]);

    let (confirm, other) = tokio::join!(rig.start("confirm"), rig.start("confirm"));
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    let (one, two) = tokio::join!(confirm.call(&event, BUDGET), other.call(&event, BUDGET));
    let later = other.call(&event, BUDGET).await;
    assert_eq!(
        [one.status.min(two.status), one.status.max(two.status), later.status],
        [200, 201, 200]
    );
    assert_eq!([booking(&one), booking(&two)], [booking(&later), booking(&later)]);

    let books = invariants::check(&rig.tenant).await;
    for reply in [&one, &two, &later] {
        invariants::assert_kept(&books, reply, &rig.ann, &hold, &paid);
    }
    assert_eq!((books.reservations.len(), books.bookings.len()), (1, 1));
    invariants::money_is_accounted_for(&books, &[paid]);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn the_same_release_at_once_and_later_says_the_same() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let (reserve, release, other) =
        tokio::join!(rig.start("reserve"), rig.start("release"), rig.start("release"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let event = to_release(&rig.ann, &hold);
    let (one, two) = tokio::join!(release.call(&event, BUDGET), other.call(&event, BUDGET));
    let later = other.call(&event, BUDGET).await;
    for reply in [one, two, later] {
        reply.expect(200);
    }
    assert_eq!(invariants::check(&rig.tenant).await.count("RELEASED"), 1);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn eight_confirms_at_once_in_one_process_sell_once() {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(8).await;
    rig.set("AWS_LAMBDA_MAX_CONCURRENCY", "8");
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let seats: Vec<&str> = rig.seats.iter().map(String::as_str).collect();
    // Eight events for one seat, from two users, in one process.
    let users = [&rig.ann, &rig.bob];
    let events: Vec<_> = (0..8).map(|n| to_reserve(users[n % 2], &seats[..1])).collect();
    let replies = join_all(events.iter().map(|event| reserve.call(event, BUDGET))).await;
    let won: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert_eq!(won.len(), 1, "one hold");
    for lost in replies.iter().filter(|reply| reply.status >= 400) {
        lost.error(409, "SEAT_ALREADY_LOCKED");
    }
    let hold = Hold::of(won[0]);
    let winner = replies.iter().position(|reply| reply.status == 201).expect("one") % 2;
    let paid = payment();
    let event = to_confirm(users[winner], &hold, &paid);
    let replies = join_all((0..8).map(|_| confirm.call(&event, BUDGET))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1, "one sale");
    for reply in &replies {
        assert_eq!(booking(reply), booking(&replies[0]));
    }
    let books = invariants::check(&rig.tenant).await;
    replies
        .iter()
        .for_each(|reply| invariants::assert_kept(&books, reply, users[winner], &hold, &paid));
    assert_eq!(books.bookings.len(), 1);
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn a_confirm_frozen_inside_its_transaction_and_thawed_after_its_deadline_changes_no_response()
{
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let apart = rig.apart(super::shared_server().await.1.members[0].port).await;
    let (reserve, frozen, confirm) =
        tokio::join!(rig.start("reserve"), apart.start("confirm"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    warm_up_confirm(&frozen, &rig).await;
    let mut trap = apart.mongodb.trap("insert", Action::Hold, 1);
    let (budget, begun) = (Duration::from_secs(6), Instant::now());
    let first = frozen.invoke(&event, budget);
    trap.sprung().await;
    frozen.freeze();
    // Its transaction is still open. The repeat gets a response all the same, and in the end the
    // booking.
    let reply = repeat_while_unavailable(&confirm, &event).await;
    let sold = booking(&reply);
    tokio::time::sleep_until((begun + budget).into()).await;
    drop(trap);
    frozen.thaw();
    let late = first.late_reply().await.expect("a thawed process responds");
    assert!(matches!(late.status, 200 | 201 | 503), "{late}");
    if late.status != 503 {
        assert_eq!(booking(&late), sold);
    }
    // The thawed process works like any other.
    for process in [&frozen, &confirm] {
        assert_eq!(booking(&process.call(&event, BUDGET).await), sold);
    }
    let books = invariants::check(&rig.tenant).await;
    invariants::assert_kept(&books, &reply, &rig.ann, &hold, &paid);
    assert_eq!(books.bookings.len(), 1);
    invariants::money_is_accounted_for(&books, &[paid]);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_reserve_frozen_before_its_write_and_thawed_after_its_deadline_takes_no_seat_from_its_buyer()
 {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(2).await;
    let apart = rig.apart(super::shared_server().await.1.members[0].port).await;
    let (frozen, reserve, confirm, release) = tokio::join!(
        apart.start("reserve"),
        rig.start("reserve"),
        rig.start("confirm"),
        rig.start("release")
    );
    let seat = rig.seats[0].as_str();
    // The process is connected, so the call reaches its write within its short budget.
    let unknown = to_reserve(&rig.ann, &["0123456789abcdef01234567"]);
    frozen.call(&unknown, BUDGET).await.error(404, "SEAT_NOT_FOUND");
    let mut trap = apart.mongodb.trap("findAndModify", Action::Hold, 1);
    let (budget, begun) = (Duration::from_secs(5), Instant::now());
    let first = frozen.invoke(&to_reserve(&rig.ann, &[seat]), budget);
    trap.sprung().await;
    frozen.freeze();
    // The lock of the frozen process ends by its TTL. Then anybody can have the seat.
    reserve.call(&to_reserve(&rig.bob, &[seat]), BUDGET).await.error(409, "SEAT_ALREADY_LOCKED");
    let lock = format!("seat:lock:{{{}}}:{seat}", rig.tenant.app_id);
    let mut redis = rig.tenant.stack.redis().await;
    let left: i64 = redis.ttl(&lock).await.expect("TTL");
    assert!((0..=120).contains(&left), "{left}");
    let () = redis.del(lock).await.expect("DEL");
    let hold = held(&reserve, &rig.bob, &[seat]).await;
    tokio::time::sleep_until((begun + budget).into()).await;
    drop(trap);
    frozen.thaw();
    let late = first.late_reply().await.expect("a thawed process responds");
    assert!(late.status >= 400, "bob has it: {late}");
    let paid = payment();
    let sold = confirm.call(&to_confirm(&rig.bob, &hold, &paid), BUDGET).await;
    let books = invariants::check(&rig.tenant).await;
    invariants::assert_kept(&books, &sold, &rig.bob, &hold, &paid);
    invariants::money_is_accounted_for(&books, &[paid]);
    assert_eq!((books.bookings.len(), books.count("ACTIVE")), (1, 0));
    // The other seat was held by somebody who never came back.
    let forgotten = held(&reserve, &rig.ann, &[&rig.seats[1]]).await;
    end_hold(&rig.tenant, &forgotten).await;
    invariants::every_unsold_seat_can_be_reserved(&rig.tenant, &reserve, &release).await;
}

#[tokio::test]
async fn a_confirm_frozen_until_its_hold_ran_out_and_another_bought_the_seat_owes_the_money_back_once()
 {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let apart = rig.apart(super::shared_server().await.1.members[0].port).await;
    let (reserve, frozen, confirm) =
        tokio::join!(rig.start("reserve"), apart.start("confirm"), rig.start("confirm"));
    let seat = rig.seats[0].as_str();
    let hold = held(&reserve, &rig.ann, &[seat]).await;
    let (late, prompt) = (payment(), payment());
    let event = to_confirm(&rig.ann, &hold, &late);
    // The payment is taken; the sale is on its way to the database.
    let mut trap = apart.mongodb.trap("findAndModify", Action::Hold, 1);
    let first = frozen.invoke(&event, BUDGET);
    trap.sprung().await;
    frozen.freeze();
    end_hold(&rig.tenant, &hold).await;
    let next = held(&reserve, &rig.bob, &[seat]).await;
    confirm.call(&to_confirm(&rig.bob, &next, &prompt), BUDGET).await.expect(201);
    let before = invariants::check(&rig.tenant).await;
    drop(trap);
    frozen.thaw();
    let replies = [
        first.reply().await,
        confirm.call(&event, BUDGET).await,
        frozen.call(&event, BUDGET).await,
    ];
    for reply in &replies {
        assert_eq!(
            reply.error(410, "RESERVATION_EXPIRED")["details"]["refundDue"],
            true,
            "{reply}"
        );
    }
    let books = invariants::check(&rig.tenant).await;
    invariants::nothing_was_gained(&before, &books);
    assert_eq!(books.bookings.len(), 2, "bob's booking, and one record of what ann is owed");
    invariants::money_is_accounted_for(&books, &[late, prompt]);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}
