//! The codes of errors: each with its status and its meaning.

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
        "The entity already has a seat with this number. Or it already has seats, so none can be \
        made from a layout. `details.seatNumbers` lists such seats, at most 100.",
    SalesNotOpen = 409 "SALES_NOT_OPEN"
        "The sale has not begun. `details.opensAt` says when it does.",
    SalesClosed = 409 "SALES_CLOSED" "The sale is over.",
    SalesPaused = 409 "SALES_PAUSED" "The organiser has paused the sale.",
    EntityCancelled = 409 "ENTITY_CANCELLED" "The organiser has cancelled the entity.",
    NotEnoughSeats = 409 "NOT_ENOUGH_SEATS"
        "No seats match the request. `details.available` says how many seats are free within its \
        filters, and `details.largestAdjacent` how many of them are side by side.",
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
        "The payment may still succeed. `details.paymentStatus` is the provider's status of it. \
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
        "The booking is not confirmed: its payment failed, or will be refunded.",
    CancellationNotAllowed = 409 "CANCELLATION_NOT_ALLOWED"
        "The user cannot cancel now. `details.reason` is `NO_POLICY`, `TOO_LATE` or `STARTED`.",
    RefundChanged = 409 "REFUND_CHANGED"
        "The refund is not `expectedRefund` any more. `details.refund` is the refund now.",
    PaymentDisputed = 409 "PAYMENT_DISPUTED"
        "The payment is disputed at the bank, or the buyer has won the dispute. So it is not \
        refunded.",
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
    PaymentsNotConfigured = 503 "PAYMENTS_NOT_CONFIGURED"
        "The app has no payment provider, or the service has no keys to seal a provider's secrets.",
}
