//! The public seat feed: the state of each seat of an entity, for any page.
//!
//! MongoDB decides the order of the states (see docs/adr/0009-order-of-the-feed.md).
//! Redis only saves reads.

use crate::{
    bounded_map::BoundedMap,
    clock::{self, Backoff},
    domain::{AppId, Currency, EntityId, FeedKey, Timestamp},
    error::{Code, Error, Result},
    locks::Gate,
    single_flight::SingleFlight,
    store::{
        Store,
        entities::Sales,
        feeds::{FeedRead, FeedSeat, FeedSnapshot, ServedState},
    },
};
use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime},
};

/// How long a stored body may be served. It bounds the harm when Redis loses a change: after a
/// failover, or a write that Redis did not see.
const BODY_TTL: Duration = Duration::from_secs(2);
/// A body has at most 30 kB.
const MAX_BODIES: usize = 500;

/// A feed that changed within this time is busy.
const BUSY_MS: i64 = 60_000;
const BUSY_REFRESH_MS: i64 = 1_500;
const QUIET_REFRESH_MS: i64 = 5_000;
/// The pause while nothing can be held. It is also the longest one.
const MAX_REFRESH_MS: i64 = 15_000;

/// The state of each seat of an entity.
#[derive(Debug)]
pub struct Feed {
    /// Rises when a restore may have lost states.
    pub epoch: i64,
    /// Rises with every change of the states. One `seq` is one state.
    pub seq: i64,
    /// The version of the list of seats that the states belong to.
    pub seats_version: i64,
    /// The time of the snapshot that first saw these states.
    pub as_of: Timestamp,
    /// Two bits for each seat, in the order of the seat list.
    pub states: Vec<u8>,
    /// After how many milliseconds a page should request the feed again.
    pub refresh_ms: i64,
    /// Equal for equal states of the same epoch and list of seats.
    pub digest: String,
    app: AppId,
    entity: EntityId,
    served: ServedState,
    json: OnceLock<String>,
    /// The entity's version in Redis before the read.
    version: Option<i64>,
    /// When the read of this state began, or the latest check that found nothing newer.
    checked_at: Mutex<Instant>,
    read_at: SystemTime,
    /// When the first of the holds ends.
    changes_at: Option<SystemTime>,
}

impl Feed {
    fn was_checked_since(&self, then: Instant) -> bool {
        *self.checked_at.lock().unwrap_or_else(PoisonError::into_inner) >= then
    }

    fn is_fresh(&self) -> bool {
        clock::is_within(self.read_at, BODY_TTL)
            && self.changes_at.is_none_or(|end| SystemTime::now() < end)
    }

    /// The feed as JSON. It is serialized once.
    ///
    /// # Errors
    /// `INTERNAL` if it cannot be serialized.
    pub fn json<V: serde::Serialize>(&self, view: impl FnOnce(&Self) -> V) -> Result<&str> {
        if let Some(json) = self.json.get() {
            return Ok(json);
        }
        let json = serde_json::to_string(&view(self)).map_err(Error::internal)?;
        Ok(self.json.get_or_init(|| json))
    }
}

/// The list of seats that the states belong to.
#[derive(Debug)]
pub struct FeedSeats {
    /// The version of the list: the `v` of its address.
    pub seats_version: i64,
    /// The currency of all prices.
    pub currency: Currency,
    /// The seating plan, as JSON, if the seats were made from one.
    pub layout: Option<String>,
    pub(crate) seats: Vec<FeedSeat>,
}

/// The feeds of one process.
#[derive(Debug)]
pub struct FeedService {
    store: Arc<Store>,
    gate: Arc<Gate>,
    bodies: BoundedMap<FeedKey, Arc<Feed>>,
    single_flight: SingleFlight<FeedKey>,
}

impl FeedService {
    pub(crate) fn new(store: Arc<Store>, gate: Arc<Gate>) -> Self {
        let bodies = BoundedMap::new(MAX_BODIES);
        Self { store, gate, bodies, single_flight: SingleFlight::default() }
    }

    /// The states now. A stored body is served only if nothing has changed since, and if MongoDB
    /// confirms, in this call, that no newer state was served.
    ///
    /// # Errors
    /// `FEED_NOT_FOUND`.
    pub async fn states(&self, key: &FeedKey) -> Result<Arc<Feed>> {
        let arrived = Instant::now();
        // Of several requests, one queries Redis and MongoDB.
        let _lock = self.single_flight.lock(key.clone()).await?;
        let mut version = None;
        if let Some(feed) = self.bodies.get(key) {
            if feed.was_checked_since(arrived) {
                return Ok(feed);
            }
            let began = Instant::now();
            // Read the version first: any later change makes a new version.
            version = self.gate.seats_version(&feed.app, &feed.entity).await;
            let is_unchanged = version.is_some() && feed.version == version && feed.is_fresh();
            if is_unchanged && self.is_newest(&feed).await? {
                *feed.checked_at.lock().unwrap_or_else(PoisonError::into_inner) = began;
                return Ok(feed);
            }
        }
        let (began, read_at) = (Instant::now(), SystemTime::now());
        let (snapshot, served) = self.read(key, FeedRead::States).await?;
        let feed = Arc::new(feed_of(snapshot, served, version, began, read_at));
        self.bodies.insert(key.clone(), Arc::clone(&feed));
        Ok(feed)
    }

