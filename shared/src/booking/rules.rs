//! What an entity's settings allow: when its seats can be held, and how many in one hold.

use crate::{
    domain::SeatId,
    error::{Code, Error, Result},
    store::{
        entities::Sales,
        wanted_seats::{SalesRules, WantedSeat, WantedSeats},
    },
};
use serde_json::json;

/// The error for more seats than a user can ever have in the entity.
pub(super) fn refused_by_limit(rules: Option<&SalesRules>, seats: usize) -> Option<Error> {
    rules?.max_seats_per_user.filter(|limit| seats > *limit).map(over_limit)
}

/// The error for more seats than a user may have in the entity.
pub(super) fn over_limit(limit: usize) -> Error {
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

/// Whether an error says that nobody can hold the seats now. Such an attempt counts no hold cycle.
pub(super) fn is_off_sale(code: Code) -> bool {
    matches!(
        code,
        Code::SalesNotOpen
            | Code::SalesClosed
            | Code::SalesPaused
            | Code::EntityCancelled
            | Code::SeatNotForSale
    )
}
