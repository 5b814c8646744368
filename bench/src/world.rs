//! Where a run takes place: a MongoDB and a Redis of its own, migrated by the real function, with a
//! tenant that the real functions registered. Users and seats are written straight into the
//! database, as the store writes them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, anyhow, ensure};
use mongodb::{
    Client, Database,
    bson::{Document, doc, oid::ObjectId},
    options::{Acknowledgment, ClientOptions, ReturnDocument, WriteConcern},
};
use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};
use shared::{
    auth::jwt::JwtKeys,
    domain::{AppId, Currency, Email, EntityId, EventType, FeedKey, Name, NewSeat},
    secrets::JwtKey,
    store::{apps::App, seats::Seat, users::User as StoredUser},
};
use stack::{Mongo, Redis, admin::Credentials, harness::runtime_api::Environment};

pub const DATABASE: &str = "bench";
/// The origin of the tenant's page.
const ORIGIN: &str = "https://bench.example.com";
/// The price of a seat, in minor units of [`CURRENCY`].
pub const PRICE: i64 = 45_000;
pub const CURRENCY: &str = "INR";
/// How long a hold lasts: longer than anything that is measured.
pub const TTL_MS: i64 = 3_600_000;
/// The most connections of each process, and of the floor.
const POOL: u32 = 64;
const BATCH: usize = 10_000;

pub struct Tenant {
    pub app_id: AppId,
    pub api_key: String,
    /// The tenant's document in the database.
    app: App,
}

/// A user of the tenant.
#[derive(Clone)]
pub struct User {
    pub id: ObjectId,
    pub token: String,
}

/// The servers, the tenant, and clients that are not measured.
pub struct World {
    pub mongo: Mongo,
    pub redis: Redis,
    pub database: Database,
    pub redis_client: MultiplexedConnection,
    pub tenant: Tenant,
    /// The versions of MongoDB and Redis.
    pub versions: String,
    pub settings: BTreeMap<String, String>,
    admin_token: String,
    logs: PathBuf,
    keys: JwtKeys,
}

impl World {
    /// Starts new servers in the folder `dir`, which it empties first, runs `migrate`
    /// and registers the tenant.
    pub async fn start(dir: &Path) -> anyhow::Result<Self> {
        if dir.exists() {
            std::fs::remove_dir_all(dir)?;
        }
        let mongo = Mongo::start(&dir.join("mongo"), None).await?;
        let redis = Redis::start(&dir.join("redis"), None).await?;
        let credentials = Credentials::generate()?;
        let settings = settings(&credentials, mongo.uri(), redis.url());
        let client = connect(mongo.uri(), "unified-booking-bench").await?;
        let database = client.database(DATABASE);
        let redis_client =
            redis::Client::open(redis.url())?.get_multiplexed_async_connection().await?;
        let logs = dir.join("logs");
        std::fs::create_dir_all(&logs)?;
        let migration = json!({}).to_string().into_bytes().into();
        let migrate = start("migrate", &settings, &logs).await?;
        migrate.call(migration).await.context("migrate")?;
        migrate.end().await;
        let (app_id, api_key, admin_token) = register(&credentials, &settings, &logs).await?;
        let app =
            database.collection::<App>("apps").find_one(doc! {"appId": app_id.as_str()}).await?;
        let app = app.context("the app that was just registered is missing")?;
        let key = JwtKey { kid: "env".into(), secret: credentials.user_jwt_secret.clone().into() };
        let keys =
            JwtKeys::new("ubk:user", vec![key], Vec::new()).map_err(|problem| anyhow!(problem))?;
        let versions = versions(&database, redis_client.clone()).await?;
        let tenant = Tenant { app_id, api_key, app };
        #[rustfmt::skip]
        let world = Self {
            mongo, redis, database, redis_client, tenant, versions, settings, admin_token, logs, keys,
        };
        Ok(world)
    }

    /// Starts a process of a function, which takes `concurrency` events at once.
    pub async fn environment(
        &self,
        function: &str,
        concurrency: usize,
    ) -> anyhow::Result<Environment> {
        let mut settings = self.settings.clone();
        if concurrency > 1 {
            settings.insert("AWS_LAMBDA_MAX_CONCURRENCY".into(), concurrency.to_string());
        }
        start(function, &settings, &self.logs).await
    }

    /// Sets whether a webhook endpoint of the tenant wants every event. Functions notice it at
    /// their next request. Nothing is delivered: the events stay in their documents.
    pub async fn want_events(&self, wanted: bool) -> anyhow::Result<()> {
        let change = if wanted { "$set" } else { "$unset" };
        let types = EventType::ALL.map(EventType::as_str).to_vec();
        let update = doc! {change: {"webhookTypes": types}, "$inc": {"version": 1_i64}};
        let apps = self.database.collection::<App>("apps");
        let app_id = self.tenant.app_id.as_str();
        let after = apps.find_one_and_update(doc! {"appId": app_id}, update);
        let after = after.return_document(ReturnDocument::After).await?.context("no app")?;
        let mut set = redis::Cmd::new();
        set.arg("SET")
            .arg(format!("app:version:{{{app_id}}}"))
            .arg(after.version)
            .arg("EX")
            .arg(3_600);
        Ok(set.query_async(&mut self.redis_client.clone()).await?)
    }

