//! Guesses at passwords and API keys are slowed down per account and per network. The admin's
//! sign-in is closed while Redis is gone, because guesses cannot be counted then.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use redis::AsyncCommands as _;
use serde_json::{Value, json};
use shared::auth::api_key::ApiKey;

use crate::support::{
    people::{Tenant, User},
    reply::Reply,
    runtime_api::{Environment, Event},
    stacks::{Plan, Shared, Stack},
    unique,
};

const BUDGET: Duration = Duration::from_secs(25);

/// A stack with what tenants and users need. Each test starts the functions under test itself.
pub(super) async fn ground() -> Arc<Stack> {
    static STACK: Shared<Arc<Stack>> = Shared::new();
    let functions: &[&str] = &["admin-login", "register-app", "create-seats", "signup"];
    STACK
        .get(|| Plan { functions: Some(functions), ..Plan::new("sign-ins").unlimited() }.start())
        .await
}

/// A process of a function on the servers of a stack, with limits by address that no test reaches.
pub(super) async fn process(stack: &Stack, function: &str, more: &[(&str, &str)]) -> Environment {
    let mut settings: BTreeMap<String, String> = stack.credentials.env();
    let unlimited = "1000000/60";
    for (name, value) in [
        ("MONGODB_URI", stack.mongodb_uri.as_str()),
        ("MONGODB_DATABASE", &stack.database),
        ("REDIS_URL", &stack.redis_url),
        ("RATE_LIMIT_LOGIN", unlimited),
        ("RATE_LIMIT_ADMIN_LOGIN", unlimited),
        ("RATE_LIMIT_APP", unlimited),
        ("AWS_LAMBDA_MAX_CONCURRENCY", "8"),
    ]
    .into_iter()
    .chain(more.iter().copied())
    {
        settings.insert(name.to_owned(), value.to_owned());
    }
    Environment::start(function, &settings).await
}

pub(super) fn login(tenant: &Tenant, email: &str, password: &str, address: &str) -> Event {
    let nobody = User {
        tenant: tenant.clone(),
        token: String::new(),
        user_id: String::new(),
        email: String::new(),
        password: String::new(),
    };
    Event::of(&nobody, "POST", "/auth/login", &json!({"email": email, "password": password}))
        .sent_from(address)
}

fn with_credentials(mut event: Event, app_id: &str, api_key: &str) -> Event {
    event.payload["headers"]["x-app-id"] = app_id.into();
    event.payload["headers"]["x-api-key"] = api_key.into();
    event
}

fn admin_login(email: &str, password: &str, address: &str) -> Event {
    let mut event =
        Event::with("POST", "/admin/login", json!({"content-type": "application/json"}));
    event.payload["body"] = json!({"email": email, "password": password}).to_string().into();
    event.sent_from(address)
}

#[track_caller]
fn wait_of(reply: &Reply) -> u64 {
    reply.error(429, "RATE_LIMITED");
    reply.header("retry-after").expect("Retry-After").parse().expect("seconds")
}

/// Guesses until one has to wait. At least five are checked. Without Redis a process forgets one
/// every twelve seconds, so a slow machine may try some more.
async fn five_and_then_a_wait(process: &Environment, guess: impl Fn() -> Event, wrong: &str) {
    let began = Instant::now();
    let mut tried = 0;
    loop {
        let reply = process.call(&guess(), BUDGET).await;
        if reply.status == 429 {
            wait_of(&reply);
            break;
        }
        reply.error(401, wrong);
        tried += 1;
        let most = 5 + began.elapsed().as_secs() / 12;
        assert!(tried <= most, "{tried} guesses in {:?}", began.elapsed());
    }
    assert!(tried >= 5, "refused after {tried}");
}

/// Ends all waits in Redis.
async fn waits_end(stack: &Stack, network: &str) {
    let mut redis = stack.redis().await;
    let keys: Vec<String> = redis.keys(format!("signin:*:wrong:{network}")).await.expect("keys");
    assert!(!keys.is_empty(), "somebody waits");
    for key in keys {
        let () = redis.hset(key, "until", 1).await.expect("it is written");
    }
}

