//! Request bodies and query parameters, field by field. A value of these types is valid.
//!
//! The doc comments of the fields become the descriptions in openapi.yaml.

mod best_available;
mod cancellations;
mod entities;
mod entity_seats;
mod feed;
mod layouts;
mod payments;
mod refunds;
mod webhooks;

pub use best_available::BestAvailableIn;
pub use cancellations::{AdminCancelIn, CancelBookingIn, QuoteCancellationIn, RefundBookingIn};
pub use entities::{
    CancelEntityIn, ListEntitiesIn, ListEntitySettingsIn, PatchEntityIn, PutEntityIn,
};
pub use entity_seats::{
    CreateLayoutSeatsIn, ListEntitySeatsIn, PatchSeatsIn, RemoveSeatsIn, SeatStatusIn, SetSeats,
    WhereSeats,
};
pub use feed::FeedSeatsIn;
pub use layouts::{GetLayoutIn, ImportLayoutIn, ListLayoutsIn, PlanFormat};
pub use payments::{PutPaymentsIn, StartPaymentIn};
pub use refunds::{ListRefundsIn, RetryRefundIn, SettleRefundIn};
pub use webhooks::{
    CreateWebhookIn, ListDeliveriesIn, PatchWebhookIn, RecoverIn, RotateWebhookSecretIn,
};

use crate::{
    domain::{
        AppId, BookingId, Currency, Domain, Email, EntityId, Instant, LoginPassword, Name,
        NewPassword, NewSeats, OriginEntry, Overlap, PageSize, PaymentId, Phone, ReservationToken,
        SeatCursor, SeatId, SeatIds, SeatNumber, UserId, not_null, null_as_default,
    },
    store::{
        apps::AppCursor,
        booking_pages::BookingCursor,
        bookings::{BookingStatus, PaymentStatus},
    },
};
use serde::Deserialize;
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Object, ObjectBuilder, Ref, RefOr, Schema,
        schema::{AdditionalProperties, OneOfBuilder},
    },
};

/// No query parameters: any parameter is an error.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// The body of `POST /auth/login` and `POST /admin/login`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// E-mail address of the account.
    pub email: Email,
    /// The password to check.
    pub password: LoginPassword,
}

/// The body of `POST /auth/signup`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignupIn {
    /// E-mail address of the new account. Each address can have one account.
    pub email: Email,
    /// Password of the new account. It must not be the e-mail address or the part before the `@`.
    pub password: NewPassword,
    /// Display name, 1–100 characters.
    pub name: Name,
    /// Telephone number. Omit it if there is none.
    pub phone: Option<Phone>,
}

/// The body of `POST /admin/apps`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterIn {
    /// Public id of the tenant. Omit it to get a generated one.
    pub app_id: Option<AppId>,
    /// Display name, 1–100 characters.
    pub name: Name,
    /// The tenant's line of business. It cannot be changed later.
    pub domain: Domain,
    /// Browser origins that may use the app, at most 50. The list may be empty only with
    /// `allowServerRequests` set to true.
    #[schema(max_items = 50)]
    pub allowed_domains: Vec<OriginEntry>,
    /// Whether to accept requests without an `Origin` header. Browsers send the header with every
    /// cross-origin request; servers usually do not.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<bool>, default = false)]
    pub allow_server_requests: bool,
}

/// The body of `PATCH /admin/apps/{appId}`. Send at least one field. Omitted fields stay
/// as they are now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct UpdateIn {
    /// New display name, 1–100 characters.
    #[serde(default, deserialize_with = "not_null")]
    pub name: Option<Name>,
    /// New list of origins, at most 50. It replaces the whole list.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(max_items = 50)]
    pub allowed_domains: Option<Vec<OriginEntry>>,
    /// Whether to accept requests without an `Origin` header.
    #[serde(default, deserialize_with = "not_null")]
    pub allow_server_requests: Option<bool>,
    /// `false` switches the app off: its requests are refused with `APP_INACTIVE`. `true`
    /// switches it on again.
    #[serde(default, deserialize_with = "not_null")]
    pub is_active: Option<bool>,
}

/// The body of `POST /admin/apps/{appId}/rotate-key`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateIn {
    /// How many more seconds the old key keeps working, 0–86,400.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<Overlap>)]
    pub overlap_seconds: Overlap,
}

/// The body of `POST /admin/apps/{appId}/secret-keys`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSecretKeyIn {
    /// A name to recognize the key by, 1–100 characters.
    pub name: Name,
}

/// The query of `GET /admin/apps`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAppsIn {
    /// Number of tenants on a page, 1–100.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<100, 100>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<AppCursor>,
}

