//! Responses: the two envelopes, their headers, and each error with an example.

use crate::{Parts, examples, operations::Row};
use serde_json::{Value, json};
use shared::{
    error::{Code, Conflict},
    http::routes::{Audience, Route},
    views::HealthView,
};
use std::collections::BTreeMap;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        AllOfBuilder, ArrayBuilder, Content, ContentBuilder, Header, HeaderBuilder, Object,
        ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Responses, ResponsesBuilder, Schema,
        Type,
        example::{Example, ExampleBuilder},
    },
};

/// A header's name under `components/headers`, and its name in a response.
const REQUEST_ID: (&str, &str) = ("RequestId", "x-request-id");
const RETRY_AFTER: (&str, &str) = ("RetryAfter", "retry-after");
/// For a status with several errors, if only some of them have the header.
const MAYBE_RETRY_AFTER: (&str, &str) = ("MaybeRetryAfter", "retry-after");
const RATE_LIMIT: (&str, &str) = ("RateLimit", "ratelimit");
const RATE_LIMIT_POLICY: (&str, &str) = ("RateLimitPolicy", "ratelimit-policy");
const REPLAYED: (&str, &str) = ("IdempotencyReplayed", "idempotency-replayed");

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
    let retry = "Wait this many seconds before repeating the request.";
    [
        header(REQUEST_ID, text(None), "Id of the request. Quote it when you report a problem.", examples::REQUEST_ID.into()),
        header(RETRY_AFTER, seconds(), retry, 1.into()),
        header(MAYBE_RETRY_AFTER, seconds(), "Only with `IDEMPOTENCY_KEY_IN_USE`: wait this many seconds before repeating the request.", 1.into()),
        header(
            RATE_LIMIT,
            text(Some("^\"[a-z-]+\";r=[0-9]+;t=[0-9]+(, \"[a-z-]+\";r=[0-9]+;t=[0-9]+)*$")),
            "For each rate limit that counted the request: the remaining requests (`r`), and the seconds until the limit is fully replenished (`t`).",
            "\"app\";r=5999;t=1, \"reserve\";r=59;t=1".into(),
        ),
        header(
            RATE_LIMIT_POLICY,
            text(Some("^\"[a-z-]+\";q=[0-9]+;w=[0-9]+(, \"[a-z-]+\";q=[0-9]+;w=[0-9]+)*$")),
            "For each rate limit that counted the request: the quota (`q`), and its window in seconds (`w`).",
            "\"app\";q=6000;w=60, \"reserve\";q=60;w=60".into(),
        ),
        header(REPLAYED, text(Some("^true$")), "Present if this response is a copy of the response to the first request with this `Idempotency-Key`.", "true".into()),
    ]
    .into()
}

/// The schemas that all responses use.
pub(crate) fn common(parts: &mut Parts) {
    let text = |description: &str| {
        ObjectBuilder::new().schema_type(Type::String).description(Some(description))
    };
    let object = || ObjectBuilder::new().schema_type(Type::Object);
    let meanings = Code::ALL
        .iter()
        .map(|code| format!("- `{}` ({}): {}", code.as_str(), code.status(), code.meaning()));
    let code = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(meanings.collect::<Vec<_>>().join("\n")))
        .enum_values(Some(Code::ALL.iter().map(|code| code.as_str())));
    let code = parts.refer("ErrorCode", code.into());
    let field = object()
        .property(
            "field",
            text("Path of the field, such as `seats[2].price`, or name of the parameter."),
        )
        .required("field")
        .property("reason", text("What is wrong with it, in English. The wording may change."))
        .required("reason");
    let mut health = Vec::new();
    HealthView::schemas(&mut health);
    parts.schemas.extend(health);
    let conflict = parts.refer(Conflict::name(), Conflict::schema());
    let mut inner = Vec::new();
    Conflict::schemas(&mut inner);
    parts.schemas.extend(inner);
    let seconds =
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).description(Some(
            "With `SEAT_ALREADY_LOCKED`: seconds until the last of the conflicting holds expires.",
        ));
    let refund = truth(true).description(Some("Present if the payment was taken although nothing was sold. The payment is recorded for a refund."));
    let mut details = object()
        .description(Some("More about the error. Which fields are present depends on `code`."))
        .property(
            "fields",
            ArrayBuilder::new().items(field).description(Some("With `VALIDATION_ERROR`: the invalid fields or parameters.")),
        )
        .property(
            "conflicts",
            ArrayBuilder::new().items(conflict).description(Some("With `SEAT_ALREADY_LOCKED` and `SEAT_ALREADY_BOOKED`: the seats that cannot be reserved.")),
        )
        .property("expiresIn", seconds)
        .property("refundDue", refund);
    // A 503 of `GET /health` has the same fields as a 200.
    if let RefOr::T(Schema::Object(health)) = HealthView::schema() {
        details = health
            .properties
            .into_iter()
            .fold(details, |details, (name, schema)| details.property(name, schema));
    }
    let details = parts.refer("ErrorDetails", details.into());
    let error = object()
        .property("code", code)
        .required("code")
        .property("message", text("The error in English, for developers. The wording may change; branch on `code`."))
        .required("message")
        .property("details", details)
        .property("requestId", text("Id of the request, also in the header `x-request-id`. Quote it when you report a problem."))
        .required("requestId");
    let failure = object()
        .description(Some("The body of every error response."))
        .property("success", truth(false))
        .required("success")
        .property("error", error)
        .required("error");
    parts.refer("Failure", failure.into());
}

