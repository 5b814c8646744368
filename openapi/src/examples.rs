//! Examples of request and response bodies. A test checks each against its type or schema.

mod bookings;
mod entities;
mod feed;
mod layouts;
mod payments;
mod refunds;
mod tenants;
mod webhooks;

pub(crate) use bookings::{
    all_bookings, booking, bookings, cancel_booking, cancelled_booking, confirm, hold, holds,
    quote, release, released, reserve,
};
pub(crate) use entities::{
    cancel_entity, cancelled_entity, changed_seats, create_layout_seats, created_layout_seats,
    deleted_entity, entity_page, entity_seats, entity_settings, entity_settings_page,
    listed_entity, new_feed_key, patch_entity, patch_seats, put_entity, remove_seats,
    removed_seats,
};
pub(crate) use feed::{feed, feed_seats, feed_seats_query};
pub(crate) use layouts::{
    import_query, layout, layout_page, layout_query, layout_version, pretix_plan, put_layout,
    spreadsheet,
};
pub(crate) use payments::{
    event_handled, payment_setup, put_payments, start_payment, started_payment,
};
use refunds::{FAILED_REFUND, REFUND};
pub(crate) use refunds::{
    admin_cancel, any_booking, refund, refund_booking, refunds, refunds_query, retried_refund,
    retry_refund, settle_refund, settled_refund,
};
use serde_json::{Value, json};
use shared::{
    error::{Code, Conflict, Error},
    http::routes::Route,
};
pub(crate) use tenants::{
    app, apps, create_secret_key, deleted_secret_key, new_app, new_key, new_secret_key, register,
    rotate, secret_keys, update,
};
pub(crate) use webhooks::{
    create_webhook, deleted_webhook, deliveries, new_webhook, new_webhook_secret, patch_webhook,
    recover_webhook, recovered_deliveries, rotate_webhook_secret, started_delivery, webhook,
    webhooks,
};

/// The `requestId` of the examples.
pub const REQUEST_ID: &str = "1f0c2a9e-6f0e-4f1c-9a54-0d6f0d6f2b11";

const APP: &str = "event-app-prod";
const ENTITY: &str = "hall-1";
const NEW_ENTITY: &str = "hall-2";
const FEED_KEY: &str = "1kPq3vXz8RtBw5YdN0aJcE";
const SEATS: [&str; 2] = ["65b0c0ffee0123456789abcd", "65b0c0ffee0123456789abcf"];
const USER: &str = "65b0c0ffee0123456789abce";
const TOKEN: &str = "0b0e4c0e-8c0f-4f51-9d7b-6a6f3f4f1c2d";
const PAID_TOKEN: &str = "9f4b3a58-0c52-4f0c-9f5e-3c1d7b8a6e24";
const RELEASED_TOKEN: &str = "5d1f6a72-3c84-4b0e-8f57-2f9f0c6f7a31";
const PAYMENT: &str = "pay_7Hq2";
const BOOKING: &str = "BK-20260122-7K2M9QX4TB";
const EMAIL: &str = "asha@example.com";
const NEW_EMAIL: &str = "ravi@example.com";
const PASSWORD: &str = "a long enough one";
const ADMIN_EMAIL: &str = "admin@example.com";
const ADMIN_PASSWORD: &str = "the admin's long one";
/// The three parts of a JWT, with a signature that is not valid.
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI2NWIwIn0.c2lnbmF0dXJl";
/// It has the form of an API key, but its checksum is wrong, so it cannot be a real one.
const KEY: &str = "ubk_0000000000000000000000000000000000000example";

/// What an example names and the example events need for real, and the event's placeholder for it.
/// `events/README.md` says what the placeholders stand for.
pub(crate) const PLACEHOLDERS: &[(&str, &str)] = &[
    (APP, "APP_ID"),
    (ENTITY, "ENTITY_ID"),
    (NEW_ENTITY, "NEW_ENTITY_ID"),
    (SEATS[0], "SEAT_ID"),
    (SEATS[1], "SEAT_ID_2"),
    (TOKEN, "RESERVATION_TOKEN"),
    (RELEASED_TOKEN, "RELEASE_TOKEN"),
    (PAID_TOKEN, "PAYMENT_TOKEN"),
    (PAYMENT, "PAYMENT_ID"),
    (BOOKING, "BOOKING_ID"),
    (KEY_ID, "SECRET_KEY_ID"),
    (FAILED_REFUND, "FAILED_REFUND_ID"),
    (REFUND, "SETTLED_REFUND_ID"),
    (DELETED_ENTITY, "DELETED_ENTITY_ID"),
    (LISTED_ENTITY, "LISTED_ENTITY_ID"),
    (CANCELLED_ENTITY, "CANCELLED_ENTITY_ID"),
    (FEED_KEY, "FEED_KEY"),
    (LAYOUT, "LAYOUT_ID"),
    (NEW_LAYOUT, "NEW_LAYOUT_ID"),
    (IMPORTED_LAYOUT, "IMPORTED_LAYOUT_ID"),
    (webhooks::WEBHOOK, "WEBHOOK_ID"),
    (webhooks::DELETED_WEBHOOK, "DELETED_WEBHOOK_ID"),
    (webhooks::DELIVERY, "DELIVERY_ID"),
    (EMAIL, "USER_EMAIL"),
    (NEW_EMAIL, "NEW_EMAIL"),
    (PASSWORD, "USER_PASSWORD"),
    (ADMIN_EMAIL, "ADMIN_EMAIL"),
    (ADMIN_PASSWORD, "ADMIN_PASSWORD"),
];

