//! An entity with many bookings is cancelled, while the worker is killed and the provider has too
//! little money and allows few requests.

use futures_util::{StreamExt as _, stream};
use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use super::{
    BUDGET, FaultRig, WAIT_TIMEOUT, abort_transactions, app_name, fault_slot, held, paying::Paying,
    shared_server, stack_on, to_confirm, to_reserve,
};
use crate::support::{
    invariants, payment,
    people::{PRICE, Tenant},
    poll::eventually,
    proxy::Action,
    replica_set::ReplicaSet,
    runtime_api::{Environment, Event},
    unique,
};

/// Bookings of the cancelled entity.
const BOOKINGS: usize = 200;
/// What the provider takes in a second.
const REQUESTS_PER_SECOND: u64 = 25;

fn path(tenant: &Tenant) -> String {
    format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity)
}

/// The tenant's entity gets settings.
pub async fn with_settings(tenant: &Tenant) {
    let admin = tenant.stack.admin().await;
    let body = json!({"title": "A show", "currency": "INR"});
    admin.call("PUT", &path(tenant)).json(&body).send().await;
}

pub async fn cancel(tenant: &Tenant) {
    let body = json!({"refundPercent": 100, "reason": "The band is ill."});
    let admin = tenant.stack.admin().await;
    admin.post(&format!("{}/cancel", path(tenant)), &body).await.expect(202);
}

pub async fn cancelling(tenant: &Tenant) -> Value {
    let admin = tenant.stack.admin().await;
    admin.get(&path(tenant)).await.expect(200)["cancelling"].clone()
}

/// The next run of the worker continues the cancellation now, although a killed run has the lease.
pub async fn go_on(tenant: &Tenant) {
    let entities = tenant.stack.database().await.collection::<Document>("entities");
    let own = doc! {"appId": &tenant.app_id, "cancel": {"$exists": true}};
    let now = vec![doc! {"$set": {"cancel.workAt": "$$NOW"}}];
    entities.update_many(own, now).await.expect("an update");
}

/// The provider is asked about the tenant's open refunds now.
async fn ask_again(tenant: &Tenant) {
    let refunds = tenant.stack.database().await.collection::<Document>("refunds");
    let open = doc! {"appId": &tenant.app_id, "status": "SUBMITTED"};
    let now = vec![doc! {"$set": {"askAt": "$$NOW"}}];
    refunds.update_many(open, now).await.expect("an update");
}

/// Buys each seat of the rig by itself, with Stripe, and returns the intents.
pub async fn sold(rig: &FaultRig, paying: &Paying) -> Vec<String> {
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let (reserve, confirm) = (&reserve, &confirm);
    let buy = async |seat: &String| {
        let hold = held(reserve, &rig.ann, &[seat]).await;
        let intent = paying.pay(&rig.ann, &hold).await;
        let sold = confirm.call(&to_confirm(&rig.ann, &hold, &intent), BUDGET).await;
        sold.expect(201);
        intent
    };
    stream::iter(&rig.seats).map(buy).buffer_unordered(8).collect().await
}

/// A worker that is killed at this point ends, and its transactions too.
async fn killed(rig: &FaultRig, set: &ReplicaSet, function: &str, points: &str) {
    let (name, mut settings) = (unique("killed"), rig.with("FAILPOINTS", points));
    let own = app_name(&rig.tenant.stack, &name);
    let uri = rig.settings["MONGODB_URI"].replace(&rig.name(), &own);
    settings.insert("MONGODB_URI".to_owned(), uri);
    let process = Environment::start(function, &settings).await;
    let _invocation = process.invoke(&Event::scheduled(), BUDGET);
    process.ended().await;
    assert!(process.log().contains("killed at"), "{}", process.log());
    abort_transactions(set, &own).await;
}

