//! The deliverer at work: how soon it sends, beside receivers that hang
//! and beside another deliverer.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use mongodb::bson::{DateTime, Document, doc};
use serde_json::json;

use super::{
    metrics::sums,
    webhook_deliveries::{Endpoint, endpoint, stack, stay, wait_for},
    webhooks::path,
};
use crate::support::{
    poll::eventually,
    receiver::{Gate, OK, ReceiverBehaviour, Receivers},
    runtime_api::{Environment, Event},
    stacks::Stack,
    unique,
};

/// The settings of one more deliverer.
fn deliverer_settings(stack: &Stack) -> BTreeMap<String, String> {
    let mut settings = stack.settings();
    settings.insert("WEBHOOK_ALLOW_HOSTS".to_owned(), "127.0.0.1".to_owned());
    settings
}

#[tokio::test]
async fn a_running_deliverer_sends_events_that_arrive_meanwhile() {
    let (endpoint, receivers, url) = endpoint("deliveries", OK).await;
    endpoint.test().await;
    let staying = stay(&endpoint.tenant.stack, 10);
    wait_for("the first", || async { receivers.received(&url).len() == 1 }).await;
    for number in 2..=4 {
        // Long enough for the deliverer to search for deliveries and find none.
        tokio::time::sleep(Duration::from_millis(700)).await;
        endpoint.test().await;
        let is_here = || async { receivers.received(&url).len() == number };
        wait_for("the next", is_here).await;
    }
    assert_eq!(staying.await.unwrap()["attempts"], 4);
}

/// One tenant has 10,000 deliveries to ten endpoints that never respond. Another has one delivery.
#[tokio::test]
async fn receivers_that_hang_do_not_delay_another_tenant() {
    const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
    let stack = stack("hanging").await;
    let receivers = Receivers::start().await;
    let hanging =
        Endpoint::new(stack.tenant().await, &receivers.add(ReceiverBehaviour::Hang)).await;
    let mut ids = vec![hanging.path.rsplit('/').next().unwrap().to_owned()];
    for _ in 1..10 {
        let body = json!({"url": receivers.add(ReceiverBehaviour::Hang)});
        let reply = hanging.server.post(&path(&hanging.tenant), &body).await;
        ids.push(reply.expect(201)["webhookId"].as_str().unwrap().to_owned());
    }
    let now = DateTime::now();
    let rows: Vec<Document> = (0..10_000)
        .map(|number| {
            doc! {
                "_id": uuid::Uuid::new_v4().to_string(), "eventId": unique("event"),
                "webhookId": &ids[number % 10], "appId": &hanging.tenant.app_id,
                "type": "hold.created", "body": "{}", "status": "PENDING",
                "attempts": [], "tries": 0_i64,
                "nextAttemptAt": DateTime::from_millis(1_000), "createdAt": now, "updatedAt": now,
            }
        })
        .collect();
    hanging.collection("deliveries").await.insert_many(rows).await.expect("deliveries");

    let url = receivers.add(OK);
    let other = Endpoint::new(stack.tenant().await, &url).await;
    let staying = stay(&stack, 0);
    let deliveries = hanging.collection("deliveries").await;
    wait_for("ten deliveries are under way", || async {
        deliveries.count_documents(doc! {"taken": 1_i64}).await.unwrap() >= 10
    })
    .await;
    for number in 1..=5 {
        let sent = Instant::now();
        other.test().await;
        wait_for("the other tenant's", || async { receivers.received(&url).len() == number }).await;
        assert!(sent.elapsed() < ATTEMPT_TIMEOUT, "after {:?}", sent.elapsed());
    }
    let taken = deliveries
        .count_documents(doc! {"taken": 1_i64, "appId": &hanging.tenant.app_id})
        .await
        .unwrap();
    assert!(taken <= 20, "a failing endpoint gets one attempt at a time: {taken}");
    // What is left ends at once when its endpoints are gone.
    for id in &ids {
        hanging.server.delete(&format!("{}/{id}", path(&hanging.tenant))).await.expect(200);
    }
    staying.await.unwrap();
}

