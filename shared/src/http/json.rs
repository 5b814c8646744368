//! Parses JSON strictly. Errors name the field.

use crate::{
    error::{Error, Result},
    invalid::Invalid,
};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use serde_json::{Number, Value, value::RawValue};
use std::{collections::HashSet, fmt};

const BYTE_ORDER_MARK: char = '\u{feff}';
/// The limit of serde_json, which keeps the stack from overflowing.
const MAX_DEPTH: usize = 127;
/// serde_json gives an object with this key a special meaning, so it is refused.
const RESERVED_KEY: &str = "$serde_json::private::RawValue";
const RESERVED_KEY_REASON: &str = "is unknown";
const TOO_BIG_REASON: &str =
    "must be from -9223372036854775808 to 9223372036854775807, or have a fraction or an exponent";

/// Checks that a body is one JSON object without duplicate keys, and returns its text.
///
/// # Errors
/// `INVALID_JSON`. `VALIDATION_ERROR` for a whole number that does not fit 64 bits: readers
/// would round it.
pub(crate) fn object(bytes: &[u8]) -> Result<&str> {
    let text = str::from_utf8(bytes).map_err(Error::invalid_json)?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let raw: &RawValue = serde_json::from_str(text).map_err(Error::invalid_json)?;
    if !raw.get().starts_with('{') {
        return Err(Error::invalid_json("it must be an object"));
    }
    let mut check = Check::default();
    check.value(raw, MAX_DEPTH).map_err(Error::invalid_json)?;
    match check.problem {
        None => Ok(text),
        // The client sent a field with an empty name. The error names `body` instead.
        Some((field, reason)) if field.is_empty() => Err(Error::field("body", reason)),
        Some((field, reason)) => Err(Error::field(field, reason)),
    }
}

/// Parses a value as a `T`. The error names the field.
pub(crate) fn typed<'de, T: Deserialize<'de>>(
    source: impl Deserializer<'de, Error = serde_json::Error>,
) -> Result<T> {
    serde_path_to_error::deserialize(source).map_err(|error| match Invalid::of(error) {
        Invalid::Missing { field } => Error::field(field, "is required"),
        Invalid::Unknown { field } => Error::field(field, "is unknown"),
        Invalid::Value { path, reason } if path.is_empty() => Error::field("body", reason),
        Invalid::Value { path, reason } => Error::field(path, reason),
    })
}

