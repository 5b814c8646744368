//! Orphaned transactions on a MongoDB with its default limit of 60 s: a request that one blocks
//! ends it.

use std::time::Duration;

use mongodb::bson::doc;

use super::{
    BUDGET, FaultRig, fault_slot, held, kills::killed_at, shared_server, to_confirm, to_release,
    to_reserve,
};
use crate::support::{invariants, payment, people::Hold, poll::eventually, proxy::Action};

/// The server's default. With a shorter limit the server itself would end the transactions.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// The longest wait of a blocked caller: the age at which a transaction counts as orphaned, plus
/// the search for it. Far below [`DEFAULT_LIFETIME`], however busy the machine is.
const UNBLOCKED_WITHIN: Duration = Duration::from_secs(30);

async fn with_default_lifetime() {
    let seconds = i32::try_from(DEFAULT_LIFETIME.as_secs()).unwrap();
    let set = doc! {"setParameter": 1, "transactionLifetimeLimitSeconds": seconds};
    shared_server().await.1.admin(0, set).await.expect("the limit is set");
}

/// A confirm that is killed inside its transaction. There the seat is BOOKED and the hold
/// CONFIRMED, and no client will commit or abort it.
async fn orphan(rig: &FaultRig, hold: &Hold) {
    let event = to_confirm(&rig.ann, hold, &payment());
    killed_at(rig, "confirm", &event, "commitTransaction", Action::Hold).await;
}

#[tokio::test]
async fn the_buyer_confirms_again_long_before_the_servers_limit() {
    let _slot = fault_slot().await;
    with_default_lifetime().await;
    let rig = FaultRig::new(1).await;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    orphan(&rig, &hold).await;
    let event = to_confirm(&rig.ann, &hold, &payment());
    let sold = || async {
        let reply = confirm.call(&event, BUDGET).await;
        (reply.status == 201).then_some(())
    };
    eventually("the hold is sold", UNBLOCKED_WITHIN, sold).await;
    invariants::check(&rig.tenant).await;
}

#[tokio::test]
async fn a_release_frees_the_seat_for_others_long_before_the_servers_limit() {
    let _slot = fault_slot().await;
    with_default_lifetime().await;
    let rig = FaultRig::new(1).await;
    let (reserve, release) = tokio::join!(rig.start("reserve"), rig.start("release"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    orphan(&rig, &hold).await;
    let event = to_release(&rig.ann, &hold);
    let released = || async { (release.call(&event, BUDGET).await.status == 200).then_some(()) };
    eventually("the hold is released", UNBLOCKED_WITHIN, released).await;
    reserve.call(&to_reserve(&rig.bob, &[&rig.seats[0]]), BUDGET).await.expect(201);
    invariants::check(&rig.tenant).await;
}

#[tokio::test]
async fn an_overdue_hold_in_an_orphaned_transaction_keeps_nobody_out() {
    let _slot = fault_slot().await;
    with_default_lifetime().await;
    let mut rig = FaultRig::new(1).await;
    rig.set("HOLD_TTL_SECONDS", "3");
    let reserve = rig.start("reserve").await;
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    orphan(&rig, &hold).await;
    let event = to_reserve(&rig.bob, &[&rig.seats[0]]);
    let reserved = || async { (reserve.call(&event, BUDGET).await.status == 201).then_some(()) };
    eventually("the seat is free again", UNBLOCKED_WITHIN, reserved).await;
    invariants::check(&rig.tenant).await;
}