#[tokio::test]
async fn five_wrong_passwords_a_minute_and_then_a_wait_that_doubles_to_a_quarter_of_an_hour() {
    let stack = ground().await;
    let user = stack.tenant().await.user().await;
    let function = process(&stack, "login", &[]).await;
    let network = "198.51.100.10";
    let attempt = |password: &str| {
        let event = login(&user.tenant, &user.email, password, network);
        let function = &function;
        async move { function.call(&event, BUDGET).await }
    };
    for _ in 0..5 {
        attempt("not the password").await.error(401, "INVALID_CREDENTIALS");
    }
    let mut waits = Vec::new();
    for _ in 0..6 {
        // The right password is not checked either. Otherwise guessing could go on.
        waits.push(wait_of(&attempt(&user.password).await));
        waits_end(&stack, network).await;
        attempt("not the password").await.error(401, "INVALID_CREDENTIALS");
    }
    // Each wait is twice the previous one, minus the time that has passed.
    for (wait, most) in waits.iter().zip([60, 120, 240, 480, 900, 900]) {
        assert!((most / 2 + 1..=most).contains(wait), "{waits:?}");
    }
    waits_end(&stack, network).await;
    attempt(&user.password).await.expect(200);
    // Afterwards no wrong password counts any more.
    for _ in 0..4 {
        attempt("not the password").await.error(401, "INVALID_CREDENTIALS");
    }
    attempt(&user.password).await.expect(200);
}

#[tokio::test]
async fn guesses_do_not_lock_out_users_of_other_networks() {
    let stack = ground().await;
    let user = stack.tenant().await.user().await;
    let function = process(&stack, "login", &[]).await;
    let attempt = async |password: &str, address: &str| {
        function.call(&login(&user.tenant, &user.email, password, address), BUDGET).await
    };
    for host in 1..=5 {
        // All addresses of one network count together.
        attempt("not the password", &format!("2001:db8:7:7::{host}"))
            .await
            .error(401, "INVALID_CREDENTIALS");
    }
    wait_of(&attempt(&user.password, "2001:db8:7:7:ffff::1").await);
    attempt(&user.password, "2001:db8:7:8::1").await.expect(200);
    // Another account, from the same network.
    let other = user.tenant.user().await;
    let event = login(&user.tenant, &other.email, &other.password, "2001:db8:7:7::1");
    function.call(&event, BUDGET).await.expect(200);
}

#[tokio::test]
async fn guesses_spread_over_many_networks_are_limited_but_not_where_the_owner_was_before() {
    let stack = ground().await;
    let user = stack.tenant().await.user().await;
    let function = process(&stack, "login", &[]).await;
    let attempt = async |password: &str, address: &str| {
        function.call(&login(&user.tenant, &user.email, password, address), BUDGET).await
    };
    attempt(&user.password, "198.51.100.1").await.expect(200);
    // The limit is fifty in ten minutes. One is forgotten every twelve seconds, so a slow machine
    // may try some more.
    let began = Instant::now();
    let mut tried = 0;
    let refused = loop {
        let reply = attempt("not the password", &format!("2001:db8:50:{tried:x}::1")).await;
        if reply.status == 429 {
            break reply;
        }
        reply.error(401, "INVALID_CREDENTIALS");
        tried += 1;
        let most = 50 + began.elapsed().as_secs() / 12;
        assert!(tried <= most, "{tried} guesses in {:?}", began.elapsed());
    };
    assert!(tried >= 50, "refused after {tried}");
    let wait = wait_of(&refused);
    assert!((1..=12).contains(&wait), "{wait}");
    attempt(&user.password, "198.51.100.1").await.expect(200);
}

#[tokio::test]
async fn an_account_that_is_not_there_waits_like_one_that_is() {
    let stack = ground().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let function = process(&stack, "login", &[]).await;
    let mut bodies = Vec::new();
    for email in [user.email.clone(), format!("{}@example.com", unique("nobody"))] {
        let event = login(&tenant, &email, "not the password", "198.51.100.20");
        for _ in 0..5 {
            let refused = function.call(&event, BUDGET).await;
            bodies.push(refused.error(401, "INVALID_CREDENTIALS")["message"].clone());
        }
        let limited = function.call(&event, BUDGET).await;
        assert!((31..=60).contains(&wait_of(&limited)), "{limited}");
        bodies.push(limited.error(429, "RATE_LIMITED")["message"].clone());
    }
    assert_eq!(bodies[..6], bodies[6..]);
}

#[tokio::test]
async fn the_admins_password_is_not_guessed_either_and_the_admin_is_not_locked_out() {
    // The account is the stack's own: it must not be one that other tests sign in to.
    let stack = Plan { functions: Some(&[]), ..Plan::new("guessed-admin") }.start().await;
    let function = process(&stack, "admin-login", &[]).await;
    let (email, password) = (stack.credentials.email.as_str(), stack.credentials.password.as_str());
    for _ in 0..5 {
        let guess = admin_login(email, "not the password", "198.51.100.30");
        function.call(&guess, BUDGET).await.error(401, "INVALID_CREDENTIALS");
    }
    wait_of(&function.call(&admin_login(email, password, "198.51.100.30"), BUDGET).await);
    function.call(&admin_login(email, password, "198.51.100.31"), BUDGET).await.expect(200);
}

