//! What answers show of what is stored: the contract's objects, field by field.

use crate::{
    auth::api_key::ApiKey,
    booking::SeatState,
    clock::{own_seconds, rfc3339},
    domain::{
        AppId, BookingId, Currency, Domain, Email, EntityId, Metadata, Name, OriginEntry,
        PaymentId, Phone, Price, ReservationToken, SeatCursor, SeatId, SeatNumber, UserId,
    },
    store::{
        apps::App,
        bookings::{Booking, BookingCursor, BookingStatus, PaymentStatus},
        reservations::Hold,
        seats::{ListedSeat, Seat},
        users::User,
    },
};
use mongodb::bson::{DateTime, RawDocument, oid::ObjectId};
use serde::Serialize;
use utoipa::ToSchema;

/// An instant as answers tell it: RFC 3339, UTC, milliseconds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    format = DateTime,
    pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
    examples("2026-01-22T10:00:00.000Z")
)]
struct Timestamp(String);

impl From<DateTime> for Timestamp {
    fn from(at: DateTime) -> Self {
        Self(rfc3339(at))
    }
}

/// A tenant, without any hash. Not to be printed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = App)]
pub struct AppView {
    app_id: AppId,
    name: Name,
    domain: Domain,
    #[schema(value_type = Vec<OriginEntry>)]
    allowed_domains: Vec<String>,
    allow_server_requests: bool,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ApiKey>)]
    api_key: Option<String>,
}

impl AppView {
    /// The app, with the key that was just made for it.
    #[must_use]
    pub fn with_key(mut self, key: &ApiKey) -> Self {
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
            created_at: app.created_at.into(),
            updated_at: app.updated_at.into(),
            api_key: None,
        }
    }
}

/// A bearer token, and how long it lasts. Not to be printed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
pub struct TokenView {
    token: String,
    token_type: TokenType,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserView>,
}

#[derive(Debug, Serialize, ToSchema)]
enum TokenType {
    Bearer,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
struct UserView {
    user_id: UserId,
    #[schema(value_type = Email)]
    email: String,
    #[schema(value_type = Name)]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Phone>)]
    phone: Option<String>,
}

impl TokenView {
    /// An admin's token.
    pub fn admin(token: String) -> Self {
        Self {
            token,
            token_type: TokenType::Bearer,
            expires_in: crate::auth::jwt::ADMIN_TOKEN_SECONDS,
            user: None,
        }
    }

    /// A user's token.
    pub fn user(token: String, user: &User) -> Self {
        let user = UserView {
            user_id: user.id.into(),
            email: user.email.as_str().to_owned(),
            name: user.name.as_str().to_owned(),
            phone: user.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        };
        Self {
            token,
            token_type: TokenType::Bearer,
            expires_in: crate::auth::jwt::USER_TOKEN_SECONDS,
            user: Some(user),
        }
    }
}

/// A seat; with its state where the whole map was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Seat)]
pub struct SeatView<'a> {
    seat_id: SeatId,
    #[schema(value_type = SeatNumber)]
    seat_number: &'a SeatNumber,
    #[schema(value_type = Price)]
    price: i64,
    #[schema(value_type = Currency)]
    currency: &'a Currency,
    #[schema(value_type = Metadata)]
    metadata: MetadataView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<SeatStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mine: Option<bool>,
}

/// A seat's [`Metadata`]: as it came, or as it is stored.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum MetadataView<'a> {
    Given(&'a Metadata),
    Stored(&'a RawDocument),
}

/// How a seat stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum SeatStatus {
    Available,
    Locked,
    Booked,
}

impl SeatView<'_> {
    /// The same seat, saying how it stands.
    #[must_use]
    pub fn with_state(mut self, state: SeatState) -> Self {
        self.status = Some(match state {
            SeatState::Available => SeatStatus::Available,
            SeatState::Locked { .. } => SeatStatus::Locked,
            SeatState::Booked => SeatStatus::Booked,
        });
        if let SeatState::Locked { expires_in, mine } = state {
            (self.expires_in, self.mine) = (Some(expires_in), Some(mine));
        }
        self
    }
}

impl<'a> From<&'a ListedSeat> for SeatView<'a> {
    fn from(seat: &'a ListedSeat) -> Self {
        let ListedSeat { id, seat_number, price, currency, metadata, .. } = seat;
        Self::new(*id, seat_number, *price, currency, MetadataView::Stored(metadata))
    }
}

impl<'a> From<&'a Seat> for SeatView<'a> {
    fn from(seat: &'a Seat) -> Self {
        let Seat { id, seat_number, price, currency, metadata, .. } = seat;
        Self::new(*id, seat_number, *price, currency, MetadataView::Given(metadata))
    }
}

