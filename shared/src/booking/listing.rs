//! Listing: seats that are not sold, not held, and not locked.
//!
//! With few holds, all holds of the entity are read before the seats. A hold that becomes a sale
//! between the two reads is then seen as a hold or as a sale, never as neither. With many holds,
//! the seats of one page are read first, and then the claims on them, sold ones too: a sale between
//! the two reads is seen as a claim.

use super::{
    BookingService,
    page_cache::{Page, PageKey, SeatAvailability},
};
use crate::{
    auth::Caller,
    clock,
    domain::{SeatId, UserId},
    error::Result,
    locks::SeatLocks,
    store::{
        hold_reads::ListedHold,
        reservations::HoldStatus,
        seats::{ListedSeat, SeatStatus},
    },
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

/// Up to this many holds of an entity are read in one go, even for a shorter page.
const MIN_LISTED_HOLDS: i64 = 100;
/// Seats that are read at once, unless the page itself is longer. Redis gets their
/// locks in one call.
const MAX_FETCHED_SEATS: i64 = 1_000;
/// With many holds, this many times the page's length is read at once. The page is then done if it
/// has any free seat, even if it is short.
const READ_AHEAD: i64 = 2;
/// With many holds, a page without any free seat is done after this many reads, which look at some
/// 9,000 seats.
const MAX_ROUNDS: u32 = 16;

/// A seat's state as one caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatState {
    /// Can be reserved now.
    Available,
    /// Held by the caller or by another user.
    Locked {
        /// Seconds until it may be free.
        expires_in: u64,
        /// Whether the caller holds it.
        mine: bool,
    },
    /// Somebody has bought it.
    Booked,
    /// The organiser does not sell it now.
    NotForSale,
}

impl SeatState {
    /// The state that `user` sees now.
    pub fn of(availability: SeatAvailability, user: UserId) -> Self {
        match availability {
            SeatAvailability::Available => Self::Available,
            SeatAvailability::Booked => Self::Booked,
            SeatAvailability::NotForSale => Self::NotForSale,
            SeatAvailability::Locked { by, until } => {
                let left = until.duration_since(SystemTime::now()).unwrap_or_default();
                let (ms, mine) =
                    (i64::try_from(left.as_millis()).unwrap_or(i64::MAX), by == Some(user));
                let expires_in =
                    if mine { clock::own_seconds(ms) } else { clock::others_seconds(ms) };
                Self::Locked { expires_in, mine }
            }
        }
    }
}

impl BookingService {
    /// A page of an entity's seats, not older than this call. It comes from the cache if the seats
    /// have not changed, or if another request has read them since this call began. Without MongoDB
    /// it fails with `SERVICE_UNAVAILABLE`.
    pub async fn list(&self, caller: &Caller, key: PageKey) -> Result<Arc<Page>> {
        let arrived = Instant::now();
        // Read the version first: any later change makes a new version.
        let Some(version) = self.gate.seats_version(caller.app_id(), &key.entity).await else {
            // Without Redis we miss changes, so drop every cached page.
            self.pages.clear();
            return Ok(Arc::new(self.read_page(&key, 0).await?));
        };
        if let Some(page) = self.pages.get(&key, version, arrived) {
            return Ok(page);
        }
        // Of several requests for the same page, one reads it.
        let _lock = self.pages.lock(&key).await?;
        if let Some(page) = self.pages.get(&key, version, arrived) {
            return Ok(page);
        }
        let page = Arc::new(self.read_page(&key, version).await?);
        self.pages.insert(key, &page);
        Ok(page)
    }

