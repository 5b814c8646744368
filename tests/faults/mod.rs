//! Servers, networks and processes that fail at a chosen moment. A test starts processes of
//! the functions itself, as Lambda does, with proxies between them and their servers. It
//! ends with the invariants.

mod booking_calls;
mod cancelled_crowd;
mod cancelled_entity;
mod clocks;
mod controls;
mod driver;
mod failpoints;
mod feed;
mod invocations;
mod kills;
mod money;
mod mongodb;
mod orphans;
mod panics;
mod paying;
mod provider;
mod redis;
mod refunds;
mod regressions;
mod relay;
mod replicas;
mod rotation;
pub mod tls;

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
    time::Duration,
};

use ::mongodb::{
    Database,
    bson::{Document, doc},
};
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::support::{
    WAIT_TIMEOUT,
    people::{Hold, Tenant, User},
    poll::eventually,
    proxy::Proxy,
    replica_set::ReplicaSet,
    reply::Reply,
    runtime_api::{Environment, Event},
    servers::port_of,
    stacks::{Plan, Shared, Stack},
};

/// An invocation's budget in tests that are not about deadlines. Even a slow machine does
/// not use it up.
const BUDGET: Duration = Duration::from_secs(25);

/// The functions that prepare a test. No fault affects them.
const SETUP: &[&str] = &[
    "admin-login",
    "register-app",
    "payment-setup",
    "entities",
    "create-seats",
    "layouts",
    "signup",
    "webhooks",
];

/// Limits how many tests run at once: each starts processes, and the functions' own timeouts are
/// short.
async fn fault_slot() -> SemaphorePermit<'static> {
    static SLOTS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(3));
    SLOTS.acquire().await.expect("never closed")
}

/// A MongoDB that takes fail points, and a stack on it. Tests share both.
async fn shared_server() -> (Arc<Stack>, Arc<ReplicaSet>) {
    static SERVER: Shared<(Arc<Stack>, Arc<ReplicaSet>)> = Shared::new();
    let start = || async {
        let set = ReplicaSet::start(1).await;
        (stack_on(&set).await, Arc::new(set))
    };
    SERVER.get(start).await
}

async fn stack_on(set: &ReplicaSet) -> Arc<Stack> {
    let plan = Plan {
        functions: Some(SETUP),
        mongodb_uri: Some(set.uri()),
        ..Plan::new("faults").unlimited()
    };
    plan.start().await
}

/// A tenant of one test, with seats and two users, and its own network between the
/// functions and the servers.
struct FaultRig {
    tenant: Tenant,
    seats: Vec<String>,
    ann: User,
    bob: User,
    /// Between the functions and the one MongoDB.
    mongodb: Proxy,
    /// Between the functions and Redis.
    redis: Proxy,
    settings: BTreeMap<String, String>,
}

impl FaultRig {
    /// On the shared single server.
    async fn new(seats: usize) -> Self {
        let (stack, set) = shared_server().await;
        Self::on(stack, set.members[0].port, seats).await
    }

    /// A rig on one server of that stack's database. Functions connect only to this server.
    async fn on(stack: Arc<Stack>, server: u16, seats: usize) -> Self {
        let tenant = stack.tenant().await;
        let numbers: Vec<String> = (1..=seats).map(|n| format!("A{n}")).collect();
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let seats = tenant.seats(&numbers).await;
        let (ann, bob) = (tenant.user().await, tenant.user().await);
        let mongodb = Proxy::to(server).await;
        let redis = Proxy::to(port_of(&stack.redis_url)).await;
        let mut settings = stack.credentials.env();
        let uri = format!(
            "mongodb://127.0.0.1:{}/?directConnection=true&appName={}",
            mongodb.port(),
            app_name(&stack, &tenant.app_id)
        );
        for (name, value) in [
            ("MONGODB_URI", uri),
            ("MONGODB_DATABASE", stack.database.clone()),
            ("REDIS_URL", format!("redis://127.0.0.1:{}", redis.port())),
            ("DEFAULT_PAYMENT_PROVIDER", "simulated".to_owned()),
            ("HOLD_TTL_SECONDS", stack.hold_ttl.to_string()),
            ("RATE_LIMIT_RESERVE", "1000000/60".to_owned()),
            ("RATE_LIMIT_CONFIRM", "1000000/60".to_owned()),
            ("RATE_LIMIT_PAYMENTS", "1000000/60".to_owned()),
            ("RATE_LIMIT_RELEASE", "1000000/60".to_owned()),
            ("RATE_LIMIT_READ", "1000000/60".to_owned()),
            ("RATE_LIMIT_APP", "1000000/60".to_owned()),
        ] {
            settings.insert(name.to_owned(), value);
        }
        Self { tenant, seats, ann, bob, mongodb, redis, settings }
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.settings.insert(name.to_owned(), value.into());
    }

    /// The settings with one value replaced.
    fn with(&self, name: &str, value: impl Into<String>) -> BTreeMap<String, String> {
        let mut settings = self.settings.clone();
        settings.insert(name.to_owned(), value.into());
        settings
    }

