//! The floor: what the same steps cost without our code. This process makes the calls to MongoDB
//! and Redis that a request cannot do without, by the same drivers with the same options. There is
//! no HTTP, no app, no user, no limit and no JSON.
//!
//! The floor changes the data as the functions do: its hold is a hold, and its booking sells the
//! seats. `shared/src/store` and `shared/src/locks` give the reasons for each call.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail, ensure};
use futures_util::TryStreamExt as _;
use mongodb::{
    Client, ClientSession, Collection,
    bson::{DateTime, Document, doc, oid::ObjectId},
    options::{CollectionOptions, ReadConcern, ReturnDocument},
};
use redis::{
    Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    baskets::Basket,
    seat_pages::SeatPage,
    world::{self, CURRENCY, DATABASE, TTL_MS, World},
};

/// Longer than a window and its open requests take.
const REDIS_TIMEOUT: Duration = Duration::from_secs(60);

/// The part of a seat that a reserve and a listing read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading them is what is measured")]
struct SeatRow {
    #[serde(rename = "_id")]
    id: ObjectId,
    seat_number: String,
    seat_order: String,
    status: String,
    price: i64,
    currency: String,
    metadata: Document,
}

/// A hold, as a listing reads it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading them is what is measured")]
struct ListedHoldRow {
    user_id: ObjectId,
    seat_ids: Vec<ObjectId>,
    remaining_ms: i64,
}

/// A hold, as a confirm reads it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HoldRow {
    reservation_token: String,
    user_id: ObjectId,
    entity_id: String,
    seat_ids: Vec<ObjectId>,
    amount: i64,
    currency: String,
    updated_at: DateTime,
    remaining_ms: Option<i64>,
}

/// One step of the booking flow, by bare drivers.
#[derive(Clone, Debug)]
pub enum Step {
    Hold(Basket),
    /// Hold seats that the service chooses. The floor holds the seats of the basket.
    Choose(Basket),
    Confirm(Basket),
    Release(Basket),
    /// Try to lock seats that another user may have.
    Contend(Basket),
    /// A page, and whether it stays cached.
    List(Arc<SeatPage>, bool),
    /// The public feed with that key. The floor has none.
    Feed(Arc<str>),
}

impl Step {
    pub fn basket(&self) -> Option<&Basket> {
        match self {
            Self::Hold(basket) | Self::Choose(basket) | Self::Confirm(basket) => Some(basket),
            Self::Release(basket) | Self::Contend(basket) => Some(basket),
            Self::List(..) | Self::Feed(_) => None,
        }
    }
}

/// The bare drivers' clients and scripts.
pub struct Floor {
    app: String,
    client: Client,
    seats: Collection<SeatRow>,
    holds: Collection<HoldRow>,
    majority: Collection<HoldRow>,
    bookings: Collection<Document>,
    locks: ConnectionManager,
    lock: Script,
    unlock: Script,
    locked_seats: Script,
}

impl Floor {
    pub async fn connect(world: &World) -> anyhow::Result<Self> {
        let client = world::connect(world.mongo.uri(), "floor").await?;
        let database = client.database(DATABASE);
        let majority =
            || CollectionOptions::builder().read_concern(ReadConcern::majority()).build();
        // On a machine that is too slow for the load, the window fails, and not a single call.
        let config = ConnectionManagerConfig::new().set_response_timeout(Some(REDIS_TIMEOUT));
        let locks = redis::Client::open(world.redis.url())?;
        Ok(Self {
            app: world.tenant.app_id.as_str().to_owned(),
            seats: database.collection_with_options("seats", majority()),
            holds: database.collection("reservations"),
            majority: database.collection_with_options("reservations", majority()),
            bookings: database.collection("bookings"),
            locks: ConnectionManager::new_with_config(locks, config).await?,
            lock: Script::new(include_str!("floor/lock.lua")),
            unlock: Script::new(include_str!("floor/unlock.lua")),
            locked_seats: Script::new(include_str!("floor/locked_seats.lua")),
            client,
        })
    }

