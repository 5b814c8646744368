//! The domain types: ids, prices, texts, times. A value that was parsed is valid. No I/O.

mod admin_action;
mod bson;
mod cancellation;
mod currency;
mod entity;
mod event_type;
mod feed_key;
mod hash;
mod ids;
pub mod layout;
mod metadata;
mod objects;
mod origin;
mod page;
mod payment_id;
mod people;
mod precondition;
mod provider;
mod seat;
mod seat_place;
mod tenant;
mod text;
mod time;
mod webhook;
mod webhook_url;
mod whole;

pub use admin_action::{Actor, AdminAction, Reason, RefundAmount, RefundResolution, SeatsRefund};
pub use bson::ObjectId;
pub use cancellation::{
    CancellationPolicy, CancellationPolicyIn, CancellationRefusal, Rate, RefundChoice,
    RefundPercent, Shares,
};
pub use currency::Currency;
pub use entity::{
    Change, Description, EntityState, HoldSeconds, Quantity, ReadOnly, SeatLimit, TimeZone, Title,
    Venue,
};
pub use event_type::EventType;
pub use feed_key::FeedKey;
pub use hash::{KeyTag, SecretHash};
pub(crate) use ids::random_text;
pub use ids::{
    AppId, BookingId, EntityId, LayoutId, ReservationToken, SeatId, SeatIds, SecretKeyId, UserId,
};
pub use metadata::Metadata;
pub(crate) use objects::read_objects;
pub use origin::{Origin, OriginEntry};
pub use page::{Cursor, PageSize, SeatCursor};
pub use payment_id::PaymentId;
pub use people::{Email, LoginPassword, Name, NewPassword, Phone};
pub use precondition::Precondition;
pub use provider::PaymentProvider;
pub(crate) use seat::natural_order;
pub use seat::{NewSeat, NewSeats, Price, SeatNumber};
pub use seat_place::{SeatCategory, SeatFlags, SeatRow, SeatSection};
pub use tenant::{Domain, Overlap};
pub use time::{Instant, Timestamp};
pub use webhook::{DeliveryId, EventTypes, WebhookDescription, WebhookId};
pub use webhook_url::{AllowedHosts, WebhookUrl};
pub(crate) use webhook_url::{NOT_PUBLIC, is_public};

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

/// Implements `stored`, which reads a text from the database as it is. Earlier
/// versions accepted other forms.
///
/// Use it as `#[serde(deserialize_with = "Name::stored")]`.
macro_rules! stored {
    ($($name:ident),+) => {$(
        impl $name {
            /// A value from the database, which may have a form that no client can send (any more).
            pub(crate) fn stored<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer).map(Self)
            }
        }
    )+};
}
use stored;

/// Reads an optional field of a change that `null` must not clear. An absent field is `None`, and
/// `null` is an error.
///
/// Use it as `#[serde(default, deserialize_with = "not_null")]`.
pub(crate) fn not_null<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads a field with a default value: `null` is as if absent.
///
/// Use it as `#[serde(default, deserialize_with = "null_as_default")]`.
pub(crate) fn null_as_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: serde::Deserialize<'de> + Default,
    D: serde::Deserializer<'de>,
{
    <Option<T> as serde::Deserialize>::deserialize(deserializer).map(Option::unwrap_or_default)
}