    /// Ends MongoDB and Redis, and waits until they have ended.
    pub async fn stop(self) {
        self.mongo.stop().await;
        self.redis.stop().await;
    }

    /// Writes `count` users, with a token each.
    pub async fn load_users(&self, count: usize) -> anyhow::Result<Vec<User>> {
        let mut stored = Vec::with_capacity(count);
        let mut users = Vec::with_capacity(count);
        for _ in 0..count {
            let address = format!("user-{}@example.com", ObjectId::new());
            let email = Email::parse(&address).map_err(|problem| anyhow!(problem))?;
            let name = Name::parse("Asha Rao").map_err(|problem| anyhow!(problem))?;
            let user = StoredUser::new(email, String::new().into(), name, None);
            let token = self.keys.sign_user(user.id.into(), &self.tenant.app_id);
            let token = token.map_err(|error| anyhow!("no token: {error:?}"))?;
            users.push(User { id: user.id, token });
            stored.push(user);
        }
        for batch in stored.chunks(BATCH) {
            self.database.collection::<StoredUser>("users").insert_many(batch).await?;
        }
        Ok(users)
    }

    /// Writes an entity of `count` seats, and returns their ids in natural order.
    pub async fn load_seats(&self, entity: &str, count: usize) -> anyhow::Result<Vec<ObjectId>> {
        let entity_id = EntityId::parse(entity).map_err(|problem| anyhow!(problem))?;
        let currency = Currency::parse(CURRENCY).map_err(|problem| anyhow!(problem))?;
        let app = &self.tenant.app;
        let mut ids = Vec::with_capacity(count);
        for first in (0..count).step_by(BATCH) {
            let mut seats = Vec::with_capacity(BATCH);
            for number in first..count.min(first + BATCH) {
                let seat = json!({
                    "seatNumber": seat_number(number),
                    "price": PRICE,
                    "metadata": {"tier": "gold", "x": number % 50, "y": number / 50},
                });
                let new: NewSeat = serde_json::from_value(seat)?;
                let seat = Seat::new(app, &entity_id, &currency, new);
                ids.push(seat.id);
                seats.push(seat);
            }
            self.database.collection::<Seat>("seats").insert_many(&seats).await?;
        }
        let now = mongodb::bson::DateTime::now();
        let entity = doc! {
            "appId": app.app_id.as_str(), "entityId": entity, "domain": app.domain.as_str(),
            "currency": CURRENCY, "seats": count as i64, "createdAt": now, "updatedAt": now,
        };
        self.database.collection("entities").insert_one(entity).await?;
        Ok(ids)
    }

    /// Writes an entity of `count` seats that has a public feed, and returns the feed's key.
    pub async fn load_feed(&self, count: usize) -> anyhow::Result<Arc<str>> {
        let entity = format!("feed-{}", ObjectId::new());
        self.load_seats(&entity, count).await?;
        let key = FeedKey::generate();
        let own = doc! {"appId": self.tenant.app_id.as_str(), "entityId": entity};
        let update = doc! {"$set": {"feedKey": key.as_str()}};
        self.database.collection::<Document>("entities").update_one(own, update).await?;
        Ok(key.as_str().into())
    }

    /// The event of a viewer who reads a feed.
    pub fn feed_event(&self, key: &str) -> Arc<[u8]> {
        let headers = json!({"host": "api.example.com", "x-forwarded-proto": "https"});
        let target = format!("/feed/{key}");
        let mut event = stack::events::http("GET", &target, &headers, &Value::Null);
        event["pathParameters"] = json!({"feedKey": key});
        event.to_string().into_bytes().into()
    }

    /// The event of an admin's request about the tenant. It takes the path below the app, and the
    /// parameters of the path without `appId`.
    pub fn admin_event(
        &self,
        method: &str,
        below: &str,
        mut parameters: Value,
        body: &Value,
    ) -> Arc<[u8]> {
        let app = self.tenant.app_id.as_str();
        let headers = json!({
            "content-type": "application/json", "host": "api.example.com",
            "x-forwarded-proto": "https",
            "authorization": format!("Bearer {}", self.admin_token),
        });
        let target = format!("/admin/apps/{app}/{below}");
        let mut event = stack::events::http(method, &target, &headers, body);
        parameters["appId"] = app.into();
        event["pathParameters"] = parameters;
        event.to_string().into_bytes().into()
    }

    /// The event of a request of this user.
    pub fn event(&self, user: &User, method: &str, target: &str, body: &Value) -> Arc<[u8]> {
        let headers = json!({
            "content-type": "application/json",
            "host": "api.example.com",
            "x-forwarded-proto": "https",
            "x-app-id": self.tenant.app_id.as_str(),
            "x-api-key": self.tenant.api_key,
            "origin": ORIGIN,
            "authorization": format!("Bearer {}", user.token),
        });
        event(method, target, &headers, body)
    }
}

