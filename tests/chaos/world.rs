//! The system of a run: a replica set of three, a Redis that can be replaced, processes of the
//! functions, and tenants with users and enough seats.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::json;
use stack::FakePayments;

use super::{card::WEBHOOK_SECRET, fleet::Fleet, ledger::Ledger, setting, spec::Micros};
use crate::support::{
    feed::Viewer,
    people::{Tenant, User},
    proxy::Proxy,
    receiver::{OK, Receivers},
    replica_set::ReplicaSet,
    runtime_api::PREVIOUS,
    servers::{forever, own_redis, port_of},
    stacks::{Plan, Stack},
};
use mongodb::bson::doc;

/// How long a hold lasts.
pub const TTL: Duration = Duration::from_secs(4);
/// How long a hold lasts from the start of its payment: the shortest that may be set.
pub const PAYMENT_WINDOW: Duration = Duration::from_secs(60);
/// Users of each tenant: the crowd, the neighbours, and those who pay by card.
const USERS: [usize; 3] = [40, 8, 8];
/// The tenant whose provider is Stripe.
const BY_CARD: usize = 2;
/// The tenant whose events are sent.
const WITH_EVENTS: usize = 1;
/// Seats of a show, beside the loose one.
const SEATS: usize = 40;
/// The organiser removes this seat and creates it again. It comes last, so the feed's other
/// seats keep their places.
pub const LOOSE_SEAT: &str = "Z1";
/// Visits after which the crowd goes on to the next show. Each visit leaves a few observations
/// of a few seats.
const VISITS: usize = 1_000;

/// The time by the clock that the servers share.
pub fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    u64::try_from(since.as_micros()).expect("a time before the year 500000")
}

/// A tenant with its users and its shows, one after the other.
pub struct House {
    pub tenant: Tenant,
    pub users: Vec<User>,
    pub shows: Vec<Show>,
    /// Whether they pay at the fake of Stripe.
    pub by_card: bool,
    /// Where its events are sent. The events of other houses are recorded only.
    pub receiver: Option<String>,
    visits: AtomicUsize,
}

pub struct Show {
    pub entity: String,
    pub seats: Vec<String>,
    pub feed_key: String,
}

impl Show {
    pub fn loose_seat(&self) -> &String {
        self.seats.last().expect("a show has seats")
    }
}

impl House {
    async fn build(
        stack: &Arc<Stack>,
        has_endpoint: bool,
        receiver: Option<String>,
        users: usize,
        shows: usize,
    ) -> Self {
        let tenant = stack.tenant().await;
        if has_endpoint {
            add_endpoint_for_everything(&tenant, receiver.as_deref()).await;
        }
        let users = tenant.users(users).await;
        let numbers: Vec<String> = (1..=SEATS).map(|number| format!("A{number}")).collect();
        let numbers = numbers.iter().map(String::as_str).chain([LOOSE_SEAT]);
        let numbers: Vec<&str> = numbers.collect();
        let mut built = Vec::new();
        let tier = json!({"hoursBefore": 0, "refundPercent": 60});
        let policy = json!({"cancellationPolicy": {"tiers": [tier], "feePerSeat": 500}});
        for number in 0..shows {
            let entity = tenant.new_entity(&format!("show-{number}"), &policy).await;
            let seats = tenant.seats_in(&entity, &numbers).await;
            let of_show = Tenant { entity: entity.clone(), ..tenant.clone() };
            let feed_key = Viewer::of(&of_show).await.key;
            built.push(Show { seats, entity, feed_key });
        }
        let visits = AtomicUsize::new(0);
        Self { tenant, users, shows: built, by_card: false, receiver, visits }
    }

    /// Its payments are made at the fake of Stripe.
    async fn by_card(self) -> Self {
        let account = json!({
            "provider": "stripe", "secretKey": format!("sk_test_{}", self.tenant.app_id),
            "publishableKey": "pk_test_1", "webhookSecret": WEBHOOK_SECRET,
        });
        let path = format!("/admin/apps/{}/payments", self.tenant.app_id);
        let admin = self.tenant.stack.admin().await;
        admin.call("PUT", &path).json(&account).send().await.expect(200);
        Self { by_card: true, ..self }
    }

