//! An unknown account and a wrong guess get the same response after the same time. Time is measured
//! in bcrypt runs and processor time, which do not depend on other load on the machine.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use shared::auth::api_key::ApiKey;

use super::{
    fixture::Fixture,
    request::{Request, Transport},
};
use crate::support::{
    processor_time::{TICK, processor_time},
    reply::Reply,
    routes, unique,
};

/// How often each of two requests is sent, in turns.
const ROUNDS: usize = 8;

/// The response without the parts that differ between requests.
fn comparable(reply: &Reply) -> (u16, Value, Vec<(String, String)>) {
    let mut body = reply.body.clone();
    body["error"]["requestId"] = Value::Null;
    let own = ["x-request-id", "date", "ratelimit", "content-length"];
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let mut headers: Vec<_> =
        reply.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    headers.retain(|(name, _)| !own.contains(&name.as_str()));
    headers.sort();
    (reply.status, body, headers)
}

/// Sends both in turns, and compares responses, hashes and processor time.
async fn cannot_be_told_apart(
    fixture: &Fixture,
    one: impl Fn() -> Request,
    other: impl Fn() -> Request,
) {
    let function = one().route.function();
    let processes = [
        ("MONGODB_DATABASE", fixture.stack.database.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", function),
    ];
    // The process learns the app's key first, which is a bcrypt too.
    Transport::Http.send(&fixture.stack, &fixture.right(&one().route)).await;
    let mut spent = [Duration::ZERO; 2];
    let mut seen = Vec::new();
    for _ in 0..ROUNDS {
        for (side, ask) in [one(), other()].into_iter().enumerate() {
            let hashes = Transport::Http.hashes(&fixture.stack, function);
            let before = processor_time(&processes);
            let reply = Transport::Http.send(&fixture.stack, &ask).await;
            let after = processor_time(&processes);
            spent[side] +=
                after.zip(before).map(|(after, before)| after - before).unwrap_or_default();
            assert_eq!(
                Transport::Http.hashes(&fixture.stack, function) - hashes,
                1,
                "one bcrypt: {reply}"
            );
            assert_eq!(reply.status, 401, "{reply}");
            seen.push(comparable(&reply));
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "the responses differ: {seen:?}");
    if Path::new("/proc/self/stat").exists() {
        let (least, most) = (spent[0].min(spent[1]), spent[0].max(spent[1]));
        assert!(least >= TICK * ROUNDS as u32, "no bcrypt costs so little: {spent:?}");
        assert!(least * 10 >= most * 6, "one costs more than the other: {spent:?}");
    }
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_the_same_response_after_the_same_time() {
    let fixture = Fixture::shared().await;
    let login = |email: String, password: &str| {
        fixture
            .right(&routes::find("POST", "/auth/login"))
            .json(&json!({"email": email, "password": password}))
    };
    // Wrong passwords are limited per account, so each guess uses a different account.
    let people = fixture.tenant.users(ROUNDS).await;
    let next = std::cell::Cell::new(0);
    let known = || {
        next.set(next.get() + 1);
        login(people[next.get() % ROUNDS].email.clone(), "not the password")
    };
    cannot_be_told_apart(&fixture, known, || {
        login(format!("{}@example.com", unique("nobody")), "not the password")
    })
    .await;
}

#[tokio::test]
async fn an_unknown_app_and_a_wrong_key_get_the_same_response_after_the_same_time() {
    let fixture = Fixture::shared().await;
    // A different key each time: a wrong key is remembered.
    let wrong = || {
        fixture
            .right(&routes::find("GET", "/bookings"))
            .header("x-api-key", ApiKey::generate().expose())
    };
    cannot_be_told_apart(&fixture, wrong, || wrong().header("x-app-id", unique("no-such-app")))
        .await;
    cannot_be_told_apart(&fixture, wrong, || wrong().header("x-app-id", "Not An Id")).await;
    let off = &fixture.gone.tenant.app_id;
    cannot_be_told_apart(&fixture, wrong, || wrong().header("x-app-id", off)).await;
}

#[tokio::test]
async fn the_admins_address_and_another_get_the_same_response() {
    let fixture = Fixture::shared().await;
    let login = |email: &str| {
        let body = json!({"email": email, "password": "not the password"});
        fixture.right(&routes::find("POST", "/admin/login")).json(&body)
    };
    // There is one admin account, and it is blocked after five wrong passwords. Two are enough to
    // compare.
    let mut seen = Vec::new();
    for email in
        [fixture.stack.credentials.email.clone(), format!("{}@example.com", unique("nobody"))]
    {
        let hashes = Transport::Http.hashes(&fixture.stack, "admin-login");
        let reply = Transport::Http.send(&fixture.stack, &login(&email)).await;
        assert_eq!(
            Transport::Http.hashes(&fixture.stack, "admin-login") - hashes,
            1,
            "one bcrypt: {reply}"
        );
        reply.error(401, "INVALID_CREDENTIALS");
        seen.push(comparable(&reply));
    }
    assert_eq!(seen[0], seen[1]);
}
