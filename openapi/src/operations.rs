//! The inputs, responses and errors of each operation of the route table.

mod webhooks;

use crate::examples;
use serde_json::Value;
use shared::{
    domain::layout::LayoutDocument,
    error::Code,
    http::routes::{ROUTES, Route},
    inputs::{
        AdminCancelIn, AnalyticsIn, CancelBookingIn, CancelEntityIn, ConfirmIn,
        CreateLayoutSeatsIn, CreateSeatsIn, CreateSecretKeyIn, FeedSeatsIn, GetLayoutIn,
        ImportLayoutIn, ListAllBookingsIn, ListAppsIn, ListBookingsIn, ListEntitiesIn,
        ListEntitySeatsIn, ListEntitySettingsIn, ListLayoutsIn, ListRefundsIn, ListSeatsIn,
        PatchEntityIn, PatchSeatsIn, PutEntityIn, PutPaymentsIn, QuoteCancellationIn,
        RefundBookingIn, RegisterIn, ReleaseIn, RemoveSeatsIn, ReserveIn, RetryRefundIn, RotateIn,
        SettleRefundIn, SignIn, SignupIn, StartPaymentIn, UpdateIn,
    },
    report::Report,
    views::{
        AppList, AppView, BookingPage, BookingView, ChangedSeats, CreatedLayoutSeats, CreatedSeats,
        DeletedEntity, DeletedSecretKey, EntityPage, EntitySeatPage, EntitySettingsPage,
        EntitySettingsView, EntityView, EventHandled, FeedSeatsView, FeedView, HealthView,
        HoldList, HoldView, LayoutPage, LayoutVersionView, LayoutView, NewFeedKey, NewKey,
        NewSecretKey, PaymentSetupView, PaymentView, QuoteView, RefundPage, RefundView, Released,
        RemovedSeats, SeatPage, SecretKeyList, TokenView,
    },
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
    /// The schema itself.
    pub schema: fn() -> RefOr<Schema>,
    /// Adds the schemas of the types in it.
    pub inner: fn(&mut Vec<(String, RefOr<Schema>)>),
}

const fn of<T: ToSchema>() -> Shape {
    Shape { name: T::name, schema: T::schema, inner: T::schemas }
}

/// Named examples of a body or of a response's `data`.
pub type Examples = fn() -> Vec<(&'static str, Value)>;

/// The input beside the path.
#[derive(Clone, Copy)]
pub enum Takes {
    /// No input.
    Nothing,
    /// Query parameters: the properties of a type, and examples of some of them.
    Query(Shape, fn() -> Value),
    /// A body.
    Body(Shape, Examples),
    /// A body that may be absent, because all its fields are optional.
    OptionalBody(Shape, Examples),
    /// Query parameters with an example, and a file.
    File(Shape, fn() -> Value, File),
}

/// A file as a body, in one of two forms. The example query is that of the JSON.
#[derive(Clone, Copy)]
pub struct File {
    /// What the JSON is.
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
pub struct Gives {
    /// The type of `data`.
    pub shape: Shape,
    /// Optional fields of the type that this endpoint always sends, and a name for the type with
    /// these fields.
    pub always: Option<(&'static str, &'static [&'static str])>,
    /// Whether the body is the type itself, without an envelope.
    pub is_bare: bool,
    /// Each status, and what it means.
    pub statuses: &'static [(u16, &'static str)],
    /// Examples of `data`.
    pub examples: Examples,
}

/// One operation.
#[derive(Clone, Copy)]
pub struct Row {
    /// The operation's name in the route table.
    pub operation: &'static str,
    /// What a caller should know and the fields do not say.
    pub description: &'static str,
    /// The input.
    pub takes: Takes,
    /// The response.
    pub gives: Gives,
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

/// Every operation.
pub fn all() -> impl Iterator<Item = &'static Row> {
    ALL.iter().chain(webhooks::ALL)
}

const fn gives<T: ToSchema>(statuses: &'static [(u16, &'static str)], examples: Examples) -> Gives {
    Gives { shape: of::<T>(), always: None, is_bare: false, statuses, examples }
}

