//! The settings of the functions: each is documented, a deployment can set each, and a function
//! starts with every value that the template accepts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use stack::admin::Credentials;

use super::{
    map, of_type,
    parameters::{accepts, default},
    read, template, text,
};
use crate::support::{
    launch::{Start, launch},
    servers, unique,
};

/// Settings that a deployed function reads from its secret.
const IN_THE_SECRET: [&str; 7] = [
    "MONGODB_URI",
    "REDIS_URL",
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD_HASH",
    "ADMIN_JWT_SECRET",
    "USER_JWT_SECRET",
    "SEALING_KEY",
];

/// The default of each setting in the table of docs/SETTINGS.md.
fn documented_settings() -> BTreeMap<String, String> {
    let page = read("docs/SETTINGS.md");
    let table = page.split("| variable | default | meaning |\n").nth(1).expect("the table");
    let mut settings = BTreeMap::new();
    for row in table.lines().take_while(|line| line.starts_with('|')).skip(1) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for name in cells[1].split(',') {
            let unquoted = |cell: &str| cell.trim().trim_matches('`').to_owned();
            settings.insert(unquoted(name), unquoted(cells[2]));
        }
    }
    settings
}

#[test]
fn every_setting_is_documented_and_every_deployment_can_set_it() {
    let template = template();
    let mut variables = map(&template["Globals"]["Function"]["Environment"]["Variables"]).clone();
    assert!(variables.remove("RESTART").is_some(), "a variable that only restarts functions");
    let set: BTreeSet<&str> = variables.keys().map(String::as_str).chain(IN_THE_SECRET).collect();
    let documented = documented_settings();
    assert_eq!(set, documented.keys().map(String::as_str).collect());
    for (_, function) in of_type(&template, "AWS::Serverless::Function") {
        assert_eq!(
            function["Properties"].get("Environment"),
            None,
            "all functions have the same settings"
        );
    }
    // In AWS these have a different value than on a developer's machine, or no value.
    let differs = [
        "MONGODB_MAX_POOL_SIZE",
        "MONGODB_DATABASE",
        "SECRET_ID",
        "ADMIN_ORIGINS",
        "WEBHOOK_ALLOW_HOSTS",
        "REDIS_CA_FILE",
        "METRICS_NAMESPACE",
        "LIVE_URL",
        "LIVE_CONNECTIONS_URL",
        "LIVE_PUBLISHER",
    ];
    for (name, value) in variables.iter().filter(|(name, _)| !differs.contains(&name.as_str())) {
        let default = default(&template["Parameters"][text(&value["Ref"])]);
        assert_eq!(default.as_ref(), documented.get(name), "{name}");
    }
}

/// Otherwise a deployment would succeed with functions that do not start.
#[tokio::test]
async fn a_function_starts_with_every_bound_that_the_template_accepts() {
    let template = template();
    let mut all = Credentials::generate().unwrap().env();
    all.insert("MONGODB_URI".into(), servers::mongodb_uri().await.into());
    all.insert("MONGODB_DATABASE".into(), unique("bounds"));
    all.insert("REDIS_URL".into(), servers::redis_url().await.into());
    for edge in ["MinValue", "MaxValue"] {
        let mut settings = all.clone();
        for (name, value) in map(&template["Globals"]["Function"]["Environment"]["Variables"]) {
            let Some(parameter) = value["Ref"].as_str().map(|name| &template["Parameters"][name])
            else {
                continue;
            };
            if let Some(bound) = parameter[edge].as_i64() {
                settings.insert(name.clone(), bound.to_string());
            } else if name.starts_with("RATE_LIMIT_") {
                let most = if edge == "MinValue" { "1/1" } else { "999999999/86400" };
                assert!(accepts(parameter, most), "{name}");
                settings.insert(name.clone(), most.to_owned());
            }
        }
        assert!(settings.len() >= all.len() + 12, "{settings:?}");
        let start = launch("reserve", &settings).await;
        assert!(matches!(start, Start::Up), "{edge}: {start:?}");
    }
    for database in ["x".repeat(38), "-".to_owned(), "A_z-9".to_owned()] {
        assert!(accepts(&template["Parameters"]["MongodbDatabase"], &database));
        all.insert("MONGODB_DATABASE".into(), database);
        let start = launch("reserve", &all).await;
        assert!(matches!(start, Start::Up), "{start:?}");
    }
}

/// Metrics are INFO lines: a higher level would drop them.
#[test]
fn no_log_level_drops_the_metrics() {
    let levels = template()["Parameters"]["ApplicationLogLevel"]["AllowedValues"].clone();
    assert_eq!(levels, json!(["TRACE", "DEBUG", "INFO"]));
}