    /// Does a step. True if its result counts.
    pub async fn run(&self, step: &Step) -> anyhow::Result<bool> {
        match step {
            Step::Hold(basket) | Step::Choose(basket) => self.hold(basket).await?,
            Step::Confirm(basket) => self.confirm(basket).await?,
            Step::Release(basket) => self.release(basket).await?,
            // The user who gets the seat is not counted.
            Step::Contend(basket) => return Ok(!self.lock(basket).await?),
            Step::List(page, _) => self.list(page).await?,
            Step::Feed(_) => bail!("the feed has no floor"),
        }
        Ok(true)
    }

    /// Locks a basket's seats. False if another user has one of them.
    async fn lock(&self, basket: &Basket) -> anyhow::Result<bool> {
        let mut script = self.lock.prepare_invoke();
        for key in basket.lock_keys(&self.app) {
            script.key(key);
        }
        script.arg(basket.token.to_string()).arg(basket.user.to_hex()).arg(TTL_MS);
        let taken: usize = script.invoke_async(&mut self.locks.clone()).await?;
        Ok(taken == basket.seats.len())
    }

    async fn hold(&self, basket: &Basket) -> anyhow::Result<()> {
        ensure!(self.lock(basket).await?, "the locks of free seats were refused");
        let filter = doc! {"_id": {"$in": &basket.seats}, "appId": &self.app};
        let seats: Vec<SeatRow> = self.seats.find(filter).await?.try_collect().await?;
        ensure!(seats.len() == basket.seats.len(), "a seat is missing");
        ensure!(seats.iter().all(|seat| seat.status == "AVAILABLE"), "a free seat is sold");
        let amount: i64 = seats.iter().map(|seat| seat.price).sum();
        let token = basket.token.to_string();
        let fresh = doc! {
            "_id": {"$ifNull": ["$_id", ObjectId::new()]},
            "reservationToken": {"$literal": &token},
            "userId": basket.user,
            "appId": {"$literal": &self.app},
            "entityId": {"$literal": &basket.entity},
            "seatIds": {"$literal": &basket.seats},
            "amount": {"$literal": amount},
            "currency": {"$literal": CURRENCY},
            "status": "ACTIVE",
            "claimed": true,
            "expiresAt": {"$add": ["$$NOW", TTL_MS]},
            "createdAt": "$$NOW",
            "updatedAt": "$$NOW",
        };
        let is_new = doc! {"$eq": [{"$type": "$status"}, "missing"]};
        let stages = vec![doc! {"$replaceWith": {"$cond": [is_new, fresh, "$$ROOT"]}}];
        let upsert =
            self.holds.find_one_and_update(doc! {"reservationToken": &token}, stages).upsert(true);
        upsert.return_document(ReturnDocument::After).await?.context("no hold was written")?;
        Ok(())
    }

    async fn confirm(&self, basket: &Basket) -> anyhow::Result<()> {
        let hold = self
            .majority
            .find_one(self.own(basket))
            .projection(hold_fields())
            .await?
            .context("no such hold")?;
        ensure!(hold.remaining_ms.is_some_and(|ms| ms > 0), "the hold is over");
        let mut session = self.client.start_session().await?;
        begin(&mut session).await?;
        self.sell(&mut session, basket).await?;
        session.commit_transaction().await?;
        self.unlock(basket).await
    }

    /// The three writes of a sale.
    async fn sell(&self, session: &mut ClientSession, basket: &Basket) -> anyhow::Result<()> {
        let confirmed = vec![doc! {"$set": {"status": "CONFIRMED", "updatedAt": "$$NOW"}}];
        let settle = self.holds.find_one_and_update(self.live(basket), confirmed);
        let settle = settle.return_document(ReturnDocument::After).session(&mut *session);
        let hold = settle.await?.context("the hold is gone")?;
        let (id, at) = (ObjectId::new(), hold.updated_at);
        let free = doc! {"_id": {"$in": &basket.seats}, "appId": &self.app, "status": "AVAILABLE"};
        let booked = doc! {
            "status": "BOOKED", "bookedBy": basket.user, "bookingId": id, "updatedAt": "$$NOW",
        };
        let seats = self.seats.clone_with_type::<Document>();
        let update = seats.update_many(free, vec![doc! {"$set": booked}]).session(&mut *session);
        ensure!(update.await?.modified_count == basket.seats.len() as u64, "a seat was sold");
        let number = Uuid::new_v4().simple().to_string()[..10].to_uppercase();
        let booking = doc! {
            "_id": id, "bookingId": format!("BK-20260122-{number}"), "userId": hold.user_id,
            "appId": &self.app, "entityId": hold.entity_id, "seatIds": hold.seat_ids,
            "reservationToken": hold.reservation_token, "paymentStatus": "SUCCESS",
            "paymentId": &basket.payment, "amount": hold.amount, "currency": hold.currency,
            "status": "CONFIRMED", "bookingDate": at, "createdAt": at, "updatedAt": at,
        };
        self.bookings.insert_one(booking).session(session).await?;
        Ok(())
    }

