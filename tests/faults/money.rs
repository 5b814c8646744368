//! A payment was taken, and meanwhile another call ended the hold. It becomes exactly one
//! REFUND_DUE record, no matter how often and in how many processes the call is repeated.

use futures_util::future::join_all;
use serde_json::Value;

use super::{
    BUDGET, FaultRig, WAIT_TIMEOUT, fault_slot, held, shared_server, to_confirm, to_release,
    to_reserve,
};
use crate::support::{
    invariants, payment,
    people::User,
    poll::eventually,
    proxy::Action,
    reply::Reply,
    runtime_api::{Environment, Event},
    unique,
};

/// The fields of the log line that counts refunds due. A second line counts all
/// lines of business together.
const METRIC: [&str; 2] = ["\"RefundsDue\":1", "\"Domain\":"];

fn counted(processes: &[&Environment]) -> usize {
    let of = |log: String| {
        log.lines().filter(|line| METRIC.iter().all(|field| line.contains(field))).count()
    };
    processes.iter().map(|process| of(process.log())).sum()
}

/// The tenant's bookings with this status, as the admin lists them.
async fn listed(rig: &FaultRig, status: &str) -> Vec<Value> {
    let list = rig.start("list-all-bookings").await;
    let admin = User { token: rig.tenant.stack.admin().await.token, ..rig.ann.clone() };
    let target = format!("/admin/bookings?status={status}&appId={}", rig.tenant.app_id);
    let reply = list.call(&Event::of(&admin, "GET", &target, &Value::Null), BUDGET).await;
    reply.expect(200)["bookings"].as_array().expect("bookings").clone()
}

