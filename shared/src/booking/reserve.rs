//! Reserving: take the locks of all seats or none, then write the hold. A unique index in MongoDB
//! decides who gets a seat.

use super::{
    BookingService,
    conflicts::{
        check_unsold, conflict_error, locked_error, off_sale_error, overlapping_seats,
        refused_by_gate,
    },
    hold_limits::is_limit,
    rules::{in_one_entity, is_off_sale, refused_by_limit, refused_by_sales},
    seats_of,
};
use crate::{
    auth::Caller,
    clock::Backoff,
    domain::{ReservationToken, SeatId, SeatIds, UserId},
    error::{Code, Conflict, Error, Result},
    locks::LockOutcome,
    metrics::{self, Metric},
    store::{
        held_seats::{Basket, HeldSeat},
        hold_ends::Overdue,
        reservations::{Hold, NewHold},
        wanted_seats::{SalesRules, WantedSeat},
    },
};
use std::time::Instant;

/// How often a hold is written again after the conflicting hold has gone.
const MAX_ATTEMPTS: usize = 3;
/// The `expiresIn` of a seat that another call is working on: it will decide within a moment.
const BUSY_SECONDS: u64 = 1;

/// The outcome of a reservation.
#[derive(Debug)]
pub enum Reserved {
    /// A hold that this call made.
    New(Hold),
    /// The caller already held exactly these seats.
    Already(Hold),
}

/// Who chose the seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChosenBy<'a> {
    /// The caller, who gets an error for every conflict.
    Caller,
    /// This service, which chooses again if others got the seats.
    Us {
        /// The most that a seat may cost.
        max_price: Option<i64>,
        /// Whether the seats are side by side.
        adjacent: bool,
        /// The request's idempotency key. A repeat finds the hold by it.
        request_key: Option<&'a str>,
    },
}

impl<'a> ChosenBy<'a> {
    /// Whether an error means that the service has to choose other seats.
    pub(super) fn is_lost(self, code: Code) -> bool {
        self != Self::Caller
            && matches!(
                code,
                Code::SeatNotFound
                    | Code::SeatAlreadyBooked
                    | Code::SeatAlreadyLocked
                    | Code::SeatNotForSale
            )
    }

    fn request_key(self) -> Option<&'a str> {
        match self {
            Self::Caller => None,
            Self::Us { request_key, .. } => request_key,
        }
    }

    fn adjacent(self) -> Option<bool> {
        match self {
            Self::Caller => None,
            Self::Us { adjacent, .. } => Some(adjacent),
        }
    }

    /// A seat whose price rose after it was chosen is not what was asked for.
    fn check_prices(self, found: &[WantedSeat]) -> Result<()> {
        match self {
            Self::Us { max_price: Some(max), .. } if found.iter().any(|seat| seat.price > max) => {
                Err(Code::SeatNotFound.into())
            }
            _ => Ok(()),
        }
    }
}

impl BookingService {
    /// Holds all of `seats` for the caller, or none.
    ///
    /// # Errors
    /// `SEAT_NOT_FOUND`, `SEAT_ALREADY_BOOKED`, `SEAT_ALREADY_LOCKED`, `SEAT_NOT_FOR_SALE`,
    /// `SEAT_LIMIT_REACHED`, `HOLD_LIMIT_REACHED`, the errors of an entity that is not on sale,
    /// and `VALIDATION_ERROR` for seats of more than one entity. `RATE_LIMITED` for a seat that the
    /// caller has held and given back too often.
    pub async fn reserve(&self, caller: &Caller, seats: &SeatIds) -> Result<Reserved> {
        let (app, user) = (caller.app_id(), caller.user);
        let token = ReservationToken::generate();
        let started = Instant::now();
        let taken = self.gate.take_locks(app, seats.as_slice(), token, user, self.hold_ttl).await;
        if !matches!(taken, LockOutcome::Skipped) {
            metrics::record_lock_time(started.elapsed());
        }
        if let Some(error) = refused_by_gate(&taken) {
            return Err(error);
        }
        self.hold_taken(caller, seats, token, &taken, ChosenBy::Caller).await
    }

