//! Listing: seats that are not sold, less those with a live hold, less those with a lock.
//!
//! The holds are read before the seats: a hold that becomes a sale between the two reads is then seen as a hold or as a
//! sale, never as neither.

use super::Bookings;
use crate::{
    auth::Caller,
    clock,
    domain::{EntityId, SeatId},
    error::Result,
    store::{
        reservations::Hold,
        seats::{Seat, SeatStatus},
    },
};
use std::collections::HashMap;

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

/// A page of an entity's seats.
#[derive(Debug)]
pub struct Listing {
    /// The seats, in natural order.
    pub seats: Vec<(Seat, SeatState)>,
    /// The order key after which the next page begins, if there is one.
    pub next: Option<String>,
}

impl Bookings {
    /// Up to `limit` seats of an entity after the one with order key `after`: those that can be reserved now, or all.
    pub async fn list(
        &self,
        caller: &Caller,
        entity: &EntityId,
        all: bool,
        after: Option<String>,
        limit: i64,
    ) -> Result<Listing> {
        let app = caller.app_id();
        let only = (!all).then_some(SeatStatus::Available);
        let holds = self.store.reservations.live_in(app, entity).await?;
        let held: HashMap<SeatId, &Hold> =
            holds.iter().flat_map(|hold| hold.seat_ids.iter().map(move |seat| (SeatId::from(*seat), hold))).collect();
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        // As many more as are held, so that one page of seats will mostly do.
        let fetch = limit + 1 + if all { 0 } else { held.len() as i64 };
        let mut listed: Vec<(Seat, SeatState)> = Vec::new();
        let mut after = after;
        loop {
            let page = self.store.seats.page(app, entity, only, after.as_deref(), fetch).await?;
            let last_page = (page.len() as i64) < fetch;
            after = page.last().map(|seat| seat.seat_order.clone());
            listed.extend(
                self.judge(caller, &held, page)
                    .await
                    .into_iter()
                    .filter(|(_, state)| all || *state == SeatState::Available),
            );
            if last_page || listed.len() > wanted {
                break;
            }
        }
        let more = listed.len() > wanted;
        listed.truncate(wanted);
        let next = listed.last().filter(|_| more).map(|(seat, _)| seat.seat_order.clone());
        Ok(Listing { seats: listed, next })
    }

    /// How each seat stands, by the document, the holds, and the locks.
    async fn judge(&self, caller: &Caller, held: &HashMap<SeatId, &Hold>, page: Vec<Seat>) -> Vec<(Seat, SeatState)> {
        let ids: Vec<SeatId> = page.iter().map(|seat| seat.id.into()).collect();
        let locks = self.gate.look(caller.app_id(), &ids, self.hold_ttl).await.unwrap_or_default();
        let locked = |mine: bool, ms: i64| {
            let expires_in = if mine { clock::own_seconds(ms) } else { clock::others_seconds(ms) };
            SeatState::Locked { expires_in, mine }
        };
        page.into_iter()
            .map(|seat| {
                let id = SeatId::from(seat.id);
                let state = match (seat.status, held.get(&id), locks.get(&id)) {
                    (SeatStatus::Booked, ..) => SeatState::Booked,
                    (SeatStatus::Available, Some(hold), _) => {
                        locked(hold.user_id == caller.user.object_id(), hold.remaining_ms())
                    }
                    (SeatStatus::Available, None, Some(lock)) => {
                        locked(lock.user == Some(caller.user), lock.remaining_ms)
                    }
                    (SeatStatus::Available, None, None) => SeatState::Available,
                };
                (seat, state)
            })
            .collect()
    }
}
