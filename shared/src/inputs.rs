//! What endpoints take: the bodies and queries of the contract, field by field. A value of these
//! types is valid.

use crate::{
    domain::{
        AppId, Currency, Domain, Email, EntityId, Instant, Limit, LoginPassword, Name, NewPassword,
        NewSeats, OriginEntry, Overlap, PaymentId, Phone, ReservationToken, SeatCursor, SeatId,
        SeatIds, UserId, present,
    },
    store::bookings::{BookingCursor, BookingStatus, PaymentStatus},
};
use serde::Deserialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Object, ObjectBuilder, Ref, RefOr, Schema,
        schema::{AdditionalProperties, OneOfBuilder},
    },
};

/// The query of an endpoint that takes none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// What someone signs in with: `POST /admin/login`, `POST /auth/login`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Whose account.
    pub email: Email,
    /// Its password, or not.
    pub password: LoginPassword,
}

/// `POST /auth/signup`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignupIn {
    /// The account's address.
    pub email: Email,
    /// What it will be signed in to with.
    pub password: NewPassword,
    /// For people.
    pub name: Name,
    /// For people.
    #[serde(default, deserialize_with = "present")]
    pub phone: Option<Phone>,
}

/// `POST /admin/apps`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterIn {
    /// The tenant's public id; made when absent.
    #[serde(default, deserialize_with = "present")]
    pub app_id: Option<AppId>,
    /// For people.
    pub name: Name,
    /// Line of business.
    pub domain: Domain,
    /// Origins that may use the app: 1 to 50, none only with `allowServerRequests`.
    #[schema(max_items = 50)]
    pub allowed_domains: Vec<OriginEntry>,
    /// Whether requests without an `Origin` are taken.
    #[serde(default)]
    #[schema(default = false)]
    pub allow_server_requests: bool,
}

/// `PATCH /admin/apps/{appId}`: at least one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct UpdateIn {
    /// A new name.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<Name>,
    /// New origins, in place of all.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 50)]
    pub allowed_domains: Option<Vec<OriginEntry>>,
    /// Whether requests without an `Origin` are taken.
    #[serde(default, deserialize_with = "present")]
    pub allow_server_requests: Option<bool>,
    /// The kill switch.
    #[serde(default, deserialize_with = "present")]
    pub is_active: Option<bool>,
}

/// `POST /admin/apps/{appId}/rotate-key`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateIn {
    /// How long the old key works beside the new one.
    #[serde(default)]
    pub overlap_seconds: Overlap,
}

/// `POST /admin/seats`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSeatsIn {
    /// Whose seats.
    pub app_id: AppId,
    /// Of which event, ride or show.
    pub entity_id: EntityId,
    /// In which all of the entity's seats are sold.
    pub currency: Currency,
    /// All or none are made.
    pub seats: NewSeats,
}

/// `GET /admin/bookings`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListAllBookingsIn {
    /// Of that tenant alone.
    pub app_id: Option<AppId>,
    /// Of that user alone.
    pub user_id: Option<UserId>,
    /// In that state alone.
    pub status: Option<BookingStatus>,
    /// With that payment state alone.
    pub payment_status: Option<PaymentStatus>,
    /// Made at that time or later.
    pub from: Option<Instant>,
    /// Made before that time.
    pub to: Option<Instant>,
    /// How many.
    #[serde(default)]
    #[schema(inline)]
    pub limit: Limit<100, 20>,
    /// From where on.
    pub cursor: Option<BookingCursor>,
}

/// `GET /admin/analytics`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnalyticsIn {
    /// Of that tenant alone.
    pub app_id: Option<AppId>,
    /// Made at that time or later.
    pub from: Option<Instant>,
    /// Made before that time.
    pub to: Option<Instant>,
}

/// `GET /seats`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListSeatsIn {
    /// Of which event, ride or show.
    pub entity_id: EntityId,
    /// The whole map, in place of the free seats.
    pub include: Option<Include>,
    /// How many.
    #[serde(default)]
    #[schema(inline)]
    pub limit: Limit<1000, 1000>,
    /// From where on.
    pub cursor: Option<SeatCursor>,
}

/// What a listing shows beside the free seats.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Include {
    /// Every seat, with its state.
    All,
}

/// `POST /reserve-seat`: one of the two.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReserveIn {
    /// One seat.
    #[serde(default, deserialize_with = "present")]
    pub seat_id: Option<SeatId>,
    /// A basket of one entity.
    #[serde(default, deserialize_with = "present")]
    pub seat_ids: Option<SeatIds>,
}

// By hand: the derive has no word for one of two fields.
impl PartialSchema for ReserveIn {
    fn schema() -> RefOr<Schema> {
        let only = |field: &str, schema: Ref| -> Object {
            ObjectBuilder::new()
                .property(field, schema)
                .required(field)
                .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
                .build()
        };
        OneOfBuilder::new()
            .description(Some("One seat, or a basket."))
            .item(only("seatId", Ref::from_schema_name(SeatId::name())))
            .item(only("seatIds", Ref::from_schema_name(SeatIds::name())))
            .into()
    }
}

impl ToSchema for ReserveIn {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((SeatId::name().into_owned(), SeatId::schema()));
        schemas.push((SeatIds::name().into_owned(), SeatIds::schema()));
    }
}

/// `POST /confirm-booking`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmIn {
    /// Of the caller's own hold.
    pub reservation_token: ReservationToken,
    /// The provider's id of the payment.
    pub payment_id: PaymentId,
}

/// `POST /release-seat`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleaseIn {
    /// Of the caller's own hold.
    pub reservation_token: ReservationToken,
}

/// `GET /bookings`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListBookingsIn {
    /// How many.
    #[serde(default)]
    #[schema(inline)]
    pub limit: Limit<100, 20>,
    /// From where on.
    pub cursor: Option<BookingCursor>,
}
