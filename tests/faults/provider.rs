//! A slow payment provider.

use std::time::Duration;

use super::{
    BUDGET, FaultRig, booking, fault_slot, held, to_confirm, to_reserve, wait_until_expired,
};
use crate::support::{
    invariants, payment,
    reply::Reply,
    runtime_api::{Environment, Event},
};

/// A process of `confirm` whose provider responds after this delay.
async fn slow(rig: &FaultRig, by: Duration) -> Environment {
    let points = format!("payment.verify:after=return({})", by.as_millis());
    Environment::start("confirm", &rig.with("FAILPOINTS", points)).await
}

/// The payment was taken for an expired hold, and the response says that a refund is due.
#[track_caller]
fn refund_due(reply: &Reply) {
    assert_eq!(reply.error(410, "RESERVATION_EXPIRED")["details"]["refundDue"], true, "{reply}");
}

#[tokio::test]
async fn a_provider_that_is_slower_than_the_deadline_is_a_503_by_then_and_the_repeat_sells() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let seat = rig.seats[0].as_str();
    let (reserve, slow, confirm) = tokio::join!(
        rig.start("reserve"),
        slow(&rig, Duration::from_secs(60)),
        rig.start("confirm")
    );
    let hold = held(&reserve, &rig.ann, &[seat]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    slow.call(&event, Duration::from_secs(2)).await.error(503, "SERVICE_UNAVAILABLE");
    let books = invariants::check(&rig.tenant).await;
    assert_eq!((books.bookings.len(), books.live().len()), (0, 1), "the hold stays");
    invariants::no_locks_left_but(&rig.tenant, &[seat]).await;
    reserve.call(&to_reserve(&rig.bob, &[seat]), BUDGET).await.error(409, "SEAT_ALREADY_LOCKED");
    let sold = confirm.call(&event, BUDGET).await;
    sold.expect(201);
    assert_eq!(booking(&confirm.call(&event, BUDGET).await), booking(&sold));
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 1);
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn a_hold_that_expired_while_its_payment_was_checked_owes_the_money_back_once() {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(1).await;
    rig.set("HOLD_TTL_SECONDS", "2");
    let (reserve, slow, confirm) = tokio::join!(
        rig.start("reserve"),
        slow(&rig, Duration::from_millis(2500)),
        rig.start("confirm")
    );
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    refund_due(&slow.call(&event, BUDGET).await);
    for process in [&confirm, &confirm, &slow] {
        refund_due(&process.call(&event, BUDGET).await);
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!((books.bookings.len(), books.count("EXPIRED")), (1, 1));
    invariants::money_is_accounted_for(&books, &[paid]);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

/// In an earlier implementation both users booked the seat, and the first of them got a 500 for a
/// booking that was committed.
#[tokio::test]
async fn a_hold_that_expired_while_its_payment_was_checked_lets_no_second_user_book_the_seat_and_is_no_500()
 {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(2).await;
    let steady = rig.start("reserve").await;
    rig.set("HOLD_TTL_SECONDS", "2");
    rig.set("AWS_LAMBDA_MAX_CONCURRENCY", "2");
    let (brief, slow, confirm) = tokio::join!(
        rig.start("reserve"),
        slow(&rig, Duration::from_secs(5)),
        rig.start("confirm")
    );
    let database = rig.tenant.stack.database().await;
    // When the first user's payment is done, the other user has bought the seat or still holds it.
    let scenario = async |seat: &str, bought_meanwhile: bool| {
        let (late, prompt) = (payment(), payment());
        let hold = held(&brief, &rig.ann, &[seat]).await;
        let event = to_confirm(&rig.ann, &hold, &late);
        let first = slow.invoke(&event, BUDGET);
        wait_until_expired(&database, &hold).await;
        let next = held(&steady, &rig.bob, &[seat]).await;
        let buying: Event = to_confirm(&rig.bob, &next, &prompt);
        if bought_meanwhile {
            confirm.call(&buying, BUDGET).await.expect(201);
        }
        refund_due(&first.reply().await);
        refund_due(&confirm.call(&event, BUDGET).await);
        let bought = confirm.call(&buying, BUDGET).await;
        bought.expect(if bought_meanwhile { 200 } else { 201 });
        [late, prompt]
    };
    let (one, two) = tokio::join!(scenario(&rig.seats[0], true), scenario(&rig.seats[1], false));
    let books = invariants::check(&rig.tenant).await;
    invariants::money_is_accounted_for(&books, &[one, two].concat());
    assert_eq!((books.bookings.len(), books.count("CONFIRMED"), books.count("EXPIRED")), (4, 2, 2));
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}
