//! Deliveries: when an event is sent again, and when no more.

use std::{sync::Arc, time::Duration};

use mongodb::{
    Collection,
    bson::{DateTime, Document, doc},
};
use serde_json::{Value, json};

use super::webhooks::path;
use crate::support::{
    people::{Admin, Tenant},
    poll,
    receiver::{BROKEN, Gate, OK, ReceiverBehaviour, Receivers},
    reply::time,
    stacks::{Plan, Stack},
};

/// A stack whose deliverer no other test uses at the same time.
pub(super) async fn stack(name: &'static str) -> Arc<Stack> {
    let functions = &["admin-login", "register-app", "secret-keys", "webhooks", "deliver-webhooks"];
    Plan { functions: Some(functions), ..Plan::new(name).unlimited() }.start().await
}

/// An endpoint of a tenant.
pub struct Endpoint {
    pub tenant: Tenant,
    pub server: Admin,
    pub path: String,
    pub secret: String,
}

impl Endpoint {
    pub async fn new(tenant: Tenant, url: &str) -> Self {
        let (_, server) = tenant.server().await;
        let reply = server.post(&path(&tenant), &json!({"url": url})).await;
        let made = reply.expect(201);
        let path = format!("{}/{}", path(&tenant), made["webhookId"].as_str().unwrap());
        let secret = made["secret"].as_str().unwrap().to_owned();
        Self { tenant, server, path, secret }
    }

    /// Sends a test event, and returns the delivery's id.
    pub async fn test(&self) -> String {
        let reply = self.server.post(&format!("{}/test", self.path), &json!({})).await;
        reply.expect(202)["deliveryId"].as_str().unwrap().to_owned()
    }

    pub async fn deliveries(&self) -> Vec<Value> {
        let reply = self.server.get(&format!("{}/deliveries", self.path)).await;
        reply.expect(200)["deliveries"].as_array().unwrap().clone()
    }

    /// The only delivery of the endpoint.
    pub async fn delivery(&self) -> Value {
        let deliveries = self.deliveries().await;
        assert_eq!(deliveries.len(), 1, "{deliveries:?}");
        deliveries.into_iter().next().unwrap()
    }

    pub async fn deliver(&self) -> u64 {
        let result = self.tenant.stack.invoke("deliver-webhooks", &json!({})).await;
        result["attempts"].as_u64().unwrap()
    }

    pub(super) async fn collection(&self, name: &str) -> Collection<Document> {
        self.tenant.stack.database().await.collection(name)
    }

    /// Moves the clock: what is pending is due now.
    async fn make_due(&self) {
        let deliveries = self.collection("deliveries").await;
        let pending = doc! {"status": "PENDING", "appId": &self.tenant.app_id};
        let now = doc! {"$set": {"nextAttemptAt": DateTime::from_millis(1_000)}};
        deliveries.update_many(pending, now).await.expect("an update");
    }

    /// The endpoint as `GET` shows it.
    async fn shown(&self) -> Value {
        self.server.get(&self.path).await.expect(200).clone()
    }
}

/// An endpoint on a stack of its own, with the receivers, and the URL of the one that it calls.
pub(super) async fn endpoint(
    name: &'static str,
    behaviour: ReceiverBehaviour,
) -> (Endpoint, Receivers, String) {
    let receivers = Receivers::start().await;
    let url = receivers.add(behaviour);
    (Endpoint::new(stack(name).await.tenant().await, &url).await, receivers, url)
}

/// Waits until the condition `what` holds.
pub(super) async fn wait_for<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let probe = || {
        let is_so = is_so();
        async move { is_so.await.then_some(()) }
    };
    poll::eventually(what, Duration::from_secs(120), probe).await;
}

