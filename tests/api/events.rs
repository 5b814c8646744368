//! The events under `events/`, each through the real binary as AWS would invoke it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use stack::events::{Values, fill};

use crate::support::{
    payment,
    people::{Tenant, User},
    runtime_api::{Environment, Event},
    stacks::{self, Plan, Stack},
    unique,
};

fn expected() -> BTreeMap<String, Option<u16>> {
    let path = stack::workspace_root().join("events/expected.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The function and the case of a file `<function>.<case>.json`.
fn parts(file: &str) -> (&str, &str) {
    let name = file.strip_suffix(".json").unwrap();
    name.split_once('.').unwrap_or_else(|| panic!("{file} names no case"))
}

async fn values(stack: &std::sync::Arc<Stack>) -> Values {
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"]).await;
    let user = tenant.user().await;
    let (key, server) = tenant.server().await;
    let path = format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity);
    // Its bookings can be cancelled.
    let policy = json!({"tiers": [{"hoursBefore": 0, "refundPercent": 100}]});
    let settings = json!({"title": "Events", "currency": "INR", "cancellationPolicy": policy});
    server.call("PUT", &path).json(&settings).send().await.expect(201);
    let booking = user.book(&[&seats[2]]).await;
    let (hold, other) = (user.hold(&[&seats[3]]).await, user.hold(&[&seats[4]]).await);
    let ([webhook, deleted_webhook], delivery) = webhooks(&tenant).await;
    Values::new()
        .with("ADMIN_EMAIL", &stack.credentials.email)
        .with("ADMIN_PASSWORD", &stack.credentials.password)
        .with("ADMIN_TOKEN", stack.admin().await.token)
        .with("APP_ID", &tenant.app_id)
        .with("API_KEY", &tenant.api_key)
        .with("ORIGIN", &tenant.origin)
        .with("ENTITY_ID", &tenant.entity)
        .with("USER_TOKEN", &user.token)
        .with("USER_EMAIL", &user.email)
        .with("USER_PASSWORD", &user.password)
        .with("SEAT_ID", &seats[0])
        .with("SEAT_ID_2", &seats[1])
        .with("RESERVATION_TOKEN", &hold.token)
        .with("RELEASE_TOKEN", &other.token)
        .with("PAYMENT_TOKEN", user.hold(&[&seats[5]]).await.token)
        .with("BOOKING_ID", booking)
        .with("SECRET_KEY_ID", key)
        .with("FAILED_REFUND_ID", failed_refund(&user, &seats[6]).await)
        .with("SETTLED_REFUND_ID", failed_refund(&user, &seats[7]).await)
        .with("DELETED_ENTITY_ID", tenant.new_entity("a", &json!({})).await)
        .with("CANCELLED_ENTITY_ID", tenant.new_entity("c", &json!({})).await)
        .with("LISTED_ENTITY_ID", tenant.new_entity("b", &json!({})).await)
        .with("FEED_KEY", feed_key(&tenant).await)
        .with("SEATS_VERSION", 0.to_string())
        .with("LAYOUT_ID", layout(&tenant).await)
        .with("NEW_LAYOUT_ID", unique("new"))
        .with("IMPORTED_LAYOUT_ID", unique("imported"))
        .with("WEBHOOK_ID", webhook)
        .with("DELETED_WEBHOOK_ID", deleted_webhook)
        .with("DELIVERY_ID", delivery)
        .with("PAYMENT_ID", payment())
        .with("NEW_EMAIL", format!("{}@example.com", unique("new")))
        .with("NEW_ENTITY_ID", unique("new"))
}

/// The id of a refund that has failed.
async fn failed_refund(user: &User, seat: &str) -> String {
    let hold = user.hold(&[seat]).await;
    let booking = user.confirm(&hold, &unique("pay_refundfail")).await;
    let body = json!({"bookingId": booking.expect(201)["bookingId"]});
    let cancelled = user.post("/cancel-booking", &body).await;
    cancelled.expect(200)["refunds"][0]["refundId"].as_str().expect("an id").to_owned()
}

/// A layout of the tenant, with the categories that the events price.
async fn layout(tenant: &Tenant) -> String {
    let id = unique("layout");
    let body: Value = serde_json::from_str(include_str!("../../stack/layouts/bus.json")).unwrap();
    let path = format!("/admin/apps/{}/layouts/{id}", tenant.app_id);
    tenant.stack.admin().await.call("PUT", &path).json(&body).send().await.expect(201);
    id
}

/// Two endpoints of the tenant, and a delivery to the first.
async fn webhooks(tenant: &Tenant) -> ([String; 2], String) {
    let (_, server) = tenant.server().await;
    let path = format!("/admin/apps/{}/webhooks", tenant.app_id);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let reply = server.post(&path, &json!({"url": "https://shop.example/hooks"})).await;
        ids.push(reply.expect(201)["webhookId"].as_str().expect("an id").to_owned());
    }
    let reply = server.post(&format!("{path}/{}/test", ids[0]), &json!({})).await;
    let delivery = reply.expect(202)["deliveryId"].as_str().expect("an id").to_owned();
    (ids.try_into().expect("two"), delivery)
}

