//! Checks bodies and queries, and generates values for valid ones.

use super::{
    changes::{apply, changes},
    contract::{Field, Rule, allows},
    fuzz,
    text::CANARY,
};
use crate::{
    error::{Code, Error},
    http::json,
};
use proptest::{prelude::*, sample::select};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Every path in the input as an error would name it, and the path of each of
/// `fields` in each object.
fn places(value: &Value, at: Option<&str>, fields: &[&str], found: &mut Vec<String>) {
    let below = |key: &str| at.map_or(key.to_owned(), |at| format!("{at}.{key}"));
    found.extend(at.map(str::to_owned));
    match value {
        Value::Object(map) => {
            found.extend(fields.iter().map(|field| below(field)));
            map.iter().for_each(|(key, value)| places(value, Some(&below(key)), fields, found));
        }
        Value::Array(values) => {
            let inside = |n: usize| format!("{}[{n}]", at.unwrap_or_default());
            values
                .iter()
                .enumerate()
                .for_each(|(n, value)| places(value, Some(&inside(n)), fields, found));
        }
        _ => {}
    }
}

/// The names of all fields, also of those inside others.
fn all_names(fields: &[Field], names: &mut Vec<&'static str>) {
    for field in fields {
        names.push(field.name);
        if let Rule::Object(inside) = field.rule {
            all_names(inside, names);
        }
    }
}

fn check_refusal(input: &Value, fields: &[Field], error: &Error) {
    assert_eq!(error.code(), Code::Validation, "{error}");
    let details = error.details().expect("details");
    let listed = details["fields"].as_array().expect("fields");
    let mut names = vec!["seatNumber", "price", "metadata"];
    all_names(fields, &mut names);
    let mut known = Vec::new();
    places(input, None, &names, &mut known);
    // A number that is too large may belong to a field whose name is empty.
    if known.iter().any(String::is_empty) {
        known.push("body".to_owned());
    }
    for entry in listed {
        let (field, reason) = (entry["field"].as_str().unwrap(), entry["reason"].as_str().unwrap());
        assert!(known.iter().any(|known| known == field), "{field:?} is no place in {input}");
        assert!(
            !reason.is_empty() && !reason.contains(CANARY),
            "{reason:?} repeats a value of {input}"
        );
    }
    // Not even as the name of a field: generated keys do not contain it.
    assert!(!error.to_string().contains(CANARY), "{error} repeats a value of {input}");
}

/// Fuzzes the type of a body. `valid` generates input that must be accepted.
pub(super) fn body<T: DeserializeOwned>(
    name: &str,
    fields: &[Field],
    valid: impl Strategy<Value = Value>,
) {
    changed(name, fields, valid, |input| {
        // As bytes, through the strict reader, as in a request.
        let text = input.to_string();
        json::object(text.as_bytes()).and_then(json::typed_text::<T>)
    });
}

/// Fuzzes the type of a query, in which all values are texts.
pub(super) fn query<T: DeserializeOwned>(
    name: &str,
    fields: &[Field],
    valid: impl Strategy<Value = Value>,
) {
    changed(name, fields, valid, |input| {
        // A parameter without a value is as if absent.
        for value in input.as_object_mut().into_iter().flat_map(Map::values_mut) {
            *value = match value.take() {
                Value::String(text) if text.is_empty() => Value::Null,
                Value::String(text) => text.into(),
                other => other.to_string().into(),
            };
        }
        json::typed::<T>(input.clone())
    });
}

/// Changes valid input at random, and checks what `read` makes of it.
fn changed<T>(
    name: &str,
    fields: &[Field],
    valid: impl Strategy<Value = Value>,
    read: impl Fn(&mut Value) -> Result<T, Error>,
) {
    fuzz(name, (valid, changes()), |(mut input, changes)| {
        let untouched = changes.is_empty();
        changes.into_iter().for_each(|change| apply(&mut input, change));
        match read(&mut input) {
            Ok(_) => assert!(allows(fields, &input), "taken: {input}"),
            Err(error) => {
                assert!(!untouched, "{error}: {input}");
                check_refusal(&input, fields, &error);
            }
        }
    });
}

/// An object of these fields. The last ones are optional.
pub(super) fn object(
    required: usize,
    fields: Vec<(&'static str, BoxedStrategy<Value>)>,
) -> impl Strategy<Value = Value> {
    let fields: Vec<_> = fields
        .into_iter()
        .enumerate()
        .map(|(n, (name, value))| {
            (Just(name), value, any::<bool>().prop_map(move |there| there || n < required))
        })
        .collect();
    fields.prop_map(|fields| {
        let there = fields.into_iter().filter(|(.., there)| *there);
        Value::Object(there.map(|(name, value, _)| (name.to_owned(), value)).collect::<Map<_, _>>())
    })
}

pub(super) fn text(pattern: &'static str) -> BoxedStrategy<Value> {
    pattern.prop_map(Value::from).boxed()
}

pub(super) fn one_of(words: &[&'static str]) -> BoxedStrategy<Value> {
    select(words.to_vec()).prop_map(Value::from).boxed()
}

pub(super) fn flag() -> BoxedStrategy<Value> {
    any::<bool>().prop_map(Value::from).boxed()
}

pub(super) fn email() -> BoxedStrategy<Value> {
    text(" ?[A-Za-z0-9.+é-]{1,20}@[A-Za-z0-9.-]{1,30}")
}

pub(super) fn app_id() -> BoxedStrategy<Value> {
    text("[a-z0-9][a-z0-9-]{1,62}")
}

pub(super) fn object_id() -> BoxedStrategy<Value> {
    text("[0-9a-f]{24}")
}

pub(super) fn uuid() -> BoxedStrategy<Value> {
    text("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
}

pub(super) fn name() -> BoxedStrategy<Value> {
    text("[A-Za-zéñ中][ -~éñ中]{0,99}")
}

pub(super) fn instant() -> BoxedStrategy<Value> {
    const DATE: &str = "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    const TIME: &str = "(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|\\+05:30)";
    (DATE, TIME).prop_map(|(date, time)| format!("{date}T{time}").into()).boxed()
}

pub(super) fn limit(max: u32) -> BoxedStrategy<Value> {
    (1..=max).prop_map(|limit| limit.to_string().into()).boxed()
}