    /// Counts a visit of the current show and returns the show.
    pub fn visit(&self) -> &Show {
        let visits = self.visits.fetch_add(1, Ordering::Relaxed);
        &self.shows[(visits / VISITS).min(self.shows.len() - 1)]
    }

    /// The show that is on sale now.
    pub fn show(&self) -> &Show {
        &self.shows[(self.visits.load(Ordering::Relaxed) / VISITS).min(self.shows.len() - 1)]
    }

    /// The shows that had visits.
    pub fn played(&self) -> &[Show] {
        &self.shows[..=(self.visits.load(Ordering::Relaxed) / VISITS).min(self.shows.len() - 1)]
    }
}

/// Gives a tenant an endpoint for every event, before all changes. Without a
/// receiver it is disabled.
async fn add_endpoint_for_everything(tenant: &Tenant, receiver: Option<&str>) {
    let path = format!("/admin/apps/{}/webhooks", tenant.app_id);
    let admin = tenant.stack.admin().await;
    let url = receiver.unwrap_or("https://shop.example/");
    let reply = admin.post(&path, &json!({"url": url})).await;
    let id = reply.expect(201)["webhookId"].as_str().expect("an id");
    if receiver.is_none() {
        let off = json!({"enabled": false});
        admin.patch(&format!("{path}/{id}"), &off).await.expect(200);
    }
}

/// The functions under test.
pub struct Fleets {
    pub reserve: Fleet,
    pub confirm: Fleet,
    pub release: Fleet,
    pub start_payment: Fleet,
    pub events: Fleet,
    pub cancel: Fleet,
    pub refunds: Fleet,
    pub list: Fleet,
    pub sweep: Fleet,
    pub feed: Fleet,
    pub deliver: Fleet,
}

pub struct World {
    pub receivers: Receivers,
    pub payments: FakePayments,
    pub set: tokio::sync::Mutex<ReplicaSet>,
    pub redis: tokio::sync::Mutex<stack::Redis>,
    /// Between the functions and Redis.
    pub redis_proxy: Proxy,
    pub fleets: Fleets,
    pub houses: Vec<House>,
    pub ledger: Ledger,
    pub stack: Arc<Stack>,
    /// Shoppers send each event twice at once.
    pub twice: AtomicBool,
    /// Shoppers give each call little time.
    pub hasty: AtomicBool,
    pub closing: AtomicBool,
    /// Some processes are of the previous release.
    pub is_mixed: bool,
    /// The times in which a read of the primary may have reached a former one.
    failovers: RwLock<Vec<(Micros, Micros)>>,
}

