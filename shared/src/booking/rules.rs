//! What an entity's settings allow: when its seats can be held, and how many by one user.

use super::BookingService;
use crate::{
    domain::SeatId,
    error::{Code, Error, Result},
    store::{
        entities::Sales,
        reservations::{Hold, HoldStatus},
        wanted_seats::{SalesRules, WantedSeat, WantedSeats},
    },
};
use serde_json::json;

/// Which of a user's other holds count against the limit in an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// Those that are older than the hold, and all booked ones. So of two new holds at once, the
    /// older one stays.
    Older,
    /// All others, whether held or booked.
    All,
}

impl BookingService {
    /// Checks how many seats the user of `hold` has in its entity, with `seats` of them in it.
    ///
    /// # Errors
    /// `SEAT_LIMIT_REACHED`.
    pub(super) async fn check_seat_limit(
        &self,
        rules: Option<&SalesRules>,
        hold: &Hold,
        seats: usize,
        others: Others,
    ) -> Result<()> {
        let Some(limit) = rules.and_then(|rules| rules.max_seats_per_user) else { return Ok(()) };
        let claims = self.store.reservations.claims_in_entity(hold).await?;
        let is_older = |other: &Hold| (other.created_at, other.id) < (hold.created_at, hold.id);
        let counts = |other: &&Hold| match other.status {
            _ if other.id == hold.id => false,
            HoldStatus::Active => other.is_live() && (others == Others::All || is_older(other)),
            HoldStatus::Confirmed => true,
            HoldStatus::Expired
            | HoldStatus::Released
            | HoldStatus::Cancelled
            | HoldStatus::Unknown => false,
        };
        let has: usize = claims.iter().filter(counts).map(|other| other.seat_ids.len()).sum();
        if has + seats <= limit { Ok(()) } else { Err(over_limit(limit)) }
    }
}

/// The error for more seats than a user can ever have in the entity.
pub(super) fn refused_by_limit(rules: Option<&SalesRules>, seats: usize) -> Option<Error> {
    rules?.max_seats_per_user.filter(|limit| seats > *limit).map(over_limit)
}

fn over_limit(limit: usize) -> Error {
    let message = format!("A user can have at most {limit} seats of this entity");
    Error::new(Code::SeatLimitReached, message).with_details(json!({"limit": limit}))
}

/// The wanted seats and the rules of their one entity.
///
/// # Errors
/// `SEAT_NOT_FOUND`, or `VALIDATION_ERROR` for seats of more than one entity.
pub(super) fn in_one_entity<'a>(
    wanted: &'a [WantedSeats],
    seats: &[SeatId],
) -> Result<(&'a [WantedSeat], Option<&'a SalesRules>)> {
    match wanted {
        [] => Err(Code::SeatNotFound.into()),
        [entity] if entity.seats.len() < seats.len() => Err(Code::SeatNotFound.into()),
        [entity] => Ok((&entity.seats, entity.rules())),
        _ => Err(Error::field("seatIds", "must be seats of one entity")),
    }
}

/// The error for seats that cannot be held now.
pub(super) fn refused_by_sales(rules: Option<&SalesRules>) -> Option<Error> {
    let code = match rules.map_or(Sales::Open, SalesRules::sales) {
        Sales::Open => return None,
        Sales::NotYet { opens_at } => {
            let details = json!({"opensAt": opens_at.to_rfc3339()});
            return Some(Error::from(Code::SalesNotOpen).with_details(details));
        }
        Sales::Closed => Code::SalesClosed,
        Sales::Paused => Code::SalesPaused,
        Sales::Cancelled => Code::EntityCancelled,
    };
    Some(code.into())
}

/// Whether an error says that nobody can hold the seats now. Then the attempt counts no hold cycle.
pub(super) fn is_of_sales(code: Code) -> bool {
    matches!(
        code,
        Code::SalesNotOpen
            | Code::SalesClosed
            | Code::SalesPaused
            | Code::EntityCancelled
            | Code::SeatNotForSale
    )
}