/// The payment was taken and the sale is on its way to the database. Then `other` ends the hold,
/// and the sale arrives. Repeats of the call get the response of the first call: in the same
/// process and in another, one by one and at once.
async fn overtaken(
    rig: &FaultRig,
    payment: &str,
    other: &Environment,
    event: &Event,
    hold: &super::Hold,
) {
    let apart = rig.apart(shared_server().await.1.members[0].port).await;
    let (slow, confirm) = tokio::join!(apart.start("confirm"), rig.start("confirm"));
    let paying = to_confirm(&rig.ann, hold, payment);
    let mut trap = apart.mongodb.trap("findAndModify", Action::Hold, 1);
    let first = slow.invoke(&paying, BUDGET);
    trap.sprung().await;
    let ended = other.call(event, BUDGET).await;
    assert!(matches!(ended.status, 200 | 402), "{ended}");
    drop(trap);
    let mut replies = vec![first.reply().await, slow.call(&paying, BUDGET).await];
    replies.extend(join_all((0..6).map(|_| confirm.call(&paying, BUDGET))).await);
    for reply in &replies {
        assert_eq!(
            reply.error(409, "RESERVATION_RELEASED")["details"]["refundDue"],
            true,
            "{reply}"
        );
    }
    let line = || async { (counted(&[&slow, &confirm]) > 0).then_some(()) };
    eventually("the refund is counted", WAIT_TIMEOUT, line).await;
    assert_eq!(counted(&[&slow, &confirm]), 1, "{}{}", slow.log(), confirm.log());
    let due = listed(rig, "REFUND_DUE").await;
    assert_eq!(due.len(), 1, "{due:?}");
    let expected = [payment, "SUCCESS", hold.token.as_str(), rig.ann.user_id.as_str()];
    assert_eq!(
        ["paymentId", "paymentStatus", "reservationToken", "userId"].map(|field| &due[0][field]),
        expected
    );
    let books = invariants::check(&rig.tenant).await;
    invariants::money_is_accounted_for(&books, &[payment.to_owned()]);
    assert_eq!((books.count("RELEASED"), books.count("CONFIRMED")), (1, 0));
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_payment_overtaken_by_a_release_is_due_back_and_counted_once() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let (reserve, release) = tokio::join!(rig.start("reserve"), rig.start("release"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    overtaken(&rig, &payment(), &release, &to_release(&rig.ann, &hold), &hold).await;
    // The seat was not sold and is free.
    held(&reserve, &rig.bob, &[&rig.seats[0]]).await;
}

#[tokio::test]
async fn a_payment_overtaken_by_the_decline_of_another_is_due_back_and_counted_once() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let (reserve, other) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let declined = unique("pay_fail");
    let event = to_confirm(&rig.ann, &hold, &declined);
    overtaken(&rig, &payment(), &other, &event, &hold).await;
    let failed = listed(&rig, "FAILED").await;
    assert_eq!((failed.len(), &failed[0]["paymentId"]), (1, &declined.into()), "{failed:?}");
    held(&reserve, &rig.bob, &[&rig.seats[0]]).await;
}

#[tokio::test]
async fn a_decline_overtaken_by_the_sale_to_a_good_payment_changes_nothing() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let apart = rig.apart(shared_server().await.1.members[0].port).await;
    let (reserve, slow, confirm) =
        tokio::join!(rig.start("reserve"), apart.start("confirm"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let (good, declined) = (payment(), unique("pay_fail"));
    let (paying, failing) =
        (to_confirm(&rig.ann, &hold, &good), to_confirm(&rig.ann, &hold, &declined));
    let mut trap = apart.mongodb.trap("findAndModify", Action::Hold, 1);
    let first = slow.invoke(&failing, BUDGET);
    trap.sprung().await;
    let sold = confirm.call(&paying, BUDGET).await;
    sold.expect(201);
    drop(trap);
    for reply in [first.reply().await, slow.call(&failing, BUDGET).await] {
        let error = reply.error(409, "RESERVATION_ALREADY_CONFIRMED");
        assert_ne!(error["details"]["refundDue"], true, "nothing was taken: {reply}");
    }
    let books = invariants::check(&rig.tenant).await;
    invariants::assert_kept(&books, &sold, &rig.ann, &hold, &good);
    assert_eq!((books.bookings.len(), counted(&[&slow, &confirm])), (1, 0));
}

/// The record of the refund is written, and no reply to its commit arrives.
#[tokio::test]
async fn a_refund_whose_commit_has_no_reply_is_counted_once() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let apart = rig.apart(shared_server().await.1.members[0].port).await;
    let (reserve, release, deaf, confirm) = tokio::join!(
        rig.start("reserve"),
        rig.start("release"),
        apart.start("confirm"),
        rig.start("confirm")
    );
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
    let late = payment();
    let paying = to_confirm(&rig.ann, &hold, &late);
    let trap = apart.mongodb.trap("commitTransaction", Action::LoseReply, usize::MAX);
    let first = deaf.call(&paying, BUDGET).await;
    drop(trap);
    // On a busy machine the time may end before the record is found. Then perhaps nobody counts
    // it.
    let is_found = first.status != 503;
    let others = [deaf.call(&paying, BUDGET).await, confirm.call(&paying, BUDGET).await];
    for reply in others.into_iter().chain(is_found.then_some(first)) {
        let error = reply.error(409, "RESERVATION_RELEASED");
        assert_eq!(error["details"]["refundDue"], true, "{reply}");
    }
    let line = || async { (!is_found || counted(&[&deaf, &confirm]) > 0).then_some(()) };
    eventually("the refund is counted", WAIT_TIMEOUT, line).await;
    assert!(counted(&[&deaf, &confirm]) <= 1, "{}{}", deaf.log(), confirm.log());
    let books = invariants::check(&rig.tenant).await;
    invariants::money_is_accounted_for(&books, &[late]);
}

#[tokio::test]
async fn a_provider_that_is_unavailable_keeps_the_hold_and_its_lock_until_a_payment_can_be_asked_about()
 {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let seat = rig.seats[0].as_str();
    let hold = held(&reserve, &rig.ann, &[seat]).await;
    let before = invariants::check(&rig.tenant).await;
    for _ in 0..3 {
        let reply = confirm.call(&to_confirm(&rig.ann, &hold, "pay_unavailable"), BUDGET).await;
        reply.error(503, "SERVICE_UNAVAILABLE");
    }
    let after = invariants::check(&rig.tenant).await;
    assert_eq!((&after.reservations, &after.seats), (&before.reservations, &before.seats));
    assert!(after.bookings.is_empty());
    invariants::no_locks_left_but(&rig.tenant, &[seat]).await;
    let refused: Reply = reserve.call(&to_reserve(&rig.bob, &[seat]), BUDGET).await;
    refused.error(409, "SEAT_ALREADY_LOCKED");
    let paid = payment();
    let sold = confirm.call(&to_confirm(&rig.ann, &hold, &paid), BUDGET).await;
    sold.expect(201);
    let books = invariants::check(&rig.tenant).await;
    invariants::assert_kept(&books, &sold, &rig.ann, &hold, &paid);
    invariants::money_is_accounted_for(&books, &[paid]);
}
