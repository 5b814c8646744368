//! Baskets of seats, the holds on them, and putting everything back as it was, so that no window is
//! slower for those before it.

use anyhow::{Context as _, ensure};
use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use redis::Pipeline;
use serde_json::json;
use uuid::Uuid;

use crate::{
    floor::hold_document,
    world::{TTL_SECONDS, User, World},
};

/// Documents or commands sent at once.
const BATCH: usize = 2_000;

/// Some seats of one entity, who wants them, and the token of the hold that he has or will have.
#[derive(Clone, Debug)]
pub struct Basket {
    /// What the seats belong to.
    pub entity: String,
    /// The seats.
    pub seats: Vec<ObjectId>,
    /// Who.
    pub user: ObjectId,
    /// Of the hold. A reserve through a function makes its own instead.
    pub token: Uuid,
    /// What it is paid with.
    pub payment: String,
    /// Which of the run's users that is.
    pub user_index: usize,
}

impl Basket {
    /// These seats for this user, under a new token.
    #[must_use]
    pub fn new(entity: &str, seats: &[ObjectId], user_index: usize, user: &User) -> Self {
        let token = Uuid::new_v4();
        let payment = format!("pay_{}", token.simple());
        Self {
            entity: entity.to_owned(),
            seats: seats.to_vec(),
            user: user.id,
            token,
            payment,
            user_index,
        }
    }

    /// The same seats for another user.
    #[must_use]
    pub fn wanted_by(&self, user_index: usize, user: &User) -> Self {
        Self::new(&self.entity, &self.seats, user_index, user)
    }

    /// The seats' locks.
    pub fn lock_keys<'a>(&'a self, app: &'a str) -> impl Iterator<Item = String> + 'a {
        self.seats.iter().map(move |seat| format!("seat:lock:{{{app}}}:{seat}"))
    }

    /// The user's turns on the seats.
    pub fn turn_keys<'a>(&'a self, app: &'a str) -> impl Iterator<Item = String> + 'a {
        self.seats.iter().map(move |seat| format!("seat:turns:{{{app}}}:{seat}:{}", self.user))
    }
}

/// The seats that are held and sold: entities of the size of a hall.
pub struct Halls {
    halls: Vec<(String, Vec<ObjectId>)>,
    next: usize,
}

/// How many seats each hall has.
const HALL: usize = 500;

impl Halls {
    /// So many halls.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn build(world: &World, halls: usize) -> anyhow::Result<Self> {
        let mut built = Vec::with_capacity(halls);
        for number in 0..halls {
            let entity = format!("hall-{number}");
            built.push((entity.clone(), world.load_seats(&entity, HALL).await?));
        }
        Ok(Self { halls: built, next: 0 })
    }

    /// `count` baskets of `size` seats that nobody has, spread over the halls, for these users in
    /// turn.
    ///
    /// # Errors
    /// When there are not as many seats.
    pub fn baskets(
        &mut self,
        count: usize,
        size: usize,
        users: &[User],
    ) -> anyhow::Result<Vec<Basket>> {
        let rows = HALL / size;
        ensure!(
            count <= rows * self.halls.len(),
            "{count} baskets of {size} are more than the halls have"
        );
        let mut baskets = Vec::with_capacity(count);
        for index in 0..count {
            let place = (self.next + index) % (rows * self.halls.len());
            let (entity, seats) = &self.halls[place % self.halls.len()];
            let first = place / self.halls.len() * size;
            let user = index % users.len();
            baskets.push(Basket::new(entity, &seats[first..first + size], user, &users[user]));
        }
        self.next += count;
        Ok(baskets)
    }
}

/// Writes the baskets' holds, live, with their locks, as a reserve leaves them.
///
/// # Errors
/// When the servers refuse.
pub async fn hold_all(world: &World, baskets: &[Basket]) -> anyhow::Result<()> {
    let app = world.tenant.app_id.as_str();
    let holds = world.database.collection::<Document>("reservations");
    for batch in baskets.chunks(BATCH) {
        let now = DateTime::now();
        let documents: Vec<Document> =
            batch.iter().map(|basket| hold_document(app, basket, now)).collect();
        holds.insert_many(documents).await.context("the holds are not taken")?;
        let mut pipe = Pipeline::new();
        for basket in batch {
            let ms = now.timestamp_millis();
            let lock = json!({
                "reservationToken": basket.token, "userId": basket.user.to_hex(), "timestamp": ms,
                "expiresAt": ms + (TTL_SECONDS * 1000) as i64,
            });
            for key in basket.lock_keys(app) {
                pipe.pset_ex(key, lock.to_string(), TTL_SECONDS * 1000).ignore();
            }
        }
        pipe.query_async::<()>(&mut world.locks.clone()).await?;
    }
    Ok(())
}

/// Takes everything back that came of these baskets: holds, bookings, sales, locks and turns.
///
/// # Errors
/// When the servers refuse.
pub async fn forget(world: &World, baskets: &[Basket]) -> anyhow::Result<()> {
    let app = world.tenant.app_id.as_str();
    // By the halls: a function has made tokens of its own, and a hold that was given back is in no
    // index by its seats.
    let theirs = doc! {"appId": app, "entityId": {"$in": entities(baskets)}};
    world.database.collection::<Document>("reservations").delete_many(theirs.clone()).await?;
    world.database.collection::<Document>("bookings").delete_many(theirs).await?;
    for batch in baskets.chunks(BATCH) {
        let seats: Vec<ObjectId> =
            batch.iter().flat_map(|basket| basket.seats.iter().copied()).collect();
        let sold = doc! {"_id": {"$in": &seats}, "status": "BOOKED"};
        let free =
            doc! {"$set": {"status": "AVAILABLE"}, "$unset": {"bookedBy": "", "bookingId": ""}};
        world.database.collection::<Document>("seats").update_many(sold, free).await?;
        let mut pipe = Pipeline::new();
        for basket in batch {
            for key in basket.lock_keys(app).chain(basket.turn_keys(app)) {
                pipe.unlink(key).ignore();
            }
            pipe.unlink(format!("seat:taken:{{{app}}}:{}", basket.user)).ignore();
        }
        pipe.query_async::<()>(&mut world.locks.clone()).await?;
    }
    Ok(())
}

/// Makes Redis one that has heard of every hold for longer than a hold lasts, as one that runs for
/// a while has: a new one does not know how many seats a user holds, and MongoDB is asked instead.
///
/// # Errors
/// When Redis refuses.
pub async fn settle(world: &World) -> anyhow::Result<()> {
    let key = format!("seat:known:{{{}}}", world.tenant.app_id.as_str());
    let since = DateTime::now().timestamp_millis() - (3 * TTL_SECONDS * 1000) as i64;
    let mut pipe = Pipeline::new();
    pipe.set(key, since).ignore();
    Ok(pipe.query_async(&mut world.locks.clone()).await?)
}

fn entities(baskets: &[Basket]) -> Vec<&str> {
    let mut names: Vec<&str> = baskets.iter().map(|basket| basket.entity.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
