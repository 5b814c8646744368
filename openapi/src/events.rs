//! Example events, as API Gateway sends them to the functions. Each operation has an event that
//! succeeds and an event that is refused. All other event files are written by hand.

use crate::{
    examples,
    operations::{self, RequestInput},
};
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use shared::{
    error::Code,
    http::routes::{Audience, ROUTES, Route},
};
use std::collections::BTreeMap;
use url::form_urlencoded::byte_serialize;

/// The name of a field and of a parameter that no operation has.
const UNKNOWN: &str = "unknown";
const HOST: &str = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A generated file of `events/`: one event, and the status that it must get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFile {
    /// Name of the file below `events/`.
    pub name: String,
    /// The file's text, with placeholders.
    pub text: String,
    /// The HTTP status of the response to the event.
    pub status: u16,
}

/// The events of all operations. HEAD has none: the events of GET call the same function.
///
/// # Errors
///
/// A route has no row in [`operations`].
pub fn all() -> Result<Vec<EventFile>> {
    let routes = ROUTES.iter().filter(|route| route.method != "HEAD");
    let pairs: Vec<_> = routes.map(of).collect::<Result<_>>()?;
    Ok(pairs.into_iter().flatten().collect())
}

/// `current` (the text of `events/expected.json`) with the statuses of the generated events.
///
/// # Errors
///
/// `current` is not an object, or as in [`all`].
pub fn expected(current: &str) -> Result<String> {
    let mut table: BTreeMap<String, Value> = serde_json::from_str(current)?;
    table.extend(all()?.into_iter().map(|event| (event.name, event.status.into())));
    Ok(serde_json::to_string_pretty(&table)? + "\n")
}

fn of(route: &Route) -> Result<[EventFile; 2]> {
    let row = operations::row_of(route)
        .with_context(|| format!("{}: no row in openapi/src/operations.rs", route.operation))?;
    let mut query = Value::Null;
    let mut body = None;
    match row.input {
        RequestInput::Nothing => {}
        RequestInput::Query(_, example) => query = versioned(with_placeholders(example())),
        RequestInput::Body(_, examples) | RequestInput::OptionalBody(_, examples) => {
            let first = examples().into_iter().next().context("an operation has no example")?.1;
            body = Some(with_placeholders(first));
        }
        RequestInput::File(_, example, file) => {
            query = with_placeholders(example());
            body = Some((file.json)());
        }
    }
    if row.success.has_no_envelope {
        return of_feed(route, &query.as_object().cloned().unwrap_or_default());
    }
    let (status, _) = row.success.statuses.first().context("an operation has no status")?;
    // Nobody can sign an example for a deployment.
    let is_signed = row.codes.contains(&Code::InvalidSignature);
    let status = if is_signed { &Code::InvalidSignature.status() } else { status };
    let mut query = query.as_object().cloned().unwrap_or_default();
    let good = file(route, "ok", *status, &query, body.as_ref())?;
    match body.as_mut().and_then(Value::as_object_mut) {
        Some(body) => body.insert(UNKNOWN.to_owned(), true.into()),
        None => query.insert(UNKNOWN.to_owned(), 1.into()),
    };
    Ok([good, file(route, "invalid", 400, &query, body.as_ref())?])
}

/// The feed ignores unknown parameters. It is refused without what it requires,
/// or with another key.
fn of_feed(route: &Route, query: &Map<String, Value>) -> Result<[EventFile; 2]> {
    let good = file(route, "ok", 200, query, None)?;
    let mut bad = if query.is_empty() {
        file(route, "unknown", 404, query, None)?
    } else {
        file(route, "invalid", 400, &Map::new(), None)?
    };
    if query.is_empty() {
        bad.text = bad.text.replace("{{FEED_KEY}}", UNKNOWN);
    }
    Ok([good, bad])
}

/// The version of a list of seats in a query, as a placeholder.
fn versioned(mut query: Value) -> Value {
    if let Some(version) = query.get_mut("v") {
        *version = "{{SEATS_VERSION}}".into();
    }
    query
}

