//! Builds an operation from a row.

use crate::{
    Parts, examples,
    operations::{File, RequestInput, Row, Shape},
    responses,
};
use anyhow::{Result, ensure};
use serde_json::Value;
use shared::{
    domain::{AppId, BookingId, DeliveryId, EntityId, FeedKey, LayoutId, SecretKeyId, WebhookId},
    error::Code,
    http::routes::{Audience, Route},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, ObjectBuilder, Ref, RefOr, Required, Response, Schema, Type,
        path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::{RequestBody, RequestBodyBuilder},
        security::SecurityRequirement,
    },
};

/// Builds the operation of `row`. Adds the components that it refers to to `parts`.
pub(crate) fn build(row: &Row, route: &Route, parts: &mut Parts) -> Result<Operation> {
    let mut parameters = path_parameters(route, parts);
    let mut body = None;
    match row.input {
        RequestInput::Nothing => {}
        RequestInput::Query(shape, examples) => {
            parameters.extend(query_parameters(shape, &examples(), parts));
        }
        RequestInput::Body(shape, examples) => {
            body = Some(request_body(shape, Required::True, examples(), parts))
        }
        RequestInput::OptionalBody(shape, examples) => {
            body = Some(request_body(shape, Required::False, examples(), parts))
        }
        RequestInput::File(shape, example, file) => {
            parameters.extend(query_parameters(shape, &example(), parts));
            body = Some(file_body(file));
        }
    }
    if route.takes_idempotency_key {
        parameters.push(idempotency_key(route.needs_idempotency_key));
    }
    let description = Some(row.description).filter(|text| !text.is_empty());
    let responses = responses::of(row, route, &codes(row, route), parts)?;
    Ok(OperationBuilder::new()
        .tag(route.tag)
        .summary(Some(route.summary))
        .description(description)
        .operation_id(Some(camel_case(route.operation)))
        .parameters(Some(parameters).filter(|list| !list.is_empty()))
        .request_body(body)
        .securities(Some(security(route.audience)))
        .responses(responses)
        .build())
}

/// All errors: those that follow from the audience and the inputs, and the row's own.
fn codes(row: &Row, route: &Route) -> Vec<Code> {
    let mut codes = vec![Code::Internal, Code::Unavailable];
    // The feed ignores what it does not know.
    if !(row.success.has_no_envelope && matches!(row.input, RequestInput::Nothing)) {
        codes.push(Code::Validation);
    }
    if matches!(
        row.input,
        RequestInput::Body(..) | RequestInput::OptionalBody(..) | RequestInput::File(..)
    ) {
        codes.extend([Code::InvalidJson, Code::PayloadTooLarge, Code::UnsupportedMediaType]);
    }
    if matches!(route.audience, Audience::App | Audience::User) {
        codes.extend([Code::AppAuthRequired, Code::InvalidAppCredentials, Code::OriginNotAllowed]);
        codes.extend([Code::AppInactive, Code::RateLimited]);
    }
    if matches!(route.audience, Audience::Admin | Audience::Organiser | Audience::User) {
        codes.extend([Code::Unauthenticated, Code::TokenExpired]);
    }
    match route.audience {
        Audience::User => codes.push(Code::TokenAppMismatch),
        Audience::Admin => codes.push(Code::NotPermitted),
        Audience::Organiser => codes.extend([Code::RateLimited, Code::AppNotFound]),
        Audience::Public | Audience::App => {}
    }
    if route.takes_idempotency_key {
        codes.extend([Code::IdempotencyKeyReused, Code::IdempotencyKeyInUse]);
    }
    // An empty parameter or a dot is no path segment, so the path is a different one.
    if route.path.contains('{') {
        codes.push(Code::RouteNotFound);
    }
    codes.extend(row.codes);
    Code::ALL.iter().copied().filter(|code| codes.contains(code)).collect()
}

fn security(audience: Audience) -> Vec<SecurityRequirement> {
    let none: [&str; 0] = [];
    match audience {
        Audience::Public => vec![],
        Audience::Admin => vec![SecurityRequirement::new("adminToken", none)],
        Audience::Organiser => vec![
            SecurityRequirement::new("adminToken", none),
            SecurityRequirement::new("secretKey", none),
        ],
        Audience::App => vec![SecurityRequirement::new("appId", none).add("apiKey", none)],
        Audience::User => {
            vec![SecurityRequirement::new("appId", none).add("apiKey", none).add("userToken", none)]
        }
    }
}

