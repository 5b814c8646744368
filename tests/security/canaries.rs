//! No password, key, token or hash is in a log line, or in a response other than the
//! one that issues it. The test uses every endpoint correctly and incorrectly, at the
//! most verbose log level.

use std::{sync::Arc, time::Duration};

use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use shared::auth::api_key::ApiKey;

use super::{
    fixture::Fixture,
    forgeries::forged_tokens,
    request::{Request, Transport},
};
use crate::support::{
    payment,
    poll::eventually,
    routes::{self, Route},
    stacks::{Plan, Stack},
    stripe, unique,
};

/// All responses, each with its route.
struct ResponseLog<'a> {
    fixture: &'a Fixture,
    responses: Vec<(String, String)>,
}

impl ResponseLog<'_> {
    /// Sends a request that must succeed.
    async fn succeed(&mut self, request: Request) -> Value {
        let data = self.send(request).await;
        let (route, response) = self.responses.last().expect("a response");
        assert!(!data.is_null(), "{route}: {response}");
        data
    }

    async fn send(&mut self, request: Request) -> Value {
        let reply = Transport::Http.send(&self.fixture.stack, &request).await;
        self.responses
            .push((request.route.to_string(), format!("{} {:?}", reply.text, reply.headers)));
        reply.body["data"].clone()
    }

    fn right(&self, method: &str, pattern: &str) -> Request {
        self.fixture.right(&routes::find(method, pattern))
    }
}

struct Canary {
    what: &'static str,
    text: String,
    /// The routes whose responses issue it.
    handed_out_by: &'static [&'static str],
}

fn canary(what: &'static str, text: impl Into<String>) -> Canary {
    Canary { what, text: text.into(), handed_out_by: &[] }
}

const TOKENS: &[&str] = &["POST /auth/signup", "POST /auth/login", "POST /admin/login"];
const KEYS: &[&str] = &["POST /admin/apps", "POST /admin/apps/{appId}/rotate-key"];
const WEBHOOK_SECRETS: &[&str] = &[
    "POST /admin/apps/{appId}/webhooks",
    "POST /admin/apps/{appId}/webhooks/{webhookId}/rotate-secret",
];
const SECRET_KEYS: &[&str] = &["POST /admin/apps/{appId}/secret-keys"];

/// Creates, uses, lists and deletes a secret key of the app at `path`.
async fn use_a_secret_key(response_log: &mut ResponseLog<'_>, path: &str) -> Option<Canary> {
    let path = format!("{path}/secret-keys");
    let of = |response_log: &ResponseLog<'_>, method, rest: &str| {
        let pattern = format!("/admin/apps/{{appId}}/secret-keys{rest}");
        response_log.right(method, &pattern)
    };
    let key = response_log.succeed(of(response_log, "POST", "").target(&path)).await;
    let text = key["secretKey"].as_str().expect("a key").to_owned();
    response_log.succeed(response_log.right("GET", "/admin/bookings").bearer(&text)).await;
    response_log.succeed(of(response_log, "GET", "").target(&path)).await;
    let one = format!("{path}/{}", key["keyId"].as_str().expect("an id"));
    response_log.succeed(of(response_log, "DELETE", "/{keyId}").target(one)).await;
    Some(Canary { handed_out_by: SECRET_KEYS, ..canary("a secret key", text) })
}

/// Sets Stripe's keys for the app at `path`, and reads what is shown of them.
async fn set_up_payments(response_log: &mut ResponseLog<'_>, path: &str) -> [Canary; 2] {
    let path = format!("{path}/payments");
    let (secret, webhook) = (unique("sk_test_"), unique("whsec_"));
    let keys = json!({
        "provider": "stripe", "secretKey": secret, "publishableKey": unique("pk_test_"),
        "webhookSecret": webhook,
    });
    let pattern = "/admin/apps/{appId}/payments";
    response_log.succeed(response_log.right("PUT", pattern).target(&path).json(&keys)).await;
    response_log.succeed(response_log.right("GET", pattern).target(&path)).await;
    let event = json!({"id": "evt_1", "type": "balance.available", "data": {}}).to_string();
    let app = path.split('/').nth(3).expect("an app");
    let call = response_log.right("POST", "/payment-events/{provider}/{appId}");
    let call = call.target(format!("/payment-events/stripe/{app}"));
    let signature = stripe::signature(&webhook, stripe::now(), &event);
    response_log.succeed(call.header("stripe-signature", signature).body(event)).await;
    [canary("a provider's key", secret), canary("a provider's webhook secret", webhook)]
}

