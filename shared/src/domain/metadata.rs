//! A tenant's own data about a seat.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type, schema::AdditionalProperties},
};

const MAX_BYTES: usize = 2 * 1024;
const MAX_DEPTH: usize = 5;

/// A JSON object of at most 2 KiB and depth 5 whose keys MongoDB can store unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Metadata(Map<String, Value>);

impl Metadata {
    /// Checks an object. The error says what is wrong with it.
    pub fn new(map: Map<String, Value>) -> Result<Self, String> {
        let value = Value::Object(map);
        if value.to_string().len() > MAX_BYTES {
            return Err(format!("must be at most {MAX_BYTES} bytes of JSON"));
        }
        check(&value, MAX_DEPTH)?;
        match value {
            Value::Object(map) => Ok(Self(map)),
            _ => Ok(Self::default()),
        }
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Map::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

// By hand: the derive cannot restrict the names of properties.
impl PartialSchema for Metadata {
    fn schema() -> RefOr<Schema> {
        let key = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^[^$.\x00-\x1f\x7f-\x9f]*$"));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(format!(
                "The tenant's own data about a seat: a JSON object of at most {MAX_BYTES} bytes \
                 and {MAX_DEPTH} levels. Keys must not contain `$`, `.` or control characters; \
                 texts must not contain control characters."
            )))
            .property_names(Some(key))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .default(Some(Value::Object(Map::new())))
            .examples([serde_json::json!({"tier": "gold"})])
            .into()
    }
}

impl ToSchema for Metadata {}

fn check(value: &Value, depth: usize) -> Result<(), String> {
    let inside = |value: &Value| match depth.checked_sub(1) {
        None => Err(format!("must be at most {MAX_DEPTH} deep")),
        Some(depth) => check(value, depth),
    };
    match value {
        Value::Object(_) | Value::Array(_) if depth == 0 => {
            Err(format!("must be at most {MAX_DEPTH} deep"))
        }
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            if key.contains(['$', '.']) || key.chars().any(char::is_control) {
                return Err("keys must not contain '$', '.' or control characters".into());
            }
            inside(value)
        }),
        Value::Array(values) => values.iter().try_for_each(inside),
        Value::String(text) if text.chars().any(char::is_control) => {
            Err("must not contain control characters".into())
        }
        // The body's reader has refused such a number before, whatever its size.
        Value::Number(number) if number.as_i64().is_none() && number.is_u64() => {
            Err("whole numbers must fit 64 bits with a sign".into())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<Metadata, String> {
        serde_json::from_value(value).map_err(|e| e.to_string())
    }

    #[test]
    fn five_levels_and_two_kibibytes_are_the_limit() {
        assert!(read(json!({"a": {"b": {"c": {"d": {"e": 1}}}}})).is_ok());
        assert!(read(json!({"a": {"b": {"c": {"d": {"e": {}}}}}})).is_err());
        assert!(read(json!({"a": {"b": {"c": [[[1]]]}}})).is_err());
        assert!(read(json!({"a": "x".repeat(2040)})).is_ok());
        assert!(read(json!({"a": "x".repeat(2041)})).is_err());
        assert!(read(json!([])).is_err());
    }

    #[test]
    fn keys_that_mongodb_reads_otherwise_are_refused() {
        for key in ["$set", "a.b", "a\0b", "a$"] {
            assert!(read(json!({key: 1})).is_err(), "{key:?}");
        }
        assert!(read(json!({"big": u64::MAX})).is_err());
    }
}
