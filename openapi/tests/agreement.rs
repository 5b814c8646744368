//! A schema accepts every value that its type accepts. It may accept more: bytes are not
//! characters, and a pattern cannot express a list of public suffixes. If it accepted less, clients
//! would reject good requests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::{
    domain::{
        AppId, BookingId, Currency, Domain, Email, EntityId, Instant, LoginPassword, Metadata,
        Name, NewPassword, NewSeat, NewSeats, OriginEntry, Overlap, PaymentId, Phone, Price,
        ReservationToken, SeatId, SeatIds, SeatNumber, UserId,
    },
    inputs::{
        ConfirmIn, CreateSeatsIn, RegisterIn, ReleaseIn, ReserveIn, RotateIn, SignIn, SignupIn,
        UpdateIn,
    },
};
use std::{slice::from_ref, sync::OnceLock};

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| openapi::document().unwrap())
}

/// Both accept all of `good` and refuse all of `bad`. Only the type refuses `beyond`.
fn agree<T: DeserializeOwned>(name: &str, good: &[Value], bad: &[Value], beyond: &[Value]) {
    let components = &document()["components"];
    assert!(components["schemas"][name].is_object(), "no schema {name}");
    let schema = json!({"$ref": format!("#/components/schemas/{name}"), "components": components});
    let schema =
        jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let reads = |value: &Value| serde_json::from_value::<T>(value.clone()).is_ok();
    for value in good {
        assert!(reads(value), "{name}: the type refuses {value}");
        assert!(schema.is_valid(value), "{name}: the schema refuses {value}");
    }
    let never = [json!(null), json!(true), json!(1.5), json!("\u{7}"), json!([[]])];
    for value in bad.iter().chain(never.iter().filter(|value| !good.contains(value))) {
        assert!(!reads(value), "{name}: the type takes {value}");
        assert!(!schema.is_valid(value), "{name}: the schema takes {value}");
    }
    for value in beyond {
        assert!(!reads(value), "{name}: the type takes {value}");
        assert!(
            schema.is_valid(value),
            "{name}: the schema refuses {value}: it belongs to the bad ones"
        );
    }
}

fn texts(of: &[&str]) -> Vec<Value> {
    of.iter().map(|text| json!(text)).collect()
}

#[test]
fn ids() {
    let long = |n: usize| "a".repeat(n);
    agree::<AppId>(
        "AppId",
        &texts(&["ab", "0-", &long(63)]),
        &texts(&["", "a", "-a", "A1", "a_b", "ab\n", &long(64)]),
        &[],
    );
    agree::<EntityId>(
        "EntityId",
        &texts(&["E", "a.b-c_D", &long(64)]),
        &texts(&["", ".a", "a/b", "a\n", &long(65)]),
        &[],
    );
    agree::<PaymentId>(
        "PaymentId",
        &texts(&["-", "pay_1", "a.b:c=d+e/f", "free:x", &long(255)]),
        &texts(&["", "a b", "é", ".a", &long(256)]),
        &texts(&["free:67e55044-10b1-426f-9247-bb680e5fe0c8"]),
    );
    let bookings = [
        "BK-20260122-ABC123000",
        "bk-20260122-ABC1230000",
        "BK-2026012A-ABC1230000",
        "BK-20260122-abc1230000",
    ];
    agree::<BookingId>("BookingId", &texts(&["BK-20260122-ABC1230000"]), &texts(&bookings), &[]);
    let tokens = [
        "67e55044-10b1-426f-9247-bb680e5fe0c8",
        "67E55044-10B1-426F-9247-BB680E5FE0C8",
        "00000000-0000-0000-0000-000000000000",
    ];
    let no_tokens = [
        "",
        "67e5504410b1426f9247bb680e5fe0c8",
        "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
        "67e55044-10b1-426f-9247-bb680e5fe0cg",
    ];
    agree::<ReservationToken>("ReservationToken", &texts(&tokens), &texts(&no_tokens), &[]);
    let seat = "507f1f77bcf86cd799439011";
    let no_seats = texts(&[
        "507F1F77BCF86CD799439011",
        "507f1f77bcf86cd79943901",
        "507f1f77bcf86cd7994390111",
    ]);
    agree::<SeatId>("SeatId", &texts(&[seat]), &no_seats, &[]);
    agree::<UserId>("UserId", &texts(&[seat]), &no_seats, &[]);
    let many: Vec<String> = (0..11).map(|n| format!("{n:024x}")).collect();
    agree::<SeatIds>(
        "SeatIds",
        &[json!([seat]), json!(many[..10])],
        &[json!([]), json!([seat, seat]), json!(many), json!(seat)],
        &[],
    );
}

