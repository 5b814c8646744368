//! What the public seat feed reads: an entity's seats and live holds at one moment, and the
//! collection `feeds` with the newest state that any process has served.

use super::{
    Store, StoreError,
    entities::{Sales, known_state, of_entity, on_sale},
    linearizable_options,
    seats::SEAT_ORDER_INDEX,
    within_deadline,
};
use crate::domain::{
    AppId, Currency, EntityId, EntityState, FeedKey, LayoutId, SeatNumber, Timestamp,
};
use futures_util::TryStreamExt as _;
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, RawDocument, deserialize_from_slice, doc, oid::ObjectId},
    error::Error as DriverError,
    options::Hint,
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;

/// `seq` is a snapshot's second, shifted by this many bits, plus its increment.
const INCREMENT_BITS: u32 = 20;
/// Two bits for each seat.
const SEATS_PER_BYTE: usize = 4;
/// The driver's first batch has 101 rows. A larger one saves a round trip.
const BATCH: u32 = 20_000;

/// A seat's state as the feed shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FeedState {
    Free = 0,
    Held = 1,
    Sold = 2,
    NotForSale = 3,
}

/// The entity of a feed.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeedEntity {
    pub app_id: AppId,
    pub entity_id: EntityId,
    pub currency: Currency,
    #[serde(default)]
    pub seats_version: i64,
    /// An operator raises it after a restore.
    #[serde(default = "first_epoch")]
    pub epoch: i64,
    pub layout_id: Option<LayoutId>,
    pub layout_version: Option<i64>,
    #[serde(default)]
    seats_incomplete: bool,
    #[serde(default = "on_sale", deserialize_with = "known_state")]
    state: EntityState,
    sales_open_at: Option<Timestamp>,
    sales_close_at: Option<Timestamp>,
}

fn first_epoch() -> i64 {
    1
}

/// The newest state that was served.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServedState {
    pub epoch: i64,
    pub seq: i64,
    digest: String,
    seats_version: i64,
    /// A digest of the seats' ids in their order.
    order: String,
}

impl ServedState {
    /// The time of the snapshot that first saw this state.
    pub fn first_seen(&self) -> Timestamp {
        Timestamp::from_millis((self.seq >> INCREMENT_BITS) * 1_000)
    }
}

/// An entity's seats at one moment.
#[derive(Clone, Debug)]
pub(crate) struct FeedSnapshot {
    pub entity: FeedEntity,
    /// The second of the snapshot, by the database's clock.
    pub at: Timestamp,
    /// Two bits for each seat, in the order of the seat list.
    pub states: Vec<u8>,
    /// The seats themselves, if [`FeedRead::StatesAndSeats`] was read.
    pub seats: Vec<FeedSeat>,
    /// When the first of the live holds ends.
    pub first_end: Option<Timestamp>,
    /// Equal for equal states of the same epoch and seats.
    pub digest: String,
    order: String,
    seq: i64,
    recorded: Option<ServedState>,
}

impl FeedSnapshot {
    /// Whether seats could be held at that moment.
    pub fn sales(&self) -> Sales {
        let FeedEntity { state, sales_open_at, sales_close_at, .. } = self.entity;
        Sales::of(state, sales_open_at, sales_close_at, self.at)
    }
}

/// A seat as the feed's list shows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeedSeat {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    #[serde(deserialize_with = "SeatNumber::stored")]
    pub seat_number: SeatNumber,
    pub label: Option<String>,
    pub section: Option<String>,
    pub row: Option<String>,
    pub category: Option<String>,
    #[serde(default)]
    pub flags: Vec<String>,
    pub price: i64,
}

/// What is read of the seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeedRead {
    States,
    StatesAndSeats,
}

/// A hold that is live at the snapshot's second.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LiveHold {
    seat_ids: Vec<ObjectId>,
    expires_at: Timestamp,
}

/// Reads the collections that the feed shows, and writes `feeds`.
#[derive(Debug)]
pub struct Feeds {
    entities: Collection<FeedEntity>,
    recorded: Collection<ServedState>,
    linearizable: Collection<ServedState>,
    holds: Collection<LiveHold>,
    seats: Collection<Document>,
}

impl Feeds {
    /// The collections have no read concern of their own: it would replace the one of a snapshot
    /// session.
    pub(super) fn new(database: &Database) -> Self {
        Self {
            entities: database.collection("entities"),
            recorded: database.collection("feeds"),
            linearizable: database.collection_with_options("feeds", linearizable_options()),
            holds: database.collection("reservations"),
            seats: database.collection("seats"),
        }
    }