/// Entities with settings: one that an event deletes, one that it cancels, and one that stays.
const DELETED_ENTITY: &str = "hall-3";
const CANCELLED_ENTITY: &str = "hall-5";
const LISTED_ENTITY: &str = "hall-4";
/// A layout that exists, and two that do not.
const LAYOUT: &str = "great-hall";
const NEW_LAYOUT: &str = "small-hall";
const IMPORTED_LAYOUT: &str = "open-air";
const KEY_ID: &str = "65b0c0ffee0123456789abd0";
/// It has the form of a secret key, but its checksum is wrong, so it cannot be a real one.
const SECRET_KEY: &str = "ubs_0000000000000000000000000000000000000example";

type Examples = Vec<(&'static str, Value)>;

/// The parameters of a route's path, each with an example.
pub fn path_parameters(route: &Route) -> Vec<(&'static str, &'static str)> {
    let names =
        route.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let example = |name| match name {
        "appId" => APP,
        "provider" => "stripe",
        "entityId" if route.method == "PUT" => NEW_ENTITY,
        "entityId" if route.method == "DELETE" => DELETED_ENTITY,
        "entityId" if route.path.ends_with("/cancel") => CANCELLED_ENTITY,
        "entityId" => LISTED_ENTITY,
        "layoutId" if route.method == "PUT" => NEW_LAYOUT,
        "layoutId" if route.method == "POST" => IMPORTED_LAYOUT,
        "layoutId" => LAYOUT,
        "keyId" => KEY_ID,
        "bookingId" => BOOKING,
        "refundId" if route.path.ends_with("/settle") => REFUND,
        "refundId" => FAILED_REFUND,
        "feedKey" => FEED_KEY,
        "webhookId" if route.method == "DELETE" => webhooks::DELETED_WEBHOOK,
        "webhookId" => webhooks::WEBHOOK,
        "deliveryId" => webhooks::DELIVERY,
        _ => "",
    };
    names.map(|name| (name, example(name))).collect()
}

pub(crate) fn page_query() -> Value {
    json!({"limit": 20})
}

pub(crate) fn no_query() -> Value {
    json!({})
}

pub(crate) fn seats_query() -> Value {
    json!({"entityId": ENTITY})
}

pub(crate) fn all_bookings_query() -> Value {
    json!({"appId": APP, "status": "CONFIRMED", "from": "2026-01-01T00:00:00.000Z", "limit": 20})
}

pub(crate) fn analytics_query() -> Value {
    json!({"appId": APP, "from": "2026-01-01T00:00:00.000Z"})
}

pub(crate) fn sign_in() -> Examples {
    vec![("sign in", json!({"email": EMAIL, "password": PASSWORD}))]
}

pub(crate) fn admin_sign_in() -> Examples {
    vec![("sign in", json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}))]
}

pub(crate) fn signup() -> Examples {
    let signup = json!({"email": NEW_EMAIL, "password": PASSWORD, "name": "Ravi Rao"});
    vec![
        ("with a telephone number", with(signup.clone(), json!({"phone": "+91 98765 43210"}))),
        ("without a telephone number", signup),
    ]
}

pub(crate) fn new_user_token() -> Examples {
    let user = json!({"userId": USER, "email": NEW_EMAIL, "name": "Ravi Rao"});
    token(with(user, json!({"phone": "+91 98765 43210"})))
}

pub(crate) fn user_token() -> Examples {
    token(json!({"userId": USER, "email": EMAIL, "name": "Asha Rao"}))
}

fn token(user: Value) -> Examples {
    let token = json!({"token": JWT, "tokenType": "Bearer", "expiresIn": 604_800, "user": user});
    vec![("a user", token)]
}

pub(crate) fn admin_token() -> Examples {
    vec![("the admin", json!({"token": JWT, "tokenType": "Bearer", "expiresIn": 86_400}))]
}

fn seat(id: &str, number: &str) -> Value {
    json!({
        "seatId": id, "seatNumber": number, "price": 45_000, "currency": "INR",
        "metadata": {"tier": "gold"},
    })
}

