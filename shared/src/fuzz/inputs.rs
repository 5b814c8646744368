//! Every body and every query: accepted input is within the API's limits, and an error names the
//! field and repeats no value.

use super::{
    contract::{self, Rule, change, optional, required},
    fields::{
        app_id, body, email, flag, instant, limit, name, object, object_id, one_of, query, text,
        uuid,
    },
};
use crate::inputs::{
    AnalyticsIn, ConfirmIn, CreateSeatsIn, ListAllBookingsIn, ListAppsIn, ListBookingsIn,
    ListSeatsIn, NoParameters, RegisterIn, ReleaseIn, ReserveIn, RotateIn, SignIn, SignupIn,
    UpdateIn,
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

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
