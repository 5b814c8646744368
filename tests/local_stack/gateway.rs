//! The gateway forwards only the API's routes and loses no response. Its own responses have the
//! form of the API's responses.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::support::{
    reply::Reply,
    stacks::{self, Plan, Shared, Stack},
    unique,
};

const TIMEOUT: Duration = Duration::from_secs(60);
const FUNCTIONS: &[&str] =
    &["admin-login", "register-app", "signup", "create-seats", "list-seats", "preflight", "health"];

/// A stack that runs only a few functions.
async fn partial() -> Arc<Stack> {
    static STACK: Shared<Arc<Stack>> = Shared::new();
    let plan =
        || Plan { functions: Some(FUNCTIONS), instances: 2, ..Plan::new("gateway").unlimited() };
    STACK.get(|| plan().start()).await
}

/// Sends these bytes and reads until the server closes the connection.
async fn raw(stack: &Stack, bytes: &[u8]) -> String {
    let address = stack.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut response = Vec::new();
    let talk = async {
        stream.write_all(bytes).await.unwrap();
        stream.read_to_end(&mut response).await.unwrap();
    };
    timeout(TIMEOUT, talk).await.expect("a response in time");
    String::from_utf8(response).unwrap()
}

fn header<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    let head = response.split("\r\n\r\n").next().unwrap();
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
}

/// The error code of a response in the API's form.
fn code(response: &str) -> String {
    let body: Value = serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1)
        .unwrap_or_else(|e| panic!("{e}: {response}"));
    assert_eq!(body["success"], false, "{response}");
    assert_eq!(body["error"]["requestId"].as_str(), header(response, "x-request-id"), "{response}");
    assert_eq!(header(response, "content-type"), Some("application/json"), "{response}");
    assert_eq!(header(response, "x-content-type-options"), Some("nosniff"), "{response}");
    assert_eq!(header(response, "cache-control"), Some("no-store"), "{response}");
    body["error"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_path_reaches_the_emulator() {
    let stack = partial().await;
    let next = "rt/health/2018-06-01/runtime/invocation/next";
    let invoke = "2015-03-31/functions/migrate/invocations";
    let mut paths = vec!["/lambda-url/migrate/".to_owned(), "/health/".to_owned()];
    for prefix in ["/", "//", "/./", "/health/../", "/%2e/", "/health/%2e%2e/", "/health%2f..%2f"] {
        paths.extend([
            format!("{prefix}.{next}"),
            format!("{prefix}%2e{next}"),
            format!("{prefix}{invoke}"),
        ]);
    }
    for path in paths {
        for method in ["GET", "POST"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}"
            );
            let response = raw(&stack, request.as_bytes()).await;
            assert!(response.starts_with("HTTP/1.1 404 "), "{method} {path}: {response}");
            assert_eq!(code(&response), "ROUTE_NOT_FOUND", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_preflight_of_the_server_itself_gets_a_204_at_once() {
    let response = raw(
        &*partial().await,
        b"OPTIONS * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    )
    .await;
    assert!(response.starts_with("HTTP/1.1 204 "), "{response}");
}

#[tokio::test]
async fn a_header_of_any_bytes_is_passed_on() {
    let stack = partial().await;
    for agent in [b"iPhone de Jos\xc3\xa9".as_slice(), b"iPhone de Jos\xe9", b"\x80\xff"] {
        let request = [
            b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nuser-agent: "
                .as_slice(),
            agent,
            b"\r\n\r\n",
        ];
        let response = raw(&stack, &request.concat()).await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused_in_our_form() {
    let stack = partial().await;
    for (bytes, status) in [
        ("GET /bookings\r\n\r\n".to_owned(), 400),
        ("GET /boo kings HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(), 400),
        ("GET /bookings HTTP/1.1\r\nx-a : b\r\n\r\n".to_owned(), 400),
        ("GET /bookings HTTP/1.1\r\nx-a: b\0c\r\n\r\n".to_owned(), 400),
        ("POST /seats HTTP/1.1\r\ncontent-length: 1e3\r\n\r\n".to_owned(), 400),
        (format!("GET /bookings HTTP/1.1\r\n{}\r\n", "x-a: b\r\n".repeat(1_000)), 431),
        (
            "POST /seats HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n"
                .to_owned(),
            400,
        ),
    ] {
        let response = raw(&stack, bytes.as_bytes()).await;
        let what = bytes.chars().take(80).collect::<String>();
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {response}");
        assert_eq!(code(&response), "VALIDATION_ERROR", "{what}");
    }
}

#[track_caller]
fn granted(reply: &Reply, origin: Option<&str>) {
    assert_eq!(reply.header("access-control-allow-origin"), origin, "{reply}");
    assert_eq!(reply.header("access-control-expose-headers").is_some(), origin.is_some());
    assert_eq!(reply.header("access-control-allow-methods"), None, "{reply}");
    assert_eq!(reply.header("vary"), Some("Origin"), "{reply}");
}

#[tokio::test]
async fn a_response_of_its_own_can_be_read_by_pages_that_the_api_grants_it_to() {
    let stack = partial().await;
    let tenant = stack.tenant().await;
    let stranger = "https://evil.example.org";
    let admins = stacks::ADMIN_ORIGINS.split(',').next().unwrap();
    for (path, origin, grant) in [
        ("/auth/login", tenant.origin.as_str(), true),
        ("/auth/login", stranger, false),
        ("/auth/login", admins, false),
        ("/admin/seats", admins, true),
        ("/admin/seats", tenant.origin.as_str(), false),
    ] {
        // Longer than the gateway accepts.
        let large = stack.call("POST", path).header("origin", origin);
        let reply = large.raw(vec![b' '; 10 * 1024 * 1024 + 1]).send().await;
        reply.error(413, "PAYLOAD_TOO_LARGE");
        granted(&reply, grant.then_some(origin));
    }
    for (path, origin, grant) in [
        ("/bookings", tenant.origin.as_str(), true),
        ("/bookings", stranger, false),
        ("/admin/analytics", admins, true),
    ] {
        // A function that does not run.
        let reply = stack.call("GET", path).header("origin", origin).send().await;
        reply.error(503, "SERVICE_UNAVAILABLE");
        assert_eq!(reply.header("retry-after"), Some("1"), "{reply}");
        granted(&reply, grant.then_some(origin));
    }
}

/// The emulator alone would lose the end of some of these.
#[tokio::test]
async fn a_listing_of_two_megabytes_is_never_lost() {
    let stack = partial().await;
    let tenant = stack.tenant().await;
    let entity = unique("large");
    let text = "x".repeat(2_000);
    let seats: Vec<Value> = (0..1_000)
        .map(|n| json!({"seatNumber": format!("S{n}"), "price": 1, "metadata": {"text": text}}))
        .collect();
    // A body of create-seats may have 1 MiB.
    for part in seats.chunks(400) {
        let body =
            json!({"appId": tenant.app_id, "entityId": entity, "currency": "INR", "seats": part});
        stack.admin().await.post("/admin/seats", &body).await.expect(201);
    }
    let user = tenant.user().await;
    let path = format!("/seats?entityId={entity}");
    for _ in 0..25 {
        for reply in join_all((0..4).map(|_| user.get(&path))).await {
            let listed = reply.expect(200)["seats"].as_array().unwrap().len();
            assert!(listed == 1_000 && reply.text.len() > 2_000_000, "{listed} seats");
        }
    }
}
