//! Instants in queries.

use super::parsed;
use chrono::DateTime as Rfc3339;
use mongodb::bson::DateTime;
use utoipa::ToSchema;

/// An instant that a client names in RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(
    value_type = String,
    description = "An instant in RFC 3339.",
    format = DateTime,
    examples("2026-01-22T10:00:00.000Z")
)]
pub struct Instant(DateTime);

impl Instant {
    /// Reads an instant, or says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        Rfc3339::parse_from_rfc3339(raw)
            .map(|at| Self(DateTime::from_millis(at.timestamp_millis())))
            .map_err(|_| "must be an RFC 3339 time such as 2026-01-22T10:00:00.000Z".into())
    }

    /// As it is compared with what is stored.
    pub fn bson(self) -> DateTime {
        self.0
    }
}

parsed!(Instant);