    /// Writes the hold of seats whose locks were taken. If it fails, gives the locks back.
    pub(super) async fn hold_taken(
        &self,
        caller: &Caller,
        seats: &SeatIds,
        token: ReservationToken,
        taken: &LockOutcome,
        chosen_by: ChosenBy<'_>,
    ) -> Result<Reserved> {
        let app = caller.app_id();
        let mut reserved = self.write_hold(caller, seats, token, taken, chosen_by).await;
        match &reserved {
            Ok(Reserved::New(hold)) => {
                metrics::count(Metric::HoldsCreated);
                // The caller's locks from an earlier attempt carry another token, and nothing would
                // ever release them. So they get this hold's token. Locks end with their hold,
                // which may last longer or shorter than those that were taken.
                let is_usual = hold.remaining_ms() == self.hold_ttl.as_millis() as i64;
                let is_taken = matches!(taken, LockOutcome::All { .. });
                if matches!(taken, LockOutcome::All { own: true } | LockOutcome::Unknown)
                    || (is_taken && !is_usual)
                {
                    // Best effort: the hold exists even if this fails.
                    let _ = self.relock_hold(hold).await;
                }
            }
            Err(error) if !chosen_by.is_lost(error.code()) => {
                self.give_back_after_failure(caller, seats.as_slice(), token, taken, error).await
            }
            Ok(Reserved::Already(_)) | Err(_) => {
                self.gate.give_back_locks(app, seats.as_slice(), token, taken, None).await
            }
        }
        if let Ok(Reserved::New(hold) | Reserved::Already(hold)) = &mut reserved {
            self.store.fill_seats(std::slice::from_mut(hold)).await?;
        }
        reserved
    }

    /// Deletes the locks of a failed attempt.
    ///
    /// A refusal ends a hold cycle on the seats that were free: for a moment others could not have
    /// them. A failure on our side does not count, because the caller is meant to retry.
    pub(super) async fn give_back_after_failure(
        &self,
        caller: &Caller,
        seats: &[SeatId],
        token: ReservationToken,
        taken: &LockOutcome,
        error: &Error,
    ) {
        let costs_nothing = error.code().status() >= 500 || is_off_sale(error.code());
        let (uncounted, counted): (Vec<_>, Vec<_>) =
            seats.iter().partition(|seat| costs_nothing || error.names_seat(**seat));
        for (seats, cycle) in [(uncounted, None), (counted, Some(self.hold_cycle(caller.user)))] {
            if !seats.is_empty() {
                self.gate.give_back_locks(caller.app_id(), &seats, token, taken, cycle).await;
            }
        }
    }

    /// Writes the hold, and resolves whatever claims its seats.
    async fn write_hold(
        &self,
        caller: &Caller,
        seats: &SeatIds,
        token: ReservationToken,
        taken: &LockOutcome,
        chosen_by: ChosenBy<'_>,
    ) -> Result<Reserved> {
        let app = caller.app_id();
        let ids = seats.object_ids();
        let wanted = self.store.seats.wanted(app, &ids).await?;
        let (found, rules) = in_one_entity(&wanted, seats.as_slice())?;
        let first = found.first().ok_or(Code::SeatNotFound)?;
        metrics::set_entity(&first.entity_id);
        if let Some(error) = refused_by_sales(rules) {
            return self.own_hold_or(caller, seats, error).await;
        }
        check_unsold(found)?;
        if let Some(error) = off_sale_error(found, rules) {
            return self.own_hold_or(caller, seats, error).await;
        }
        // Check this before the hold is written: after the first hold, an entity cannot be deleted.
        if let Some(error) = refused_by_limit(rules, ids.len()) {
            return self.own_hold_or(caller, seats, error).await;
        }
        chosen_by.check_prices(found)?;
        let new = NewHold {
            token,
            user: caller.user,
            app,
            entity: &first.entity_id,
            basket: basket_of(seats, &found.iter().map(HeldSeat::from).collect::<Vec<_>>()),
            currency: &first.currency,
            ttl: rules.and_then(SalesRules::hold_ttl).unwrap_or(self.hold_ttl),
            adjacent: chosen_by.adjacent(),
            request_key: chosen_by.request_key(),
            terms: rules.and_then(SalesRules::terms),
        };
        self.claim(caller, seats, &new, taken, rules).await
    }

    /// Writes the hold. If it cannot, returns the caller's own hold of these seats, or an error
    /// that names the seats that others have.
    async fn claim(
        &self,
        caller: &Caller,
        seats: &SeatIds,
        new: &NewHold<'_>,
        taken: &LockOutcome,
        rules: Option<&SalesRules>,
    ) -> Result<Reserved> {
        let (app, ids) = (caller.app_id(), seats.object_ids());
        let mut backoff = Backoff::default();
        let mut attempts = 0;
        while attempts < MAX_ATTEMPTS {
            let began = Instant::now();
            if let Some(hold) = self.store.reservations.claim(new).await? {
                let hold = hold.after_write(began.elapsed());
                return self.check_new(caller, hold, taken, rules).await;
            }
            let overdue = self.expire_overdue_on(app, &ids).await?;
            if matches!(overdue, Overdue::Marked(1..)) {
                continue;
            }
            let claims = self.store.reservations.claims(app, &ids).await?;
            if let Some(hold) = own_hold(&claims, caller, seats) {
                match self.relock_hold(hold).await? {
                    Some(hold) => {
                        let checked = self.check_limits_of_repeat(hold, rules).await;
                        return checked.map(Reserved::Already);
                    }
                    None if backoff.pause().await => continue,
                    None => {
                        return Err(Error::unavailable(
                            "the caller's own hold changed at every attempt to read it",
                        ));
                    }
                }
            }
            if let Some(error) = conflict_error(&claims, seats, caller.user) {
                return Err(error);
            }
            if overdue == Overdue::Busy && !claims.is_empty() {
                // These holds have run out and are not sold. A transaction that ends in a moment
                // still works on them.
                let busy = claims.iter().flat_map(|hold| overlapping_seats(hold, seats));
                return Err(busy_error(busy));
            }
            attempts += 1;
            backoff.pause().await;
        }
        // The conflicting hold went and came back at every attempt. Somebody else wants these
        // seats.
        Err(busy_error(seats.as_slice().iter().copied()))
    }

