//! Releasing: one guarded update, then compare-and-delete of the locks.

use super::{BookingService, seats_of};
use crate::{
    auth::Caller,
    clock::Backoff,
    domain::{ReservationToken, UserId},
    error::{Code, Error, Result},
    locks::HoldCycle,
    store::reservations::{Hold, HoldStatus},
};

impl BookingService {
    /// Gives the caller's hold back. Repeating the call is safe.
    ///
    /// # Errors
    /// `RESERVATION_NOT_FOUND`, `RESERVATION_ALREADY_CONFIRMED` or `RESERVATION_EXPIRED`.
    pub async fn release(&self, caller: &Caller, token: ReservationToken) -> Result<()> {
        let (app, user) = (caller.app_id(), caller.user);
        let holds = &self.store.reservations;
        let mut backoff = Backoff::default();
        loop {
            if let Some(hold) = holds.release(app, user, token).await? {
                self.unlock_unsold(&hold).await;
                return Ok(());
            }
            let hold = self.own_hold(caller, token).await?;
            match hold.status {
                HoldStatus::Released | HoldStatus::Unknown => {
                    self.unlock_unsold(&hold).await;
                    return Ok(());
                }
                HoldStatus::Confirmed => return Err(Code::ReservationAlreadyConfirmed.into()),
                HoldStatus::Active if hold.is_live() || !holds.expire(app, user, token).await? => {
                    // The guard saw a change that the majority read will see in a moment.
                    if !backoff.pause().await {
                        return Err(Error::unavailable(
                            "the hold changed under every attempt to release it",
                        ));
                    }
                }
                HoldStatus::Active | HoldStatus::Expired => {
                    self.unlock(&hold).await;
                    return Err(Code::ReservationExpired.into());
                }
            }
        }
    }

    /// Deletes a hold's locks. Best effort: a lock that stays expires by its TTL, and decides
    /// nothing.
    pub(super) async fn unlock(&self, hold: &Hold) {
        self.delete_locks(hold, None).await;
    }

    /// Deletes the locks of a hold that ended early and without a sale. This ends a hold cycle on
    /// each seat.
    pub(super) async fn unlock_unsold(&self, hold: &Hold) {
        self.delete_locks(hold, Some(self.hold_cycle(hold.user_id.into()))).await;
    }

    async fn delete_locks(&self, hold: &Hold, cycle: Option<HoldCycle>) {
        let Hold { app_id, entity_id, reservation_token, .. } = hold;
        let seats = seats_of(hold);
        self.gate.release_locks(app_id, entity_id, &seats, *reservation_token, cycle).await;
    }

    pub(super) fn hold_cycle(&self, user: UserId) -> HoldCycle {
        HoldCycle { user, lock_ttl: self.hold_ttl }
    }
}
