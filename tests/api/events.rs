//! The events under `events/`, each through the real binary as AWS would invoke it.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use stack::events::{Values, fill};

use crate::support::{payment, stacks, stacks::Stack, unique};

fn expected() -> BTreeMap<String, Option<u16>> {
    let path = stack::workspace_root().join("events/expected.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// `<function>.<case>.json`.
fn parts(file: &str) -> (&str, &str) {
    let name = file.strip_suffix(".json").unwrap();
    name.split_once('.').unwrap_or_else(|| panic!("{file} names no case"))
}

async fn values(stack: &std::sync::Arc<Stack>) -> Values {
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
    let user = tenant.user().await;
    let booking = user.book(&[&seats[2]]).await;
    let (hold, other) = (user.hold(&[&seats[3]]).await, user.hold(&[&seats[4]]).await);
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
        .with("BOOKING_ID", booking)
        .with("PAYMENT_ID", payment())
        .with("NEW_EMAIL", format!("{}@example.com", unique("new")))
        .with("NEW_ENTITY_ID", unique("new"))
}

#[tokio::test]
async fn every_event_gets_the_status_that_its_table_promises() {
    let stack = stacks::usual().await;
    let values = values(&stack).await;
    for (file, status) in expected() {
        let (function, case) = parts(&file);
        let template =
            std::fs::read_to_string(stack::workspace_root().join("events").join(&file)).unwrap();
        let event: Value = serde_json::from_str(&fill(&template, &values).unwrap())
            .unwrap_or_else(|e| panic!("{file}: {e}"));
        let answer = stack.invoke(function, &event).await;
        let Some(status) = status else {
            let fields = ["changes", "expired"];
            assert!(fields.iter().any(|f| answer.get(f).is_some()), "{file}: {answer}");
            continue;
        };
        assert_eq!(answer["statusCode"], status, "{file}: {answer}");
        let body: Value = serde_json::from_str(
            answer["body"].as_str().filter(|b| !b.is_empty()).unwrap_or("null"),
        )
        .unwrap();
        match (case, status) {
            (_, 204) => assert_eq!(body, Value::Null, "{file}: {answer}"),
            (_, 200..300) => assert_eq!(body["success"], true, "{file}: {answer}"),
            (_, 400) if case.ends_with("invalid") => {
                let field = &body["error"]["details"]["fields"][0]["field"];
                assert!(field.is_string(), "{file} does not name a field: {answer}");
            }
            _ => assert_eq!(body["success"], false, "{file}: {answer}"),
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
    let answer = stack.invoke("reserve", &event).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
}

#[test]
fn the_table_knows_every_file_and_every_function_has_a_good_and_a_bad_one() {
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
        assert!(good && bad, "{function}: {cases:?}");
    }
}
