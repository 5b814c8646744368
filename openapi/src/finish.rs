//! What the document builder cannot express.

use crate::responses::REQUIRED_HEADERS;
use serde_json::{Map, Value, json};

/// Applies all corrections to the document.
pub(crate) fn correct(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flat_map(Map::iter_mut) {
        if !takes_null(name) {
            without_null(schema);
        }
    }
    for part in ["paths", "components/headers", "components/responses"] {
        document.pointer_mut(&format!("/{part}")).into_iter().for_each(without_null);
    }
    each_object(document, &mut without_empty_object);
    each_object(document, &mut constant);
    for name in REQUIRED_HEADERS {
        if let Some(header) = document
            .pointer_mut(&format!("/components/headers/{name}"))
            .and_then(Value::as_object_mut)
        {
            header.insert("required".into(), true.into());
        }
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for operation in paths
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
    {
        if let Some(list) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
            list.iter_mut().for_each(lift_description);
        }
    }
}

/// Whether this is a body in which a field that is `null` is as if absent. A change is not: there
/// `null` would clear what cannot be absent.
fn takes_null(schema: &str) -> bool {
    schema == "NewSeat" || (schema.ends_with("In") && schema != "UpdateIn")
}

/// No field of a response is ever `null`: a field without a value is absent. The derive declares
/// every `Option` as nullable.
fn without_null(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(choices)) = map.get_mut("oneOf") {
                let before = choices.len();
                choices.retain(|choice| *choice != json!({"type": "null"}));
                if let ([Value::Object(only)], true) = (choices.as_slice(), choices.len() < before)
                {
                    let only = only.clone();
                    map.remove("oneOf");
                    map.extend(only);
                }
            }
            map.values_mut().for_each(without_null);
        }
        Value::Array(list) => list.iter_mut().for_each(without_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Calls `change` with every object, the inner ones first.
fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(|value| each_object(value, change));
            change(map);
        }
        Value::Array(list) => list.iter_mut().for_each(|value| each_object(value, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A type that is written inline where a field uses it, and the field's description. The derive
/// makes `allOf` of them, and an object of the description. Nothing is both a number and an object.
fn without_empty_object(map: &mut Map<String, Value>) {
    let Some(Value::Array(all)) = map.get("allOf") else { return };
    let [Value::Object(inline), Value::Object(described)] = all.as_slice() else { return };
    if !described.keys().all(|key| key == "type" || key == "description") {
        return;
    }
    let mut merged = inline.clone();
    merged.extend(described.get("description").map(|text| ("description".into(), text.clone())));
    map.remove("allOf");
    map.extend(merged);
}

/// A list of one value is a constant.
fn constant(map: &mut Map<String, Value>) {
    // `enum` may also be the name of a property.
    if let Some(Value::Array(values)) = map.get("enum")
        && let [only] = values.as_slice()
    {
        let only = only.clone();
        map.shift_remove("enum");
        map.insert("const".into(), only);
    }
}

/// Moves the description of a query's field from its type to the parameter.
fn lift_description(parameter: &mut Value) {
    if parameter.get("description").is_some() {
        return;
    }
    let description = parameter
        .get_mut("schema")
        .and_then(Value::as_object_mut)
        .and_then(|schema| schema.shift_remove("description"));
    if let (Some(description), Some(parameter)) = (description, parameter.as_object_mut()) {
        parameter.insert("description".into(), description);
    }
}
