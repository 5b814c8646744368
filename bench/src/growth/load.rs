//! What a system that has run for years has in its stores: past reservations, tenants, locks of
//! others.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::future::try_join_all;
use mongodb::{
    Collection, Database,
    bson::{DateTime, Document, doc, oid::ObjectId},
    options::{InsertManyOptions, WriteConcern},
};
use redis::aio::MultiplexedConnection;
use shared::{auth::jwt::JwtKeys, secrets::JwtKey, store::apps::App};
use uuid::Uuid;

use crate::{
    usage::cpu_ms,
    world::{CURRENCY, PRICE, TTL_SECONDS, World},
};

const BATCH: usize = 1_000;
/// How many batches are written at once.
const WRITERS: usize = 2;
/// How long after a load the servers may be busy with it.
const PATIENCE: Duration = Duration::from_secs(90);

/// Writes batch after batch, some at once, in no order.
async fn insert(
    collection: &Collection<Document>,
    count: usize,
    make: impl Fn(usize) -> Document + Sync,
) -> anyhow::Result<()> {
    let options =
        InsertManyOptions::builder().ordered(false).write_concern(WriteConcern::nodes(1)).build();
    let writer = async |first: usize| -> anyhow::Result<()> {
        for start in (first * BATCH..count).step_by(WRITERS * BATCH) {
            let batch: Vec<Document> = (start..count.min(start + BATCH)).map(&make).collect();
            collection.insert_many(batch).with_options(options.clone()).await?;
        }
        Ok(())
    };
    try_join_all((0..WRITERS).map(writer)).await?;
    Ok(())
}

/// Writes past reservations of a tenant, as time would leave them: one of ten of `user`'s, half of
/// them of `entity`, over a year; four of ten sold, the others let go or run out.
pub async fn past(
    world: &World,
    entity: &str,
    user: ObjectId,
    from: usize,
    to: usize,
) -> anyhow::Result<()> {
    const DAY_MS: i64 = 24 * 3_600 * 1_000;
    let others: Vec<ObjectId> = (0..10_000).map(|_| ObjectId::new()).collect();
    let (app, now) = (world.tenant.app_id.as_str(), DateTime::now().timestamp_millis());
    let make = |number: usize| {
        let days = i64::try_from((from + number) * 7_919 % 365).unwrap_or_default();
        let made = DateTime::from_millis(now - (days + 1) * DAY_MS);
        let status = match number % 20 {
            0..8 => "CONFIRMED",
            8..12 => "RELEASED",
            _ => "EXPIRED",
        };
        let mut document = doc! {
            "reservationToken": Uuid::new_v4().to_string(),
            "userId": if number % 10 == 7 { user } else { others[number % others.len()] },
            "appId": app,
            "entityId": if number.is_multiple_of(2) { entity.to_owned() } else { format!("past-{}", number % 1_000) },
            "seatIds": [ObjectId::new()], "amount": PRICE, "currency": CURRENCY, "status": status,
            "expiresAt": DateTime::from_millis(made.timestamp_millis() + 120_000), "createdAt": made, "updatedAt": made,
        };
        if status == "CONFIRMED" {
            document.insert("claimed", true);
        }
        document
    };
    insert(&world.database.collection("reservations"), to - from, make).await
}

/// Another tenant with a seat of its own and a token for it.
pub struct Neighbour {
    pub app: String,
    pub user: ObjectId,
    pub token: String,
    pub entity: String,
    pub seat: ObjectId,
}

/// Writes copies of the world's tenant under other ids; the first `asked` of them with an entity of
/// one seat.
pub async fn tenants(world: &World, count: usize, asked: usize) -> anyhow::Result<Vec<Neighbour>> {
    let apps = world.database.collection::<Document>("apps");
    let own = doc! {"appId": world.tenant.app_id.as_str()};
    let app = apps.find_one(own).await?.context("the tenant is there")?;
    let copy = |number: usize| {
        let mut copy = app.clone();
        copy.insert("_id", ObjectId::new());
        copy.insert("appId", neighbour(number));
        copy
    };
    insert(&apps, count, copy).await?;
    let secret =
        world.settings().remove("USER_JWT_SECRET").context("the secret of users' tokens")?;
    let keys = JwtKeys::new(
        "ubk:user",
        vec![JwtKey { kid: "env".into(), secret: secret.into() }],
        Vec::new(),
    );
    let keys = keys.map_err(anyhow::Error::msg)?;
    let users = world.load_users(asked).await?;
    let seats = world.load_seats("growth-neighbours", asked).await?;
    let mut neighbours = Vec::new();
    for (number, (user, seat)) in users.into_iter().zip(seats).enumerate() {
        let app = apps_id(&world.database, number).await?;
        let token = keys
            .sign_user(user.id.into(), &app.app_id)
            .map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let entity = format!("hall-{number}");
        let moved = doc! {"$set": {"appId": neighbour(number), "entityId": &entity}};
        world
            .database
            .collection::<Document>("seats")
            .update_one(doc! {"_id": seat}, moved)
            .await?;
        neighbours.push(Neighbour { app: neighbour(number), user: user.id, token, entity, seat });
    }
    Ok(neighbours)
}

fn neighbour(number: usize) -> String {
    format!("neighbour-{number}")
}

async fn apps_id(database: &Database, number: usize) -> anyhow::Result<App> {
    let app =
        database.collection::<App>("apps").find_one(doc! {"appId": neighbour(number)}).await?;
    app.context("a tenant that was just written")
}

/// Sets locks of the tenant's own on seats that nobody asks for, as holds would: from so many to so
/// many.
pub async fn locks(world: &World, from: usize, to: usize) -> anyhow::Result<()> {
    let mut redis: MultiplexedConnection = world.locks.clone();
    let now = DateTime::now().timestamp_millis();
    let ttl = TTL_SECONDS * 1_000;
    for start in (from..to).step_by(BATCH) {
        let mut pipe = redis::pipe();
        for _ in start..to.min(start + BATCH) {
            let key = format!(
                "seat:lock:{{{}}}:{}",
                world.tenant.app_id.as_str(),
                ObjectId::new().to_hex()
            );
            let value = serde_json::json!({
                "reservationToken": Uuid::new_v4().to_string(), "userId": ObjectId::new().to_hex(), "timestamp": now,
                "expiresAt": now + i64::try_from(ttl)?,
            });
            pipe.pset_ex(key, value.to_string(), ttl).ignore();
        }
        let () = pipe.query_async(&mut redis).await?;
    }
    Ok(())
}

/// Takes all locks away.
pub async fn unlock_all(world: &World) -> anyhow::Result<()> {
    let mut redis = world.locks.clone();
    // In the background: to free a million keys at once takes longer than the client waits.
    let mut command = redis::Cmd::new();
    let () = command.arg(&["FLUSHDB", "ASYNC"]).query_async(&mut redis).await?;
    Ok(())
}

/// Waits until MongoDB has written out what was loaded and has nothing left to do.
pub async fn settle(world: &World) -> anyhow::Result<()> {
    world.client.database("admin").run_command(doc! {"fsync": 1}).await?;
    let (began, pid) = (Instant::now(), world.mongo.pid());
    loop {
        let before = cpu_ms(pid);
        tokio::time::sleep(Duration::from_secs(1)).await;
        // An idle server needs some milliseconds a second.
        if cpu_ms(pid) - before < 30.0 || began.elapsed() > PATIENCE {
            return Ok(());
        }
    }
}
