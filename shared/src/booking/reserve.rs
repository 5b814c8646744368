//! Reserving: the locks of all seats or none, then the hold, written under the unique index that
//! decides.

use super::{BookingService, seats_of};
use crate::{
    auth::Caller,
    clock::{self, Backoff},
    domain::{ReservationToken, SeatId, SeatIds, UserId},
    error::{Code, Conflict, Error, Result},
    locks::Taken,
    metrics::{self, Metric},
    store::{
        reservations::{Hold, HoldStatus, NewHold, Overdue},
        seats::{SeatStatus, WantedSeat},
    },
};
use std::time::Instant;

/// How often a hold is written again after what was in its way went.
const MAX_ATTEMPTS: usize = 3;

/// What a reservation came to.
#[derive(Debug)]
pub enum Reserved {
    /// A new hold.
    New(Hold),
    /// The caller held exactly these seats already.
    Already(Hold),
}

impl BookingService {
    /// Holds `seats` for the caller, all or none.
    ///
    /// # Errors
    /// `SEAT_NOT_FOUND`, `SEAT_ALREADY_BOOKED`, `SEAT_ALREADY_LOCKED`, `HOLD_LIMIT_REACHED`, and
    /// `VALIDATION_ERROR` for seats of more than one entity. `RATE_LIMITED` for a seat that the
    /// caller has taken and given back over and over.
    pub async fn reserve(&self, caller: &Caller, seats: &SeatIds) -> Result<Reserved> {
        let (app, user) = (caller.app_id(), caller.user);
        let token = ReservationToken::generate();
        let asked = Instant::now();
        let taken = self.gate.take_locks(app, seats.as_slice(), token, user, self.hold_ttl).await;
        if !matches!(taken, Taken::Skipped) {
            metrics::record_lock_time(asked.elapsed());
        }
        if let Taken::Refused(held) = &taken {
            metrics::count(Metric::LockContended);
            return Err(locked_error(
                held.iter().map(|(seat, ms)| (*seat, clock::others_seconds(*ms), false)),
            ));
        }
        if let Taken::CoolingDown(ms) = taken {
            let message =
                "This seat was held and given back too often: leave it to others for a while";
            return Err(
                Error::new(Code::RateLimited, message).retry_after(clock::others_seconds(ms))
            );
        }
        let reserved = self.hold(caller, seats, token, &taken).await;
        match &reserved {
            Ok(Reserved::New(hold)) => {
                metrics::count(Metric::HoldsCreated);
                // Locks of the caller's own from an earlier try carry another token, which nothing
                // would ever release.
                if matches!(taken, Taken::All { own: true } | Taken::Unknown) {
                    // Best effort: the hold stands, whatever the gate knows of it.
                    let _ = self.relock_hold(hold).await;
                }
            }
            Ok(Reserved::Already(_)) => {
                self.gate.give_back_locks(app, seats.as_slice(), token, &taken, None).await
            }
            Err(error) => self.give_back_refused(caller, seats, token, &taken, error).await,
        }
        reserved
    }

    /// Gives back the locks of an attempt that failed. A refusal is a turn on the seats that could
    /// have been had: for a moment they were kept from others. What failed on our side is meant to
    /// be tried again, and is none.
    async fn give_back_refused(
        &self,
        caller: &Caller,
        seats: &SeatIds,
        token: ReservationToken,
        taken: &Taken,
        error: &Error,
    ) {
        let failed = error.code().status() >= 500;
        let (others, kept): (Vec<_>, Vec<_>) =
            seats.as_slice().iter().partition(|seat| failed || error.names_seat(**seat));
        for (seats, cycle) in [(others, None), (kept, Some(self.hold_cycle(caller.user)))] {
            if !seats.is_empty() {
                self.gate.give_back_locks(caller.app_id(), &seats, token, taken, cycle).await;
            }
        }
    }

