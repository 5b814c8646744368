//! Points in time: as they are stored, and as a client writes them.

use super::{
    bson::{Bson, DateTime},
    parsed,
};
use crate::faults::flawed;
use chrono::{Datelike, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How wrong a clock is in tests.
const HOUR_MS: i64 = 60 * 60 * 1000;
const NANOS_PER_SECOND: u32 = 1_000_000_000;
/// Digits of a fraction of a second that are whole milliseconds.
const MILLI_DIGITS: usize = 3;

/// A point in time, to the millisecond. In MongoDB it is a BSON date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(DateTime);

impl Timestamp {
    /// The earliest time that MongoDB can store.
    pub const MIN: Self = Self(DateTime::MIN);

    /// The current time by this machine's clock.
    pub fn now() -> Self {
        let now = DateTime::now().timestamp_millis();
        let error = if flawed("clock-ahead") {
            HOUR_MS
        } else if flawed("clock-behind") {
            -HOUR_MS
        } else {
            0
        };
        Self::from_millis(now + error)
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

/// A time in a query parameter, written in RFC 3339: the first millisecond that is not before it.
///
/// Stored times have milliseconds. So comparing them with this one gives the same result as
/// comparing them with the exact time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(
    value_type = String,
    description = "A date and time in RFC 3339, with `Z` or an offset. In a URL, write the `+` of \
        an offset as `%2B`.",
    format = DateTime,
    examples("2026-01-22T10:00:00.000Z")
)]
pub struct Instant(Timestamp);

impl Instant {
    /// Parses a time. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let wrong = || {
            let hint = match raw.rsplit_once(' ') {
                // In a query, a bare `+` stands for a space.
                Some((_, offset)) if offset.contains(':') => ": write the + of an offset as %2B",
                _ => "",
            };
            format!("must be an RFC 3339 time such as 2026-01-22T10:00:00.000Z{hint}")
        };
        let at = chrono::DateTime::parse_from_rfc3339(raw).map_err(|_| wrong())?;
        if at.timestamp_subsec_nanos() >= NANOS_PER_SECOND {
            return Err("must not be a leap second".into());
        }
        if !(0..=9999).contains(&at.naive_utc().year()) {
            return Err("must be in the years 0000 to 9999".into());
        }
        // The parser drops digits beyond the ninth.
        let fraction = raw.split_once('.').map_or("", |(_, rest)| rest);
        let digits = fraction.bytes().take_while(u8::is_ascii_digit);
        let is_between = digits.skip(MILLI_DIGITS).any(|digit| digit != b'0');
        Ok(Self(Timestamp::from_millis(at.timestamp_millis() + i64::from(is_between))))
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

    #[test]
    fn a_bound_is_the_first_millisecond_that_is_not_before_it() {
        let millis = |fraction: &str| {
            let at = Instant::parse(&format!("2026-01-22T10:00:00{fraction}Z")).unwrap();
            at.timestamp().as_millis() - 1_769_076_000_000
        };
        for (fraction, expected) in [
            ("", 0),
            (".2", 200),
            (".223", 223),
            (".223000", 223),
            (".2230000000000000", 223),
            (".223500", 224),
            (".2230001", 224),
            (".223000000000000001", 224),
            (".999999999999", 1000),
        ] {
            assert_eq!(millis(fraction), expected, "{fraction}");
        }
        let before_1970 = Instant::parse("1969-12-31T23:59:59.9985Z").unwrap();
        assert_eq!(before_1970.timestamp().as_millis(), -1);
    }

    #[test]
    fn what_is_no_time_is_refused_and_a_plus_is_explained() {
        let reason = |raw: &str| Instant::parse(raw).unwrap_err();
        for bad in [
            "2026-01-22",
            "2026-01-22T10:00:00",
            "2026-02-30T10:00:00Z",
            "2026-01-22T23:59:60Z",
            "2016-12-31T23:59:60Z",
            "10000-01-01T00:00:00Z",
            "+10000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "2026-01-22T10:00:00.Z",
        ] {
            assert!(!reason(bad).is_empty() && !reason(bad).contains("%2B"), "{bad}");
        }
        assert!(reason("2026-01-22T10:00:00 05:30").contains("%2B"));
        assert!(reason("2026-01-22T10:00:00.5 05:30").contains("%2B"));
    }
}
