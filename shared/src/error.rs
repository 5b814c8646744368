//! The closed set of errors that a caller of the API can get.
//!
//! Every failure is one [`Error`]. It has a [`Code`], a message for the caller, and a cause. The
//! cause goes to the log and never into a response.

mod code;

pub use code::Code;
use serde::Serialize;
use serde_json::{Value, json};
use std::{error::Error as StdError, fmt};
use utoipa::ToSchema;

/// The result of everything that an endpoint does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A seat that prevents a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Id of the seat.
    #[schema(value_type = crate::domain::SeatId)]
    pub seat_id: String,
    /// Whether the seat is held, sold or not for sale.
    pub state: ConflictState,
    /// Seconds until the hold expires, at least 1; absent if nobody holds the seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
    /// Whether the hold is the caller's own; absent if nobody holds the seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mine: Option<bool>,
}

/// Why a seat cannot be reserved: `LOCKED` while somebody holds it, `BOOKED` once it is sold,
/// `NOT_FOR_SALE` while the organiser does not sell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConflictState {
    /// Somebody holds the seat.
    Locked,
    /// The seat is sold.
    Booked,
    /// The organiser does not sell the seat now.
    NotForSale,
}

impl Conflict {
    /// A seat that is sold.
    pub fn booked(seat: impl fmt::Display) -> Self {
        Self::unheld(seat, ConflictState::Booked)
    }

    /// A seat that the organiser does not sell now.
    pub fn not_for_sale(seat: impl fmt::Display) -> Self {
        Self::unheld(seat, ConflictState::NotForSale)
    }

    fn unheld(seat: impl fmt::Display, state: ConflictState) -> Self {
        Self { seat_id: seat.to_string(), state, expires_in: None, mine: None }
    }

    /// A seat that is held for `expires_in` more seconds.
    pub fn locked(seat: impl fmt::Display, expires_in: u64, mine: bool) -> Self {
        Self {
            seat_id: seat.to_string(),
            state: ConflictState::Locked,
            expires_in: Some(expires_in),
            mine: Some(mine),
        }
    }
}