pub(crate) fn seats() -> Examples {
    let free = json!([seat(SEATS[0], "A2"), seat(SEATS[1], "A10")]);
    let held =
        with(seat(SEATS[0], "A2"), json!({"status": "LOCKED", "expiresIn": 87, "mine": true}));
    let sold = with(seat(SEATS[1], "A10"), json!({"status": "BOOKED"}));
    vec![
        ("available seats", json!({"entityId": ENTITY, "seats": free, "nextCursor": "IkEwMTEwIg"})),
        ("the whole map", json!({"entityId": ENTITY, "seats": [held, sold]})),
    ]
}

/// `object` with more fields.
fn with(mut object: Value, more: Value) -> Value {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}

pub(crate) fn create_seats() -> Examples {
    let seats = json!([
        {"seatNumber": "A1", "price": 45_000, "metadata": {"tier": "gold"}},
        {
            "seatNumber": "A2", "price": 45_000, "section": "stalls", "row": "A",
            "category": "gold", "flags": ["aisle"],
        },
    ]);
    vec![(
        "two seats",
        json!({"appId": APP, "entityId": NEW_ENTITY, "currency": "INR", "seats": seats}),
    )]
}

pub(crate) fn created_seats() -> Examples {
    vec![("one seat", json!({"created": 1, "seats": [seat(SEATS[0], "A1")]}))]
}

pub(crate) fn analytics() -> Examples {
    let figures = json!({
        "domain": "EVENT",
        "reservations": {"active": 3, "confirmed": 40, "released": 5, "expired": 12},
        "bookings": 40, "revenue": [{"currency": "INR", "amount": 1_800_000}],
        "failedPayments": 2, "refundsDue": 0, "conversion": 0.666_666_666_666_666_6,
    });
    let app = with(json!({"appId": APP}), figures.clone());
    let entity = with(
        json!({"appId": APP, "entityId": ENTITY, "seats": {"total": 500, "held": 6, "booked": 84}}),
        json!({
            "reservations": figures["reservations"], "bookings": 40, "revenue": figures["revenue"],
            "failedPayments": 2, "refundsDue": 0, "conversion": figures["conversion"],
        }),
    );
    vec![("one tenant", json!({"apps": [app], "domains": [figures], "entities": [entity]}))]
}

pub(crate) fn health() -> Examples {
    vec![
        ("all is well", json!({"status": "ok", "mongo": "up", "redis": "up"})),
        ("without Redis", json!({"status": "degraded", "mongo": "up", "redis": "down"})),
    ]
}

/// The error response of `function` with this code.
pub(crate) fn failure(code: Code, function: &str) -> Value {
    let error = match code {
        Code::Validation => Error::field("limit", "must be a whole number from 1 to 100"),
        Code::InvalidJson => Error::invalid_json("it must be an object"),
        Code::SeatAlreadyLocked => Error::conflicts(code, &[Conflict::locked(SEATS[0], 87, false)]),
        Code::SeatAlreadyBooked => Error::conflicts(code, &[Conflict::booked(SEATS[0])]),
        Code::SeatNotForSale => Error::conflicts(code, &[Conflict::not_for_sale(SEATS[0])]),
        Code::SeatAlreadyExists => Error::from(code).with_details(json!({"seatNumbers": ["A1"]})),
        Code::ReservationExpired if function == "confirm" => {
            Error::from(code).with_refund_due(true)
        }
        Code::Internal => Error::internal("not shown"),
        Code::Unavailable if function == "health" => Error::unavailable("not shown")
            .with_details(json!({"status": "down", "mongo": "down", "redis": "up"})),
        Code::Unavailable => Error::unavailable("not shown"),
        Code::LimitReached => Error::from(code).with_details(json!({"limit": 10})),
        Code::NotEnoughSeats => {
            Error::from(code).with_details(json!({"available": 3, "largestAdjacent": 2}))
        }
        Code::PaymentPending => {
            Error::from(code).with_details(json!({"paymentStatus": "processing"}))
        }
        Code::PaymentMismatch => Error::payment_mismatch("amount").with_refund_due(true),
        Code::CancellationNotAllowed => {
            Error::from(code).with_details(json!({"reason": "TOO_LATE"}))
        }
        Code::RefundChanged => Error::from(code).with_details(json!({"refund": 45_000})),
        Code::SeatLimitReached => Error::from(code).with_details(json!({"limit": 6})),
        Code::SalesNotOpen => {
            Error::from(code).with_details(json!({"opensAt": "2026-01-10T09:00:00.000Z"}))
        }
        Code::PayloadTooLarge => Error::new(code, "The body must have at most 65536 bytes"),
        _ => Error::from(code),
    };
    let mut body =
        json!({"code": code.as_str(), "message": error.message(), "requestId": REQUEST_ID});
    if let Some(details) = error.details() {
        body["details"] = details.clone();
    }
    json!({"success": false, "error": body})
}