    async fn hold(
        &self,
        caller: &Caller,
        seats: &SeatIds,
        token: ReservationToken,
        taken: &Taken,
    ) -> Result<Reserved> {
        let app = caller.app_id();
        let ids = seats.object_ids();
        let found = self.store.seats.find(app, &ids).await?;
        let first = check_basket(&found, seats)?;
        metrics::set_entity(&first.entity_id);
        let new = NewHold {
            token,
            user: caller.user,
            app,
            entity: &first.entity_id,
            seats: ids.clone(),
            amount: found.iter().map(|seat| seat.price).sum(),
            currency: &first.currency,
            ttl: self.hold_ttl,
        };
        let mut backoff = Backoff::default();
        let mut attempts = 0;
        while attempts < MAX_ATTEMPTS {
            if let Some(hold) = self.store.reservations.claim(&new).await? {
                let counted = self.check_hold_limit_of_new(caller, &hold, taken).await;
                if matches!(&counted, Err(error) if error.code() == Code::HoldLimitReached) {
                    self.store.reservations.release(app, caller.user, token).await?;
                }
                return counted.map(|()| Reserved::New(hold));
            }
            let overdue = self.store.reservations.expire_overdue_on(app, &ids).await?;
            if matches!(overdue, Overdue::Marked(1..)) {
                continue;
            }
            let claims = self.store.reservations.claims(app, &ids).await?;
            let own = |hold: &&Hold| hold.user_id == caller.user.object_id() && hold.is_live();
            if let Some(hold) =
                claims.iter().filter(own).find(|hold| seats.is_exactly(&hold.seat_ids))
            {
                match self.relock_hold(hold).await? {
                    // Not undone, should it be over the limit: an earlier call may have answered
                    // with it.
                    Some(hold) => {
                        return self
                            .check_hold_limit(caller, &hold)
                            .await
                            .map(|()| Reserved::Already(hold));
                    }
                    None if backoff.pause().await => continue,
                    None => {
                        return Err(Error::unavailable(
                            "the caller's own hold changed under every look at it",
                        ));
                    }
                }
            }
            if let Some(error) = conflict_error(&claims, seats, caller.user) {
                return Err(error);
            }
            if overdue == Overdue::Busy && !claims.is_empty() {
                // Not live any more, and not sold yet: whoever is at them will have ended in a
                // moment.
                return Err(locked_error(
                    claims
                        .iter()
                        .flat_map(|hold| overlapping_seats(hold, seats))
                        .map(|seat| (seat, 1, false)),
                ));
            }
            attempts += 1;
            backoff.pause().await;
        }
        // Whatever was in the way went and came again: somebody is at these seats.
        Err(locked_error(seats.as_slice().iter().map(|seat| (*seat, 1, false))))
    }

    /// Counts the caller's holds after a new one. Redis is asked first: whatever was taken before
    /// this hold was written is in its count, which is never too low, and mostly says that there is
    /// nothing to count.
    async fn check_hold_limit_of_new(
        &self,
        caller: &Caller,
        hold: &Hold,
        taken: &Taken,
    ) -> Result<()> {
        let (app, user) = (caller.app_id(), caller.user);
        if !matches!(taken, Taken::All { .. }) {
            self.gate.note_unseen_hold(app);
        }
        let at_most =
            self.gate.held_seats_upper_bound(app, &hold.entity_id, user, self.hold_ttl).await;
        match at_most.filter(|_| matches!(taken, Taken::All { .. })) {
            Some(held) if held <= self.max_held_seats => Ok(()),
            _ => self.check_hold_limit(caller, hold).await,
        }
    }

