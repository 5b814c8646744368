//! The API as an OpenAPI 3.1 document, made from the types of requests and responses.
//!
//! `make openapi` writes it to `openapi.yaml`, and as a web page to `docs/api.html`. A test fails
//! when either is older than the code.
//!
//! | module | contents |
//! |---|---|
//! | [`operations`] | inputs, responses and errors of each operation |
//! | `operation` | how a row becomes an operation, and which errors its audience and inputs add |
//! | `responses` | responses: the headers, and the envelope of a success |
//! | `errors` | error responses, and a schema for each code |
//! | [`examples`] | an example of each body and response |
//! | `finish` | what the document builder cannot express |
//! | [`page`] | the reference page |
//! | [`router`] | the local emulator's router, kept in Cargo.toml |
//! | [`events`] | example events of each operation |
//! | [`readme`] | the table of endpoints in README.md |

mod errors;
pub mod events;
pub mod examples;
mod finish;
mod operation;
pub mod operations;
pub mod page;
pub mod readme;
mod responses;
pub mod router;

use anyhow::{Context, Result};
use serde_json::Value;
use shared::http::routes::{ROUTES, TAGS};
use std::collections::BTreeMap;
use utoipa::openapi::{
    ComponentsBuilder, Contact, HttpMethod, InfoBuilder, License, OpenApiBuilder, PathItem,
    PathsBuilder, RefOr, Schema, Server,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    server::ServerVariableBuilder,
    tag::TagBuilder,
};

const INFO: &str = include_str!("info.md");
const HEAD: &str = "# Made by `make openapi` from the types in shared/src and the table in \
     openapi/src/operations.rs: change those.\n";

/// The components that operations refer to, by name.
#[derive(Default)]
struct Parts {
    schemas: BTreeMap<String, RefOr<Schema>>,
    responses: BTreeMap<String, utoipa::openapi::Response>,
}

/// The whole API as an OpenAPI document.
///
/// # Errors
///
/// A route has no row in [`operations`].
pub fn document() -> Result<Value> {
    let mut parts = Parts::default();
    let mut paths = PathsBuilder::new();
    for route in ROUTES {
        let method = match route.method {
            "GET" => HttpMethod::Get,
            "HEAD" => HttpMethod::Head,
            "POST" => HttpMethod::Post,
            "PUT" => HttpMethod::Put,
            "PATCH" => HttpMethod::Patch,
            "DELETE" => HttpMethod::Delete,
            other => anyhow::bail!("{}: the method {other} is new here", route.path),
        };
        let row = operations::row_of(route)
            .with_context(|| format!("{}: no row in openapi/src/operations.rs", route.operation))?;
        let item = PathItem::new(method, operation::build(row, route, &mut parts)?);
        paths = paths.path(route.path, item);
    }
    let components = responses::headers()
        .into_iter()
        .fold(ComponentsBuilder::new(), |all, (name, header)| all.header(name, header));
    let components = components
        .schemas_from_iter(parts.schemas)
        .responses_from_iter(parts.responses)
        .security_scheme("adminToken", bearer("The token of `POST /admin/login`, for 24 hours."))
        .security_scheme("secretKey", secret_key())
        .security_scheme("appId", key("x-app-id", "The tenant's `appId`."))
        .security_scheme("apiKey", key("x-api-key", "The tenant's API key."))
        .security_scheme(
            "userToken",
            bearer(
                "The token of `POST /auth/signup` or `POST /auth/login`, for 7 days, in the app \
                 that issued it.",
            ),
        );
    let document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Unified booking backend")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(INFO))
                .contact(Some(Contact::builder().name(Some("The maintainers")).build()))
                .license(Some(
                    License::builder().name("Apache-2.0").identifier(Some("Apache-2.0")).build(),
                )),
        )
        .servers(Some(servers()))
        .tags(Some(
            TAGS.iter()
                .map(|(name, text)| TagBuilder::new().name(*name).description(Some(*text)).build()),
        ))
        .paths(paths)
        .components(Some(components.build()))
        .build();
    let mut document = serde_json::to_value(document)?;
    finish::correct(&mut document);
    Ok(document)
}

/// The document as it is kept in `openapi.yaml`.
///
/// # Errors
///
/// The same as [`document`].
pub fn yaml() -> Result<String> {
    let text = serde_yaml_ng::to_string(&document()?)?;
    let lines = text.lines().map(|line| quoted(line) + "\n");
    Ok(lines.fold(HEAD.to_owned(), |text, line| text + &line))
}

/// The line with its time in quotes: a reader of YAML 1.1 would take an unquoted time for a date.
fn quoted(line: &str) -> String {
    let value = line.rfind([' ']).map_or(0, |blank| blank + 1);
    let (before, value) = line.split_at(value);
    let instant = value.len() == 24
        && value.ends_with('Z')
        && value.as_bytes()[10] == b'T'
        && value.starts_with("20");
    if instant { format!("{before}'{value}'") } else { line.to_owned() }
}

fn servers() -> [Server; 2] {
    let variable = |default: &str, description: &str| {
        ServerVariableBuilder::new().default_value(default).description(Some(description))
    };
    let deployed = Server::builder()
        .url("https://{apiId}.execute-api.{region}.amazonaws.com")
        .description(Some("A deployment: the output `ApiUrl` of its stack"))
        .parameter("apiId", variable("a1b2c3d4e5", "Id of the API in API Gateway"))
        .parameter("region", variable("eu-central-1", "AWS region of the deployment"));
    let local = Server::builder()
        .url("http://127.0.0.1:9000")
        .description(Some("The local stack: `make dev`"));
    [deployed.build(), local.build()]
}

fn bearer(description: &str) -> SecurityScheme {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    SecurityScheme::Http(scheme.description(Some(description)).build())
}

fn secret_key() -> SecurityScheme {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let text = "A secret key of the tenant's own server (`ubs_…`). It works only for that tenant.";
    SecurityScheme::Http(scheme.description(Some(text)).build())
}

fn key(header: &str, description: &str) -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(header, description)))
}
