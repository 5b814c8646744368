//! Points in time: as they are stored, and as a client writes them.

use super::{
    bson::{Bson, DateTime},
    parsed,
};
use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A point in time, to the millisecond. In MongoDB it is a BSON date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(DateTime);

impl Timestamp {
    /// The earliest time that MongoDB can store.
    pub const MIN: Self = Self(DateTime::MIN);

    /// The current time by this machine's clock.
    pub fn now() -> Self {
        Self(DateTime::now())
    }

    /// The time that is this many milliseconds after 1970.
    pub const fn from_millis(ms: i64) -> Self {
        Self(DateTime::from_millis(ms))
    }

    /// Milliseconds since the start of 1970, UTC.
    pub const fn as_millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// RFC 3339 in UTC with milliseconds, as every response writes a time.
    pub(crate) fn to_rfc3339(self) -> String {
        chrono::DateTime::<Utc>::from_timestamp_millis(self.as_millis())
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

impl From<Timestamp> for Bson {
    fn from(at: Timestamp) -> Self {
        Self::DateTime(at.0)
    }
}

/// A time in a query parameter, written in RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(
    value_type = String,
    description = "A date and time in RFC 3339, with `Z` or an offset. Digits beyond the millisecond are cut off.",
    format = DateTime,
    examples("2026-01-22T10:00:00.000Z")
)]
pub struct Instant(Timestamp);

impl Instant {
    /// Parses a time. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        chrono::DateTime::parse_from_rfc3339(raw)
            .map(|at| Self(Timestamp::from_millis(at.timestamp_millis())))
            .map_err(|_| "must be an RFC 3339 time such as 2026-01-22T10:00:00.000Z".into())
    }

    /// The same time, for comparing it with stored ones.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }
}

parsed!(Instant);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_milliseconds() {
        let at = Timestamp::from_millis(1_769_076_000_000);
        assert_eq!(at.to_rfc3339(), "2026-01-22T10:00:00.000Z");
    }
}
