//! Baskets of seats and the holds on them. After each window everything is put back, so that no
//! window is slower for those before it.

use anyhow::Context as _;
use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use redis::Pipeline;
use serde_json::json;
use uuid::Uuid;

use crate::world::{self, CURRENCY, TTL_MS, User, World};

/// Twice as long as any hold may last.
const KNOWN_MS: i64 = 2 * 3_600_000;

/// Documents or commands sent at once.
const BATCH: usize = 2_000;

/// Some seats of one entity, the user who wants them, and the token of the hold.
#[derive(Clone, Debug)]
pub struct Basket {
    pub entity: String,
    pub seats: Vec<ObjectId>,
    pub user: ObjectId,
    /// Of the floor's hold. A function makes a token of its own.
    pub token: Uuid,
    pub payment: String,
    /// The user's place among the run's users.
    pub user_index: usize,
}

impl Basket {
    pub fn new(entity: &str, seats: &[ObjectId], user_index: usize, user: &User) -> Self {
        let token = Uuid::new_v4();
        Self {
            entity: entity.to_owned(),
            seats: seats.to_vec(),
            user: user.id,
            token,
            payment: format!("pay_{}", token.simple()),
            user_index,
        }
    }

    /// The keys of the seats' locks.
    pub fn lock_keys<'a>(&'a self, app: &'a str) -> impl Iterator<Item = String> + 'a {
        self.seats.iter().map(move |seat| format!("seat:lock:{{{app}}}:{seat}"))
    }

    /// The keys that count the user's holds of the seats.
    fn hold_cycle_keys<'a>(&'a self, app: &'a str) -> impl Iterator<Item = String> + 'a {
        self.seats.iter().map(move |seat| format!("seat:turns:{{{app}}}:{seat}:{}", self.user))
    }
}

/// The seats that are held and sold: some entities of equal size.
pub struct Halls {
    halls: Vec<(String, Vec<ObjectId>)>,
    size: usize,
    next: usize,
}

impl Halls {
    /// Writes `count` halls of `size` seats.
    pub async fn build(world: &World, count: usize, size: usize) -> anyhow::Result<Self> {
        let mut halls = Vec::with_capacity(count);
        for _ in 0..count {
            let entity = format!("hall-{}", ObjectId::new());
            halls.push((entity.clone(), world.load_seats(&entity, size).await?));
        }
        Ok(Self { halls, size, next: 0 })
    }

    /// Baskets of `seats` free seats, spread over the halls, for these users in turn: `count`, or
    /// as many as the halls have.
    pub fn baskets(&mut self, count: usize, seats: usize, users: &[User]) -> Vec<Basket> {
        let all = self.size / seats * self.halls.len();
        let count = count.min(all);
        let basket = |index: usize| {
            let place = (self.next + index) % all;
            let (entity, ids) = &self.halls[place % self.halls.len()];
            let first = place / self.halls.len() * seats;
            let user = index % users.len();
            Basket::new(entity, &ids[first..first + seats], user, &users[user])
        };
        let baskets = (0..count).map(basket).collect();
        self.next += count;
        baskets
    }

    /// Baskets with every seat of every hall, of every user at least one.
    pub fn all_seats(&self, users: &[User]) -> Vec<Basket> {
        let seats: usize = self.halls.iter().map(|(_, ids)| ids.len()).sum();
        let size = (seats / users.len()).clamp(1, self.size);
        let parts = self
            .halls
            .iter()
            .flat_map(|(entity, ids)| ids.chunks(size).map(move |part| (entity.as_str(), part)));
        let users = users.iter().enumerate().cycle();
        parts
            .zip(users)
            .map(|((entity, part), (index, user))| Basket::new(entity, part, index, user))
            .collect()
    }
}

