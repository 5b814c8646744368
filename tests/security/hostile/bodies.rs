//! Bodies that are not a JSON object, that two parsers would read differently, or
//! that contain query operators.

use serde_json::{Value, json};

use super::{
    Case, Expect, Transport, by_base64, by_event, by_every_transport, drive, one_of_each_kind,
};
use crate::{
    security::{fixture::Fixture, request::Request},
    support::routes::{self, Route},
};

fn with_body() -> Vec<Route> {
    routes::all().into_iter().filter(|route| route.body.is_some()).collect()
}

/// Whether a body may be left out.
fn all_optional(route: &Route) -> bool {
    route.method == "PATCH"
        || [
            "/admin/apps/{appId}/rotate-key",
            "/admin/apps/{appId}/webhooks/{webhookId}/rotate-secret",
            "/admin/refunds/{refundId}/retry",
        ]
        .contains(&route.pattern)
}

/// Bodies that are refused before any field is checked. `body` has the right form.
fn no_json(body: &str) -> Vec<(&'static str, Vec<u8>)> {
    let rest = &body[1..];
    let first = rest.split(':').next().expect("a field");
    let text = |text: &str| text.as_bytes().to_vec();
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}{}", open.repeat(depth), close.repeat(depth))
    };
    let utf16: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("no JSON", text("not json")),
        ("a truncated body", text(&body[..body.len() - 1])),
        ("bytes after the body", text(&format!("{body} x"))),
        ("two bodies", text(&format!("{body}{body}"))),
        ("a NUL after the body", text(&format!("{body}\0"))),
        ("a key twice", text(&format!("{{{first}:1,{rest}"))),
        ("a key twice, once escaped", text(&format!(r#"{{"surprise":1,"\u0073urprise":1,{rest}"#))),
        (
            "a key twice, far down",
            text(&format!(r#"{{"surprise":[{{"a":{{"b":1,"b":2}}}}],{rest}"#)),
        ),
        (
            "objects in objects, 10,000 deep",
            text(&format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000))),
        ),
        (
            "lists in lists, 10,000 deep",
            text(&format!(r#"{{"surprise":{},{rest}"#, nested("[", "]", 10_000))),
        ),
        ("lists that never end", text(&"[".repeat(30_000))),
        ("a lone surrogate", text(&format!(r#"{{"surprise":"\ud800",{rest}"#))),
        ("a lone surrogate in a key", text(&format!(r#"{{"\udfff":1,{rest}"#))),
        ("surrogates in the wrong order", text(&format!(r#"{{"surprise":"\udc00\ud800",{rest}"#))),
        ("a raw NUL in a text", text(&format!("{{\"surprise\":\"a\0b\",{rest}"))),
        ("a raw line break in a text", text(&format!("{{\"surprise\":\"a\nb\",{rest}"))),
        ("invalid UTF-8", [b"{\"surprise\":\"\xff\xfe\",", rest.as_bytes()].concat()),
        ("an overlong encoding", [b"{\"surprise\":\"\xc0\xaf\",", rest.as_bytes()].concat()),
        ("an encoded surrogate", [b"{\"surprise\":\"\xed\xa0\x80\",", rest.as_bytes()].concat()),
        ("two byte order marks", text(&format!("\u{feff}\u{feff}{body}"))),
        ("UTF-16", utf16),
        ("a list", text(&format!("[{body}]"))),
        ("null", text("null")),
        ("a number", text("1")),
        ("a text", text(r#""text""#)),
        ("true", text("true")),
        ("a number beyond all numbers", text(&format!(r#"{{"surprise":1e400,{rest}"#))),
        ("a negative number beyond all numbers", text(&format!(r#"{{"surprise":-1e400,{rest}"#))),
        ("NaN", text(&format!(r#"{{"surprise":NaN,{rest}"#))),
        ("infinity", text(&format!(r#"{{"surprise":Infinity,{rest}"#))),
        ("a number in hex", text(&format!(r#"{{"surprise":0x10,{rest}"#))),
        ("a number with a zero in front", text(&format!(r#"{{"surprise":01,{rest}"#))),
        ("a comment", text(&format!("{{/**/{rest}"))),
        ("single quotes", text("{'single': 1}")),
        ("a comma at the end", text(&format!("{},}}", &body[..body.len() - 1]))),
        ("blanks alone", text("    ")),
        (
            "XML with an entity",
            text(r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>"#),
        ),
    ]
}

fn not_one_object(fixture: &Fixture) -> Vec<Case> {
    let mut cases = Vec::new();
    for route in with_body() {
        let right = fixture.right(&route);
        let body = String::from_utf8(right.body.clone().expect("a body")).expect("text");
        for (what, bytes) in no_json(&body) {
            cases.push(Case::error(what, right.clone().body(bytes), 400, "INVALID_JSON"));
        }
        if !all_optional(&route) {
            cases.push(Case::error("an empty body", right.clone().body(""), 400, "INVALID_JSON"));
        }
        let limit = route.body_limit();
        for size in [limit + 1, limit.max(1 << 20) + 1] {
            let padded = format!("{body}{}", " ".repeat(size - body.len()));
            cases.push(Case::error(
                format!("{size} bytes"),
                right.clone().body(padded),
                413,
                "PAYLOAD_TOO_LARGE",
            ));
        }
    }
    cases
}

#[tokio::test]
async fn a_body_that_is_not_one_plain_object_is_refused_and_does_nothing() {
    by_every_transport(not_one_object).await;
}

/// Values that a query language, a prototype or a careless conversion would misread.
fn operators() -> Vec<Value> {
    vec![
        json!({"$ne": null}),
        json!({"$gt": ""}),
        json!({"$regex": ".*"}),
        json!({"$where": "sleep(10000)"}),
        json!({"$oid": "0123456789abcdef01234567"}),
        json!({"__proto__": {"admin": true}}),
        json!([]),
        json!([null]),
        json!([{"$ne": null}]),
        json!([["x"]]),
        json!(null),
        json!(true),
        json!(-1),
        json!(1e30),
        json!(0.5),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("line\r\nbreak"),
        json!("\u{1b}[31mred"),
        json!("x".repeat(60_000)),
    ]
}

fn fields(fixture: &Fixture) -> Vec<Case> {
    let mut cases = Vec::new();
    for route in with_body() {
        let right = fixture.right(&route);
        let body = right.body.as_deref().expect("a body");
        let body: Value = serde_json::from_slice(body).expect("JSON");
        for name in body.as_object().expect("an object").keys() {
            // A wrong password is reported as such, not as a wrong field.
            let password = name == "password" && route.pattern.ends_with("/login");
            for value in operators() {
                // An optional field that is null is as if absent.
                let is_optional = match (route.method, route.pattern) {
                    ("PUT", "/admin/apps/{appId}/entities/{entityId}") => name != "title",
                    ("PUT", "/admin/apps/{appId}/layouts/{layoutId}") => name == "shapes",
                    ("POST", "/admin/apps/{appId}/layouts/{layoutId}/import") => name == "size",
                    ("POST", "/admin/refunds/{refundId}/retry") => name == "reason",
                    ("POST", "/admin/apps/{appId}/webhooks") => name != "url",
                    _ => ["overlapSeconds", "phone", "paymentId"].contains(&name.as_str()),
                };
                // A plan may have no shapes. Without categories, the seats that name one are wrong.
                if ["shapes", "categories"].contains(&name.as_str()) && value == json!([]) {
                    continue;
                }
                if is_optional && value.is_null() || name == "enabled" && value.is_boolean() {
                    continue;
                }
                if password && value.is_string() {
                    continue;
                }
                let what = format!(
                    "{name} = {}",
                    super::cut(&value.to_string()).chars().take(40).collect::<String>()
                );
                cases.push(Case::field(what, right.clone().json(&with(&body, name, value)), name));
            }
        }
        for name in [
            "__proto__",
            "constructor",
            "$where",
            "$set",
            "a.b",
            "",
            "role",
            "isAdmin",
            "userId",
            "_id",
            "\u{0}",
        ] {
            let case = Case::field(
                format!("a field {name:?}"),
                right.clone().json(&with(&body, name, json!({"$gt": ""}))),
                name,
            );
            cases.push(case);
        }
        let long = "n".repeat(60_000);
        let huge = right.clone().json(&with(&body, &long, json!(1)));
        cases.push(Case::error(
            "a field with a name of 60,000 letters",
            huge,
            400,
            "VALIDATION_ERROR",
        ));
    }
    cases
}

fn with(body: &Value, name: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[name] = value;
    body
}

#[tokio::test]
async fn a_field_that_is_no_plain_value_is_refused_by_name_and_does_nothing() {
    by_every_transport(fields).await;
}

/// Values inside a field.
fn inside(fixture: &Fixture) -> Vec<Case> {
    let seats = routes::find("POST", "/admin/seats");
    let base = json!({"appId": fixture.tenant.app_id, "entityId": "hostile", "currency": "INR"});
    let create = |seats: Value| {
        fixture.right(&routes::find("POST", "/admin/seats")).json(&with(&base, "seats", seats))
    };
    let mut cases = Vec::new();
    for metadata in [
        json!({"$where": "1"}),
        json!({"a.b": 1}),
        json!({"deep": {"$gt": ""}}),
        json!({"list": [{"a\u{0}b": 1}]}),
        json!({"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}),
        json!({"long": "x".repeat(3_000)}),
    ] {
        let what =
            format!("metadata {}", metadata.to_string().chars().take(40).collect::<String>());
        cases.push(Case::field(
            what,
            create(json!([{"seatNumber": "A1", "price": 1, "metadata": metadata}])),
            "seats",
        ));
    }
    for price in
        ["45000.0000000000001", "0.1", "1e30", "-1", "9223372036854775808", "1000000000001", "true"]
    {
        let raw = with(&base, "seats", json!([{"seatNumber": "A1", "price": 4711}]))
            .to_string()
            .replace("4711", price);
        cases.push(Case::field(
            format!("a price of {price}"),
            fixture.right(&seats).body(raw),
            "seats",
        ));
    }
    let many: Vec<Value> =
        (0..1_001).map(|n| json!({"seatNumber": format!("A{n}"), "price": 1})).collect();
    cases.push(Case::field("1,001 seats", create(json!(many)), "seats"));
    cases.push(Case::field("a seat twice", create(json!([many[0], many[0]])), "seats"));
    let reserve = |body: Value| fixture.right(&routes::find("POST", "/reserve-seat")).json(&body);
    let seat = &fixture.held.seats[0];
    cases.push(Case::field(
        "both forms of a seat",
        reserve(json!({"seatId": seat, "seatIds": [seat]})),
        "seatId",
    ));
    cases.push(Case::field("a seat twice", reserve(json!({"seatIds": [seat, seat]})), "seatIds"));
    cases.push(Case::field("eleven seats", reserve(json!({"seatIds": vec![seat; 11]})), "seatIds"));
    let apps = routes::find("POST", "/admin/apps");
    for origin in [
        "*",
        "null",
        "https://*",
        "https://*.com",
        "https://*.co.uk",
        "http://event.com",
        "https://event.com/path",
        "https://user@event.com",
        "javascript:alert(1)",
        "https://*.*.event.com",
        "https://event.com\r\nx: y",
        "https://event.com%00.evil.com",
        "file:///etc/passwd",
        "https://a.*.event.com",
        "https://",
    ] {
        let body = json!({"name": "N", "domain": "BUS", "allowedDomains": [origin]});
        cases.push(Case::field(
            format!("the origin {origin:?}"),
            fixture.right(&apps).json(&body),
            "allowedDomains",
        ));
    }
    cases
}

#[tokio::test]
async fn a_wrong_value_inside_a_field_is_refused_and_does_nothing() {
    by_every_transport(inside).await;
}

/// Passwords that a careless comparison would cut at the NUL, or at bcrypt's 72 bytes.
fn passwords(fixture: &Fixture) -> Vec<Case> {
    let login = routes::find("POST", "/auth/login");
    let admin = routes::find("POST", "/admin/login");
    let (ann, root) = (&fixture.ann, &fixture.stack.credentials);
    let case = |what: &str, request: Request, password: String, email: &str| {
        let request = request.json(&json!({"email": email, "password": password}));
        Case::new(what, request, Expect::Error(401, "INVALID_CREDENTIALS")).hashing(1)
    };
    let mut cases = Vec::new();
    for (what, tail) in [
        ("a NUL and more", "\0more"),
        ("a NUL", "\0"),
        ("two lines", "\nx"),
        ("a long tail", &"x".repeat(80)),
    ] {
        cases.push(case(
            what,
            fixture.right(&login),
            format!("{}{tail}", ann.password),
            &ann.email,
        ));
    }
    cases.push(case(
        "a NUL and more",
        fixture.right(&admin),
        format!("{}\0more", root.password),
        &root.email,
    ));
    let signup = routes::find("POST", "/auth/signup");
    for password in ["long enough\0but", "with\nline breaks", "short", "🚌🚌🚌", &"é".repeat(129)]
    {
        let body = json!({"email": "hostile@example.com", "password": password, "name": "N"});
        cases.push(Case::field(
            format!("the password {password:?}"),
            fixture.right(&signup).json(&body),
            "password",
        ));
    }
    cases
}

#[tokio::test]
async fn a_password_is_compared_to_its_end() {
    // Wrong passwords count per account, so each transport has its own users.
    let fixture = Fixture::new().await;
    drive(&fixture, &Transport::Http, &one_of_each_kind(passwords(&fixture))).await;
    drop(fixture);
    let fixture = Fixture::new().await;
    by_event(&fixture, passwords).await;
    drop(fixture);
    by_base64(&Fixture::new().await, passwords).await;
}
