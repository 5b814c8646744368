//! Every body and every query: accepted input is within the API's limits, and an error names the
//! field and repeats no value.

use super::{
    changes::{apply, changes},
    contract::{self, Field, Rule, allows, change, optional, required},
    fuzz,
    text::CANARY,
};
use crate::{
    error::{Code, Error},
    http::json,
    inputs::{
        AnalyticsIn, ConfirmIn, CreateSeatsIn, ListAllBookingsIn, ListAppsIn, ListBookingsIn,
        ListSeatsIn, NoParameters, RegisterIn, ReleaseIn, ReserveIn, RotateIn, SignIn, SignupIn,
        UpdateIn,
    },
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

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
    fuzz(name, (valid, changes()), |(mut input, changes)| {
        let untouched = changes.is_empty();
        changes.into_iter().for_each(|change| apply(&mut input, change));
        // As bytes, through the strict reader, as in a request.
        let text = input.to_string();
        let outcome = json::object(text.as_bytes()).and_then(json::typed_text::<T>);
        check(fields, &input, untouched, outcome);
    });
}

/// Fuzzes the type of a query, in which all values are texts.
pub(super) fn query<T: DeserializeOwned>(
    name: &str,
    fields: &[Field],
    valid: impl Strategy<Value = Value>,
) {
    fuzz(name, (valid, changes()), |(mut input, changes)| {
        let untouched = changes.is_empty();
        changes.into_iter().for_each(|change| apply(&mut input, change));
        // A parameter without a value is as if absent.
        for value in input.as_object_mut().into_iter().flat_map(Map::values_mut) {
            *value = match value.take() {
                Value::String(text) if text.is_empty() => Value::Null,
                Value::String(text) => text.into(),
                other => other.to_string().into(),
            };
        }
        check(fields, &input, untouched, json::typed::<T>(input.clone()));
    });
}

