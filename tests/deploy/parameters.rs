//! A parameter out of range is refused by the template, and every setting can be set.

use std::collections::{BTreeMap, BTreeSet};

use regex::bytes::RegexBuilder;
use serde_json::{Value, json};
use stack::admin::Credentials;

use super::{map, read, references, template, text};
use crate::support::{
    launch::{Start, launch},
    servers, unique,
};

/// Settings that a deployment takes from its secret.
const OF_THE_SECRET: [&str; 6] = [
    "MONGODB_URI",
    "REDIS_URL",
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD_HASH",
    "ADMIN_JWT_SECRET",
    "USER_JWT_SECRET",
];

const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:booking-AbC123";
const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:123456789012:certificate/0123-ab";
const LAYER: &str = "arn:aws:lambda:eu-central-1:123456789012:layer:ca:3";
const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:alarms";
const HASH: &str = "$2b$10$IdiNnUNCQqBce0bwMFqznuxk.2XpiPOA8TrHx.cBzDsOgJIDgYURS";

/// Whether a parameter's own constraints take a value, as CloudFormation asks them: of the whole
/// value.
fn takes(parameter: &Value, value: &str) -> bool {
    let listed = |list: &Vec<Value>| list.iter().any(|one| shown(one) == value);
    let number = value.parse::<f64>().ok();
    let bound = |name: &str| parameter[name].as_f64();
    let length = value.chars().count() as f64;
    (parameter["Type"] == "String" || number.is_some())
        && parameter["AllowedValues"].as_array().is_none_or(listed)
        && parameter["AllowedPattern"].as_str().is_none_or(|p| fits(p, value))
        && bound("MinValue").is_none_or(|least| number.is_some_and(|n| n >= least))
        && bound("MaxValue").is_none_or(|most| number.is_some_and(|n| n <= most))
        && bound("MaxLength").is_none_or(|most| length <= most)
}

