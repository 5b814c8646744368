//! Rate limits. A test that uses up a limit has its own user, app or Redis. Its window is a day, so
//! no quota returns while the test runs, however slow the machine is.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    people::User,
    reply::Reply,
    runtime_api::{Environment, Event},
    stacks::{self, Plan, Shared, Stack},
    unique,
};

const BUDGET: Duration = Duration::from_secs(25);
const NO_RESERVATION: &str = "00000000-0000-4000-8000-000000000000";

/// The requests per day that the limits of these tests allow.
const SMALL: usize = 3;
const SMALL_RATE: &str = "3/86400";

/// A stack on which an address may sign up and sign in a few times a day.
async fn limited_by_address() -> Arc<Stack> {
    static STACK: Shared<Arc<Stack>> = Shared::new();
    let limits = ["RATE_LIMIT_ADMIN_LOGIN", "RATE_LIMIT_SIGNUP", "RATE_LIMIT_LOGIN"];
    let plan = || Plan {
        functions: Some(&["admin-login", "register-app", "signup", "login"]),
        env: limits.map(|name| (name, SMALL_RATE.to_owned())).into(),
        // All tests send from one address: other stacks would share its limits.
        own_redis: true,
        ..Plan::new("limited-by-address")
    };
    STACK.get(|| plan().start()).await
}

/// A process of one function on the servers of a stack, with this limit or the default ones.
async fn process(stack: &Stack, function: &str, limit: Option<(&str, &str)>) -> Environment {
    let mut settings: BTreeMap<String, String> = stack.credentials.env();
    let servers = [
        ("MONGODB_URI", stack.mongodb_uri.as_str()),
        ("MONGODB_DATABASE", &stack.database),
        ("REDIS_URL", &stack.redis_url),
    ];
    for (name, value) in servers.into_iter().chain(limit) {
        settings.insert(name.to_owned(), value.to_owned());
    }
    Environment::start(function, &settings).await
}

#[track_caller]
fn has_policy(reply: &Reply, limit: &str, count: usize, seconds: usize) {
    let policy = reply.header("ratelimit-policy").unwrap_or_else(|| panic!("no policy: {reply}"));
    let expected = format!("\"{limit}\";q={count};w={seconds}");
    assert!(policy.split(", ").any(|one| one == expected), "no {expected}: {policy}");
}

/// The limit allows exactly `SMALL` requests.
async fn exhaust<F: Future<Output = Reply>>(limit: &str, call: impl Fn() -> F) {
    for _ in 0..SMALL {
        let reply = call().await;
        assert_ne!(reply.status, 429, "{reply}");
    }
    let reply = call().await;
    reply.error(429, "RATE_LIMITED");
    has_policy(&reply, limit, SMALL, 86_400);
    let state = reply.header("ratelimit").unwrap_or_else(|| panic!("no state: {reply}"));
    assert!(state.contains(&format!("\"{limit}\";r=0;t=")), "{state}");
}

fn to_confirm(user: &User) -> Event {
    let body = json!({"reservationToken": NO_RESERVATION, "paymentId": "pay_1"});
    Event::of(user, "POST", "/confirm-booking", &body)
}

/// A sign-in to an account that does not exist. Each call uses a different account, because guesses
/// at one account are limited too.
fn guess() -> Value {
    json!({"email": format!("{}@example.com", unique("nobody")), "password": "not the password"})
}