/// A boolean that is always `value`.
fn truth(value: bool) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([value]))
}

/// The responses of an operation.
pub(crate) fn of(row: &Row, route: &Route, codes: &[Code], parts: &mut Parts) -> Responses {
    let counted = matches!(route.audience, Audience::App | Audience::User)
        || codes.contains(&Code::RateLimited);
    let mut responses = ResponsesBuilder::new();
    if route.method == "HEAD" {
        let failures = codes.iter().map(|code| (code.status(), code.meaning()));
        for (status, when) in row.gives.statuses.iter().copied().chain(failures) {
            let mut response = headed(when, counted);
            if matches!(status, 429 | 503) {
                response = header(response, RETRY_AFTER);
            }
            responses = responses.response(status.to_string(), response);
        }
        return responses.build();
    }
    let data = data(row, parts);
    for (status, when) in row.gives.statuses {
        let mut response =
            headed(*when, counted).content("application/json", success(data.clone(), when, row));
        if route.takes_idempotency_key {
            response = header(response, REPLAYED);
        }
        responses = responses.response(status.to_string(), response);
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    codes.iter().for_each(|code| by_status.entry(code.status()).or_default().push(*code));
    for (status, codes) in by_status {
        // Errors that occur before the key is looked up, or that are not stored, are never
        // replayed.
        let replayed =
            route.takes_idempotency_key && status < 500 && !matches!(status, 401 | 403 | 422 | 429);
        let mut names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        // Responses with the same errors may differ in their headers.
        names.extend(counted.then_some("counted"));
        names.extend(replayed.then_some("once"));
        names.extend((route.operation == "health" && status == 503).then_some("health"));
        let name = names.join(".");
        parts
            .responses
            .entry(name.clone())
            .or_insert_with(|| failure(&codes, counted, replayed, route.operation));
        responses = responses.response(status.to_string(), Ref::from_response_name(name));
    }
    responses.build()
}

fn data(row: &Row, parts: &mut Parts) -> RefOr<Schema> {
    let reference = parts.add(row.gives.shape);
    if row.gives.always.is_empty() {
        return reference;
    }
    let also = row
        .gives
        .always
        .iter()
        .fold(ObjectBuilder::new().schema_type(Type::Object), |object, field| {
            object.required(*field)
        });
    AllOfBuilder::new().item(reference).item(also).into()
}

fn success(data: RefOr<Schema>, when: &str, row: &Row) -> Content {
    let message = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("What happened, in English. The wording may change."));
    let envelope = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("success", truth(true))
        .required("success")
        .property("data", data)
        .required("data")
        .property("message", message)
        .required("message");
    let whole = |(name, data): (&'static str, Value)| {
        (name, json!({"success": true, "data": data, "message": when}))
    };
    let examples = (row.gives.examples)().into_iter().map(whole).collect();
    ContentBuilder::new().schema(Some(envelope)).examples_from_iter(named(examples)).build()
}

fn failure(codes: &[Code], counted: bool, replayed: bool, function: &str) -> Response {
    let lines = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.meaning()));
    let mut response = headed(lines.collect::<Vec<_>>().join("\n\n"), counted);
    if codes.iter().any(|code| matches!(code.status(), 429 | 503)) {
        response = header(response, RETRY_AFTER);
    } else if codes.contains(&Code::IdempotencyKeyInUse) {
        response = header(response, MAYBE_RETRY_AFTER);
    }
    if replayed {
        response = header(response, REPLAYED);
    }
    let code = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(codes.iter().map(|code| code.as_str())));
    let narrowed =
        ObjectBuilder::new().property("error", ObjectBuilder::new().property("code", code));
    let schema = AllOfBuilder::new().item(Ref::from_schema_name("Failure")).item(narrowed);
    let examples =
        codes.iter().map(|code| (code.as_str(), examples::failure(*code, function))).collect();
    let content = ContentBuilder::new().schema(Some(schema)).examples_from_iter(named(examples));
    response.content("application/json", content.build()).build()
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
