//! Changing a hold to other seats of its entity: the locks of the added seats, then one guarded
//! update of the same document, then the locks of the dropped seats are deleted. If anything fails,
//! the hold keeps its old seats.

use super::{
    BookingService,
    conflicts::{check_unsold, conflict_error, locked_error, off_sale_error, refused_by_gate},
    reserve::basket_of,
    rules::{in_one_entity, refused_by_sales},
};
use crate::{
    auth::Caller,
    clock::Backoff,
    domain::{ObjectId, ReservationToken, SeatId, SeatIds},
    error::{Code, Conflict, Error, Result},
    locks::LockOutcome,
    store::{
        held_seats::{Basket, HeldSeat},
        hold_ends::Overdue,
        reservations::{Changed, Hold, HoldStatus},
        wanted_seats::{SalesRules, WantedSeats},
    },
};
use std::time::Duration;

/// How often a change is written again after the conflicting hold has gone.
const MAX_ATTEMPTS: usize = 3;

impl BookingService {
    /// Changes the caller's live hold to exactly these seats. Kept seats keep their price, new ones
    /// get today's. The hold ends when it would have ended.
    ///
    /// # Errors
    /// For the added seats, the errors of [`BookingService::reserve`]. For the hold,
    /// `RESERVATION_NOT_FOUND`, `RESERVATION_EXPIRED`, `RESERVATION_RELEASED`,
    /// `RESERVATION_ALREADY_CONFIRMED` or `PAYMENT_STARTED`.
    pub async fn change(
        &self,
        caller: &Caller,
        token: ReservationToken,
        seats: &SeatIds,
    ) -> Result<Hold> {
        let mut backoff = Backoff::default();
        // Seats that an attempt locked before it found the hold changed.
        let mut leftover: Vec<SeatId> = Vec::new();
        loop {
            let mut hold = self.own_hold(caller, token).await?;
            leftover.retain(|seat| !hold.seat_ids.contains(&seat.object_id()));
            if !leftover.is_empty() {
                let stale = std::mem::take(&mut leftover);
                self.gate.release_locks(&hold.app_id, &hold.entity_id, &stale, token, None).await;
            }
            if self.changed_since_overdue(&hold).await? {
                if !backoff.pause().await {
                    return Err(changed_at_every_attempt());
                }
                continue;
            }
            match hold.status {
                HoldStatus::Active if hold.is_live() => {}
                HoldStatus::Active | HoldStatus::Expired => {
                    return Err(Code::ReservationExpired.into());
                }
                HoldStatus::Confirmed | HoldStatus::Cancelled => {
                    return Err(Code::ReservationAlreadyConfirmed.into());
                }
                HoldStatus::Released | HoldStatus::Unknown => {
                    return Err(Code::ReservationReleased.into());
                }
            }
            self.store.fill_seats(std::slice::from_mut(&mut hold)).await?;
            if seats.is_exactly(&hold.seat_ids) {
                return Ok(hold);
            }
            if hold.payment.is_some() {
                return Err(Code::PaymentStarted.into());
            }
            let added = added_to(&hold, seats);
            if let Some(changed) = self.change_from(caller, &hold, seats, &added).await? {
                return Ok(changed);
            }
            leftover = added;
            if !backoff.pause().await {
                return Err(changed_at_every_attempt());
            }
        }
    }

    /// One attempt to change the hold as it was read. `None`: the hold has changed since.
    async fn change_from(
        &self,
        caller: &Caller,
        hold: &Hold,
        seats: &SeatIds,
        added: &[SeatId],
    ) -> Result<Option<Hold>> {
        let (app, user, token) = (caller.app_id(), caller.user, hold.reservation_token);
        let ttl = Duration::from_millis(hold.remaining_ms().max(1).unsigned_abs());
        let taken = match added {
            [] => LockOutcome::All { own: false },
            added => self.gate.take_locks(app, added, token, user, ttl).await,
        };
        if let Some(error) = refused_by_gate(&taken) {
            return Err(error);
        }
        let changed = self.write_change(caller, hold, seats, added).await;
        match &changed {
            Ok(Some(changed)) => {
                let is_dropped = |seat: &&ObjectId| !changed.seat_ids.contains(seat);
                let dropped: Vec<SeatId> =
                    hold.seat_ids.iter().filter(is_dropped).map(|seat| (*seat).into()).collect();
                // A dropped seat was held and given back without a sale.
                let cycle = (!dropped.is_empty()).then(|| self.hold_cycle(user));
                self.gate.release_locks(app, &hold.entity_id, &dropped, token, cycle).await;
                if !matches!(taken, LockOutcome::All { own: false }) {
                    if !matches!(taken, LockOutcome::All { .. }) {
                        self.gate.note_unseen_hold(app);
                    }
                    let _ = self.relock_hold(changed).await;
                }
            }
            // The caller reads the hold again, and then releases the locks of seats that it does
            // not have.
            Ok(None) => {}
            // The change may have been written.
            Err(error) if error.code().status() >= 500 => {}
            Err(error) => {
                self.give_back_after_failure(caller, added, token, &taken, error).await;
            }
        }
        changed
    }

