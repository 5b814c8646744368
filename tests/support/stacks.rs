//! Running backends. The first test that needs a named stack starts it, and all later tests share
//! it. Each test has its own tenant, so they do not affect each other.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use mongodb::{Database, bson::Document, options::ReadConcern};
use redis::AsyncCommands as _;
use reqwest::Client;
use serde_json::{Value, json};
use stack::{Api, ApiOptions, Redis, admin::Credentials};
use tokio::sync::{Mutex, OnceCell};

use super::{
    call::Call,
    people::{Admin, Tenant},
    servers, unique,
};

/// The origins that the admin's own pages are served from.
pub const ADMIN_ORIGINS: &str = "https://admin.example.com,https://ops.example.com";

/// One backend: its functions behind an HTTP port, over a database of its own.
pub struct Stack {
    api: Api,
    pub base: String,
    pub credentials: Credentials,
    pub mongodb_uri: String,
    pub database: String,
    pub redis_url: String,
    pub hold_ttl: u64,
    pub logs: PathBuf,
    own_redis: Mutex<Option<Redis>>,
    admin_token: OnceCell<String>,
}

/// How a stack is started. `Plan::new` is all functions on the shared servers.
pub struct Plan {
    pub name: &'static str,
    /// `None` means all functions. `migrate` is always included.
    pub functions: Option<&'static [&'static str]>,
    pub instances: usize,
    pub hold_ttl: u64,
    /// Whether it has its own Redis, which a test may wipe or stop.
    pub own_redis: bool,
    pub mongodb_uri: Option<String>,
    /// Settings on top of those every stack has.
    pub env: Vec<(&'static str, String)>,
    /// Settings that this stack must not have.
    pub unset: &'static [&'static str],
}

impl Plan {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            functions: None,
            instances: 1,
            hold_ttl: 120,
            own_redis: false,
            mongodb_uri: None,
            env: Vec::new(),
            unset: &[],
        }
    }

    /// Limits that no test can reach, for stacks of tests that are not about limits.
    pub fn unlimited(mut self) -> Self {
        let names = stack::setting_names::OF_FUNCTIONS.iter().copied();
        let limits = names.filter(|name| name.starts_with("RATE_LIMIT_"));
        self.env.extend(limits.map(|name| (name, "1000000/60".to_owned())));
        self
    }

    pub async fn start(self) -> Arc<Stack> {
        Arc::new(servers::forever(Stack::start(self)).await)
    }
}

impl Stack {
    async fn start(plan: Plan) -> Self {
        let credentials = Credentials::generate().expect("credentials");
        let own_redis = if plan.own_redis {
            let directory = servers::directory(&format!("{}-redis", plan.name));
            Some(Redis::start(&directory, None).await.expect("redis-server starts"))
        } else {
            None
        };
        let redis_url = match &own_redis {
            Some(redis) => redis.url().to_owned(),
            None => servers::redis_url().await.to_owned(),
        };
        let mongodb_uri = match plan.mongodb_uri {
            Some(uri) => uri,
            None => servers::mongodb_uri().await.to_owned(),
        };
        let database = unique(plan.name);
        let mut env: BTreeMap<String, String> = credentials.env();
        let mut set = |name: &str, value: String| env.insert(name.to_owned(), value);
        set("MONGODB_URI", mongodb_uri.clone());
        set("MONGODB_DATABASE", database.clone());
        set("REDIS_URL", redis_url.clone());
        set("DEFAULT_PAYMENT_PROVIDER", "simulated".to_owned());
        set("HOLD_TTL_SECONDS", plan.hold_ttl.to_string());
        set("WEBHOOK_ALLOW_HOSTS", "127.0.0.1,localhost".to_owned());
        set("ADMIN_ORIGINS", ADMIN_ORIGINS.to_owned());
        for (name, value) in plan.env {
            set(name, value);
        }
        for name in plan.unset {
            env.remove(*name);
        }
        let functions = plan.functions.map(|names| {
            let names = names.iter().copied().chain(["migrate"]);
            names.map(str::to_owned).collect()
        });
        let logs = servers::directory(&format!("{}-logs", plan.name));
        let options = ApiOptions {
            port: None,
            env,
            instances: plan.instances,
            functions,
            log_dir: logs.clone(),
        };
        let api = Api::start(options).await.expect("the stack starts");
        let migrated = api.invoke("migrate", &json!({})).await.expect("migrate answers");
        assert!(migrated["changes"].is_array(), "migrate answered {migrated}");
        Self {
            base: api.base_url().to_owned(),
            api,
            credentials,
            mongodb_uri,
            database,
            redis_url,
            hold_ttl: plan.hold_ttl,
            logs,
            own_redis: Mutex::new(own_redis),
            admin_token: OnceCell::new(),
        }
    }

    /// The settings of one more process of a function.
    pub fn settings(&self) -> BTreeMap<String, String> {
        let mut settings = self.credentials.env();
        for (name, value) in [
            ("MONGODB_URI", &self.mongodb_uri),
            ("MONGODB_DATABASE", &self.database),
            ("REDIS_URL", &self.redis_url),
        ] {
            settings.insert(name.to_owned(), value.clone());
        }
        settings
    }