/// The canonical form of a value, the same for all its spellings. Keys are sorted, and whole
/// numbers have no fraction and no exponent.
pub(crate) fn canonical(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> =
                map.into_iter().map(|(key, value)| (key, canonical(value))).collect();
            entries.sort_unstable_by(|one, two| one.0.cmp(&two.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(values) => values.into_iter().map(canonical).collect(),
        Value::Number(number) => whole(&number).map_or(Value::Number(number), Value::from),
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

/// A number's exact value, if that is a whole one.
fn whole(number: &Number) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let exact = |float: f64| float.fract() == 0.0 && float.abs() < LIMIT;
    number
        .as_i64()
        .or_else(|| number.as_f64().filter(|float| exact(*float)).map(|float| float as i64))
}

/// Parses the text of a body as a `T`. The error names the field.
pub(crate) fn typed_text<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T> {
    typed(&mut serde_json::Deserializer::from_str(text))
}

/// Checks a syntactically correct text. It sees each number as written, before any rounding.
#[derive(Default)]
struct Check {
    /// The place of the current value, as errors name it.
    place: String,
    /// The first value that readers would misread: its place, and what is wrong with it.
    problem: Option<(String, &'static str)>,
}

impl Check {
    fn value(&mut self, raw: &RawValue, depth: usize) -> serde_json::Result<()> {
        let text = raw.get();
        let first = text.as_bytes().first();
        match first {
            Some(b'{' | b'[') if depth == 0 => Err(de::Error::custom("it is nested too deep")),
            Some(b'{') => {
                let Entries(entries) = serde_json::from_str(text)?;
                entries.into_iter().try_for_each(|(key, value)| {
                    let dot = if depth == MAX_DEPTH { "" } else { "." };
                    self.inside(&format!("{dot}{key}"), value, depth)
                })
            }
            Some(b'[') => {
                let values: Vec<&RawValue> = serde_json::from_str(text)?;
                values
                    .into_iter()
                    .enumerate()
                    .try_for_each(|(index, value)| self.inside(&format!("[{index}]"), value, depth))
            }
            // Syntax alone does not show a lone surrogate.
            Some(b'"') => serde_json::from_str::<String>(text).map(|_| ()),
            Some(b'-' | b'0'..=b'9') => self.number(text),
            _ => Ok(()),
        }
    }

    fn inside(&mut self, step: &str, value: &RawValue, depth: usize) -> serde_json::Result<()> {
        let length = self.place.len();
        self.place.push_str(step);
        if step.ends_with(RESERVED_KEY) {
            self.note(RESERVED_KEY_REASON);
        }
        self.value(value, depth - 1)?;
        self.place.truncate(length);
        Ok(())
    }

    fn number(&mut self, text: &str) -> serde_json::Result<()> {
        let whole = !text.contains(['.', 'e', 'E']);
        if whole && text.parse::<i64>().is_err() {
            self.note(TOO_BIG_REASON);
        }
        // A number beyond all doubles is an error.
        if whole { Ok(()) } else { serde_json::from_str::<f64>(text).map(|_| ()) }
    }

    fn note(&mut self, reason: &'static str) {
        self.problem.get_or_insert_with(|| (self.place.clone(), reason));
    }
}

/// The entries of an object that has no key twice. Two readers could disagree
/// on which value counts.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry::<String, &RawValue>()? {
            entries.push(entry);
        }
        let mut keys = HashSet::new();
        if !entries.iter().all(|(key, _)| keys.insert(key.as_str())) {
            return Err(de::Error::custom("an object has a key twice"));
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Outer {
        #[allow(dead_code)]
        first_name: String,
        #[allow(dead_code)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code)]
        n: u8,
    }

    fn field(value: Value) -> String {
        let error = typed::<Outer>(value).unwrap_err();
        assert_eq!(error.code(), Code::Validation);
        error.details().unwrap()["fields"][0]["field"].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_field_at_fault_is_named() {
        assert_eq!(field(json!({"inner": []})), "firstName");
        assert_eq!(field(json!({"firstName": 1, "inner": []})), "firstName");
        assert_eq!(field(json!({"firstName": "x", "inner": [], "other": 1})), "other");
        for odd in ["a`b", "a`, expected `b", "`", ".", "", "a.b", "[0]"] {
            assert_eq!(field(json!({"firstName": "x", "inner": [], odd: 1})), odd);
        }
        assert_eq!(field(json!({"firstName": "x", "inner": [{"n": 1}, {"n": 300}]})), "inner[1].n");
        assert_eq!(field(json!({"firstName": "x", "inner": [{"n": 1, "m": 1}]})), "inner[0].m");
        assert_eq!(field(json!({"firstName": "x", "inner": [{}]})), "inner[0].n");
    }

    #[test]
    fn a_value_is_never_repeated() {
        let error = typed::<Outer>(json!({"firstName": 987_654_321, "inner": []})).unwrap_err();
        assert_eq!(error.message(), "firstName: must be a string");
        let error =
            typed::<Outer>(json!({"firstName": "x", "inner": "se, expected cret"})).unwrap_err();
        assert_eq!(error.message(), "inner: must be an array");
    }

    #[test]
    fn one_value_has_one_form_however_it_is_written() {
        let form = |text: &str| {
            canonical(serde_json::from_str(object(text.as_bytes()).unwrap()).unwrap()).to_string()
        };
        for (one, other) in [
            (
                r#"{"a":1,"b":{"c":[1,2],"d":null}}"#,
                r#" { "b" : {"d":null, "c":[1.0,2e0]}, "a":10e-1 }"#,
            ),
            (r#"{"seatId":"é/"}"#, r#"{"seat\u0049d":"\u00e9\/"}"#),
            (r#"{"a":0}"#, r#"{"a":-0.0}"#),
            (r#"{"a":1000000000000}"#, r#"{"a":1e12}"#),
            (r#"{"a":0.5}"#, r#"{"a":5E-1}"#),
        ] {
            assert_eq!(form(one), form(other));
        }
        for (one, other) in [
            (r#"{"a":1}"#, r#"{"a":"1"}"#),
            (r#"{"a":1}"#, r#"{"a":1.5}"#),
            (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#),
            (r#"{"a":null}"#, "{}"),
            (r#"{"a":9007199254740993}"#, r#"{"a":9007199254740992}"#),
        ] {
            assert_ne!(form(one), form(other));
        }
    }

    #[test]
    fn what_is_not_one_plain_object_is_refused() {
        for bad in [
            "",
            "x",
            "[]",
            "1",
            "null",
            "{} {}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":{\"b\":1,\"b\":1}}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":1,}",
            "{\"a\":1e400}",
            "\u{feff}\u{feff}{}",
        ] {
            assert_eq!(object(bad.as_bytes()).unwrap_err().code(), Code::InvalidJson, "{bad}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}").unwrap_err().code(), Code::InvalidJson);
        assert!(object("\u{feff}{}".as_bytes()).is_ok());
        assert!(object(" {\"a\": [1, 2.5, null, true, \"x\", {\"b\": {}}]} ".as_bytes()).is_ok());
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(object(deep.as_bytes()).unwrap_err().code(), Code::InvalidJson);
    }

    #[test]
    fn a_whole_number_beyond_64_bits_is_named_and_never_rounded() {
        let place = |text: &str| {
            let error = object(text.as_bytes()).unwrap_err();
            assert_eq!(error.code(), Code::Validation);
            error.details().unwrap()["fields"][0]["field"].as_str().unwrap().to_owned()
        };
        assert_eq!(place(r#"{"a":[1,{"b":12345678901234567890123}]}"#), "a[1].b");
        assert_eq!(place(r#"{"a":9223372036854775808}"#), "a");
        assert_eq!(place(r#"{"":{"":[9223372036854775808]}}"#), ".[0]");
        assert_eq!(place(r#"{"":9223372036854775808}"#), "body");
        let reserved = r#"{"a":{"$serde_json::private::RawValue":"1"}}"#;
        assert_eq!(place(reserved), "a.$serde_json::private::RawValue");
        assert_eq!(place(r#"{"a":-9223372036854775809,"b":18446744073709551615}"#), "a");
        let fits = r#"{"a":[9223372036854775807,-9223372036854775808,1e22,-0,1.0,1e-400]}"#;
        assert!(object(fits.as_bytes()).is_ok());
        // What is no JSON at all is refused for that first.
        let error = object(br#"{"a":9223372036854775808,"b":"\ud800"}"#).unwrap_err();
        assert_eq!(error.code(), Code::InvalidJson);
    }
}