fn fits(pattern: &str, value: &str) -> bool {
    // `\d` and `\s` as Java has them, which asks.
    let pattern = RegexBuilder::new(pattern).unicode(false).build().expect("a pattern");
    pattern.is_match(value.as_bytes())
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn default(parameter: &Value) -> Option<String> {
    parameter.get("Default").map(shown)
}

#[test]
fn every_parameter_is_described_bounded_grouped_and_used() {
    let template = template();
    let parameters = map(&template["Parameters"]);
    let mut grouped = BTreeSet::new();
    for group in template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        .as_array()
        .expect("groups")
    {
        for name in group["Parameters"].as_array().expect("names") {
            assert!(grouped.insert(text(name)), "{name} is in two groups");
        }
    }
    assert_eq!(grouped, parameters.keys().map(String::as_str).collect());
    let used = references(&template);
    for (name, parameter) in parameters {
        assert!(text(&parameter["Description"]).len() > 20, "{name}");
        let bounded =
            ["AllowedValues", "AllowedPattern"].iter().any(|key| parameter.get(*key).is_some())
                || ["MinValue", "MaxValue"].iter().all(|key| parameter.get(*key).is_some());
        assert!(bounded, "{name} takes anything");
        if let Some(pattern) = parameter["AllowedPattern"].as_str() {
            assert!(pattern.starts_with('^') && pattern.ends_with('$'), "{name}: {pattern}");
        }
        let default = default(parameter).unwrap_or_else(|| panic!("{name} has no default"));
        assert!(takes(parameter, &default), "{name} refuses its own default {default}");
        assert!(used.contains(name), "{name} does nothing");
    }
}

#[test]
fn values_out_of_range_are_refused_and_those_within_are_taken() {
    let template = template();
    let rate: (&[&str], &[&str]) = (
        &["1/1", "60/60", "999999999/86400"],
        &["", "0/60", "60", "1/0", "1/86401", "-1/60", "a/b"],
    );
    let ids: (&[&str], &[&str]) = (
        &["", "subnet-0123abcd", "subnet-0123abcd,subnet-0123456789abcdef0"],
        &["vpc-1", "subnet-0123abcd, subnet-0123abcd"],
    );
    let rows: &[(&str, &[&str], &[&str])] = &[
        ("Architecture", &["arm64", "x86_64"], &["", "arm", "ARM64"]),
        ("SecretArn", &["", SECRET], &["booking", "arn:aws:s3:::bucket", &SECRET[..40]]),
        (
            "MongodbUri",
            &["mongodb://a:b@h:1/?replicaSet=r", "mongodb+srv://u:p@c.mongodb.net"],
            &["http://h", "mongodb://a\"b", "mongodb://a b", "mongodb://a\\b"],
        ),
        (
            "RedisUrl",
            &["redis://h:1", "rediss://h", "redis-cluster://h:1", "redis://a:1,redis://b:1"],
            &["h:6379", "rediss://a\"b", "rediss://a b"],
        ),
        ("AdminEmail", &["you@example.com"], &["you", "@", "a@b@c", "\"a\"@b"]),
        ("AdminPasswordHash", &[HASH], &["a-password", &HASH[..59], "$1$abc"]),
        ("SecretMaxAgeSeconds", &["10", "300"], &["9", "301", "long"]),
        (
            "KmsKeyArn",
            &["arn:aws:kms:eu-central-1:123456789012:key/1234-ab"],
            &["alias/aws/sqs", "1234-ab"],
        ),
        ("MongodbDatabase", &["booking", "b_2"], &["", "a/b", "a.b", "a b", &"x".repeat(39)]),
        ("MongodbMaxPoolSize", &["1", "100"], &["0", "101", "many"]),
        ("ListingReadPreference", &["primary", "secondaryPreferred"], &["nearest", ""]),
        ("RedisCaFile", &["/opt/ca.pem"], &["/etc/ca.pem", "ca.pem"]),
        (
            "RedisCaLayerArn",
            &["", LAYER],
            &["ca", "arn:aws:lambda:eu-central-1:123456789012:layer:ca"],
        ),
        ("MigrateAgain", &["", "2026-11-23T04:00:00"], &["a b", "ä", &"x".repeat(65)]),
        ("HoldTtlSeconds", &["1", "3600"], &["0", "3601", "abc"]),
        ("MaxHeldSeatsPerUser", &["1", "1000"], &["0", "-1", "1001"]),
        (
            "AdminOrigins",
            &["https://a.example.com", "https://*.example.com,http://localhost:3000"],
            &["*", "example.com", "https://a/path"],
        ),
        ("BcryptCost", &["10", "15"], &["9", "16"]),
        ("RateLimitAdminLogin", rate.0, rate.1),
        ("RateLimitLogin", rate.0, rate.1),
        ("RateLimitSignup", rate.0, rate.1),
        ("RateLimitReserve", rate.0, rate.1),
        ("RateLimitConfirm", rate.0, rate.1),
        ("RateLimitApp", rate.0, rate.1),
        ("RateLimitKeyFailures", rate.0, rate.1),
        ("ThrottleRate", &["1", "100000"], &["0", "100001"]),
        ("ThrottleBurst", &["1", "50000"], &["0", "50001"]),
        ("ReservedPasswords", &["0", "1000"], &["-1", "1001"]),
        ("ReservedBooking", &["0", "1000"], &["-1", "1001"]),
        ("ReservedListing", &["0", "1000"], &["-1", "1001"]),
        ("ReservedAdmin", &["0", "1000"], &["-1", "1001"]),
        ("ReservedOpen", &["0", "1000"], &["-1", "1001", "some"]),
        ("SubnetIds", ids.0, ids.1),
        (
            "SecurityGroupIds",
            &["", "sg-0123abcd", "sg-0123abcd,sg-0123456789abcdef0"],
            &["default", "sg-1", "sg-0123abcd,"],
        ),
        (
            "DomainName",
            &["api.example.com"],
            &["https://api.example.com", "localhost", "API.example.com", "a..b"],
        ),
        (
            "CertificateArn",
            &["", CERTIFICATE],
            &["api.example.com", SECRET, "arn:aws:acm:eu-central-1:1:certificate/a"],
        ),
        ("HostedZoneId", &["Z0123456789ABC"], &["example.com", "/hostedzone/Z1"]),
        ("DisableDefaultEndpoint", &["true", "false"], &["", "yes", "True"]),
        ("ApplicationLogLevel", &["INFO", "DEBUG"], &["WARN", "ERROR", "info"]),
        ("SystemLogLevel", &["INFO", "WARN"], &["TRACE", "ERROR", ""]),
        ("LogRetentionDays", &["30"], &["31", "0"]),
        ("Tracing", &["Active", "PassThrough"], &["Disabled", "active", ""]),
        ("MetricsNamespace", &["UnifiedBooking", "Booking/dev"], &["", "a b", "0"]),
        (
            "AlarmEmail",
            &["you@example.com"],
            &["you", "you@a@b", &format!("{}@example.com", "x".repeat(250))],
        ),
        (
            "AlarmTopicArn",
            &["", TOPIC],
            &["alarms", SECRET, "arn:aws:sns:eu-central-1:123456789012:"],
        ),
        ("LatencyAlarmMs", &["50", "3000"], &["49", "30001"]),
    ];
    let tried: BTreeSet<&str> = rows.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(
        tried,
        map(&template["Parameters"]).keys().map(String::as_str).collect(),
        "each is tried, and exists"
    );
    for (name, good, bad) in rows {
        let parameter = &template["Parameters"][name];
        assert!(parameter.is_object(), "{name}");
        good.iter().for_each(|value| assert!(takes(parameter, value), "{name} refuses {value}"));
        bad.iter().for_each(|value| assert!(!takes(parameter, value), "{name} takes {value}"));
    }
}

/// What the few functions that the rules use say of these parameters.
fn says(condition: &Value, given: &BTreeMap<String, String>) -> bool {
    let value = |v: &Value| {
        v["Ref"].as_str().map_or_else(|| text(v).to_owned(), |name| given[name].clone())
    };
    let (function, arguments) = map(condition).iter().next().expect("a function");
    match function.as_str() {
        "Fn::Equals" => value(&arguments[0]) == value(&arguments[1]),
        "Fn::Not" => !says(&arguments[0], given),
        "Fn::Or" => arguments.as_array().expect("conditions").iter().any(|one| says(one, given)),
        other => panic!("{other} is not known here"),
    }
}

/// The complaints of the template's rules about these parameters, the others left as they are.
fn complaints(template: &Value, given: &[(&str, &str)]) -> Vec<String> {
    let parameters = map(&template["Parameters"]).iter();
    let mut values: BTreeMap<String, String> = parameters
        .map(|(name, parameter)| (name.clone(), default(parameter).unwrap_or_default()))
        .collect();
    values.extend(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let rules =
        map(&template["Rules"]).values().filter(|rule| says(&rule["RuleCondition"], &values));
    let assertions = rules.flat_map(|rule| rule["Assertions"].as_array().expect("assertions"));
    let broken = assertions.filter(|one| !says(&one["Assert"], &values));
    broken.map(|one| text(&one["AssertDescription"]).to_owned()).collect()
}

#[test]
fn parameters_that_do_not_go_together_are_refused_by_name() {
    let template = template();
    let made = [
        ("MongodbUri", "mongodb://h"),
        ("RedisUrl", "redis://h"),
        ("AdminEmail", "a@b"),
        ("AdminPasswordHash", HASH),
    ];
    assert_eq!(complaints(&template, &made), [""; 0]);
    assert_eq!(complaints(&template, &[("SecretArn", SECRET)]), [""; 0]);
    assert_eq!(complaints(&template, &[]).len(), 4, "a secret is made of all four");
    let dashes = made.map(|(name, _)| (name, "-"));
    assert_eq!(complaints(&template, &dashes).len(), 4, "a dash is nothing");
    let beside: Vec<_> = [("SecretArn", SECRET)].into_iter().chain(dashes).collect();
    assert_eq!(complaints(&template, &beside), [""; 0]);
    for (name, value) in made {
        let nothing = ["", "-"].map(|none| {
            made.map(|(other, given)| (other, if other == name { none } else { given }))
        });
        for lacking in nothing {
            let said = complaints(&template, &lacking);
            assert!(said.len() == 1 && said[0].starts_with(name), "{name}: {said:?}");
        }
        let said = complaints(&template, &[("SecretArn", SECRET), (name, value)]);
        assert!(said.len() == 1 && said[0].starts_with(name), "{name}: {said:?}");
    }
    for (given, other) in [
        ("SubnetIds", "SecurityGroupIds"),
        ("SecurityGroupIds", "SubnetIds"),
        ("DomainName", "CertificateArn"),
        ("CertificateArn", "DomainName"),
        ("HostedZoneId", "DomainName"),
        ("RedisCaFile", "RedisCaLayerArn"),
        ("RedisCaLayerArn", "RedisCaFile"),
    ] {
        let said = complaints(&template, &[("SecretArn", SECRET), (given, "x")]);
        assert!(
            said.len() == 1 && said[0].contains(given) && said[0].contains(other),
            "{given}: {said:?}"
        );
    }
    for pair in [
        [("DisableDefaultEndpoint", "true"), ("AlarmEmail", "")],
        [("AlarmTopicArn", "x"), ("AlarmEmail", "y")],
    ] {
        let given: Vec<_> = [("SecretArn", SECRET)].into_iter().chain(pair).collect();
        assert_eq!(complaints(&template, &given).len(), 1, "{pair:?}");
    }
}

/// Variable and default of each row of the README's table.
fn documented() -> BTreeMap<String, String> {
    let readme = read("README.md");
    let section = readme
        .split("\n## Settings")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("the section");
    let mut rows = BTreeMap::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for name in cells[1].split(',') {
            rows.insert(
                name.trim().trim_matches('`').to_owned(),
                cells[2].trim_matches('`').to_owned(),
            );
        }
    }
    rows
}

#[test]
fn every_variable_is_documented_and_every_setting_can_be_set() {
    let template = template();
    let variables = map(&template["Globals"]["Function"]["Environment"]["Variables"]);
    let set: BTreeSet<&str> = variables.keys().map(String::as_str).chain(OF_THE_SECRET).collect();
    let documented = documented();
    assert_eq!(set, documented.keys().map(String::as_str).collect());
    for (_, function) in super::of_type(&template, "AWS::Serverless::Function") {
        assert_eq!(
            function["Properties"].get("Environment"),
            None,
            "all functions have the same settings"
        );
    }
    for (name, value) in variables {
        let parameter = value["Ref"]
            .as_str()
            .or_else(|| value["Fn::If"][1]["Ref"].as_str())
            .expect("a parameter");
        // Smaller where many instances share a database, and named where there is no local default.
        let differs = [
            "MONGODB_MAX_POOL_SIZE",
            "MONGODB_DATABASE",
            "SECRET_ID",
            "ADMIN_ORIGINS",
            "REDIS_CA_FILE",
        ];
        if !differs.contains(&name.as_str()) {
            let default = default(&template["Parameters"][parameter]);
            assert_eq!(default.as_ref(), documented.get(name), "{name}");
        }
    }
}

/// Otherwise a deploy would end with functions that do not start.
#[tokio::test]
async fn what_the_template_takes_at_its_bounds_a_function_starts_with() {
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
                assert!(takes(parameter, most), "{name}");
                settings.insert(name.clone(), most.to_owned());
            }
        }
        assert!(settings.len() >= all.len() + 12, "{settings:?}");
        let start = launch("reserve", &settings).await;
        assert!(matches!(start, Start::Up), "{edge}: {start:?}");
    }
    for database in ["x".repeat(38), "-".to_owned(), "A_z-9".to_owned()] {
        assert!(takes(&template["Parameters"]["MongodbDatabase"], &database));
        all.insert("MONGODB_DATABASE".into(), database);
        let start = launch("reserve", &all).await;
        assert!(matches!(start, Start::Up), "{start:?}");
    }
}

#[test]
fn what_a_metric_is_told_by_is_not_filtered_out() {
    // Its line is of INFO.
    let levels = template()["Parameters"]["ApplicationLogLevel"]["AllowedValues"].clone();
    assert_eq!(levels, json!(["TRACE", "DEBUG", "INFO"]));
}
