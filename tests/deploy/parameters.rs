//! The parameters of the template: which values it refuses, and which do not go together.

use std::collections::{BTreeMap, BTreeSet};

use regex::bytes::RegexBuilder;
use serde_json::Value;

use super::{map, read, references, template, text};

const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:booking-AbC123";
const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:123456789012:certificate/0123-ab";
const LAYER: &str = "arn:aws:lambda:eu-central-1:123456789012:layer:ca:3";
const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:alarms";
const HASH: &str = "$2b$10$IdiNnUNCQqBce0bwMFqznuxk.2XpiPOA8TrHx.cBzDsOgJIDgYURS";

/// Whether CloudFormation accepts a value for a parameter, by the parameter's own constraints.
pub(super) fn accepts(parameter: &Value, value: &str) -> bool {
    let listed = |list: &Vec<Value>| list.iter().any(|allowed| as_text(allowed) == value);
    let number = value.parse::<f64>().ok();
    let bound = |name: &str| parameter[name].as_f64();
    let length = value.chars().count() as f64;
    (parameter["Type"] == "String" || number.is_some())
        && parameter["AllowedValues"].as_array().is_none_or(listed)
        && parameter["AllowedPattern"].as_str().is_none_or(|pattern| matches(pattern, value))
        && bound("MinValue").is_none_or(|least| number.is_some_and(|n| n >= least))
        && bound("MaxValue").is_none_or(|most| number.is_some_and(|n| n <= most))
        && bound("MaxLength").is_none_or(|most| length <= most)
}

fn matches(pattern: &str, value: &str) -> bool {
    // CloudFormation uses Java's patterns, whose `\d` and `\s` match ASCII only.
    let pattern = RegexBuilder::new(pattern).unicode(false).build().expect("a pattern");
    pattern.is_match(value.as_bytes())
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn default(parameter: &Value) -> Option<String> {
    parameter.get("Default").map(as_text)
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
        assert!(bounded, "{name} accepts anything");
        if let Some(pattern) = parameter["AllowedPattern"].as_str() {
            assert!(pattern.starts_with('^') && pattern.ends_with('$'), "{name}: {pattern}");
        }
        let default = default(parameter).unwrap_or_else(|| panic!("{name} has no default"));
        assert!(accepts(parameter, &default), "{name} refuses its own default {default}");
        assert!(used.contains(name), "{name} does nothing");
    }
}