    /// Whether no newer state was served.
    async fn is_newest(&self, feed: &Feed) -> Result<bool> {
        let newest = self.store.feeds.newest(&feed.app, &feed.entity).await?;
        Ok(newest.as_ref() == Some(&feed.served))
    }

    /// The list of seats, if it has this version now.
    ///
    /// # Errors
    /// `FEED_NOT_FOUND`, `FEED_VERSION_GONE`.
    pub async fn seats(&self, key: &FeedKey, version: i64) -> Result<FeedSeats> {
        let current = self.store.feed_seats_version(key).await?.ok_or(Code::FeedNotFound)?;
        if current != version {
            return Err(Code::FeedVersionGone.into());
        }
        let (snapshot, _) = self.read(key, FeedRead::StatesAndSeats).await?;
        let FeedSnapshot { entity, seats, .. } = snapshot;
        if entity.seats_version != version {
            return Err(Code::FeedVersionGone.into());
        }
        let mut layout = None;
        if let Some(id) = &entity.layout_id {
            let plan = self.store.layouts.find(&entity.app_id, id, entity.layout_version).await?;
            layout = plan.map(|plan| plan.json()).transpose()?;
        }
        Ok(FeedSeats { seats_version: version, currency: entity.currency, layout, seats })
    }

    /// Reads until MongoDB confirms that no newer state was served.
    async fn read(&self, key: &FeedKey, read: FeedRead) -> Result<(FeedSnapshot, ServedState)> {
        let mut backoff = Backoff::default();
        loop {
            let snapshot = self.store.feed_snapshot(key, read).await?.ok_or(Code::FeedNotFound)?;
            if let Some(served) = self.store.record_feed(&snapshot).await? {
                return Ok((snapshot, served));
            }
            if !backoff.pause().await {
                return Err(Error::unavailable("newer states were served at every attempt"));
            }
        }
    }
}

fn feed_of(
    snapshot: FeedSnapshot,
    served: ServedState,
    version: Option<i64>,
    began: Instant,
    read_at: SystemTime,
) -> Feed {
    let end = snapshot.first_end.and_then(|end| u64::try_from(end.as_millis()).ok());
    Feed {
        epoch: served.epoch,
        seq: served.seq,
        seats_version: snapshot.entity.seats_version,
        as_of: served.first_seen(),
        refresh_ms: refresh_ms(snapshot.sales(), served.first_seen(), snapshot.at),
        states: snapshot.states,
        digest: snapshot.digest,
        app: snapshot.entity.app_id,
        entity: snapshot.entity.entity_id,
        served,
        json: OnceLock::new(),
        version,
        checked_at: Mutex::new(began),
        read_at,
        changes_at: end.map(|ms| SystemTime::UNIX_EPOCH + Duration::from_millis(ms)),
    }
}

/// When a page should request the feed again: soon while seats are being held, later in a quiet
/// sale, and at the latest when the sale opens.
fn refresh_ms(sales: Sales, changed: Timestamp, now: Timestamp) -> i64 {
    match sales {
        Sales::Open if now.as_millis() - changed.as_millis() < BUSY_MS => BUSY_REFRESH_MS,
        Sales::Open => QUIET_REFRESH_MS,
        Sales::NotYet { opens_at } => {
            (opens_at.as_millis() - now.as_millis()).clamp(BUSY_REFRESH_MS, MAX_REFRESH_MS)
        }
        Sales::Closed | Sales::Paused | Sales::Cancelled => MAX_REFRESH_MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn readers_ask_often_only_while_it_matters() {
        let refresh = |sales, changed| refresh_ms(sales, at(changed), at(1_000));
        assert_eq!(refresh(Sales::Open, 1_000), 1_500);
        assert_eq!(refresh(Sales::Open, 941), 1_500);
        assert_eq!(refresh(Sales::Open, 940), 5_000);
        for sales in [Sales::Closed, Sales::Paused, Sales::Cancelled] {
            assert_eq!(refresh(sales, 1_000), 15_000);
        }
        for (opens, expected) in [(1_000, 1_500), (1_007, 7_000), (9_000, 15_000)] {
            assert_eq!(refresh(Sales::NotYet { opens_at: at(opens) }, 1_000), expected);
        }
    }
}