#[tokio::test]
async fn ten_attempts_of_the_same_bytes_end_after_76_hours() {
    let (endpoint, receivers, url) = endpoint("schedule", BROKEN).await;
    endpoint.test().await;
    let mut hours = 0.0;
    for attempt in 1..=10 {
        assert_eq!(endpoint.deliver().await, 1, "attempt {attempt}");
        let delivery = endpoint.delivery().await;
        let attempts = delivery["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), attempt);
        let last = &attempts[attempt - 1];
        assert_eq!((&last["status"], &last["response"]), (&json!(500), &json!("it broke")));
        assert_eq!(last["error"], "the receiver responded with 500");
        let Some(next) = delivery.get("nextAttemptAt") else {
            assert_eq!((attempt, &delivery["status"]), (10, &json!("FAILED")));
            break;
        };
        assert_eq!(delivery["status"], "PENDING");
        hours += (time(next) - time(&last["at"])) as f64 / 3_600_000.0;
        assert_eq!(endpoint.deliver().await, 0, "it is not due yet");
        endpoint.make_due().await;
    }
    let planned = 75.585;
    assert!((planned * 0.8..=planned * 1.2).contains(&hours), "{hours} hours");
    let received = receivers.received(&url);
    assert_eq!(received.len(), 10);
    for one in &received {
        assert_eq!(
            (&one.body, &one.headers["webhook-id"]),
            (&received[0].body, &received[0].headers["webhook-id"])
        );
    }
    let body: Value = serde_json::from_str(&received[0].body).unwrap();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["type", "timestamp", "data"]);
    assert_eq!(
        (&body["type"], &body["data"]["appId"]),
        (&json!("webhook.test"), &json!(endpoint.tenant.app_id))
    );
    time(&body["timestamp"]);

    receivers.change(&url, OK);
    let id = endpoint.delivery().await["deliveryId"].as_str().unwrap().to_owned();
    let retry = format!("{}/deliveries/{id}/retry", endpoint.path);
    endpoint.server.post(&retry, &json!({})).await.expect(202);
    endpoint.deliver().await;
    let delivery = endpoint.delivery().await;
    assert_eq!(
        (&delivery["status"], delivery["attempts"].as_array().unwrap().len()),
        (&json!("DELIVERED"), 11)
    );
    assert!(delivery.get("nextAttemptAt").is_none(), "{delivery}");
    assert_eq!(receivers.received(&url)[10].body, received[0].body);
}

