//! Listing: seats that are not sold, less those with a live hold, less those with a lock.
//!
//! The holds are read before the seats: a hold that becomes a sale between the two reads is then
//! seen as a hold or as a sale, never as neither.

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

/// How a seat stands for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatState {
    /// It can be reserved now.
    Available,
    /// It is held, for so many whole seconds, by the caller or another.
    Locked {
        /// Seconds until it may be free again.
        expires_in: u64,
        /// Whether the caller holds it.
        mine: bool,
    },
    /// It is sold.
    Booked,
}

impl SeatState {
    /// How a seat that stands so stands for `user`, now.
    pub fn of(standing: SeatAvailability, user: UserId) -> Self {
        match standing {
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
    /// A page of an entity's seats, as they stood after this was asked. From memory where nothing
    /// has happened to the entity's seats since they were read, or where somebody else has read
    /// them meanwhile.
    pub async fn list(&self, caller: &Caller, asked: PageKey) -> Result<Arc<Page>> {
        let arrived = Instant::now();
        // Before anything is read: what happens later makes another version.
        let Some(version) = self.gate.seats_version(caller.app_id(), &asked.entity).await else {
            // Nor can Redis have been cached_json of changes.
            self.pages.forget();
            return Ok(Arc::new(self.read(&asked, 0).await?));
        };
        if let Some(page) = self.pages.recall(&asked, version, arrived) {
            return Ok(page);
        }
        // Of those who want the same page at once, one reads it.
        let _alone = self.pages.lock(&asked).await?;
        if let Some(page) = self.pages.recall(&asked, version, arrived) {
            return Ok(page);
        }
        let page = Arc::new(self.read(&asked, version).await?);
        self.pages.keep(asked, &page);
        Ok(page)
    }

    async fn read(&self, asked: &PageKey, version: i64) -> Result<Page> {
        let (began, read_at) = (Instant::now(), SystemTime::now());
        let PageKey { app, entity, all, limit, .. } = asked;
        let only = (!all).then_some(SeatStatus::Available);
        let holds = self.store.reservations.live_for_entity(app, entity).await?;
        let held: HashMap<SeatId, &ListedHold> = holds
            .iter()
            .flat_map(|hold| hold.seat_ids.iter().map(move |seat| (SeatId::from(*seat), hold)))
            .collect();
        let wanted = usize::try_from(*limit).unwrap_or(usize::MAX);
        // As many more as are held, so that one page of seats will mostly do.
        let fetch = limit + 1 + if *all { 0 } else { held.len() as i64 };
        let mut listed: Vec<(ListedSeat, SeatAvailability)> = Vec::new();
        let mut after = asked.after.clone();
        let mut changes_at = SystemTime::now() + self.hold_ttl;
        loop {
            let page = self.store.seats.list(app, entity, only, after.as_deref(), fetch).await?;
            let last_page = (page.len() as i64) < fetch;
            after = page.last().map(|seat| seat.seat_order.clone());
            let ids: Vec<SeatId> = page.iter().map(|seat| seat.id.into()).collect();
            let locks = self.gate.locked_seats(app, &ids, self.hold_ttl).await.unwrap_or_default();
            for seat in page {
                let standing =
                    availability_of(&seat, held.get(&SeatId::from(seat.id)).copied(), &locks);
                if let SeatAvailability::Locked { until, .. } = standing {
                    changes_at = changes_at.min(until);
                }
                if *all || standing == SeatAvailability::Available {
                    listed.push((seat, standing));
                }
            }
            if last_page || listed.len() > wanted {
                break;
            }
        }
        let more = listed.len() > wanted;
        listed.truncate(wanted);
        let next = listed.last().filter(|_| more).map(|(seat, _)| seat.seat_order.clone());
        Ok(Page::new(listed, next, version, began, read_at, changes_at))
    }
}

/// How a seat stands, by its document, its hold and the locks.
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