async fn versions(database: &Database, mut redis: MultiplexedConnection) -> anyhow::Result<String> {
    let build = database.run_command(doc! {"buildInfo": 1}).await?;
    let mut info = redis::Cmd::new();
    info.arg("INFO").arg("server");
    let info: String = info.query_async(&mut redis).await?;
    let line = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
    Ok(format!("MongoDB {}, Redis {}", build.get_str("version")?, line.unwrap_or_default().trim()))
}

/// A client with the options of the functions.
pub async fn connect(uri: &str, name: &str) -> anyhow::Result<Client> {
    let mut options = ClientOptions::parse(uri).await?;
    options.app_name = Some(name.to_owned());
    options.max_pool_size = Some(POOL);
    options.write_concern = Some(WriteConcern::builder().w(Acknowledgment::Majority).build());
    Ok(Client::with_options(options)?)
}

fn event(method: &str, target: &str, headers: &Value, body: &Value) -> Arc<[u8]> {
    stack::events::http(method, target, headers, body).to_string().into_bytes().into()
}

/// The functions' settings. No request meets a limit.
fn settings(credentials: &Credentials, mongodb: &str, redis: &str) -> BTreeMap<String, String> {
    let mut settings = credentials.env();
    for limit in [
        "LOGIN",
        "SIGNUP",
        "ADMIN_LOGIN",
        "RESERVE",
        "CONFIRM",
        "RELEASE",
        "READ",
        "APP",
        "KEY_FAILURES",
    ] {
        settings.insert(format!("RATE_LIMIT_{limit}"), "100000000/60".to_owned());
    }
    for (name, value) in [
        ("MONGODB_URI", mongodb.to_owned()),
        ("MONGODB_DATABASE", DATABASE.to_owned()),
        ("MONGODB_MAX_POOL_SIZE", POOL.to_string()),
        ("REDIS_URL", redis.to_owned()),
        ("DEFAULT_PAYMENT_PROVIDER", "simulated".to_owned()),
        ("HOLD_TTL_SECONDS", (TTL_MS / 1000).to_string()),
        ("MAX_HELD_SEATS_PER_USER", "1000000".to_owned()),
    ] {
        settings.insert(name.to_owned(), value);
    }
    settings
}

async fn start(
    function: &str,
    settings: &BTreeMap<String, String>,
    logs: &Path,
) -> anyhow::Result<Environment> {
    let log = logs.join(format!("{function}-{}.log", ObjectId::new()));
    Environment::start(&stack::binaries()?.join(function), settings, log).await
}

/// Sends one request to a new process of a function. Returns the field `data` of its response.
async fn post(
    function: &str,
    settings: &BTreeMap<String, String>,
    logs: &Path,
    event: Arc<[u8]>,
) -> anyhow::Result<Value> {
    let environment = start(function, settings, logs).await?;
    let payload = environment.call(event).await.with_context(|| function.to_owned())?;
    environment.end().await;
    let body = payload["body"].as_str().unwrap_or_default();
    let mut read: Value = serde_json::from_str(body).context("the body is not JSON")?;
    ensure!(read["data"].is_object(), "{}: {body}", payload["statusCode"]);
    Ok(read["data"].take())
}

async fn register(
    credentials: &Credentials,
    settings: &BTreeMap<String, String>,
    logs: &Path,
) -> anyhow::Result<(AppId, String, String)> {
    let mut headers = json!({"content-type": "application/json", "host": "api.example.com"});
    let body = json!({"email": credentials.email, "password": credentials.password});
    let login = event("POST", "/admin/login", &headers, &body);
    let token = post("admin-login", settings, logs, login).await?;
    let token = text(&token, "token")?;
    headers["authorization"] = format!("Bearer {token}").into();
    let body =
        json!({"appId": "bench", "name": "Bench", "domain": "EVENT", "allowedDomains": [ORIGIN]});
    let register = event("POST", "/admin/apps", &headers, &body);
    let app = post("register-app", settings, logs, register).await?;
    let app_id = AppId::parse(text(&app, "appId")?).map_err(|problem| anyhow!(problem))?;
    Ok((app_id, text(&app, "apiKey")?.to_owned(), token.to_owned()))
}

fn text<'a>(value: &'a Value, field: &str) -> anyhow::Result<&'a str> {
    value[field].as_str().with_context(|| format!("no {field} in {value}"))
}

/// The number of the seat at that index: row and place, so that the natural order of the numbers is
/// the order of the indexes.
pub fn seat_number(index: usize) -> String {
    format!("{}-{}", index / 50 + 1, index % 50 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::domain::SeatNumber;

    #[test]
    fn seats_are_made_in_their_natural_order() {
        let order = |index| SeatNumber::parse(&seat_number(index)).unwrap().natural_order();
        assert!((0..50_000).is_sorted_by(|a, b| order(*a) < order(*b)));
    }
}
