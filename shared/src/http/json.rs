//! Parses JSON strictly. Errors name the field.

use crate::{
    error::{Error, Result},
    invalid::Invalid,
};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Parses a body as one JSON object without duplicate keys.
pub(crate) fn object(bytes: &[u8]) -> Result<Value> {
    match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict(value @ Value::Object(_))) => Ok(value),
        Ok(_) => Err(Error::invalid_json("it must be an object")),
        Err(error) => Err(Error::invalid_json(error)),
    }
}

/// Parses a value as a `T`. The error names the field.
pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| match Invalid::of(error) {
        Invalid::Missing { field } => Error::field(field, "is required"),
        Invalid::Unknown { field } => Error::field(field, "is unknown"),
        Invalid::Value { path, reason } if path.is_empty() => Error::field("body", reason),
        Invalid::Value { path, reason } => Error::field(path, reason),
    })
}

/// The value in the one form that all its spellings share: keys in order, and a whole number
/// without a fraction or an exponent.
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

/// A JSON value whose objects have no key twice. Two readers could disagree on which value counts.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = sequence.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(de::Error::custom("an object has a key twice"));
            }
            let Strict(value) = entries.next_value()?;
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use serde_json::json;

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
        let form = |text: &str| canonical(object(text.as_bytes()).unwrap()).to_string();
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
            (r#"{"a":18446744073709551615}"#, r#"{"a":18446744073709551614}"#),
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
            "\u{feff}{}",
        ] {
            assert_eq!(object(bad.as_bytes()).unwrap_err().code(), Code::InvalidJson, "{bad}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}").unwrap_err().code(), Code::InvalidJson);
        assert!(object(" {\"a\": [1, 2.5, null, true, \"x\", {\"b\": {}}]} ".as_bytes()).is_ok());
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(object(deep.as_bytes()).unwrap_err().code(), Code::InvalidJson);
    }
}