/// The document of a live hold.
fn hold_document(app: &str, basket: &Basket, now: DateTime) -> Document {
    doc! {
        "_id": ObjectId::new(), "reservationToken": basket.token.to_string(),
        "userId": basket.user, "appId": app, "entityId": &basket.entity,
        "seatIds": &basket.seats, "amount": world::PRICE * basket.seats.len() as i64,
        "currency": CURRENCY, "status": "ACTIVE", "claimed": true,
        "expiresAt": DateTime::from_millis(now.timestamp_millis() + TTL_MS),
        "createdAt": now, "updatedAt": now,
    }
}

/// The value of a seat's lock.
pub fn lock_value(token: Uuid, user: ObjectId, now: DateTime) -> String {
    let ms = now.timestamp_millis();
    json!({
        "reservationToken": token, "userId": user.to_hex(), "timestamp": ms,
        "expiresAt": ms + TTL_MS,
    })
    .to_string()
}

/// Writes the baskets' holds with their locks, as a reserve leaves them.
pub async fn hold_all(world: &World, baskets: &[Basket]) -> anyhow::Result<()> {
    let app = world.tenant.app_id.as_str();
    let holds = world.database.collection::<Document>("reservations");
    for batch in baskets.chunks(BATCH) {
        let now = DateTime::now();
        let documents = batch.iter().map(|basket| hold_document(app, basket, now));
        holds.insert_many(documents).await.context("cannot write the holds")?;
        let mut pipe = Pipeline::new();
        for basket in batch {
            let lock = lock_value(basket.token, basket.user, now);
            for key in basket.lock_keys(app) {
                pipe.pset_ex(key, &lock, TTL_MS as u64).ignore();
            }
        }
        pipe.query_async::<()>(&mut world.redis_client.clone()).await?;
    }
    Ok(())
}

/// Removes the holds, bookings, sales, locks and counts of these baskets.
pub async fn reset(world: &World, baskets: &[&Basket]) -> anyhow::Result<()> {
    let app = world.tenant.app_id.as_str();
    let collection = |name| world.database.collection::<Document>(name);
    for batch in baskets.chunks(BATCH) {
        let seats: Vec<ObjectId> =
            batch.iter().flat_map(|basket| basket.seats.iter().copied()).collect();
        let claimed = doc! {"appId": app, "seatIds": {"$in": &seats}, "claimed": true};
        collection("reservations").delete_many(claimed).await?;
        // A released hold is in no index by its seats.
        let tokens: Vec<String> = batch.iter().map(|basket| basket.token.to_string()).collect();
        let released = doc! {"reservationToken": {"$in": tokens}};
        collection("reservations").delete_many(released).await?;
        let sold = doc! {"appId": app, "seatIds": {"$in": &seats}, "status": "CONFIRMED"};
        collection("bookings").delete_many(sold).await?;
        let booked = doc! {"_id": {"$in": &seats}, "status": "BOOKED"};
        let free =
            doc! {"$set": {"status": "AVAILABLE"}, "$unset": {"bookedBy": "", "bookingId": ""}};
        collection("seats").update_many(booked, free).await?;
        let mut pipe = Pipeline::new();
        for basket in batch {
            for key in basket.lock_keys(app).chain(basket.hold_cycle_keys(app)) {
                pipe.unlink(key).ignore();
            }
            pipe.unlink(format!("seat:taken:{{{app}}}:{}", basket.user)).ignore();
        }
        pipe.query_async::<()>(&mut world.redis_client.clone()).await?;
    }
    Ok(())
}

/// Makes Redis know that it has seen every hold for longer than a hold may last, as it has after an
/// hour of service. Until then functions also count a user's holds in MongoDB.
pub async fn mark_all_holds_known(world: &World) -> anyhow::Result<()> {
    let key = format!("seat:known:{{{}}}", world.tenant.app_id.as_str());
    let since = DateTime::now().timestamp_millis() - KNOWN_MS;
    Ok(Pipeline::new().set(key, since).query_async(&mut world.redis_client.clone()).await?)
}