/// Creates a webhook endpoint of the app at `path`, rotates its secret, and lists it.
async fn set_up_a_webhook(response_log: &mut ResponseLog<'_>, path: &str) -> [Canary; 2] {
    let path = format!("{path}/webhooks");
    let of = |response_log: &ResponseLog<'_>, method, rest: &str| {
        response_log.right(method, &format!("/admin/apps/{{appId}}/webhooks{rest}"))
    };
    let made = response_log.succeed(of(response_log, "POST", "").target(&path)).await;
    let one = format!("{path}/{}", made["webhookId"].as_str().expect("an id"));
    let rotate = of(response_log, "POST", "/{webhookId}/rotate-secret");
    let rotated = response_log.succeed(rotate.target(format!("{one}/rotate-secret"))).await;
    response_log.succeed(of(response_log, "GET", "").target(&path)).await;
    response_log.succeed(of(response_log, "GET", "/{webhookId}").target(&one)).await;
    [made, rotated].map(|reply| Canary {
        handed_out_by: WEBHOOK_SECRETS,
        ..canary("a webhook's secret", reply["secret"].as_str().expect("a secret"))
    })
}

/// Sets up what the app at `path` sells.
async fn set_up_an_entity(response_log: &mut ResponseLog<'_>, path: &str) {
    let app = "/admin/apps/{appId}";
    let entity = response_log.right("PUT", &format!("{app}/entities/{{entityId}}"));
    let settings = json!({"title": "Canaries", "currency": "INR"});
    let target = format!("{path}/entities/canaries");
    let entity = response_log.succeed(entity.target(&target).json(&settings)).await;
    let feed = format!("/feed/{}", entity["feedKey"].as_str().expect("a feed key"));
    // These two responses have no envelope, so `get` would find no data in them.
    response_log.send(response_log.right("GET", "/feed/{feedKey}").target(&feed)).await;
    let list = format!("{feed}/seats?v=0");
    response_log.send(response_log.right("GET", "/feed/{feedKey}/seats").target(list)).await;
    let seats = response_log.right("GET", &format!("{app}/entities/{{entityId}}/seats"));
    response_log.succeed(seats.target(format!("{target}/seats"))).await;
    let layouts = response_log.right("GET", &format!("{app}/layouts"));
    response_log.succeed(layouts.target(format!("{path}/layouts"))).await;
}

/// Uses every endpoint as intended. Returns the secrets that were issued on the way.
async fn use_everything(response_log: &mut ResponseLog<'_>) -> Vec<Canary> {
    let fixture = response_log.fixture;
    let text =
        |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
    let mut made = Vec::new();
    let admin = response_log.succeed(response_log.right("POST", "/admin/login")).await;
    made.push(Canary {
        handed_out_by: TOKENS,
        ..canary("an admin's token", text(&admin["token"]))
    });
    let app = response_log.succeed(response_log.right("POST", "/admin/apps")).await;
    made.push(Canary { handed_out_by: KEYS, ..canary("a new key", text(&app["apiKey"])) });
    let path = format!("/admin/apps/{}", text(&app["appId"]));
    response_log.succeed(response_log.right("PATCH", "/admin/apps/{appId}").target(&path)).await;
    let rotate = response_log
        .right("POST", "/admin/apps/{appId}/rotate-key")
        .target(format!("{path}/rotate-key"));
    let rotated = response_log.succeed(rotate).await;
    made.push(Canary { handed_out_by: KEYS, ..canary("a rotated key", text(&rotated["apiKey"])) });
    made.extend(use_a_secret_key(response_log, &path).await);
    made.extend(set_up_payments(response_log, &path).await);
    made.extend(set_up_a_webhook(response_log, &path).await);
    set_up_an_entity(response_log, &path).await;
    let password = unique("password");
    let somebody = json!({
        "email": format!("{}@example.com", unique("new")), "password": password, "name": "N",
    });
    let user =
        response_log.succeed(response_log.right("POST", "/auth/signup").json(&somebody)).await;
    made.push(canary("a new user's password", password));
    made.push(Canary {
        handed_out_by: TOKENS,
        ..canary("a new user's token", text(&user["token"]))
    });
    let user = response_log.succeed(response_log.right("POST", "/auth/login")).await;
    made.push(Canary { handed_out_by: TOKENS, ..canary("a user's token", text(&user["token"])) });
    let seats = json!({"appId": fixture.tenant.app_id, "entityId": "canaries", "currency": "INR",
        "seats": [{"seatNumber": "A1", "price": 1}, {"seatNumber": "A2", "price": 1}]});
    let seats = response_log.succeed(response_log.right("POST", "/admin/seats").json(&seats)).await;
    for seat in seats["seats"].as_array().expect("seats") {
        let reserve =
            response_log.right("POST", "/reserve-seat").json(&json!({"seatId": seat["seatId"]}));
        let hold = response_log.succeed(reserve.header("idempotency-key", unique("key"))).await;
        let token = &hold["reservationToken"];
        let pay = response_log.right("POST", "/payments").json(&json!({"reservationToken": token}));
        response_log.succeed(pay).await;
        let confirm = json!({"reservationToken": token, "paymentId": payment()});
        match seat["seatNumber"].as_str() {
            Some("A1") => {
                response_log
                    .succeed(response_log.right("POST", "/confirm-booking").json(&confirm))
                    .await
            }
            _ => {
                response_log
                    .succeed(
                        response_log
                            .right("POST", "/release-seat")
                            .json(&json!({"reservationToken": token})),
                    )
                    .await
            }
        };
    }
    let booking = response_log
        .right("GET", "/bookings/{bookingId}")
        .target(format!("/bookings/{}", fixture.booked));
    response_log.succeed(booking).await;
    let booking = response_log.right("GET", "/admin/bookings/{bookingId}");
    response_log.succeed(booking.target(format!("/admin/bookings/{}", fixture.booked))).await;
    let quote = response_log.right("GET", "/bookings/{bookingId}/cancellation");
    response_log.succeed(quote.target(format!("/bookings/{}/cancellation", fixture.booked))).await;
    for route in routes::all().iter().filter(|route| route.method == "GET") {
        response_log.send(fixture.right(route)).await;
    }
    made
}

