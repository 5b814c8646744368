//! The deployment: `template.yaml` compared with the code and the documents, and `migrate` as
//! CloudFormation invokes it. Whether AWS accepts the template is for the linters (`make lint`) and
//! for a real account.

mod alarms;
mod doctor;
mod migration;
mod operations;
mod pages;
mod parameters;
mod permissions;
mod settings;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// The template as JSON, with every `!Function` in its long form, `{"Fn::Function": …}`.
fn template() -> Value {
    long_form(&serde_yaml_ng::from_str(&read("template.yaml")).expect("YAML"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(stack::workspace_root().join(path))
        .unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn long_form(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let (name, value) = (tagged.tag.to_string(), long_form(&tagged.value));
            match name.trim_start_matches('!') {
                name @ ("Ref" | "Condition") => json!({name: value}),
                "GetAtt" => {
                    json!({"Fn::GetAtt": value.as_str().expect("a name").split('.').collect::<Vec<_>>()})
                }
                name => json!({format!("Fn::{name}"): value}),
            }
        }
        Yaml::Mapping(mapping) => {
            let entry = |(key, value): (&Yaml, &Yaml)| {
                (key.as_str().expect("a text").to_owned(), long_form(value))
            };
            mapping.iter().map(entry).collect::<Map<_, _>>().into()
        }
        Yaml::Sequence(sequence) => sequence.iter().map(long_form).collect(),
        other => serde_json::to_value(other).expect("a scalar"),
    }
}

fn map(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("no mapping: {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The template's resources of a type, with their names.
fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let all = map(&template["Resources"]).iter().filter(|(_, resource)| resource["Type"] == kind);
    all.map(|(name, resource)| (name.as_str(), resource)).collect()
}

/// Every mapping in a value, however deep.
fn mappings<'a>(value: &'a Value, found: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Object(map) => {
            found.push(map);
            map.values().for_each(|value| mappings(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| mappings(value, found)),
        _ => {}
    }
}

/// The names in the `${…}` of a text of `Fn::Sub`.
fn substituted(text: &str) -> BTreeSet<&str> {
    text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

/// A text of `Fn::Sub` with `x` in place of every `${…}`.
fn with_placeholders(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| whole + "x" + part.split_once('}').expect("closed").1)
}

/// The parameters and resources that a value refers to.
fn references(value: &Value) -> BTreeSet<String> {
    let mut found = Vec::new();
    mappings(value, &mut found);
    let mut names = BTreeSet::new();
    for mapping in found {
        for (function, argument) in mapping {
            let referred: Vec<&str> = match (function.as_str(), argument) {
                ("Ref", Value::String(name)) => vec![name],
                ("Fn::GetAtt", Value::Array(path)) => vec![text(&path[0])],
                ("Fn::Sub", Value::String(text)) => substituted(text).into_iter().collect(),
                _ => vec![],
            };
            // `Name.Attribute` refers to `Name`.
            names.extend(referred.into_iter().filter_map(|name| name.split('.').next()));
        }
    }
    names.into_iter().map(str::to_owned).collect()
}
