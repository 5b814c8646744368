//! What answers show of what is stored: the contract's objects, field by field.

use crate::{
    booking::SeatState,
    clock::{own_seconds, rfc3339},
    domain::{AppId, BookingId, Currency, Domain, EntityId, Metadata, Name, PaymentId, ReservationToken, SeatNumber},
    store::{
        apps::App,
        bookings::{Booking, BookingCursor, BookingStatus, PaymentStatus},
        reservations::Hold,
        seats::Seat,
        users::User,
    },
};
use mongodb::bson::oid::ObjectId;
use serde::Serialize;

/// A tenant, without any hash.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppView {
    app_id: AppId,
    name: Name,
    domain: Domain,
    allowed_domains: Vec<String>,
    allow_server_requests: bool,
    is_active: bool,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
}

impl AppView {
    /// The app, with the key that was just made for it.
    #[must_use]
    pub fn with_key(mut self, key: &crate::auth::api_key::ApiKey) -> Self {
        self.api_key = Some(key.expose().to_owned());
        self
    }
}

impl From<App> for AppView {
    fn from(app: App) -> Self {
        Self {
            app_id: app.app_id,
            name: app.name,
            domain: app.domain,
            allowed_domains: app.allowed_domains,
            allow_server_requests: app.allow_server_requests,
            is_active: app.is_active,
            created_at: rfc3339(app.created_at),
            updated_at: rfc3339(app.updated_at),
            api_key: None,
        }
    }
}

/// A bearer token, and how long it lasts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UserView {
    user_id: String,
    email: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

impl TokenView {
    /// An admin's token.
    pub fn admin(token: String) -> Self {
        Self { token, token_type: "Bearer", expires_in: crate::auth::jwt::ADMIN_SECONDS, user: None }
    }

    /// A user's token.
    pub fn user(token: String, user: &User) -> Self {
        let user = UserView {
            user_id: user.id.to_hex(),
            email: user.email.as_str().to_owned(),
            name: user.name.as_str().to_owned(),
            phone: user.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        };
        Self { token, token_type: "Bearer", expires_in: crate::auth::jwt::USER_SECONDS, user: Some(user) }
    }
}

/// A seat; with its state where the whole map was asked for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatView {
    seat_id: String,
    seat_number: SeatNumber,
    price: i64,
    currency: Currency,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mine: Option<bool>,
}

impl SeatView {
    /// The same seat, saying how it stands.
    #[must_use]
    pub fn with_state(mut self, state: SeatState) -> Self {
        self.status = Some(match state {
            SeatState::Available => "AVAILABLE",
            SeatState::Locked { .. } => "LOCKED",
            SeatState::Booked => "BOOKED",
        });
        if let SeatState::Locked { expires_in, mine } = state {
            (self.expires_in, self.mine) = (Some(expires_in), Some(mine));
        }
        self
    }
}

impl From<Seat> for SeatView {
    fn from(seat: Seat) -> Self {
        Self {
            seat_id: seat.id.to_hex(),
            seat_number: seat.seat_number,
            price: seat.price,
            currency: seat.currency,
            metadata: seat.metadata,
            status: None,
            expires_in: None,
            mine: None,
        }
    }
}

/// A hold; its entity where the page that shows it may not know.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HoldView {
    reservation_token: ReservationToken,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_id: Option<EntityId>,
    seat_ids: Vec<String>,
    expires_at: String,
    expires_in: u64,
    price: i64,
    currency: Currency,
}

impl HoldView {
    /// The hold, naming its entity.
    pub fn with_entity(hold: Hold) -> Self {
        Self { entity_id: Some(hold.entity_id.clone()), ..hold.into() }
    }
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        Self {
            reservation_token: hold.reservation_token,
            entity_id: None,
            seat_ids: hexes(&hold.seat_ids),
            expires_at: rfc3339(hold.expires_at),
            expires_in: own_seconds(hold.remaining_ms()),
            price: hold.amount,
            currency: hold.currency,
        }
    }
}

/// A booking; whose it is, for the admin.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BookingView {
    booking_id: BookingId,
    entity_id: EntityId,
    seat_ids: Vec<String>,
    reservation_token: ReservationToken,
    amount: i64,
    currency: Currency,
    payment_id: PaymentId,
    payment_status: PaymentStatus,
    status: BookingStatus,
    booking_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<AppId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

impl BookingView {
    /// The booking as the platform's admin sees it.
    pub fn for_admin(booking: Booking) -> Self {
        let (app, user) = (booking.app_id.clone(), booking.user_id.to_hex());
        Self { app_id: Some(app), user_id: Some(user), ..booking.into() }
    }
}

impl From<Booking> for BookingView {
    fn from(booking: Booking) -> Self {
        Self {
            booking_id: booking.booking_id,
            entity_id: booking.entity_id,
            seat_ids: hexes(&booking.seat_ids),
            reservation_token: booking.reservation_token,
            amount: booking.amount,
            currency: booking.currency,
            payment_id: booking.payment_id,
            payment_status: booking.payment_status,
            status: booking.status,
            booking_date: rfc3339(booking.booking_date),
            app_id: None,
            user_id: None,
        }
    }
}

/// A page of bookings, newest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BookingPage {
    bookings: Vec<BookingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl BookingPage {
    /// The page, each booking shown by `view`.
    pub fn new((bookings, next): (Vec<Booking>, Option<BookingCursor>), view: fn(Booking) -> BookingView) -> Self {
        let bookings = bookings.into_iter().map(view).collect();
        Self { bookings, next_cursor: next.map(|next| next.encode()) }
    }
}

fn hexes(ids: &[ObjectId]) -> Vec<String> {
    ids.iter().map(|id| id.to_hex()).collect()
}

/// Every tenant.
#[derive(Debug, Serialize)]
pub struct AppList {
    /// Oldest first.
    pub apps: Vec<AppView>,
}

/// The one time that a rotated key is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewKey<'a> {
    /// The key.
    pub api_key: &'a str,
}

/// Seats that were made.
#[derive(Debug, Serialize)]
pub struct CreatedSeats {
    /// How many.
    pub created: usize,
    /// In the order of the request.
    pub seats: Vec<SeatView>,
}

/// A page of an entity's seats, in natural order of their numbers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatPage {
    /// Of which event, ride or show.
    pub entity_id: EntityId,
    /// The free ones, or all.
    pub seats: Vec<SeatView>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The caller's live holds.
#[derive(Debug, Serialize)]
pub struct HoldList {
    /// Each with its entity.
    pub reservations: Vec<HoldView>,
}

/// That a hold is given back.
#[derive(Debug, Serialize)]
pub struct Released {
    /// Always true.
    pub released: bool,
}

/// Whether anything can be sold, and as fast as it should be.
#[derive(Debug, Serialize)]
pub struct HealthView {
    /// `ok`, `degraded` or `down`.
    pub status: &'static str,
    /// `up` or `down`.
    pub mongo: &'static str,
    /// `up` or `down`.
    pub redis: &'static str,
}