/// Wrong requests, with a canary in every place that must not be repeated.
async fn abuse_everything(response_log: &mut ResponseLog<'_>) -> Vec<Canary> {
    let fixture = response_log.fixture;
    let credentials = &fixture.stack.credentials;
    let (password, key) = (unique("wrong-password"), ApiKey::generate().expose().to_owned());
    let tokens = forged_tokens(
        &fixture.ann.token,
        &credentials.user_jwt_secret,
        &credentials.admin_jwt_secret,
    );
    for route in routes::all() {
        let right = fixture.right(&route);
        let glue = if right.target.contains('?') { '&' } else { '?' };
        response_log.send(right.clone().spoiled()).await;
        response_log.send(right.clone().header("x-api-key", &key)).await;
        response_log.send(right.clone().header("x-app-id", &password)).await;
        response_log.send(right.clone().header("origin", format!("https://{password}"))).await;
        response_log.send(right.clone().header("idempotency-key", format!("{password} "))).await;
        response_log.send(right.clone().header("content-type", &password)).await;
        response_log
            .send(right.clone().target(format!("{}{glue}password={password}", right.target)))
            .await;
        for bad in tokens.iter().filter(|bad| bad.token.len() < 2_000) {
            response_log.send(right.clone().bearer(&bad.token)).await;
        }
        let Some(body) = &route.body else { continue };
        response_log.send(right.clone().body(format!("{{\"password\":\"{password}\""))).await;
        // A user's name may be shown, whatever it contains.
        for name in body.as_object().expect("an object").keys().filter(|name| *name != "name") {
            for value in [json!(password), json!([password]), json!({"$ne": password})] {
                let mut spoiled = body.clone();
                spoiled[name] = value;
                response_log.send(right.clone().json(&spoiled)).await;
            }
        }
    }
    for (method, pattern) in [("PATCH", "/admin/apps/{appId}"), ("GET", "/bookings/{bookingId}")] {
        let path = pattern.split('{').next().expect("a path");
        response_log
            .send(response_log.right(method, pattern).target(format!("{path}{password}")))
            .await;
    }
    let mut made = vec![canary("a wrong password", password), canary("an unknown key", key)];
    let forged = tokens
        .into_iter()
        .filter(|bad| bad.token.matches('.').count() == 2 && bad.token.len() > 100);
    made.extend(forged.map(|bad| canary("a forged token", bad.token)));
    made
}

/// An internal error whose cause is logged: a user document that cannot be read.
async fn fail_everything(response_log: &mut ResponseLog<'_>) {
    let fixture = response_log.fixture;
    let users = fixture.stack.database().await;
    let garble = doc! {"q": {"email": &fixture.bob.email}, "u": {"$unset": {"name": ""}}};
    let command = doc! {"update": "users", "updates": [garble], "bypassDocumentValidation": true};
    let result: Document = users.run_command(command).await.unwrap();
    assert_eq!(result.get_i32("nModified").unwrap(), 1);
    let login = response_log
        .right("POST", "/auth/login")
        .json(&json!({"email": fixture.bob.email, "password": fixture.bob.password}));
    response_log.send(login).await;
    let (_, response) = response_log.responses.last().expect("a response");
    assert!(response.contains("INTERNAL"), "{response}");
}

