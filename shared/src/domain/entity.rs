//! The settings of an entity: what is sold, when, and to whom.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{parsed, text};
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::SchemaType},
};

/// A text of 1 to `max` characters, not blank, without control characters.
macro_rules! bounded_text {
    ($($name:ident $max:tt $doc:literal $example:literal),+) => {$(
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(transparent)]
        #[schema(
            description = $doc,
            min_length = 1,
            max_length = $max,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
            examples($example)
        )]
        pub struct $name(String);

        impl $name {
            /// Parses a text. The error says what is wrong with it.
            pub fn parse(raw: &str) -> Result<Self, String> {
                text::clean(raw, 1, $max).map(Self)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )+};
}
pub(super) use bounded_text;
bounded_text!(
    Title 200 "Title of an entity, 1–200 characters." "Jazz in the park",
    Description 2000 "Description of an entity, 1–2,000 characters." "An evening with three bands.",
    Venue 200 "Where the entity takes place, 1–200 characters." "City Hall"
);

/// A time zone of the IANA database, such as `Asia/Kolkata`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "A time zone of the IANA database.",
    min_length = 1,
    max_length = 64,
    examples("Asia/Kolkata")
)]
pub struct TimeZone(String);

impl TimeZone {
    /// Parses a zone's name. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        match raw.parse::<chrono_tz::Tz>() {
            Ok(zone) => Ok(Self(zone.name().to_owned())),
            Err(_) => Err("must be a time zone of the IANA database, such as Asia/Kolkata".into()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(Title, Description, Venue, TimeZone);

/// A whole number within bounds, as JSON writes it.
macro_rules! bounded_number {
    ($($name:ident $min:tt $max:tt $doc:literal $reason:literal),+ $(,)?) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(transparent)]
        #[schema(description = $doc, minimum = $min, maximum = $max)]
        pub struct $name(i64);

        impl $name {
            /// The number, within the bounds of its type.
            pub fn get(self) -> i64 {
                self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                match $crate::domain::whole::whole_number(deserializer)? {
                    Some(number @ $min..=$max) => Ok(Self(number)),
                    _ => Err(serde::de::Error::custom($reason)),
                }
            }
        }
    )+};
}
pub(super) use bounded_number;
bounded_number!(
    HoldSeconds 30 3_600 "How long a hold on seats of the entity lasts, 30–3,600 seconds."
        "must be a whole number from 30 to 3600",
    Quantity 1 10 "How many seats to hold, 1–10." "must be a whole number from 1 to 10",
    SeatLimit 1 1_000 "How many seats one user may hold and book in the entity, 1–1,000."
        "must be a whole number from 1 to 1000"
);

/// Implements `stored`, which reads a number from the database.
macro_rules! stored_number {
    ($($name:ident),+) => {$(
        impl $name {
            /// A value from the database.
            pub(crate) fn stored<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<Self>, D::Error> {
                Ok(Option::deserialize(deserializer)?.map(Self))
            }
        }
    )+};
}
stored_number!(HoldSeconds, SeatLimit);

/// Whether an entity's seats can be held: `ON_SALE`, `PAUSED` by the organiser, or `CANCELLED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntityState {
    OnSale,
    Paused,
    Cancelled,
}

impl EntityState {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnSale => "ON_SALE",
            Self::Paused => "PAUSED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// What a PATCH does to an optional field: an absent field stays, `null` clears it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Change<T> {
    /// The same change of another type.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(convert(value)),
        }
    }

    /// The field after the change.
    pub fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// A field that a response has and a request may send back. Its value is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ReadOnly;

impl ReadOnly {
    /// Always: whoever stores a request leaves it out.
    pub(crate) fn is_never_stored(&self) -> bool {
        true
    }
}

impl<'de> Deserialize<'de> for ReadOnly {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl PartialSchema for ReadOnly {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .description(Some("Ignored, so that a response can be sent back."))
            .into()
    }
}

impl ToSchema for ReadOnly {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_those_of_the_iana_database() {
        for good in ["Asia/Kolkata", "UTC", "Europe/Berlin", "America/Argentina/Ushuaia"] {
            assert!(TimeZone::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "Mars/Olympus", "+05:30", "asia kolkata", "IST5"] {
            assert!(TimeZone::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_patch_tells_absent_from_null() {
        #[derive(Deserialize)]
        struct Patch {
            #[serde(default)]
            venue: Change<Venue>,
        }
        let read = |text: &str| serde_json::from_str::<Patch>(text).map(|patch| patch.venue);
        assert_eq!(read("{}").unwrap(), Change::Keep);
        assert_eq!(read(r#"{"venue": null}"#).unwrap(), Change::Clear);
        let hall = Venue::parse("Hall").unwrap();
        assert_eq!(read(r#"{"venue": "Hall"}"#).unwrap(), Change::Set(hall));
        assert!(read(r#"{"venue": " "}"#).is_err());
    }
}