    /// The newest state that was served. Only the primary knows it.
    pub(crate) async fn newest(
        &self,
        app: &AppId,
        entity: &EntityId,
    ) -> Result<Option<ServedState>, StoreError> {
        within_deadline(self.linearizable.find_one(of_entity(app, entity))).await
    }

    /// Records the snapshot's state as the newest one; `None` if a newer one was served already.
    async fn record(&self, snapshot: &FeedSnapshot) -> Result<Option<ServedState>, StoreError> {
        let FeedSnapshot { entity, digest, order, seq, recorded, .. } = snapshot;
        let FeedEntity { app_id, entity_id, epoch, seats_version, .. } = entity;
        let mut older = of_entity(app_id, entity_id);
        older.insert(
            "$or",
            vec![doc! {"epoch": {"$lt": epoch}}, doc! {"epoch": epoch, "seq": {"$lt": *seq}}],
        );
        let update = doc! {
            "$set": {
                "epoch": epoch, "seq": *seq, "digest": digest, "seatsVersion": seats_version,
                "order": order,
            },
            "$currentDate": {"updatedAt": true},
            "$setOnInsert": {"createdAt": Timestamp::now()},
        };
        let served = ServedState {
            epoch: *epoch,
            seq: *seq,
            digest: digest.clone(),
            seats_version: *seats_version,
            order: order.clone(),
        };
        // If a newer state is stored, the upsert fails on the unique index and changes nothing.
        let write = self.recorded.update_one(older, update).upsert(recorded.is_none());
        match within_deadline(write).await {
            Err(error) if error.duplicate().is_some() => Ok(None),
            Ok(done) if done.matched_count == 0 && done.upserted_id.is_none() => Ok(None),
            result => result.map(|_| Some(served)),
        }
    }
}

impl Store {
    /// The version of the list of seats behind a key; `None` if no entity has this key.
    pub(crate) async fn feed_seats_version(
        &self,
        key: &FeedKey,
    ) -> Result<Option<i64>, StoreError> {
        let find = self.feeds.entities.find_one(doc! {"feedKey": key.as_str()});
        Ok(within_deadline(find).await?.map(|entity| entity.seats_version))
    }

    /// The seats behind a key at one moment; `None` if no entity has this key.
    pub(crate) async fn feed_snapshot(
        &self,
        key: &FeedKey,
        read: FeedRead,
    ) -> Result<Option<FeedSnapshot>, StoreError> {
        within_deadline(async {
            let mut session = self.client.start_session().snapshot(true).await?;
            let filter = doc! {"feedKey": key.as_str()};
            let find = self.feeds.entities.find_one(filter).session(&mut session);
            let Some(entity) = find.await? else { return Ok(None) };
            // The server names the snapshot in its first response.
            let Some(time) = session.snapshot_time() else { return Ok(None) };
            let at = Timestamp::from_millis(i64::from(time.time) * 1_000);
            let own = of_entity(&entity.app_id, &entity.entity_id);
            let recorded = self.feeds.recorded.find_one(own.clone()).session(&mut session);
            let recorded = recorded.await?;
            let holds = self.live_at(&mut session, own.clone(), at).await?;
            let first_end = holds.iter().map(|hold| hold.expires_at).min();
            let held = holds.into_iter().flat_map(|hold| hold.seat_ids).collect();
            let mut seats = SeatStates::new(&entity, held, read);
            self.read_seats(&mut session, own, &mut seats).await?;
            let seq = (i64::from(time.time) << INCREMENT_BITS) + i64::from(time.increment);
            let digest = digest(&entity, &seats.states);
            let SeatStates { states, list, order, .. } = seats;
            let order = hex::encode(&order.finalize()[..16]);
            let seats = list;
            #[rustfmt::skip]
            let snapshot = FeedSnapshot {
                entity, at, states, seats, first_end, digest, order, seq, recorded,
            };
            Ok(Some(snapshot))
        })
        .await
    }

    async fn live_at(
        &self,
        session: &mut ClientSession,
        mut filter: Document,
        at: Timestamp,
    ) -> Result<Vec<LiveHold>, DriverError> {
        filter.extend(doc! {"status": "ACTIVE", "expiresAt": {"$gt": at}});
        let fields = doc! {"_id": 0, "seatIds": 1, "expiresAt": 1};
        let find = self.feeds.holds.find(filter).projection(fields).batch_size(BATCH);
        let mut holds = find.session(&mut *session).await?;
        holds.stream(session).try_collect().await
    }

