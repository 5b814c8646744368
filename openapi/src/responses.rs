//! Responses: their headers, and the envelope of a success. `errors` has the other envelope.

use crate::{
    Parts,
    errors::Failure,
    examples,
    operations::{Row, SuccessResponse},
};
use anyhow::Result;
use serde_json::{Value, json};
use shared::{
    error::Code,
    http::routes::{Audience, Route},
};
use std::collections::BTreeMap;
use utoipa::openapi::{
    Content, ContentBuilder, Header, HeaderBuilder, Object, ObjectBuilder, Ref, RefOr,
    ResponseBuilder, Responses, ResponsesBuilder, Schema, Type,
    example::{Example, ExampleBuilder},
};

/// A header's name under `components/headers`, and its name in a response.
const REQUEST_ID: (&str, &str) = ("RequestId", "x-request-id");
const RETRY_AFTER: (&str, &str) = ("RetryAfter", "retry-after");
/// For a status with several errors, if only some of them have the header.
const MAYBE_RETRY_AFTER: (&str, &str) = ("MaybeRetryAfter", "retry-after");
const RATE_LIMIT: (&str, &str) = ("RateLimit", "ratelimit");
const RATE_LIMIT_POLICY: (&str, &str) = ("RateLimitPolicy", "ratelimit-policy");
const REPLAYED: (&str, &str) = ("IdempotencyReplayed", "idempotency-replayed");

const NOT_MODIFIED: u16 = 304;

/// Headers that a response always has if it is documented with them.
pub(crate) const REQUIRED_HEADERS: [&str; 2] = [REQUEST_ID.0, RETRY_AFTER.0];

/// All documented response headers.
pub(crate) fn headers() -> BTreeMap<String, Header> {
    let text = |pattern: Option<&str>| {
        ObjectBuilder::new().schema_type(Type::String).pattern(pattern).build()
    };
    let seconds = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    let header = |(name, _): (&str, _), schema: Object, description: &str, example: Value| {
        let header = HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some(description))
            .example(Some(example));
        (name.to_owned(), header.build())
    };
    let id = "Id of the request. Quote it when you report a problem.";
    let retry = "Wait this many seconds before repeating the request.";
    let maybe_retry = "Only with `IDEMPOTENCY_KEY_IN_USE`: wait this many seconds before \
         repeating the request.";
    let limit = "For each rate limit that counted the request: the remaining requests (`r`), and \
         the seconds until the limit is fully replenished (`t`).";
    let policy = "For each rate limit that counted the request: the quota (`q`), and its window \
         in seconds (`w`).";
    let replayed = "Present if this response is a copy of the response to the first request with \
         this `Idempotency-Key`.";
    [
        header(REQUEST_ID, text(None), id, examples::REQUEST_ID.into()),
        header(RETRY_AFTER, seconds(), retry, 1.into()),
        header(MAYBE_RETRY_AFTER, seconds(), maybe_retry, 1.into()),
        header(
            RATE_LIMIT,
            text(Some("^\"[a-z-]+\";r=[0-9]+;t=[0-9]+(, \"[a-z-]+\";r=[0-9]+;t=[0-9]+)*$")),
            limit,
            "\"app\";r=5999;t=1, \"reserve\";r=59;t=1".into(),
        ),
        header(
            RATE_LIMIT_POLICY,
            text(Some("^\"[a-z-]+\";q=[0-9]+;w=[0-9]+(, \"[a-z-]+\";q=[0-9]+;w=[0-9]+)*$")),
            policy,
            "\"app\";q=6000;w=60, \"reserve\";q=60;w=60".into(),
        ),
        header(REPLAYED, text(Some("^true$")), replayed, "true".into()),
    ]
    .into()
}

/// A field that always has this value.
pub(crate) fn constant(value: impl Into<Value>) -> ObjectBuilder {
    let value = value.into();
    let kind = if value.is_boolean() { Type::Boolean } else { Type::String };
    ObjectBuilder::new().schema_type(kind).enum_values(Some([value]))
}

