//! Pages of seats that were read within the last second.
//!
//! A cached page is served in two cases:
//!
//! - The entity's version is unchanged, and no hold on the page has run out. Every hold, release,
//!   sale and new seat counts the version up in Redis. So a user who has just held a seat never
//!   sees it free.
//! - Its read began after this request arrived. So of many requests at once, one queries MongoDB.
//!
//! The limit of one second bounds the harm when a version is lost: after a failover of Redis, or a
//! write that Redis did not see.

#![expect(missing_docs, reason = "the field names say it")]

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

/// How long a page is served.
const PAGE_TTL: Duration = Duration::from_secs(1);
/// How many seats are cached: some megabytes, if each seat has the largest metadata.
const MAX_CACHED_SEATS: usize = 5_000;

/// The parameters of a listing. Equal keys have equal pages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageKey {
    pub app: AppId,
    pub entity: EntityId,
    /// Whether held and sold seats are included.
    pub all: bool,
    /// The order key of the last seat of the previous page.
    pub after: Option<String>,
    pub limit: i64,
}

/// Whether a seat can be reserved. The same for every caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatAvailability {
    Available,
    Locked {
        /// The user who holds it, if known.
        by: Option<UserId>,
        /// By this machine's clock: to show it, never to decide by it.
        until: SystemTime,
    },
    Booked,
    NotForSale,
}

/// A page of an entity's seats.
#[derive(Debug)]
pub struct Page {
    /// In natural order: A2 before A10.
    pub seats: Vec<(ListedSeat, SeatAvailability)>,
    /// The order key of the last seat, if there is a next page.
    pub next: Option<String>,
    version: i64,
    began: Instant,
    read_at: SystemTime,
    changes_at: SystemTime,
    json: OnceLock<Box<RawValue>>,
}

impl Page {
    /// A page of the entity's version `version`. Its read began at `began`, which is `read_at` by
    /// the wall clock. The first hold on it runs out at `changes_at`.
    pub(super) fn new(
        seats: Vec<(ListedSeat, SeatAvailability)>,
        next: Option<String>,
        version: i64,
        began: Instant,
        read_at: SystemTime,
        changes_at: SystemTime,
    ) -> Self {
        Self { seats, next, version, began, read_at, changes_at, json: OnceLock::new() }
    }

    /// The page as JSON, for a view that is the same for every caller. It is serialized once.
    /// Fails with `INTERNAL` if it cannot be serialized.
    pub fn cached_json<V: Serialize>(&self, view: impl FnOnce() -> V) -> Result<&RawValue> {
        if let Some(json) = self.json.get() {
            return Ok(json);
        }
        let json = to_raw_value(&view()).map_err(Error::internal)?;
        Ok(self.json.get_or_init(|| json))
    }

    fn is_usable(&self, version: i64, arrived: Instant) -> bool {
        (self.version == version || self.began >= arrived) && self.is_fresh()
    }

    fn is_fresh(&self) -> bool {
        clock::is_within(self.read_at, PAGE_TTL) && SystemTime::now() < self.changes_at
    }
}

/// The cached pages of one process.
#[derive(Debug, Default)]
pub(super) struct PageCache {
    pages: Mutex<HashMap<PageKey, Arc<Page>>>,
    single_flight: SingleFlight<PageKey>,
}

impl PageCache {
    /// The cached page, if it may be served to a request that arrived at `arrived`.
    pub(super) fn get(&self, key: &PageKey, version: i64, arrived: Instant) -> Option<Arc<Page>> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(key).filter(|page| page.is_usable(version, arrived)).map(Arc::clone)
    }

    pub(super) fn clear(&self) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until no other request reads that page. Fails with
    /// `SERVICE_UNAVAILABLE` at the request's deadline.
    pub(super) async fn lock(&self, key: &PageKey) -> Result<OwnedMutexGuard<()>> {
        self.single_flight.lock(key.clone()).await
    }

    /// Caches a page, and drops those that are too old to be served.
    pub(super) fn insert(&self, key: PageKey, page: &Arc<Page>) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|_, page| page.is_fresh());
        let cached_seats: usize = pages.values().map(|page| page.seats.len()).sum();
        if cached_seats + page.seats.len() <= MAX_CACHED_SEATS {
            pages.insert(key, Arc::clone(page));
        }
    }
}
