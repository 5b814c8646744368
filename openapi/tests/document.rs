//! The document matches the code. It is not older than the types, it has every route, its examples
//! match its schemas, and its schemas accept the values that the types accept.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use openapi::{document, operations, page, yaml};
use serde_json::{Value, json};
use shared::{error::Code, http::routes::ROUTES};
use std::{collections::BTreeSet, path::Path};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Method, path and operation of every route in the document.
fn operations_of(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let of_path = |(path, item): (&String, &'_ Value)| -> Vec<(String, String)> {
        item.as_object()
            .unwrap()
            .keys()
            .map(|method| (method.to_uppercase(), path.clone()))
            .collect()
    };
    let all = paths.flat_map(|(path, item)| of_path((path, item)));
    all.map(|(method, path)| {
        let operation = &document["paths"][&path][method.to_lowercase()];
        (method, path, operation)
    })
    .collect()
}

#[test]
fn the_committed_document_is_what_the_types_say() {
    assert!(
        read("openapi.yaml") == yaml().unwrap(),
        "openapi.yaml is older than the types: run `make openapi`"
    );
    let read_back: Value = serde_yaml_ng::from_str(&read("openapi.yaml")).unwrap();
    assert_eq!(read_back, document().unwrap());
}

#[test]
fn the_committed_page_draws_that_document_and_fetches_nothing() {
    let page = read("docs/api.html");
    let shown = page::document_of(&page).unwrap();
    assert!(
        shown == document().unwrap(),
        "docs/api.html is older than the types: run `make openapi`"
    );
    assert!(page.contains("default-src 'none'"), "the page may fetch something");
    let outside_scripts: String =
        page.split("<script").enumerate().fold(String::new(), |text, (at, part)| {
            text + if at == 0 {
                part
            } else {
                part.split_once("</script>").map_or("", |(_, after)| after)
            }
        });
    for fetching in ["<link", "src=", "@import", "url("] {
        assert!(!outside_scripts.contains(fetching), "the page has {fetching}");
    }
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let document = document().unwrap();
    let described: BTreeSet<_> =
        operations_of(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    let in_code: BTreeSet<_> =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(described, in_code);

    let template: serde_yaml_ng::Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    let functions = template["Resources"].as_mapping().unwrap().values();
    let functions = functions.filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    let functions = functions
        .filter(|function| function["Metadata"]["BuildProperties"]["Binary"] != "preflight");
    let mut deployed = BTreeSet::new();
    for event in functions
        .flat_map(|f| f["Properties"]["Events"].as_mapping().into_iter().flat_map(|m| m.values()))
    {
        let text = |name: &str| event["Properties"][name].as_str().map(str::to_owned);
        if let (true, Some(method), Some(path)) =
            (event["Type"] == "HttpApi", text("Method"), text("Path"))
        {
            deployed.insert((method.to_uppercase(), path));
        }
    }
    assert_eq!(described, deployed);
    for row in operations::all() {
        let described = ROUTES.iter().filter(|route| route.operation == row.operation).count();
        assert_eq!(described, 1, "{}", row.operation);
    }
}

#[test]
fn the_committed_router_of_the_emulator_is_made_from_the_route_table() {
    let manifest = read("Cargo.toml");
    let generated = openapi::router::with_router(&manifest);
    assert!(manifest == generated, "Cargo.toml's router is older: run `make openapi`");
}

#[test]
fn the_committed_table_of_the_readme_is_made_from_the_route_table() {
    let committed = read("README.md");
    let generated = openapi::readme::with_endpoints(&committed).unwrap();
    assert!(committed == generated, "README.md's table is older: run `make openapi`");
}

#[test]
fn the_committed_events_are_made_from_the_examples() {
    for event in openapi::events::all().unwrap() {
        let name = format!("events/{}", event.name);
        assert!(read(&name) == event.text, "{name} is older: run `make openapi`");
    }
    let committed = read("events/expected.json");
    let generated = openapi::events::expected(&committed).unwrap();
    assert!(committed == generated, "events/expected.json is older: run `make openapi`");
}

#[test]
fn every_reference_leads_somewhere_and_every_part_is_used() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document().unwrap();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    for kind in ["schemas", "responses", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(
                used.remove(&format!("#/components/{kind}/{name}")),
                "nothing refers to {name}"
            );
        }
    }
    assert!(used.is_empty(), "these lead nowhere: {used:?}");
}

