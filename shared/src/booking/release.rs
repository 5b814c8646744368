//! Releasing: one guarded update, then compare-and-delete of the locks.

use super::{BookingService, seats_of};
use crate::{
    auth::Caller,
    clock::Backoff,
    domain::{AppId, ObjectId, ReservationToken, SeatId, UserId},
    error::{Code, Error, Result},
    locks::HoldCycle,
    store::{
        hold_ends::{Overdue, UnpaidHold},
        reservations::{Hold, HoldStatus},
    },
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
                HoldStatus::Confirmed | HoldStatus::Cancelled => {
                    return Err(Code::ReservationAlreadyConfirmed.into());
                }
                HoldStatus::Active if hold.is_live() || !self.expire(&hold).await? => {
                    // The guard saw a change that the majority read will see in a moment.
                    if !backoff.pause().await {
                        return Err(Error::unavailable(
                            "the hold changed at every attempt to release it",
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

    /// Deletes a hold's locks. Best effort: a lock that stays expires by its
    /// TTL, and decides nothing.
    pub(super) async fn unlock(&self, hold: &Hold) {
        self.delete_locks(hold, None).await;
    }

    /// Deletes the locks of a hold that ended early and without a sale. This ends a hold
    /// cycle on each seat.
    pub(super) async fn unlock_unsold(&self, hold: &Hold) {
        if hold.extended {
            self.unlock(hold).await;
            self.count_unpaid(hold).await;
        } else {
            self.delete_locks(hold, Some(self.hold_cycle(hold.user_id.into()))).await;
        }
    }

    /// Counts a hold cycle on each seat of a hold that was kept for a payment and has ended unpaid.
    pub(super) async fn count_unpaid(&self, hold: &Hold) {
        if hold.extended {
            let cycle = self.hold_cycle(hold.user_id.into());
            self.gate.count_cycles(&hold.app_id, &seats_of(hold), cycle).await;
        }
    }

    /// Marks the caller's overdue hold as expired; `false` if it has changed.
    pub(super) async fn expire(&self, hold: &Hold) -> Result<bool> {
        let holds = &self.store.reservations;
        let user = hold.user_id.into();
        let is_marked = holds.expire(&hold.app_id, user, hold.reservation_token).await?;
        if is_marked {
            self.count_unpaid(hold).await;
        }
        Ok(is_marked)
    }

    /// Whether a hold that was read as overdue has changed since, and has to be read again. If it
    /// has not, it is marked as expired.
    ///
    /// A majority read does not show a change that the majority has not confirmed yet, such as an
    /// extension whose call got no response. Only the guard of a write sees it.
    pub(super) async fn changed_since_overdue(&self, hold: &Hold) -> Result<bool> {
        let is_overdue = hold.status == HoldStatus::Active && !hold.is_live();
        if !is_overdue {
            return Ok(false);
        }
        Ok(!self.expire(hold).await?)
    }

    /// Marks overdue holds on any of `seats` as expired.
    pub(super) async fn expire_overdue_on(
        &self,
        app: &AppId,
        seats: &[ObjectId],
    ) -> Result<Overdue> {
        let (overdue, unpaid) = self.store.reservations.expire_overdue_on(app, seats).await?;
        for UnpaidHold { user_id, seat_ids } in unpaid {
            let seats: Vec<SeatId> = seat_ids.into_iter().map(Into::into).collect();
            self.gate.count_cycles(app, &seats, self.hold_cycle(user_id.into())).await;
        }
        Ok(overdue)
    }

    /// Marks overdue holds as expired, as the sweeper does, and returns how many.
    ///
    /// # Errors
    /// Some holds could not be marked. All others were.
    pub async fn expire_overdue(&self) -> Result<u64> {
        self.store.refresh_subscriptions().await?;
        let extended = self.store.expire_extended().await?;
        for hold in &extended {
            self.count_unpaid(hold).await;
        }
        Ok(extended.len() as u64 + self.store.expire_overdue().await?)
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
