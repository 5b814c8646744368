//! The objects in the bodies of webhooks that no response shows in this form.

use super::{TimestampView, bookings::HeldSeatView};
use crate::{
    domain::{AppId, BookingId, Currency, EntityId, PaymentId, ReservationToken, UserId},
    store::{
        bookings::Stored,
        refunds::{Refund, RefundStatus},
        reservations::{Hold, HoldStatus},
    },
};
use serde::{Deserialize, Serialize};

/// A hold in an event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HoldEvent {
    app_id: AppId,
    version: i64,
    reservation_token: ReservationToken,
    entity_id: EntityId,
    user_id: UserId,
    status: HoldStatus,
    seats: Vec<HeldSeatView>,
    amount: i64,
    currency: Currency,
    expires_at: TimestampView,
    /// Whether its payment was started.
    paying: bool,
}

impl HoldEvent {
    pub(crate) fn new(hold: Hold, paying: bool) -> Self {
        Self {
            app_id: hold.app_id,
            version: hold.version,
            reservation_token: hold.reservation_token,
            entity_id: hold.entity_id,
            user_id: hold.user_id.into(),
            status: hold.status,
            seats: hold.seats.into_iter().map(HeldSeatView::from).collect(),
            amount: hold.amount,
            currency: hold.currency,
            expires_at: hold.expires_at.into(),
            paying,
        }
    }
}

/// A refund in an event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundEvent {
    app_id: AppId,
    version: i64,
    refund_id: String,
    booking_id: BookingId,
    payment_id: PaymentId,
    amount: i64,
    currency: Currency,
    status: Stored<RefundStatus>,
    created_at: TimestampView,
}

impl From<Refund> for RefundEvent {
    fn from(refund: Refund) -> Self {
        Self {
            app_id: refund.app_id,
            version: refund.version,
            refund_id: refund.refund_id,
            booking_id: refund.booking_id,
            payment_id: refund.payment_id,
            amount: refund.amount,
            currency: refund.currency,
            status: refund.status,
            created_at: refund.created_at.into(),
        }
    }
}

/// All that is left of an entity that was deleted after the event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeletedEntityEvent {
    app_id: AppId,
    entity_id: EntityId,
    version: i64,
}
