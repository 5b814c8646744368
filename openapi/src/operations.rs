//! The inputs, responses and errors of each operation of the route table.

mod buyers;
mod entities;
mod refunds;
mod tenants;
mod webhooks;

use crate::examples;
use serde_json::Value;
use shared::{
    error::Code,
    http::routes::{ROUTES, Route},
    views::BookingView,
};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

/// A type's schema, its name, and the schemas that it refers to.
#[derive(Clone, Copy)]
pub struct Shape {
    /// The name under `components/schemas`.
    pub name: fn() -> std::borrow::Cow<'static, str>,
    /// Makes the schema itself.
    pub schema: fn() -> RefOr<Schema>,
    /// Adds the schemas of the types in it.
    pub inner: fn(&mut Vec<(String, RefOr<Schema>)>),
}

const fn shape<T: ToSchema>() -> Shape {
    Shape { name: T::name, schema: T::schema, inner: T::schemas }
}

/// Named examples of a body or of a response's `data`.
pub type Examples = fn() -> Vec<(&'static str, Value)>;

/// Where an operation takes its input, apart from the path.
#[derive(Clone, Copy)]
pub enum RequestInput {
    /// The path is the whole input.
    Nothing,
    /// Query parameters: the properties of a type, and examples of some of them.
    Query(Shape, fn() -> Value),
    /// A JSON body that must be there.
    Body(Shape, Examples),
    /// A body that may be absent, because all its fields are optional.
    OptionalBody(Shape, Examples),
    /// Query parameters with an example, and a file.
    File(Shape, fn() -> Value, File),
}

/// A file as a body, in one of two forms. The example query belongs to the JSON.
#[derive(Clone, Copy)]
pub struct File {
    /// Description of the JSON form of the file.
    pub json_description: &'static str,
    /// The file as JSON.
    pub json: fn() -> Value,
    /// The media type of the other form, and what it is.
    pub text: (&'static str, &'static str),
    /// The file as text.
    pub text_example: fn() -> Value,
}

/// The response to a successful request.
#[derive(Clone, Copy)]
pub struct SuccessResponse {
    /// The type of `data`.
    pub shape: Shape,
    /// Optional fields of the type that this endpoint always sends, and a name for the
    /// type with these fields.
    pub required: Option<(&'static str, &'static [&'static str])>,
    /// Whether the body is the type itself, without an envelope.
    pub has_no_envelope: bool,
    /// Each status, and what it means.
    pub statuses: &'static [(u16, &'static str)],
    /// Examples of `data`, each with its name.
    pub examples: Examples,
}

/// What the document says about an operation that is not in its route.
#[derive(Clone, Copy)]
pub struct Row {
    /// The operation's name in the route table.
    pub operation: &'static str,
    /// What a caller should know and the fields do not say.
    pub description: &'static str,
    /// The input of a request, apart from its path.
    pub input: RequestInput,
    /// What a successful response has.
    pub success: SuccessResponse,
    /// The errors that do not follow from the route and the input.
    pub codes: &'static [Code],
}

/// The row that describes a route. HEAD is described as GET on the same path.
pub fn row_of(route: &Route) -> Option<&'static Row> {
    let described = match route.method {
        "HEAD" => ROUTES.iter().find(|get| get.method == "GET" && get.path == route.path)?,
        _ => route,
    };
    all().find(|row| row.operation == described.operation)
}

/// The operations of all resources.
pub fn all() -> impl Iterator<Item = &'static Row> {
    [buyers::ALL, entities::ALL, tenants::ALL, refunds::ALL, webhooks::ALL].into_iter().flatten()
}

const fn success<T: ToSchema>(
    statuses: &'static [(u16, &'static str)],
    examples: Examples,
) -> SuccessResponse {
    SuccessResponse {
        shape: shape::<T>(),
        required: None,
        has_no_envelope: false,
        statuses,
        examples,
    }
}

const fn with_required(
    response: SuccessResponse,
    name: &'static str,
    fields: &'static [&'static str],
) -> SuccessResponse {
    SuccessResponse { required: Some((name, fields)), ..response }
}

const fn any_booking(statuses: &'static [(u16, &'static str)]) -> SuccessResponse {
    let booking = success::<BookingView>(statuses, examples::any_booking);
    with_required(booking, "BookingOfAdmin", &["appId", "userId", "history", "disputes"])
}

const fn without_envelope<T: ToSchema>(
    statuses: &'static [(u16, &'static str)],
    examples: Examples,
) -> SuccessResponse {
    SuccessResponse { has_no_envelope: true, ..success::<T>(statuses, examples) }
}
