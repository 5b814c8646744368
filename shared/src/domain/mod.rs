//! The business's vocabulary as types. A value that was parsed is valid. No I/O.

mod bson;
mod hash;
mod ids;
mod metadata;
mod origin;
mod page;
mod people;
mod seat;
mod tenant;
mod time;

pub use bson::ObjectId;
pub use hash::{KeyTag, SecretHash};
pub(crate) use ids::random_text;
pub use ids::{AppId, BookingId, EntityId, PaymentId, ReservationToken, SeatId, SeatIds, UserId};
pub use metadata::Metadata;
pub use origin::{Origin, OriginEntry};
pub use page::{Cursor, PageSize, SeatCursor};
pub use people::{Email, LoginPassword, Name, NewPassword, Phone};
pub use seat::{Currency, NewSeat, NewSeats, Price, SeatNumber};
pub use tenant::{Domain, Overlap};
pub use time::{Instant, Timestamp};

/// Checks that text has `min` to `max` characters and no control characters.
fn text(raw: &str, min: usize, max: usize) -> Result<(), String> {
    let length = raw.chars().count();
    if length < min || length > max {
        return Err(format!("must have {min} to {max} characters"));
    }
    if raw.chars().any(char::is_control) {
        return Err("must not contain control characters".into());
    }
    Ok(())
}

/// Implements `Deserialize` for types that have a `parse`.
macro_rules! parsed {
    ($($name:ident),+) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw = <String as serde::Deserialize>::deserialize(deserializer)?;
                $name::parse(&raw).map_err(serde::de::Error::custom)
            }
        }
    )+};
}
use parsed;

/// Reads an optional field: absent is `None`, and `null` is an error.
///
/// Use it as `#[serde(default, deserialize_with = "not_null")]`.
pub(crate) fn not_null<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}
