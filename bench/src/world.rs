//! What a run takes place in: a MongoDB and a Redis of its own, migrated and with a tenant by the
//! real functions, and users and seats that are written straight into the database, as the store
//! writes them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, anyhow};
use mongodb::{
    Client, Database,
    bson::{doc, oid::ObjectId},
    options::{Acknowledgment, ClientOptions, WriteConcern},
};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use serde_json::{Value, json};
use shared::{
    auth::jwt::JwtKeys,
    domain::{AppId, Currency, Email, EntityId, Name, NewSeat},
    secrets::JwtKey,
    store::{apps::App, seats::Seat, users::User as StoredUser},
};
use stack::{Mongo, Redis, admin::Credentials};

use crate::runtime::{Answer, Environment};

/// The database's name.
pub const DATABASE: &str = "bench";
/// The origin that the tenant's page has.
pub const ORIGIN: &str = "https://bench.example.com";
/// What every loaded user signs in with.
pub const PASSWORD: &str = "correct horse battery";
/// What a seat costs, in minor units of [`CURRENCY`].
pub const PRICE: i64 = 45_000;
/// Of the prices.
pub const CURRENCY: &str = "INR";
/// How long a hold lasts: longer than anything is measured.
pub const TTL_SECONDS: u64 = 3_600;
/// How many connections each process has at most, the floor's too.
pub const POOL: u32 = 64;
/// The cost of users' passwords' hashes.
pub const BCRYPT_COST: u32 = 10;

const BATCH: usize = 10_000;

/// The tenant.
pub struct Tenant {
    /// As registered.
    pub app_id: AppId,
    /// The key it was given.
    pub api_key: String,
    /// As stored.
    pub app: App,
}

/// A user of the tenant.
#[derive(Clone)]
pub struct User {
    /// Of the document.
    pub id: ObjectId,
    /// To sign in with; the password is [`PASSWORD`].
    pub email: String,
    /// A token of the tenant's.
    pub token: String,
}

/// The servers, the tenant, and what leads to them.
pub struct World {
    /// The database's server.
    pub mongo: Mongo,
    /// The locks' server.
    pub redis: Redis,
    /// To the database, writing with majority concern; not for what is measured.
    pub client: Client,
    /// The functions' database.
    pub database: Database,
    /// To the locks; not for what is measured.
    pub locks: MultiplexedConnection,
    /// Who asks.
    pub tenant: Tenant,
    dir: PathBuf,
    settings: BTreeMap<String, String>,
    keys: JwtKeys,
}

impl World {
    /// Starts new servers over empty folders in `dir`, runs `migrate` and registers the tenant.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start(dir: &Path) -> anyhow::Result<Self> {
        let data = dir.join("data");
        if data.exists() {
            std::fs::remove_dir_all(&data)?;
        }
        let mongo = Mongo::start(&data.join("mongo"), None).await?;
        let redis = Redis::start(&data.join("redis"), None).await?;
        let credentials = Credentials::generate()?;
        let settings = settings(&credentials, mongo.uri(), redis.url());
        let client = connect(mongo.uri(), "unified-booking-bench").await?;
        let database = client.database(DATABASE);
        let locks = redis::Client::open(redis.url())?.get_multiplexed_async_connection().await?;
        let logs = dir.join("logs");
        invoke("migrate", &settings, &logs, &json!({})).await?;
        let (app_id, api_key) = register(&credentials, &settings, &logs).await?;
        let app =
            database.collection::<App>("apps").find_one(doc! {"appId": app_id.as_str()}).await?;
        let app = app.context("the app that was just registered is not there")?;
        let key = JwtKey { kid: "env".into(), secret: credentials.user_jwt_secret.clone().into() };
        let keys =
            JwtKeys::new("ubk:user", vec![key], Vec::new()).map_err(|problem| anyhow!(problem))?;
        // As where Redis has run for longer than a hold lasts: it knows all seats that are taken.
        let known = format!("seat:known:{{{}}}", app_id.as_str());
        let () = locks.clone().set(known, 1).await?;
        let tenant = Tenant { app_id, api_key, app };
        Ok(Self {
            mongo,
            redis,
            client,
            database,
            locks,
            tenant,
            dir: dir.to_path_buf(),
            settings,
            keys,
        })
    }

    /// The functions' settings: no limit is met, and a hold outlasts what is measured.
    #[must_use]
    pub fn settings(&self) -> BTreeMap<String, String> {
        self.settings.clone()
    }

    /// Where processes' logs go.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.dir.join("logs")
    }

    /// Starts a process of a function with the settings as they are.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn environment(
        &self,
        function: &str,
        concurrency: usize,
    ) -> anyhow::Result<Environment> {
        Environment::start(function, &self.settings, concurrency, &self.logs()).await
    }

    /// Writes `count` users, with a token each.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn load_users(&self, count: usize) -> anyhow::Result<Vec<User>> {
        let hash = hash(PASSWORD)?;
        let mut stored = Vec::with_capacity(count);
        let mut users = Vec::with_capacity(count);
        for _ in 0..count {
            let address = format!("user-{}@example.com", ObjectId::new());
            let email = Email::parse(&address).map_err(|problem| anyhow!(problem))?;
            let name = Name::parse("Asha Rao").map_err(|problem| anyhow!(problem))?;
            let user = StoredUser::new(email, hash.clone().into(), name, None);
            let token = self.keys.sign_user(user.id.into(), &self.tenant.app_id);
            let token = token.map_err(|error| anyhow!("no token: {error:?}"))?;
            users.push(User { id: user.id, email: address, token });
            stored.push(user);
        }
        for batch in stored.chunks(BATCH) {
            self.database.collection::<StoredUser>("users").insert_many(batch).await?;
        }
        Ok(users)
    }

    /// Writes an entity of `count` seats, and says their ids in natural order.
    ///
    /// # Errors
    /// When the database refuses.
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
            "appId": app.app_id.as_str(), "entityId": entity, "domain": app.domain.as_str(), "currency": CURRENCY,
            "seats": count as i64, "createdAt": now, "updatedAt": now,
        };
        self.database.collection("entities").insert_one(entity).await?;
        Ok(ids)
    }

    /// What the gateway makes of a request of this user's page, ready to be handed over. Without a
    /// user, of somebody who has not signed in.
    #[must_use]
    pub fn event(
        &self,
        user: Option<&User>,
        method: &str,
        target: &str,
        body: &Value,
    ) -> Arc<[u8]> {
        let mut headers = json!({
            "content-type": "application/json",
            "host": "api.example.com",
            "x-forwarded-proto": "https",
            "x-app-id": self.tenant.app_id.as_str(),
            "x-api-key": self.tenant.api_key,
            "origin": ORIGIN,
        });
        if let Some(user) = user {
            headers["authorization"] = format!("Bearer {}", user.token).into();
        }
        event(method, target, &headers, body)
    }
}