fn check<T>(fields: &[Field], input: &Value, untouched: bool, outcome: Result<T, Error>) {
    match outcome {
        Ok(_) => assert!(allows(fields, input), "taken: {input}"),
        Err(error) => {
            assert!(!untouched, "{error}: {input}");
            check_refusal(input, fields, &error);
        }
    }
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

fn email() -> BoxedStrategy<Value> {
    text(" ?[A-Za-z0-9.+é-]{1,20}@[A-Za-z0-9.-]{1,30}")
}

fn app_id() -> BoxedStrategy<Value> {
    text("[a-z0-9][a-z0-9-]{1,62}")
}

pub(super) fn object_id() -> BoxedStrategy<Value> {
    text("[0-9a-f]{24}")
}

fn uuid() -> BoxedStrategy<Value> {
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

fn origins() -> BoxedStrategy<Value> {
    let origin = "https://(\\*\\.)?tenant-[a-z]{1,9}\\.(com|co\\.uk|in)(:8[0-9]{3})?";
    vec(origin.prop_map(Value::from), 1..4).prop_map(Value::from).boxed()
}

#[test]
fn both_logins() {
    let fields =
        [required("email", Rule::Email), required("password", Rule::Password(1, usize::MAX))];
    body::<SignIn>(
        "SignIn",
        &fields,
        object(2, vec![("email", email()), ("password", text("[ -~é]{1,60}"))]),
    );
}

#[test]
fn signup() {
    let fields = [
        required("email", Rule::Email),
        required("password", Rule::Password(10, 128)),
        required("name", Rule::Printable(1, 100)),
        optional("phone", Rule::Text(&contract::PHONE)),
    ];
    let valid = object(
        3,
        vec![
            ("email", email()),
            ("password", text("[!-~é漢][ -~é漢🚌]{11,127}")),
            ("name", name()),
            ("phone", text("\\+?[0-9][0-9 ()-]{1,30}[0-9]")),
        ],
    );
    body::<SignupIn>("SignupIn", &fields, valid);
}

#[test]
fn apps() {
    let fields = [
        optional("appId", Rule::Text(&contract::APP_ID)),
        required("name", Rule::Printable(1, 100)),
        required("domain", Rule::Text(&contract::DOMAIN)),
        required("allowedDomains", Rule::Origins),
        optional("allowServerRequests", Rule::Flag),
    ];
    let valid = object(
        3,
        vec![
            ("name", name()),
            ("domain", one_of(&["EVENT", "BUS", "MOVIE"])),
            ("allowedDomains", origins()),
            ("appId", app_id()),
            ("allowServerRequests", flag()),
        ],
    );
    body::<RegisterIn>("RegisterIn", &fields, valid);
}

#[test]
fn changes_of_an_app() {
    let fields = [
        change("name", Rule::Printable(1, 100)),
        change("allowedDomains", Rule::Origins),
        change("allowServerRequests", Rule::Flag),
        change("isActive", Rule::Flag),
    ];
    let valid = object(
        0,
        vec![
            ("name", name()),
            ("allowedDomains", origins()),
            ("allowServerRequests", flag()),
            ("isActive", flag()),
        ],
    );
    body::<UpdateIn>("UpdateIn", &fields, valid);
}

#[test]
fn rotation_of_a_key() {
    let fields = [optional("overlapSeconds", Rule::Whole(0, 86_400))];
    let seconds = (0..=86_400).prop_map(Value::from).boxed();
    body::<RotateIn>("RotateIn", &fields, object(0, vec![("overlapSeconds", seconds)]));
}

#[test]
fn seats() {
    let fields = [
        required("appId", Rule::Text(&contract::APP_ID)),
        required("entityId", Rule::Text(&contract::ENTITY_ID)),
        required("currency", Rule::Text(&contract::CURRENCY)),
        required("seats", Rule::NewSeats),
    ];
    let metadata = one_of(&["gold", "aisle"])
        .prop_map(|word| json!({"tier": word, "view": {"side": [1, 2.5, null]}}));
    let price = (0..=1_000_000_000_000_i64).prop_map(Value::from).boxed();
    let seat = object(
        2,
        vec![("seatNumber", text("[A-Zक席]-?")), ("price", price), ("metadata", metadata.boxed())],
    );
    let seats = vec(seat, 1..4).prop_map(|mut seats| {
        for (n, seat) in seats.iter_mut().enumerate() {
            seat["seatNumber"] = format!("{}{n}", seat["seatNumber"].as_str().unwrap()).into();
        }
        Value::from(seats)
    });
    let valid = object(
        4,
        vec![
            ("appId", app_id()),
            ("entityId", text("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")),
            ("currency", text("[A-Z]{3}")),
            ("seats", seats.boxed()),
        ],
    );
    body::<CreateSeatsIn>("CreateSeatsIn", &fields, valid);
}

#[test]
fn reservations() {
    let fields = [
        optional("seatId", Rule::Text(&contract::OBJECT_ID)),
        optional("seatIds", Rule::Seats(1, 10)),
        optional("reservationToken", Rule::Text(&contract::UUID)),
    ];
    let seats = proptest::collection::hash_set("[0-9a-f]{24}", 1..=10);
    let basket = seats.prop_map(|seats| seats.into_iter().collect::<Vec<_>>().into()).boxed();
    body::<ReserveIn>(
        "ReserveIn",
        &fields,
        object(0, vec![("seatId", object_id()), ("seatIds", basket), ("reservationToken", uuid())]),
    );
}

#[test]
fn confirmations() {
    let token = required("reservationToken", Rule::Text(&contract::UUID));
    let fields = [token, optional("paymentId", Rule::Text(&contract::PAYMENT_ID))];
    let valid = object(
        1,
        vec![
            ("reservationToken", uuid()),
            ("paymentId", text("[A-Za-z0-9_-][A-Za-z0-9._:=+/-]{0,254}")),
        ],
    );
    body::<ConfirmIn>("ConfirmIn", &fields, valid);
}

#[test]
fn releases() {
    let fields = [required("reservationToken", Rule::Text(&contract::UUID))];
    body::<ReleaseIn>("ReleaseIn", &fields, object(1, vec![("reservationToken", uuid())]));
}

#[test]
fn queries_of_seats() {
    let fields = [
        required("entityId", Rule::Text(&contract::ENTITY_ID)),
        optional("include", Rule::Text(&contract::INCLUDE)),
        optional("limit", Rule::Digits(1, 1000)),
        optional("cursor", Rule::Text(&contract::BASE64_URL)),
    ];
    let valid = object(
        1,
        vec![
            ("entityId", text("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")),
            ("include", one_of(&["all"])),
            ("limit", limit(1000)),
            // "A1", as JSON.
            ("cursor", one_of(&["IkExIg"])),
        ],
    );
    query::<ListSeatsIn>("ListSeatsIn", &fields, valid);
}

/// This is `[1769076000000,"507f1f77bcf86cd799439011"]` in base64url.
const BOOKING_CURSOR: &str = "WzE3NjkwNzYwMDAwMDAsIjUwN2YxZjc3YmNmODZjZDc5OTQzOTAxMSJd";

#[test]
fn queries_of_apps() {
    let fields = [
        optional("limit", Rule::Digits(1, 100)),
        optional("cursor", Rule::Text(&contract::BASE64_URL)),
    ];
    let valid = object(0, vec![("limit", limit(100)), ("cursor", one_of(&[BOOKING_CURSOR]))]);
    query::<ListAppsIn>("ListAppsIn", &fields, valid);
}

#[test]
fn queries_of_bookings() {
    let fields = [
        optional("limit", Rule::Digits(1, 100)),
        optional("cursor", Rule::Text(&contract::BASE64_URL)),
    ];
    let valid = object(0, vec![("limit", limit(100)), ("cursor", one_of(&[BOOKING_CURSOR]))]);
    query::<ListBookingsIn>("ListBookingsIn", &fields, valid);
}

#[test]
fn queries_of_all_bookings() {
    let fields = [
        optional("appId", Rule::Text(&contract::APP_ID)),
        optional("userId", Rule::Text(&contract::OBJECT_ID)),
        optional("status", Rule::Text(&contract::STATUS)),
        optional("paymentStatus", Rule::Text(&contract::PAYMENT_STATUS)),
        optional("from", Rule::Text(&contract::RFC_3339)),
        optional("to", Rule::Text(&contract::RFC_3339)),
        optional("limit", Rule::Digits(1, 100)),
        optional("cursor", Rule::Text(&contract::BASE64_URL)),
    ];
    let valid = object(
        0,
        vec![
            ("appId", app_id()),
            ("userId", object_id()),
            ("status", one_of(&["CONFIRMED", "FAILED", "REFUND_DUE", "CANCELLED"])),
            ("paymentStatus", one_of(&["PENDING", "SUCCESS", "FAILED"])),
            ("from", instant()),
            ("to", instant()),
            ("limit", limit(100)),
            ("cursor", one_of(&[BOOKING_CURSOR])),
        ],
    );
    query::<ListAllBookingsIn>("ListAllBookingsIn", &fields, valid);
}

#[test]
fn queries_of_analytics() {
    let fields = [
        optional("appId", Rule::Text(&contract::APP_ID)),
        optional("from", Rule::Text(&contract::RFC_3339)),
        optional("to", Rule::Text(&contract::RFC_3339)),
    ];
    let valid = object(0, vec![("appId", app_id()), ("from", instant()), ("to", instant())]);
    query::<AnalyticsIn>("AnalyticsIn", &fields, valid);
}

#[test]
fn no_parameters() {
    query::<NoParameters>("NoParameters", &[], Just(json!({})));
}
