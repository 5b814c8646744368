//! Refunds whose outcome at the provider is not known: each is paid once.

use std::time::Duration;

use mongodb::{
    Collection,
    bson::{Document, doc},
};

use super::{
    BUDGET, FaultRig, WAIT_TIMEOUT, fault_slot, held, paying::Paying, shared_server, stack_on,
    to_confirm, to_release,
};
use crate::support::{
    invariants,
    people::PRICE,
    poll::eventually,
    runtime_api::{Environment, Event},
};

/// The provider has forgotten an idempotency key by then.
const FORGOTTEN: Duration = Duration::from_secs(25 * 3_600);

/// A payment that bought nothing, and the worker that pays it back.
struct Due {
    rig: FaultRig,
    paying: Paying,
    intent: String,
    worker: Environment,
}

impl Due {
    async fn new() -> Self {
        // On a database of its own: the worker of another test would ask another fake.
        let set = shared_server().await.1;
        let stack = stack_on(&set).await;
        let mut rig = FaultRig::on(stack, set.members[0].port, 1).await;
        let paying = Paying::on(&mut rig).await;
        let (reserve, release, confirm, worker) = tokio::join!(
            rig.start("reserve"),
            rig.start("release"),
            rig.start("confirm"),
            rig.start("pay-refunds")
        );
        let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
        let intent = paying.pay(&rig.ann, &hold).await;
        release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
        let late = confirm.call(&to_confirm(&rig.ann, &hold, &intent), BUDGET).await;
        assert_eq!(late.error(409, "RESERVATION_RELEASED")["details"]["refundDue"], true);
        Self { rig, paying, intent, worker }
    }

    async fn refunds(&self) -> Collection<Document> {
        self.rig.tenant.stack.database().await.collection("refunds")
    }

    async fn set(&self, set: Document) {
        let own = doc! {"appId": &self.rig.tenant.app_id};
        let update = vec![doc! {"$set": set}];
        self.refunds().await.update_one(own, update).await.expect("an update");
    }

    /// The worker asks about the refund until it has this status.
    async fn becomes(&self, status: &str) {
        let wanted = doc! {"appId": &self.rig.tenant.app_id, "status": status};
        eventually("the refund has that status", WAIT_TIMEOUT, || async {
            self.worker.invoke(&Event::scheduled(), BUDGET).value().await;
            let found = self.refunds().await.find_one(wanted.clone()).await.expect("a response");
            if found.is_none() {
                self.set(doc! {"askAt": "$$NOW"}).await;
            }
            found.map(|_| ())
        })
        .await;
    }

    async fn is_paid_once(&self) {
        self.set(doc! {"askAt": "$$NOW"}).await;
        self.becomes("SUCCEEDED").await;
        assert_eq!(self.paying.refunds_of(&self.intent).await, [PRICE]);
        invariants::check(&self.rig.tenant).await;
    }
}

#[tokio::test]
async fn a_refund_whose_response_is_lost_is_paid_once_though_its_key_is_forgotten() {
    let _slot = fault_slot().await;
    let due = Due::new().await;
    due.paying.fault("create_refund", "reply_lost").await;
    due.becomes("SUBMITTED").await;
    assert_eq!(due.paying.refunds_of(&due.intent).await, [PRICE], "the provider has paid it");
    due.paying.advance(FORGOTTEN).await;
    due.is_paid_once().await;
}

#[tokio::test]
async fn a_refund_that_the_database_forgot_to_have_asked_for_is_paid_once() {
    let _slot = fault_slot().await;
    let due = Due::new().await;
    due.paying.fault("create_refund", "reply_lost").await;
    due.becomes("SUBMITTED").await;
    // A database that was restored from yesterday does not know that the provider was asked.
    let yesterday = doc! {"$subtract": ["$$NOW", FORGOTTEN.as_millis() as i64]};
    due.set(doc! {"status": "PENDING", "asked": 0_i64, "createdAt": yesterday}).await;
    due.paying.advance(FORGOTTEN).await;
    due.is_paid_once().await;
}

#[tokio::test]
async fn a_500_that_stays_with_its_key_fails_no_refund_and_is_paid_once() {
    let _slot = fault_slot().await;
    let due = Due::new().await;
    due.paying.fault("create_refund", "error_500_kept").await;
    due.becomes("SUBMITTED").await;
    due.set(doc! {"askAt": "$$NOW"}).await;
    due.becomes("SUBMITTED").await;
    assert_eq!(due.paying.refunds_of(&due.intent).await, [] as [i64; 0]);
    due.paying.advance(FORGOTTEN).await;
    due.is_paid_once().await;
}

/// Two workers have asked the provider, because the first one has lost its lease.
#[tokio::test]
async fn a_refund_that_fails_is_reported_once() {
    let _slot = fault_slot().await;
    let due = Due::new().await;
    // The provider refuses more than was paid.
    due.set(doc! {"amount": PRICE + 1}).await;
    let late = due.rig.with("FAILPOINTS", "refunds.settle:before=return(3000)");
    let late = Environment::start("pay-refunds", &late).await;
    let run = late.invoke(&Event::scheduled(), BUDGET);
    let submitted = doc! {"appId": &due.rig.tenant.app_id, "status": "SUBMITTED"};
    eventually("the provider is asked", WAIT_TIMEOUT, || async {
        due.refunds().await.find_one(submitted.clone()).await.expect("a response").map(|_| ())
    })
    .await;
    due.set(doc! {"askAt": "$$NOW"}).await;
    due.becomes("FAILED").await;
    run.value().await;
    let reported = |worker: &Environment| worker.log().matches("REFUND_FAILED").count();
    let reported = [reported(&late), reported(&due.worker)];
    assert_eq!(reported.iter().sum::<usize>(), 1, "{reported:?}: {}", late.log());
}