    async fn release(&self, basket: &Basket) -> anyhow::Result<()> {
        let released = vec![
            doc! {"$set": {"status": "RELEASED", "updatedAt": "$$NOW"}},
            doc! {"$unset": "claimed"},
        ];
        let update = self.holds.find_one_and_update(self.live(basket), released);
        update.return_document(ReturnDocument::After).await?.context("no such live hold")?;
        self.unlock(basket).await
    }

    async fn unlock(&self, basket: &Basket) -> anyhow::Result<()> {
        let mut script = self.unlock.prepare_invoke();
        for key in basket.lock_keys(&self.app) {
            script.key(key);
        }
        script.arg(basket.token.to_string());
        let gone: usize = script.invoke_async(&mut self.locks.clone()).await?;
        ensure!(gone == basket.seats.len(), "{gone} of {} locks were there", basket.seats.len());
        Ok(())
    }

    async fn list(&self, page: &SeatPage) -> anyhow::Result<()> {
        let live = doc! {
            "appId": &self.app, "entityId": &page.entity, "status": "ACTIVE", "claimed": true,
            "$expr": {"$gt": ["$expiresAt", "$$NOW"]},
        };
        let remaining = doc! {"$subtract": ["$expiresAt", "$$NOW"]};
        let fields = doc! {"_id": 0, "userId": 1, "seatIds": 1, "remainingMs": remaining};
        let holds = self.majority.clone_with_type::<ListedHoldRow>();
        let holds: Vec<ListedHoldRow> =
            holds.find(live).projection(fields).await?.try_collect().await?;
        let held: usize = holds.iter().map(|hold| hold.seat_ids.len()).sum();
        let fetch = page.limit + 1 + held as i64;
        let mut filter = doc! {"appId": &self.app, "entityId": &page.entity, "status": "AVAILABLE"};
        if let Some(after) = &page.after {
            filter.insert("seatOrder", doc! {"$gt": after});
        }
        let fields = doc! {
            "seatNumber": 1, "seatOrder": 1, "status": 1, "price": 1, "currency": 1, "metadata": 1,
        };
        let find =
            self.seats.find(filter).projection(fields).sort(doc! {"seatOrder": 1}).limit(fetch);
        let find = find.batch_size(u32::try_from(fetch).unwrap_or(u32::MAX));
        let seats: Vec<SeatRow> = find.await?.try_collect().await?;
        let mut script = self.locked_seats.prepare_invoke();
        for seat in &seats {
            script.key(format!("seat:lock:{{{}}}:{}", self.app, seat.id));
        }
        let locks: Vec<redis::Value> = script.invoke_async(&mut self.locks.clone()).await?;
        ensure!(!seats.is_empty() && locks.len() / 3 <= seats.len(), "an empty page");
        Ok(())
    }

    fn own(&self, basket: &Basket) -> Document {
        let token = basket.token.to_string();
        doc! {"reservationToken": token, "userId": basket.user, "appId": &self.app}
    }

    fn live(&self, basket: &Basket) -> Document {
        let mut filter = self.own(basket);
        filter.extend(doc! {"status": "ACTIVE", "$expr": {"$gt": ["$expiresAt", "$$NOW"]}});
        filter
    }
}

#[expect(clippy::disallowed_methods, reason = "does what store::tx does")]
async fn begin(session: &mut ClientSession) -> anyhow::Result<()> {
    session.start_transaction().read_concern(ReadConcern::snapshot()).await?;
    Ok(())
}

fn hold_fields() -> Document {
    doc! {
        "reservationToken": 1, "userId": 1, "appId": 1, "entityId": 1, "seatIds": 1, "amount": 1,
        "currency": 1, "status": 1, "expiresAt": 1, "createdAt": 1, "updatedAt": 1,
        "remainingMs": {"$subtract": ["$expiresAt", "$$NOW"]},
    }
}
