//! What admins do to bookings and refunds, and why.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{
    SecretKeyId,
    entity::{bounded_number, bounded_text},
    parsed, text,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

bounded_text!(
    Reason 500 "Why, 1–500 characters. The booking's history keeps it." "The band is ill."
);
parsed!(Reason);

bounded_number!(
    // Ten seats of the highest price.
    RefundAmount 1 10_000_000_000_000_i64 "How much to give back, in the currency's minor unit."
        "must be a whole number of minor units, 1 to 10000000000000",
);

/// Who acts: the platform's admin, or a tenant's own server by this secret key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Admin,
    Key(SecretKeyId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admin => f.write_str("admin"),
            Self::Key(key) => fmt::Display::fmt(key, f),
        }
    }
}

/// What was done. `CANCEL`: seats were cancelled. `REFUND`: money goes back without a cancellation.
/// `RETRY`: a failed refund is made again. `SETTLE`: a failed refund was paid by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AdminAction {
    Cancel,
    Refund,
    Retry,
    Settle,
}
