//! Listing: seats that are not sold, not held, and not locked.
//!
//! Holds are read before seats. A hold that becomes a sale between the two reads then shows as a hold
//! or as a sale, never as a free seat.

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
        reservations::ListedHold,
        seats::{ListedSeat, SeatStatus},
    },
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

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
    /// Sold.
    Booked,
}

impl SeatState {
    /// The state that `user` sees now.
    pub fn of(availability: SeatAvailability, user: UserId) -> Self {
        match availability {
            SeatAvailability::Available => Self::Available,
            SeatAvailability::Booked => Self::Booked,
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
    /// A page of an entity's seats, not older than this call. It comes from the cache if the seats have
    /// not changed, or if another request has read them since this call began.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`.
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
        let holds = self.store.reservations.live_for_entity(app, entity).await?;
        let held: HashMap<SeatId, &ListedHold> = holds
            .iter()
            .flat_map(|hold| hold.seat_ids.iter().map(move |seat| (SeatId::from(*seat), hold)))
            .collect();
        let wanted = usize::try_from(*limit).unwrap_or(usize::MAX);
        // Held seats will be left out, so read that many more: one query is mostly enough.
        let batch_size = limit + 1 + if *all { 0 } else { held.len() as i64 };
        let mut listed: Vec<(ListedSeat, SeatAvailability)> = Vec::new();
        let mut after = key.after.clone();
        let mut changes_at = SystemTime::now() + self.hold_ttl;
        loop {
            let page =
                self.store.seats.list(app, entity, only, after.as_deref(), batch_size).await?;
            let last_page = (page.len() as i64) < batch_size;
            after = page.last().map(|seat| seat.seat_order.clone());
            let ids: Vec<SeatId> = page.iter().map(|seat| seat.id.into()).collect();
            let locks = self.gate.locked_seats(app, &ids, self.hold_ttl).await.unwrap_or_default();
            for seat in page {
                let availability =
                    availability_of(&seat, held.get(&SeatId::from(seat.id)).copied(), &locks);
                if let SeatAvailability::Locked { until, .. } = availability {
                    changes_at = changes_at.min(until);
                }
                if *all || availability == SeatAvailability::Available {
                    listed.push((seat, availability));
                }
            }
            if last_page || listed.len() > wanted {
                break;
            }
        }
        let has_more = listed.len() > wanted;
        listed.truncate(wanted);
        let next = listed.last().filter(|_| has_more).map(|(seat, _)| seat.seat_order.clone());
        Ok(Page::new(listed, next, version, began, read_at, changes_at))
    }
}

/// A seat's availability, by its document, its hold and its lock.
fn availability_of(
    seat: &ListedSeat,
    hold: Option<&ListedHold>,
    locks: &SeatLocks,
) -> SeatAvailability {
    let until = |ms: i64| SystemTime::now() + Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    match (seat.status, hold, locks.get(&SeatId::from(seat.id))) {
        (SeatStatus::Booked, ..) => SeatAvailability::Booked,
        (SeatStatus::Available, Some(hold), _) => SeatAvailability::Locked {
            by: Some(hold.user_id.into()),
            until: until(hold.remaining_ms),
        },
        (SeatStatus::Available, None, Some(lock)) => {
            SeatAvailability::Locked { by: lock.user, until: until(lock.remaining_ms) }
        }
        (SeatStatus::Available, None, None) => SeatAvailability::Available,
    }
}
