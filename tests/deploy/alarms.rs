//! Alarms and the dashboard: each alarm says why it matters, and watches a metric that exists.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::metrics::NAMES;

use super::{map, mappings, of_type, references, substituted, template, text, with_placeholders};

/// The metrics of AWS that the template uses: namespace, dimension, names.
const AWS_METRICS: [(&str, &str, &[&str]); 3] = [
    ("AWS/ApiGateway", "ApiId", &["Count", "4xx", "5xx", "Latency"]),
    (
        "AWS/Lambda",
        "FunctionName",
        &["Duration", "Errors", "Throttles", "Invocations", "ConcurrentExecutions"],
    ),
    ("AWS/SQS", "QueueName", &["ApproximateNumberOfMessagesVisible"]),
];

/// Our own namespace, as the functions get it in METRICS_NAMESPACE.
const OUR_NAMESPACE: &str = "UnifiedBooking/${AWS::StackName}";

/// Fails unless a metric of this name and dimension exists in this namespace.
#[track_caller]
fn assert_exists(namespace: &str, name: &str, dimension: &str) {
    match AWS_METRICS.iter().find(|(known, _, _)| *known == namespace) {
        Some((_, by, names)) => {
            assert!(names.contains(&name) && dimension == *by, "{namespace} {name} {dimension}")
        }
        None => assert!(
            namespace == OUR_NAMESPACE && NAMES.contains(&name) && dimension == "Service",
            "{namespace} {name} {dimension}"
        ),
    }
}

/// Namespace, name and dimension of each metric of an alarm.
fn metrics_of(alarm: &Value) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    mappings(alarm, &mut found);
    let metrics = found.into_iter().filter(|mapping| mapping.contains_key("MetricName"));
    let namespace =
        |value: &Value| value.as_str().unwrap_or_else(|| text(&value["Fn::Sub"])).to_owned();
    let row = |metric: &serde_json::Map<String, Value>| {
        let dimension = text(&metric["Dimensions"][0]["Name"]).to_owned();
        (namespace(&metric["Namespace"]), text(&metric["MetricName"]).to_owned(), dimension)
    };
    metrics.map(row).collect()
}

fn dashboard(template: &Value) -> Value {
    let body = text(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]);
    serde_json::from_str(body).expect("the dashboard is JSON")
}

#[test]
fn every_alarm_says_why_and_notifies_the_topic_and_watches_metrics_that_exist() {
    let template = template();
    let alarms = of_type(&template, "AWS::CloudWatch::Alarm");
    let either = json!(["CreatesAlarmTopic", {"Ref": "AlarmTopic"}, {"Ref": "AlarmTopicArn"}]);
    let topic = json!([{"Fn::If": either}]);
    for (name, alarm) in &alarms {
        let properties = &alarm["Properties"];
        let why = text(&properties["AlarmDescription"]);
        assert!((60..=1024).contains(&why.len()), "{name}: {why}");
        assert!(properties["TreatMissingData"].is_string(), "{name}");
        for actions in ["AlarmActions", "OKActions"] {
            assert_eq!(properties[actions], topic, "{name}");
        }
        let metrics = metrics_of(properties);
        assert!(
            !metrics.is_empty() && metrics.len() <= 9,
            "{name}: CloudWatch allows ten with the result"
        );
        metrics
            .iter()
            .for_each(|(namespace, metric, dimension)| assert_exists(namespace, metric, dimension));
        // Every metric is part of the result.
        for part in properties["Metrics"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|part| part["Id"] != "result")
        {
            let expression = text(&properties["Metrics"][0]["Expression"]);
            assert!(expression.contains(text(&part["Id"])), "{name}: {}", part["Id"]);
            assert_eq!(part["ReturnData"], false, "{name}: one result");
        }
    }
    let wanted = [
        "ServerErrors",
        "Latency",
        "WriteSuccess",
        "LockContention",
        "PaymentFailures",
        "RefundsDue",
        "RefundsFailed",
        "ProviderReports",
        "UnknownOutcomes",
        "RedisDegraded",
        "Throttles",
        "SweeperDlq",
        "SweeperErrors",
        "SweeperSilent",
        "DelivererErrors",
        "EventsLate",
    ];
    let names: BTreeSet<String> = alarms.into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, wanted.iter().map(|name| format!("{name}Alarm")).collect());
}

