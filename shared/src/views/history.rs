//! What admins did to a booking, and its disputes, in responses to admins.

use super::TimestampView;
use crate::{
    domain::{AdminAction, SeatId},
    store::{
        bookings::Stored,
        disputes::{Dispute, DisputeStatus},
        history::HistoryEntry,
        refunds::RefundSource,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// What an admin did to a booking or to one of its refunds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HistoryEntry)]
pub(super) struct HistoryEntryView {
    /// When the admin did it.
    at: TimestampView,
    /// `admin`, or the id of the tenant's secret key.
    actor: String,
    /// What the admin did.
    #[schema(value_type = AdminAction)]
    action: Stored<AdminAction>,
    /// Why, in the admin's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The refund that was made, made again or settled; absent if nothing went back.
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_id: Option<String>,
    /// The refund's amount, in the currency's minor unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    /// The seats that were cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    seat_ids: Option<Vec<SeatId>>,
}

impl From<HistoryEntry> for HistoryEntryView {
    fn from(entry: HistoryEntry) -> Self {
        let seats: Vec<SeatId> = entry.seat_ids.into_iter().map(SeatId::from).collect();
        Self {
            at: entry.at.into(),
            actor: entry.actor,
            action: entry.action,
            reason: entry.reason,
            refund_id: entry.refund_id,
            amount: entry.amount,
            seat_ids: Some(seats).filter(|seats| !seats.is_empty()),
        }
    }
}

/// A dispute of a booking's payment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Dispute)]
pub(super) struct DisputeView {
    /// The id of the dispute at the provider.
    dispute_id: String,
    /// What is disputed, or was lost, in the currency's minor unit.
    #[schema(minimum = 0)]
    amount: i64,
    /// Whether it is open, won or lost.
    #[schema(value_type = DisputeStatus)]
    status: Stored<DisputeStatus>,
    /// Who reported the dispute: always the provider.
    source: RefundSource,
    /// When it was recorded.
    created_at: TimestampView,
    /// When its status last changed.
    updated_at: TimestampView,
}

impl From<Dispute> for DisputeView {
    fn from(dispute: Dispute) -> Self {
        Self {
            dispute_id: dispute.dispute_id,
            amount: dispute.amount,
            status: dispute.status,
            source: RefundSource::Provider,
            created_at: dispute.created_at.into(),
            updated_at: dispute.updated_at.into(),
        }
    }
}
