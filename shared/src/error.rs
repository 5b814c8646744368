//! The closed set of things that can go wrong, as a caller of the API sees them.
//!
//! Every failure is one [`Error`]: a [`Code`] of the contract's error table, a message that is safe
//! to show, and (for the log only) the cause. Nothing of the cause ever reaches an answer.

use serde::Serialize;
use serde_json::{Value, json};
use std::{error::Error as StdError, fmt};
use utoipa::ToSchema;

/// The result of everything that an endpoint does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident = $status:literal $text:literal $doc:literal),+ $(,)?) => {
        /// A row of the contract's error table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $doc] $variant),+ }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Code] = &[$(Code::$variant),+];
            /// The code's name on the wire.
            pub fn as_str(self) -> &'static str { match self { $(Code::$variant => $text),+ } }
            /// The HTTP status it is answered with.
            pub fn status(self) -> u16 { match self { $(Code::$variant => $status),+ } }
            /// What it means, for people.
            pub fn meaning(self) -> &'static str { match self { $(Code::$variant => $doc),+ } }
        }
    };
}

codes! {
    InvalidJson = 400 "INVALID_JSON" "The body is not one JSON object.",
    Validation = 400 "VALIDATION_ERROR" "A field or parameter is unknown, missing or wrong.",
    AppAuthRequired = 401 "APP_AUTH_REQUIRED" "`x-app-id` or `x-api-key` is missing.",
    InvalidAppCredentials = 401 "INVALID_APP_CREDENTIALS" "Unknown app or wrong key.",
    Unauthenticated = 401 "UNAUTHENTICATED" "The bearer token is missing or not ours.",
    TokenExpired = 401 "TOKEN_EXPIRED" "The bearer token is ours, but too old.",
    InvalidCredentials = 401 "INVALID_CREDENTIALS" "Unknown e-mail or wrong password.",
    PaymentFailed = 402 "PAYMENT_FAILED" "The provider declined the payment.",
    OriginNotAllowed = 403 "ORIGIN_NOT_ALLOWED" "The request's origin is not one of the app's.",
    AppInactive = 403 "APP_INACTIVE" "The app was switched off.",
    TokenAppMismatch = 403 "TOKEN_APP_MISMATCH" "The user token came from another app.",
    SeatNotFound = 404 "SEAT_NOT_FOUND" "No such seat in this app.",
    ReservationNotFound = 404 "RESERVATION_NOT_FOUND" "No such hold of this user in this app.",
    BookingNotFound = 404 "BOOKING_NOT_FOUND" "No such booking of this user in this app.",
    AppNotFound = 404 "APP_NOT_FOUND" "No such app.",
    RouteNotFound = 404 "ROUTE_NOT_FOUND" "No such path.",
    MethodNotAllowed = 405 "METHOD_NOT_ALLOWED" "The path exists, the method does not.",
    SeatAlreadyLocked = 409 "SEAT_ALREADY_LOCKED" "A seat is held.",
    SeatAlreadyBooked = 409 "SEAT_ALREADY_BOOKED" "A seat is sold.",
    EmailTaken = 409 "EMAIL_TAKEN" "The e-mail address has an account.",
    AppAlreadyExists = 409 "APP_ALREADY_EXISTS" "The app id is taken.",
    SeatAlreadyExists = 409 "SEAT_ALREADY_EXISTS" "The entity has such a seat number.",
    ReservationAlreadyConfirmed = 409 "RESERVATION_ALREADY_CONFIRMED" "The hold became a booking.",
    ReservationReleased = 409 "RESERVATION_RELEASED" "The hold was given back.",
    PaymentAlreadyUsed = 409 "PAYMENT_ALREADY_USED" "The payment paid for something else.",
    ReservationExpired = 410 "RESERVATION_EXPIRED" "The hold ran out.",
    PayloadTooLarge = 413 "PAYLOAD_TOO_LARGE" "The body is over the limit.",
    UnsupportedMediaType = 415 "UNSUPPORTED_MEDIA_TYPE" "The body is not declared as JSON.",
    IdempotencyKeyReused = 422 "IDEMPOTENCY_KEY_REUSED" "The key came with another body.",
    IdempotencyKeyInUse = 409 "IDEMPOTENCY_KEY_IN_USE" "The key's first call still runs.",
    RateLimited = 429 "RATE_LIMITED" "Too many requests.",
    HoldLimitReached = 429 "HOLD_LIMIT_REACHED" "The user holds too many seats.",
    Internal = 500 "INTERNAL" "A fault of ours.",
    Unavailable = 503 "SERVICE_UNAVAILABLE" "Something we need is out of reach: the outcome may be either.",
}

/// One seat that stands in the way of a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// The seat, as lower-case hex.
    #[schema(value_type = crate::domain::SeatId)]
    pub seat_id: String,
    /// Held, or sold.
    pub state: ConflictState,
    /// Whole seconds until a lock ends, at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
    /// Whether the caller's own hold is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mine: Option<bool>,
}

/// How a seat stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ConflictState {
    /// Held.
    Locked,
    /// Sold.
    Booked,
}