/// A failure: a code and a message for the caller, and a cause for the log.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    message: String,
    details: Option<Value>,
    conflicts: Vec<Conflict>,
    retry_after: Option<u64>,
    allow: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error with this code. The caller sees the message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner {
            code,
            message,
            details: None,
            conflicts: Vec::new(),
            // Every 503 says when to try again. Here an operator has to act first.
            retry_after: (code == Code::PaymentsNotConfigured).then_some(60),
            allow: None,
            source: None,
        }))
    }

    /// `LIMIT_REACHED`: the app has as many of something as it may have.
    pub fn limit_reached(message: impl Into<String>, limit: usize) -> Self {
        Self::new(Code::LimitReached, message).with_details(json!({"limit": limit}))
    }

    /// `VALIDATION_ERROR` for a field or parameter; `field` is its path (`seats[2].price`).
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::fields([(field.into(), reason.into())])
    }

    /// `VALIDATION_ERROR` for several fields, each with its reason. The message names the first.
    pub fn fields(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        // The client may have made up a name: repeat only as much as is needed to recognize it.
        let short = |field: String| field.chars().take(200).collect::<String>();
        let fields: Vec<_> =
            fields.into_iter().map(|(field, reason)| (short(field), reason)).collect();
        let first = fields.first().map(|(field, reason)| format!("{field}: {reason}"));
        let fields: Vec<_> = fields
            .iter()
            .map(|(field, reason)| json!({"field": field, "reason": reason}))
            .collect();
        Self::new(Code::Validation, first.unwrap_or_default())
            .with_details(json!({"fields": fields}))
    }

    /// `INVALID_JSON`: the body is not a JSON object.
    pub fn invalid_json(reason: impl fmt::Display) -> Self {
        Self::new(Code::InvalidJson, format!("The body is not valid JSON: {reason}"))
    }

    /// `INTERNAL`: an unexpected error. `cause` goes only to the log.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(
            Code::Internal,
            "An unexpected error occurred. Repeating the request is safe.",
        );
        error.0.source = Some(cause.into());
        error
    }

    /// `SERVICE_UNAVAILABLE`: a dependency is unavailable. `cause` goes only to the log.
    pub fn unavailable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(
            Code::Unavailable,
            "The service is busy or unavailable. Repeating the request is safe.",
        );
        error.0.source = Some(cause.into());
        error.retry_after(1)
    }

    /// `SEAT_ALREADY_BOOKED`, `SEAT_ALREADY_LOCKED` or `SEAT_NOT_FOR_SALE`, with the seats
    /// that cannot be reserved.
    pub fn conflicts(code: Code, conflicts: &[Conflict]) -> Self {
        let mut details = json!({"conflicts": conflicts});
        // When the last hold expires, all seats of the request may be available.
        if let Some(expires_in) = conflicts.iter().filter_map(|conflict| conflict.expires_in).max()
        {
            details["expiresIn"] = expires_in.into();
        }
        let mut error = Self::from(code).with_details(details);
        error.0.conflicts = conflicts.to_vec();
        error
    }

    /// Whether this seat is one of the conflicts.
    pub(crate) fn names_seat(&self, seat: impl fmt::Display) -> bool {
        let seat = seat.to_string();
        self.0.conflicts.iter().any(|conflict| conflict.seat_id == seat)
    }

    /// Adds `details` for the caller.
    pub fn with_details(mut self, details: Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// Tells the caller, if `refund_due`, that the payment was taken and will be refunded.
    pub fn with_refund_due(mut self, refund_due: bool) -> Self {
        if refund_due {
            match self.0.details.as_mut().and_then(Value::as_object_mut) {
                Some(details) => {
                    details.insert("refundDue".into(), true.into());
                }
                None => self.0.details = Some(json!({"refundDue": true})),
            }
        }
        self
    }

    /// `PAYMENT_MISMATCH`; `field` says what differs.
    pub fn payment_mismatch(field: &str) -> Self {
        Self::from(Code::PaymentMismatch).with_details(json!({"field": field}))
    }

    /// Adds a `Retry-After` header of this many seconds, at least 1.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds.max(1));
        self
    }

    /// `METHOD_NOT_ALLOWED`; `allow` lists the methods that the path supports.
    pub fn method_not_allowed(allow: String) -> Self {
        let mut error = Self::new(Code::MethodNotAllowed, "This path does not support this method");
        error.0.allow = Some(allow);
        error
    }

    /// The code that the response will have.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The message for the caller.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Details for the caller, besides the message.
    pub fn details(&self) -> Option<&Value> {
        self.0.details.as_ref()
    }

    /// Seconds after which a retry may succeed.
    pub(crate) fn retry_after_seconds(&self) -> Option<u64> {
        self.0.retry_after
    }

    /// The methods that the path supports, for a 405.
    pub fn allow(&self) -> Option<&str> {
        self.0.allow.as_deref()
    }

    /// The code and the whole chain of causes, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.0.code.as_str().to_owned();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.as_str(), self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        let message = match code {
            Code::AppAuthRequired => "The headers x-app-id and x-api-key are required",
            Code::InvalidAppCredentials => "Unknown app or wrong API key",
            Code::Unauthenticated => "A valid bearer token is required",
            Code::TokenExpired => "The token has expired; sign in again",
            Code::InvalidCredentials => "Wrong e-mail address or password",
            Code::PaymentFailed => "The payment was declined",
            Code::OriginNotAllowed => "This origin may not use this app",
            Code::AppInactive => "This app is switched off",
            Code::TokenAppMismatch => "The token was issued by another app",
            Code::NotPermitted => "A secret key may not call this route",
            Code::SeatNotFound => "The seat does not exist",
            Code::ReservationNotFound => "The reservation does not exist",
            Code::BookingNotFound => "The booking does not exist",
            Code::AppNotFound => "The app does not exist",
            Code::EntityNotFound => "The app has no entity with this id and settings",
            Code::SecretKeyNotFound => "The app has no such secret key",
            Code::RefundNotFound => "There is no such refund",
            Code::LayoutNotFound => "The app has no seating plan with this id and version",
            Code::FeedNotFound => "No entity has this feed key",
            Code::FeedVersionGone => "The seats do not have this version now",
            Code::NotAcceptable => "The response is too large without gzip",
            Code::WebhookNotFound => "The app has no such webhook endpoint",
            Code::DeliveryNotFound => "The webhook endpoint has no such delivery",
            Code::RouteNotFound => "The path does not exist",
            Code::SeatNotForSale => "A seat of the request is not for sale",
            Code::SeatAlreadyLocked => "A seat of the request is currently held",
            Code::SeatAlreadyBooked => "A seat of the request is sold",
            Code::EmailTaken => "An account with this e-mail address already exists",
            Code::AppAlreadyExists => "An app with this id already exists",
            Code::TooManyKeys => "Five API keys of this app are valid; one of them must end first",
            Code::SeatAlreadyExists => "A seat with this number already exists in this entity",
            Code::SalesNotOpen => "The sale has not begun",
            Code::SalesClosed => "The sale is over",
            Code::SalesPaused => "The sale is paused",
            Code::EntityCancelled => "The entity is cancelled",
            Code::NotEnoughSeats => "Not enough seats are free",
            Code::SeatLimitReached => "The user has too many seats of this entity",
            Code::EntityInUse => "Seats of the entity were held or sold",
            Code::PreconditionFailed => "The version is not the one that If-Match requires",
            Code::LimitReached => "The app has as many of these as it may have",
            Code::ReservationAlreadyConfirmed => "The reservation is already a booking",
            Code::ReservationReleased => "The reservation was released",
            Code::PaymentAlreadyUsed => "This payment was already used",
            Code::InvalidSignature => "The signature of the event is missing, wrong or too old",
            Code::PaymentPending => "The payment is not complete yet",
            Code::PaymentMismatch => "The payment does not pay for this hold",
            Code::PaymentStarted => "The payment of this hold was started",
            Code::BookingNotConfirmed => "This booking is not confirmed",
            Code::CancellationNotAllowed => "This booking cannot be cancelled now",
            Code::PaymentDisputed => "The payment is disputed",
            Code::RefundNotFailed => "This refund has not failed, or was dealt with before",
            Code::RefundChanged => "The refund has changed since it was shown",
            Code::PaymentNotNeeded => "This hold costs nothing",
            Code::AmountNotPayable => "The payment provider cannot charge this amount",
            Code::PaymentsNotConfigured => "This app has no payment provider",
            Code::ReservationExpired => "The reservation has expired",
            Code::UnsupportedMediaType => "The content-type must be application/json",
            Code::IdempotencyKeyReused => {
                "This Idempotency-Key was already used with a different body"
            }
            Code::IdempotencyKeyInUse => {
                "The first request with this Idempotency-Key is still running"
            }
            Code::RateLimited => "Too many requests",
            Code::HoldLimitReached => "Too many seats held at once",
            Code::InvalidJson
            | Code::Validation
            | Code::MethodNotAllowed
            | Code::PayloadTooLarge
            | Code::Internal
            | Code::Unavailable => code.as_str(),
        };
        Self::new(code, message)
    }
}
