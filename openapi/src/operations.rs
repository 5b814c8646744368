//! The table: what each function takes, gives and refuses.

use crate::examples;
use serde_json::Value;
use shared::{
    error::Code,
    inputs::{
        AnalyticsIn, ConfirmIn, CreateSeatsIn, ListAllBookingsIn, ListBookingsIn, ListSeatsIn,
        RegisterIn, ReleaseIn, ReserveIn, RotateIn, SignIn, SignupIn, UpdateIn,
    },
    report::Report,
    views::{
        AppList, AppView, BookingPage, BookingView, CreatedSeats, HealthView, HoldList, HoldView,
        NewKey, Released, SeatPage, TokenView,
    },
};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

/// The groups of operations, in the order in which they are read.
pub const TAGS: &[(&str, &str)] = &[
    (BOOKING, "Find seats, hold them, pay, give them back."),
    (USERS, "One account for all apps."),
    (ADMIN, "For the platform's owner."),
    (HEALTH, "For load balancers."),
];

const BOOKING: &str = "Booking";
const USERS: &str = "Users";
const ADMIN: &str = "Admin";
const HEALTH: &str = "Health";

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Anyone,
    /// The platform's admin.
    Admin,
    /// A tenant's frontend.
    App,
    /// A user in a tenant's frontend.
    User,
}

/// A type's schema, its name, and what it refers to.
#[derive(Clone, Copy)]
pub struct Shape {
    /// The name under `components/schemas`.
    pub name: fn() -> std::borrow::Cow<'static, str>,
    /// The schema itself.
    pub schema: fn() -> RefOr<Schema>,
    /// Those of the types in it.
    pub inner: fn(&mut Vec<(String, RefOr<Schema>)>),
}

const fn of<T: ToSchema>() -> Shape {
    Shape { name: T::name, schema: T::schema, inner: T::schemas }
}

/// Named examples of a body or of an answer's `data`.
pub type Examples = fn() -> Vec<(&'static str, Value)>;

/// What is taken beside the path.
#[derive(Clone, Copy)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// Query parameters: the properties of a type.
    Query(Shape),
    /// A body.
    Body(Shape, Examples),
    /// A body that may be absent, since each of its fields may.
    OptionalBody(Shape, Examples),
}

/// What a success carries.
#[derive(Clone, Copy)]
pub struct Gives {
    /// The type of `data`.
    pub shape: Shape,
    /// Fields that the type has sometimes, and this endpoint always.
    pub always: &'static [&'static str],
    /// Status, and when.
    pub statuses: &'static [(u16, &'static str)],
    /// Examples of `data`.
    pub examples: Examples,
}

/// One operation.
#[derive(Clone, Copy)]
pub struct Row {
    /// The function that answers it: method and path are those of its route.
    pub function: &'static str,
    /// The group that it is in.
    pub tag: &'static str,
    /// In a few words.
    pub summary: &'static str,
    /// What is to be known beside the fields.
    pub description: &'static str,
    /// Who may call.
    pub who: Who,
    /// What is taken.
    pub takes: Takes,
    /// What is given.
    pub gives: Gives,
    /// Whether an `Idempotency-Key` is taken.
    pub once: bool,
    /// The errors that do not follow from the above.
    pub codes: &'static [Code],
}

const fn gives<T: ToSchema>(statuses: &'static [(u16, &'static str)], examples: Examples) -> Gives {
    Gives { shape: of::<T>(), always: &[], statuses, examples }
}

const fn always(gives: Gives, always: &'static [&'static str]) -> Gives {
    Gives { always, ..gives }
}