/// A client with the functions' options, for what the address does not say.
///
/// # Errors
/// When the address cannot be read.
pub async fn connect(uri: &str, name: &str) -> anyhow::Result<Client> {
    let mut options = ClientOptions::parse(uri).await?;
    options.app_name = Some(name.to_owned());
    options.max_pool_size = Some(POOL);
    options.write_concern = Some(WriteConcern::builder().w(Acknowledgment::Majority).build());
    Ok(Client::with_options(options)?)
}

/// A hash as the functions make it.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing is measured here, or this is what is measured"
)]
pub fn hash(password: &str) -> anyhow::Result<String> {
    Ok(bcrypt::non_truncating_hash(password, BCRYPT_COST)?)
}

/// An HTTP API event, as it is sent.
#[must_use]
pub fn event(method: &str, target: &str, headers: &Value, body: &Value) -> Arc<[u8]> {
    stack::events::http(method, target, headers, body).to_string().into_bytes().into()
}

fn settings(credentials: &Credentials, mongodb: &str, redis: &str) -> BTreeMap<String, String> {
    let mut settings = credentials.env();
    for limit in ["LOGIN", "SIGNUP", "ADMIN_LOGIN", "RESERVE", "CONFIRM", "APP", "KEY_FAILURES"] {
        settings.insert(format!("RATE_LIMIT_{limit}"), "100000000/60".to_owned());
    }
    for (name, value) in [
        ("MONGODB_URI", mongodb.to_owned()),
        ("MONGODB_DATABASE", DATABASE.to_owned()),
        ("MONGODB_MAX_POOL_SIZE", POOL.to_string()),
        ("REDIS_URL", redis.to_owned()),
        ("HOLD_TTL_SECONDS", TTL_SECONDS.to_string()),
        ("MAX_HELD_SEATS_PER_USER", "1000000".to_owned()),
    ] {
        settings.insert(name.to_owned(), value);
    }
    settings
}

/// Starts a function for one event.
async fn invoke(
    function: &str,
    settings: &BTreeMap<String, String>,
    logs: &Path,
    event: &Value,
) -> anyhow::Result<Answer> {
    let environment = Environment::start(function, settings, 1, logs).await?;
    let answer = environment.server().call(event.to_string().into_bytes().into()).await;
    environment.end().await;
    answer.with_context(|| format!("{function} failed"))
}

async fn register(
    credentials: &Credentials,
    settings: &BTreeMap<String, String>,
    logs: &Path,
) -> anyhow::Result<(AppId, String)> {
    let mut headers = json!({"content-type": "application/json", "host": "api.example.com"});
    let post = async |function: &str, path: &str, headers: &Value, body: Value| {
        let environment = Environment::start(function, settings, 1, logs).await?;
        let answer = environment.server().call(event("POST", path, headers, &body)).await;
        environment.end().await;
        anyhow::Ok(answer?)
    };
    let body = json!({"email": credentials.email, "password": credentials.password});
    let token = post("admin-login", "/admin/login", &headers, body).await?.data(200)?;
    headers["authorization"] = format!("Bearer {}", text(&token, "token")?).into();
    let body =
        json!({"appId": "bench", "name": "Bench", "domain": "EVENT", "allowedDomains": [ORIGIN]});
    let app = post("register-app", "/admin/apps", &headers, body).await?.data(201)?;
    let app_id = AppId::parse(text(&app, "appId")?).map_err(|problem| anyhow!(problem))?;
    Ok((app_id, text(&app, "apiKey")?.to_owned()))
}

/// A field of an answer.
///
/// # Errors
/// When it is not there.
pub fn text<'a>(value: &'a Value, field: &str) -> anyhow::Result<&'a str> {
    value[field].as_str().with_context(|| format!("no {field} in {value}"))
}

/// What the seat of an entity with that index is called: row and place, so that the natural order
/// is that of the index.
#[must_use]
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
