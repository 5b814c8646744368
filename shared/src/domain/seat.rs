//! Seat numbers, prices, and seats to be created.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{
    Metadata, SeatCategory, SeatFlags, SeatRow, SeatSection, null_as_default, parsed, read_objects,
    stored, text, whole::whole_number,
};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::collections::HashSet;
use utoipa::ToSchema;

/// The number printed on the ticket: 1 to 64 printable characters, in NFC and trimmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "The seat number printed on the ticket: 1–64 printable characters. It is \
                   trimmed and kept in Unicode NFC. Two numbers that differ only in invisible \
                   characters or in the kind of white space are the same.",
    min_length = 1,
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
    examples("A2")
)]
pub struct SeatNumber(String);

impl SeatNumber {
    /// Parses a seat number. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let number = text::clean(raw, 1, 64)?;
        if number.chars().any(text::is_unprintable) {
            return Err("must have printable characters only".into());
        }
        Ok(Self(number))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as it is compared: without invisible characters, and with one space for any
    /// white space. Seats of an entity have different keys.
    pub fn key(&self) -> String {
        text::comparable(&self.0)
    }

    /// A sort key for seat numbers: see [`natural_order`].
    pub fn natural_order(&self) -> String {
        natural_order(&self.0)
    }
}

/// A sort key for seat numbers and labels of rows: byte order puts A2 before A10, and क२ before
/// क१०. Distinct texts have distinct keys, so the order is total.
///
/// A run of decimal digits of any script loses its leading zeros, is written in ASCII digits, and
/// gets its length in front. Two digits are enough for the length, because no such text has 100
/// characters. The text itself follows at the end, so that `A1` and `A01` differ.
///
/// Numbers in ASCII have the same sort key as in earlier versions, so that stored keys and new ones
/// sort together. Keep it so.
pub(crate) fn natural_order(text: &str) -> String {
    let mut key = String::with_capacity(text.len() * 3);
    let compared = text::comparable(text);
    let mut rest = compared.chars().peekable();
    while let Some(first) = rest.next() {
        let Some(digit) = text::decimal_digit(first) else {
            key.push(first);
            continue;
        };
        let mut run = digit.to_string();
        while let Some(digit) = rest.peek().and_then(|next| text::decimal_digit(*next)) {
            run.push_str(&digit.to_string());
            rest.next();
        }
        let run = run.trim_start_matches('0');
        key.push_str(&format!("{:02}{run}", run.len()));
    }
    // A control character sorts below everything that a seat number may contain, so `A` comes
    // before `A1`.
    key.push('\u{1}');
    key.push_str(text);
    key
}

parsed!(SeatNumber);
stored!(SeatNumber);

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
        match whole_number(deserializer)? {
            Some(price @ 0..=Self::MAX) => Ok(Self(price)),
            _ => {
                Err(de::Error::custom("must be a whole number of minor units, 0 to 1000000000000"))
            }
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
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<Metadata>)]
    pub metadata: Metadata,
    /// Key of the section that the seat is in.
    pub section: Option<SeatSection>,
    /// Label of the row that the seat is in.
    pub row: Option<SeatRow>,
    /// Key of the seat's category.
    pub category: Option<SeatCategory>,
    /// What a buyer should know about the seat.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<SeatFlags>)]
    pub flags: SeatFlags,
}

read_objects!(NewSeat);

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
        match seats.iter().position(|seat| !numbers.insert(seat.seat_number.key())) {
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
    fn the_digits_of_every_script_are_sorted_as_numbers() {
        for wanted in [
            ["क१", "क२", "क१०", "क११"],
            ["ردیف ۲", "ردیف ۳", "ردیف ۱۰", "ردیف ۱۱"],
            ["A１", "A2", "A१०", "A11"],
            ["A\u{a0}2", "A\u{200b} 3", "A 10", "A  11"],
        ] {
            let mut sorted = wanted.map(|raw| SeatNumber::parse(raw).unwrap());
            sorted.reverse();
            sorted.sort_by_key(SeatNumber::natural_order);
            assert_eq!(sorted.each_ref().map(SeatNumber::as_str), wanted);
        }
    }

    #[test]
    fn ascii_numbers_have_the_sort_keys_of_the_first_version() {
        for (number, key) in [
            ("A1", "A011\u{1}A1"),
            ("A010-2b", "A0210-012b\u{1}A010-2b"),
            ("0", "00\u{1}0"),
            ("Row 12 Seat 3", "Row 0212 Seat 013\u{1}Row 12 Seat 3"),
        ] {
            assert_eq!(SeatNumber::parse(number).unwrap().natural_order(), key);
        }
    }

    #[test]
    fn a_seat_number_can_be_printed() {
        for bad in ["\u{3164}", "A\u{202e}1", "A\u{2028}1", "\u{e000}", "\u{ffff}", "A\t1"] {
            assert!(SeatNumber::parse(bad).is_err(), "{bad:?}");
        }
        for good in ["ردیف‌ها ۱", "👨‍👩‍👧", "क्‍ष", "א\u{200f}1", "席1", &"𝔸".repeat(64)]
        {
            assert_eq!(SeatNumber::parse(good).unwrap().as_str(), good);
        }
        assert!(SeatNumber::parse(&"1".repeat(65)).is_err());
    }

    #[test]
    fn two_numbers_that_look_alike_are_the_same_seat() {
        let read = |other: &str| {
            let seats = [("A 1", 1), (other, 2)]
                .map(|(number, price)| serde_json::json!({"seatNumber": number, "price": price}));
            serde_json::from_str::<NewSeats>(&serde_json::json!(seats).to_string()).is_ok()
        };
        for same in ["A 1 ", "A\u{a0}1", "A \u{200b}1", "A  1"] {
            assert!(!read(same), "{same:?}");
        }
        assert!(read("A1") && read("a 1"));
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
        assert!(read("0") && read("1000000000000") && read("1e12") && read("4.5e4"));
        assert!(!read("-1") && !read("1000000000001") && !read("1.5") && !read("\"1\""));
    }
}
