//! Error responses. Each code has a schema with its own details, and a response is one of the
//! schemas of its codes. `error.code` says which.

use crate::{
    Parts, examples,
    operations::Row,
    responses::{self, constant},
};
use anyhow::Result;
use shared::{
    error::{Code, Conflict},
    http::routes::{Audience, Route},
    views::HealthView,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ContentBuilder, Discriminator, KnownFormat, ObjectBuilder, OneOfBuilder,
        RefOr, Response, Schema, SchemaFormat, Type,
    },
};

/// The errors of an operation that have the same status.
pub(crate) struct Failure<'a> {
    pub(crate) row: &'a Row,
    pub(crate) route: &'a Route,
    pub(crate) status: u16,
    pub(crate) codes: Vec<Code>,
    /// Whether a rate limit has counted the request.
    pub(crate) counted: bool,
}

impl Failure<'_> {
    /// Adds the response to the components, and returns its name there.
    pub(crate) fn add(&self, parts: &mut Parts) -> Result<String> {
        let name = self.name();
        let response = self.response(parts);
        parts.share(name.clone(), response)?;
        Ok(name)
    }

    /// A copy of the first response to an `Idempotency-Key`. Errors that occur before the key is
    /// looked up, or that are not stored, are never replayed.
    fn is_replayed(&self) -> bool {
        self.route.takes_idempotency_key
            && self.status < 500
            && !matches!(self.status, 401 | 403 | 422 | 429)
    }

    /// `GET /health` has details where others have none.
    fn is_health(&self) -> bool {
        self.route.operation == "health" && self.status == 503
    }

    /// Operations share the responses that follow from their audience and inputs.
    fn name(&self) -> String {
        let own = self.codes.iter().any(|code| self.row.codes.contains(code));
        let whose = match self.route.audience {
            _ if own || self.is_health() => pascal_case(self.route.operation),
            Audience::Public if self.counted => "Counted".to_owned(),
            Audience::Public => "Public".to_owned(),
            Audience::App => "App".to_owned(),
            Audience::User => "User".to_owned(),
            Audience::Organiser => "Organiser".to_owned(),
            Audience::Admin => "Admin".to_owned(),
        };
        let replayed = if self.is_replayed() && !own { "Replayable" } else { "" };
        let what = match self.status {
            400 if self.codes.contains(&Code::InvalidJson) => "BadBody",
            status => reason(status),
        };
        whose + replayed + what
    }

    fn response(&self, parts: &mut Parts) -> Response {
        let lines =
            self.codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.meaning()));
        let description = lines.collect::<Vec<_>>().join("\n\n");
        let response =
            responses::failed(&description, &self.codes, self.counted, self.is_replayed());
        let schema = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("success", constant(false))
            .required("success")
            .property("error", self.union(parts))
            .required("error");
        let example = |code: &Code| (code.as_str(), examples::failure(*code, self.route.operation));
        let content = ContentBuilder::new()
            .schema(Some(schema))
            .examples_from_iter(responses::named(self.codes.iter().map(example).collect()));
        response.content("application/json", content.build()).build()
    }

    /// One schema for each code.
    fn union(&self, parts: &mut Parts) -> RefOr<Schema> {
        if self.is_health() {
            return service_down(parts);
        }
        let schemas: Vec<_> = self.codes.iter().map(|code| (*code, schema(*code, parts))).collect();
        if let [(_, only)] = schemas.as_slice() {
            return only.clone();
        }
        let mapping = self
            .codes
            .iter()
            .map(|code| (code.as_str(), format!("#/components/schemas/{}", schema_name(*code))));
        let union =
            OneOfBuilder::new().discriminator(Some(Discriminator::with_mapping("code", mapping)));
        schemas.into_iter().fold(union, |union, (_, schema)| union.item(schema)).into()
    }
}

/// The name of an error's schema: `SEAT_NOT_FOUND` is `SeatNotFoundError`.
fn schema_name(code: Code) -> String {
    let words =
        code.as_str().split('_').map(|word| word[..1].to_owned() + &word[1..].to_lowercase());
    words.collect::<String>().trim_end_matches("Error").to_owned() + "Error"
}

