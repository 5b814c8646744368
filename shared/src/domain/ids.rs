//! Identifiers. Each parses the form that clients send and prints the form that clients get.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{
    bson::{Bson, ObjectId},
    parsed,
    time::Timestamp,
};
use rand::{Rng, TryRngCore, rngs::OsRng};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{collections::HashSet, fmt};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema, schema::ArrayBuilder},
};
use uuid::Uuid;

const MAX_BASKET_SEATS: usize = 10;
/// People read booking ids out. So O and 0, I and 1, and U, which is misheard, are left out.
const BOOKING_ALPHABET: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTVWXYZ";

/// A tenant's id: `^[a-z0-9][a-z0-9-]{1,62}$`. Every query on a tenant's data takes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Public id of a tenant: 2–63 lower-case letters, digits and hyphens, not \
        beginning with a hyphen.",
    pattern = "^[a-z0-9][a-z0-9-]{1,62}$",
    examples("event-app-prod")
)]
pub struct AppId(String);

impl AppId {
    /// Parses an app id. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let tail = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        match raw.as_bytes() {
            [first, rest @ ..]
                if (1..=62).contains(&rest.len())
                    && *first != b'-'
                    && tail(*first)
                    && rest.iter().all(|c| tail(*c)) =>
            {
                Ok(Self(raw.to_owned()))
            }
            _ => Err("must be 2 to 63 lower-case letters, digits or hyphens, \
                      and not begin with a hyphen"
                .into()),
        }
    }

    /// A random id, for an app that is registered without one.
    pub fn generate() -> Self {
        Self(format!("app-{}", random_text(20, b"abcdefghijklmnopqrstuvwxyz0123456789")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Id of an event, a bus ride or a film show: `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Id of what seats belong to: an event, a bus ride or a film show. 1–64 letters, \
                   digits, dots, underscores and hyphens, beginning with a letter or digit.",
    pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
    examples("hall-1")
)]
pub struct EntityId(String);

impl EntityId {
    /// Parses an entity id. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        given_id(raw).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Id of a seating plan: `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Id of a seating plan. 1–64 letters, digits, dots, underscores and hyphens, \
                   beginning with a letter or digit.",
    pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
    examples("great-hall")
)]
pub struct LayoutId(String);

impl LayoutId {
    /// Parses a layout id. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        given_id(raw).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An id that a tenant has chosen.
fn given_id(raw: &str) -> Result<String, String> {
    let tail = |c: &u8| c.is_ascii_alphanumeric() || b"._-".contains(c);
    match raw.as_bytes() {
        [first, rest @ ..]
            if rest.len() <= 63 && first.is_ascii_alphanumeric() && rest.iter().all(tail) =>
        {
            Ok(raw.to_owned())
        }
        _ => Err("must be 1 to 64 letters, digits, dots, underscores or hyphens, \
                  and begin with a letter or digit"
            .into()),
    }
}

/// Public id of a booking: `BK-YYYYMMDD-` and ten characters of `0-9A-Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Public id of a booking: `BK-`, the day in UTC, a hyphen and ten random \
                   characters. New ids have no O, 0, I or 1 among the ten.",
    pattern = "^BK-[0-9]{8}-[0-9A-Z]{10}$",
    examples("BK-20260122-7K2M9QX4TB")
)]
pub struct BookingId(String);

