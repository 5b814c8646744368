//! PageCache of seats that were read a moment ago.
//!
//! A page is used again in two cases, and for a second at most. Either nothing has happened to the
//! entity's seats since it was read: whatever holds, gives back, sells or makes a seat counts the
//! entity's version up in Redis, and a page is no longer used when the first hold in it runs out.
//! Or somebody began to read it after this request had come: then the request could not have read
//! anything older. So who has just held a seat does not see it free, and of any number of requests
//! at once one asks MongoDB.
//!
//! The second is what bounds the harm where a version was lost (a failover of Redis, a write that
//! Redis did not hear of).

use crate::{
    clock,
    domain::{AppId, EntityId, UserId},
    error::{Error, Result},
    single_flight::SingleFlight,
    store::seats::ListedSeat,
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::OwnedMutexGuard;

/// How long a page may be used.
const PAGE_TTL: Duration = Duration::from_secs(1);
/// How many seats are remembered: some megabytes, where each has all the metadata that it may have.
const MAX_CACHED_SEATS: usize = 5_000;

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageKey {
    /// Of which tenant.
    pub app: AppId,
    /// Of what.
    pub entity: EntityId,
    /// All seats, not only those that can be reserved now.
    pub all: bool,
    /// After the seat with this order key.
    pub after: Option<String>,
    /// At most so many seats.
    pub limit: i64,
}

/// How a seat stands, for nobody in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatAvailability {
    /// It can be reserved.
    Available,
    /// It is held.
    Locked {
        /// By whom, where that can be cached_json.
        by: Option<UserId>,
        /// Until when, by this machine's clock: for telling, not for judging.
        until: SystemTime,
    },
    /// It is sold.
    Booked,
}

/// A page of an entity's seats.
#[derive(Debug)]
pub struct Page {
    /// The seats, in natural order.
    pub seats: Vec<(ListedSeat, SeatAvailability)>,
    /// The order key after which the next page begins, if there is one.
    pub next: Option<String>,
    version: i64,
    began: Instant,
    read_at: SystemTime,
    changes_at: SystemTime,
    cached_json: OnceLock<Box<RawValue>>,
}

impl Page {
    /// What was read of the entity's version `version`, beginning at `began` (`read_at` by the wall
    /// clock), and changes by itself at `changes_at`.
    pub fn new(
        seats: Vec<(ListedSeat, SeatAvailability)>,
        next: Option<String>,
        version: i64,
        began: Instant,
        read_at: SystemTime,
        changes_at: SystemTime,
    ) -> Self {
        Self { seats, next, version, began, read_at, changes_at, cached_json: OnceLock::new() }
    }

    /// The page as it is cached_json to everybody alike: `view` is made into JSON once.
    ///
    /// # Errors
    /// `INTERNAL` where it cannot be.
    pub fn cached_json<V: Serialize>(&self, view: impl FnOnce() -> V) -> Result<&RawValue> {
        if let Some(cached_json) = self.cached_json.get() {
            return Ok(cached_json);
        }
        let cached_json = to_raw_value(&view()).map_err(Error::internal)?;
        Ok(self.cached_json.get_or_init(|| cached_json))
    }

    fn is_usable(&self, version: i64, arrived: Instant) -> bool {
        (self.version == version || self.began >= arrived) && self.is_fresh()
    }

    fn is_fresh(&self) -> bool {
        clock::is_within(self.read_at, PAGE_TTL) && SystemTime::now() < self.changes_at
    }
}

/// The pages of one process.
#[derive(Debug, Default)]
pub struct PageCache {
    pages: Mutex<HashMap<PageKey, Arc<Page>>>,
    single_flight: SingleFlight<PageKey>,
}

impl PageCache {
    /// The page as it was read, if nothing has happened since it was, or if that began after
    /// `arrived`.
    pub fn recall(&self, asked: &PageKey, version: i64, arrived: Instant) -> Option<Arc<Page>> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(asked).filter(|page| page.is_usable(version, arrived)).map(Arc::clone)
    }

    /// Forgets all pages.
    pub fn forget(&self) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until nobody else reads that page.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when the request's time is over.
    pub async fn lock(&self, asked: &PageKey) -> Result<OwnedMutexGuard<()>> {
        self.single_flight.lock(asked.clone()).await
    }

    /// Remembers a page, and forgets those that are of no use any more.
    pub fn keep(&self, asked: PageKey, page: &Arc<Page>) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|_, page| page.is_fresh());
        let kept: usize = pages.values().map(|page| page.seats.len()).sum();
        if kept + page.seats.len() <= MAX_CACHED_SEATS {
            pages.insert(asked, Arc::clone(page));
        }
    }
}
