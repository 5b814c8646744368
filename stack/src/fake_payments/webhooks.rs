//! Webhooks: signed, repeated until they are accepted, and on demand held
//! back, doubled or reversed.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::{
    Fake,
    world::{Account, Provider, World},
};

/// The pause before the second attempt. Each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_ATTEMPTS: u32 = 8;
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where an account's events go.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) provider: Provider,
    pub(super) account: Account,
    pub(super) url: String,
    /// Several while one is being replaced: Stripe signs with each.
    pub(super) secrets: Vec<String>,
}

/// How events are delivered.
#[derive(Clone, Copy)]
pub(super) struct WebhookMode {
    /// Events wait until they are released.
    pub(super) held: bool,
    /// How often each event is sent.
    pub(super) copies: u32,
    /// The first attempt ends before the response to the request that caused the event.
    pub(super) before_response: bool,
}

impl Default for WebhookMode {
    fn default() -> Self {
        Self { held: false, copies: 1, before_response: false }
    }
}

/// One event of one account.
#[derive(Clone)]
pub(super) struct Event {
    pub(super) provider: Provider,
    pub(super) account: Account,
    id: String,
    name: String,
    body: String,
}

/// One attempt to deliver an event.
pub(super) struct Delivery {
    event: String,
    name: String,
    attempt: u32,
    /// 0: there was no response.
    status: u16,
}

impl Delivery {
    pub(super) fn to_json(&self) -> Value {
        json!({"event": self.event, "name": self.name, "attempt": self.attempt,
               "status": self.status})
    }
}

impl World {
    /// Makes an event of Stripe about an object.
    pub(super) fn stripe_event(&mut self, account: &str, name: &str, object: &Value) {
        let id = self.id("evt");
        let body = json!({
            "id": id, "object": "event", "api_version": "2024-06-20", "created": self.now(),
            "data": {"object": object}, "livemode": object["livemode"], "pending_webhooks": 1,
            "request": {"id": null, "idempotency_key": null}, "type": name,
        });
        self.push_event(Provider::Stripe, account, id, name, &body);
    }

    /// Makes an event of Razorpay about these objects, by their kinds.
    pub(super) fn razorpay_event(&mut self, account: &str, name: &str, objects: &[(&str, Value)]) {
        let id = self.id("event");
        let kinds: Vec<&str> = objects.iter().map(|(kind, _)| *kind).collect();
        let mut payload = json!({});
        for (kind, object) in objects {
            payload[*kind] = json!({"entity": object});
        }
        let body = json!({
            "entity": "event", "account_id": "acc_fake", "event": name, "contains": kinds,
            "payload": payload, "created_at": self.now(),
        });
        self.push_event(Provider::Razorpay, account, id, name, &body);
    }

    fn push_event(
        &mut self,
        provider: Provider,
        account: &str,
        id: String,
        name: &str,
        body: &Value,
    ) {
        let (account, name, body) = (account.to_owned(), name.to_owned(), body.to_string());
        self.events.push(Event { provider, account, id, name, body });
    }
}

/// Begins to deliver the events that wait, unless they are held back.
pub(super) async fn deliver(fake: &Arc<Fake>) {
    let (mode, events) = {
        let mut world = fake.world();
        let mode = world.webhook_mode;
        (mode, if mode.held { Vec::new() } else { std::mem::take(&mut world.events) })
    };
    send(fake, mode, events).await;
}

/// Sends these events, in this order.
pub(super) async fn send(fake: &Arc<Fake>, mode: WebhookMode, events: Vec<Event>) {
    for event in events {
        let endpoints: Vec<Endpoint> = {
            let world = fake.world();
            let own = |endpoint: &&Endpoint| {
                endpoint.provider == event.provider && endpoint.account == event.account
            };
            world.endpoints.iter().filter(own).cloned().collect()
        };
        for endpoint in endpoints {
            for _ in 0..mode.copies {
                let accepted = mode.before_response && attempt(fake, &endpoint, &event, 1).await;
                if !accepted {
                    let first = if mode.before_response { 2 } else { 1 };
                    tokio::spawn(retry(fake.clone(), endpoint.clone(), event.clone(), first));
                }
            }
        }
    }
}

async fn retry(fake: Arc<Fake>, endpoint: Endpoint, event: Event, first: u32) {
    let mut pause = FIRST_PAUSE;
    for number in first..=MAX_ATTEMPTS {
        if number > 1 {
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        if attempt(&fake, &endpoint, &event, number).await {
            return;
        }
    }
}

async fn attempt(fake: &Arc<Fake>, endpoint: &Endpoint, event: &Event, number: u32) -> bool {
    let mut request = fake
        .client
        .post(&endpoint.url)
        .timeout(ATTEMPT_TIMEOUT)
        .header("content-type", "application/json")
        .body(event.body.clone());
    request = match event.provider {
        Provider::Stripe => {
            let now = fake.world().now();
            request
                .header("stripe-signature", stripe_signature(&endpoint.secrets, now, &event.body))
        }
        Provider::Razorpay => {
            let secret = endpoint.secrets.first().map_or("", String::as_str);
            request
                .header("x-razorpay-signature", sign(secret, event.body.as_bytes()))
                .header("x-razorpay-event-id", &event.id)
        }
    };
    let status = request.send().await.map_or(0, |response| response.status().as_u16());
    let (id, name) = (event.id.clone(), event.name.clone());
    let delivery = Delivery { event: id, name, attempt: number, status };
    fake.world().deliveries.push(delivery);
    (200..300).contains(&status)
}

fn stripe_signature(secrets: &[String], now: i64, body: &str) -> String {
    let signatures = secrets
        .iter()
        .map(|secret| format!(",v1={}", sign(secret, format!("{now}.{body}").as_bytes())));
    format!("t={now}{}", signatures.collect::<String>())
}

/// The hexadecimal HMAC-SHA256 of a message.
pub(super) fn sign(secret: &str, message: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, message).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
