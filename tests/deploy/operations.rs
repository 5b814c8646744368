//! `docs/OPERATIONS.md` compared with the template. People read it during an outage, so
//! it must be right.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::{of_type, read, references, template};

#[test]
fn every_alarm_has_a_section_and_every_alarm_section_an_alarm() {
    let (template, operations) = (template(), read("docs/OPERATIONS.md"));
    let alarms: BTreeSet<_> =
        of_type(&template, "AWS::CloudWatch::Alarm").into_iter().map(|(name, _)| name).collect();
    let headings = operations.lines().filter_map(|line| line.strip_prefix("### "));
    let sections: BTreeSet<_> = headings.filter(|name| name.ends_with("Alarm")).collect();
    assert!(!alarms.is_empty());
    assert_eq!(sections, alarms);
    for alarm in alarms {
        let section = operations.split(&format!("### {alarm}\n")).nth(1).unwrap();
        let section = section.split("\n#").next().unwrap();
        assert!(section.split_whitespace().count() > 10, "{alarm}: {section}");
    }
}

#[test]
fn every_parameter_and_output_that_the_document_names_exists() {
    let (template, operations) = (read("template.yaml"), read("docs/OPERATIONS.md"));
    let word = Regex::new(r"[`<]([A-Z][a-z]+(?:[A-Z][a-z]+)+)(?-u:\b)").unwrap();
    let names: BTreeSet<_> =
        word.captures_iter(&operations).map(|found| found[1].to_owned()).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let known = Regex::new(&format!(r"(?-u:\b){name}(?-u:\b)")).unwrap();
        assert!(known.is_match(&template), "{name} is not in template.yaml");
    }
}

#[test]
fn the_number_of_connections_counts_every_function() {
    let template = template();
    let functions = of_type(&template, "AWS::Serverless::Function");
    let places = [(read("template.yaml"), "x"), (read("docs/OPERATIONS.md"), "×")];
    for group in ["Passwords", "Booking", "Listing", "Admin", "Open"] {
        let parameter = format!("Reserved{group}");
        let reserved = |function: &&(&str, &Value)| {
            // The functions of live push are a term of their own.
            function.1["Condition"].is_null() && references(function.1).contains(&parameter)
        };
        let count = functions.iter().filter(reserved).count();
        assert!(count > 0, "{parameter}");
        for (text, times) in &places {
            let term = format!("{count} {times} {parameter}");
            assert!(text.contains(&term), "{term} is missing");
        }
    }
}