#[test]
fn people() {
    let at = |n: usize| format!("{}@b", "a".repeat(n - 2));
    let bad = ["", "a@", "@b", "abc", "a@b@c", "a b@c", "a\u{7}@b", "a@b\n"];
    let good = ["a@b", "  Ann@Example.COM ", "a\u{200b}nn@b", &at(254)];
    agree::<Email>("Email", &texts(&good), &texts(&bad), &texts(&[&at(255)]));
    let long = |n: usize| "é".repeat(n);
    agree::<Name>(
        "Name",
        &texts(&["A", " x ", &long(100), &format!(" {} ", long(100))]),
        &texts(&["", "  ", "a\nb", "a\u{85}"]),
        &texts(&["\u{3164}", &long(101)]),
    );
    agree::<Phone>(
        "Phone",
        &texts(&["123", "+91 98765-43210", "(0) 12"]),
        &texts(&["12", "++123", "12a", &"1".repeat(33)]),
        &[],
    );
    let passwords = ["1234567890ab", &"e\u{301}".repeat(128), &"𝄞".repeat(10), &"漢".repeat(128)];
    agree::<NewPassword>(
        "NewPassword",
        &texts(&passwords),
        &texts(&["", "ab", "𝄞𝄞𝄞", "0123\u{0}56789"]),
        &texts(&["password123", &" ".repeat(10), &long(129)]),
    );
    agree::<LoginPassword>(
        "LoginPassword",
        &texts(&["x", "\u{7}", &"x".repeat(1024), &"x".repeat(1025)]),
        &texts(&[""]),
        &[],
    );
}

#[test]
fn seats() {
    let bad = ["", " ", "A\u{1}"];
    agree::<SeatNumber>(
        "SeatNumber",
        &texts(&["A1", "Row 2 Seat 3", "Ä", "A\u{200b}1", " A1", &"1".repeat(64)]),
        &texts(&bad),
        &texts(&["\u{3164}", "A\u{202e}1", &"1".repeat(65)]),
    );
    agree::<Currency>("Currency", &texts(&["INR"]), &texts(&["inr", "INRX", "IN", "ÀBC"]), &[]);
    agree::<Price>(
        "Price",
        &[json!(0), json!(45_000.0), json!(1_000_000_000_000_i64)],
        &[json!(-1), json!(1_000_000_000_001_i64), json!("1")],
        &[],
    );
    let deep = json!({"a": {"b": {"c": {"d": {"e": {}}}}}});
    let good = [json!({}), json!({"a": null, "b": [1, {"c": "x"}]}), json!({"": 1, "k e y": true})];
    agree::<Metadata>(
        "Metadata",
        &good,
        &[json!([]), json!({"$a": 1}), json!({"a.b": 1}), json!({"a\u{0}": 1})],
        &[deep, json!({"a": "x".repeat(2100)})],
    );
    let seat = json!({"seatNumber": "A1", "price": 1});
    agree::<NewSeat>(
        "NewSeat",
        &[seat.clone(), with(&seat, "metadata", json!(null))],
        &[json!({"seatNumber": "A1"}), json!({"seatNumber": "A1", "price": 1, "x": 1})],
        &[],
    );
    let many = |n: usize| {
        Value::from(
            (0..n).map(|n| json!({"seatNumber": n.to_string(), "price": 0})).collect::<Vec<_>>(),
        )
    };
    agree::<NewSeats>(
        "NewSeats",
        &[many(1), many(1000)],
        &[json!([]), many(1001)],
        &[json!([seat, seat])],
    );
}