#[tokio::test]
async fn the_limits_without_a_setting_are_those_of_the_contract() {
    let stack = stacks::usual().await;
    let user = stack.tenant().await.user().await;
    let seat = json!({"seatId": "0123456789abcdef01234567"});
    let payment = json!({"reservationToken": NO_RESERVATION, "paymentId": "pay_1"});
    for (function, path, body, limit, count) in [
        ("admin-login", "/admin/login", guess(), "admin-login", 5),
        ("signup", "/auth/signup", json!({}), "signup", 20),
        ("login", "/auth/login", guess(), "login", 10),
        ("reserve", "/reserve-seat", seat, "reserve", 60),
        ("confirm", "/confirm-booking", payment, "confirm", 60),
        ("release", "/release-seat", json!({"reservationToken": NO_RESERVATION}), "release", 60),
        ("list-bookings", "/bookings", Value::Null, "read", 600),
        ("list-bookings", "/bookings", Value::Null, "app", 6_000),
    ] {
        let process = process(&stack, function, None).await;
        let method = if body.is_null() { "GET" } else { "POST" };
        let event = Event::of(&user, method, path, &body).sent_from("192.0.2.70");
        has_policy(&process.call(&event, BUDGET).await, limit, count, 60);
    }
}

#[tokio::test]
async fn an_address_tries_a_few_admin_logins_whether_right_or_wrong() {
    let stack = limited_by_address().await;
    // One of the sign-ins is the stack's own.
    stack.admin().await;
    for _ in 1..SMALL {
        let reply = stack.call("POST", "/admin/login").json(&guess()).send().await;
        reply.error(401, "INVALID_CREDENTIALS");
    }
    let right = json!({"email": stack.credentials.email, "password": stack.credentials.password});
    for body in [guess(), right] {
        let reply = stack.call("POST", "/admin/login").json(&body).send().await;
        reply.error(429, "RATE_LIMITED");
        has_policy(&reply, "admin-login", SMALL, 86_400);
    }
}

#[tokio::test]
async fn an_address_signs_a_few_people_up() {
    let tenant = limited_by_address().await.tenant().await;
    let signup = || async {
        let email = format!("{}@example.com", unique("u"));
        let body = json!({"email": email, "password": "a good long password", "name": "A"});
        tenant.post("/auth/signup", &body).await
    };
    exhaust("signup", signup).await;
}

#[tokio::test]
async fn an_address_tries_a_few_logins_in_all_apps_together() {
    let stack = limited_by_address().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    exhaust("login", || async { one.post("/auth/login", &guess()).await }).await;
    two.post("/auth/login", &guess()).await.error(429, "RATE_LIMITED");
}

fn to_list(user: &User) -> Event {
    Event::of(user, "GET", "/bookings", &Value::Null)
}

/// A listing with a token that nobody signed.
fn to_list_with_junk(user: &User) -> Event {
    to_list(&User { token: "garbage".to_owned(), ..user.clone() })
}

#[tokio::test]
async fn an_apps_requests_are_limited_and_its_neighbours_are_not() {
    let stack = stacks::usual().await;
    let (busy, quiet) = (stack.tenant().await.user().await, stack.tenant().await.user().await);
    let process = process(&stack, "list-bookings", Some(("RATE_LIMIT_APP", SMALL_RATE))).await;
    exhaust("app", || async { process.call(&to_list(&busy), BUDGET).await }).await;
    process.call(&to_list(&quiet), BUDGET).await.expect(200);
}

#[tokio::test]
async fn whoever_has_no_account_uses_up_no_tenants_limit() {
    let user = stacks::usual().await.tenant().await.user().await;
    let limit = Some(("RATE_LIMIT_APP", SMALL_RATE));
    let process = process(&user.tenant.stack, "list-bookings", limit).await;
    let mut elsewhere = to_list(&user).sent_from("192.0.2.71");
    elsewhere.payload["headers"]["origin"] = "https://elsewhere.example.org".into();
    for _ in 0..2 * SMALL {
        let junk = to_list_with_junk(&user).sent_from("192.0.2.71");
        process.call(&junk, BUDGET).await.error(401, "UNAUTHENTICATED");
        process.call(&elsewhere, BUDGET).await.error(403, "ORIGIN_NOT_ALLOWED");
    }
    process.call(&to_list(&user), BUDGET).await.expect(200);
}

