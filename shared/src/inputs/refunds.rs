//! Bodies and queries of the refunds' routes.

use crate::{
    domain::{Actor, AppId, BookingId, Instant, PageSize, Reason},
    store::{
        history::ActorAndReason,
        refunds::{RefundCursor, RefundStatus},
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

/// The query of `GET /admin/refunds`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListRefundsIn {
    /// Only refunds of this app.
    pub app_id: Option<AppId>,
    /// Only refunds of this booking.
    pub booking_id: Option<BookingId>,
    /// Only refunds with this status.
    pub status: Option<RefundStatus>,
    /// Only refunds that were put on record at this time or later.
    pub from: Option<Instant>,
    /// Only refunds that were put on record before this time.
    pub to: Option<Instant>,
    /// Number of refunds on a page, 1–100.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<100, 20>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<RefundCursor>,
}

/// The body of `POST /admin/refunds/{refundId}/retry`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryRefundIn {
    /// The reason, for the booking's history.
    reason: Option<Reason>,
}

/// The body of `POST /admin/refunds/{refundId}/settle`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleRefundIn {
    /// How it was paid. The booking's history keeps it.
    note: Reason,
}

impl RetryRefundIn {
    /// The retry as this actor's act.
    pub fn into_act(self, actor: Actor) -> ActorAndReason {
        ActorAndReason { actor, reason: self.reason }
    }
}

impl SettleRefundIn {
    /// The settlement as this actor's act.
    pub fn into_act(self, actor: Actor) -> ActorAndReason {
        ActorAndReason { actor, reason: Some(self.note) }
    }
}