#[test]
fn values_out_of_range_are_refused_and_values_in_range_accepted() {
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
        (
            "RedisCaLayerArn",
            &["", LAYER],
            &["ca", "arn:aws:lambda:eu-central-1:123456789012:layer:ca"],
        ),
        ("Restart", &["1", "2026-11-23T04:00:00"], &["", "a b", "ä", &"x".repeat(65)]),
        ("HoldTtlSeconds", &["1", "3600"], &["0", "3601", "abc"]),
        ("MaxHeldSeatsPerUser", &["1", "1000"], &["0", "-1", "1001"]),
        (
            "AdminOrigins",
            &["https://a.example.com", "https://*.example.com,http://localhost:3000"],
            &["*", "example.com", "https://a/path"],
        ),
        ("BcryptCost", &["10", "15"], &["9", "16"]),
        ("DefaultPaymentProvider", &["none", "simulated"], &["", "stripe"]),
        ("PaymentWindowSeconds", &["60", "1800"], &["59", "1801", "abc"]),
        ("RateLimitPayments", rate.0, rate.1),
        ("StripeApiBase", &["https://api.stripe.com"], &["", "api.stripe.com", "ftp://a"]),
        ("RazorpayApiBase", &["https://api.razorpay.com"], &["", "api.razorpay.com", "ftp://a"]),
        (
            "WebhookAllowHosts",
            &["", "hooks.example.com,127.0.0.1", "[::1]"],
            &["*", "https://a.example.com", "a b"],
        ),
        ("RateLimitAdminLogin", rate.0, rate.1),
        ("RateLimitLogin", rate.0, rate.1),
        ("RateLimitSignup", rate.0, rate.1),
        ("RateLimitReserve", rate.0, rate.1),
        ("RateLimitConfirm", rate.0, rate.1),
        ("RateLimitRelease", rate.0, rate.1),
        ("RateLimitRead", rate.0, rate.1),
        ("RateLimitApp", rate.0, rate.1),
        ("RateLimitSecret", rate.0, rate.1),
        ("RateLimitKeyFailures", rate.0, rate.1),
        ("ThrottleRate", &["1", "100000"], &["0", "100001"]),
        ("FeedThrottleRate", &["1", "100000"], &["0", "100001"]),
        ("FeedThrottleBurst", &["1", "50000"], &["0", "50001"]),
        ("LiveMaxViewers", &["1", "100000"], &["0", "100001"]),
        ("LiveMaxPostsPerSecond", &["1", "10000"], &["0", "10001"]),
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
        ("FeedCache", &["true", "false"], &["", "yes", "True"]),
        ("LivePush", &["true", "false"], &["", "yes", "True"]),
        ("HostPages", &["true", "false"], &["", "yes", "True"]),
        ("ShopPaymentForm", &["none", "stripe", "razorpay"], &["", "simulated"]),
        ("DisableDefaultEndpoint", &["true", "false"], &["", "yes", "True"]),
        ("ApplicationLogLevel", &["INFO", "DEBUG"], &["WARN", "ERROR", "info"]),
        ("SystemLogLevel", &["INFO", "WARN"], &["TRACE", "ERROR", ""]),
        ("LogRetentionDays", &["30"], &["31", "0"]),
        ("Tracing", &["Active", "PassThrough"], &["Disabled", "active", ""]),
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
        "every parameter has a row, and every row a parameter"
    );
    for (name, good, bad) in rows {
        let parameter = &template["Parameters"][name];
        assert!(parameter.is_object(), "{name}");
        good.iter().for_each(|value| assert!(accepts(parameter, value), "{name} refuses {value}"));
        bad.iter().for_each(|value| assert!(!accepts(parameter, value), "{name} accepts {value}"));
    }
}

/// The value of a rule's condition for these parameters.
fn evaluate(condition: &Value, given: &BTreeMap<String, String>) -> bool {
    let value = |v: &Value| {
        v["Ref"].as_str().map_or_else(|| text(v).to_owned(), |name| given[name].clone())
    };
    let (function, arguments) = map(condition).iter().next().expect("a function");
    match function.as_str() {
        "Fn::Equals" => value(&arguments[0]) == value(&arguments[1]),
        "Fn::Not" => !evaluate(&arguments[0], given),
        "Fn::Or" => {
            arguments.as_array().expect("conditions").iter().any(|one| evaluate(one, given))
        }
        other => panic!("this test does not know {other}"),
    }
}

