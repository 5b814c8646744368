//! The objects in response bodies, field by field, and how they are made from stored documents.
//!
//! The doc comments of the fields become the descriptions in openapi.yaml. A field that is absent
//! has no value; no field is ever `null`.

mod bookings;
mod cancellations;
mod entities;
mod events;
mod feed;
mod history;
mod layouts;
mod payments;
mod refunds;
mod seats;
mod secret_keys;
mod webhooks;

pub use bookings::{BookingPage, BookingView, HeldSeatView, HoldList, HoldView};
pub use cancellations::QuoteView;
pub use entities::{
    DeletedEntity, EntityPage, EntitySettingsPage, EntitySettingsView, EntityView, NewFeedKey,
};
pub(crate) use events::{DeletedEntityEvent, HoldEvent, RefundEvent};
pub use feed::{FeedSeatsView, FeedView};
pub use layouts::{LayoutPage, LayoutVersionView, LayoutView};
pub use payments::{EventHandled, PaymentSetupView, PaymentView};
pub use refunds::{RefundPage, RefundView};
pub use seats::{
    ChangedSeats, CreatedLayoutSeats, CreatedSeats, EntitySeatPage, RemovedSeats, SeatPage,
    SeatView, SkippedSeatView,
};
pub use secret_keys::{DeletedSecretKey, NewSecretKey, SecretKeyList, SecretKeyView};
pub use webhooks::{
    AttemptView, DeletedWebhook, DeliveryPage, DeliveryView, NewWebhookSecret, RecoveredDeliveries,
    StartedDelivery, WebhookList, WebhookView,
};

use crate::{
    auth::api_key::ApiKey,
    domain::{AppId, Domain, Email, Name, OriginEntry, Phone, Timestamp, UserId},
    store::{apps::App, apps::AppCursor, users::User},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A date and time in RFC 3339: UTC, with milliseconds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    as = Timestamp,
    format = DateTime,
    pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
    examples("2026-01-22T10:00:00.000Z")
)]
struct TimestampView(String);

impl From<Timestamp> for TimestampView {
    fn from(at: Timestamp) -> Self {
        Self(at.to_rfc3339())
    }
}

/// A tenant: one frontend with its own key.
// No `Debug`: it may hold an API key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = App)]
pub struct AppView {
    /// Public id of the tenant. Clients send it as `x-app-id`.
    app_id: AppId,
    /// Display name, 1–100 characters.
    name: Name,
    /// The tenant's line of business.
    domain: Domain,
    /// Browser origins that may use the app.
    #[schema(value_type = Vec<OriginEntry>)]
    allowed_domains: Vec<String>,
    /// Whether requests without an `Origin` header are accepted.
    allow_server_requests: bool,
    /// Whether the app is switched on. The requests of an inactive app fail with `APP_INACTIVE`.
    is_active: bool,
    /// When the tenant was registered.
    created_at: TimestampView,
    /// When the tenant was last changed.
    updated_at: TimestampView,
    /// The new API key. It is shown only in the response that creates it; store it then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ApiKey>)]
    api_key: Option<String>,
}

impl AppView {
    /// The app together with its new key.
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

/// A bearer token and its lifetime.
// No `Debug`: it holds the token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
pub struct TokenView {
    /// The token. Send it as `Authorization: Bearer <token>`.
    token: String,
    /// Always `Bearer`, as in RFC 6750.
    token_type: TokenType,
    /// Seconds until the token expires.
    expires_in: u64,
    /// The user who signed in; absent for the admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserView>,
}

#[derive(Debug, Serialize, ToSchema)]
enum TokenType {
    Bearer,
}

/// A user's account, without the password.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
struct UserView {
    /// Id of the user, the same in every app.
    user_id: UserId,
    /// E-mail address, trimmed, in lower case and without invisible characters.
    #[schema(value_type = Email)]
    email: String,
    /// Display name, 1–100 characters.
    #[schema(value_type = Name)]
    name: String,
    /// Telephone number; absent if none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Phone>)]
    phone: Option<String>,
}

impl TokenView {
    /// A token for the admin.
    pub fn admin(token: String) -> Self {
        Self {
            token,
            token_type: TokenType::Bearer,
            expires_in: crate::auth::jwt::ADMIN_TOKEN_SECONDS,
            user: None,
        }
    }

    /// A token for a user.
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

/// A page of the tenants.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppList {
    /// The tenants, oldest first.
    pub apps: Vec<AppView>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AppCursor>)]
    pub next_cursor: Option<String>,
}

/// A new API key.
// No `Debug`: it holds the key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewKey<'a> {
    /// The new API key. It is shown only in this response; store it now.
    #[schema(value_type = ApiKey)]
    pub api_key: &'a str,
}

/// The hold was released.
#[derive(Debug, Serialize, ToSchema)]
pub struct Released {
    /// Always `true`: the hold has ended.
    pub released: bool,
}

/// Whether seats can be sold, and whether MongoDB and Redis respond.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthView {
    /// The status of the service as a whole.
    status: HealthStatus,
    /// Whether MongoDB responds. Without it nothing can be sold.
    mongo: ServerStatus,
    /// Whether Redis responds. Without it everything works, but slower.
    redis: ServerStatus,
}

/// `ok`: all is well. `degraded`: everything works, but slower. `down`: nothing can be sold.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum HealthStatus {
    Ok,
    Degraded,
    Down,
}

/// Whether a server responds.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ServerStatus {
    Up,
    Down,
}

impl HealthView {
    /// The health that follows from which servers respond.
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