/// The key of an entity without seats.
async fn feed_key(tenant: &Tenant) -> String {
    let path = format!("/entities/{}", tenant.new_entity("feed", &json!({})).await);
    let reply = tenant.call("GET", &path).send().await;
    reply.expect(200)["feedKey"].as_str().expect("a key").to_owned()
}

#[tokio::test]
async fn every_event_gets_the_status_that_its_table_promises() {
    // One event starts the deliverer, which delivers the events of all tenants.
    let stack = Plan::new("events").unlimited().start().await;
    let values = values(&stack).await;
    for (file, status) in expected() {
        let (function, case) = parts(&file);
        let template =
            std::fs::read_to_string(stack::workspace_root().join("events").join(&file)).unwrap();
        let event: Value = serde_json::from_str(&fill(&template, &values).unwrap())
            .unwrap_or_else(|e| panic!("{file}: {e}"));
        let response = stack.invoke(function, &event).await;
        let Some(status) = status else {
            let fields =
                ["changes", "expired", "asked", "entities", "rounds", "statusCode", "attempts"];
            assert!(fields.iter().any(|f| response.get(f).is_some()), "{file}: {response}");
            continue;
        };
        assert_eq!(response["statusCode"], status, "{file}: {response}");
        // The feed has no envelope, and sends its seats with gzip.
        if function == "feed" && status == 200 {
            continue;
        }
        let body: Value = serde_json::from_str(
            response["body"].as_str().filter(|b| !b.is_empty()).unwrap_or("null"),
        )
        .unwrap();
        match (case, status) {
            (_, 204) => assert_eq!(body, Value::Null, "{file}: {response}"),
            (_, 200..300) => assert_eq!(body["success"], true, "{file}: {response}"),
            (_, 400) if case.ends_with("invalid") => {
                let field = &body["error"]["details"]["fields"][0]["field"];
                assert!(field.is_string(), "{file} does not name a field: {response}");
            }
            _ => assert_eq!(body["success"], false, "{file}: {response}"),
        }
    }
}

/// API Gateway encodes a body in base64 unless it looks like text.
#[tokio::test]
async fn a_body_in_base64_is_read_as_well() {
    let stack = stacks::usual().await;
    let path = stack::workspace_root().join("events/reserve.ok.json");
    let template = std::fs::read_to_string(path).unwrap();
    let mut event: Value =
        serde_json::from_str(&fill(&template, &values(&stack).await).unwrap()).unwrap();
    event["body"] = STANDARD.encode(event["body"].as_str().unwrap()).into();
    event["isBase64Encoded"] = true.into();
    let response = stack.invoke("reserve", &event).await;
    assert_eq!(response["statusCode"], 201, "{response}");
}

/// The same event as a named stage, or a custom domain with a base path, would send it.
fn behind(event: &Value, prefix: &str, stage: &str) -> Value {
    let mut event = event.clone();
    let path = format!("{prefix}{}", event["rawPath"].as_str().unwrap());
    event["rawPath"] = path.clone().into();
    event["requestContext"]["http"]["path"] = path.into();
    event["requestContext"]["stage"] = stage.into();
    event
}

fn event_of(file: &str, values: &Values) -> Value {
    let path = stack::workspace_root().join("events").join(file);
    let template = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&fill(&template, values).unwrap()).unwrap()
}

const PREFIXES: [(&str, &str); 4] =
    [("/prod", "prod"), ("/v1", "$default"), ("/tickets/v1", "prod"), ("/prod/v1", "prod")];

