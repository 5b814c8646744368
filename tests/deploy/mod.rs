//! What is deployed: `template.yaml` held against the code and the README, and `migrate` as
//! CloudFormation invokes it. Whether AWS takes the template is for the linters (`make lint`) and
//! for a real account.

mod cost;
mod doctor;
mod migration;
mod operations;
mod parameters;
mod permissions;
mod watching;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// The template with every `!Function` in its long form, `{"Fn::Function": …}`.
fn template() -> Value {
    long(&serde_yaml_ng::from_str(&read("template.yaml")).expect("YAML"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(stack::workspace_root().join(path))
        .unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn long(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let (name, value) = (tagged.tag.to_string(), long(&tagged.value));
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
                (key.as_str().expect("a text").to_owned(), long(value))
            };
            mapping.iter().map(entry).collect::<Map<_, _>>().into()
        }
        Yaml::Sequence(sequence) => sequence.iter().map(long).collect(),
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

/// What a text of `Fn::Sub` becomes when everything in it is named `x`.
fn filled(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| whole + "x" + part.split_once('}').expect("closed").1)
}

/// The parameters, resources and conditions that a value refers to.
fn references(value: &Value) -> BTreeSet<String> {
    let mut found = Vec::new();
    mappings(value, &mut found);
    let mut names = BTreeSet::new();
    for mapping in found {
        for (function, argument) in mapping {
            match (function.as_str(), argument) {
                ("Ref", Value::String(name)) => {
                    drop(names.insert(name.split('.').next().expect("a name").to_owned()))
                }
                ("Fn::GetAtt", Value::Array(path)) => drop(names.insert(text(&path[0]).to_owned())),
                ("Fn::Sub", Value::String(text)) => {
                    names.extend(
                        substituted(text)
                            .into_iter()
                            .map(|n| n.split('.').next().expect("a name").to_owned()),
                    );
                }
                _ => {}
            }
        }
    }
    names
}
