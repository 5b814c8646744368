//! What is known of a tenant.

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

/// The line of business of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Domain {
    /// Halls and stadiums.
    Event,
    /// Coaches and buses.
    Bus,
    /// Cinemas.
    Movie,
}

impl Domain {
    /// The domain's name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Domain::Event => "EVENT",
            Domain::Bus => "BUS",
            Domain::Movie => "MOVIE",
        }
    }
}

/// How long an old API key works beside the new one: 0 to 86,400 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(
    description = "Seconds that the old key works beside the new one.",
    minimum = 0,
    maximum = 86_400,
    default = 0
)]
pub struct Overlap(i64);

impl Overlap {
    const MAX: i64 = 86_400;

    /// Seconds.
    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Overlap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            seconds @ 0..=Self::MAX => Ok(Self(seconds)),
            _ => Err(de::Error::custom("must be 0 to 86400 seconds")),
        }
    }
}
