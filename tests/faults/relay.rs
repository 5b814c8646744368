//! The deliverer kills itself before and after each write about an event. A real receiver still
//! gets exactly the changes that were made, each at least once.

use std::{collections::BTreeSet, os::unix::process::ExitStatusExt as _, time::Duration};

use mongodb::{
    Collection,
    bson::{DateTime, Document, doc},
};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    BUDGET, FaultRig, WAIT_TIMEOUT, fault_slot, held, shared_server, stack_on, to_confirm,
    to_release,
};
use crate::support::{
    invariants::{self, text},
    outbox, payment,
    people::Tenant,
    poll::eventually,
    receiver::{BROKEN, OK, ReceiverBehaviour, Receivers},
    runtime_api::{Environment, Event},
};

/// The writes of a deliverer on the way of an event to its receiver.
pub const WRITES: [&str; 8] = [
    "deliverers.make",
    "deliverers.take",
    "deliveries.insert",
    "outbox.forget",
    "deliveries.take",
    "deliveries.settle",
    "deliverers.renew",
    "deliverers.release",
];

/// The writes about an endpoint.
pub const ENDPOINT_WRITES: [&str; 5] = [
    "webhooks.note_failure",
    "webhooks.forget_failures",
    "webhooks.disable",
    "deliveries.fail_all",
    "deliveries.delete_all",
];

/// The writes of an organiser who wants deliveries to be made again.
pub const REPEATS: [&str; 2] = ["deliveries.retry", "deliveries.recover"];

/// A deliverer starts no attempt that might not end within its invocation.
const STAY: Duration = Duration::from_secs(60);

async fn collection(rig: &FaultRig, name: &str) -> Collection<Document> {
    rig.tenant.stack.database().await.collection(name)
}

/// Ends the leases of a deliverer that was killed. They would end by themselves within a minute.
async fn end_leases(rig: &FaultRig) {
    collection(rig, "deliverers").await.delete_many(doc! {}).await.expect("a response");
    let pending = doc! {"status": "PENDING", "appId": &rig.tenant.app_id};
    let due = doc! {"$set": {"nextAttemptAt": DateTime::from_millis(1_000)}};
    collection(rig, "deliveries").await.update_many(pending, due).await.expect("a response");
}

/// A rig whose deliverer may call this machine, and receivers. A deliverer works for all tenants
/// of its database, so each test has one of its own.
async fn rig(seats: usize) -> (FaultRig, Receivers) {
    let (_, set) = shared_server().await;
    let stack = stack_on(&set).await;
    let mut rig = FaultRig::on(stack, set.members[0].port, seats).await;
    rig.set("WEBHOOK_ALLOW_HOSTS", "127.0.0.1");
    (rig, Receivers::start().await)
}

/// Creates an endpoint, and returns its path.
async fn endpoint(rig: &FaultRig, url: &str) -> String {
    endpoint_of(&rig.tenant, url).await
}

async fn endpoint_of(tenant: &Tenant, url: &str) -> String {
    let path = format!("/admin/apps/{}/webhooks", tenant.app_id);
    let reply = tenant.stack.admin().await.post(&path, &json!({"url": url})).await;
    format!("{path}/{}", reply.expect(201)["webhookId"].as_str().expect("an id"))
}

/// An organiser's POST to a route of an endpoint.
async fn by_admin(rig: &FaultRig, path: &str, body: &Value, delivery: &str) -> Event {
    let admin = rig.tenant.stack.admin().await;
    let mut event = Event::by_admin(&admin, "POST", path, body);
    let parameters = &mut event.payload["pathParameters"];
    *parameters = json!({"appId": rig.tenant.app_id});
    if let Some(webhook) = path.split('/').nth(5) {
        parameters["webhookId"] = webhook.into();
        parameters["deliveryId"] = delivery.into();
    }
    event
}

/// Runs a deliverer that has this fail point or flaw.
async fn rigged(rig: &FaultRig, points: &str) -> Environment {
    end_leases(rig).await;
    Environment::start("deliver-webhooks", &rig.with("FAILPOINTS", points)).await
}