fn file(
    route: &Route,
    case: &str,
    status: u16,
    query: &Map<String, Value>,
    body: Option<&Value>,
) -> Result<EventFile> {
    let mut event = event(route, query, body);
    // A key belongs to one body.
    if case == "invalid"
        && let Some(key) = event["headers"].get_mut("idempotency-key")
    {
        *key = "2c1f7d0a-94b8-4a37-8d55-6a0f1f3d9b7e".into();
    }
    // A function of several operations has a pair of events for each.
    let case = if route.operation == route.function {
        case.to_owned()
    } else {
        format!("{}-{case}", route.operation)
    };
    let text = serde_json::to_string_pretty(&event)? + "\n";
    Ok(EventFile { name: format!("{}.{case}.json", route.function), text, status })
}

/// Replaces what the examples name by the placeholders for what exists.
fn with_placeholders(value: Value) -> Value {
    match value {
        Value::String(text) => placeholder(&text).into(),
        Value::Array(list) => list.into_iter().map(with_placeholders).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(name, value)| (name, with_placeholders(value))).collect()
        }
        other => other,
    }
}

fn placeholder(text: &str) -> String {
    let known = examples::PLACEHOLDERS.iter().find(|(example, _)| *example == text);
    known.map_or_else(|| text.to_owned(), |(_, name)| format!("{{{{{name}}}}}"))
}

fn event(route: &Route, query: &Map<String, Value>, body: Option<&Value>) -> Value {
    let parameters: Map<String, Value> = examples::path_parameters(route)
        .into_iter()
        .map(|(name, example)| (name.to_owned(), placeholder(example).into()))
        .collect();
    let path = parameters.iter().fold(route.path.to_owned(), |path, (name, value)| {
        path.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default())
    });
    let query: Map<String, Value> =
        query.iter().map(|(name, value)| (name.clone(), in_query(value).into())).collect();
    let key = format!("{} {}", route.method, route.path);
    let mut event = json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": raw(&query),
        "headers": headers(route, body.is_some()),
    });
    if !query.is_empty() {
        event["queryStringParameters"] = query.into();
    }
    if !parameters.is_empty() {
        event["pathParameters"] = parameters.into();
    }
    event["requestContext"] = json!({
        "accountId": "123456789012",
        "apiId": "a1b2c3d4e5",
        "domainName": HOST,
        "domainPrefix": "a1b2c3d4e5",
        "http": {
            "method": route.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": BROWSER,
        },
        "requestId": "9CB6DD9D0FEvtRq=",
        "routeKey": key,
        "stage": "$default",
        "time": "22/Jan/2026:10:00:00 +0000",
        "timeEpoch": 1_769_076_000_000_i64,
    });
    if let Some(body) = body {
        event["body"] = body.to_string().into();
    }
    event["isBase64Encoded"] = false.into();
    event
}

/// A value as the text that a query carries.
fn in_query(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn raw(query: &Map<String, Value>) -> String {
    let pair = |(name, value): (&String, &Value)| {
        let value = value.as_str().unwrap_or_default();
        // No value of a placeholder needs an escape.
        let value = match value.starts_with("{{") {
            true => value.to_owned(),
            false => byte_serialize(value.as_bytes()).collect(),
        };
        format!("{name}={value}")
    };
    query.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn headers(route: &Route, has_body: bool) -> Value {
    let audience = route.audience;
    let mut headers = BTreeMap::from([
        ("accept", "application/json"),
        ("accept-encoding", "gzip, deflate, br"),
        ("host", HOST),
        ("user-agent", BROWSER),
        ("x-amzn-trace-id", "Root=1-6971f1a0-9cb6dd9d0f6be584a4e25d8d"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ]);
    if has_body {
        headers.insert("content-type", "application/json");
    }
    if route.needs_idempotency_key {
        headers.insert("idempotency-key", "6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f");
    }
    if matches!(audience, Audience::App | Audience::User) {
        headers.extend([
            ("origin", "{{ORIGIN}}"),
            ("x-api-key", "{{API_KEY}}"),
            ("x-app-id", "{{APP_ID}}"),
        ]);
    }
    match audience {
        Audience::User => headers.insert("authorization", "Bearer {{USER_TOKEN}}"),
        Audience::Admin | Audience::Organiser => {
            headers.insert("authorization", "Bearer {{ADMIN_TOKEN}}")
        }
        Audience::Public | Audience::App => None,
    };
    json!(headers)
}