#[tokio::test]
async fn hundreds_of_bookings_are_cancelled_and_refunded_once_by_killed_workers_and_a_poor_provider()
 {
    let _slot = fault_slot().await;
    let set = shared_server().await.1;
    let stack = stack_on(&set).await;
    let mut rig = FaultRig::on(stack, set.members[0].port, BOOKINGS).await;
    for (name, value) in [
        ("AWS_LAMBDA_MAX_CONCURRENCY", "8"),
        ("MONGODB_MAX_POOL_SIZE", "20"),
        ("MAX_HELD_SEATS_PER_USER", "1000"),
    ] {
        rig.set(name, value);
    }
    let paying = Paying::on(&mut rig).await;
    let tenant = &rig.tenant;
    with_settings(tenant).await;
    let intents = sold(&rig, &paying).await;
    cancel(tenant).await;
    for points in [
        "bookings.cancel:after=30*off->return(kill)",
        "tx.commit:before=40*off->return(kill)",
        "tx.commit:after=50*off->return(kill)",
        "entities.keep_cancel:before=return(kill)",
    ] {
        go_on(tenant).await;
        killed(&rig, &set, "cancel-entities", points).await;
    }
    let workers = [rig.start("cancel-entities").await, rig.start("cancel-entities").await];
    let done = json!({"bookings": BOOKINGS, "done": BOOKINGS, "refundsFailed": 0});
    eventually("every booking is cancelled", WAIT_TIMEOUT, || async {
        go_on(tenant).await;
        let event = Event::scheduled();
        let runs = workers.each_ref().map(|worker| worker.invoke(&event, BUDGET).value());
        futures_util::future::join_all(runs).await;
        (cancelling(tenant).await == done).then_some(())
    })
    .await;

    // Half of the money is there at first, and few requests are allowed at once.
    let price = PRICE * i64::try_from(BOOKINGS).expect("a number");
    paying.balance(Some(price / 2)).await;
    paying.limit(Some(REQUESTS_PER_SECOND)).await;
    let pay = rig.start("pay-refunds").await;
    pay.invoke(&Event::scheduled(), BUDGET).value().await;
    paying.balance(None).await;
    ask_again(tenant).await;
    killed(&rig, &set, "pay-refunds", "refunds.settle:before=2*off->return(kill)").await;
    let refunds = tenant.stack.database().await.collection::<Document>("refunds");
    let of_app = |status: &str| doc! {"appId": &tenant.app_id, "status": status};
    eventually("all money is back", WAIT_TIMEOUT * 3, || async {
        ask_again(tenant).await;
        pay.invoke(&Event::scheduled(), BUDGET).value().await;
        let paid = refunds.count_documents(of_app("SUCCEEDED")).await.expect("a count");
        let failed = refunds.count_documents(of_app("FAILED")).await.expect("a count");
        assert_eq!(failed, 0, "{paid} are paid");
        (paid == BOOKINGS as u64).then_some(())
    })
    .await;
    paying.limit(None).await;
    let all = refunds.count_documents(doc! {"appId": &tenant.app_id}).await.expect("a count");
    assert_eq!(all, BOOKINGS as u64, "one refund for each booking");
    for intent in &intents {
        assert_eq!(paying.refunds_of(intent).await, [PRICE], "{intent}");
    }
    let books = invariants::check(tenant).await;
    assert_eq!((books.count("CANCELLED"), books.count("CONFIRMED")), (BOOKINGS, 0));
}

#[tokio::test]
async fn a_confirm_inside_its_transaction_while_the_entity_is_cancelled_is_cancelled_after_it() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(2).await;
    let tenant = &rig.tenant;
    with_settings(tenant).await;
    let apart = rig.apart(shared_server().await.1.members[0].port).await;
    let (reserve, slow, worker) =
        tokio::join!(rig.start("reserve"), apart.start("confirm"), rig.start("cancel-entities"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let other = held(&reserve, &rig.bob, &[&rig.seats[1]]).await;
    let paid = payment();
    let paying = to_confirm(&rig.ann, &hold, &paid);
    let mut trap = apart.mongodb.trap("commitTransaction", Action::Hold, 1);
    let selling = slow.invoke(&paying, BUDGET);
    trap.sprung().await;
    cancel(tenant).await;
    reserve.call(&to_reserve(&rig.bob, &[&rig.seats[1]]), BUDGET).await;
    worker.invoke(&Event::scheduled(), BUDGET).value().await;
    drop(trap);
    selling.reply().await.expect(201);
    eventually("the sale that slipped in is cancelled", WAIT_TIMEOUT, || async {
        go_on(tenant).await;
        worker.invoke(&Event::scheduled(), BUDGET).value().await;
        (cancelling(tenant).await["done"] == 1).then_some(())
    })
    .await;
    // A sale that comes only now is refused.
    let late = slow.call(&to_confirm(&rig.bob, &other, &payment()), BUDGET).await;
    assert_eq!(late.error(409, "RESERVATION_RELEASED")["details"]["refundDue"], true);
    // A repeat of the sale shows the cancelled booking, and revives nothing.
    assert_eq!(slow.call(&paying, BUDGET).await.expect(200)["status"], "CANCELLED");
    let refunds = tenant.stack.database().await.collection::<Document>("refunds");
    let refund = doc! {"appId": &tenant.app_id, "paymentId": &paid};
    assert_eq!(refunds.count_documents(refund).await.expect("a count"), 1);
    invariants::check(tenant).await;
}
