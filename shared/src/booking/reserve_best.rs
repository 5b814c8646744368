//! Reserving the best seats for a buyer who names none: choose, take the locks of the first choice
//! whose seats are all free, then write the hold. A call that loses a race chooses again.

use super::{
    BookingService,
    best_available::{Choice, NotEnoughSeats, SeatRequest, choices_offered},
    conflicts::cooling_down_error,
    halls::ArrangedHall,
    reserve::{ChosenBy, Reserved},
    rules::refused_by_sales,
};
use crate::{
    auth::Caller,
    clock::Backoff,
    domain::{EntityId, ReservationToken, SeatId, SeatIds},
    error::{Code, Error, Result},
    locks::{FirstBasketOutcome, LockOutcome, LockedSeat},
    metrics,
    store::{halls::TakenSeats, reservations::Hold},
};
use serde_json::json;
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

const MAX_ROUNDS: u32 = 20;
/// How often a call that has lost too many seats tries them again, before its caller gets
/// `NOT_ENOUGH_SEATS`. A buyer who took a lock may still not get the hold.
const MAX_RETRIES_OF_LOST_SEATS: u32 = 3;

/// Seats that this call did not get. A read of the database may still show them as free.
#[derive(Debug, Default)]
struct Lost {
    seats: HashSet<SeatId>,
    /// For how many milliseconds the caller has to leave one of them to others.
    cooling_down_ms: Option<i64>,
}

impl Lost {
    /// Adds seats that others have locked, or that the caller has to leave to others.
    fn add_locked(&mut self, locked: &[LockedSeat]) {
        for row in locked {
            self.seats.insert(row.seat);
            if row.is_cooling_down {
                let ms = self.cooling_down_ms.unwrap_or(row.remaining_ms);
                self.cooling_down_ms = Some(ms.min(row.remaining_ms));
            }
        }
    }

    /// Adds the seats that the error names, or all of them if it names none.
    fn add_refused(&mut self, seats: &SeatIds, error: &Error) {
        let named: Vec<&SeatId> =
            seats.as_slice().iter().filter(|seat| error.names_seat(**seat)).collect();
        if named.is_empty() {
            self.seats.extend(seats.as_slice());
        } else {
            self.seats.extend(named);
        }
    }
}

/// A request for the best seats.
#[derive(Clone, Copy)]
struct BestRequest<'a> {
    caller: &'a Caller,
    entity: &'a EntityId,
    seats: SeatRequest<'a>,
    /// The request's idempotency key.
    request_key: Option<&'a str>,
}

/// Seats that the caller would like and that are perhaps free.
struct Candidate {
    seats: SeatIds,
    /// Whether they are side by side.
    adjacent: bool,
}

impl BookingService {
    /// Holds the best free seats for the caller. A repeat holds other seats, unless it has
    /// the same idempotency key.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`, `NOT_ENOUGH_SEATS`, and the errors of [`BookingService::reserve`]
    /// without its conflicts: the caller never learns which seats others got first.
    pub async fn reserve_best(
        &self,
        caller: &Caller,
        entity: &EntityId,
        seats: SeatRequest<'_>,
        request_key: Option<&str>,
    ) -> Result<Hold> {
        let (mut backoff, mut lost, mut retries) = (Backoff::default(), Lost::default(), 0);
        let request = BestRequest { caller, entity, seats, request_key };
        metrics::set_entity(entity);
        if let Some(hold) = self.hold_of_request(caller, request_key).await? {
            return self.check_earlier_hold(caller, hold).await;
        }
        for round in 0..MAX_ROUNDS {
            let (hall, taken) = self.hall_and_taken(caller.app_id(), entity).await?;
            if let Some(error) = refused_by_sales(Some(&taken.rules)) {
                return Err(error);
            }
            if taken.rules.seats_incomplete {
                return Err(not_enough(NotEnoughSeats { available: 0, largest_adjacent: 0 }));
            }
            match choose(&hall, &taken, seats, &lost, round) {
                Ok(candidates) => {
                    let hall = (&hall, &taken);
                    if let Some(hold) =
                        self.hold_first(request, hall, &candidates, &mut lost).await?
                    {
                        return Ok(hold);
                    }
                }
                Err(too_few) if lost.seats.is_empty() || retries == MAX_RETRIES_OF_LOST_SEATS => {
                    return Err(match lost.cooling_down_ms {
                        Some(ms) => cooling_down_error(ms),
                        None => not_enough(too_few),
                    });
                }
                Err(_) => {
                    retries += 1;
                    lost = Lost::default();
                }
            }
            if !backoff.pause().await {
                break;
            }
        }
        Err(Error::unavailable("other buyers were faster at every attempt"))
    }

    /// The live hold that an earlier call with this key made, if that call died before it could
    /// respond.
    async fn hold_of_request(&self, caller: &Caller, key: Option<&str>) -> Result<Option<Hold>> {
        if key.is_none() {
            return Ok(None);
        }
        let live = self.store.reservations.live_for_user(caller.app_id(), caller.user).await?;
        match live.iter().find(|hold| hold.request_key.as_deref() == key) {
            Some(hold) => self.relock_hold(hold).await,
            None => Ok(None),
        }
    }