#[test]
fn the_functions_publish_their_metrics_where_the_alarms_read_them() {
    let template = template();
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(variables["METRICS_NAMESPACE"], json!({"Fn::Sub": OUR_NAMESPACE}));
}

#[test]
fn the_dashboard_has_four_rows_with_a_question_each() {
    let template = template();
    let dashboard = dashboard(&template);
    let widgets = dashboard["widgets"].as_array().expect("widgets");
    let questions: Vec<&str> =
        widgets.iter().filter_map(|widget| widget["properties"]["markdown"].as_str()).collect();
    assert_eq!(
        questions,
        [
            "## Are seats being sold?",
            "## What do buyers see?",
            "## What is slow?",
            "## What is failing?"
        ]
    );
    let mut taken = BTreeSet::new();
    for widget in widgets {
        let number = |key: &str| widget[key].as_u64().expect("a number");
        for x in number("x")..number("x") + number("width") {
            assert!(x < 24, "{widget}");
            for y in number("y")..number("y") + number("height") {
                assert!(taken.insert((x, y)), "two widgets overlap: {widget}");
            }
        }
        for row in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            let cells: Vec<&str> =
                row.as_array().expect("a row").iter().filter_map(Value::as_str).collect();
            match cells.as_slice() {
                [] => assert!(row[0]["expression"].is_string(), "{row}"),
                [namespace, name, dimension, value, rest @ ..] => {
                    assert_exists(namespace, name, dimension);
                    assert!(!substituted(value).is_empty(), "{row}");
                    assert!(
                        rest.is_empty() || matches!(rest, ["Domain", "EVENT" | "BUS" | "MOVIE"]),
                        "{row}"
                    );
                }
                _ => panic!("{row}"),
            }
        }
    }
    let body = &template["Resources"]["Dashboard"]["Properties"]["DashboardBody"];
    let known = |name: &String| {
        name.starts_with("AWS::")
            || ["Parameters", "Resources"].iter().any(|part| template[part].get(name).is_some())
    };
    assert!(references(body).iter().all(known), "{:?}", references(body));
    assert!(with_placeholders(text(&body["Fn::Sub"])).contains("\"x\""));
}

/// Otherwise we would pay for a metric that nobody looks at.
#[test]
fn every_metric_of_ours_is_on_the_dashboard_or_in_an_alarm() {
    let template = template();
    let mut watched: BTreeSet<String> = BTreeSet::new();
    for (_, alarm) in of_type(&template, "AWS::CloudWatch::Alarm") {
        watched.extend(metrics_of(alarm).into_iter().map(|(_, name, _)| name));
    }
    let text = dashboard(&template).to_string();
    watched.extend(
        NAMES
            .iter()
            .filter(|name| text.contains(&format!("\"{name}\"")))
            .map(|name| (*name).to_owned()),
    );
    assert!(NAMES.iter().all(|name| watched.contains(*name)), "{watched:?}");
}

#[test]
fn new_code_waits_for_the_migration_and_the_migration_ends_in_time() {
    let template = template();
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        let waits = function.get("DependsOn") == Some(&json!("Migration"));
        assert_eq!(waits, name != "MigrateFunction", "{name}");
    }
    let properties = &template["Resources"]["Migration"]["Properties"];
    let service: u64 = text(&properties["ServiceTimeout"]).parse().expect("seconds");
    let function = template["Resources"]["MigrateFunction"]["Properties"]["Timeout"]
        .as_u64()
        .expect("seconds");
    assert!(function < service && function <= 900 && service <= 3600);
    // CloudFormation runs it again when one of these differs.
    assert_eq!(properties["Code"], json!({"Ref": "MigrateFunction.Version"}));
    assert!(template["Resources"]["MigrateFunction"]["Properties"]["AutoPublishAlias"].is_string());
    for cause in ["Database", "Secret", "Restart"] {
        assert!(map(properties).contains_key(cause), "{cause}");
    }
}