/// The responses of an operation.
pub(crate) fn of(row: &Row, route: &Route, codes: &[Code], parts: &mut Parts) -> Result<Responses> {
    let counted = matches!(route.audience, Audience::App | Audience::User | Audience::Organiser)
        || codes.contains(&Code::RateLimited);
    if route.method == "HEAD" {
        return Ok(without_bodies(row, codes, counted));
    }
    let mut responses = ResponsesBuilder::new();
    let data = data(row, parts);
    for (status, when) in row.success.statuses {
        let mut response = headed(*when, counted);
        if *status != NOT_MODIFIED {
            response = response.content("application/json", success(data.clone(), when, row));
        }
        if route.takes_idempotency_key {
            response = header(response, REPLAYED);
        }
        responses = responses.response(status.to_string(), response);
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    codes.iter().for_each(|code| by_status.entry(code.status()).or_default().push(*code));
    for (status, codes) in by_status {
        let name = Failure { row, route, status, codes, counted }.add(parts)?;
        responses = responses.response(status.to_string(), Ref::from_response_name(name));
    }
    Ok(responses.build())
}

/// The responses to HEAD.
fn without_bodies(row: &Row, codes: &[Code], counted: bool) -> Responses {
    let failures = codes.iter().map(|code| (code.status(), code.meaning()));
    let all = row.success.statuses.iter().copied().chain(failures);
    all.fold(ResponsesBuilder::new(), |responses, (status, when)| {
        let mut response = headed(when, counted);
        if matches!(status, 429 | 503) {
            response = header(response, RETRY_AFTER);
        }
        responses.response(status.to_string(), response)
    })
    .build()
}

/// The type of `data`. If the endpoint always sends some of its optional fields, it is a type of
/// its own, which requires them.
fn data(row: &Row, parts: &mut Parts) -> RefOr<Schema> {
    let SuccessResponse { shape, required, .. } = row.success;
    let Some((name, fields)) = required else { return parts.add(shape) };
    parts.add_inner(shape);
    let mut schema = (shape.schema)();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.required.extend(fields.iter().map(|field| (*field).to_owned()));
    }
    parts.refer(name, schema)
}

fn success(data: RefOr<Schema>, when: &str, row: &Row) -> Content {
    if row.success.has_no_envelope {
        let examples = (row.success.examples)();
        return ContentBuilder::new()
            .schema(Some(data))
            .examples_from_iter(named(examples))
            .build();
    }
    let message = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("What happened, in English. The wording may change."));
    let envelope = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("success", constant(true))
        .required("success")
        .property("data", data)
        .required("data")
        .property("message", message)
        .required("message");
    let whole = |(name, data): (&'static str, Value)| {
        (name, json!({"success": true, "data": data, "message": when}))
    };
    let examples = (row.success.examples)().into_iter().map(whole).collect();
    ContentBuilder::new().schema(Some(envelope)).examples_from_iter(named(examples)).build()
}

/// An error response with the headers that its codes have.
pub(crate) fn failed(
    description: &str,
    codes: &[Code],
    counted: bool,
    replayed: bool,
) -> ResponseBuilder {
    let mut response = headed(description, counted);
    if codes.iter().any(|code| matches!(code.status(), 429 | 503)) {
        response = header(response, RETRY_AFTER);
    } else if codes.contains(&Code::IdempotencyKeyInUse) {
        response = header(response, MAYBE_RETRY_AFTER);
    }
    if replayed { header(response, REPLAYED) } else { response }
}

/// A response with the headers that every response has.
fn headed(description: impl Into<String>, counted: bool) -> ResponseBuilder {
    let response = header(ResponseBuilder::new().description(description), REQUEST_ID);
    if counted { header(header(response, RATE_LIMIT), RATE_LIMIT_POLICY) } else { response }
}

fn header(response: ResponseBuilder, (name, on_the_wire): (&str, &str)) -> ResponseBuilder {
    response.header_ref(on_the_wire, Ref::new(format!("#/components/headers/{name}")))
}

/// Examples in the form that the document needs.
pub(crate) fn named(examples: Vec<(&str, Value)>) -> Vec<(String, Example)> {
    let example = |(name, value): (&str, _)| {
        (name.to_owned(), ExampleBuilder::new().value(Some(value)).build())
    };
    examples.into_iter().map(example).collect()
}
