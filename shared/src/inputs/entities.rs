//! Bodies and queries of the entities' routes.

use crate::{
    domain::{
        Actor, CancellationPolicy, CancellationPolicyIn, Change, Currency, Description,
        EntityState, HoldSeconds, Instant, PageSize, ReadOnly, Reason, RefundPercent, SeatLimit,
        TimeZone, Title, Venue, not_null,
    },
    error::{Code, Error, Result},
    store::{
        entities::EntitySettings,
        entity_cancels::NewEntityCancel,
        entity_pages::{EntityCursor, EntityFilter, NotOverAt},
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

/// The body of `PUT /admin/apps/{appId}/entities/{entityId}`: all settings. Read-only fields of
/// a response are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutEntityIn {
    /// The title that buyers see.
    pub title: Title,
    /// A longer text for buyers.
    pub description: Option<Description>,
    /// Where it takes place.
    pub venue: Option<Venue>,
    /// Currency of all prices. Required when the entity is new. It can change only while no seat
    /// was ever held or sold.
    pub currency: Option<Currency>,
    /// When it starts. It needs a `timeZone`.
    pub starts_at: Option<Instant>,
    /// When it ends, after `startsAt`.
    pub ends_at: Option<Instant>,
    /// The time zone in which its times are shown.
    pub time_zone: Option<TimeZone>,
    /// Seats can be held from this time on. Omit it to start the sale at once.
    pub sales_open_at: Option<Instant>,
    /// Seats can be held before this time, which is after `salesOpenAt`. Omit it for a sale without
    /// an end.
    pub sales_close_at: Option<Instant>,
    /// `ON_SALE` or `PAUSED`. Omit it to leave it as it is. A new entity is `ON_SALE`.
    pub state: Option<EntityState>,
    /// How long a hold lasts. Omit it for the service's default.
    pub hold_seconds: Option<HoldSeconds>,
    /// How many seats of the entity one user may hold and book. Omit it for no limit.
    pub max_seats_per_user: Option<SeatLimit>,
    /// Whether the search for the best seats may offer seats with the flags `wheelchair`
    /// and `companion` to everybody.
    #[serde(default)]
    pub release_accessible: Option<bool>,
    /// What buyers get back when they cancel. Omit it if buyers must not cancel.
    pub cancellation_policy: Option<CancellationPolicyIn>,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub entity_id: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub layout_id: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub layout_version: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub seats_incomplete: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub cancelling: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub seats_version: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub feed_key: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub seats: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub version: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub created_at: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default)]
    pub updated_at: ReadOnly,
}

impl PutEntityIn {
    /// The settings that replace `before`.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for fields that do not go together.
    pub fn settings(&self, before: Option<&EntitySettings>) -> Result<EntitySettings> {
        let currency = self.currency.as_ref().or(before.map(|before| &before.currency)).cloned();
        let settings = EntitySettings {
            title: self.title.clone(),
            description: self.description.clone(),
            venue: self.venue.clone(),
            currency: currency.ok_or_else(|| Error::field("currency", "is required"))?,
            starts_at: self.starts_at.map(Instant::timestamp),
            ends_at: self.ends_at.map(Instant::timestamp),
            time_zone: self.time_zone.clone(),
            sales_open_at: self.sales_open_at.map(Instant::timestamp),
            sales_close_at: self.sales_close_at.map(Instant::timestamp),
            state: state_after(self.state, before)?,
            hold_seconds: self.hold_seconds,
            max_seats_per_user: self.max_seats_per_user,
            release_accessible: self.release_accessible.unwrap_or_default(),
            cancellation_policy: self.cancellation_policy.clone().map(CancellationPolicy::from),
        };
        checked(settings)
    }
}

/// The body of `PATCH /admin/apps/{appId}/entities/{entityId}`. Omitted fields stay as they are,
/// and `null` clears an optional field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct PatchEntityIn {
    /// The title that buyers see.
    #[serde(default, deserialize_with = "not_null")]
    pub title: Option<Title>,
    /// A longer text for buyers.
    #[serde(default)]
    #[schema(value_type = Option<Description>)]
    pub description: Change<Description>,
    /// Where it takes place.
    #[serde(default)]
    #[schema(value_type = Option<Venue>)]
    pub venue: Change<Venue>,
    /// Currency of all prices. It can change only while no seat was ever held or sold.
    #[serde(default, deserialize_with = "not_null")]
    pub currency: Option<Currency>,
    /// When it starts. It needs a `timeZone`.
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    pub starts_at: Change<Instant>,
    /// When it ends, after `startsAt`.
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    pub ends_at: Change<Instant>,
    /// The time zone in which its times are shown.
    #[serde(default)]
    #[schema(value_type = Option<TimeZone>)]
    pub time_zone: Change<TimeZone>,
    /// Seats can be held from this time on.
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    pub sales_open_at: Change<Instant>,
    /// Seats can be held before this time, which is after `salesOpenAt`.
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    pub sales_close_at: Change<Instant>,
    /// `ON_SALE` or `PAUSED`. `POST …/cancel` makes it CANCELLED.
    #[serde(default, deserialize_with = "not_null")]
    pub state: Option<EntityState>,
    /// How long a hold lasts.
    #[serde(default)]
    #[schema(value_type = Option<HoldSeconds>)]
    pub hold_seconds: Change<HoldSeconds>,
    /// How many seats of the entity one user may hold and book.
    #[serde(default)]
    #[schema(value_type = Option<SeatLimit>)]
    pub max_seats_per_user: Change<SeatLimit>,
    /// Whether the search for the best seats may offer seats with the flags `wheelchair`
    /// and `companion` to everybody.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub release_accessible: Change<bool>,
    /// What buyers get back when they cancel. A change applies only to seats held afterwards.
    #[serde(default)]
    #[schema(value_type = Option<CancellationPolicyIn>)]
    pub cancellation_policy: Change<CancellationPolicyIn>,
}

