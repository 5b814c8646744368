//! Seat numbers, prices, and seats to be created.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{Metadata, parsed};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::collections::HashSet;
use utoipa::ToSchema;

/// The number printed on the ticket: 1 to 32 printable characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "The seat number printed on the ticket: 1–32 printable characters, not blank.",
    min_length = 1,
    max_length = 32,
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
    examples("A2")
)]
pub struct SeatNumber(String);

impl SeatNumber {
    /// Parses a seat number. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        super::text(raw, 1, 32)?;
        if raw.chars().any(is_invisible) {
            return Err("must have printable characters only".into());
        }
        if raw.trim().is_empty() {
            Err("must not be blank".into())
        } else {
            Ok(Self(raw.to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A sort key for seat numbers: byte order puts A2 before A10. Distinct numbers have distinct
    /// keys, so the order is total.
    ///
    /// A run of digits loses its leading zeros and gets its length in front. Two digits are enough
    /// for the length, because a seat number has at most 32 characters. The seat number itself
    /// follows at the end, so that `A1` and `A01` differ.
    pub fn natural_order(&self) -> String {
        let mut key = String::with_capacity(self.0.len() * 3);
        let mut rest = self.0.as_str();
        while let Some(first) = rest.chars().next() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if digits == 0 {
                key.push(first);
                rest = &rest[first.len_utf8()..];
            } else {
                let run = rest[..digits].trim_start_matches('0');
                key.push_str(&format!("{:02}{run}", run.len()));
                rest = &rest[digits..];
            }
        }
        // A control character sorts below everything that a seat number may contain, so `A` comes
        // before `A1`.
        key.push('\u{1}');
        key.push_str(&self.0);
        key
    }
}

/// Whether a character prints nothing or changes the direction of the text around it. With such
/// characters two seat numbers could look the same.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}')
}

/// An ISO 4217 currency code: `^[A-Z]{3}$`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "ISO 4217 currency code, three capital letters.",
    pattern = "^[A-Z]{3}$",
    examples("INR")
)]
pub struct Currency(String);

impl Currency {
    /// Parses a code. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        if raw.len() == 3 && raw.bytes().all(|c| c.is_ascii_uppercase()) {
            Ok(Self(raw.to_owned()))
        } else {
            Err("must be three capital letters (ISO 4217)".into())
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(SeatNumber, Currency);

/// A price in the currency's minor unit (cents, paise), 0 to 10^12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Price in the currency's minor unit (cents, paise), 0 to 10^12.",
    minimum = 0,
    maximum = 1_000_000_000_000_i64,
    examples(45000)
)]
pub struct Price(i64);

impl Price {
    const MAX: i64 = 1_000_000_000_000;

    pub(crate) fn minor_units(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let price = i64::deserialize(deserializer)?;
        if (0..=Self::MAX).contains(&price) {
            Ok(Self(price))
        } else {
            Err(de::Error::custom("must be 0 to 1000000000000 minor units"))
        }
    }
}

/// A seat to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub struct NewSeat {
    /// The seat number printed on the ticket. Each number can exist once in an entity.
    pub seat_number: SeatNumber,
    /// Price in the currency's minor unit (cents, paise).
    pub price: Price,
    /// The tenant's own data about the seat. Omit it for none.
    #[serde(default)]
    pub metadata: Metadata,
}

// By hand, because serde's derive also accepts an array of the fields in their order.
impl<'de> Deserialize<'de> for NewSeat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> de::Visitor<'de> for Object {
            type Value = NewSeat;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<NewSeat, A::Error> {
                // The derived function, which `remote` turns into an inherent one.
                NewSeat::deserialize(de::value::MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// 1 to 1,000 seats to create, each number once.
#[derive(Clone, Debug, ToSchema)]
#[schema(
    description = "The seats to create, 1–1,000, each seat number once.",
    min_items = 1,
    max_items = 1000
)]
pub struct NewSeats(Vec<NewSeat>);

impl NewSeats {
    const MAX: usize = 1000;

    pub fn into_vec(self) -> Vec<NewSeat> {
        self.0
    }
}

impl<'de> Deserialize<'de> for NewSeats {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seats = Vec::<NewSeat>::deserialize(deserializer)?;
        if !(1..=Self::MAX).contains(&seats.len()) {
            return Err(de::Error::custom(format!("must have 1 to {} seats", Self::MAX)));
        }
        let mut numbers = HashSet::new();
        match seats.iter().position(|seat| !numbers.insert(&seat.seat_number)) {
            Some(twice) => {
                Err(de::Error::custom(format!("the seatNumber of seat {twice} appears twice")))
            }
            None => Ok(Self(seats)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seat_numbers_sort_as_people_read_them() {
        let wanted = [
            "1",
            "01",
            "2",
            "10",
            "A",
            "A-1",
            "A1",
            "A1B",
            "A01B",
            "A2",
            "A10",
            "AA1",
            "B1",
            "Row 2 Seat 3",
        ];
        let mut sorted: Vec<_> = wanted.iter().map(|raw| SeatNumber::parse(raw).unwrap()).collect();
        sorted.reverse();
        sorted.sort_by_key(SeatNumber::natural_order);
        let sorted: Vec<_> = sorted.iter().map(SeatNumber::as_str).collect();
        let ones: Vec<_> = sorted
            .iter()
            .position(|s| *s == "01")
            .into_iter()
            .chain(sorted.iter().position(|s| *s == "1"))
            .collect();
        assert_eq!(ones, [0, 1], "leading zeros only break ties");
        assert_eq!(sorted[2..6], ["2", "10", "A", "A-1"]);
        assert!(sorted.iter().position(|s| *s == "A2") < sorted.iter().position(|s| *s == "A10"));
        assert_eq!(sorted.last(), Some(&"Row 2 Seat 3"));
    }

    #[test]
    fn a_seat_is_an_object() {
        let read = |text: &str| serde_json::from_str::<NewSeats>(text).is_ok();
        assert!(read(r#"[{"seatNumber": "A1", "price": 1}]"#));
        assert!(
            !read(r#"[["A1", 1]]"#)
                && !read(r#"[["A1", 1, {}]]"#)
                && !read(r#"[{"seatNumber": "A1"}]"#)
        );
    }

    #[test]
    fn prices_are_whole_and_bounded() {
        let read = |text: &str| serde_json::from_str::<Price>(text).is_ok();
        assert!(read("0") && read("1000000000000"));
        assert!(
            !read("-1") && !read("1000000000001") && !read("1.5") && !read("1e3") && !read("\"1\"")
        );
    }
}