/// The rules of the template that these parameters break. The other parameters have their defaults.
fn violations(template: &Value, given: &[(&str, &str)]) -> Vec<String> {
    let parameters = map(&template["Parameters"]).iter();
    let mut values: BTreeMap<String, String> = parameters
        .map(|(name, parameter)| (name.clone(), default(parameter).unwrap_or_default()))
        .collect();
    values.extend(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let rules =
        map(&template["Rules"]).values().filter(|rule| evaluate(&rule["RuleCondition"], &values));
    let assertions = rules.flat_map(|rule| rule["Assertions"].as_array().expect("assertions"));
    let broken = assertions.filter(|one| !evaluate(&one["Assert"], &values));
    broken.map(|one| text(&one["AssertDescription"]).to_owned()).collect()
}

#[test]
fn parameters_that_do_not_go_together_are_refused_by_name() {
    let template = template();
    let required = [
        ("MongodbUri", "mongodb://h"),
        ("RedisUrl", "redis://h"),
        ("AdminEmail", "a@b"),
        ("AdminPasswordHash", HASH),
    ];
    assert_eq!(violations(&template, &required), [""; 0]);
    assert_eq!(violations(&template, &[("SecretArn", SECRET)]), [""; 0]);
    assert_eq!(violations(&template, &[]).len(), 4, "all four are required");
    for (name, value) in required {
        let others = required.map(|(other, given)| (other, if other == name { "" } else { given }));
        let found = violations(&template, &others);
        assert!(found.len() == 1 && found[0].starts_with(name), "{name}: {found:?}");
        let found = violations(&template, &[("SecretArn", SECRET), (name, value)]);
        assert!(found.len() == 1 && found[0].starts_with(name), "{name}: {found:?}");
    }
    for (given, other) in [
        ("SubnetIds", "SecurityGroupIds"),
        ("SecurityGroupIds", "SubnetIds"),
        ("DomainName", "CertificateArn"),
        ("CertificateArn", "DomainName"),
        ("HostedZoneId", "DomainName"),
    ] {
        let found = violations(&template, &[("SecretArn", SECRET), (given, "x")]);
        assert!(
            found.len() == 1 && found[0].contains(given) && found[0].contains(other),
            "{given}: {found:?}"
        );
    }
    for pair in [
        [("DisableDefaultEndpoint", "true"), ("AlarmEmail", "")],
        [("AlarmTopicArn", "x"), ("AlarmEmail", "y")],
    ] {
        let given: Vec<_> = [("SecretArn", SECRET)].into_iter().chain(pair).collect();
        assert_eq!(violations(&template, &given).len(), 1, "{pair:?}");
    }
}

/// A first deployment answers at most six questions, and none of them can be forgotten silently.
#[test]
fn a_first_deployment_sets_six_parameters_at_most() {
    let template = template();
    let example: toml::Table = read("parameters.example.toml").parse().expect("TOML");
    assert!((1..=6).contains(&example.len()), "{example:?}");
    let example: Vec<(&str, &str)> = example
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().expect("a text")))
        .collect();
    for (name, value) in &example {
        assert!(accepts(&template["Parameters"][name], value), "{name} refuses {value}");
    }
    let names: BTreeSet<&str> = example.iter().map(|(name, _)| *name).collect();
    let first = &template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"][0];
    let grouped = first["Parameters"].as_array().expect("names").iter().map(text).collect();
    assert_eq!(names, grouped, "the console asks for the same parameters first");
    let missing = violations(&template, &example);
    assert_eq!(missing.len(), 4, "the copy cannot be deployed before it is filled in: {missing:?}");
    let named = |rule: &String| names.iter().any(|name| rule.starts_with(name));
    assert!(missing.iter().all(named), "{missing:?}");
}

/// Every stack reads a file of its own, and samconfig.toml sets only parameters that exist.
#[test]
fn the_stacks_of_samconfig_deploy_with_parameters_that_the_template_accepts() {
    let template = template();
    let config: toml::Table = read("samconfig.toml").parse().expect("TOML");
    let mut files = BTreeSet::new();
    for (stack, commands) in config.iter().filter(|(name, _)| *name != "version") {
        let overrides = commands["global"]["parameters"]["parameter_overrides"].as_array();
        let overrides =
            overrides.expect("parameters").iter().map(|one| one.as_str().expect("a text"));
        let (of_files, set): (Vec<_>, Vec<_>) =
            overrides.partition(|one| one.starts_with("file://"));
        assert!(of_files.len() == 1 && files.insert(of_files[0]), "{stack}: {of_files:?}");
        for (name, value) in set.iter().map(|one| one.split_once('=').expect("name=value")) {
            assert!(accepts(&template["Parameters"][name], value), "{stack}: {name}={value}");
        }
    }
    assert!(!files.is_empty());
}
