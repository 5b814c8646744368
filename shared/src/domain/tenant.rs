//! A tenant's line of business, and how long its old API key keeps working.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::whole::whole_number;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

/// A tenant's line of business: `EVENT` (halls and stadiums), `BUS` (buses and coaches) or
/// `MOVIE` (cinemas of any size).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Domain {
    Event,
    Bus,
    Movie,
}

impl Domain {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Domain::Event => "EVENT",
            Domain::Bus => "BUS",
            Domain::Movie => "MOVIE",
        }
    }
}

/// How long an old API key keeps working after a rotation: 0 to 86,400 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(
    description = "Seconds for which the old API key keeps working, 0–86,400.",
    minimum = 0,
    maximum = 86_400,
    default = 0
)]
pub struct Overlap(i64);

impl Overlap {
    const MAX: i64 = 86_400;

    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Overlap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match whole_number(deserializer)? {
            Some(seconds @ 0..=Self::MAX) => Ok(Self(seconds)),
            _ => Err(de::Error::custom("must be a whole number of seconds, 0 to 86400")),
        }
    }
}