    async fn read_page(&self, key: &PageKey, version: i64) -> Result<Page> {
        let (began, read_at) = (Instant::now(), SystemTime::now());
        let PageKey { app, entity, all, limit, .. } = key;
        let only = (!all).then_some(SeatStatus::Available);
        let wanted = usize::try_from(*limit).unwrap_or(usize::MAX);
        let most = (*limit).max(MIN_LISTED_HOLDS);
        let holds = self.store.reservations.live_for_entity(app, entity, most).await?;
        // Read as many more as are held, so that one read usually fills the page.
        let mut fetch = limit + 1;
        match &holds {
            _ if *all => {}
            Some(holds) => {
                fetch += holds.iter().map(|hold| hold.seat_ids.len() as i64).sum::<i64>()
            }
            None => fetch *= READ_AHEAD,
        }
        fetch = fetch.min(MAX_FETCHED_SEATS.max(limit + 1));
        let known = holds.map(|holds| by_seat(&holds));
        let mut listed: Vec<(ListedSeat, SeatAvailability)> = Vec::new();
        let mut after = key.after.clone();
        let mut changes_at = SystemTime::now() + self.hold_ttl;
        let (mut more, mut rounds) = (true, 0);
        let mut incomplete = None;
        while more {
            rounds += 1;
            let page = self.store.seats.list(app, entity, only, after.as_deref(), fetch).await?;
            more = page.len() as i64 == fetch;
            after = page.last().map(|seat| seat.seat_order.clone());
            let read_now;
            let claims = match &known {
                Some(claims) => claims,
                None => {
                    let ids: Vec<_> = page.iter().map(|seat| seat.id).collect();
                    read_now = by_seat(&self.store.reservations.listed_claims(app, &ids).await?);
                    &read_now
                }
            };
            let ids: Vec<SeatId> = page.iter().map(|seat| seat.id.into()).collect();
            let (locks, off_sale) = tokio::join!(
                self.gate.locked_seats(app, &ids),
                self.is_incomplete(key, &page, incomplete)
            );
            let (locks, off_sale) = (locks.unwrap_or_default(), off_sale?);
            incomplete = off_sale;
            for mut seat in page {
                seat.not_for_sale |= off_sale == Some(true);
                let availability =
                    availability_of(&seat, claims.get(&SeatId::from(seat.id)), &locks);
                if let SeatAvailability::Locked { until, .. } = availability {
                    changes_at = changes_at.min(until);
                }
                if *all || availability == SeatAvailability::Available {
                    listed.push((seat, availability));
                }
            }
            // With many holds a page may be short, or even empty: the cost of a listing is bounded.
            let is_enough = !listed.is_empty() || rounds >= MAX_ROUNDS;
            if listed.len() > wanted || (known.is_none() && is_enough) {
                break;
            }
            fetch = (2 * fetch).min(MAX_FETCHED_SEATS.max(limit + 1));
        }
        if listed.len() > wanted {
            listed.truncate(wanted);
            after = listed.last().map(|(seat, _)| seat.seat_order.clone());
            more = true;
        }
        let next = after.filter(|_| more);
        Ok(Page::new(listed, next, version, began, read_at, changes_at))
    }

    /// Whether seats of the entity's layout are missing, so that none is for sale. Only seats of a
    /// layout have a label; for others the entity is not read.
    async fn is_incomplete(
        &self,
        key: &PageKey,
        seats: &[ListedSeat],
        known: Option<bool>,
    ) -> Result<Option<bool>> {
        if known.is_some() || seats.iter().all(|seat| seat.label.is_none()) {
            return Ok(known);
        }
        let entity = self.store.entities.seats(&key.app, &key.entity).await?;
        Ok(Some(entity.is_some_and(|entity| entity.seats_incomplete)))
    }
}

/// What keeps a seat from being reserved.
#[derive(Clone, Copy, Debug)]
struct SeatClaim {
    user: UserId,
    is_sold: bool,
    remaining_ms: i64,
}

/// The claims that keep others from reserving: live and sold holds, by seat.
fn by_seat(holds: &[ListedHold]) -> HashMap<SeatId, SeatClaim> {
    let mut claims = HashMap::new();
    for hold in holds {
        // A status of a later version may mean a sale, so the seat is not offered.
        let is_sold = matches!(hold.status, HoldStatus::Confirmed | HoldStatus::Unknown);
        if is_sold || (hold.status == HoldStatus::Active && hold.remaining_ms > 0) {
            let user = hold.user_id.into();
            let claim = SeatClaim { user, is_sold, remaining_ms: hold.remaining_ms };
            claims.extend(hold.seat_ids.iter().map(|seat| (SeatId::from(*seat), claim)));
        }
    }
    claims
}

/// A seat's availability, by its document, its claim and its lock.
fn availability_of(
    seat: &ListedSeat,
    claim: Option<&SeatClaim>,
    locks: &SeatLocks,
) -> SeatAvailability {
    let until = |ms: i64| SystemTime::now() + Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    match (seat.status, claim, locks.get(&SeatId::from(seat.id))) {
        (SeatStatus::Booked | SeatStatus::Unknown, ..) => SeatAvailability::Booked,
        (SeatStatus::Available, Some(claim), _) if claim.is_sold => SeatAvailability::Booked,
        (SeatStatus::Available, Some(claim), _) => {
            SeatAvailability::Locked { by: Some(claim.user), until: until(claim.remaining_ms) }
        }
        (SeatStatus::Available, None, Some(lock)) => {
            SeatAvailability::Locked { by: lock.user, until: until(lock.remaining_ms) }
        }
        (SeatStatus::Available, None, None) if seat.not_for_sale => SeatAvailability::NotForSale,
        (SeatStatus::Available, None, None) => SeatAvailability::Available,
    }
}