    /// A new process of a function.
    async fn start(&self, function: &str) -> Environment {
        Environment::start(function, &self.settings).await
    }

    /// The name under which MongoDB knows the processes of this rig.
    fn name(&self) -> String {
        app_name(&self.tenant.stack, &self.tenant.app_id)
    }

    /// The name under which MongoDB knows the processes of `apart`.
    fn own_name(&self) -> String {
        format!("{}-apart", self.name())
    }

    /// This rig with its own network, so that its traps affect only one process.
    async fn apart(&self, server: u16) -> Self {
        let stack = Arc::clone(&self.tenant.stack);
        let mongodb = Proxy::to(server).await;
        let redis = Proxy::to(port_of(&stack.redis_url)).await;
        let mut settings = self.settings.clone();
        let uri = format!(
            "mongodb://127.0.0.1:{}/?directConnection=true&appName={}",
            mongodb.port(),
            self.own_name()
        );
        settings.insert("MONGODB_URI".to_owned(), uri);
        settings.insert("REDIS_URL".to_owned(), format!("redis://127.0.0.1:{}", redis.port()));
        Self {
            tenant: self.tenant.clone(),
            seats: self.seats.clone(),
            ann: self.ann.clone(),
            bob: self.bob.clone(),
            mongodb,
            redis,
            settings,
        }
    }
}

/// The `appName` of connections that belong to `of`. It begins as the `appName` of all functions.
fn app_name(stack: &Stack, of: &str) -> String {
    format!("unified-booking({}){of}", stack.database)
}

fn to_reserve(user: &User, seats: &[&str]) -> Event {
    Event::of(user, "POST", "/reserve-seat", &json!({"seatIds": seats}))
}

fn to_confirm(user: &User, hold: &Hold, payment: &str) -> Event {
    Event::of(
        user,
        "POST",
        "/confirm-booking",
        &json!({"reservationToken": hold.token, "paymentId": payment}),
    )
}

fn to_release(user: &User, hold: &Hold) -> Event {
    Event::of(user, "POST", "/release-seat", &json!({"reservationToken": hold.token}))
}

/// Holds these seats through an uninterrupted process.
async fn held(reserve: &Environment, user: &User, seats: &[&str]) -> Hold {
    let reply = reserve.call(&to_reserve(user, seats), BUDGET).await;
    reply.expect(201);
    Hold::of(&reply)
}

/// Waits until a hold has run out by the database's clock.
async fn wait_until_expired(database: &Database, hold: &Hold) {
    let overdue =
        doc! {"reservationToken": &hold.token, "$expr": {"$lte": ["$expiresAt", "$$NOW"]}};
    let holds = database.collection::<Document>("reservations");
    let ran_out =
        || async { holds.find_one(overdue.clone()).await.expect("a response").map(|_| ()) };
    eventually("the hold runs out", WAIT_TIMEOUT, ran_out).await;
}

/// Repeats a call while the response is 503, as a client does.
async fn repeat_while_unavailable(environment: &Environment, event: &Event) -> Reply {
    let answered = || async {
        let reply = environment.call(event, Duration::from_secs(3)).await;
        if reply.status == 503 {
            reply.error(503, "SERVICE_UNAVAILABLE");
            return None;
        }
        Some(reply)
    };
    eventually("a repeated call gets a status other than 503", WAIT_TIMEOUT, answered).await
}

/// The operations of this kind that a server currently runs for the processes with this app name.
async fn running_operations(set: &ReplicaSet, app: &str, mut kind: Document) -> Vec<Document> {
    kind.insert("appName", app);
    let all = doc! {"$currentOp": {"allUsers": true, "idleSessions": true}};
    let command = doc! {"aggregate": 1, "pipeline": [all, {"$match": kind}], "cursor": {}};
    let reply = set.admin(0, command).await.expect("what the server does");
    let batch = reply.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
    batch.expect("a batch").iter().filter_map(|one| one.as_document().cloned()).collect()
}

/// Aborts the open transactions of the processes with this app name, as the server does by itself
/// when they have been open for its limit. Returns how many there were.
async fn abort_transactions(set: &ReplicaSet, app: &str) -> usize {
    let open = running_operations(set, app, doc! {"transaction": {"$exists": true}}).await;
    for transaction in &open {
        let lsid = transaction.get_document("lsid").expect("a session");
        let command = doc! {"killAllSessionsByPattern": [{"lsid": lsid.clone()}]};
        set.admin(0, command).await.expect("it is aborted");
    }
    open.len()
}

/// The id of the booking in a confirmation's response.
#[track_caller]
fn booking(reply: &Reply) -> String {
    assert!(matches!(reply.status, 200 | 201), "{reply}");
    reply.expect(reply.status)["bookingId"].as_str().expect("an id").to_owned()
}

/// The word by which a proxy recognises a call of a script. The script is loaded, so the first call
/// with the word runs it.
async fn script(stack: &Stack, source: &str) -> String {
    let script = ::redis::Script::new(source);
    script.prepare_invoke().load_async(&mut stack.redis().await).await.expect("it is loaded")
}
