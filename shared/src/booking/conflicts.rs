//! The errors for seats that somebody else has, or that are not for sale.

use crate::{
    clock,
    domain::{SeatId, SeatIds, UserId},
    error::{Code, Conflict, Error, Result},
    locks::LockOutcome,
    metrics::{self, Metric},
    store::{
        reservations::{Hold, HoldStatus},
        seats::SeatStatus,
        wanted_seats::{SalesRules, WantedSeat},
    },
};

/// The error if the gate refused the locks of a basket.
pub(super) fn refused_by_gate(taken: &LockOutcome) -> Option<Error> {
    match taken {
        LockOutcome::Refused(held) => {
            metrics::count(Metric::LockContended);
            let conflict =
                |(seat, ms): &(_, _)| Conflict::locked(*seat, clock::others_seconds(*ms), false);
            Some(locked_error(held.iter().map(conflict)))
        }
        LockOutcome::CoolingDown(ms) => Some(cooling_down_error(*ms)),
        LockOutcome::All { .. } | LockOutcome::Unknown | LockOutcome::Skipped => None,
    }
}

/// The error for a seat that the caller has to leave to others for `ms` more milliseconds.
pub(super) fn cooling_down_error(ms: i64) -> Error {
    let message = "You have held and released this seat too often: wait before you hold it again";
    Error::new(Code::RateLimited, message).retry_after(clock::others_seconds(ms))
}

/// Fails with `SEAT_ALREADY_BOOKED` if a seat is sold.
pub(super) fn check_unsold(found: &[WantedSeat]) -> Result<()> {
    let sold: Vec<_> = found
        .iter()
        .filter(|seat| seat.status != SeatStatus::Available)
        .map(|seat| Conflict::booked(seat.id))
        .collect();
    if sold.is_empty() { Ok(()) } else { Err(Error::conflicts(Code::SeatAlreadyBooked, &sold)) }
}

/// The error for seats that the organiser does not sell now. Conflicts come before it.
pub(super) fn off_sale_error(found: &[WantedSeat], rules: Option<&SalesRules>) -> Option<Error> {
    let incomplete = rules.is_some_and(|rules| rules.seats_incomplete);
    let off_sale = found.iter().filter(|seat| seat.not_for_sale || incomplete);
    let off_sale: Vec<_> = off_sale.map(|seat| Conflict::not_for_sale(seat.id)).collect();
    (!off_sale.is_empty()).then(|| Error::conflicts(Code::SeatNotForSale, &off_sale))
}

/// The error for the claims on a basket, if one conflicts.
pub(super) fn conflict_error(claims: &[Hold], wanted: &SeatIds, user: UserId) -> Option<Error> {
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
            overlapping_seats(hold, wanted)
                .into_iter()
                .map(move |seat| Conflict::locked(seat, seconds, mine))
        })
        .collect();
    (!held.is_empty()).then(|| locked_error(held))
}

/// The wanted seats that a hold covers.
pub(super) fn overlapping_seats(hold: &Hold, wanted: &SeatIds) -> Vec<SeatId> {
    wanted
        .as_slice()
        .iter()
        .copied()
        .filter(|seat| hold.seat_ids.contains(&seat.object_id()))
        .collect()
}

pub(super) fn locked_error(conflicts: impl IntoIterator<Item = Conflict>) -> Error {
    Error::conflicts(Code::SeatAlreadyLocked, &conflicts.into_iter().collect::<Vec<_>>())
}
