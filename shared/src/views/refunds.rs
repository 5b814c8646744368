//! Refunds in responses to admins.

use super::TimestampView;
use crate::{
    domain::{AppId, BookingId, Currency, PaymentId},
    store::{
        bookings::Stored,
        refunds::{Refund, RefundCursor, RefundSource, RefundStatus, Settled},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// A refund of a booking's payment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AdminRefund)]
pub struct RefundView {
    /// Id of the refund. It is also the provider's idempotency key.
    refund_id: String,
    /// The tenant whose booking it is.
    app_id: AppId,
    /// Id of the booking.
    booking_id: BookingId,
    /// Id of the payment at the provider.
    payment_id: PaymentId,
    /// Amount of the refund, in the currency's minor unit.
    #[schema(minimum = 0)]
    amount: i64,
    /// Currency of the amount, an ISO 4217 code.
    currency: Currency,
    /// Whether the provider has paid the refund.
    #[schema(value_type = RefundStatus)]
    status: Stored<RefundStatus>,
    /// Whether this service made it, or the provider reported it.
    #[schema(value_type = RefundSource)]
    source: Stored<RefundSource>,
    /// The provider's id of a refund that this service did not make.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_refund_id: Option<String>,
    /// The refund that was made instead, after this one had failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    retried_by: Option<String>,
    /// The failed refund that this one replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_of: Option<String>,
    /// Present if an admin has paid it by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<SettledView>,
    /// When it was put on record.
    created_at: TimestampView,
    /// When its status last changed.
    updated_at: TimestampView,
}

impl From<Refund> for RefundView {
    fn from(refund: Refund) -> Self {
        Self {
            refund_id: refund.refund_id,
            app_id: refund.app_id,
            booking_id: refund.booking_id,
            payment_id: refund.payment_id,
            amount: refund.amount,
            currency: refund.currency,
            status: refund.status,
            source: refund.source.unwrap_or(Stored::Known(RefundSource::Api)),
            provider_refund_id: refund.provider_id,
            retried_by: refund.retried_by,
            retry_of: refund.retry_of,
            settled: refund.settled.map(SettledView::from),
            created_at: refund.created_at.into(),
            updated_at: refund.updated_at.into(),
        }
    }
}

/// The record that a failed refund was paid by hand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SettledRefund)]
struct SettledView {
    /// When that was recorded.
    at: TimestampView,
    /// `admin`, or the id of the tenant's secret key.
    actor: String,
    /// How the money was paid, as the person who recorded it wrote.
    note: String,
}

impl From<Settled> for SettledView {
    fn from(settled: Settled) -> Self {
        Self { at: settled.at.into(), actor: settled.actor, note: settled.note }
    }
}

/// A page of refunds, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundPage {
    /// The refunds, newest first.
    refunds: Vec<RefundView>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RefundCursor>)]
    next_cursor: Option<String>,
}

impl RefundPage {
    /// A page of refunds and the cursor of the next one.
    pub fn new((refunds, next): (Vec<Refund>, Option<RefundCursor>)) -> Self {
        let refunds = refunds.into_iter().map(RefundView::from).collect();
        Self { refunds, next_cursor: next.map(|next| next.encode()) }
    }
}
