//! The limits of the API, implemented a second time with regular expressions and by hand. Nothing
//! here uses the code that it checks.

use regex::Regex;
use serde_json::Value;
use std::{collections::HashSet, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;

/// What values a field may have.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// A regular expression over the whole text.
    Text(&'static LazyLock<Regex>),
    /// Text without control characters, of this many characters when it is trimmed.
    Printable(usize, usize),
    Email,
    /// Text of this many characters in Unicode NFC.
    Password(usize, usize),
    Whole(i64, i64),
    /// A whole number in decimal digits, as in a query.
    Digits(i64, i64),
    Flag,
    /// This many distinct seats.
    Seats(usize, usize),
    Origins,
    NewSeats,
    /// An object that MongoDB can store, of at most 2 KiB and depth 5.
    Metadata,
    /// Any number of values of this rule.
    List(&'static Rule),
    /// An object of texts and prices.
    Prices,
    /// An object of these fields.
    Object(&'static [Field]),
    /// A value that is ignored.
    Ignored,
}

macro_rules! patterns {
    ($($name:ident = $pattern:literal;)+) => {$(
        pub static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new(concat!("^(?:", $pattern, ")$")).unwrap());
    )+};
}

patterns! {
    APP_ID = "[a-z0-9][a-z0-9-]{1,62}";
    ENTITY_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
    OBJECT_ID = "[0-9a-f]{24}";
    PAYMENT_ID = "[A-Za-z0-9_-][A-Za-z0-9._:=+/-]{0,254}";
    UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
    CURRENCY = "[A-Z]{3}";
    PHONE = "\\s*\\+?[0-9 ()-]{3,32}\\s*";
    DOMAIN = "EVENT|BUS|MOVIE";
    INCLUDE = "all";
    STATUS = "CONFIRMED|FAILED|REFUND_DUE|CANCELLED";
    PAYMENT_STATUS = "PENDING|SUCCESS|FAILED";
    RFC_3339 = "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})";
    BASE64_URL = "[A-Za-z0-9_-]+";
    ENTITY_STATE = "ON_SALE|PAUSED|CANCELLED";
    SEAT_STATE = "AVAILABLE|LOCKED|BOOKED|NOT_FOR_SALE";
    TIME_ZONE = "[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*";
    ADJACENT = "REQUIRED|PREFERRED|NO";
    FLAG = "wheelchair|companion|semiAmbulatory|restrictedView|hearing|signLanguage|aisle|extraLegroom|limitedLegroom|plusSize|window";
}

/// A field of a body or a query.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub required: bool,
    /// Whether `null` is as if absent.
    pub nullable: bool,
    pub rule: Rule,
}

/// A field that a body must have.
pub const fn required(name: &'static str, rule: Rule) -> Field {
    Field { name, required: true, nullable: false, rule }
}

/// A field that a body may leave out.
pub const fn optional(name: &'static str, rule: Rule) -> Field {
    Field { name, required: false, nullable: true, rule }
}

/// A field that a change may leave out, but not clear.
pub const fn change(name: &'static str, rule: Rule) -> Field {
    Field { name, required: false, nullable: false, rule }
}

/// Whether the API accepts this object.
pub fn allows(fields: &[Field], input: &Value) -> bool {
    input.as_object().is_some_and(|object| {
        object.keys().all(|key| fields.iter().any(|field| field.name == key))
            && fields.iter().all(|field| match object.get(field.name) {
                Some(Value::Null) if field.nullable => true,
                Some(value) => field.rule.allows(value),
                None => !field.required,
            })
    })
}

fn printable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

impl Rule {
    fn allows(&self, value: &Value) -> bool {
        let text = value.as_str();
        let items = value.as_array().map(Vec::as_slice);
        match *self {
            Rule::Text(pattern) => text.is_some_and(|text| pattern.is_match(text)),
            Rule::Printable(min, max) => text.is_some_and(|text| {
                // Zero-width characters at the ends do not count.
                let edge =
                    |c: char| c.is_whitespace() || "\u{ad}\u{200b}\u{2060}\u{feff}".contains(c);
                let text: String = text.nfc().collect();
                (min..=max).contains(&text.trim_matches(edge).chars().count()) && printable(&text)
            }),
            // Invisible characters do not count, however many there are.
            Rule::Email => text.is_some_and(|text| printable(text) && text.contains('@')),
            Rule::Password(min, max) => {
                text.is_some_and(|text| (min..=max).contains(&text.nfc().count()))
            }
            Rule::Whole(min, max) => value.as_f64().is_some_and(|number| {
                number.fract() == 0.0 && (min as f64..=max as f64).contains(&number)
            }),
            Rule::Digits(min, max) => text.is_some_and(|text| {
                text.bytes().all(|c| c.is_ascii_digit())
                    && text.parse::<i64>().is_ok_and(|number| (min..=max).contains(&number))
            }),
            Rule::Flag => value.is_boolean(),
            Rule::Seats(min, max) => items.is_some_and(|items| {
                (min..=max).contains(&items.len())
                    && items.iter().all(|item| Rule::Text(&OBJECT_ID).allows(item))
                    && items.iter().filter_map(Value::as_str).collect::<HashSet<_>>().len()
                        == items.len()
            }),
            Rule::Origins => {
                // A host may be internationalised, and an app shell has a scheme of its own.
                let origin = |text: &str| text.contains("://");
                items
                    .is_some_and(|items| items.iter().all(|item| item.as_str().is_some_and(origin)))
            }
            Rule::NewSeats => items.is_some_and(|items| {
                let numbers: HashSet<_> =
                    items.iter().filter_map(|item| item["seatNumber"].as_str()).collect();
                (1..=1000).contains(&items.len())
                    && numbers.len() == items.len()
                    && items.iter().all(seat)
            }),
            Rule::Metadata => metadata(value),
            Rule::List(rule) => {
                items.is_some_and(|items| items.iter().all(|item| rule.allows(item)))
            }
            Rule::Prices => value.as_object().is_some_and(|prices| {
                prices.iter().all(|(category, price)| {
                    Rule::Printable(1, 64).allows(&category.as_str().into()) && PRICE.allows(price)
                })
            }),
            Rule::Object(fields) => allows(fields, value),
            Rule::Ignored => true,
        }
    }
}

fn seat(value: &Value) -> bool {
    const KNOWN: [&str; 3] = ["seatNumber", "price", "metadata"];
    let known =
        value.as_object().is_some_and(|seat| seat.keys().all(|key| KNOWN.contains(&key.as_str())));
    known
        && Rule::Printable(1, 64).allows(&value["seatNumber"])
        && PRICE.allows(&value["price"])
        && value.get("metadata").is_none_or(|value| value.is_null() || metadata(value))
}

/// A price in minor units.
pub const PRICE: Rule = Rule::Whole(0, 1_000_000_000_000);

fn metadata(value: &Value) -> bool {
    value.is_object() && value.to_string().len() <= 2048 && depth(value) <= 5 && keys(value)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Whether MongoDB can store the keys unchanged, and no text has a control character.
fn keys(value: &Value) -> bool {
    match value {
        Value::Object(map) => map
            .iter()
            .all(|(key, value)| !key.contains(['$', '.', '\0']) && printable(key) && keys(value)),
        Value::Array(values) => values.iter().all(keys),
        Value::String(text) => printable(text),
        _ => true,
    }
}