#[test]
fn tenants_and_times() {
    agree::<Domain>("Domain", &texts(&["EVENT", "BUS", "MOVIE"]), &texts(&["event", "PLANE"]), &[]);
    agree::<Overlap>(
        "Overlap",
        &[json!(0), json!(86_400)],
        &[json!(-1), json!(86_401), json!("1")],
        &[],
    );
    let good = [
        "https://event.com",
        "HTTPS://Event.com:8443",
        "https://*.event.com",
        "http://localhost:3000",
        "http://127.0.0.1",
        "capacitor://localhost",
    ];
    let beyond = [
        "https://*.com",
        "http://event.com",
        "https://*",
        "https://*.*.event.com",
        "ws://event.com",
    ];
    agree::<OriginEntry>(
        "OriginEntry",
        &texts(&good),
        &texts(&[
            "",
            "*",
            "null",
            "event.com",
            "1app://event.com",
            "https://",
            "https://event.com/a",
        ]),
        &texts(&beyond),
    );
    let instants = ["2026-01-22T10:00:00.000Z", "2026-01-22T10:00:00+05:30"];
    agree::<Instant>(
        "Instant",
        &texts(&instants),
        &texts(&["", "2026-01-22", "2026-13-22T10:00:00Z", "tomorrow"]),
        &[],
    );
}

#[test]
fn bodies() {
    let (seat, token) = ("507f1f77bcf86cd799439011", "67e55044-10b1-426f-9247-bb680e5fe0c8");
    let sign_in = json!({"email": "a@b", "password": "x"});
    agree::<SignIn>(
        "SignIn",
        from_ref(&sign_in),
        &[json!({}), with(&sign_in, "name", json!("x")), without(&sign_in, "email")],
        &[],
    );
    let signup = json!({"email": "a@b", "password": "a long enough one", "name": "A"});
    agree::<SignupIn>(
        "SignupIn",
        &[
            signup.clone(),
            with(&signup, "phone", json!("12345")),
            with(&signup, "phone", json!(null)),
        ],
        &[with(&signup, "admin", json!(true)), without(&signup, "name")],
        &[],
    );
    let app = json!({"name": "A", "domain": "BUS", "allowedDomains": ["https://event.com"]});
    agree::<RegisterIn>(
        "RegisterIn",
        &[
            app.clone(),
            with(&app, "appId", json!("ab")),
            with(&app, "allowServerRequests", json!(true)),
            with(&app, "allowServerRequests", json!(null)),
            with(&app, "appId", json!(null)),
        ],
        &[with(&app, "isActive", json!(true)), without(&app, "allowedDomains")],
        &[],
    );
    let changes = [
        json!({"name": "A"}),
        json!({"allowedDomains": []}),
        json!({"isActive": false, "allowServerRequests": true}),
    ];
    agree::<UpdateIn>(
        "UpdateIn",
        &changes,
        &[json!({"name": null}), json!({"domain": "BUS"}), json!({"isActive": 1})],
        &[],
    );
    agree::<RotateIn>(
        "RotateIn",
        &[json!({}), json!({"overlapSeconds": 60}), json!({"overlapSeconds": null})],
        &[json!({"overlap": 1})],
        &[],
    );
    let seats = json!({
        "appId": "ab", "entityId": "e", "currency": "INR",
        "seats": [{"seatNumber": "A1", "price": 1}],
    });
    agree::<CreateSeatsIn>(
        "CreateSeatsIn",
        from_ref(&seats),
        &[without(&seats, "currency"), with(&seats, "domain", json!("BUS"))],
        &[],
    );
    // The type alone takes both and neither; the function refuses them, and so does the schema.
    agree::<ReserveIn>(
        "ReserveIn",
        &[
            json!({"seatId": seat}),
            json!({"seatIds": [seat]}),
            json!({"reservationToken": token, "seatIds": [seat]}),
        ],
        &[json!({"seatIds": []}), json!({"seat": seat}), json!({"seatId": "A1"})],
        &[],
    );
    let confirm = json!({"reservationToken": token, "paymentId": "pay_1"});
    agree::<ConfirmIn>(
        "ConfirmIn",
        &[
            confirm.clone(),
            without(&confirm, "paymentId"),
            with(&confirm, "paymentId", json!(null)),
        ],
        &[without(&confirm, "reservationToken"), with(&confirm, "amount", json!(1))],
        &[],
    );
    agree::<ReleaseIn>(
        "ReleaseIn",
        &[json!({"reservationToken": token})],
        &[json!({}), confirm],
        &[],
    );
}

fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

fn without(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().shift_remove(field);
    body
}