/// Runs a deliverer that kills itself at a point.
async fn killed_at(rig: &FaultRig, point: &str) {
    let killed = rigged(rig, &format!("{point}=return(kill)")).await;
    let run = killed.invoke(&Event::scheduled(), STAY);
    let status = killed.ended().await;
    assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{point}: {}", killed.log());
    drop(run);
}

async fn deliver(rig: &FaultRig, deliverer: &Environment) -> Value {
    end_leases(rig).await;
    deliverer.invoke(&Event::scheduled(), STAY).value().await
}

#[tokio::test]
async fn a_receiver_gets_the_event_of_every_change_wherever_the_deliverer_is_killed() {
    let _slot = fault_slot().await;
    let points = WRITES.map(|write| ["before", "after"].map(|side| format!("{write}:{side}")));
    let points = points.concat();
    let (rig, receivers) = rig(2 * points.len()).await;
    let url = receivers.add(OK);
    endpoint(&rig, &url).await;
    let (reserve, confirm, release) =
        tokio::join!(rig.start("reserve"), rig.start("confirm"), rig.start("release"));
    for (number, point) in points.iter().enumerate() {
        let sold = held(&reserve, &rig.ann, &[&rig.seats[2 * number]]).await;
        let given = held(&reserve, &rig.bob, &[&rig.seats[2 * number + 1]]).await;
        confirm.call(&to_confirm(&rig.ann, &sold, &payment()), BUDGET).await.expect(201);
        killed_at(&rig, point).await;
        release.call(&to_release(&rig.bob, &given), BUDGET).await.expect(200);
        invariants::check(&rig.tenant).await;
    }
    deliver(&rig, &rig.start("deliver-webhooks").await).await;
    let books = invariants::check(&rig.tenant).await;
    assert!(books.reservations.iter().all(|hold| !hold.contains_key("events")));
    let received = receivers.received(&url);
    let ids: BTreeSet<&str> =
        received.iter().map(|request| request.headers["webhook-id"].as_str()).collect();
    // A hold and its sale; a hold and its release.
    assert_eq!(ids.len(), 4 * points.len());
    let known = outbox::ids(&rig.tenant).await;
    assert_eq!(ids, known.iter().map(String::as_str).collect());
    for request in &received {
        let same = received
            .iter()
            .filter(|other| other.headers["webhook-id"] == request.headers["webhook-id"]);
        assert!(same.into_iter().all(|other| other.body == request.body), "two bodies");
    }
}

#[tokio::test]
async fn an_endpoint_is_noted_disabled_or_forgotten_wherever_the_deliverer_is_killed() {
    let _slot = fault_slot().await;
    let (rig, receivers) = rig(1).await;
    let deliverer = rig.start("deliver-webhooks").await;
    let admin = rig.tenant.stack.admin().await;
    let (webhooks, deliveries) =
        (collection(&rig, "webhooks").await, collection(&rig, "deliveries").await);
    for write in ENDPOINT_WRITES {
        for side in ["before", "after"] {
            let behaviour = match write {
                "webhooks.note_failure" => BROKEN,
                "webhooks.disable" | "deliveries.fail_all" => {
                    ReceiverBehaviour::Respond("410 Gone", "", "")
                }
                _ => OK,
            };
            let path = endpoint(&rig, &receivers.add(behaviour)).await;
            let id = path.rsplit('/').next().expect("an id");
            let test = format!("{path}/test");
            admin.post(&test, &json!({})).await.expect(202);
            let own = doc! {"_id": id};
            match write {
                "webhooks.forget_failures" => {
                    let failed = doc! {"$set": {"failedAt": [DateTime::now()]}};
                    webhooks.update_one(own.clone(), failed).await.expect("an update");
                }
                "deliveries.delete_all" => {
                    webhooks.delete_one(own.clone()).await.expect("a deletion");
                }
                _ => {}
            }
            let point = format!("{write}:{side}");
            killed_at(&rig, &point).await;
            if write == "webhooks.forget_failures" {
                admin.post(&test, &json!({})).await.expect(202);
            }
            deliver(&rig, &deliverer).await;
            let stored = webhooks.find_one(own).await.expect("a response");
            let statuses = deliveries.distinct("status", doc! {"webhookId": id}).await;
            let statuses = statuses.expect("a response");
            let (is_on, has_failed, expected): (_, _, &[&str]) = match write {
                "webhooks.note_failure" => (Some(true), true, &["PENDING"]),
                "webhooks.forget_failures" => (Some(true), false, &["DELIVERED"]),
                "deliveries.delete_all" => (None, false, &[]),
                _ => (Some(false), false, &["FAILED"]),
            };
            let found = stored.as_ref().map(|one| one.get_bool("enabled").expect("a flag"));
            assert_eq!(found, is_on, "{point}: {stored:?}");
            let found = stored.as_ref().is_some_and(|one| one.contains_key("failedAt"));
            assert_eq!(found, has_failed, "{point}: {stored:?}");
            let found: Vec<_> = statuses.iter().filter_map(|status| status.as_str()).collect();
            assert_eq!(found, expected, "{point}");
            webhooks.delete_one(doc! {"_id": id}).await.expect("a deletion");
            deliver(&rig, &deliverer).await;
        }
    }
}