#[tokio::test]
async fn a_network_that_sends_junk_tokens_is_limited_and_others_are_not() {
    let user = stacks::usual().await.tenant().await.user().await;
    let limit = Some(("RATE_LIMIT_KEY_FAILURES", SMALL_RATE));
    let process = process(&user.tenant.stack, "list-bookings", limit).await;
    let junk = to_list_with_junk(&user).sent_from("192.0.2.72");
    exhaust("caller-failures", || async { process.call(&junk, BUDGET).await }).await;
    let elsewhere = to_list_with_junk(&user).sent_from("192.0.2.73");
    process.call(&elsewhere, BUDGET).await.error(401, "UNAUTHENTICATED");
    process.call(&to_list(&user).sent_from("192.0.2.72"), BUDGET).await.expect(200);
}

#[tokio::test]
async fn whoever_has_paid_never_waits_behind_listings() {
    let user = stacks::usual().await.tenant().await.user().await;
    let limit = Some(("RATE_LIMIT_APP", SMALL_RATE));
    let stack = &user.tenant.stack;
    let (list, pay, confirm, release) = tokio::join!(
        process(stack, "list-bookings", limit),
        process(stack, "start-payment", limit),
        process(stack, "confirm", limit),
        process(stack, "release", limit)
    );
    exhaust("app", || async { list.call(&to_list(&user), BUDGET).await }).await;
    confirm.call(&to_confirm(&user), BUDGET).await.error(404, "RESERVATION_NOT_FOUND");
    let body = json!({"reservationToken": NO_RESERVATION});
    let to_pay = Event::of(&user, "POST", "/payments", &body);
    pay.call(&to_pay, BUDGET).await.error(404, "RESERVATION_NOT_FOUND");
    let to_release = Event::of(&user, "POST", "/release-seat", &body);
    release.call(&to_release, BUDGET).await.error(404, "RESERVATION_NOT_FOUND");
}

#[tokio::test]
async fn attempts_to_reserve_are_a_users_and_refused_ones_count() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    bob.hold(&[&seat]).await;
    let limit = ("RATE_LIMIT_RESERVE", SMALL_RATE);
    let process = process(&tenant.stack, "reserve", Some(limit)).await;
    let reserve = |user: &User| {
        Event::of(user, "POST", "/reserve-seat", &json!({"seatIds": [seat.as_str()]}))
    };
    exhaust("reserve", || async { process.call(&reserve(&ann), BUDGET).await }).await;
    process.call(&reserve(&bob), BUDGET).await.expect(200);
}

#[tokio::test]
async fn attempts_to_confirm_are_a_users() {
    let tenant = stacks::usual().await.tenant().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let limit = ("RATE_LIMIT_CONFIRM", SMALL_RATE);
    let process = process(&tenant.stack, "confirm", Some(limit)).await;
    exhaust("confirm", || async { process.call(&to_confirm(&ann), BUDGET).await }).await;
    process.call(&to_confirm(&bob), BUDGET).await.error(404, "RESERVATION_NOT_FOUND");
}

#[tokio::test]
async fn a_limited_call_may_be_made_again_when_the_response_says_so() {
    let user = stacks::usual().await.tenant().await.user().await;
    let limit = ("RATE_LIMIT_CONFIRM", "1/3");
    let process = process(&user.tenant.stack, "confirm", Some(limit)).await;
    // On a slow machine three seconds may pass between two calls: then the next one is refused.
    let mut calls = 0;
    let refused = loop {
        let reply = process.call(&to_confirm(&user), BUDGET).await;
        if reply.status == 429 {
            break reply;
        }
        reply.error(404, "RESERVATION_NOT_FOUND");
        calls += 1;
        assert!(calls < 50, "a limit of one in three seconds was never reached");
    };
    refused.error(429, "RATE_LIMITED");
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3).contains(&seconds), "{refused}");
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    process.call(&to_confirm(&user), BUDGET).await.error(404, "RESERVATION_NOT_FOUND");
}