    async fn read_seats(
        &self,
        session: &mut ClientSession,
        mut filter: Document,
        seats: &mut SeatStates<'_>,
    ) -> Result<(), DriverError> {
        filter.extend(doc! {
            "status": {"$in": ["AVAILABLE", "BOOKED"]}, "removed": {"$exists": false},
        });
        let fields = match seats.read {
            FeedRead::States => doc! {"status": 1, "notForSale": 1},
            FeedRead::StatesAndSeats => doc! {
                "status": 1, "notForSale": 1, "seatNumber": 1, "label": 1, "section": 1,
                "row": 1, "category": 1, "flags": 1, "price": 1,
            },
        };
        let find = self.feeds.seats.find(filter).projection(fields).sort(doc! {"seatOrder": 1});
        // Without the hint, the planner may choose another index for a small entity, and sort in
        // memory.
        let find = find.hint(Hint::Name(SEAT_ORDER_INDEX.to_owned()));
        let mut cursor = find.batch_size(BATCH).session(&mut *session).batch().await?;
        let mut batches = cursor.stream(session);
        while let Some(batch) = batches.try_next().await? {
            for seat in batch.doc_slices()? {
                let Some(seat) = seat?.as_document() else { continue };
                seats.push(seat)?;
            }
        }
        Ok(())
    }

    /// The state under which the snapshot may be served. `None`: a newer state was served already,
    /// or the list of seats changed without a new version. Then read again.
    ///
    /// Either call proves that its server is the primary: see docs/adr/0009-order-of-the-feed.md.
    pub(crate) async fn record_feed(
        &self,
        snapshot: &FeedSnapshot,
    ) -> Result<Option<ServedState>, StoreError> {
        let FeedSnapshot { entity, digest, order, recorded, .. } = snapshot;
        let same_list = |known: &&ServedState| {
            (known.epoch, known.seats_version) == (entity.epoch, entity.seats_version)
        };
        match recorded.as_ref().filter(same_list) {
            Some(known) if known.order != *order => {
                self.raise_seats_version_from(entity).await?;
                Ok(None)
            }
            Some(known) if known.digest == *digest => {
                let now = self.feeds.newest(&entity.app_id, &entity.entity_id).await?;
                Ok(now.filter(|now| now == known))
            }
            _ => self.feeds.record(snapshot).await,
        }
    }

    /// Raises the version of the entity's seats, unless it was raised since. A removal changes
    /// seats before it raises the version. Functions of an earlier version did not raise it when a
    /// removed seat was sold and so came back.
    async fn raise_seats_version_from(&self, entity: &FeedEntity) -> Result<(), StoreError> {
        let mut filter = of_entity(&entity.app_id, &entity.entity_id);
        match entity.seats_version {
            0 => filter.insert("seatsVersion", doc! {"$in": [null, 0]}),
            version => filter.insert("seatsVersion", version),
        };
        let update = doc! {"$inc": {"seatsVersion": 1_i64}};
        within_deadline(self.entities.documents.update_one(filter, update)).await.map(|_| ())
    }
}

/// The states of an entity's seats, while they are read.
struct SeatStates<'a> {
    entity: &'a FeedEntity,
    held: HashSet<ObjectId>,
    read: FeedRead,
    states: Vec<u8>,
    count: usize,
    list: Vec<FeedSeat>,
    order: Sha256,
}

/// The part of a seat that its state depends on.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StateRow<'a> {
    #[serde(rename = "_id")]
    id: ObjectId,
    status: &'a str,
    #[serde(default)]
    not_for_sale: bool,
}

impl<'a> SeatStates<'a> {
    fn new(entity: &'a FeedEntity, held: HashSet<ObjectId>, read: FeedRead) -> Self {
        let (states, list, order) = (Vec::new(), Vec::new(), Sha256::new());
        Self { entity, held, read, states, count: 0, list, order }
    }

    fn push(&mut self, seat: &RawDocument) -> Result<(), DriverError> {
        let row: StateRow<'_> = deserialize_from_slice(seat.as_bytes())?;
        let state = match row.status {
            "AVAILABLE" if self.held.contains(&row.id) => FeedState::Held,
            "AVAILABLE" if row.not_for_sale || self.entity.seats_incomplete => {
                FeedState::NotForSale
            }
            "AVAILABLE" => FeedState::Free,
            _ => FeedState::Sold,
        };
        if self.count.is_multiple_of(SEATS_PER_BYTE) {
            self.states.push(0);
        }
        if let Some(last) = self.states.last_mut() {
            *last |= (state as u8) << (2 * (self.count % SEATS_PER_BYTE));
        }
        self.count += 1;
        self.order.update(row.id.bytes());
        if self.read == FeedRead::StatesAndSeats {
            self.list.push(deserialize_from_slice(seat.as_bytes())?);
        }
        Ok(())
    }
}

fn digest(entity: &FeedEntity, states: &[u8]) -> String {
    let head = format!("{} {} ", entity.epoch, entity.seats_version);
    hex::encode(&Sha256::new().chain_update(head).chain_update(states).finalize()[..16])
}