    /// The settings of one more publisher of live push.
    pub fn live_settings(&self) -> BTreeMap<String, String> {
        let mut settings = self.settings();
        let relay = format!("http://127.0.0.1:{}", self.api.invoke_port());
        for (name, value) in [
            ("LIVE_CONNECTIONS_URL", format!("{relay}/live")),
            ("AWS_ENDPOINT_URL_LAMBDA", relay),
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ] {
            settings.insert(name.to_owned(), value);
        }
        settings
    }

    /// A function invoked as AWS does it, without HTTP.
    pub async fn invoke(&self, function: &str, event: &Value) -> Value {
        let result = self.api.invoke(function, event).await;
        result.unwrap_or_else(|e| panic!("{function}: {e:#}"))
    }

    /// A request without any credentials.
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(&Client::new(), &self.base, method, path)
    }

    pub async fn admin(&self) -> Admin {
        let login = || async {
            let body =
                json!({"email": self.credentials.email, "password": self.credentials.password});
            let reply = self.call("POST", "/admin/login").json(&body).send().await;
            reply.expect(200)["token"].as_str().expect("a token").to_owned()
        };
        let token = self.admin_token.get_or_init(login).await;
        Admin::new(&self.base, token)
    }

    /// A new tenant, of the domain that tests use where the domain does not matter.
    pub async fn tenant(self: &Arc<Self>) -> Tenant {
        self.tenant_of("EVENT").await
    }

    pub async fn tenant_of(self: &Arc<Self>, domain: &str) -> Tenant {
        Tenant::register(self.clone(), domain).await
    }

    /// The database as a majority of the members has it.
    pub async fn database(&self) -> Database {
        let client = mongodb::Client::with_uri_str(&self.mongodb_uri).await.expect("a client");
        let options = mongodb::options::DatabaseOptions::builder()
            .read_concern(ReadConcern::majority())
            .build();
        client.database_with_options(&self.database, options)
    }

    /// Drops the unique indexes that limit a seat or a payment to one hold and one sale.
    pub async fn drop_unique_indexes(&self) {
        for (collection, index) in [
            ("reservations", "claimed_seats_unique"),
            ("bookings", "reservationToken_unique"),
            ("bookings", "payment_unique"),
            ("bookings", "confirmed_seats_unique"),
        ] {
            let collection = self.database().await.collection::<Document>(collection);
            collection.drop_index(index).await.expect("the index goes");
        }
    }

    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.redis_url.as_str()).expect("a Redis URL");
        client.get_multiplexed_async_connection().await.expect("Redis answers")
    }

    /// Ends the Redis of this stack for good.
    pub async fn stop_redis(&self) {
        let redis = self.own_redis.lock().await.take();
        drop(redis.expect("a Redis of its own, still running"));
    }

    /// Empties Redis, as a failover to an empty replica would.
    pub async fn wipe_redis(&self) {
        assert!(
            self.own_redis.lock().await.is_some(),
            "the shared Redis is not one test's to wipe"
        );
        let mut connection = self.redis().await;
        let () = connection.flushall().await.expect("FLUSHALL");
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident: $plan:expr) => {
        $(#[$doc])*
        pub async fn $name() -> Arc<Stack> {
            static STACK: Shared<Arc<Stack>> = Shared::new();
            STACK.get(|| $plan.start()).await
        }
    };
}

named! {
    /// Everything, with limits that no test reaches and a hold of two minutes.
    usual: Plan { instances: 4, ..Plan::new("usual").unlimited() }
}

named! {
    /// Holds of two seconds, and no sweeper but the one a test invokes.
    short: Plan { hold_ttl: 2, instances: 2, functions: Some(BOOKING), ..Plan::new("short").unlimited() }
}

named! {
    /// The limits of the contract on what a user does, and four seats at once.
    limited: Plan {
        functions: Some(BOOKING),
        env: vec![
            ("RATE_LIMIT_SIGNUP", "1000000/60".to_owned()),
            ("MAX_HELD_SEATS_PER_USER", "4".to_owned()),
            // One stack lists with `secondaryPreferred`, so that this setting is tested.
            ("LISTING_READ_PREFERENCE", "secondaryPreferred".to_owned()),
        ],
        instances: 2,
        ..Plan::new("limited")
    }
}

/// A value that several tests share. It is created once. If this fails, every test that needs it
/// fails at once, without another attempt.
pub struct Shared<T>(OnceCell<Option<T>>);

impl<T: Clone + Send + Sync + 'static> Shared<T> {
    pub const fn new() -> Self {
        Self(OnceCell::const_new())
    }

    pub async fn get<F: Future<Output = T> + Send + 'static>(&self, make: impl FnOnce() -> F) -> T {
        let once = || async { servers::try_forever(make()).await };
        self.0
            .get_or_init(once)
            .await
            .clone()
            .expect("what the tests share has started; the first failure says why not")
    }
}

/// The functions from a tenant's registration to the sweep.
pub const BOOKING: &[&str] = &[
    "admin-login",
    "register-app",
    "update-app",
    "create-seats",
    "entity-seats",
    "signup",
    "login",
    "list-seats",
    "reserve",
    "confirm",
    "release",
    "list-reservations",
    "list-bookings",
    "get-booking",
    "analytics",
    "expire-reservations",
];

/// The functions that a user calls, and `health`.
pub const WITH_HEALTH: &[&str] = &[
    "admin-login",
    "register-app",
    "create-seats",
    "signup",
    "login",
    "list-seats",
    "reserve",
    "confirm",
    "release",
    "list-reservations",
    "list-bookings",
    "health",
];