#[tokio::test]
async fn a_delivery_is_made_again_wherever_the_call_that_wants_it_is_killed() {
    let _slot = fault_slot().await;
    let (rig, receivers) = rig(1).await;
    let deliverer = rig.start("deliver-webhooks").await;
    let admin = rig.tenant.stack.admin().await;
    let url = receivers.add(ReceiverBehaviour::Respond("410 Gone", "", ""));
    let path = endpoint(&rig, &url).await;
    admin.post(&format!("{path}/test"), &json!({})).await.expect(202);
    deliver(&rig, &deliverer).await;
    receivers.change(&url, OK);
    admin.patch(&path, &json!({"enabled": true})).await.expect(200);
    let listed = admin.get(&format!("{path}/deliveries")).await.expect(200).clone();
    let delivery = listed["deliveries"][0]["deliveryId"].as_str().expect("an id");
    let mut times = receivers.received(&url).len();
    for write in REPEATS {
        let (target, body) = match write {
            "deliveries.retry" => (format!("{path}/deliveries/{delivery}/retry"), json!({})),
            _ => (format!("{path}/recover"), json!({"since": "2020-01-01T00:00:00Z"})),
        };
        for side in ["before", "after"] {
            // `recover` leaves out what was delivered.
            let failed = doc! {"$set": {"status": "FAILED"}, "$unset": {"nextAttemptAt": ""}};
            let deliveries = collection(&rig, "deliveries").await;
            deliveries.update_one(doc! {"_id": delivery}, failed).await.expect("an update");
            let point = format!("{write}:{side}");
            let rigged = rig.with("FAILPOINTS", format!("{point}=return(kill)"));
            let killed = Environment::start("webhooks", &rigged).await;
            let call = killed.invoke(&by_admin(&rig, &target, &body, delivery).await, BUDGET);
            let status = killed.ended().await;
            assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{point}: {}", killed.log());
            drop(call);
            // The organiser saw no response, and repeats the call.
            admin.post(&target, &body).await.expect(202);
            deliver(&rig, &deliverer).await;
            times += 1;
            assert_eq!(receivers.received(&url).len(), times, "{point}");
            let stored = deliveries.find_one(doc! {"_id": delivery}).await.expect("a response");
            let stored = stored.expect("the delivery");
            assert_eq!(text(&stored, "status"), "DELIVERED", "{point}: {stored}");
        }
    }
}

/// A deliverer ends the deliveries to an endpoint that it has disabled. Meanwhile the organiser has
/// switched it on again.
#[tokio::test]
async fn a_delivery_that_comes_after_its_endpoint_was_switched_on_again_is_not_ended() {
    let _slot = fault_slot().await;
    let (rig, receivers) = rig(1).await;
    let admin = rig.tenant.stack.admin().await;
    let url = receivers.add(ReceiverBehaviour::Respond("410 Gone", "", ""));
    let path = endpoint(&rig, &url).await;
    let test = format!("{path}/test");
    admin.post(&test, &json!({})).await.expect(202);
    let late = rigged(&rig, "deliveries.fail_all:before=return(4000)").await;
    let run = late.invoke(&Event::scheduled(), STAY);
    let is_disabled =
        || async { (admin.get(&path).await.expect(200)["enabled"] == false).then_some(()) };
    eventually("the endpoint is disabled", WAIT_TIMEOUT, is_disabled).await;
    receivers.change(&url, OK);
    admin.patch(&path, &json!({"enabled": true})).await.expect(200);
    admin.post(&test, &json!({})).await.expect(202);
    run.value().await;
    let deliveries = collection(&rig, "deliveries").await;
    let own = doc! {"webhookId": path.rsplit('/').next().expect("an id")};
    let statuses = deliveries.distinct("status", own).await.expect("a response");
    let statuses: Vec<_> = statuses.iter().filter_map(|status| status.as_str()).collect();
    assert_eq!(statuses, ["DELIVERED", "FAILED"]);
    assert_eq!(receivers.received(&url).len(), 2);
}

