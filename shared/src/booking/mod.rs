//! The booking flow: list, reserve, change, confirm, release. MongoDB decides, and Redis makes
//! refusals cheap. `docs/ARCHITECTURE.md` explains the order of the steps.

pub mod accounts;
mod admin_refunds;
mod ask_payments;
pub mod best_available;
mod cancel;
mod cancel_entity;
mod change;
mod confirm;
mod conflicts;
mod counts;
mod entities;
mod entity_seats;
mod halls;
mod hold_limits;
mod listing;
mod page_cache;
mod payment_check;
mod payment_events;
mod provider_reports;
mod refunds;
mod release;
mod reserve;
mod reserve_best;
mod rules;
mod start_payment;
mod unsold_payments;

pub use admin_refunds::AdminCancelRequest;
pub use cancel::{CancelRequest, Quote};
pub use confirm::Confirmation;
pub use entities::OrganisedEntity;
pub use listing::SeatState;
pub use page_cache::{Page, PageKey, SeatAvailability};
pub use reserve::Reserved;
pub use start_payment::PaymentStart;

use crate::{
    auth::Caller,
    domain::{AppId, ReservationToken, SeatId, UserId},
    error::{Code, Result},
    locks::Gate,
    metrics,
    store::{Store, reservations::Hold},
};
use accounts::PaymentAccounts;
use std::{sync::Arc, time::Duration};

/// The booking flow of one process.
#[derive(Debug)]
pub struct BookingService {
    store: Arc<Store>,
    gate: Arc<Gate>,
    pages: page_cache::PageCache,
    counts: counts::CountsCache,
    halls: halls::Halls,
    accounts: Arc<PaymentAccounts>,
    hold_ttl: Duration,
    max_held_seats: usize,
    payment_window: Duration,
}

impl BookingService {
    pub(crate) fn new(
        store: Arc<Store>,
        gate: Arc<Gate>,
        accounts: Arc<PaymentAccounts>,
        hold_ttl: Duration,
        max_held_seats: usize,
        payment_window: Duration,
    ) -> Self {
        Self {
            store,
            gate,
            pages: page_cache::PageCache::default(),
            counts: counts::CountsCache::default(),
            halls: halls::Halls::default(),
            accounts,
            hold_ttl,
            max_held_seats,
            payment_window,
        }
    }

    /// The caller's hold, by a majority read. Only a linearizable read may find that there is none:
    /// a former primary may not know the hold.
    async fn own_hold(&self, caller: &Caller, token: ReservationToken) -> Result<Hold> {
        self.hold_of(caller.app_id(), caller.user, token).await
    }

    /// The hold of a user, read like the caller's own.
    async fn hold_of(&self, app: &AppId, user: UserId, token: ReservationToken) -> Result<Hold> {
        let holds = &self.store.reservations;
        let found = match holds.find(app, user, token).await? {
            Some(hold) => Some(hold),
            None => holds.find_linearizable(app, user, token).await?,
        };
        let hold = found.ok_or(Code::ReservationNotFound)?;
        metrics::set_entity(&hold.entity_id);
        Ok(hold)
    }
}

fn seats_of(hold: &Hold) -> Vec<SeatId> {
    hold.seat_ids.iter().copied().map(Into::into).collect()
}
