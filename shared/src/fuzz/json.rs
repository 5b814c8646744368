//! The strict JSON reader: what it accepts, other readers accept and read in the same way.

use super::{
    fuzz,
    text::{CANARY, Edit, edited, edits, odd},
};
use crate::{error::Code, http::json};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::Value;

/// Any JSON value, with the canary in its texts but not in its keys.
pub fn any_value() -> impl Strategy<Value = Value> {
    let whole = select(vec![0, -1, 1, 100, 86_401, i64::MAX, i64::MIN, 1_000_000_000_001]);
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => whole.prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        4 => odd().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// A key of an object.
pub fn key() -> impl Strategy<Value = String> {
    let known = vec![
        "$where",
        "$gt",
        "a.b",
        "",
        "__proto__",
        "\0",
        "a`b",
        "a`, expected `b",
        "name",
        "[0]",
    ];
    prop_oneof![2 => select(known).prop_map(str::to_owned), 3 => "[a-z]{1,8}", 1 => any::<String>()]
}

fn refused(bytes: &[u8]) -> bool {
    json::object(bytes).is_err_and(|error| error.code() == Code::InvalidJson)
}

/// Whether a whole number in it does not fit 64 bits with a sign. Reading it
/// loses nothing but this.
fn has_big_number(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(has_big_number),
        Value::Object(map) => map.values().any(has_big_number),
        leaf => {
            leaf.is_number() && leaf.as_i64().is_none() && leaf.as_f64().unwrap().fract() == 0.0
        }
    }
}

#[test]
fn what_the_strict_reader_takes_is_read_alike_by_every_other() {
    let near = || {
        (any_value(), edits(3))
            .prop_map(|(value, edits)| edited(&value.to_string(), &edits).into_bytes())
    };
    let broken = (near(), any::<u16>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
        let at = usize::from(at) % bytes.len().max(1);
        bytes.splice(at..at, [byte]);
        bytes
    });
    let bytes = prop_oneof![4 => near(), 2 => broken, 1 => vec(any::<u8>(), 0..200)];
    fuzz("JSON, strict", bytes, |bytes: Vec<u8>| {
        let without_mark = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        let lenient = serde_json::from_slice::<Value>(without_mark);
        match json::object(&bytes) {
            Ok(text) => {
                let read = serde_json::from_str::<Value>(text).unwrap();
                assert_eq!(read, lenient.unwrap());
                assert!(read.is_object(), "{text}");
            }
            Err(error) if error.code() == Code::Validation => {
                assert!(has_big_number(&lenient.unwrap()), "{error}");
            }
            Err(error) => {
                assert_eq!(error.code(), Code::InvalidJson);
                assert!(
                    !error.to_string().contains(CANARY) && error.details().is_none(),
                    "{error}"
                );
            }
        }
    });
}

/// Writes a value, with one key a second time, its first letter escaped. `twice` selects the
/// key over all objects.
fn write(value: &Value, twice: &mut Option<usize>, text: &mut String) {
    match value {
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                write(value, twice, text);
            }
            text.push(']');
        }
        Value::Object(map) => {
            text.push('{');
            for (index, (key, value)) in map.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                let quoted = Value::from(key.as_str()).to_string();
                if *twice == Some(0) {
                    let escaped: String =
                        key.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
                    text.push_str(&format!("\"{escaped}\":1,"));
                }
                *twice = twice.and_then(|left| left.checked_sub(1));
                text.push_str(&format!("{quoted}:"));
                write(value, twice, text);
            }
            text.push('}');
        }
        leaf => text.push_str(&leaf.to_string()),
    }
}

#[test]
fn a_duplicate_key_is_refused_at_any_depth_and_in_any_spelling() {
    let object = vec((key(), any_value()), 0..6)
        .prop_map(|entries| Value::Object(entries.into_iter().collect()));
    fuzz("JSON, keys twice", (object, 0..10_usize), |(value, at)| {
        let (mut once, mut none) = (String::new(), None);
        write(&value, &mut none, &mut once);
        assert!(!refused(once.as_bytes()), "{once}");
        let (mut text, mut twice) = (String::new(), Some(at));
        write(&value, &mut twice, &mut text);
        assert_eq!(refused(text.as_bytes()), text != once, "{text}");
    });
}

#[test]
fn text_after_the_object_and_deep_nesting_are_refused() {
    let tail =
        prop_oneof![odd(), any_value().prop_map(|value| value.to_string()), Just("}".to_owned())];
    fuzz("JSON, tails and depth", (any_value(), tail, 1..400_usize), |(value, tail, depth)| {
        assert!(refused(format!("{{\"a\":{value}}}{tail}").as_bytes()));
        let nested = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        // serde_json's limit, which keeps the stack from overflowing.
        assert_eq!(refused(nested.as_bytes()), depth > 127, "{depth} levels");
        let cut = edited(&nested, &[Edit::Cut(depth)]);
        assert!(refused(cut.as_bytes()), "{cut}");
    });
}
