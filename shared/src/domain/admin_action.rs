//! What admins do to bookings and refunds, and why.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{
    AppId, SecretKeyId,
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
    SeatsRefund 0 10_000_000_000_000_i64
        "How much goes back for seats, in the currency's minor unit."
        "must be a whole number of minor units, 0 to 10000000000000",
);

/// Who acts: the platform's admin, or a tenant's own server with this secret key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    Admin,
    Key(SecretKeyId),
    /// A tenant's own server. An earlier version stored the app instead of the key.
    App(AppId),
}

impl Actor {
    /// An actor as it is stored. `None`: a later version stored it in another form.
    pub(crate) fn parse(stored: &str) -> Option<Self> {
        if stored == "admin" {
            return Some(Self::Admin);
        }
        let key = SecretKeyId::parse(stored).map(Self::Key).ok();
        key.or_else(|| AppId::parse(stored).map(Self::App).ok())
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admin => f.write_str("admin"),
            Self::Key(key) => fmt::Display::fmt(key, f),
            Self::App(app) => f.write_str(app.as_str()),
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

/// How an admin resolves a refund that has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundResolution {
    /// The provider is asked again, for a new refund.
    Retry,
    /// The money was paid back outside the provider. This is only recorded.
    Settle,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_read_as_it_was_stored() {
        for stored in ["admin", "65b0c0ffee0123456789abd0", "event-app-prod"] {
            assert_eq!(Actor::parse(stored).unwrap().to_string(), stored);
        }
        assert_eq!(Actor::parse("admin"), Some(Actor::Admin));
        assert!(matches!(Actor::parse("65b0c0ffee0123456789abd0"), Some(Actor::Key(_))));
        assert_eq!(Actor::parse("A later form"), None);
    }
}
