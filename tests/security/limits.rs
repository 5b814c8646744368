//! A request over its limit costs one command to Redis. The page that sent it can read the
//! response. It is counted by the address that the gateway saw. Limits are per day, so even a slow
//! machine stays within their window.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    people::User,
    proxy::{Mode, Proxy},
    reply::Reply,
    runtime_api::{Environment, Event},
    servers::port_of,
    stacks, unique,
};

const BUDGET: Duration = Duration::from_secs(25);

/// A process of a function with a network of its own to MongoDB.
async fn process(user: &User, function: &str, limit: (&str, &str)) -> (Environment, Proxy) {
    let stack = &user.tenant.stack;
    let mongodb = Proxy::to(port_of(&stack.mongodb_uri)).await;
    let mut settings: BTreeMap<String, String> = stack.credentials.env();
    for (name, value) in [
        ("MONGODB_URI", format!("mongodb://127.0.0.1:{}/?directConnection=true", mongodb.port())),
        ("MONGODB_DATABASE", stack.database.clone()),
        ("REDIS_URL", stack.redis_url.clone()),
        (limit.0, limit.1.to_owned()),
    ] {
        settings.insert(name.to_owned(), value);
    }
    (Environment::start(function, &settings).await, mongodb)
}

#[track_caller]
fn assert_limited(reply: &Reply, user: &User) {
    reply.error(429, "RATE_LIMITED");
    assert_eq!(
        reply.header("access-control-allow-origin"),
        Some(user.tenant.origin.as_str()),
        "{reply}"
    );
    assert!(reply.header("retry-after").is_some(), "{reply}");
    assert!(reply.header("ratelimit").is_some_and(|state| state.contains("r=0")), "{reply}");
}

#[tokio::test]
async fn a_request_over_its_limit_asks_mongodb_for_nothing() {
    let stack = stacks::usual().await;
    let nothing =
        json!({"reservationToken": "00000000-0000-4000-8000-000000000000", "paymentId": "pay_1"});
    let wrong = json!({
        "email": format!("{}@example.com", unique("nobody")), "password": "not the password",
    });
    let cases = [
        ("confirm", "RATE_LIMIT_CONFIRM", "POST", "/confirm-booking", nothing, 404),
        ("list-bookings", "RATE_LIMIT_APP", "GET", "/bookings", Value::Null, 200),
        ("login", "RATE_LIMIT_LOGIN", "POST", "/auth/login", wrong, 401),
    ];
    let case = async |(function, limit, method, path, body, status): (
        &str,
        &str,
        &str,
        &str,
        Value,
        u16,
    )| {
        // Each user has their own tenant, because requests also count against the app.
        let user = stack.tenant().await.user().await;
        let event = Event::of(&user, method, path, &body).sent_from("192.0.2.60");
        let (process, mongodb) = process(&user, function, (limit, "2/86400")).await;
        for left in [1, 0] {
            let reply = process.call(&event, BUDGET).await;
            assert_eq!(reply.status, status, "{reply}");
            let state = reply.header("ratelimit").expect("a state");
            assert!(state.contains(&format!("r={left}")), "{function}: {state}");
        }
        mongodb.set_mode(Mode::Refuse);
        mongodb.cut();
        assert_limited(&process.call(&event, BUDGET).await, &user);
        // The cached app is no longer fresh, and MongoDB still gets no query.
        tokio::time::sleep(Duration::from_millis(5_100)).await;
        assert_limited(&process.call(&event, BUDGET).await, &user);
    };
    join_all(cases.into_iter().map(case)).await;
}

#[tokio::test]
async fn an_address_in_a_header_does_not_count_for_a_limit() {
    let user = stacks::usual().await.tenant().await.user().await;
    let (process, _mongodb) = process(&user, "login", ("RATE_LIMIT_LOGIN", "2/86400")).await;
    let wrong = json!({
        "email": format!("{}@example.com", unique("nobody")), "password": "not the password",
    });
    let event = |header: &str, value: &str| {
        let mut event = Event::of(&user, "POST", "/auth/login", &wrong).sent_from("192.0.2.61");
        event.payload["headers"][header] = value.into();
        event
    };
    for (header, value) in [("x-forwarded-for", "192.0.2.1"), ("x-real-ip", "192.0.2.2")] {
        process.call(&event(header, value), BUDGET).await.error(401, "INVALID_CREDENTIALS");
    }
    for header in
        ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip", "cf-connecting-ip"]
    {
        assert_limited(&process.call(&event(header, "192.0.2.3"), BUDGET).await, &user);
    }
    let elsewhere = Event::of(&user, "POST", "/auth/login", &wrong).sent_from("192.0.2.62");
    process.call(&elsewhere, BUDGET).await.error(401, "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn requests_that_come_from_nowhere_are_one_client() {
    let user = stacks::usual().await.tenant().await.user().await;
    let (process, _mongodb) = process(&user, "login", ("RATE_LIMIT_LOGIN", "2/86400")).await;
    let wrong = json!({
        "email": format!("{}@example.com", unique("nobody")), "password": "not the password",
    });
    let mut refused = None;
    for address in ["", "not an address", "192.0.2.1, 192.0.2.2", "unix:"] {
        let reply = process
            .call(&Event::of(&user, "POST", "/auth/login", &wrong).sent_from(address), BUDGET)
            .await;
        refused = Some(reply.status);
    }
    assert_eq!(refused, Some(429));
}