    /// Counts the caller's holds once this one is written, in order of creation, so that of two at
    /// once the older stays: it is refused only if it and the older ones are too many.
    async fn check_hold_limit(&self, caller: &Caller, hold: &Hold) -> Result<()> {
        let live = self.store.reservations.live_to_count(caller.app_id(), caller.user).await?;
        let place = (hold.created_at, hold.id);
        let older = live.iter().filter(|other| (other.created_at, other.id) < place);
        let held: usize = older.map(|other| other.seat_ids.len()).sum();
        if held + hold.seat_ids.len() <= self.max_held_seats {
            return Ok(());
        }
        let live = self.store.reservations.live_for_user(caller.app_id(), caller.user).await?;
        let soonest =
            live.iter().filter(|other| other.id != hold.id).map(|other| other.remaining_ms()).min();
        Err(Error::new(
            Code::HoldLimitReached,
            format!("At most {} seats can be held at once", self.max_held_seats),
        )
        .retry_after(clock::others_seconds(soonest.unwrap_or(1_000))))
    }

    /// The caller's own hold, found again: its locks put back, and taken away once more if it ended
    /// meanwhile. `None` if a majority does not (or not yet) have it as a live one.
    async fn relock_hold(&self, hold: &Hold) -> Result<Option<Hold>> {
        let (seats, user) = (seats_of(hold), UserId::from(hold.user_id));
        self.gate
            .restore_locks(&hold.app_id, &seats, hold.reservation_token, user, hold.remaining_ms())
            .await;
        let found =
            self.store.reservations.find(&hold.app_id, user, hold.reservation_token).await?;
        let live = found.filter(Hold::is_live);
        if live.is_none() {
            self.gate
                .release_locks(&hold.app_id, &hold.entity_id, &seats, hold.reservation_token, None)
                .await;
        }
        Ok(live)
    }
}

/// All seats found, of one entity, none sold: the first of them.
fn check_basket<'a>(found: &'a [WantedSeat], wanted: &SeatIds) -> Result<&'a WantedSeat> {
    let Some(first) = found.first() else { return Err(Code::SeatNotFound.into()) };
    if found.iter().any(|seat| seat.entity_id != first.entity_id) {
        return Err(Error::field("seatIds", "must be seats of one entity"));
    }
    if found.len() < wanted.as_slice().len() {
        return Err(Code::SeatNotFound.into());
    }
    let sold: Vec<_> = found
        .iter()
        .filter(|seat| seat.status == SeatStatus::Booked)
        .map(|seat| Conflict::booked(seat.id))
        .collect();
    if sold.is_empty() { Ok(first) } else { Err(Error::conflicts(Code::SeatAlreadyBooked, &sold)) }
}

/// What the claims on a basket come to, if any is in the way.
fn conflict_error(claims: &[Hold], wanted: &SeatIds, user: UserId) -> Option<Error> {
    let sold = claims.iter().filter(|hold| hold.status == HoldStatus::Confirmed);
    let sold: Vec<_> =
        sold.flat_map(|hold| overlapping_seats(hold, wanted)).map(Conflict::booked).collect();
    if !sold.is_empty() {
        return Some(Error::conflicts(Code::SeatAlreadyBooked, &sold));
    }
    let held: Vec<_> = claims
        .iter()
        .filter(|hold| hold.is_live())
        .flat_map(|hold| {
            let mine = hold.user_id == user.object_id();
            let seconds = if mine {
                clock::own_seconds(hold.remaining_ms())
            } else {
                clock::others_seconds(hold.remaining_ms())
            };
            overlapping_seats(hold, wanted).into_iter().map(move |seat| (seat, seconds, mine))
        })
        .collect();
    (!held.is_empty()).then(|| locked_error(held))
}

/// Those of the wanted seats that a hold is on.
fn overlapping_seats(hold: &Hold, wanted: &SeatIds) -> Vec<SeatId> {
    wanted
        .as_slice()
        .iter()
        .copied()
        .filter(|seat| hold.seat_ids.contains(&seat.object_id()))
        .collect()
}

fn locked_error(seats: impl IntoIterator<Item = (SeatId, u64, bool)>) -> Error {
    let seats =
        seats.into_iter().map(|(seat, seconds, mine)| Conflict::locked(seat, seconds, mine));
    Error::conflicts(Code::SeatAlreadyLocked, &seats.collect::<Vec<_>>())
}