#[tokio::test]
async fn without_redis_the_admins_sign_in_is_closed_and_tenants_go_on_within_each_processs_limits()
{
    let functions: &[&str] = &["admin-login", "register-app", "create-seats", "signup"];
    let plan = Plan {
        functions: Some(functions),
        own_redis: true,
        ..Plan::new("no-redis-sign-ins").unlimited()
    };
    let stack = plan.start().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let (sign_in, admin, bookings) = tokio::join!(
        process(&stack, "login", &[]),
        process(&stack, "admin-login", &[]),
        process(&stack, "list-bookings", &[("RATE_LIMIT_APP", "30/86400")])
    );
    stack.stop_redis().await;

    let (email, password) = (stack.credentials.email.as_str(), stack.credentials.password.as_str());
    let closed = admin.call(&admin_login(email, password, "198.51.100.40"), BUDGET).await;
    closed.error(503, "SERVICE_UNAVAILABLE");
    assert!(closed.header("retry-after").is_some(), "{closed}");

    // A process that has never seen the tenant's key serves it all the same.
    let event = Event::of(&user, "GET", "/bookings", &Value::Null);
    let mut served = 0;
    let refused = loop {
        let reply = bookings.call(&event, BUDGET).await;
        if reply.status != 200 {
            break reply;
        }
        assert!(
            reply.header("ratelimit-policy").is_some_and(|policy| policy.contains("q=30;w=86400")),
            "{reply}"
        );
        served += 1;
        assert!(served <= 30, "the app's limit does not hold without Redis");
    };
    assert_eq!(served, 30);
    wait_of(&refused);

    let guess = login(&tenant, &user.email, "not the password", "198.51.100.41");
    five_and_then_a_wait(&sign_in, || guess.clone(), "INVALID_CREDENTIALS").await;
    sign_in
        .call(&login(&tenant, &user.email, &user.password, "198.51.100.42"), BUDGET)
        .await
        .expect(200);

    // Unknown keys: some are checked, and then none from this network.
    let guess = || {
        let event = login(&tenant, &user.email, &user.password, "198.51.100.43");
        with_credentials(event, &tenant.app_id, ApiKey::generate().expose())
    };
    five_and_then_a_wait(&sign_in, guess, "INVALID_APP_CREDENTIALS").await;
    sign_in
        .call(&login(&tenant, &user.email, &user.password, "198.51.100.43"), BUDGET)
        .await
        .expect(200);
}

#[tokio::test]
async fn wrong_keys_are_counted_by_network_and_right_ones_that_are_known_go_on() {
    let stack = ground().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let function = process(&stack, "login", &[("RATE_LIMIT_KEY_FAILURES", "3/86400")]).await;
    let right = login(&tenant, &user.email, &user.password, "198.51.100.50");
    function.call(&right, BUDGET).await.expect(200);
    let guess = |app_id: &str, address: &str| {
        let event = login(&tenant, &user.email, &user.password, address);
        with_credentials(event, app_id, ApiKey::generate().expose())
    };
    // A page with an old key repeats its request: this counts as one wrong key.
    let stuck = guess(&tenant.app_id, "198.51.100.50");
    for _ in 0..20 {
        function.call(&stuck, BUDGET).await.error(401, "INVALID_APP_CREDENTIALS");
    }
    // An unknown app, and the tenant's own: each counts as a wrong key.
    function
        .call(&guess("no-such-app", "198.51.100.50"), BUDGET)
        .await
        .error(401, "INVALID_APP_CREDENTIALS");
    function
        .call(&guess(&tenant.app_id, "198.51.100.50"), BUDGET)
        .await
        .error(401, "INVALID_APP_CREDENTIALS");
    wait_of(&function.call(&guess(&tenant.app_id, "198.51.100.50"), BUDGET).await);
    wait_of(&function.call(&guess("no-such-app", "198.51.100.50"), BUDGET).await);
    // A malformed key costs no bcrypt and is not counted.
    let junk = with_credentials(right.clone(), &tenant.app_id, "ubk_junk");
    function.call(&junk, BUDGET).await.error(401, "INVALID_APP_CREDENTIALS");
    function.call(&right, BUDGET).await.expect(200);
    function
        .call(&guess(&tenant.app_id, "198.51.100.51"), BUDGET)
        .await
        .error(401, "INVALID_APP_CREDENTIALS");
}
