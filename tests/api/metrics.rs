//! What CloudWatch gets: metrics in its embedded format, and a log line for each attempt
//! to hold or buy.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    payment,
    people::Hold,
    poll::eventually,
    reply::Reply,
    stacks::{BOOKING, Plan, Stack},
    unique,
};

/// The lines that a function has written so far.
fn lines(stack: &Stack, function: &str) -> Vec<Value> {
    let log = std::fs::read_to_string(stack.logs.join(format!("{function}.log"))).expect("a log");
    // The last one may be half written.
    log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The one line of a request.
async fn attempt(stack: &Stack, function: &str, reply: &Reply) -> Value {
    let id = reply.header("x-request-id").expect("an id").to_owned();
    let of = |line: &Value| line["request_id"] == id.as_str() && line["message"] == "request";
    let found = || async { lines(stack, function).into_iter().find(of) };
    let line = eventually("the request is logged", Duration::from_secs(60), found).await;
    assert_eq!(lines(stack, function).into_iter().filter(of).count(), 1, "{line}");
    assert_eq!(line["status"], reply.status);
    line
}

/// Sums of a function's metrics, over all lines with these dimensions.
pub(super) fn sums(stack: &Stack, function: &str, dimensions: &[&str]) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for line in lines(stack, function) {
        let Some(metrics) = line["_aws"]["CloudWatchMetrics"].get(0).cloned() else { continue };
        assert_eq!(metrics["Namespace"], "UnifiedBooking");
        assert!(
            line["_aws"]["Timestamp"].is_u64()
                && line["timestamp"].is_string()
                && line["level"] == "INFO",
            "{line}"
        );
        assert_eq!(line["Service"], function);
        let sets = metrics["Dimensions"].as_array().expect("sets of dimensions");
        if !sets.contains(&json!(dimensions)) {
            continue;
        }
        if dimensions.contains(&"Domain") {
            assert_eq!(line["Domain"], "EVENT", "{line}");
        }
        for metric in metrics["Metrics"].as_array().expect("metrics") {
            let name = metric["Name"].as_str().expect("a name").to_owned();
            assert!(shared::metrics::NAMES.contains(&name.as_str()), "{name}");
            assert_eq!(metric["Unit"], if name.ends_with("Ms") { "Milliseconds" } else { "Count" });
            let value = match &line[&name] {
                Value::Array(values) => values.len() as f64,
                value => value.as_f64().expect("a number"),
            };
            *sums.entry(name).or_default() += value;
        }
    }
    sums
}

#[tokio::test]
async fn every_attempt_is_one_line_and_is_counted_for_the_function_and_its_line_of_business() {
    let stack = Plan { functions: Some(BOOKING), ..Plan::new("metrics").unlimited() }.start().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);

    let held = ann.reserve(&[&seats[0]]).await;
    let contended = bob.reserve(&[&seats[0]]).await;
    contended.error(409, "SEAT_ALREADY_LOCKED");
    let hold = Hold::of(&held);
    let sold = ann.confirm(&hold, &payment()).await;
    sold.expect(201);
    let other = bob.hold(&[&seats[1]]).await;
    let declined = bob.confirm(&other, &unique("pay_fail")).await;
    declined.error(402, "PAYMENT_FAILED");
    let late = bob.confirm(&other, &payment()).await;
    assert_eq!(late.error(409, "RESERVATION_RELEASED")["details"]["refundDue"], true);
    let unavailable = bob.confirm(&bob.hold(&[&seats[1]]).await, "pay_unavailable").await;
    unavailable.error(503, "SERVICE_UNAVAILABLE");

    let line = attempt(&stack, "reserve", &held).await;
    assert_eq!((&line["outcome"], &line["entity"]), (&json!("ok"), &json!(tenant.entity)));
    assert_eq!((&line["app"], &line["user"]), (&json!(tenant.app_id), &json!(ann.user_id)));
    assert!(
        line["lock_acquire_ms"].is_f64()
            && line["duration_ms"].is_f64()
            && line.get("code").is_none(),
        "{line}"
    );
    let line = attempt(&stack, "reserve", &contended).await;
    assert_eq!(
        (&line["outcome"], &line["code"]),
        (&json!("refused"), &json!("SEAT_ALREADY_LOCKED"))
    );
    let line = attempt(&stack, "confirm", &sold).await;
    assert_eq!((&line["outcome"], &line["entity"]), (&json!("ok"), &json!(tenant.entity)));
    let line = attempt(&stack, "confirm", &unavailable).await;
    assert_eq!((&line["outcome"], &line["level"]), (&json!("failed"), &json!("ERROR")));

    let published = async |function: &str, wanted: &[(&str, f64)]| {
        let wanted: BTreeMap<String, f64> =
            wanted.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        for dimensions in [&["Service"][..], &["Service", "Domain"]] {
            let found = || async { (sums(&stack, function, dimensions) == wanted).then_some(()) };
            let what =
                format!("{function} {dimensions:?}: {:?}", sums(&stack, function, dimensions));
            eventually(&what, Duration::from_secs(60), found).await;
        }
    };
    // Two reservations, a refused one, and one for the unavailable provider. Each called the gate.
    published(
        "reserve",
        &[
            ("HoldsCreated", 3.0),
            ("LockAcquireMs", 4.0),
            ("LockContended", 1.0),
            ("WriteAttempts", 4.0),
        ],
    )
    .await;
    published(
        "confirm",
        &[
            ("BookingsConfirmed", 1.0),
            ("PaymentsFailed", 1.0),
            ("RefundsDue", 1.0),
            ("WriteAttempts", 4.0),
            ("WriteFailures", 1.0),
        ],
    )
    .await;
    // Neither a user nor an app is a dimension or a field of a metric's line.
    for function in ["reserve", "confirm"] {
        for line in lines(&stack, function)
            .iter()
            .filter(|line| line.get("_aws").is_some())
            .map(Value::to_string)
        {
            for secret in [&tenant.app_id, &ann.user_id, &bob.user_id, &tenant.entity] {
                assert!(!line.contains(secret.as_str()), "{line}");
            }
        }
    }
}
