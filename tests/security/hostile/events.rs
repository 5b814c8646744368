//! Events that no HTTP API sends: the process that gets one keeps working.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    security::{
        fixture::Fixture,
        request::{DEADLINE, Processes},
        stored_state::StateReader,
    },
    support::{
        routes::{self, Route},
        runtime_api::Event,
    },
};

/// Events of other services, and events that no service sends.
fn strange(route: &Route) -> Vec<(&'static str, Value)> {
    let deep = (0..100).fold(json!(1), |inner, _| json!({"a": inner}));
    let rest = json!({
        "resource": route.pattern, "path": route.path, "httpMethod": route.method,
        "headers": {"host": "x"},
        "multiValueHeaders": {"host": ["x"]}, "queryStringParameters": null, "pathParameters": null,
        "requestContext": {"resourceId": "r", "httpMethod": route.method, "path": route.path, "stage": "prod",
            "identity": {"sourceIp": "203.0.113.7"}, "requestId": "id", "apiId": "api",
            "accountId": "1"},
        "body": null, "isBase64Encoded": false, "version": "1.0",
    });
    let balancer = json!({
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/x/y"}},
        "httpMethod": route.method, "path": route.path, "queryStringParameters": {},
        "headers": {"host": "x"},
        "body": "", "isBase64Encoded": false,
    });
    let queue = json!({"Records": [{"messageId": "1", "body": "{}", "eventSource": "aws:sqs"}]});
    let socket = json!({
        "requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "connectionId": "c", "stage": "prod",
            "identity": {"sourceIp": "203.0.113.7"}},
        "isBase64Encoded": false,
    });
    vec![
        ("a REST API's event", rest),
        ("a load balancer's event", balancer),
        ("a queue's event", queue),
        ("a web socket's event", socket),
        (
            "a scheduler's event",
            json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
        ),
        ("nothing", json!({})),
        ("null", json!(null)),
        ("a list", json!([])),
        ("a text", json!("text")),
        ("a number", json!(5)),
        ("an object a hundred deep", deep),
        ("a megabyte of text", json!({"body": "x".repeat(1 << 20)})),
    ]
}

/// An event with exactly one defect.
fn spoiled(right: &Event) -> Vec<(&'static str, Value)> {
    let with = |what: &'static str, path: &str, value: Value| {
        let mut payload = right.payload.clone();
        *payload.pointer_mut(path).unwrap_or_else(|| panic!("no {path}")) = value;
        (what, payload)
    };
    vec![
        with("a version that is not ours", "/version", json!("3.0")),
        with("a method that is none", "/requestContext/http/method", json!("G E T")),
        with("a method that nobody has", "/requestContext/http/method", json!("BREW")),
        with("a method that is null", "/requestContext/http/method", json!(null)),
        with("an address that is none", "/requestContext/http/sourceIp", json!("not an address")),
        with("an address that is null", "/requestContext/http/sourceIp", json!(null)),
        with("a path that is null", "/rawPath", json!(null)),
        with("a path without its slash", "/rawPath", json!("seats")),
        with("a path with control characters", "/rawPath", json!("/se\r\nats\0")),
        with("a path that is another host's", "/rawPath", json!("//evil.com/seats")),
        with("a path with marks", "/rawPath", json!("/bookings/<script>\"{}|\\^`#?é")),
        with("a query that is null", "/rawQueryString", json!(null)),
        with("a query with marks", "/rawQueryString", json!("<script>\"{}|\\^`#é \r\n")),
        with("a query of percent signs", "/rawQueryString", json!("%&%zz=%&%%%")),
        with("headers that are null", "/headers", json!(null)),
        with("headers with control characters", "/headers/x-forwarded-port", json!("443\r\nx: y")),
        with("a header that is a number", "/headers/x-forwarded-port", json!(1)),
        with("a protocol that is none", "/headers/x-forwarded-proto", json!("1")),
        with("a protocol with marks", "/headers/x-forwarded-proto", json!("ht tp:/<>")),
        with("a host that is none", "/headers/host", json!("a b<>")),
        with("a host that is empty", "/headers/host", json!("")),
        with("a stage that is a path", "/requestContext/stage", json!("../x y")),
        with("a body flagged as base64 that is none", "/isBase64Encoded", json!(true)),
        with("a flag that is a text", "/isBase64Encoded", json!("yes")),
        with("no context", "/requestContext", json!(null)),
    ]
}

/// All strange events for one function. Each gets a response or fails, and then a right event
/// gets the right response.
async fn round(fixture: &Fixture, processes: &Processes, route: &Route) {
    let process = processes.of(route.function());
    let right = fixture.right(route).spoiled().event(true);
    let mut events = strange(route);
    events.extend(spoiled(&right));
    for (what, payload) in events {
        let event = Event::raw(what, payload);
        let response = process.invoke(&event, DEADLINE).gateway_response(Duration::ZERO).await;
        let (status, body) = response.unwrap_or_else(|| panic!("{what} at {route}: no response"));
        // Without its query, only its body is wrong.
        let right_now = status == 200 && route.body.is_none();
        let no_request = status == 200 && body["message"].to_string().contains("no HTTP request");
        assert!(
            right_now || no_request || (400..=502).contains(&status),
            "{what} at {route}: {status} {body}"
        );
        for secret in [&fixture.admin_token, &fixture.ann.token, &fixture.tenant.api_key] {
            assert!(!body.to_string().contains(secret.as_str()), "{what} at {route}: {body}");
        }
        let (status, code) = route.response_to_unknown();
        process.call(&right, DEADLINE).await.error(status, code);
    }
    let log = process.log();
    for secret in [&fixture.admin_token, &fixture.ann.token, &fixture.tenant.api_key] {
        assert!(!log.contains(secret.as_str()), "the log of {route} carries {secret}");
    }
}

#[tokio::test]
async fn an_event_that_is_not_of_an_http_api_ends_no_process_and_changes_nothing() {
    let fixture = Fixture::shared().await;
    let processes = fixture.all_processes().await;
    let mut state = StateReader::new(&fixture.stack).await;
    let before = state.snapshot().await;
    for route in routes::all() {
        round(&fixture, &processes, &route).await;
    }
    state.assert_unchanged(&before, "a stranger").await;
}