/// The lease keeps a second deliverer away. Without it, an event comes twice at most.
#[tokio::test]
async fn two_deliverers_at_once_send_each_event_once_or_twice() {
    let (endpoint, receivers, url) = endpoint("twice", OK).await;
    for _ in 0..50 {
        endpoint.test().await;
    }
    let stack = &endpoint.tenant.stack;
    let second = Environment::start("deliver-webhooks", &deliverer_settings(stack)).await;
    let leases = endpoint.collection("deliverers").await;
    let first = stay(stack, 0);
    wait_for("the first one has the lease", || async {
        leases.count_documents(doc! {}).await.unwrap() == 1
    })
    .await;
    leases.delete_many(doc! {}).await.unwrap();
    second.invoke(&Event::scheduled(), Duration::from_secs(60)).value().await;
    first.await.unwrap();
    wait_for("all are delivered", || async {
        endpoint.deliver().await;
        let path = format!("{}/deliveries?status=DELIVERED&limit=100", endpoint.path);
        endpoint.server.get(&path).await.expect(200)["deliveries"].as_array().unwrap().len() == 50
    })
    .await;
    let received = receivers.received(&url);
    let mut ids: Vec<&String> = received.iter().map(|one| &one.headers["webhook-id"]).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 50);
    assert!(received.len() <= 100, "{}", received.len());
}

/// The deliverer has lost a delivery to another one, which sends it again.
#[tokio::test]
async fn an_event_that_was_sent_twice_is_counted_once() {
    let gate = Gate::closed();
    let behaviour = ReceiverBehaviour::Gated(gate.clone(), Box::new(OK));
    let (endpoint, receivers, url) = endpoint("counted", behaviour).await;
    endpoint.test().await;
    let stack = &endpoint.tenant.stack;
    let staying = stay(stack, 0);
    wait_for("an attempt is under way", || async { !receivers.received(&url).is_empty() }).await;
    let deliveries = endpoint.collection("deliveries").await;
    let taken = doc! {
        "$inc": {"taken": 1_i64}, "$set": {"nextAttemptAt": DateTime::from_millis(1_000)},
    };
    deliveries.update_one(doc! {"appId": &endpoint.tenant.app_id}, taken).await.unwrap();
    gate.open();
    staying.await.unwrap();
    endpoint.deliver().await;
    assert_eq!(receivers.received(&url).len(), 2);
    assert_eq!(endpoint.delivery().await["status"], "DELIVERED");
    let counted =
        || async { sums(stack, "deliver-webhooks", &["Service"]).get("EventsDelivered").copied() };
    let counted = eventually("the event is counted", Duration::from_secs(60), counted).await;
    assert!((counted - 1.0).abs() < 0.1, "{counted}");
}

/// At the end of its invocation a deliverer waits for its last attempts, and the next one begins.
#[tokio::test]
async fn a_receiver_that_hangs_does_not_delay_the_next_deliverer() {
    let (endpoint, receivers, hanging) = endpoint("handover", ReceiverBehaviour::Hang).await;
    endpoint.test().await;
    let stack = &endpoint.tenant.stack;
    let deliverer = Environment::start("deliver-webhooks", &deliverer_settings(stack)).await;
    // Three seconds to start attempts, and the rest to end them.
    let first = deliverer.invoke(&Event::scheduled(), Duration::from_secs(39));
    wait_for("an attempt runs", || async { !receivers.received(&hanging).is_empty() }).await;
    let url = receivers.add(OK);
    let other = Endpoint::new(stack.tenant().await, &url).await;
    let leases = endpoint.collection("deliverers").await;
    wait_for("the first one has given its lease back", || async {
        let over = doc! {"$expr": {"$lte": ["$until", "$$NOW"]}};
        leases.count_documents(over).await.unwrap() == 1
    })
    .await;
    let attempted = endpoint.delivery().await;
    assert_eq!(attempted["attempts"], json!([]), "the attempt that hangs has ended: {attempted}");
    other.test().await;
    other.deliver().await;
    assert_eq!(receivers.received(&url).len(), 1);
    first.value().await;
    assert_eq!(endpoint.delivery().await["attempts"].as_array().unwrap().len(), 1);
}
