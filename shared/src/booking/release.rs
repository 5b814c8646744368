//! Releasing: one guarded update, then compare-and-delete of the locks.

use super::{Bookings, seats_of};
use crate::{
    auth::Caller,
    domain::ReservationToken,
    error::{Code, Result},
    store::reservations::{Hold, HoldStatus},
};

impl Bookings {
    /// Gives the caller's hold back; fine when repeated.
    ///
    /// # Errors
    /// `RESERVATION_NOT_FOUND`, `RESERVATION_ALREADY_CONFIRMED`, `RESERVATION_EXPIRED`.
    pub async fn release(&self, caller: &Caller, token: ReservationToken) -> Result<()> {
        let (app, user) = (caller.app_id(), caller.user);
        let holds = &self.store.reservations;
        if let Some(hold) = holds.release(app, user, token).await? {
            self.unlock(&hold).await;
            return Ok(());
        }
        let hold = holds.find(app, user, token).await?.ok_or(Code::ReservationNotFound)?;
        match hold.status {
            HoldStatus::Released => {
                self.unlock(&hold).await;
                Ok(())
            }
            HoldStatus::Confirmed => Err(Code::ReservationAlreadyConfirmed.into()),
            HoldStatus::Expired | HoldStatus::Active => {
                holds.expire(app, user, token).await?;
                self.unlock(&hold).await;
                Err(Code::ReservationExpired.into())
            }
        }
    }

    /// Takes a hold's own locks away. Best effort: what stays ends by its TTL, and decides nothing.
    pub(super) async fn unlock(&self, hold: &Hold) {
        self.gate.release(&hold.app_id, &seats_of(hold), hold.reservation_token).await;
    }
}