impl World {
    /// Starts everything, for at most `visits` visits. The functions that sell have the `flaws`.
    pub async fn start(visits: usize, flaws: Option<&str>) -> Arc<Self> {
        // A new primary copies what the old one wrote last. By default it waits for that without
        // limit: 30 s if a connection to the old one is half-open.
        let set = ReplicaSet::start_with(3, doc! {"catchUpTimeoutMillis": 2000}).await;
        let functions = &[
            "admin-login",
            "register-app",
            "create-seats",
            "entities",
            "entity-seats",
            "payment-setup",
            "signup",
            "webhooks",
        ];
        let payments = forever(FakePayments::start(None)).await.expect("the fake starts");
        let mut plan = Plan {
            functions: Some(functions),
            mongodb_uri: Some(set.uri()),
            ..Plan::new("chaos").unlimited()
        };
        plan.env.push(("STRIPE_API_BASE", payments.stripe()));
        let previous = setting("CHAOS_PREVIOUS");
        let is_mixed = previous.is_some();
        let stack = plan.start().await;
        let shows = visits / VISITS + 1;
        let mut houses = Vec::new();
        let receivers = Receivers::start().await;
        for (number, users) in USERS.into_iter().enumerate() {
            let shows = shows * users / USERS[0] + 1;
            // Functions of the previous release neither record events nor know cards.
            let receiver = (!is_mixed && number == WITH_EVENTS).then(|| receivers.add(OK));
            let house = House::build(&stack, !is_mixed, receiver, users, shows).await;
            houses.push(if !is_mixed && number == BY_CARD { house.by_card().await } else { house });
        }
        let redis = own_redis("chaos-redis").await;
        let redis_proxy = Proxy::to(port_of(redis.url())).await;
        let mut settings = settings(&stack, &set, &redis_proxy);
        settings.insert("STRIPE_API_BASE".to_owned(), payments.stripe());
        settings.extend(previous.map(|folder| (PREVIOUS.to_owned(), folder)));
        let mut sellers = settings.clone();
        sellers.extend(flaws.map(|flaws| ("FAILPOINTS".to_owned(), flaws.to_owned())));
        let fleets = Fleets {
            reserve: Fleet::start("reserve", 2, &sellers).await,
            confirm: Fleet::start("confirm", 2, &sellers).await,
            release: Fleet::start("release", 2, &sellers).await,
            start_payment: Fleet::start("start-payment", 2, &settings).await,
            events: Fleet::start("payment-events", 2, &settings).await,
            cancel: Fleet::start("cancel-booking", 2, &settings).await,
            refunds: Fleet::start("pay-refunds", 2, &settings).await,
            list: Fleet::start("list-seats", 2, &settings).await,
            sweep: Fleet::start("expire-reservations", 2, &settings).await,
            feed: Fleet::start("feed", 2, &settings).await,
            deliver: Fleet::start("deliver-webhooks", 2, &settings).await,
        };
        Arc::new(Self {
            receivers,
            payments,
            set: set.into(),
            redis: redis.into(),
            redis_proxy,
            fleets,
            houses,
            ledger: Ledger::default(),
            stack,
            twice: AtomicBool::new(false),
            hasty: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            is_mixed,
            failovers: RwLock::default(),
        })
    }

    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Opens a time in which a former primary may respond. The returned number closes it.
    pub fn failover_begins(&self, since: Micros) -> usize {
        let mut failovers = self.failovers.write().unwrap();
        failovers.push((since, Micros::MAX));
        failovers.len() - 1
    }

    pub fn failover_ends(&self, number: usize) {
        self.failovers.write().unwrap()[number].1 = now() + 5_000_000;
    }

    /// For how long a former primary might respond, in all.
    pub fn unsettled_time(&self) -> Duration {
        let mut failovers = self.failovers.read().unwrap().clone();
        failovers.sort_unstable();
        let (mut total, mut counted) = (0, 0);
        for (from, to) in failovers {
            let (from, to) = (from.max(counted), to.min(now()));
            total += to.saturating_sub(from);
            counted = counted.max(to);
        }
        Duration::from_micros(total)
    }

    /// For a read between these times: since when a former primary may miss writes. `None` if only
    /// the primary can have served it.
    pub fn unsettled_since(&self, start: Micros, end: Micros) -> Option<Micros> {
        let failovers = self.failovers.read().unwrap();
        let met = failovers.iter().rev().take(20).filter(|(from, to)| end >= *from && start <= *to);
        met.map(|(from, _)| *from).min()
    }
}

fn settings(stack: &Stack, set: &ReplicaSet, redis: &Proxy) -> BTreeMap<String, String> {
    let mut settings = stack.credentials.env();
    let unlimited = ["RESERVE", "CONFIRM", "RELEASE", "PAYMENTS", "READ", "APP"];
    settings
        .extend(unlimited.map(|name| (format!("RATE_LIMIT_{name}"), "100000000/60".to_owned())));
    for (name, value) in [
        ("MONGODB_URI", set.uri()),
        ("MONGODB_DATABASE", stack.database.clone()),
        ("REDIS_URL", format!("redis://127.0.0.1:{}", redis.port())),
        ("DEFAULT_PAYMENT_PROVIDER", "simulated".to_owned()),
        ("WEBHOOK_ALLOW_HOSTS", "127.0.0.1".to_owned()),
        ("HOLD_TTL_SECONDS", TTL.as_secs().to_string()),
        ("PAYMENT_WINDOW_SECONDS", PAYMENT_WINDOW.as_secs().to_string()),
        // Several invocations at once in one process, as Lambda's own concurrency mode has it.
        ("AWS_LAMBDA_MAX_CONCURRENCY", "32".to_owned()),
    ] {
        settings.insert(name.to_owned(), value);
    }
    settings
}