impl<'a> SeatView<'a> {
    fn new(
        id: ObjectId,
        seat_number: &'a SeatNumber,
        price: i64,
        currency: &'a Currency,
        metadata: MetadataView<'a>,
    ) -> Self {
        Self {
            seat_id: id.into(),
            seat_number,
            price,
            currency,
            metadata,
            status: None,
            expires_in: None,
            mine: None,
        }
    }
}

/// A hold; its entity where the page that shows it may not know.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Hold)]
pub struct HoldView {
    reservation_token: ReservationToken,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_id: Option<EntityId>,
    seat_ids: Vec<SeatId>,
    expires_at: Timestamp,
    expires_in: u64,
    /// The sum, frozen for the life of the hold.
    #[schema(minimum = 0)]
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
            seat_ids: seat_ids(&hold.seat_ids),
            expires_at: hold.expires_at.into(),
            expires_in: own_seconds(hold.remaining_ms()),
            price: hold.amount,
            currency: hold.currency,
        }
    }
}

/// A booking; whose it is, for the admin.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Booking)]
pub struct BookingView {
    booking_id: BookingId,
    entity_id: EntityId,
    seat_ids: Vec<SeatId>,
    reservation_token: ReservationToken,
    #[schema(minimum = 0)]
    amount: i64,
    currency: Currency,
    payment_id: PaymentId,
    payment_status: PaymentStatus,
    status: BookingStatus,
    booking_date: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<AppId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
}

impl BookingView {
    /// The booking as the platform's admin sees it.
    pub fn for_admin(booking: Booking) -> Self {
        let (app, user) = (booking.app_id.clone(), booking.user_id.into());
        Self { app_id: Some(app), user_id: Some(user), ..booking.into() }
    }
}

impl From<Booking> for BookingView {
    fn from(booking: Booking) -> Self {
        Self {
            booking_id: booking.booking_id,
            entity_id: booking.entity_id,
            seat_ids: seat_ids(&booking.seat_ids),
            reservation_token: booking.reservation_token,
            amount: booking.amount,
            currency: booking.currency,
            payment_id: booking.payment_id,
            payment_status: booking.payment_status,
            status: booking.status,
            booking_date: booking.booking_date.into(),
            app_id: None,
            user_id: None,
        }
    }
}

/// A page of bookings, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookingPage {
    bookings: Vec<BookingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BookingCursor>)]
    next_cursor: Option<String>,
}

impl BookingPage {
    /// The page, each booking shown by `view`.
    pub fn new(
        (bookings, next): (Vec<Booking>, Option<BookingCursor>),
        view: fn(Booking) -> BookingView,
    ) -> Self {
        let bookings = bookings.into_iter().map(view).collect();
        Self { bookings, next_cursor: next.map(|next| next.encode()) }
    }
}

fn seat_ids(ids: &[ObjectId]) -> Vec<SeatId> {
    ids.iter().copied().map(SeatId::from).collect()
}

/// Every tenant.
#[derive(Serialize, ToSchema)]
pub struct AppList {
    /// Oldest first.
    pub apps: Vec<AppView>,
}

/// The one time that a rotated key is shown. Not to be printed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewKey<'a> {
    /// The key.
    #[schema(value_type = ApiKey)]
    pub api_key: &'a str,
}

/// Seats that were made.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedSeats<'a> {
    /// How many.
    pub created: usize,
    /// In the order of the request.
    pub seats: Vec<SeatView<'a>>,
}

/// A page of an entity's seats, in natural order of their numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatPage<'a> {
    /// Of which event, ride or show.
    pub entity_id: EntityId,
    /// The free ones, or all.
    pub seats: Vec<SeatView<'a>>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SeatCursor>)]
    pub next_cursor: Option<String>,
}

/// The caller's live holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldList {
    /// Each with its entity.
    pub reservations: Vec<HoldView>,
}

/// That a hold is given back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Released {
    /// Always true.
    pub released: bool,
}

/// Whether anything can be sold (MongoDB), and as fast as it should be (Redis).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthView {
    status: HealthStatus,
    mongo: ServerStatus,
    redis: ServerStatus,
}

/// `degraded`: everything works, slower. `down`: nothing can be sold.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum HealthStatus {
    Ok,
    Degraded,
    Down,
}

/// Whether a server answers.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ServerStatus {
    Up,
    Down,
}

impl HealthView {
    /// What it comes to that each of the servers answers or not.
    pub fn new(mongo: bool, redis: bool) -> Self {
        let server = |up| if up { ServerStatus::Up } else { ServerStatus::Down };
        let status = match (mongo, redis) {
            (true, true) => HealthStatus::Ok,
            (true, false) => HealthStatus::Degraded,
            (false, _) => HealthStatus::Down,
        };
        Self { status, mongo: server(mongo), redis: server(redis) }
    }
}