#[tokio::test]
async fn behind_a_stage_or_a_base_path_a_request_is_understood_by_its_route() {
    let stack = stacks::usual().await;
    let values = values(&stack).await;
    let admins = stacks::ADMIN_ORIGINS.split(',').next().unwrap();
    for (prefix, stage) in PREFIXES {
        let ok = |function: &str| {
            behind(&event_of(&format!("{function}.ok.json"), &values), prefix, stage)
        };
        for function in ["list-seats", "get-booking", "list-apps"] {
            let response = stack.invoke(function, &ok(function)).await;
            assert_eq!(response["statusCode"], 200, "{prefix}: {response}");
        }
        // The admin's list of origins counts for the admin's paths.
        let mut event = ok("list-apps");
        event["headers"]["origin"] = admins.into();
        let response = stack.invoke("list-apps", &event).await;
        assert_eq!(response["headers"]["access-control-allow-origin"], admins, "{response}");

        let mut options = ok("preflight");
        let mut asks = async |path: &str, origin: &str, route: &str| {
            options["rawPath"] = format!("{prefix}{path}").into();
            options["routeKey"] = route.into();
            options["pathParameters"] = json!({"proxy": &path[1..]});
            options["headers"]["origin"] = origin.into();
            let response = stack.invoke("preflight", &options).await;
            assert_eq!(response["statusCode"], 204, "{response}");
            response["headers"]["access-control-allow-origin"].as_str().map(str::to_owned)
        };
        for route in ["OPTIONS /{proxy+}", "$default"] {
            let tenants = &values.get("ORIGIN").unwrap().to_owned();
            assert_eq!(asks("/admin/apps", admins, route).await.as_deref(), Some(admins));
            assert_eq!(asks("/admin/apps", tenants, route).await, None);
            assert_eq!(asks("/seats", tenants, route).await.as_ref(), Some(tenants));
            assert_eq!(asks("/seats", admins, route).await, None);
        }

        let wrong = behind(&event_of("preflight.wrong-method.json", &values), prefix, stage);
        let response = stack.invoke("preflight", &wrong).await;
        assert_eq!(response["statusCode"], 405, "{response}");
        assert!(response["headers"]["allow"].is_string(), "{response}");
        let missing = behind(&event_of("preflight.not-found.json", &values), prefix, stage);
        assert_eq!(stack.invoke("preflight", &missing).await["statusCode"], 404);
    }
}

#[tokio::test]
async fn behind_a_stage_an_attempt_counts_as_one_and_a_key_is_the_same_key() {
    let stack = stacks::usual().await;
    let values = values(&stack).await;
    let mut event = event_of("reserve.ok.json", &values);
    event["headers"]["idempotency-key"] = unique("key").into();
    let process = Environment::start("reserve", &stack.settings()).await;
    let budget = Duration::from_secs(25);
    for (prefix, stage) in [("", "$default"), ("/prod", "prod"), ("/v1", "$default")] {
        let event = Event::raw("reserve", behind(&event, prefix, stage));
        let reply = process.call(&event, budget).await;
        reply.expect(201);
        assert_eq!(reply.replayed(), !prefix.is_empty(), "{reply}");
    }
    let log = process.log();
    let lines = || log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let attempts = lines().filter(|line| line["message"] == "request" && line["outcome"] == "ok");
    assert_eq!(attempts.count(), 3, "{log}");
    let counted = lines().filter(|line| line.get("WriteAttempts").is_some());
    assert_eq!(counted.count(), 3, "{log}");
}

#[tokio::test]
async fn an_event_that_is_no_request_gets_a_200_and_logs_no_error() {
    let stack = stacks::usual().await;
    let process = Environment::start("list-seats", &stack.settings()).await;
    for event in [
        json!({"warmup": true}),
        json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
        json!({"Records": []}),
        json!({}),
        Value::Null,
    ] {
        let event = Event::raw("a ping", event);
        process.call(&event, Duration::from_secs(25)).await.expect(200);
    }
    assert!(!process.log().contains("\"level\":\"ERROR\""), "{}", process.log());
}

#[tokio::test]
async fn a_header_that_is_not_ascii_does_not_disturb() {
    let stack = stacks::usual().await;
    let mut event = event_of("list-seats.ok.json", &values(&stack).await);
    for agent in ["iPhone de José", "iPhone de Jos\u{fffd}", "अनुप्रयोग", "\u{80}"]
    {
        event["headers"]["user-agent"] = agent.into();
        event["requestContext"]["http"]["userAgent"] = agent.into();
        let response = stack.invoke("list-seats", &event).await;
        assert_eq!(response["statusCode"], 200, "{response}");
    }
}

#[test]
fn every_event_file_is_in_the_table_and_every_function_has_a_good_and_a_bad_event() {
    let folder = std::fs::read_dir(stack::workspace_root().join("events")).unwrap();
    let files: BTreeSet<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json") && name != "expected.json")
        .collect();
    let expected = expected();
    assert_eq!(files, expected.keys().cloned().collect());
    for function in stack::functions().unwrap() {
        let cases: Vec<(&str, Option<u16>)> = expected
            .iter()
            .filter(|(file, _)| parts(file).0 == function)
            .map(|(file, status)| (parts(file).1, *status))
            .collect();
        let good = cases
            .iter()
            .any(|(case, status)| case.ends_with("ok") && status.is_none_or(|s| s < 300));
        let bad = cases
            .iter()
            .any(|(case, status)| !case.ends_with("ok") && status.is_none_or(|s| s >= 400));
        // Nobody can sign the event of a provider for every deployment.
        let good = good || function == "payment-events";
        assert!(good && bad, "{function}: {cases:?}");
    }
}
