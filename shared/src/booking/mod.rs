//! What the endpoints of the booking flow do: list, reserve, confirm, release. MongoDB decides, Redis makes the losers
//! cheap; see `docs/ARCHITECTURE.md` for why it is in this order.

mod confirm;
mod listing;
mod release;
mod reserve;

pub use confirm::Confirmation;
pub use listing::{Listing, SeatState};
pub use reserve::Reserved;

use crate::{locks::Gate, payment::Provider, store::Store};
use std::{sync::Arc, time::Duration};

/// The booking flow, over the stores of one process.
#[derive(Debug)]
pub struct Bookings {
    store: Arc<Store>,
    gate: Arc<Gate>,
    payments: Box<dyn Provider>,
    hold_ttl: Duration,
    max_held_seats: usize,
}

impl Bookings {
    /// The flow with holds of that length, and that many seats held at most by a user in an app.
    pub fn new(
        store: Arc<Store>,
        gate: Arc<Gate>,
        payments: Box<dyn Provider>,
        hold_ttl: Duration,
        max_held_seats: usize,
    ) -> Self {
        Self { store, gate, payments, hold_ttl, max_held_seats }
    }
}

/// The seats of a hold as the gate names them.
fn seats_of(hold: &crate::store::reservations::Hold) -> Vec<crate::domain::SeatId> {
    hold.seat_ids.iter().copied().map(Into::into).collect()
}
