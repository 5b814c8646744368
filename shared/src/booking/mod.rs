//! What the endpoints of the booking flow do: list, reserve, confirm, release. MongoDB decides,
//! Redis makes the losers cheap; see `docs/ARCHITECTURE.md` for why it is in this order.

mod confirm;
mod listing;
mod page_cache;
mod release;
mod reserve;

pub use confirm::Confirmation;
pub use listing::SeatState;
pub use page_cache::{Page, PageKey, SeatAvailability};
pub use reserve::Reserved;

use crate::{
    auth::Caller,
    domain::{ReservationToken, SeatId},
    error::{Code, Result},
    locks::Gate,
    metrics,
    payment::Provider,
    store::{Store, reservations::Hold},
};
use std::{sync::Arc, time::Duration};

/// The booking flow, over the stores of one process.
#[derive(Debug)]
pub struct BookingService {
    store: Arc<Store>,
    gate: Arc<Gate>,
    pages: page_cache::PageCache,
    payments: Box<dyn Provider>,
    hold_ttl: Duration,
    max_held_seats: usize,
}

impl BookingService {
    /// The flow with holds of that length, and that many seats held at most by a user in an app.
    pub fn new(
        store: Arc<Store>,
        gate: Arc<Gate>,
        payments: Box<dyn Provider>,
        hold_ttl: Duration,
        max_held_seats: usize,
    ) -> Self {
        Self {
            store,
            gate,
            pages: page_cache::PageCache::default(),
            payments,
            hold_ttl,
            max_held_seats,
        }
    }
}

impl BookingService {
    /// The caller's hold, by a majority read. That there is none is not said on the word of a
    /// former primary.
    async fn own_hold(&self, caller: &Caller, token: ReservationToken) -> Result<Hold> {
        let (holds, app, user) = (&self.store.reservations, caller.app_id(), caller.user);
        let found = match holds.find(app, user, token).await? {
            Some(hold) => Some(hold),
            None => holds.find_linearizable(app, user, token).await?,
        };
        let hold = found.ok_or(Code::ReservationNotFound)?;
        metrics::set_entity(&hold.entity_id);
        Ok(hold)
    }
}

/// The seats of a hold as the gate names them.
fn seats_of(hold: &Hold) -> Vec<SeatId> {
    hold.seat_ids.iter().copied().map(Into::into).collect()
}