/// The body of `POST /admin/seats`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSeatsIn {
    /// The tenant that sells the seats.
    pub app_id: AppId,
    /// The event, ride or show that the seats belong to.
    pub entity_id: EntityId,
    /// Currency of the prices. All seats of an entity have the same currency.
    pub currency: Currency,
    /// The seats to create, 1–1,000. Either all are created or none.
    pub seats: NewSeats,
}

/// The query of `GET /admin/bookings`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListAllBookingsIn {
    /// Only bookings of this tenant.
    pub app_id: Option<AppId>,
    /// Only bookings of this user.
    pub user_id: Option<UserId>,
    /// Only the booking with this id.
    pub booking_id: Option<BookingId>,
    /// Only bookings with this payment.
    pub payment_id: Option<PaymentId>,
    /// Only bookings of this entity.
    pub entity_id: Option<EntityId>,
    /// Only bookings that have a seat with this number, sold or cancelled.
    pub seat_number: Option<SeatNumber>,
    /// Only bookings with this status.
    pub status: Option<BookingStatus>,
    /// Only bookings with this payment status.
    pub payment_status: Option<PaymentStatus>,
    /// Only bookings made at this time or later.
    pub from: Option<Instant>,
    /// Only bookings made before this time.
    pub to: Option<Instant>,
    /// Number of bookings on a page, 1–100.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<100, 20>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<BookingCursor>,
}

/// The query of `GET /admin/analytics`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnalyticsIn {
    /// Only this tenant. Omit it for all tenants.
    pub app_id: Option<AppId>,
    /// Only this entity. Omit it for all entities.
    pub entity_id: Option<EntityId>,
    /// Count reservations and bookings made at this time or later.
    pub from: Option<Instant>,
    /// Count reservations and bookings made before this time.
    pub to: Option<Instant>,
}

/// The query of `GET /seats`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListSeatsIn {
    /// The event, ride or show whose seats to list.
    pub entity_id: EntityId,
    /// `all` lists every seat with its `status`. Omit it to list only the available seats.
    pub include: Option<Include>,
    /// Number of seats on a page, 1–1,000.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<1000, 1000>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<SeatCursor>,
}

/// Which seats a listing has besides the available ones.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Include {
    /// Every seat with its status.
    All,
}

/// The body of `POST /reserve-seat`: `seatId`, `seatIds` or `bestAvailable`. With
/// `reservationToken`, an existing hold is changed to `seatIds`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReserveIn {
    /// The one seat to hold.
    pub seat_id: Option<SeatId>,
    /// 1–10 distinct seats of one entity. Either all are held or none.
    pub seat_ids: Option<SeatIds>,
    /// What to hold if the caller names no seats.
    pub best_available: Option<BestAvailableIn>,
    /// The caller's live hold to change, from an earlier `POST /reserve-seat`.
    pub reservation_token: Option<ReservationToken>,
}

// By hand: the derive cannot express "one of several sets of fields".
impl PartialSchema for ReserveIn {
    fn schema() -> RefOr<Schema> {
        let only = |fields: &[(&str, Cow<'static, str>)]| -> Object {
            let object = fields.iter().fold(ObjectBuilder::new(), |object, (field, schema)| {
                object.property(*field, Ref::from_schema_name(schema.clone())).required(*field)
            });
            object
                .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
                .build()
        };
        OneOfBuilder::new()
            .description(Some(
                "`seatId` holds one seat, `seatIds` several, `bestAvailable` the best free ones. \
                 `reservationToken` with `seatIds` changes an existing hold to exactly these \
                 seats.",
            ))
            .item(only(&[("seatId", SeatId::name())]))
            .item(only(&[("seatIds", SeatIds::name())]))
            .item(only(&[("bestAvailable", BestAvailableIn::name())]))
            .item(only(&[
                ("reservationToken", ReservationToken::name()),
                ("seatIds", SeatIds::name()),
            ]))
            .into()
    }
}

impl ToSchema for ReserveIn {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((SeatId::name().into_owned(), SeatId::schema()));
        schemas.push((SeatIds::name().into_owned(), SeatIds::schema()));
        let token = (ReservationToken::name().into_owned(), ReservationToken::schema());
        schemas.push(token);
        schemas.push((BestAvailableIn::name().into_owned(), BestAvailableIn::schema()));
        BestAvailableIn::schemas(schemas);
    }
}

/// The body of `POST /confirm-booking`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmIn {
    /// Token of the caller's own hold, from `POST /reserve-seat`.
    pub reservation_token: ReservationToken,
    /// Id of the payment at the payment provider. Omit it only for a hold of price 0.
    pub payment_id: Option<PaymentId>,
}

/// The body of `POST /release-seat`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleaseIn {
    /// Token of the caller's own hold, from `POST /reserve-seat`.
    pub reservation_token: ReservationToken,
}

/// The query of `GET /bookings`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListBookingsIn {
    /// Number of bookings on a page, 1–100.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<100, 20>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<BookingCursor>,
}
