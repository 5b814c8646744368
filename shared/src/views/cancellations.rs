//! Cancellations and refunds in responses.

use super::TimestampView;
use crate::{
    booking::Quote,
    domain::{CancellationRefusal, Currency, SeatId},
    store::{
        bookings::{Booking, Stored},
        cancellations::{Cancellation, CancelledBy},
        refunds::{Refund, RefundStatus},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a cancellation would give back now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CancellationQuote)]
pub struct QuoteView {
    /// Whether the caller can cancel these seats now.
    allowed: bool,
    /// Why not; absent if `allowed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<CancellationRefusal>,
    /// The seats that would be cancelled.
    seat_ids: Vec<SeatId>,
    /// Price of these seats, in the currency's minor unit.
    #[schema(minimum = 0)]
    paid: i64,
    /// The part of `paid` that is kept as a fee.
    #[schema(minimum = 0)]
    fee: i64,
    /// What goes back to the buyer.
    #[schema(minimum = 0)]
    refund: i64,
    /// Currency of the amounts, an ISO 4217 code.
    currency: Currency,
    /// From this time on less goes back, or nothing; absent if that never happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes_at: Option<TimestampView>,
}

impl From<Quote> for QuoteView {
    fn from(quote: Quote) -> Self {
        Self {
            allowed: quote.refusal.is_none(),
            reason: quote.refusal,
            seat_ids: quote.seats.into_iter().map(SeatId::from).collect(),
            paid: quote.shares.paid,
            fee: quote.shares.fee,
            refund: quote.shares.refund,
            currency: quote.currency,
            changes_at: quote.changes_at.map(TimestampView::from),
        }
    }
}

/// A cancellation of some or all seats of a booking.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Cancellation)]
pub(super) struct CancellationView {
    /// When the seats were cancelled.
    at: TimestampView,
    /// Who has cancelled: the buyer, an admin, or the cancellation of the whole entity.
    by: CancelledBy,
    /// The seats that were cancelled together.
    seat_ids: Vec<SeatId>,
    /// Price of these seats, in the currency's minor unit.
    #[schema(minimum = 0)]
    paid: i64,
    /// The part of `paid` that was kept as a fee.
    #[schema(minimum = 0)]
    fee: i64,
    /// What else the organiser kept of `paid`.
    #[schema(minimum = 0)]
    kept: i64,
    /// What goes back to the buyer.
    #[schema(minimum = 0)]
    refund: i64,
}

impl From<Cancellation> for CancellationView {
    fn from(one: Cancellation) -> Self {
        Self {
            at: one.at.into(),
            by: one.by,
            seat_ids: one.seat_ids.into_iter().map(SeatId::from).collect(),
            paid: one.shares.paid,
            fee: one.shares.fee,
            kept: one.shares.kept,
            refund: one.shares.refund,
        }
    }
}

/// A refund of a booking's payment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BookingRefund)]
pub(super) struct BookingRefundView {
    /// Id of the refund.
    refund_id: String,
    /// Amount of the refund, in the currency's minor unit.
    #[schema(minimum = 0)]
    amount: i64,
    /// Whether the provider has paid the refund.
    #[schema(value_type = RefundStatus)]
    status: Stored<RefundStatus>,
    /// When it was put on record.
    created_at: TimestampView,
}

impl From<Refund> for BookingRefundView {
    fn from(refund: Refund) -> Self {
        Self {
            refund_id: refund.refund_id,
            amount: refund.amount,
            status: refund.status,
            created_at: refund.created_at.into(),
        }
    }
}

/// How much of a payment was given back. `NONE`: nothing. `PENDING`: a refund is on its way.
/// `PARTIAL`: a part. `REFUNDED`: everything. `FAILED`: a refund could not be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum RefundSummary {
    None,
    Pending,
    Partial,
    Refunded,
    Failed,
}

/// What the refunds of a booking come to, and what was paid back.
pub(super) fn summary(booking: &Booking) -> (RefundSummary, i64) {
    let refunds = || booking.refunds.iter().filter(|refund| refund.retried_by.is_none());
    let any = |status| refunds().any(|refund| refund.status == status);
    let back = refunds().filter(|refund| refund.status == RefundStatus::Succeeded);
    let back: i64 = back.map(|refund| refund.amount).sum();
    let summary = if any(RefundStatus::Failed) {
        RefundSummary::Failed
    } else if any(RefundStatus::Pending) || any(RefundStatus::Submitted) {
        RefundSummary::Pending
    } else if back == 0 {
        RefundSummary::None
    } else if back >= booking.paid_amount() {
        RefundSummary::Refunded
    } else {
        RefundSummary::Partial
    };
    (summary, back)
}