/// Every operation.
pub const ALL: &[Row] = &[
    Row {
        function: "list-seats",
        tag: BOOKING,
        summary: "List an entity's seats",
        description: "Only the seats that can be reserved now, in natural order of their numbers (A2 before A10). With `include=all` \
                      the whole map, for drawing: each seat also has `status`; a locked one has `expiresIn` and `mine`.\n\n\
                      A listing is a picture of a moment: `POST /reserve-seat` decides. An unknown entity is an empty list.",
        who: Who::User,
        takes: Takes::Query(of::<ListSeatsIn>()),
        gives: gives::<SeatPage>(&[(200, "The seats")], examples::seats),
        once: false,
        codes: &[],
    },
    Row {
        function: "reserve",
        tag: BOOKING,
        summary: "Hold one seat or a basket",
        description: "1 to 10 different seats of one entity: all are held, or none. The price is frozen for the life of the hold. Who holds \
                      exactly these seats already gets the same token again (200): a repeat never makes a hold longer.",
        who: Who::User,
        takes: Takes::Body(of::<ReserveIn>(), examples::reserve),
        gives: gives::<HoldView>(
            &[(201, "The seats are held"), (200, "The caller holds exactly these seats already")],
            examples::hold,
        ),
        once: true,
        codes: &[
            Code::SeatNotFound,
            Code::SeatAlreadyBooked,
            Code::SeatAlreadyLocked,
            Code::HoldLimitReached,
        ],
    },
    Row {
        function: "list-reservations",
        tag: BOOKING,
        summary: "List one's live holds",
        description: "The caller's own in this app: what a page needs after a reload.",
        who: Who::User,
        takes: Takes::Nothing,
        gives: gives::<HoldList>(&[(200, "The holds")], examples::holds),
        once: false,
        codes: &[],
    },
    Row {
        function: "confirm",
        tag: BOOKING,
        summary: "Pay and book",
        description: "A hold and a payment become a booking. On a 503 send the same call again, with the same token and paymentId.\n\n\
                      Money is never silent: on any 4xx, `details.refundDue: true` says that the payment was taken and is recorded \
                      for refund.\n\nPayments are simulated: ids that begin with `pay_fail` are declined, `pay_unavailable` answers 503 and \
                      keeps the hold, every other id is accepted.",
        who: Who::User,
        takes: Takes::Body(of::<ConfirmIn>(), examples::confirm),
        gives: gives::<BookingView>(
            &[(201, "Booked"), (200, "Booked before by the same call")],
            examples::booking,
        ),
        once: true,
        codes: &[
            Code::PaymentFailed,
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationReleased,
            Code::PaymentAlreadyUsed,
            Code::ReservationExpired,
        ],
    },
    Row {
        function: "release",
        tag: BOOKING,
        summary: "Give a hold back",
        description: "Repeating is fine. `RESERVATION_EXPIRED`: nothing is left to release, treat it as done.",
        who: Who::User,
        takes: Takes::Body(of::<ReleaseIn>(), examples::release),
        gives: gives::<Released>(&[(200, "Released, now or before")], examples::released),
        once: true,
        codes: &[
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationExpired,
        ],
    },
    Row {
        function: "list-bookings",
        tag: BOOKING,
        summary: "List one's bookings",
        description: "The caller's own in this app, newest first, of every status.",
        who: Who::User,
        takes: Takes::Query(of::<ListBookingsIn>()),
        gives: gives::<BookingPage>(&[(200, "A page of bookings")], examples::bookings),
        once: false,
        codes: &[],
    },
    Row {
        function: "get-booking",
        tag: BOOKING,
        summary: "Look at one booking",
        description: "One of the caller's own in this app. Another's, and a malformed id, are not found.",
        who: Who::User,
        takes: Takes::Nothing,
        gives: gives::<BookingView>(&[(200, "The booking")], examples::booking),
        once: false,
        codes: &[Code::BookingNotFound],
    },
    Row {
        function: "signup",
        tag: USERS,
        summary: "Open an account",
        description: "The account is shared by all apps; the token works in this one.",
        who: Who::App,
        takes: Takes::Body(of::<SignupIn>(), examples::signup),
        gives: always(
            gives::<TokenView>(&[(201, "Signed up, and signed in")], examples::user_token),
            &["user"],
        ),
        once: false,
        codes: &[Code::EmailTaken],
    },
    Row {
        function: "login",
        tag: USERS,
        summary: "Sign in",
        description: "An unknown address and a wrong password get the same answer in the same time. After too many wrong passwords for one \
                      account: 429.",
        who: Who::App,
        takes: Takes::Body(of::<SignIn>(), examples::sign_in),
        gives: always(gives::<TokenView>(&[(200, "Signed in")], examples::user_token), &["user"]),
        once: false,
        codes: &[Code::InvalidCredentials],
    },
    Row {
        function: "admin-login",
        tag: ADMIN,
        summary: "Sign in as admin",
        description: "After too many wrong passwords for one account: 429. While Redis is out of reach: 503.",
        who: Who::Anyone,
        takes: Takes::Body(of::<SignIn>(), examples::sign_in),
        gives: gives::<TokenView>(&[(200, "Signed in")], examples::admin_token),
        once: false,
        codes: &[Code::InvalidCredentials, Code::RateLimited],
    },
    Row {
        function: "register-app",
        tag: ADMIN,
        summary: "Register a tenant",
        description: "The API key is shown this once. `appId` is made when absent; `allowedDomains` may be empty only with \
                      `allowServerRequests: true`.",
        who: Who::Admin,
        takes: Takes::Body(of::<RegisterIn>(), examples::register),
        gives: always(gives::<AppView>(&[(201, "Registered")], examples::new_app), &["apiKey"]),
        once: false,
        codes: &[Code::AppAlreadyExists],
    },
    Row {
        function: "list-apps",
        tag: ADMIN,
        summary: "List the tenants",
        description: "Without keys.",
        who: Who::Admin,
        takes: Takes::Nothing,
        gives: gives::<AppList>(&[(200, "All tenants")], examples::apps),
        once: false,
        codes: &[],
    },
    Row {
        function: "update-app",
        tag: ADMIN,
        summary: "Change a tenant, or switch it off",
        description: "At least one field. `isActive: false` is the kill switch: `APP_INACTIVE` from the app's next request, within 5 s when \
                      Redis is down.",
        who: Who::Admin,
        takes: Takes::Body(of::<UpdateIn>(), examples::update),
        gives: gives::<AppView>(&[(200, "Changed")], examples::app),
        once: false,
        codes: &[Code::AppNotFound],
    },
    Row {
        function: "rotate-key",
        tag: ADMIN,
        summary: "Make a new API key",
        description: "The key is shown this once. The old one works for `overlapSeconds` more. The body may be absent.",
        who: Who::Admin,
        takes: Takes::OptionalBody(of::<RotateIn>(), examples::rotate),
        gives: gives::<NewKey<'static>>(&[(200, "The new key")], examples::new_key),
        once: false,
        codes: &[Code::AppNotFound],
    },
    Row {
        function: "create-seats",
        tag: ADMIN,
        summary: "Create an entity's seats",
        description: "1 to 1,000, all or none. An entity has one currency. Sent again, a list changes nothing: seats that exist stay as they \
                      are.",
        who: Who::Admin,
        takes: Takes::Body(of::<CreateSeatsIn>(), examples::create_seats),
        gives: gives::<CreatedSeats>(&[(201, "Created")], examples::created_seats),
        once: true,
        codes: &[Code::AppNotFound, Code::SeatAlreadyExists],
    },
    Row {
        function: "list-all-bookings",
        tag: ADMIN,
        summary: "List all bookings",
        description: "Newest first, made in [`from`, `to`). `status=REFUND_DUE` is the list of money to give back.",
        who: Who::Admin,
        takes: Takes::Query(of::<ListAllBookingsIn>()),
        gives: gives::<BookingPage>(
            &[(200, "A page of bookings, each with `appId` and `userId`")],
            examples::all_bookings,
        ),
        once: false,
        codes: &[],
    },
    Row {
        function: "analytics",
        tag: ADMIN,
        summary: "Figures per app and per domain",
        description: "Of what was made in [`from`, `to`). `bookings` and `revenue` count CONFIRMED.",
        who: Who::Admin,
        takes: Takes::Query(of::<AnalyticsIn>()),
        gives: gives::<Report>(&[(200, "The figures")], examples::analytics),
        once: false,
        codes: &[],
    },
    Row {
        function: "health",
        tag: HEALTH,
        summary: "Whether anything can be sold",
        description: "503 with the same fields in `details` when MongoDB is down; `degraded` when only Redis is: everything works, slower.",
        who: Who::Anyone,
        takes: Takes::Nothing,
        gives: gives::<HealthView>(&[(200, "`ok` or `degraded`")], examples::health),
        once: false,
        codes: &[],
    },
];