    /// Checks the added seats and the limits, and writes the change. `None`: the hold has changed.
    async fn write_change(
        &self,
        caller: &Caller,
        hold: &Hold,
        seats: &SeatIds,
        added: &[SeatId],
    ) -> Result<Option<Hold>> {
        let found = match added {
            [] => Vec::new(),
            added => self.addable_seats(caller, hold, seats, added).await?,
        };
        let new = found.iter().flat_map(|entity| &entity.seats).map(HeldSeat::from);
        let known: Vec<HeldSeat> = hold.seats.iter().cloned().chain(new).collect();
        let basket = basket_of(seats, &known);
        if basket.0.len() < seats.as_slice().len() {
            return Err(Code::SeatNotFound.into());
        }
        let rules = found.first().and_then(WantedSeats::rules);
        if basket.0.len() > hold.seat_ids.len()
            && let Err(limit) = self.check_limits(hold, basket.0.len(), rules).await
        {
            // A conflict takes precedence over the limit.
            let conflict = self.conflict_of_change(caller, hold, seats, added).await?;
            return Err(conflict.unwrap_or(limit));
        }
        match self.write_basket(caller, hold, &basket, seats, added).await? {
            Some(changed) => self.within_limit(hold, changed, rules).await,
            None => Ok(None),
        }
    }

    /// Reads the added seats, with the rules of their entity.
    ///
    /// # Errors
    /// One of them cannot be added to the hold.
    async fn addable_seats(
        &self,
        caller: &Caller,
        hold: &Hold,
        seats: &SeatIds,
        added: &[SeatId],
    ) -> Result<Vec<WantedSeats>> {
        let wanted = self.store.seats.wanted(caller.app_id(), &object_ids(added)).await?;
        let (found, rules) = in_one_entity(&wanted, added)?;
        if found.iter().any(|seat| seat.entity_id != hold.entity_id) {
            return Err(Error::field("seatIds", "must be seats of the hold's entity"));
        }
        if found.iter().any(|seat| seat.currency != hold.currency) {
            return Err(Error::field("seatIds", "must be seats in the hold's currency"));
        }
        if let Some(error) = refused_by_sales(rules) {
            return Err(error);
        }
        check_unsold(found)?;
        if let Some(error) = off_sale_error(found, rules) {
            // A conflict takes precedence.
            let conflict = self.conflict_of_change(caller, hold, seats, added).await?;
            return Err(conflict.unwrap_or(error));
        }
        Ok(wanted)
    }

    /// Writes the changed hold once its added seats are free. `None`: the hold has changed.
    async fn write_basket(
        &self,
        caller: &Caller,
        hold: &Hold,
        basket: &Basket,
        seats: &SeatIds,
        added: &[SeatId],
    ) -> Result<Option<Hold>> {
        let mut attempts = 0;
        let mut backoff = Backoff::default();
        while attempts < MAX_ATTEMPTS {
            match self.store.reservations.change(hold, basket).await? {
                Changed::Done(changed) => return Ok(Some(*changed)),
                Changed::HoldGone => return Ok(None),
                Changed::SeatTaken => {}
            }
            let overdue = self.expire_overdue_on(caller.app_id(), &object_ids(added)).await?;
            if matches!(overdue, Overdue::Marked(1..)) {
                continue;
            }
            if let Some(error) = self.conflict_of_change(caller, hold, seats, added).await? {
                return Err(error);
            }
            attempts += 1;
            backoff.pause().await;
        }
        Err(locked_error(added.iter().map(|seat| Conflict::locked(*seat, 1, false))))
    }

    /// The error for added seats that are in another hold or sold, if any.
    async fn conflict_of_change(
        &self,
        caller: &Caller,
        hold: &Hold,
        seats: &SeatIds,
        added: &[SeatId],
    ) -> Result<Option<Error>> {
        let mut claims = self.store.reservations.claims(&hold.app_id, &object_ids(added)).await?;
        claims.retain(|claim| claim.id != hold.id);
        Ok(conflict_error(&claims, seats, caller.user))
    }

    /// Undoes a change that added seats if, with another hold made at the same time, it exceeds the
    /// user's limit.
    async fn within_limit(
        &self,
        before: &Hold,
        changed: Hold,
        rules: Option<&SalesRules>,
    ) -> Result<Option<Hold>> {
        let seats = changed.seat_ids.len();
        if seats <= before.seat_ids.len() {
            return Ok(Some(changed));
        }
        let Err(error) = self.check_limits(&changed, seats, rules).await else {
            return Ok(Some(changed));
        };
        let basket = Basket(before.seats.clone());
        match self.store.reservations.change(&changed, &basket).await? {
            Changed::Done(_) => Err(error),
            // Others have the old seats by now. So the hold keeps the new ones, and exceeds the
            // limit once.
            Changed::SeatTaken => Ok(Some(changed)),
            Changed::HoldGone => Ok(None),
        }
    }
}

fn changed_at_every_attempt() -> Error {
    Error::unavailable("the hold changed at every attempt to change it")
}

/// The wanted seats that the hold does not have.
fn added_to(hold: &Hold, seats: &SeatIds) -> Vec<SeatId> {
    let is_new = |seat: &SeatId| !hold.seat_ids.contains(&seat.object_id());
    seats.as_slice().iter().copied().filter(is_new).collect()
}

fn object_ids(seats: &[SeatId]) -> Vec<ObjectId> {
    seats.iter().map(|seat| seat.object_id()).collect()
}