const fn always(gives: Gives, name: &'static str, fields: &'static [&'static str]) -> Gives {
    Gives { always: Some((name, fields)), ..gives }
}

const fn any_booking(statuses: &'static [(u16, &'static str)]) -> Gives {
    let booking = gives::<BookingView>(statuses, examples::any_booking);
    always(booking, "BookingOfAdmin", &["appId", "userId", "history", "disputes"])
}

const fn bare<T: ToSchema>(statuses: &'static [(u16, &'static str)], examples: Examples) -> Gives {
    Gives { is_bare: true, ..gives::<T>(statuses, examples) }
}

const ALL: &[Row] = &[
    Row {
        operation: "list-seats",
        description: "Lists the seats that can be reserved now, in the natural order of their \
             numbers (A2 before A10). With `include=all` it lists all seats, for a seat \
             map. Then each seat has `status`, and a locked one has `expiresIn` and `mine`.\n\n\
             A listing may be outdated when you read it: `POST /reserve-seat` decides. An \
             unknown entity gives an empty list.",
        takes: Takes::Query(of::<ListSeatsIn>(), examples::seats_query),
        gives: gives::<SeatPage>(&[(200, "The seats")], examples::seats),
        codes: &[],
    },
    Row {
        operation: "reserve",
        description: "Holds 1 to 10 different seats of one entity: all of them, or none. The price \
             cannot change while the hold lives. If the caller already holds exactly these \
             seats, the response is 200 with the same token. A repeat never extends a hold.\n\n\
             With `bestAvailable` the service chooses the seats, and `adjacent` says whether they are \
             side by side. A repeat without an `Idempotency-Key` holds other seats.\n\n\
             With `reservationToken`, the caller's live hold is changed to exactly `seatIds`, and \
             the response is 200. Kept seats keep their price, and new seats have today's price. \
             The hold still ends at the same time. If the change fails, the old hold stands.",
        takes: Takes::Body(of::<ReserveIn>(), examples::reserve),
        gives: gives::<HoldView>(
            &[
                (201, "The seats are held"),
                (200, "The caller holds exactly these seats already, or their hold was changed"),
            ],
            examples::hold,
        ),
        codes: &[
            Code::PaymentStarted,
            Code::SeatNotFound,
            Code::EntityNotFound,
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationReleased,
            Code::ReservationExpired,
            Code::EntityCancelled,
            Code::SalesNotOpen,
            Code::SalesClosed,
            Code::SalesPaused,
            Code::SeatAlreadyBooked,
            Code::SeatAlreadyLocked,
            Code::SeatNotForSale,
            Code::NotEnoughSeats,
            Code::SeatLimitReached,
            Code::HoldLimitReached,
        ],
    },
    Row {
        operation: "list-reservations",
        description: "The caller's live holds in this app. A page can restore them after a reload.",
        takes: Takes::Nothing,
        gives: gives::<HoldList>(&[(200, "The holds")], examples::holds),
        codes: &[],
    },
    Row {
        operation: "start-payment",
        description: "Starts the payment of a hold at the app's provider, and gives what the \
             buyer's browser needs to make it. The hold then lasts at least \
             `PAYMENT_WINDOW_SECONDS` from now; that happens once in its life. Its seats cannot \
             be changed any more. Repeating the request gives the same payment. The simulation \
             does not need this.",
        takes: Takes::Body(of::<StartPaymentIn>(), examples::start_payment),
        gives: gives::<PaymentView>(
            &[(201, "Started"), (200, "Started before")],
            examples::started_payment,
        ),
        codes: &[
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationReleased,
            Code::PaymentNotNeeded,
            Code::AmountNotPayable,
            Code::PaymentsNotConfigured,
            Code::ReservationExpired,
        ],
    },
    Row {
        operation: "payment-events",
        description: "The webhook that is registered at Stripe or Razorpay. The provider's \
             signature over the raw body is the credential. The event only names a payment: it is \
             fetched, and books its hold as confirm does. After a 503 the provider sends the \
             event again.",
        takes: Takes::Nothing,
        gives: gives::<EventHandled>(
            &[(200, "Handled, or about something else")],
            examples::event_handled,
        ),
        codes: &[Code::InvalidSignature, Code::PayloadTooLarge],
    },
    Row {
        operation: "confirm",
        description: "Turns a hold and a payment into a booking. After a 503, send the same \
             request again, with the same token and `paymentId`.\n\n\
             A payment is never lost: on any 4xx, `details.refundDue: true` means that the \
             payment was taken and is recorded for a refund.\n\n\
             With Stripe and Razorpay, only a payment that was started for this hold confirms \
             it. With the simulation, ids that begin with `pay_fail` are declined, those that \
             begin with `pay_pending` stay open, and `pay_unavailable` returns 503. Every \
             other id is accepted. An app without a provider gets `PAYMENTS_NOT_CONFIGURED`.",
        takes: Takes::Body(of::<ConfirmIn>(), examples::confirm),
        gives: gives::<BookingView>(
            &[(201, "Booked"), (200, "Booked before by the same call")],
            examples::booking,
        ),
        codes: &[
            Code::PaymentFailed,
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationReleased,
            Code::PaymentAlreadyUsed,
            Code::PaymentPending,
            Code::PaymentMismatch,
            Code::PaymentsNotConfigured,
            Code::SeatAlreadyBooked,
            Code::ReservationExpired,
        ],
    },
    Row {
        operation: "release",
        description: "Repeating the request is safe. `RESERVATION_EXPIRED` means that nothing is \
             left to release: treat it as success.",
        takes: Takes::Body(of::<ReleaseIn>(), examples::release),
        gives: gives::<Released>(&[(200, "Released, now or before")], examples::released),
        codes: &[
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationExpired,
        ],
    },
    Row {
        operation: "quote-cancellation",
        description: "What the booking's cancellation policy gives back now. Nothing is changed.",
        takes: Takes::Query(of::<QuoteCancellationIn>(), examples::no_query),
        gives: gives::<QuoteView>(&[(200, "What goes back")], examples::quote),
        codes: &[Code::BookingNotFound, Code::BookingNotConfirmed, Code::SeatNotFound],
    },
    Row {
        operation: "cancel-booking",
        description: "Cancels some or all seats of a booking. The seats are free at once, and the \
             refund is on record: `refunds` says how far it is. Repeating the request is safe.",
        takes: Takes::Body(of::<CancelBookingIn>(), examples::cancel_booking),
        gives: gives::<BookingView>(
            &[(200, "Cancelled, now or before")],
            examples::cancelled_booking,
        ),
        codes: &[
            Code::BookingNotFound,
            Code::BookingNotConfirmed,
            Code::SeatNotFound,
            Code::CancellationNotAllowed,
            Code::RefundChanged,
            Code::PaymentDisputed,
        ],
    },
    Row {
        operation: "list-bookings",
        description: "The caller's bookings in this app, newest first, in every status.",
        takes: Takes::Query(of::<ListBookingsIn>(), examples::page_query),
        gives: gives::<BookingPage>(&[(200, "A page of bookings")], examples::bookings),
        codes: &[],
    },
    Row {
        operation: "get-booking",
        description: "A booking of the caller in this app. Another user's booking and a malformed \
             id return 404.",
        takes: Takes::Nothing,
        gives: gives::<BookingView>(&[(200, "The booking")], examples::booking),
        codes: &[Code::BookingNotFound],
    },
    Row {
        operation: "signup",
        description: "The account works in all apps. The token works only in this one.",
        takes: Takes::Body(of::<SignupIn>(), examples::signup),
        gives: always(
            gives::<TokenView>(&[(201, "Signed up, and signed in")], examples::new_user_token),
            "UserToken",
            &["user"],
        ),
        codes: &[Code::EmailTaken],
    },
    Row {
        operation: "login",
        description: "An unknown address and a wrong password get the same response after the same \
             time. Too many wrong passwords for one account return 429.",
        takes: Takes::Body(of::<SignIn>(), examples::sign_in),
        gives: always(
            gives::<TokenView>(&[(200, "Signed in")], examples::user_token),
            "UserToken",
            &["user"],
        ),
        codes: &[Code::InvalidCredentials],
    },
    Row {
        operation: "admin-login",
        description: "Too many wrong passwords for one account return 429. While Redis is \
             unavailable, the response is 503.",
        takes: Takes::Body(of::<SignIn>(), examples::admin_sign_in),
        gives: gives::<TokenView>(&[(200, "Signed in")], examples::admin_token),
        codes: &[Code::InvalidCredentials, Code::RateLimited],
    },
    Row {
        operation: "register-app",
        description: "The API key is shown only in this response. Without `appId`, one is \
             generated. `allowedDomains` may be empty only with `allowServerRequests: true`.",
        takes: Takes::Body(of::<RegisterIn>(), examples::register),
        gives: always(
            gives::<AppView>(&[(201, "Registered")], examples::new_app),
            "NewApp",
            &["apiKey"],
        ),
        codes: &[Code::AppAlreadyExists],
    },
    Row {
        operation: "list-apps",
        description: "Oldest first. API keys are not shown.",
        takes: Takes::Query(of::<ListAppsIn>(), examples::page_query),
        gives: gives::<AppList>(&[(200, "A page of the tenants")], examples::apps),
        codes: &[],
    },
    Row {
        operation: "update-app",
        description: "Send at least one field. `isActive: false` switches the app off: its next \
             request gets `APP_INACTIVE`. While Redis is unavailable, this takes up to 5 s.",
        takes: Takes::Body(of::<UpdateIn>(), examples::update),
        gives: gives::<AppView>(&[(200, "Changed")], examples::app),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "rotate-key",
        description: "The new key is shown only in this response. The old key works for \
             `overlapSeconds` more, also if the key is rotated again meanwhile. Without an overlap, \
             every older key ends at once. Five keys can be valid at a time. The body may be omitted.",
        takes: Takes::OptionalBody(of::<RotateIn>(), examples::rotate),
        gives: gives::<NewKey<'static>>(&[(200, "The new key")], examples::new_key),
        codes: &[Code::AppNotFound, Code::TooManyKeys],
    },
    Row {
        operation: "put-payments",
        description: "Stripe needs `secretKey`, `publishableKey` and `webhookSecret`; Razorpay \
             needs `keyId`, `keySecret` and `webhookSecret`. Register the URL in the response at \
             the provider. Replaced keys are kept for the payments that were made with them.",
        takes: Takes::Body(of::<PutPaymentsIn>(), examples::put_payments),
        gives: gives::<PaymentSetupView>(&[(200, "Set")], examples::payment_setup),
        codes: &[Code::AppNotFound, Code::LimitReached, Code::PaymentsNotConfigured],
    },
    Row {
        operation: "get-payments",
        description: "No secret is ever shown.",
        takes: Takes::Nothing,
        gives: gives::<PaymentSetupView>(&[(200, "The provider")], examples::payment_setup),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "list-entity-settings",
        description: "By `startsAt`; those without a date come last. Entities that exist only \
             through their seats are not listed.",
        takes: Takes::Query(of::<ListEntitySettingsIn>(), examples::page_query),
        gives: gives::<EntitySettingsPage>(
            &[(200, "A page of entities")],
            examples::entity_settings_page,
        ),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "get-entity-settings",
        description: "The header `etag` has the version, for `If-Match`.",
        takes: Takes::Nothing,
        gives: gives::<EntitySettingsView>(&[(200, "The entity")], examples::entity_settings),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "put-entity",
        description: "Omitted fields are cleared, but for `state` and `currency`, which stay. \
             With `If-Match: \"<version>\"` only that version is replaced; with `If-Match: *` only \
             an entity that exists.",
        takes: Takes::Body(of::<PutEntityIn>(), examples::put_entity),
        gives: gives::<EntitySettingsView>(
            &[(201, "Created"), (200, "Replaced")],
            examples::entity_settings,
        ),
        codes: &[Code::AppNotFound, Code::PreconditionFailed],
    },
    Row {
        operation: "patch-entity",
        description: "Omitted fields stay as they are; `null` clears an optional one. A change of \
             `state` is in force at once. `If-Match` works as with PUT.",
        takes: Takes::Body(of::<PatchEntityIn>(), examples::patch_entity),
        gives: gives::<EntitySettingsView>(&[(200, "Changed")], examples::entity_settings),
        codes: &[Code::AppNotFound, Code::EntityNotFound, Code::PreconditionFailed],
    },
    Row {
        operation: "delete-entity",
        description: "Deletes the settings and the seats. It is refused once a seat was held.",
        takes: Takes::Nothing,
        gives: gives::<DeletedEntity>(&[(200, "Deleted")], examples::deleted_entity),
        codes: &[
            Code::AppNotFound,
            Code::EntityNotFound,
            Code::EntityInUse,
            Code::PreconditionFailed,
        ],
    },
    Row {
        operation: "rotate-feed-key",
        description: "Replaces the key of the entity's public seat feed. The old one leads nowhere \
             any more, but caches may keep the list of seats that they have.",
        takes: Takes::Nothing,
        gives: gives::<NewFeedKey>(&[(200, "Replaced")], examples::new_feed_key),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "cancel-entity",
        description: "The entity is CANCELLED at once: nothing can be held any more, and no hold can \
             be confirmed. Within a minute a worker ends the holds, and cancels and refunds every \
             booking, without a fee; `cancelling` shows how far it is. Payments that were under way \
             are paid back in full. Repeating the call is safe, and starts the worker again.",
        takes: Takes::Body(of::<CancelEntityIn>(), examples::cancel_entity),
        gives: gives::<EntitySettingsView>(
            &[(202, "The entity is cancelled, and its bookings will be")],
            examples::cancelled_entity,
        ),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "get-feed",
        description: "The states of all seats, without an envelope, for any page. \
             `access-control-allow-origin` is `*`, and caches keep the response for a second. With \
             the `ETag` in `If-None-Match`, unchanged states are a 304. Query parameters are \
             ignored.\n\n\
             Ask again after `refreshMs` and a random part more, and not while the page is hidden. \
             Drop a response with a smaller `seq` of the same `epoch`: a cache may be behind.",
        takes: Takes::Nothing,
        gives: bare::<FeedView>(
            &[(200, "The states"), (304, "The states are those of `If-None-Match`")],
            examples::feed,
        ),
        codes: &[Code::FeedNotFound],
    },
    Row {
        operation: "get-feed-seats",
        description: "The seats in the order of the feed's states, without an envelope. A version of \
             the list never changes, so caches keep it. It always has gzip; a client that refuses \
             gzip gets at most 4 MB. Other query parameters are ignored.",
        takes: Takes::Query(of::<FeedSeatsIn>(), examples::feed_seats_query),
        gives: bare::<FeedSeatsView<'static>>(&[(200, "The seats")], examples::feed_seats),
        codes: &[Code::FeedNotFound, Code::FeedVersionGone, Code::NotAcceptable],
    },
    Row {
        operation: "list-layouts",
        description: "In the order of their ids, each with its newest version and without its plan.",
        takes: Takes::Query(of::<ListLayoutsIn>(), examples::page_query),
        gives: gives::<LayoutPage>(&[(200, "A page of layouts")], examples::layout_page),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "get-layout",
        description: "The newest version, or the one of the parameter `version`. Send \
             `accept-encoding: gzip`: a plan that is too long without it is sent with gzip anyway.",
        takes: Takes::Query(of::<GetLayoutIn>(), examples::layout_query),
        gives: gives::<LayoutView>(&[(200, "The layout")], examples::layout),
        codes: &[Code::AppNotFound, Code::LayoutNotFound],
    },
    Row {
        operation: "put-layout",
        description: "Stores a new version. Versions do not change, and entities that have seats \
             keep theirs. The body may have 2 MiB.",
        takes: Takes::Body(of::<LayoutDocument>(), examples::put_layout),
        gives: gives::<LayoutVersionView>(
            &[(201, "The first version is stored"), (200, "A new version is stored")],
            examples::layout_version,
        ),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "import-layout",
        description: "Stores a new version, as PUT does. What cannot be read is named, and then \
             nothing is stored. The body may have 4 MiB. A spreadsheet has the columns `section`, \
             `row`, `number`, `x`, `y`, `category` and `flags`; docs/VENUES.md describes them.",
        takes: Takes::File(
            of::<ImportLayoutIn>(),
            examples::import_query,
            File {
                json_description: "A seating plan of pretix.",
                json: examples::pretix_plan,
                text: ("text/csv", "A spreadsheet in UTF-8 or windows-1252."),
                text_example: examples::spreadsheet,
            },
        ),
        gives: gives::<LayoutVersionView>(
            &[(201, "The first version is stored"), (200, "A new version is stored")],
            examples::layout_version,
        ),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "list-entities",
        description: "By `startsAt`; those without a date come last. Without `from`, those that are \
             not over. Nobody need be signed in.",
        takes: Takes::Query(of::<ListEntitiesIn>(), examples::page_query),
        gives: gives::<EntityPage>(&[(200, "A page of entities")], examples::entity_page),
        codes: &[],
    },
    Row {
        operation: "get-entity",
        description: "Nobody need be signed in.",
        takes: Takes::Nothing,
        gives: always(
            gives::<EntityView>(&[(200, "The entity")], examples::listed_entity),
            "EntityWithSections",
            &["sections"],
        ),
        codes: &[Code::EntityNotFound],
    },
    Row {
        operation: "create-secret-key",
        description: "A secret key authenticates the tenant's own server, as a bearer token. It must \
             never be in a page. The key is shown only in this response. An app has at most 10.",
        takes: Takes::Body(of::<CreateSecretKeyIn>(), examples::create_secret_key),
        gives: gives::<NewSecretKey<'static>>(&[(201, "The new key")], examples::new_secret_key),
        codes: &[Code::AppNotFound, Code::LimitReached],
    },
    Row {
        operation: "list-secret-keys",
        description: "Oldest first. The keys themselves are not shown.",
        takes: Takes::Nothing,
        gives: gives::<SecretKeyList>(&[(200, "The keys")], examples::secret_keys),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "delete-secret-key",
        description: "The key stops working within 5 s, and at its next request while Redis is up.",
        takes: Takes::Nothing,
        gives: gives::<DeletedSecretKey>(&[(200, "Deleted")], examples::deleted_secret_key),
        codes: &[Code::AppNotFound, Code::SecretKeyNotFound],
    },
    Row {
        operation: "list-entity-seats",
        description: "In natural order. A sold seat has `bookingId`, and a held one has `expiresAt`.",
        takes: Takes::Query(of::<ListEntitySeatsIn>(), examples::page_query),
        gives: gives::<EntitySeatPage<'static>>(
            &[(200, "A page of seats")],
            examples::entity_seats,
        ),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "create-layout-seats",
        description: "Makes all seats of the entity from the newest version of the layout, each \
             with the price of its category. A call that runs out of time answers 202. Nobody can \
             hold the entity's seats until the same call, repeated, answers 201. Once all seats \
             exist, a repeat answers 200. For another layout or version it is 409.",
        takes: Takes::Body(of::<CreateLayoutSeatsIn>(), examples::create_layout_seats),
        gives: gives::<CreatedLayoutSeats>(
            &[
                (201, "All seats exist now"),
                (200, "The seats exist"),
                (202, "Some seats are missing: repeat the call"),
            ],
            examples::created_layout_seats,
        ),
        codes: &[
            Code::AppNotFound,
            Code::EntityNotFound,
            Code::LayoutNotFound,
            Code::SeatAlreadyExists,
        ],
    },
    Row {
        operation: "patch-seats",
        description: "A sold seat keeps its price, and a held one has the new price for later \
             holds. With `forSale: false` nobody can hold the seats; a hold that lives can still \
             be confirmed. `null` clears an optional field. A repeat changes nothing more.",
        takes: Takes::Body(of::<PatchSeatsIn>(), examples::patch_seats),
        gives: gives::<ChangedSeats>(&[(200, "Changed")], examples::changed_seats),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "remove-seats",
        description: "Removes the seats that are neither sold nor held. A repeat removes nothing \
             more.",
        takes: Takes::Body(of::<RemoveSeatsIn>(), examples::remove_seats),
        gives: gives::<RemovedSeats>(&[(200, "Removed")], examples::removed_seats),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "create-seats",
        description: "Creates 1 to 1,000 seats, all or none. An entity has one currency. If one of \
             the seats exists, the response is 409 and nothing is created.",
        takes: Takes::Body(of::<CreateSeatsIn>(), examples::create_seats),
        gives: gives::<CreatedSeats>(&[(201, "Created")], examples::created_seats),
        codes: &[Code::AppNotFound, Code::SeatAlreadyExists],
    },
    Row {
        operation: "list-all-bookings",
        description: "Newest first. `from` is inclusive, `to` is exclusive. `status=REFUND_DUE` \
             lists the payments to refund.",
        takes: Takes::Query(of::<ListAllBookingsIn>(), examples::all_bookings_query),
        gives: gives::<BookingPage>(
            &[(200, "A page of bookings, each with `appId` and `userId`")],
            examples::all_bookings,
        ),
        codes: &[],
    },
    Row {
        operation: "get-any-booking",
        description: "The booking as in `GET /admin/bookings`, and what admins did to it.",
        takes: Takes::Nothing,
        gives: any_booking(&[(200, "The booking")]),
        codes: &[Code::BookingNotFound],
    },
    Row {
        operation: "cancel-any-booking",
        description: "Cancels some or all seats of a booking, whatever its policy says. The seats \
             are free at once. Seats that are cancelled already are ignored, so repeating the \
             request changes nothing.",
        takes: Takes::Body(of::<AdminCancelIn>(), examples::admin_cancel),
        gives: any_booking(&[(200, "Cancelled, now or before")]),
        codes: &[
            Code::BookingNotFound,
            Code::BookingNotConfirmed,
            Code::SeatNotFound,
            Code::PaymentDisputed,
        ],
    },
    Row {
        operation: "refund-booking",
        description: "Gives back a part of the payment, and cancels nothing: at most what is left \
             of the payment. It is rounded up to what the provider can pay. A `REFUND_DUE` booking \
             of an earlier version is given back this way.",
        takes: Takes::Body(of::<RefundBookingIn>(), examples::refund_booking),
        gives: gives::<RefundView>(&[(201, "The refund is on record")], examples::refund),
        codes: &[Code::BookingNotFound, Code::BookingNotConfirmed, Code::PaymentDisputed],
    },
    Row {
        operation: "list-refunds",
        description: "Newest first. `from` is inclusive, `to` is exclusive. `status=FAILED` also \
             lists those with `retriedBy`, which need no attention.",
        takes: Takes::Query(of::<ListRefundsIn>(), examples::refunds_query),
        gives: gives::<RefundPage>(&[(200, "A page of refunds")], examples::refunds),
        codes: &[],
    },
    Row {
        operation: "retry-refund",
        description: "Makes a FAILED refund again, as a new refund. Each of the two names the \
             other. The old one keeps its status.",
        takes: Takes::OptionalBody(of::<RetryRefundIn>(), examples::retry_refund),
        gives: gives::<RefundView>(&[(201, "The new refund")], examples::retried_refund),
        codes: &[Code::RefundNotFound, Code::RefundNotFailed, Code::PaymentDisputed],
    },
    Row {
        operation: "settle-refund",
        description: "Records that a FAILED refund was paid by hand. It becomes SUCCEEDED.",
        takes: Takes::Body(of::<SettleRefundIn>(), examples::settle_refund),
        gives: gives::<RefundView>(&[(200, "Settled")], examples::settled_refund),
        codes: &[Code::RefundNotFound, Code::RefundNotFailed, Code::PaymentDisputed],
    },
    Row {
        operation: "analytics",
        description: "Counts what was made from `from` (inclusive) to `to` (exclusive). `bookings` \
             and `revenue` count only CONFIRMED bookings.",
        takes: Takes::Query(of::<AnalyticsIn>(), examples::analytics_query),
        gives: gives::<Report>(&[(200, "The figures")], examples::analytics),
        codes: &[],
    },
    Row {
        operation: "health",
        description: "When MongoDB is down, the response is 503 and `details` has the same fields. \
             `degraded` means that only Redis is down: everything works, but slower.",
        takes: Takes::Nothing,
        gives: gives::<HealthView>(&[(200, "`ok` or `degraded`")], examples::health),
        codes: &[],
    },
];
