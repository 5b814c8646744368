//! Rate limits. Each test has a user or a route of its own, since the limits outlive it.

use serde_json::json;

use crate::support::{
    reply::Reply,
    stacks::{self, Plan, Shared, Stack},
    unique,
};
use std::sync::Arc;

/// The contract's limits on what an address does, and forty requests a minute for an app.
async fn gates() -> Arc<Stack> {
    static STACK: Shared<Arc<Stack>> = Shared::new();
    let plan = || Plan {
        functions: Some(&["admin-login", "register-app", "signup", "login", "list-bookings"]),
        env: vec![("RATE_LIMIT_APP", "40/60".to_owned())],
        ..Plan::new("gates")
    };
    STACK.get(|| plan().start()).await
}

/// Calls until the limit says no. At least `limit` calls pass; no more than two windows' worth can,
/// since the calls take far less than one, however the window falls.
async fn exhaust<F: Future<Output = Reply>>(limit: usize, call: impl Fn() -> F) {
    for passed in 0..=2 * limit {
        let reply = call().await;
        if reply.status != 429 {
            continue;
        }
        reply.error(429, "RATE_LIMITED");
        assert!(passed >= limit, "refused after {passed} of {limit}: {reply}");
        let policy =
            reply.header("ratelimit-policy").unwrap_or_else(|| panic!("no policy: {reply}"));
        assert!(policy.contains(&format!("q={limit}")) && policy.contains("w=60"), "{policy}");
        let state = reply.header("ratelimit").unwrap_or_else(|| panic!("no state: {reply}"));
        assert!(state.contains("r=0") && state.contains("t="), "{state}");
        return;
    }
    panic!("{} calls passed a limit of {limit}", 2 * limit + 1);
}

#[tokio::test]
async fn the_admins_logins_are_limited_whether_right_or_wrong() {
    let stack = gates().await;
    // The stack's own login comes first: the limit is the address's, and this test uses it up.
    stack.admin().await;
    let body = json!({"email": "nobody@example.com", "password": "not the password"});
    // One call of the limit's five is the stack's own.
    let mut refused = None;
    for _ in 0..=10 {
        let reply = stack.call("POST", "/admin/login").json(&body).send().await;
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
        reply.error(401, "INVALID_CREDENTIALS");
    }
    let reply = refused.expect("the limit of 5/60 is reached");
    reply.error(429, "RATE_LIMITED");
    assert!(
        reply.header("ratelimit-policy").is_some_and(|p| p.contains("q=5") && p.contains("w=60")),
        "{reply}"
    );
    let right = json!({"email": stack.credentials.email, "password": stack.credentials.password});
    stack.call("POST", "/admin/login").json(&right).send().await.error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn twenty_people_a_minute_sign_up_from_one_address() {
    let tenant = gates().await.tenant().await;
    let signup = || async {
        let email = format!("{}@example.com", unique("u"));
        let body = json!({"email": email, "password": "a good long password", "name": "A"});
        tenant.post("/auth/signup", &body).await
    };
    exhaust(20, signup).await;
}

#[tokio::test]
async fn ten_logins_a_minute_are_tried_from_one_address() {
    let stack = gates().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    // Each at another account: guesses at one are limited before that.
    let body = || json!({"email": format!("{}@example.com", unique("nobody")), "password": "not the password"});
    exhaust(10, || async { one.post("/auth/login", &body()).await }).await;
    two.post("/auth/login", &body()).await.error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn an_apps_requests_are_limited_and_its_neighbours_are_not() {
    let stack = gates().await;
    let (busy, quiet) = (stack.tenant().await, stack.tenant().await);
    exhaust(40, || busy.call("GET", "/bookings").bearer("garbage").send()).await;
    quiet.call("GET", "/bookings").bearer("garbage").send().await.error(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn sixty_attempts_to_reserve_a_minute_are_a_users_and_refused_ones_count() {
    let tenant = stacks::limited().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    bob.hold(&[&seat]).await;
    exhaust(60, || async { ann.reserve(&[&seat]).await }).await;
    bob.reserve(&[&seat]).await.expect(200);
}

#[tokio::test]
async fn sixty_attempts_to_confirm_a_minute_are_a_users() {
    let tenant = stacks::limited().await.tenant().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let nothing =
        json!({"reservationToken": "00000000-0000-4000-8000-000000000000", "paymentId": "pay_1"});
    exhaust(60, || ann.post("/confirm-booking", &nothing)).await;
    bob.post("/confirm-booking", &nothing).await.error(404, "RESERVATION_NOT_FOUND");
}

#[tokio::test]
async fn a_limited_call_may_be_made_again_when_the_answer_says_so() {
    let plan = Plan {
        functions: Some(&["admin-login", "register-app", "signup", "confirm"]),
        env: vec![("RATE_LIMIT_CONFIRM", "2/2".to_owned())],
        ..Plan::new("brief")
    };
    let stack = plan.start().await;
    let user = stack.tenant().await.user().await;
    let nothing =
        json!({"reservationToken": "00000000-0000-4000-8000-000000000000", "paymentId": "pay_1"});
    let mut waits = 0;
    for _ in 0..12 {
        let reply = user.post("/confirm-booking", &nothing).await;
        if reply.status == 429 {
            reply.error(429, "RATE_LIMITED");
            let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
            assert!(seconds <= 2, "{reply}");
            tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
            user.post("/confirm-booking", &nothing).await.error(404, "RESERVATION_NOT_FOUND");
            waits += 1;
        } else {
            reply.error(404, "RESERVATION_NOT_FOUND");
        }
    }
    assert!(waits >= 1, "a limit of two in two seconds was never reached");
}