    /// Undoes a new hold that exceeds a limit.
    async fn check_new(
        &self,
        caller: &Caller,
        hold: Hold,
        taken: &LockOutcome,
        rules: Option<&SalesRules>,
    ) -> Result<Reserved> {
        if !hold.is_live() {
            return Err(Error::unavailable("the hold ended before it could be returned"));
        }
        let began = Instant::now();
        let counted = self.check_limits_of_new(caller, &hold, taken, rules).await;
        if matches!(&counted, Err(error) if is_limit(error.code())) {
            let holds = &self.store.reservations;
            holds.release(caller.app_id(), caller.user, hold.reservation_token).await?;
        }
        // The check may have waited for younger holds. That wait has used up some of the hold's
        // time.
        counted.map(|()| Reserved::New(hold.after_write(began.elapsed())))
    }

    /// The caller's own live hold of exactly these seats, or else `error`. Conflicts come
    /// before `SEAT_NOT_FOR_SALE` and `SEAT_LIMIT_REACHED`.
    async fn own_hold_or(
        &self,
        caller: &Caller,
        seats: &SeatIds,
        error: Error,
    ) -> Result<Reserved> {
        let ids = seats.object_ids();
        let claims = self.store.reservations.claims(caller.app_id(), &ids).await?;
        match own_hold(&claims, caller, seats) {
            Some(hold) => self.relock_hold(hold).await?.map(Reserved::Already).ok_or(error),
            None if matches!(error.code(), Code::SeatNotForSale | Code::SeatLimitReached) => {
                Err(conflict_error(&claims, seats, caller.user).unwrap_or(error))
            }
            None => Err(error),
        }
    }

    /// Sets the locks of the caller's own hold again, and reads the hold again. If it has ended,
    /// the locks are deleted. `None` if a majority read does not show it as live, or not yet.
    pub(super) async fn relock_hold(&self, hold: &Hold) -> Result<Option<Hold>> {
        let (seats, user) = (seats_of(hold), UserId::from(hold.user_id));
        self.gate
            .restore_locks(&hold.app_id, &seats, hold.reservation_token, user, hold.remaining_ms())
            .await;
        let found =
            self.store.reservations.find(&hold.app_id, user, hold.reservation_token).await?;
        let live = found.filter(Hold::is_live);
        // Release the locks of seats that the hold does not have, or no longer has.
        let has = |seat: &SeatId| {
            live.as_ref().is_some_and(|hold| hold.seat_ids.contains(&seat.object_id()))
        };
        let stale: Vec<SeatId> = seats.into_iter().filter(|seat| !has(seat)).collect();
        if !stale.is_empty() {
            self.gate
                .release_locks(&hold.app_id, &hold.entity_id, &stale, hold.reservation_token, None)
                .await;
        }
        Ok(live.filter(|live| live.version == hold.version))
    }
}

/// The caller's live hold of exactly these seats.
fn own_hold<'a>(claims: &'a [Hold], caller: &Caller, seats: &SeatIds) -> Option<&'a Hold> {
    let user = caller.user.object_id();
    let mut own = claims.iter().filter(|hold| hold.user_id == user && hold.is_live());
    own.find(|hold| seats.is_exactly(&hold.seat_ids))
}

/// The error for seats that another call is working on.
fn busy_error(seats: impl Iterator<Item = SeatId>) -> Error {
    locked_error(seats.map(|seat| Conflict::locked(seat, BUSY_SECONDS, false)))
}

/// The wanted seats in the order of the request, as far as they are `known`.
pub(super) fn basket_of(wanted: &SeatIds, known: &[HeldSeat]) -> Basket {
    let seat = |id: &SeatId| known.iter().find(|seat| seat.seat_id == id.object_id()).cloned();
    Basket(wanted.as_slice().iter().filter_map(seat).collect())
}