#[tokio::test]
async fn what_a_disabled_endpoint_misses_is_recorded_and_recovered() {
    let (endpoint, receivers, url) = endpoint("recovery", BROKEN).await;
    endpoint.test().await;
    endpoint.server.patch(&endpoint.path, &json!({"enabled": false})).await.expect(200);
    endpoint.test().await;
    assert_eq!(endpoint.deliver().await, 0);
    let statuses = async || {
        let of = |delivery: Value| delivery["status"].as_str().unwrap().to_owned();
        endpoint.deliveries().await.into_iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(statuses().await, ["FAILED", "FAILED"]);
    assert!(receivers.received(&url).is_empty());

    receivers.change(&url, OK);
    endpoint.server.patch(&endpoint.path, &json!({"enabled": true})).await.expect(200);
    let recover = format!("{}/recover", endpoint.path);
    let late = json!({"since": "2099-01-01T00:00:00Z"});
    let reply = endpoint.server.post(&recover, &late).await;
    assert_eq!(*reply.expect(202), json!({"recovered": 0}));
    let reply = endpoint.server.post(&recover, &json!({"since": "2026-01-01T00:00:00Z"})).await;
    assert_eq!(*reply.expect(202), json!({"recovered": 2}));
    endpoint.deliver().await;
    assert_eq!(statuses().await, ["DELIVERED", "DELIVERED"]);
    assert_eq!(receivers.received(&url).len(), 2);
    let reply = endpoint.server.post(&recover, &json!({"since": "2026-01-01T00:00:00Z"})).await;
    assert_eq!(*reply.expect(202), json!({"recovered": 0}), "what is delivered stays so");
    endpoint.server.delete(&endpoint.path).await.expect(200);
    let left = endpoint.collection("deliveries").await;
    assert_eq!(left.count_documents(doc! {"appId": &endpoint.tenant.app_id}).await.unwrap(), 0);
}

#[tokio::test]
async fn an_endpoint_that_failed_for_five_days_is_disabled_and_a_success_restarts_the_count() {
    let (endpoint, receivers, url) = endpoint("five-days", BROKEN).await;
    let failed = async |days: &[f64]| {
        let now = DateTime::now().timestamp_millis();
        let at = |days: &f64| DateTime::from_millis(now - (days * 86_400_000.0) as i64);
        let set = doc! {"$set": {"failedAt": days.iter().map(at).collect::<Vec<_>>()}};
        let webhooks = endpoint.collection("webhooks").await;
        webhooks.update_one(doc! {"appId": &endpoint.tenant.app_id}, set).await.unwrap();
    };
    let attempt = async || {
        endpoint.test().await;
        endpoint.deliver().await;
        endpoint.shown().await
    };
    failed(&[4.9, 3.0, 1.0]).await;
    assert_eq!(attempt().await["enabled"], true, "not yet five days");
    failed(&[30.0, 3.0]).await;
    assert_eq!(attempt().await["enabled"], true, "nothing was sent in between");
    failed(&[5.5, 1.0]).await;
    receivers.change(&url, OK);
    assert_eq!(attempt().await["enabled"], true);
    receivers.change(&url, BROKEN);
    assert_eq!(attempt().await["enabled"], true, "it has succeeded since");
    failed(&[5.5, 3.0, 1.0]).await;
    let shown = attempt().await;
    assert_eq!(shown["enabled"], false, "{shown}");
    assert_eq!(shown["disabledReason"], "Every attempt over five days failed");
    let pending =
        endpoint.server.get(&format!("{}/deliveries?status=PENDING", endpoint.path)).await;
    assert_eq!(pending.expect(200)["deliveries"], json!([]));
    let shown = endpoint.server.patch(&endpoint.path, &json!({"enabled": true})).await;
    assert!(shown.expect(200).get("disabledReason").is_none());
    assert_eq!(attempt().await["enabled"], true);
}

/// Invokes the deliverer as the schedule does, in the background.
pub(super) fn stay(stack: &Arc<Stack>, seconds: u64) -> tokio::task::JoinHandle<Value> {
    let stack = stack.clone();
    let event = json!({"staySeconds": seconds});
    tokio::spawn(async move { stack.invoke("deliver-webhooks", &event).await })
}

#[tokio::test]
async fn a_receiver_that_is_gone_ends_nothing_of_an_endpoint_that_has_another_url() {
    let stack = stack("moved").await;
    let receivers = Receivers::start().await;
    let gone = ReceiverBehaviour::Respond("410 Gone", "", "");
    let gate = Gate::closed();
    let old = receivers.add(ReceiverBehaviour::Gated(gate.clone(), Box::new(gone)));
    let new = receivers.add(OK);
    let endpoint = Endpoint::new(stack.tenant().await, &old).await;
    for _ in 0..3 {
        endpoint.test().await;
    }
    let staying = stay(&stack, 0);
    wait_for("an attempt is under way", || async { !receivers.received(&old).is_empty() }).await;
    endpoint.server.patch(&endpoint.path, &json!({"url": new})).await.expect(200);
    gate.open();
    staying.await.unwrap();
    assert_eq!(endpoint.shown().await["enabled"], true);
    endpoint.make_due().await;
    endpoint.deliver().await;
    let deliveries = endpoint.deliveries().await;
    assert!(deliveries.iter().all(|one| one["status"] == "DELIVERED"), "{deliveries:?}");
    assert_eq!(receivers.received(&new).len(), 3);
}

#[tokio::test]
async fn a_retry_is_not_undone_by_the_last_attempt_that_is_under_way() {
    let gate = Gate::closed();
    let behaviour = ReceiverBehaviour::Gated(gate.clone(), Box::new(BROKEN));
    let (endpoint, receivers, url) = endpoint("retried", behaviour).await;
    let id = endpoint.test().await;
    let nine = doc! {"$set": {"tries": 9_i64}};
    let deliveries = endpoint.collection("deliveries").await;
    deliveries.update_one(doc! {"_id": &id}, nine).await.unwrap();
    let staying = stay(&endpoint.tenant.stack, 0);
    wait_for("the last attempt runs", || async { !receivers.received(&url).is_empty() }).await;
    let retry = format!("{}/deliveries/{id}/retry", endpoint.path);
    endpoint.server.post(&retry, &json!({})).await.expect(202);
    gate.open();
    staying.await.unwrap();
    assert_eq!(endpoint.delivery().await["status"], "PENDING");
}

#[tokio::test]
async fn an_endpoint_whose_secret_is_unreadable_says_so_and_delays_nobody() {
    let stack = stack("unreadable").await;
    let receivers = Receivers::start().await;
    let (url, other_url) = (receivers.add(OK), receivers.add(OK));
    let broken = Endpoint::new(stack.tenant().await, &url).await;
    let other = Endpoint::new(stack.tenant().await, &other_url).await;
    let lost = doc! {"$set": {"secrets.0.sealed.kid": "lost"}};
    let webhooks = broken.collection("webhooks").await;
    webhooks.update_one(doc! {"appId": &broken.tenant.app_id}, lost).await.unwrap();
    for _ in 0..20 {
        broken.test().await;
    }
    other.test().await;
    other.deliver().await;
    assert_eq!(other.delivery().await["status"], "DELIVERED");
    let delivery = broken.deliveries().await.remove(0);
    assert_eq!(delivery["status"], "PENDING", "{delivery}");
    let error = delivery["attempts"][0]["error"].as_str().unwrap();
    assert!(error.contains("rotate it"), "{delivery}");
    broken.server.post(&format!("{}/rotate-secret", broken.path), &json!({})).await.expect(200);
    broken.make_due().await;
    wait_for("all are sent", || async {
        broken.deliver().await;
        receivers.received(&url).len() == 20
    })
    .await;
}
