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
    domain::{AppId, SeatId, UserId},
    error::Result,
    locks::SeatLocks,
    store::{
        hold_reads::ListedHold,
        reservations::HoldStatus,
        seats::{ListedSeat, SeatStatus},
    },
};
use std::{
    borrow::Cow,
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
/// With many holds, a page without any free seat is done after this many reads. They cover some
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
        let most_holds = (*limit).max(MIN_LISTED_HOLDS);
        let holds = self.store.reservations.live_for_entity(app, entity, most_holds).await?;
        let has_many_holds = holds.is_none();
        let mut fetch = first_fetch(key, holds.as_deref());
        let known_claims = holds.map(|holds| by_seat(&holds));
        let mut listed =
            Listed { seats: Vec::new(), changes_at: SystemTime::now() + self.hold_ttl };
        let mut after = key.after.clone();
        let mut incomplete = None;
        let (mut more, mut rounds) = (true, 0);
        while more {
            rounds += 1;
            let mut seats =
                self.store.seats.list(app, entity, only, after.as_deref(), fetch).await?;
            more = seats.len() as i64 == fetch;
            after = seats.last().map(|seat| seat.seat_order.clone());
            let claims = self.claims_on(app, &seats, known_claims.as_ref()).await?;
            let ids: Vec<SeatId> = seats.iter().map(|seat| seat.id.into()).collect();
            let (locks, is_incomplete) = tokio::join!(
                self.gate.locked_seats(app, &ids),
                self.is_incomplete(key, &seats, incomplete)
            );
            incomplete = is_incomplete?;
            if incomplete == Some(true) {
                seats.iter_mut().for_each(|seat| seat.not_for_sale = true);
            }
            listed.add(seats, &claims, &locks.unwrap_or_default(), *all);
            // With many holds a page may be short, or even empty: the cost of a listing is bounded.
            let may_be_short = has_many_holds && (!listed.seats.is_empty() || rounds >= MAX_ROUNDS);
            if listed.seats.len() > wanted || may_be_short {
                break;
            }
            fetch = at_most_fetched(2 * fetch, *limit);
        }
        if listed.seats.len() > wanted {
            listed.seats.truncate(wanted);
            after = listed.seats.last().map(|(seat, _)| seat.seat_order.clone());
            more = true;
        }
        let next = after.filter(|_| more);
        Ok(Page::new(listed.seats, next, version, began, read_at, listed.changes_at))
    }

    /// The claims on these seats. `known` has all claims of the entity; without it, they are read.
    async fn claims_on<'a>(
        &self,
        app: &AppId,
        seats: &[ListedSeat],
        known: Option<&'a SeatClaims>,
    ) -> Result<Cow<'a, SeatClaims>> {
        if let Some(known) = known {
            return Ok(Cow::Borrowed(known));
        }
        let ids: Vec<_> = seats.iter().map(|seat| seat.id).collect();
        let claims = self.store.reservations.listed_claims(app, &ids).await?;
        Ok(Cow::Owned(by_seat(&claims)))
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

/// The seats of a page that were read so far.
struct Listed {
    seats: Vec<(ListedSeat, SeatAvailability)>,
    /// When the first hold or lock of a seat that was read runs out.
    changes_at: SystemTime,
}

impl Listed {
    /// Adds the free ones of these seats, or `all`.
    fn add(&mut self, seats: Vec<ListedSeat>, claims: &SeatClaims, locks: &SeatLocks, all: bool) {
        for seat in seats {
            let availability = availability_of(&seat, claims.get(&SeatId::from(seat.id)), locks);
            if let SeatAvailability::Locked { until, .. } = availability {
                self.changes_at = self.changes_at.min(until);
            }
            if all || availability == SeatAvailability::Available {
                self.seats.push((seat, availability));
            }
        }
    }
}

/// How many seats are read first. `None`: the entity has many holds.
fn first_fetch(key: &PageKey, holds: Option<&[ListedHold]>) -> i64 {
    // One seat more shows whether there is a next page.
    let with_next = key.limit + 1;
    let fetch = match holds {
        _ if key.all => with_next,
        // Read as many more as are held, so that one read usually fills the page.
        Some(holds) => with_next + holds.iter().map(|hold| hold.seat_ids.len() as i64).sum::<i64>(),
        None => with_next * READ_AHEAD,
    };
    at_most_fetched(fetch, key.limit)
}

/// How many seats are read at once for a page of `limit` seats, where `fetch` would be useful.
fn at_most_fetched(fetch: i64, limit: i64) -> i64 {
    fetch.min(MAX_FETCHED_SEATS.max(limit + 1))
}

/// What keeps a seat from being reserved.
#[derive(Clone, Copy, Debug)]
struct SeatClaim {
    user: UserId,
    is_sold: bool,
    remaining_ms: i64,
}

type SeatClaims = HashMap<SeatId, SeatClaim>;

/// The claims that keep others from reserving: live and sold holds, by seat.
fn by_seat(holds: &[ListedHold]) -> SeatClaims {
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