/// The schema of an error with this code.
fn schema(code: Code, parts: &mut Parts) -> RefOr<Schema> {
    let details = match code {
        Code::Validation => Some((fields(parts), true)),
        Code::SeatAlreadyLocked => Some((locked_seats(parts), true)),
        Code::SeatNotForSale => Some((seats_off_sale(parts), true)),
        Code::SeatAlreadyExists => Some((existing_seats(parts), true)),
        Code::SeatAlreadyBooked => Some((booked_seats(parts), true)),
        Code::ReservationAlreadyConfirmed
        | Code::ReservationReleased
        | Code::ReservationExpired
        | Code::PaymentAlreadyUsed => Some((refund(parts), false)),
        Code::PaymentPending => Some((payment_status(parts), true)),
        Code::PaymentMismatch => Some((mismatch(parts), true)),
        Code::CancellationNotAllowed => Some((refusal(parts), true)),
        Code::RefundNotFailed => Some((money_left(parts), false)),
        Code::RefundChanged => Some((changed_refund(parts), true)),
        Code::NotEnoughSeats => Some((free_seats(parts), true)),
        Code::SalesNotOpen => Some((opening(parts), true)),
        Code::LimitReached | Code::SeatLimitReached => Some((limit(parts), true)),
        _ => None,
    };
    parts.refer(schema_name(code), error(code, details).into())
}

/// An error whose details are these, always or sometimes.
fn error(code: Code, details: Option<(RefOr<Schema>, bool)>) -> ObjectBuilder {
    let error = object()
        .description(Some(code.meaning()))
        .property("code", constant(code.as_str()))
        .required("code")
        .property(
            "message",
            text("The error in English, for developers. The wording may change; branch on `code`."),
        )
        .required("message");
    let error = match details {
        Some((details, true)) => error.property("details", details).required("details"),
        Some((details, false)) => error.property("details", details),
        None => error,
    };
    let id = "Id of the request, also in the header `x-request-id`. Quote it when you report a \
         problem.";
    error.property("requestId", text(id)).required("requestId")
}

/// A 503 of `GET /health` has the same fields as a 200, unless the function could not even start.
fn service_down(parts: &mut Parts) -> RefOr<Schema> {
    let mut inner = Vec::new();
    HealthView::schemas(&mut inner);
    parts.schemas.extend(inner);
    let health = parts.refer(HealthView::name(), HealthView::schema());
    parts.refer("ServiceDownError", error(Code::Unavailable, Some((health, false))).into())
}

fn fields(parts: &mut Parts) -> RefOr<Schema> {
    let field = object()
        .property(
            "field",
            text("Path of the field, such as `seats[2].price`, or name of the parameter."),
        )
        .required("field")
        .property("reason", text("What is wrong with it, in English. The wording may change."))
        .required("reason");
    let field = parts.refer("InvalidField", field.into());
    let fields = list(field, "The invalid fields or parameters.");
    let details = object().property("fields", fields).required("fields");
    parts.refer("InvalidFields", details.into())
}

fn locked_seats(parts: &mut Parts) -> RefOr<Schema> {
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .description(Some("Seconds until the last of the conflicting holds expires."));
    let details = conflicts(parts).property("expiresIn", seconds).required("expiresIn");
    parts.refer("LockedSeats", details.into())
}

fn booked_seats(parts: &mut Parts) -> RefOr<Schema> {
    let details = conflicts(parts).property("refundDue", refund_due());
    parts.refer("BookedSeats", details.into())
}

fn seats_off_sale(parts: &mut Parts) -> RefOr<Schema> {
    let details = conflicts(parts);
    parts.refer("SeatsOffSale", details.into())
}

fn existing_seats(parts: &mut Parts) -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::String);
    let numbers = list(
        number.into(),
        "Seats of the request that exist, or the entity's own seats where a layout cannot be \
        used; at most 100.",
    );
    let details = object().property("seatNumbers", numbers).required("seatNumbers");
    parts.refer("ExistingSeats", details.into())
}

