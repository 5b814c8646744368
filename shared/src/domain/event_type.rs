//! What can happen to a tenant's holds, bookings, refunds and entities, as its webhooks name it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The type of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum EventType {
    /// A buyer holds seats.
    #[serde(rename = "hold.created")]
    HoldCreated,
    /// The seats or the payment of a hold have changed.
    #[serde(rename = "hold.changed")]
    HoldChanged,
    /// A hold was given back.
    #[serde(rename = "hold.released")]
    HoldReleased,
    /// A hold ran out.
    #[serde(rename = "hold.expired")]
    HoldExpired,
    /// A booking was made: its seats are sold.
    #[serde(rename = "booking.confirmed")]
    BookingConfirmed,
    /// Seats of a booking were cancelled.
    #[serde(rename = "booking.cancelled")]
    BookingCancelled,
    /// A payment was declined.
    #[serde(rename = "payment.failed")]
    PaymentFailed,
    /// Money goes back to a buyer: the payment bought nothing, or an admin decided it.
    #[serde(rename = "refund.due")]
    RefundDue,
    /// A refund was paid.
    #[serde(rename = "refund.succeeded")]
    RefundSucceeded,
    /// A refund could not be paid.
    #[serde(rename = "refund.failed")]
    RefundFailed,
    /// The settings of an entity were made or changed.
    #[serde(rename = "entity.updated")]
    EntityUpdated,
    /// An entity was cancelled.
    #[serde(rename = "entity.cancelled")]
    EntityCancelled,
    /// A test event, which an organiser sends to an endpoint.
    #[serde(rename = "webhook.test")]
    WebhookTest,
}

impl EventType {
    /// All types, in the order of the documentation.
    pub const ALL: [Self; 13] = [
        Self::HoldCreated,
        Self::HoldChanged,
        Self::HoldReleased,
        Self::HoldExpired,
        Self::BookingConfirmed,
        Self::BookingCancelled,
        Self::PaymentFailed,
        Self::RefundDue,
        Self::RefundSucceeded,
        Self::RefundFailed,
        Self::EntityUpdated,
        Self::EntityCancelled,
        Self::WebhookTest,
    ];

    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HoldCreated => "hold.created",
            Self::HoldChanged => "hold.changed",
            Self::HoldReleased => "hold.released",
            Self::HoldExpired => "hold.expired",
            Self::BookingConfirmed => "booking.confirmed",
            Self::BookingCancelled => "booking.cancelled",
            Self::PaymentFailed => "payment.failed",
            Self::RefundDue => "refund.due",
            Self::RefundSucceeded => "refund.succeeded",
            Self::RefundFailed => "refund.failed",
            Self::EntityUpdated => "entity.updated",
            Self::EntityCancelled => "entity.cancelled",
            Self::WebhookTest => "webhook.test",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_the_same_name_everywhere() {
        for one in EventType::ALL {
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
            let read: EventType = serde_json::from_value(one.as_str().into()).unwrap();
            assert_eq!(read, one);
        }
    }
}