/// A document that this version cannot read must not stop other tenants' events. Its own tenant's
/// events wait until somebody repairs it.
#[tokio::test]
async fn an_endpoint_that_cannot_be_read_stops_its_own_tenant_only() {
    let _slot = fault_slot().await;
    let (rig, receivers) = rig(1).await;
    let other = rig.tenant.stack.tenant().await;
    let (url, other_url) = (receivers.add(OK), receivers.add(OK));
    let path = endpoint(&rig, &url).await;
    endpoint_of(&other, &other_url).await;
    let webhooks = collection(&rig, "webhooks").await;
    let own = doc! {"_id": path.rsplit('/').next().expect("an id")};
    let read = webhooks.find_one(own.clone()).await.expect("a response").expect("the endpoint");
    let broken = doc! {"$set": {"secrets": "not for the log"}};
    let update = webhooks.update_one(own.clone(), broken).bypass_document_validation(true);
    update.await.expect("an update");
    let deliveries = collection(&rig, "deliveries").await;
    let strange = doc! {
        "_id": "strange", "eventId": 1, "webhookId": "strange", "status": "PENDING",
        "nextAttemptAt": DateTime::from_millis(1_000), "createdAt": DateTime::now(),
    };
    let insert = deliveries.insert_one(strange).bypass_document_validation(true);
    insert.await.expect("an insertion");
    let reserve = rig.start("reserve").await;
    held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let user = other.user().await;
    let seat = other.seat().await;
    held(&reserve, &user, &[&seat]).await;
    let deliverer = rig.start("deliver-webhooks").await;
    deliver(&rig, &deliverer).await;
    assert_eq!(receivers.received(&url).len(), 0);
    assert_eq!(receivers.received(&other_url).len(), 1, "{}", deliverer.log());
    assert!(!deliverer.log().contains("not for the log"), "{}", deliverer.log());
    webhooks.replace_one(own, read).await.expect("a replacement");
    deliver(&rig, &deliverer).await;
    assert_eq!(receivers.received(&url).len(), 1, "{}", deliverer.log());
    assert_eq!(receivers.received(&other_url).len(), 1);
}

/// A deliverer that compared its own clock with MongoDB's would send an hour late, or nothing.
#[tokio::test]
async fn an_event_is_sent_at_once_by_functions_whose_clocks_are_an_hour_wrong() {
    let _slot = fault_slot().await;
    let (rig, receivers) = rig(2).await;
    let reserve = rig.start("reserve").await;
    for (number, flaw) in ["clock-ahead=return", "clock-behind=return"].into_iter().enumerate() {
        let url = receivers.add(OK);
        let webhooks = rig.with("FAILPOINTS", flaw);
        let webhooks = Environment::start("webhooks", &webhooks).await;
        let path = format!("/admin/apps/{}/webhooks", rig.tenant.app_id);
        let create = by_admin(&rig, &path, &json!({"url": url}), "").await;
        webhooks.call(&create, BUDGET).await.expect(201);
        held(&reserve, &rig.ann, &[&rig.seats[number]]).await;
        let deliverer = rigged(&rig, flaw).await;
        deliverer.invoke(&Event::scheduled(), STAY).value().await;
        let received = receivers.received(&url);
        assert_eq!(received.len(), 1, "{flaw}");
        let at: i64 = received[0].headers["webhook-timestamp"].parse().expect("seconds");
        let now = DateTime::now().timestamp_millis() / 1_000;
        assert!((now - at).abs() < 120, "{flaw}: a receiver refuses {at} at {now}");
    }
}