/// The secrets that existed before the run.
async fn stored(fixture: &Fixture) -> Vec<Canary> {
    let credentials = &fixture.stack.credentials;
    let mut canaries = vec![
        canary("the admin's password", &credentials.password),
        canary("the admin's hash", &credentials.password_hash),
        canary("the admins' secret", &credentials.admin_jwt_secret),
        canary("the users' secret", &credentials.user_jwt_secret),
        canary("MongoDB's address", &fixture.stack.mongodb_uri),
        canary("Redis's address", &fixture.stack.redis_url),
        Canary { handed_out_by: TOKENS, ..canary("the admin's token", &fixture.admin_token) },
        canary("a key", &fixture.tenant.api_key),
        canary("a key", &fixture.eve.tenant.api_key),
    ];
    for user in [&fixture.ann, &fixture.bob, &fixture.eve] {
        canaries.push(canary("a user's password", &user.password));
        // A second sign-in within the same second issues the same token.
        canaries.push(Canary { handed_out_by: TOKENS, ..canary("a user's token", &user.token) });
    }
    let database = fixture.stack.database().await;
    for (collection, field) in [("users", "passwordHash"), ("apps", "apiKeyHash")] {
        let all = database.collection::<Document>(collection).find(doc! {}).await.unwrap();
        let all: Vec<Document> = all.try_collect().await.unwrap();
        assert!(!all.is_empty());
        canaries.extend(all.iter().map(|one| canary(field, one.get_str(field).expect("a hash"))));
    }
    canaries
}

fn logs(stack: &Stack) -> Vec<(&'static str, String)> {
    let functions = routes::all()
        .into_iter()
        .map(|route| Route::function(&route))
        .chain(["preflight", "migrate"]);
    let read = |function| {
        std::fs::read_to_string(stack.logs.join(format!("{function}.log"))).expect("a log")
    };
    functions.map(|function| (function, read(function))).collect()
}

/// Checks that each line is one JSON object with its time and level, and that every endpoint has
/// succeeded and failed.
fn check_lines_of_the_whole_run(logs: &[(&str, String)]) {
    for (function, log) in logs {
        let mut statuses = Vec::new();
        for line in log.lines().filter(|line| !line.is_empty()) {
            let line: Value =
                serde_json::from_str(line).unwrap_or_else(|e| panic!("{function}: {e}: {line}"));
            assert!(
                line["timestamp"].is_string(),
                "Lambda takes a line without one for plain text: {line}"
            );
            assert!(line["level"].is_string(), "{line}");
            statuses.extend(line["status"].as_u64());
        }
        if !["migrate", "preflight"].contains(function) {
            assert!(
                statuses.iter().any(|status| *status < 300),
                "{function} has never responded as expected"
            );
            assert!(statuses.iter().any(|status| *status >= 400), "{function} has never refused");
        }
    }
}

/// At the level `trace`, which includes all other levels.
#[tokio::test]
async fn no_secret_is_in_a_response_or_in_a_log_at_any_level() {
    let mut plan = Plan { own_redis: true, ..Plan::new("canaries").unlimited() };
    plan.env.push(("AWS_LAMBDA_LOG_LEVEL", "trace".to_owned()));
    plan.env.push(("RATE_LIMIT_KEY_FAILURES", "1000000/60".to_owned()));
    let stack: Arc<Stack> = plan.start().await;
    let fixture = Fixture::on(stack.clone()).await;
    let mut response_log = ResponseLog { fixture: &fixture, responses: Vec::new() };
    let mut canaries = use_everything(&mut response_log).await;
    canaries.extend(abuse_everything(&mut response_log).await);
    fail_everything(&mut response_log).await;
    canaries.extend(stored(&fixture).await);

    let last = Transport::Http.send(&stack, &fixture.right(&routes::find("GET", "/health"))).await;
    let id = last.header("x-request-id").expect("an id").to_owned();
    let found = || async { logs(&stack).iter().any(|(_, log)| log.contains(&id)).then_some(()) };
    eventually("the last request is in the log", Duration::from_secs(60), found).await;
    let logs = logs(&stack);
    check_lines_of_the_whole_run(&logs);
    for Canary { what, text, handed_out_by } in &canaries {
        assert!(text.len() >= 8, "{what} could stand anywhere: {text}");
        for (function, log) in &logs {
            let line = log.lines().find(|line| line.contains(text));
            assert!(line.is_none(), "{what} in the log of {function}: {line:?}");
        }
        for (route, response) in &response_log.responses {
            let hands_out = handed_out_by.contains(&route.as_str());
            assert!(hands_out || !response.contains(text), "{what} in a response: {response}");
        }
    }
    for word in ["$2b$", "eyJ", "ubk_"] {
        let line = logs.iter().flat_map(|(_, log)| log.lines()).find(|line| line.contains(word));
        assert!(line.is_none(), "{word}: {line:?}");
    }
}