#[test]
fn every_operation_has_an_id_a_summary_and_responses_with_request_ids() {
    let document = document().unwrap();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations_of(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} occurs twice");
        assert!(
            operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
            "{method} {path}"
        );
        assert!(operation["security"].is_array(), "{method} {path} does not say who may call");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolved(&document, response);
            assert!(response["headers"]["x-request-id"].is_object(), "{method} {path} {status}");
            let shown = response["content"]["application/json"]["examples"].is_object();
            assert_eq!(shown, method != "HEAD" && status != "304", "{method} {path} {status}");
            let waits = matches!(status.as_str(), "429" | "503");
            assert!(
                !waits || response["headers"]["retry-after"].is_object(),
                "{method} {path} {status}"
            );
        }
    }
}

#[test]
fn every_error_is_in_some_response() {
    let document = document().unwrap();
    let mut documented = BTreeSet::new();
    for (_, _, operation) in operations_of(&document).into_iter().filter(|(m, _, _)| m != "HEAD") {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let content = &resolved(&document, response)["content"]["application/json"];
            for (code, example) in content["examples"].as_object().into_iter().flatten() {
                if example["value"]["success"] == json!(false) {
                    let known = Code::ALL.iter().find(|known| known.as_str() == code).unwrap();
                    assert_eq!(known.status().to_string(), *status, "{code}");
                    documented.insert(code.clone());
                }
            }
        }
    }
    // A method that a path does not have is no operation.
    let others = Code::ALL.iter().filter(|code| **code != Code::MethodNotAllowed);
    assert_eq!(documented, others.map(|code| code.as_str().to_owned()).collect());
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// A validator for a schema of the document.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let whole = json!({"allOf": [schema], "components": document["components"]});
    jsonschema::draft202012::options().should_validate_formats(true).build(&whole).unwrap()
}

#[test]
fn every_example_of_a_parameter_and_of_a_header_is_one_of_its_schema() {
    let document = document().unwrap();
    let mut count = 0;
    let mut check = |place: &str, of: &Value| {
        let Some(example) = of.get("example") else { return };
        let wrong = validator(&document, &of["schema"]).validate(example).err();
        assert!(wrong.is_none(), "{place}: {wrong:?}");
        count += 1;
    };
    for (name, header) in document["components"]["headers"].as_object().unwrap() {
        check(name, header);
    }
    for (method, path, operation) in operations_of(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let place = format!("{method} {path} {}", parameter["name"]);
            check(&place, parameter);
            // Without a value, nobody can send the request.
            let optional = parameter["required"] == false;
            assert!(optional || !parameter["example"].is_null(), "{place} has no example");
        }
    }
    assert!(count > 20, "{count} examples");
}

/// A generator of clients makes a type's name of it.
#[test]
fn components_are_named_in_words() {
    let document = document().unwrap();
    for kind in ["schemas", "responses", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let in_words = name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(|c| c.is_ascii_alphabetic());
            assert!(in_words, "{kind}: {name}");
        }
    }
}

/// Tools do not see fields that only `allOf` requires, and they take a list of one
/// boolean for any boolean.
#[test]
fn schemas_say_plainly_what_a_value_is() {
    fn check(value: &Value, place: &str) {
        match value {
            Value::Object(map) => {
                for part in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                    let has_fields = part["$ref"].is_string() || part["properties"].is_object();
                    assert!(has_fields, "{place}: a part of allOf has no fields");
                }
                let list = map.get("enum").and_then(Value::as_array);
                assert!(list.is_none_or(|list| list.len() > 1), "{place}: a list of one value");
                map.iter().for_each(|(name, value)| check(value, &format!("{place}/{name}")));
            }
            Value::Array(list) => list.iter().for_each(|value| check(value, place)),
            _ => {}
        }
    }
    check(&document().unwrap(), "");
}

#[test]
fn every_example_is_one_of_its_schema() {
    let document = document().unwrap();
    let mut count = 0;
    let mut check = |place: &str, content: &Value| {
        let content = &content["application/json"];
        let validator = validator(&document, &content["schema"]);
        for (name, example) in content["examples"].as_object().unwrap() {
            let wrong: Vec<_> =
                validator.iter_errors(&example["value"]).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{place}, {name}: {wrong:?}");
            count += 1;
        }
    };
    for (method, path, operation) in operations_of(&document) {
        if method == "HEAD" {
            continue;
        }
        if operation["requestBody"].is_object() {
            check(&format!("{method} {path}"), &operation["requestBody"]["content"]);
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            // A 304 has no body.
            if status != "304" {
                let content = &resolved(&document, response)["content"];
                check(&format!("{method} {path} {status}"), content);
            }
        }
    }
    assert!(count > 200, "{count} examples");
}