impl PatchEntityIn {
    /// Fails with `VALIDATION_ERROR` if nothing would change.
    pub fn check(&self) -> Result<()> {
        let is_empty = self.title.is_none()
            && self.description.is_keep()
            && self.venue.is_keep()
            && self.currency.is_none()
            && self.starts_at.is_keep()
            && self.ends_at.is_keep()
            && self.time_zone.is_keep()
            && self.sales_open_at.is_keep()
            && self.sales_close_at.is_keep()
            && self.state.is_none()
            && self.hold_seconds.is_keep()
            && self.max_seats_per_user.is_keep()
            && self.release_accessible.is_keep()
            && self.cancellation_policy.is_keep();
        if is_empty { Err(Error::field("body", "must have at least one field")) } else { Ok(()) }
    }

    /// The settings after the change.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND` if there are no settings yet. `VALIDATION_ERROR` for fields that do not
    /// fit each other.
    pub fn settings(&self, before: Option<&EntitySettings>) -> Result<EntitySettings> {
        let was = before.ok_or(Code::EntityNotFound)?.clone();
        checked(EntitySettings {
            title: self.title.clone().unwrap_or(was.title),
            description: self.description.clone().apply(was.description),
            venue: self.venue.clone().apply(was.venue),
            currency: self.currency.clone().unwrap_or(was.currency),
            starts_at: self.starts_at.map(Instant::timestamp).apply(was.starts_at),
            ends_at: self.ends_at.map(Instant::timestamp).apply(was.ends_at),
            time_zone: self.time_zone.clone().apply(was.time_zone),
            sales_open_at: self.sales_open_at.map(Instant::timestamp).apply(was.sales_open_at),
            sales_close_at: self.sales_close_at.map(Instant::timestamp).apply(was.sales_close_at),
            state: state_after(self.state, before)?,
            hold_seconds: self.hold_seconds.apply(was.hold_seconds),
            max_seats_per_user: self.max_seats_per_user.apply(was.max_seats_per_user),
            release_accessible: self
                .release_accessible
                .apply(Some(was.release_accessible))
                .unwrap_or_default(),
            cancellation_policy: self
                .cancellation_policy
                .clone()
                .map(CancellationPolicy::from)
                .apply(was.cancellation_policy.clone()),
        })
    }
}

/// The body of `POST /admin/apps/{appId}/entities/{entityId}/cancel`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelEntityIn {
    /// Part of the price that goes back for each seat, in percent. No fee is taken.
    pub refund_percent: RefundPercent,
    /// The reason, for the history of each booking.
    pub reason: Reason,
}

impl CancelEntityIn {
    /// The cancellation as this actor's request.
    pub fn into_request(self, actor: Actor) -> NewEntityCancel {
        let Self { refund_percent, reason } = self;
        NewEntityCancel { refund_percent: refund_percent.get(), reason, by: actor }
    }
}

/// A cancelled entity stays cancelled, and only its own route cancels one.
fn state_after(
    wanted: Option<EntityState>,
    before: Option<&EntitySettings>,
) -> Result<EntityState> {
    let before = before.map(|before| before.state);
    let state = wanted.or(before).unwrap_or(EntityState::OnSale);
    let was_cancelled = before == Some(EntityState::Cancelled);
    match (state, was_cancelled) {
        (EntityState::Cancelled, false) => Err(Error::field("state", "must be ON_SALE or PAUSED")),
        (EntityState::OnSale | EntityState::Paused, true) => {
            Err(Error::field("state", "must stay CANCELLED"))
        }
        (EntityState::OnSale | EntityState::Paused | EntityState::Cancelled, _) => Ok(state),
    }
}

fn checked(settings: EntitySettings) -> Result<EntitySettings> {
    settings.check().map_err(|(field, reason)| Error::field(field, reason))?;
    Ok(settings)
}

/// The query of `GET /admin/apps/{appId}/entities`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEntitySettingsIn {
    /// Only entities in this state.
    pub state: Option<EntityState>,
    /// Only entities that start at this time or later, or have no start.
    pub from: Option<Instant>,
    /// Only entities that start before this time.
    pub to: Option<Instant>,
    /// Number of entities on a page, 1–100.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<100, 20>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<EntityCursor>,
}

impl ListEntitySettingsIn {
    /// Which entities the list has.
    pub fn filter(&self) -> EntityFilter {
        let Self { state, from, to, .. } = *self;
        let (from, to) = (from.map(Instant::timestamp), to.map(Instant::timestamp));
        EntityFilter { state, from, to, not_over_at: None }
    }
}

/// The query of `GET /entities`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEntitiesIn {
    /// Only entities that end at this time or later, or have no date. An entity without an end
    /// counts by its start. Omit it for entities that are not over.
    pub from: Option<Instant>,
    /// Only entities that start before this time.
    pub to: Option<Instant>,
    /// Number of entities on a page, 1–100.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<100, 20>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<EntityCursor>,
}

impl ListEntitiesIn {
    /// Which entities the list has.
    pub fn filter(&self) -> EntityFilter {
        let not_over_at =
            self.from.map_or(NotOverAt::Now, |from| NotOverAt::Time(from.timestamp()));
        let to = self.to.map(Instant::timestamp);
        EntityFilter { not_over_at: Some(not_over_at), to, ..Default::default() }
    }
}
