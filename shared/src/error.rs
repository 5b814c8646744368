//! The closed set of errors that a caller of the API can get.
//!
//! Every failure is one [`Error`]. It has a [`Code`], a message for the caller, and a cause. The
//! cause goes to the log and never into a response.

use serde::Serialize;
use serde_json::{Value, json};
use std::{error::Error as StdError, fmt};
use utoipa::ToSchema;

/// The result of everything that an endpoint does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident = $status:literal $text:literal $doc:literal),+ $(,)?) => {
        /// The `code` of an error response.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $doc] $variant),+ }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$variant),+];
            /// The code as it appears in a response.
            pub fn as_str(self) -> &'static str { match self { $(Code::$variant => $text),+ } }
            /// The HTTP status of the response.
            pub fn status(self) -> u16 { match self { $(Code::$variant => $status),+ } }
            /// What the code means, for the API's documentation.
            pub fn meaning(self) -> &'static str { match self { $(Code::$variant => $doc),+ } }
        }
    };
}

codes! {
    InvalidJson = 400 "INVALID_JSON" "The request body is not a JSON object.",
    Validation = 400 "VALIDATION_ERROR"
        "A field or parameter is missing, unknown or invalid. `details.fields` says which and why.",
    InvalidSignature = 400 "INVALID_SIGNATURE"
        "The signature of the provider's event is missing, wrong or too old, or the app has no \
        such account.",
    AppAuthRequired = 401 "APP_AUTH_REQUIRED" "The header `x-app-id` or `x-api-key` is missing.",
    InvalidAppCredentials = 401 "INVALID_APP_CREDENTIALS"
        "The app does not exist or the API key is wrong.",
    Unauthenticated = 401 "UNAUTHENTICATED" "The bearer token is missing or invalid.",
    TokenExpired = 401 "TOKEN_EXPIRED" "The bearer token has expired. Sign in again.",
    InvalidCredentials = 401 "INVALID_CREDENTIALS"
        "The account does not exist or the password is wrong.",
    PaymentFailed = 402 "PAYMENT_FAILED" "The payment provider declined the payment.",
    OriginNotAllowed = 403 "ORIGIN_NOT_ALLOWED"
        "The request's `Origin` is not in the app's `allowedDomains`, or is missing where the app \
        requires one.",
    AppInactive = 403 "APP_INACTIVE" "The app is switched off.",
    TokenAppMismatch = 403 "TOKEN_APP_MISMATCH" "The user's token was issued by another app.",
    NotPermitted = 403 "NOT_PERMITTED" "A secret key may not call this route.",
    SeatNotFound = 404 "SEAT_NOT_FOUND" "The seat does not exist in this app.",
    ReservationNotFound = 404 "RESERVATION_NOT_FOUND" "The user has no such hold in this app.",
    BookingNotFound = 404 "BOOKING_NOT_FOUND" "The user has no such booking in this app.",
    AppNotFound = 404 "APP_NOT_FOUND" "The app does not exist.",
    EntityNotFound = 404 "ENTITY_NOT_FOUND" "The app has no entity with this id and settings.",
    SecretKeyNotFound = 404 "SECRET_KEY_NOT_FOUND" "The app has no such secret key.",
    RefundNotFound = 404 "REFUND_NOT_FOUND" "There is no such refund.",
    LayoutNotFound = 404 "LAYOUT_NOT_FOUND" "The app has no seating plan with this id and version.",
    FeedNotFound = 404 "FEED_NOT_FOUND" "No entity has this feed key.",
    FeedVersionGone = 404 "FEED_VERSION_GONE"
        "The seats do not have this version now. The feed says which one they have.",
    WebhookNotFound = 404 "WEBHOOK_NOT_FOUND" "The app has no such webhook endpoint.",
    DeliveryNotFound = 404 "DELIVERY_NOT_FOUND" "The webhook endpoint has no such delivery.",
    RouteNotFound = 404 "ROUTE_NOT_FOUND" "The path does not exist.",
    MethodNotAllowed = 405 "METHOD_NOT_ALLOWED"
        "The path does not support this method. The header `allow` lists those it supports.",
    NotAcceptable = 406 "NOT_ACCEPTABLE"
        "The response is too large without gzip, and the client refuses gzip.",
    SeatAlreadyLocked = 409 "SEAT_ALREADY_LOCKED"
        "Somebody holds a seat of the request. `details.conflicts` says which.",
    SeatAlreadyBooked = 409 "SEAT_ALREADY_BOOKED"
        "A seat of the request is sold. `details.conflicts` says which.",
    SeatNotForSale = 409 "SEAT_NOT_FOR_SALE"
        "The organiser does not sell a seat of the request now. `details.conflicts` says which.",
    EmailTaken = 409 "EMAIL_TAKEN" "The e-mail address already has an account.",
    AppAlreadyExists = 409 "APP_ALREADY_EXISTS" "The app id is already taken.",
    TooManyKeys = 409 "TOO_MANY_KEYS"
        "Five API keys of the app are valid. Wait until an overlap ends, or rotate with \
        `overlapSeconds: 0`.",
    SeatAlreadyExists = 409 "SEAT_ALREADY_EXISTS"
        "The entity already has a seat with this number, or has seats and cannot get those of a \
        layout. `details.seatNumbers` lists such seats, at most 100.",
    SalesNotOpen = 409 "SALES_NOT_OPEN"
        "The sale has not begun. `details.opensAt` says when it does.",
    SalesClosed = 409 "SALES_CLOSED" "The sale is over.",
    SalesPaused = 409 "SALES_PAUSED" "The organiser has paused the sale.",
    EntityCancelled = 409 "ENTITY_CANCELLED" "The organiser has cancelled the entity.",
    NotEnoughSeats = 409 "NOT_ENOUGH_SEATS"
        "No choice of seats answers the request. `details.available` says how many seats are free \
        within its filters, and `details.largestAdjacent` how many of them are side by side.",
    SeatLimitReached = 409 "SEAT_LIMIT_REACHED"
        "The user has as many seats of this entity as one user may have. `details.limit` says how \
        many.",
    EntityInUse = 409 "ENTITY_IN_USE" "Seats of the entity were held or sold.",
    LimitReached = 409 "LIMIT_REACHED"
        "The app has as many of these as it may have. `details.limit` says how many.",
    ReservationAlreadyConfirmed = 409 "RESERVATION_ALREADY_CONFIRMED"
        "The hold is already a booking.",
    ReservationReleased = 409 "RESERVATION_RELEASED" "The hold was released.",
    PaymentAlreadyUsed = 409 "PAYMENT_ALREADY_USED"
        "The payment was already used for another hold.",
    PaymentPending = 409 "PAYMENT_PENDING"
        "The payment may still succeed. `details.paymentStatus` is the provider's word for it. \
        The hold is kept. Repeat the request later.",
    PaymentMismatch = 409 "PAYMENT_MISMATCH"
        "The payment does not pay for this hold. `details.field` says what differs: \
        `reservation`, `app`, `mode`, `amount` or `currency`. The hold is kept.",
    PaymentStarted = 409 "PAYMENT_STARTED"
        "The payment of the hold was started. Release the hold to choose other seats.",
    PaymentNotNeeded = 409 "PAYMENT_NOT_NEEDED"
        "The hold costs nothing. Confirm it without a payment.",
    AmountNotPayable = 409 "AMOUNT_NOT_PAYABLE"
        "The payment provider cannot charge this amount or currency.",
    BookingNotConfirmed = 409 "BOOKING_NOT_CONFIRMED"
        "The booking sold nothing: its payment failed, or is due back.",
    CancellationNotAllowed = 409 "CANCELLATION_NOT_ALLOWED"
        "The user cannot cancel now. `details.reason` is `NO_POLICY`, `TOO_LATE` or `STARTED`.",
    RefundChanged = 409 "REFUND_CHANGED"
        "The refund is not `expectedRefund` any more. `details.refund` is what would go back now.",
    PaymentDisputed = 409 "PAYMENT_DISPUTED"
        "The buyer disputes the payment at the bank, or has won, so it is not refunded.",
    RefundNotFailed = 409 "REFUND_NOT_FAILED"
        "The refund has not failed, was retried or settled before, or its money went back another \
        way.",
    ReservationExpired = 410 "RESERVATION_EXPIRED" "The hold has expired.",
    PreconditionFailed = 412 "PRECONDITION_FAILED"
        "The version is not the one that `If-Match` requires.",
    PayloadTooLarge = 413 "PAYLOAD_TOO_LARGE" "The request body is too large.",
    UnsupportedMediaType = 415 "UNSUPPORTED_MEDIA_TYPE"
        "The request's `content-type` is not the one that the route takes, mostly \
        `application/json`.",
    IdempotencyKeyReused = 422 "IDEMPOTENCY_KEY_REUSED"
        "The `Idempotency-Key` was already used with a different body.",
    IdempotencyKeyInUse = 409 "IDEMPOTENCY_KEY_IN_USE"
        "The first request with this `Idempotency-Key` is still running. Repeat the request after \
        `Retry-After`.",
    RateLimited = 429 "RATE_LIMITED" "Too many requests. Repeat the request after `Retry-After`.",
    HoldLimitReached = 429 "HOLD_LIMIT_REACHED" "The user holds too many seats at once.",
    Internal = 500 "INTERNAL" "An unexpected error in the service. Repeating the request is safe.",
    Unavailable = 503 "SERVICE_UNAVAILABLE"
        "A dependency is unavailable. The request may or may not have taken effect; repeating it \
        is safe.",
    PaymentsNotConfigured = 503 "PAYMENTS_NOT_CONFIGURED" "The app has no payment provider.",
}

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

    /// `SEAT_ALREADY_BOOKED`, `SEAT_ALREADY_LOCKED` or `SEAT_NOT_FOR_SALE`, with the seats that
    /// cannot be reserved.
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
            Code::BookingNotConfirmed => "Nothing was sold by this booking",
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
