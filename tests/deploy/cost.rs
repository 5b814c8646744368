//! `docs/COST.md` held against the script that reckons it, and what the script is given against the
//! template and the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde_json::{Value, json};

use super::{map, mappings, of_type, read, template, text};
use crate::support::servers;

fn given(file: &str) -> Value {
    serde_json::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What the script prints.
fn cost(arguments: &[&str]) -> String {
    let script = stack::workspace_root().join("scripts/cost.py");
    let output =
        Command::new("python3").arg(script).args(arguments).output().expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// The deployed memory of each function, by its binary.
fn memory(template: &Value) -> BTreeMap<String, u64> {
    let usual = &template["Globals"]["Function"]["MemorySize"];
    let functions = of_type(template, "AWS::Serverless::Function").into_iter();
    let sized = functions.map(|(_, function)| {
        let own = function["Properties"]["MemorySize"].as_u64().or(usual.as_u64()).expect("a size");
        (text(&function["Metadata"]["BuildProperties"]["Binary"]).to_owned(), own)
    });
    sized.collect()
}

#[test]
fn the_tables_of_the_document_are_what_the_script_prints() {
    let (printed, document) = (cost(&[]), read("docs/COST.md"));
    let ends = "<!-- cost ends -->";
    let blocks: Vec<&str> =
        printed.split_inclusive(ends).map(str::trim).filter(|block| !block.is_empty()).collect();
    assert!(blocks.len() >= 7, "{printed}");
    for block in &blocks {
        let name = block.lines().next().unwrap();
        assert!(
            document.contains(block),
            "{name} is outdated: python3 scripts/cost.py --write\n{block}"
        );
    }
    assert_eq!(document.matches(ends).count(), blocks.len(), "a table that nothing writes");
}

#[test]
fn what_is_said_to_be_deployed_is_what_the_template_deploys() {
    let (template, inputs) = (template(), given("docs/cost-inputs.json"));
    let deployed = &inputs["deployed"];
    let sizes = memory(&template);
    for (function, size) in map(&deployed["memory_mb"]) {
        assert_eq!(size.as_u64(), sizes.get(function).copied(), "{function}");
    }
    let mut metrics = 0;
    for (_, alarm) in of_type(&template, "AWS::CloudWatch::Alarm") {
        let mut found = Vec::new();
        mappings(alarm, &mut found);
        metrics += found.into_iter().filter(|mapping| mapping.contains_key("MetricName")).count();
    }
    for (what, count) in [
        ("alarm_metrics", metrics),
        ("dashboards", of_type(&template, "AWS::CloudWatch::Dashboard").len()),
        ("secrets", of_type(&template, "AWS::SecretsManager::Secret").len()),
    ] {
        assert_eq!(deployed[what], count, "{what}");
    }
    let sweeper =
        &template["Resources"]["ExpireReservationsFunction"]["Properties"]["Events"]["EveryMinute"];
    assert_eq!(
        (text(&sweeper["Properties"]["Schedule"]), &deployed["sweeps_an_hour"]),
        ("rate(1 minute)", &json!(60))
    );
    let age = &template["Parameters"]["SecretMaxAgeSeconds"]["Default"];
    assert_eq!(&inputs["assumed"]["secret_max_age_seconds"], age);
    let prod = read("samconfig.toml");
    let prod = prod.split("[prod.deploy.parameters]").nth(1).expect("prod");
    let kept = format!("\"LogRetentionDays={}\"", inputs["assumed"]["log_kept_days"]);
    assert!(prod.contains(&kept), "prod does not keep logs for as long: {kept}");
    assert!(template["Globals"]["Function"]["Tracing"] == json!({"Ref": "Tracing"}));
}

#[test]
fn every_function_of_a_booking_is_measured_sized_and_priced() {
    let inputs = given("docs/cost-inputs.json");
    let names = |value: &Value| -> BTreeSet<String> {
        map(value).keys().filter(|name| *name != "about").cloned().collect()
    };
    let measured = names(&inputs["measured"]["functions"]);
    assert_eq!(measured, names(&inputs["assumed"]["round_trips"]));
    assert_eq!(measured, names(&inputs["deployed"]["memory_mb"]));
    let mut called = names(&inputs["assumed"]["calls_a_booking"]);
    called.insert("expire-reservations".to_owned());
    assert_eq!(measured, called);
    assert!(measured.is_subset(&stack::functions().unwrap().into_iter().collect()), "{measured:?}");
    for kind in ["of_a_tenant", "of_nobody"] {
        for (function, series) in map(&inputs["metrics"][kind]) {
            assert!(measured.contains(function), "{function}");
            for name in series.as_array().expect("names") {
                assert!(
                    shared::metrics::NAMES.contains(&text(name)),
                    "{function} does not count {name}"
                );
            }
        }
    }
}

#[test]
fn the_line_of_the_gateways_log_that_is_weighed_has_the_fields_of_the_real_one() {
    let fields = |line: &str| -> Vec<String> {
        map(&serde_json::from_str(line).expect("JSON")).keys().cloned().collect()
    };
    let template = template();
    let format =
        text(&template["Resources"]["HttpApi"]["Properties"]["AccessLogSettings"]["Format"]);
    let inputs = given("docs/cost-inputs.json");
    assert_eq!(fields(text(&inputs["log_samples"]["access"])), fields(format));
}

#[test]
fn every_price_says_where_and_when_it_was_read() {
    let prices = given("docs/cost-prices.json");
    for (name, price) in map(&prices["prices"]) {
        for part in ["what", "unit", "source", "read"] {
            assert!(!text(&price[part]).is_empty(), "{name}: {part}");
        }
        let known: Vec<f64> = ["eu-central-1", "us-east-1"]
            .iter()
            .filter_map(|region| price[region].as_f64())
            .collect();
        assert!(!known.is_empty() && known.iter().all(|usd| *usd >= 0.0), "{name}: {price}");
    }
    for table in prices["seats_io"]["tables"].as_array().expect("tables") {
        assert!(!text(&table["source"]).is_empty());
    }
}

/// Inputs that can be reckoned with in the head: two million calls of one function.
fn simple() -> Value {
    let mut inputs = given("docs/cost-inputs.json");
    let mix = inputs["assumed"]["calls_a_booking"].as_object_mut().expect("a mix");
    mix.retain(|name, _| name == "about");
    mix.insert("confirm".to_owned(), json!(2));
    let one = json!({"p50_ms": 10, "cpu_ms": 4, "log_bytes": 500, "metric_lines": 2, "metric_line_bytes": 225,
        "answer_bytes": 2500});
    inputs["measured"]["functions"]["confirm"] = one;
    inputs["deployed"]["memory_mb"]["confirm"] = json!(512);
    inputs["assumed"]["round_trips"]["confirm"] = json!(5);
    for (name, value) in [
        ("full_vcpu_mb", 1024.0),
        ("round_trip_ms", 2.0),
        ("payment_provider_ms", 75.5),
        ("cold_share", 0.5),
        ("cold_start_ms", 200.0),
        ("longer_function_name_bytes", 25.0),
        ("log_kept_days", 60.0),
        ("hours_a_month", 1.0),
        ("traces_a_second", 100.0),
        ("traced_beyond", 0.5),
        ("domains_in_use", 1.0),
    ] {
        inputs["assumed"][name] = json!(value);
    }
    for (line, length) in [("start", 99), ("report", 199), ("access", 699)] {
        inputs["log_samples"][line] = json!("x".repeat(length));
    }
    inputs
}

fn kept(folder: &Path, name: &str, value: &Value) -> String {
    let path = folder.join(name);
    std::fs::write(&path, value.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_arithmetic_is_that_of_the_document() {
    let folder = servers::directory("cost");
    let inputs = kept(&folder, "inputs.json", &simple());
    let said: Value = serde_json::from_str(&cost(&["--json", "--inputs", &inputs])).expect("JSON");
    let europe = &said["eu-central-1"];
    let is = |value: &Value, wanted: f64| {
        assert!(
            (number(value) - wanted).abs() <= wanted.abs() * 1e-9,
            "{value} and not {wanted} in {europe:#}"
        );
    };
    let (quantities, sales) = (&europe["quantities"], &europe["sales"]);
    is(&quantities["calls"], 2e6);
    // 6 ms of waiting, 4 of CPU on half a core, 10 of network, 75.5 for the provider, rounded up;
    // 100 of a cold start.
    let gb_seconds = 2e6 * (100.0 + 100.0) / 1000.0 * 0.5;
    is(&quantities["gb_seconds"], gb_seconds);
    is(&sales["arm64"]["Lambda, arm64"], gb_seconds * 0.000_013_333_4);
    is(&sales["x86_64"]["Lambda, x86_64"], gb_seconds * 0.000_016_666_7);
    is(&sales["arm64"]["API Gateway"], 2.0 * 1.2);
    // 500 of its own, 500 of metrics, 1,000 of AWS: 2,000 bytes a call.
    is(&quantities["log_gb"], 4.0);
    is(&sales["arm64"]["Logs, taken in"], 4.0 * 0.63);
    is(&sales["arm64"]["Logs, kept"], 4.0 * 2.0 * 0.0324);
    is(&quantities["traces"], 360_000.0 + (2e6 - 360_000.0) / 2.0);
    is(&quantities["out_gb"], 5.0);
    is(&sales["arm64"]["Data out"], 5.0 * 0.09);
    let inputs = simple();
    let series = |kind: &str| {
        map(&inputs["metrics"][kind]).values().map(|v| v.as_array().unwrap().len()).sum::<usize>()
    };
    let series = (series("of_a_tenant") * 2 + series("of_nobody")) as f64;
    is(&sales["arm64"]["Metrics"], series * 0.3);
    is(&europe["idle"]["Secrets"], 3.0 * 0.4);
    is(&europe["idle"]["Dashboard"], 3.0);
}

#[test]
fn a_price_that_is_known_of_one_region_only_is_marked_where_it_stands_in() {
    let mut prices = given("docs/cost-prices.json");
    prices["prices"]["http_api_request"]["us-east-1"] = Value::Null;
    prices["prices"]["transfer_out_gb"]["eu-central-1"] = json!(0.09);
    let folder = servers::directory("cost-prices");
    let printed = cost(&["--prices", &kept(&folder, "prices.json", &prices)]);
    let row = printed.lines().find(|line| line.starts_with("| API Gateway |")).expect("the line");
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    assert!(!cells[3].ends_with('+') && cells[4] == format!("{}+", cells[3]), "{row}");
    let sum = printed.lines().find(|line| line.starts_with("| **sum** |")).expect("the sum");
    assert!(sum.ends_with("+** |"), "{sum}");
}