    /// Checks the limits for the hold of an earlier call, which may have died before it did so.
    async fn check_earlier_hold(&self, caller: &Caller, hold: Hold) -> Result<Hold> {
        let taken = self.store.taken_seats(caller.app_id(), &hold.entity_id).await?;
        self.check_limits_of_found(hold, taken.as_ref().map(|taken| &taken.rules)).await
    }

    /// Holds the first candidate whose seats are free. `None`: choose again, without the seats
    /// that others got, which are now in `lost`.
    async fn hold_first(
        &self,
        request: BestRequest<'_>,
        (hall, taken): (&Arc<ArrangedHall>, &TakenSeats),
        candidates: &[Candidate],
        lost: &mut Lost,
    ) -> Result<Option<Hold>> {
        let BestRequest { caller, entity, seats: SeatRequest { max_price, .. }, request_key } =
            request;
        let token = ReservationToken::generate();
        let ttl = taken.rules.hold_ttl().unwrap_or(self.hold_ttl);
        let locked = self.lock_first(caller, candidates, token, ttl, lost).await;
        let Some((&Candidate { ref seats, adjacent }, locks)) = locked else { return Ok(None) };
        let chosen_by = ChosenBy::Us { max_price, adjacent, request_key };
        match self.hold_taken(caller, seats, token, &locks, chosen_by).await {
            Ok(Reserved::New(hold)) => Ok(Some(hold)),
            // Another call of the same caller has just made this hold.
            Ok(Reserved::Already(_)) => {
                lost.seats.extend(seats.as_slice());
                Ok(None)
            }
            Err(error) if chosen_by.is_lost(error.code()) => {
                if error.code() == Code::SeatNotFound {
                    // The removal may have died before it raised `seatsVersion`.
                    self.halls.forget((caller.app_id(), entity), hall);
                }
                lost.add_refused(seats, &error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Takes the locks of the first candidate whose seats nobody has locked. Without Redis, chooses
    /// the first candidate. `None`: no candidate can be locked, and the reasons are now in `lost`.
    async fn lock_first<'a>(
        &self,
        caller: &Caller,
        candidates: &'a [Candidate],
        token: ReservationToken,
        ttl: Duration,
        lost: &mut Lost,
    ) -> Option<(&'a Candidate, LockOutcome)> {
        let app = caller.app_id();
        let baskets: Vec<SeatIds> = candidates.iter().map(|next| next.seats.clone()).collect();
        let started = Instant::now();
        let first = self.gate.take_first(app, &baskets, token, caller.user, ttl).await;
        if !matches!(first, FirstBasketOutcome::Skipped) {
            metrics::record_lock_time(started.elapsed());
        }
        let (index, locks) = match first {
            FirstBasketOutcome::Basket { index, own } => (index, LockOutcome::All { own }),
            FirstBasketOutcome::Skipped => (0, LockOutcome::Skipped),
            FirstBasketOutcome::Unknown => {
                let others: Vec<SeatId> =
                    baskets.iter().skip(1).flat_map(|seats| seats.as_slice()).copied().collect();
                if !others.is_empty() {
                    let unknown = LockOutcome::Unknown;
                    self.gate.give_back_locks(app, &others, token, &unknown, None).await;
                }
                (0, LockOutcome::Unknown)
            }
            FirstBasketOutcome::None(locked) => {
                lost.add_locked(&locked);
                return None;
            }
        };
        candidates.get(index).map(|candidate| (candidate, locks))
    }
}

/// The best candidates, best first.
fn choose(
    hall: &ArrangedHall,
    taken: &TakenSeats,
    request: SeatRequest<'_>,
    lost: &Lost,
    round: u32,
) -> Result<Vec<Candidate>, NotEnoughSeats> {
    let request = SeatRequest { release_accessible: taken.release_accessible, ..request };
    let free = hall.free(taken, &lost.seats);
    let count = choices_offered(request.quantity, round);
    let choices = if round == 0 {
        hall.hall.choose(&free, &request, count, None)
    } else {
        hall.hall.choose(&free, &request, count, Some(&mut rand::rng()))
    };
    let candidate = |choice: Choice| {
        let seats = choice.seats.into_iter().map(|index| hall.id(index)).collect();
        // A choice has 1 to 10 distinct seats.
        let seats = SeatIds::new(seats).ok()?;
        Some(Candidate { seats, adjacent: choice.adjacent })
    };
    Ok(choices?.into_iter().filter_map(candidate).collect())
}

fn not_enough(too_few: NotEnoughSeats) -> Error {
    let NotEnoughSeats { available, largest_adjacent } = too_few;
    Error::from(Code::NotEnoughSeats)
        .with_details(json!({"available": available, "largestAdjacent": largest_adjacent}))
}
