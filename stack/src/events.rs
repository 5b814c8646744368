//! The event templates under `events/`, and events without a template. A placeholder such as
//! `{{SEAT_ID}}` is inside a JSON string, or inside JSON within a string (a request's body).
//! `events/README.md` lists the placeholders.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{bail, ensure};
use serde_json::{Value, json};

/// An HTTP API event (payload 2.0) of a request. `target` is the path, with or without a query. A
/// `null` body means no body.
#[must_use]
pub fn http(method: &str, target: &str, headers: &Value, body: &Value) -> Value {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let route = format!("{method} {path}");
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7",
                "userAgent": "tests",
            },
            "requestId": format!("{:016}", REQUESTS.fetch_add(1, Ordering::Relaxed)),
            "routeKey": route,
            "stage": "$default",
            "time": "22/Jan/2026:10:00:00 +0000",
            "timeEpoch": 1_769_076_000_000_i64,
        },
        "isBase64Encoded": false,
    });
    if !body.is_null() {
        event["body"] = body.to_string().into();
    }
    event
}

/// The values of the placeholders.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// Without a value for any placeholder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value, or replaces it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Adds a value, or replaces it.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// The value of a placeholder.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// The template with each `{{NAME}}` replaced by its value.
///
/// # Errors
/// When a placeholder has no value, or when a value has a character that must be escaped in a JSON
/// string: templates quote at one level or at two.
pub fn fill(template: &str, values: &Values) -> anyhow::Result<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}").filter(|(name, _)| is_name(name)) else {
            // Two braces of the JSON itself, not a placeholder.
            filled.push_str(before);
            filled.push('{');
            rest = &rest[before.len() + 1..];
            continue;
        };
        let Some(value) = values.get(name) else {
            bail!("the placeholder {{{{{name}}}}} has no value")
        };
        let safe = |c: char| !c.is_control() && c != '"' && c != '\\';
        ensure!(
            value.chars().all(safe),
            "the value of {{{{{name}}}}} cannot stand inside a JSON string"
        );
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_in_strings_and_in_json_within_strings() {
        let values = Values::new().with("USER_TOKEN", "t.o.k").with("SEAT_ID_2", "65f");
        let template = r#"{"headers":{"authorization":"Bearer {{USER_TOKEN}}"},"body":"{\"seatId\":\"{{SEAT_ID_2}}\"}"}"#;
        assert_eq!(
            fill(template, &values).unwrap(),
            r#"{"headers":{"authorization":"Bearer t.o.k"},"body":"{\"seatId\":\"65f\"}"}"#
        );
    }

    #[test]
    fn braces_that_are_no_placeholder_stay() {
        for text in [r#"{"a":{"b":{}}}"#, "{{", "{{{", "{{lower}}", "{{}}", "a {{ b }} c", "{{OPEN"]
        {
            assert_eq!(fill(text, &Values::new()).unwrap(), text);
        }
        assert_eq!(fill("{{{A}}}", &Values::new().with("A", "x")).unwrap(), "{x}");
    }

    #[test]
    fn an_unknown_placeholder_and_an_unsafe_value_are_errors_that_name_it() {
        let unknown = fill("{{APP_ID}}", &Values::new()).unwrap_err().to_string();
        assert!(unknown.contains("{{APP_ID}}"), "{unknown}");
        for value in ["a\"b", "a\\b", "a\nb"] {
            let refused =
                fill("{{ORIGIN}}", &Values::new().with("ORIGIN", value)).unwrap_err().to_string();
            assert!(refused.contains("{{ORIGIN}}"), "{refused}");
        }
    }
}