fn path_parameters(route: &Route, parts: &mut Parts) -> Vec<Parameter> {
    let parameter = |(name, example): (&str, &str)| {
        let schema = match name {
            "appId" => parts.refer(AppId::name(), AppId::schema()),
            "entityId" => parts.refer(EntityId::name(), EntityId::schema()),
            "layoutId" => parts.refer(LayoutId::name(), LayoutId::schema()),
            "keyId" => parts.refer(SecretKeyId::name(), SecretKeyId::schema()),
            "bookingId" => parts.refer(BookingId::name(), BookingId::schema()),
            "feedKey" => parts.refer(FeedKey::name(), FeedKey::schema()),
            "webhookId" => parts.refer(WebhookId::name(), WebhookId::schema()),
            "deliveryId" => parts.refer(DeliveryId::name(), DeliveryId::schema()),
            _ => ObjectBuilder::new().schema_type(Type::String).into(),
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(schema))
            .example(Some(example.into()))
            .build()
    };
    examples::path_parameters(route).into_iter().map(parameter).collect()
}

/// Each property of the type is a parameter.
fn query_parameters(shape: Shape, examples: &Value, parts: &mut Parts) -> Vec<Parameter> {
    parts.add_inner(shape);
    let RefOr::T(Schema::Object(object)) = (shape.schema)() else { return Vec::new() };
    let parameter = |(name, schema): (String, RefOr<Schema>)| {
        let required =
            if object.required.contains(&name) { Required::True } else { Required::False };
        ParameterBuilder::new()
            .example(examples.get(&name).cloned())
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(required)
            .schema(Some(schema))
            .build()
    };
    object.properties.clone().into_iter().map(parameter).collect()
}

fn request_body(
    shape: Shape,
    required: Required,
    examples: Vec<(&str, Value)>,
    parts: &mut Parts,
) -> RequestBody {
    let schema = parts.add(shape);
    let content =
        ContentBuilder::new().schema(Some(schema)).examples_from_iter(responses::named(examples));
    RequestBodyBuilder::new()
        .required(Some(required))
        .content("application/json", content.build())
        .build()
}

fn file_body(file: File) -> RequestBody {
    let (media_type, description) = file.text;
    let json = ObjectBuilder::new().schema_type(Type::Object);
    let json = json.description(Some(file.json_description));
    let text = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    let content = |schema: ObjectBuilder, example: Value| {
        let examples = responses::named(vec![("two seats", example)]);
        ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples).build()
    };
    RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content("application/json", content(json, (file.json)()))
        .content(media_type, content(text, (file.text_example)()))
        .build()
}

fn idempotency_key(is_required: bool) -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,255}$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(if is_required { Required::True } else { Required::False })
        .description(Some(
            "Use a new key for each action of the user, and the same key for its repeats. \
             For 24 hours, the same key with the same body returns the first response. Keys \
             are separate per app, user and route. 5xx and 429 responses are not stored.",
        ))
        .schema(Some(schema))
        .example(Some("6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f".into()))
        .build()
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let (head, tail) = word.split_at(1);
        text + &head.to_uppercase() + tail
    })
}

impl Parts {
    /// Stores a type under its name, with all types in it. Returns a reference.
    pub(crate) fn add(&mut self, shape: Shape) -> RefOr<Schema> {
        self.add_inner(shape);
        self.refer((shape.name)(), (shape.schema)())
    }

    /// Stores the types in a type.
    pub(crate) fn add_inner(&mut self, shape: Shape) {
        let mut inner = Vec::new();
        (shape.inner)(&mut inner);
        self.schemas.extend(inner);
    }

    /// Stores a response that several operations may have.
    pub(crate) fn share(&mut self, name: String, response: Response) -> Result<()> {
        let before = self.responses.get(&name);
        let same = before.is_none_or(|before| *before == response);
        ensure!(same, "two different responses have the name {name}");
        self.responses.insert(name, response);
        Ok(())
    }

    pub(crate) fn refer(
        &mut self,
        name: impl Into<String>,
        schema: RefOr<Schema>,
    ) -> RefOr<Schema> {
        let name = name.into();
        let reference = Ref::from_schema_name(name.clone());
        self.schemas.insert(name, schema);
        reference.into()
    }
}