impl Conflict {
    /// A sold seat.
    pub fn booked(seat: impl fmt::Display) -> Self {
        Self {
            seat_id: seat.to_string(),
            state: ConflictState::Booked,
            expires_in: None,
            mine: None,
        }
    }

    /// A held seat, for so many more seconds.
    pub fn locked(seat: impl fmt::Display, expires_in: u64, mine: bool) -> Self {
        Self {
            seat_id: seat.to_string(),
            state: ConflictState::Locked,
            expires_in: Some(expires_in),
            mine: Some(mine),
        }
    }
}

/// A failure: what the caller is told, and what the log is told.
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
    /// A failure of that kind. The message is shown to the caller.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner {
            code,
            message,
            details: None,
            conflicts: Vec::new(),
            retry_after: None,
            allow: None,
            source: None,
        }))
    }

    /// A field or parameter is wrong; `field` is its path (`seats[2].price`).
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        // A name that a client made up is repeated no further than it takes to know it again.
        let (field, reason) = (field.into().chars().take(200).collect::<String>(), reason.into());
        Self::new(Code::Validation, format!("{field}: {reason}"))
            .with_details(json!({"fields": [{"field": field, "reason": reason}]}))
    }

    /// The body is not one JSON object.
    pub fn invalid_json(reason: impl fmt::Display) -> Self {
        Self::new(Code::InvalidJson, format!("The body is not valid JSON: {reason}"))
    }

    /// A fault of ours; `cause` goes to the log alone.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(
            Code::Internal,
            "Something went wrong on our side. The same call again is safe.",
        );
        error.0.source = Some(cause.into());
        error
    }

    /// Something we need is out of reach; `cause` goes to the log alone.
    pub fn unavailable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(
            Code::Unavailable,
            "The service is busy or unavailable. The same call again is safe.",
        );
        error.0.source = Some(cause.into());
        error.retry_after(1)
    }

    /// Seats in the way: `SEAT_ALREADY_BOOKED` or `SEAT_ALREADY_LOCKED`.
    pub fn conflicts(code: Code, conflicts: &[Conflict]) -> Self {
        let mut details = json!({"conflicts": conflicts});
        // Until the last lock ends: then all of the request may be free.
        if let Some(expires_in) = conflicts.iter().filter_map(|conflict| conflict.expires_in).max()
        {
            details["expiresIn"] = expires_in.into();
        }
        let mut error = Self::from(code).with_details(details);
        error.0.conflicts = conflicts.to_vec();
        error
    }

    /// Whether it names that seat as one that is in the way.
    pub fn names_seat(&self, seat: impl fmt::Display) -> bool {
        let seat = seat.to_string();
        self.0.conflicts.iter().any(|conflict| conflict.seat_id == seat)
    }

    /// The same failure, with `details` for the caller.
    pub fn with_details(mut self, details: Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// The same failure, saying whether the payment was taken and is recorded for refund.
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

    /// The same failure, with a `Retry-After` of that many seconds.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds.max(1));
        self
    }

    /// A 405 that says which methods there are.
    pub fn method_not_allowed(allow: String) -> Self {
        let mut error = Self::new(Code::MethodNotAllowed, "This path does not have that method");
        error.0.allow = Some(allow);
        error
    }

    /// What kind of failure it is.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What the caller is told.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the caller is told beyond the message.
    pub fn details(&self) -> Option<&Value> {
        self.0.details.as_ref()
    }

    /// Seconds after which a retry makes sense.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.0.retry_after
    }

    /// The methods that the path has, for a 405.
    pub fn allow(&self) -> Option<&str> {
        self.0.allow.as_deref()
    }

    /// The whole chain of causes, for the log.
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
            Code::TokenExpired => "The token has expired: sign in again",
            Code::InvalidCredentials => "Wrong e-mail address or password",
            Code::PaymentFailed => "The payment was declined",
            Code::OriginNotAllowed => "This origin may not use this app",
            Code::AppInactive => "This app is switched off",
            Code::TokenAppMismatch => "The token was issued by another app",
            Code::SeatNotFound => "No such seat",
            Code::ReservationNotFound => "No such reservation",
            Code::BookingNotFound => "No such booking",
            Code::AppNotFound => "No such app",
            Code::RouteNotFound => "No such path",
            Code::SeatAlreadyLocked => "A seat of the request is currently held",
            Code::SeatAlreadyBooked => "A seat of the request is sold",
            Code::EmailTaken => "An account with this e-mail address exists",
            Code::AppAlreadyExists => "An app with this id exists",
            Code::SeatAlreadyExists => "A seat with this number exists in this entity",
            Code::ReservationAlreadyConfirmed => "The reservation is already a booking",
            Code::ReservationReleased => "The reservation was released",
            Code::PaymentAlreadyUsed => "This payment was already used",
            Code::ReservationExpired => "The reservation has expired",
            Code::UnsupportedMediaType => "The body must be sent as application/json",
            Code::IdempotencyKeyReused => "This Idempotency-Key came with another body before",
            Code::IdempotencyKeyInUse => "The first call with this Idempotency-Key still runs",
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