fn conflicts(parts: &mut Parts) -> ObjectBuilder {
    let mut inner = Vec::new();
    Conflict::schemas(&mut inner);
    parts.schemas.extend(inner);
    let conflict = parts.refer(Conflict::name(), Conflict::schema());
    let conflicts = list(conflict, "The seats that cannot be reserved.");
    object().property("conflicts", conflicts).required("conflicts")
}

fn free_seats(parts: &mut Parts) -> RefOr<Schema> {
    let count = |what| {
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).description(Some(what))
    };
    let details = object()
        .property("available", count("How many seats are free within the filters."))
        .required("available")
        .property("largestAdjacent", count("How many of them are side by side at most."))
        .required("largestAdjacent");
    parts.refer("SeatsLeft", details.into())
}

fn opening(parts: &mut Parts) -> RefOr<Schema> {
    let opens_at = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("When the sale begins."));
    let details = object().property("opensAt", opens_at).required("opensAt");
    parts.refer("SaleOpening", details.into())
}

fn limit(parts: &mut Parts) -> RefOr<Schema> {
    let limit = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .description(Some("The limit that is reached."));
    let details = object().property("limit", limit).required("limit");
    parts.refer("Limit", details.into())
}

fn refund(parts: &mut Parts) -> RefOr<Schema> {
    parts.refer("Refund", object().property("refundDue", refund_due()).into())
}

fn payment_status(parts: &mut Parts) -> RefOr<Schema> {
    let status = text("The provider's own status of the payment.");
    let details = object().property("paymentStatus", status).required("paymentStatus");
    parts.refer("PaymentProgress", details.into())
}

fn mismatch(parts: &mut Parts) -> RefOr<Schema> {
    let field = one_of(&["reservation", "app", "mode", "amount", "currency"]);
    let field = field.description(Some("What about the payment differs from the hold."));
    let details = object().property("field", field).required("field");
    parts.refer("MismatchedPayment", details.property("refundDue", refund_due()).into())
}

fn refusal(parts: &mut Parts) -> RefOr<Schema> {
    let reason = one_of(&["NO_POLICY", "TOO_LATE", "STARTED"]);
    let reason = reason.description(Some("Why the user cannot cancel."));
    let details = object().property("reason", reason).required("reason");
    parts.refer("RefusedCancellation", details.into())
}

fn changed_refund(parts: &mut Parts) -> RefOr<Schema> {
    let refund = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0))
        .description(Some("What a cancellation would refund now, in the currency's minor unit."));
    let details = object().property("refund", refund).required("refund");
    parts.refer("ChangedRefund", details.into())
}

fn money_left(parts: &mut Parts) -> RefOr<Schema> {
    let left = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).description(Some(
        "What is left of the payment, in the currency's minor unit. Present if the failed refund \
         is larger than that.",
    ));
    parts.refer("MoneyLeft", object().property("left", left).into())
}

fn one_of(words: &[&str]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.to_vec()))
}

fn refund_due() -> ObjectBuilder {
    constant(true).description(Some(
        "Present if the payment was taken although nothing was sold. The payment is recorded for \
         a refund.",
    ))
}

fn object() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Object)
}

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

fn list(items: RefOr<Schema>, description: &str) -> ArrayBuilder {
    ArrayBuilder::new().items(items).description(Some(description))
}

fn pascal_case(name: &str) -> String {
    name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The words for a status, as in RFC 9110.
fn reason(status: u16) -> &'static str {
    match status {
        400 => "BadRequest",
        401 => "Unauthorized",
        402 => "PaymentRequired",
        403 => "Forbidden",
        404 => "NotFound",
        406 => "NotAcceptable",
        409 => "Conflict",
        410 => "Gone",
        412 => "PreconditionFailed",
        413 => "ContentTooLarge",
        415 => "UnsupportedMediaType",
        422 => "UnprocessableContent",
        428 => "PreconditionRequired",
        429 => "TooManyRequests",
        500 => "ServerError",
        502 => "BadGateway",
        503 => "Unavailable",
        504 => "GatewayTimeout",
        _ => "Failure",
    }
}