impl BookingId {
    /// Parses a booking id. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let shape = raw.len() == 22
            && raw.is_ascii()
            && raw.starts_with("BK-")
            && raw.as_bytes()[11] == b'-';
        let good = shape
            && raw.as_bytes()[3..11].iter().all(u8::is_ascii_digit)
            && raw.as_bytes()[12..].iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        if good {
            Ok(Self(raw.to_owned()))
        } else {
            Err("must look like BK-20260122-AB12CD34EF".into())
        }
    }

    /// A random id for a booking made on this day.
    pub fn generate(day: Timestamp) -> Self {
        let day = day.to_rfc3339()[..10].replace('-', "");
        Self(format!("BK-{day}-{}", random_text(10, BOOKING_ALPHABET)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The token of one hold: a random UUID with 122 bits from the operating system's generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToSchema)]
#[schema(
    value_type = String,
    description = "Token of a hold: a UUID.",
    format = "uuid",
    pattern = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
    examples("0b0e4c0e-8c0f-4f51-9d7b-6a6f3f4f1c2d")
)]
pub struct ReservationToken(Uuid);

impl ReservationToken {
    /// Parses a token. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        // `try_parse` also accepts the braced and the URN form; clients get only the plain one.
        match Uuid::try_parse(raw) {
            Ok(uuid) if raw.len() == 36 => Ok(Self(uuid)),
            _ => Err("must be a UUID".into()),
        }
    }

    /// A random token, which nobody can guess.
    pub fn generate() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for ReservationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

parsed!(AppId, EntityId, LayoutId, BookingId, ReservationToken, SeatId, UserId, SecretKeyId);

impl Serialize for ReservationToken {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

macro_rules! object_id {
    ($($name:ident $doc:literal $example:literal),+) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
        #[schema(value_type = String, pattern = "^[0-9a-f]{24}$", examples($example))]
        pub struct $name(ObjectId);

        impl $name {
            /// Parses 24 lower-case hex digits. The error says what is wrong with them.
            pub fn parse(raw: &str) -> Result<Self, String> {
                match ObjectId::parse_str(raw) {
                    Ok(id) if id.to_hex() == raw => Ok(Self(id)),
                    _ => Err("must be 24 lower-case hexadecimal digits".into()),
                }
            }

            /// The id as MongoDB stores it.
            pub(crate) fn object_id(self) -> ObjectId {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut digits = [0; 24];
                hex::encode_to_slice(self.0.bytes(), &mut digits).map_err(|_| fmt::Error)?;
                f.write_str(str::from_utf8(&digits).map_err(|_| fmt::Error)?)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl From<ObjectId> for $name {
            fn from(id: ObjectId) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Bson {
            fn from(id: $name) -> Bson {
                Bson::ObjectId(id.0)
            }
        }
    )+};
}
object_id!(
    SeatId "Id of a seat." "65b0c0ffee0123456789abcd",
    UserId "Id of a user." "65b0c0ffee0123456789abce",
    SecretKeyId "Id of a secret key." "65b0c0ffee0123456789abd0"
);

/// A basket: 1 to 10 distinct seats, in the order of the request.
#[derive(Clone, Debug)]
pub struct SeatIds(Vec<SeatId>);

impl SeatIds {
    /// Checks a basket. The error says what is wrong with it.
    pub fn new(ids: Vec<SeatId>) -> Result<Self, String> {
        if ids.iter().collect::<HashSet<_>>().len() != ids.len() {
            return Err("must be distinct".into());
        }
        if ids.is_empty() || ids.len() > MAX_BASKET_SEATS {
            return Err(format!("must have 1 to {MAX_BASKET_SEATS} seats"));
        }
        Ok(Self(ids))
    }

    /// A basket of one seat.
    pub fn one(seat: SeatId) -> Self {
        Self(vec![seat])
    }

    /// The seats in the order of the request.
    pub fn as_slice(&self) -> &[SeatId] {
        &self.0
    }

    /// The seats as MongoDB stores them.
    pub(crate) fn object_ids(&self) -> Vec<ObjectId> {
        self.0.iter().map(|id| id.0).collect()
    }

    /// Whether `stored` has exactly these seats, in any order.
    pub(crate) fn is_exactly(&self, stored: &[ObjectId]) -> bool {
        stored.len() == self.0.len() && stored.iter().all(|id| self.0.contains(&SeatId(*id)))
    }
}

impl<'de> Deserialize<'de> for SeatIds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

// By hand: the derive cannot express distinct items.
impl PartialSchema for SeatIds {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(utoipa::openapi::Ref::from_schema_name(SeatId::name()))
            .description(Some("1–10 distinct seats of one entity. Either all are held or none."))
            .min_items(Some(1))
            .max_items(Some(MAX_BASKET_SEATS))
            .unique_items(true)
            .into()
    }
}

impl ToSchema for SeatIds {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((SeatId::name().into_owned(), SeatId::schema()));
    }
}

/// `length` random characters of `alphabet`, from the operating system's generator.
pub(crate) fn random_text(length: usize, alphabet: &[u8]) -> String {
    let mut generator = OsRng.unwrap_err();
    (0..length).map(|_| char::from(alphabet[generator.random_range(0..alphabet.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_the_contract_says() {
        for good in ["ab", "event-app-prod", "0-", &"a".repeat(63)] {
            assert!(AppId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "-a", "Ab", "a_b", "a b", "é1", &"a".repeat(64)] {
            assert!(AppId::parse(bad).is_err(), "{bad}");
        }
        for good in ["E", "EVENT_123", "a.b-c", &"a".repeat(64)] {
            assert!(EntityId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ".a", "a/b", "a b", &"a".repeat(65)] {
            assert!(EntityId::parse(bad).is_err(), "{bad}");
        }
        assert!(BookingId::parse("BK-20260122-ABC1230000").is_ok());
        for bad in [
            "BK-20260122-ABC123000",
            "BK-2026012A-ABC1230000",
            "bk-20260122-ABC1230000",
            "BK-20260122-abc1230000",
        ] {
            assert!(BookingId::parse(bad).is_err(), "{bad}");
        }
        assert!(ReservationToken::parse("67e55044-10b1-426f-9247-bb680e5fe0c8").is_ok());
        for bad in
            ["", "67e5504410b1426f9247bb680e5fe0c8", "{67e55044-10b1-426f-9247-bb680e5fe0c8}"]
        {
            assert!(ReservationToken::parse(bad).is_err(), "{bad}");
        }
        assert!(SeatId::parse("507f1f77bcf86cd799439011").is_ok());
        assert!(SeatId::parse("507F1F77BCF86CD799439011").is_err());
    }

    #[test]
    fn generated_ids_read_back() {
        assert!(AppId::parse(AppId::generate().as_str()).is_ok());
        let id = BookingId::generate(Timestamp::from_millis(1_769_076_000_000));
        assert!(id.as_str().starts_with("BK-20260122-"));
        assert!(!id.as_str()[12..].contains(['O', '0', 'I', '1']));
        assert_eq!(BookingId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn a_basket_has_one_to_ten_distinct_seats() {
        let seat = |n: u8| SeatId::from(ObjectId::from_bytes([n; 12]));
        assert!(SeatIds::new(vec![]).is_err());
        assert!(SeatIds::new(vec![seat(1), seat(1)]).is_err());
        assert!(SeatIds::new((0..11).map(seat).collect()).is_err());
        let basket = SeatIds::new(vec![seat(2), seat(1)]).unwrap();
        assert!(basket.is_exactly(&[seat(1).0, seat(2).0]));
        assert!(!basket.is_exactly(&[seat(1).0]) && !basket.is_exactly(&[seat(1).0, seat(3).0]));
    }
}
