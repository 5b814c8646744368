//! Entities in responses: as organisers see them, and as buyers do.

use super::TimestampView;
use crate::{
    booking::OrganisedEntity,
    domain::{
        CancellationPolicy, Currency, Description, EntityId, EntityState, FeedKey, HoldSeconds,
        LayoutId, Price, SeatLimit, TimeZone, Title, Venue,
    },
    store::{
        entities::{Entity, EntitySettings, Sales},
        entity_cancels::Cancelling,
        entity_pages::EntityCursor,
        seat_counts::{EntityCounts, SeatCounts},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// An entity with its settings.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EntitySettings)]
pub struct EntitySettingsView {
    /// Id of the entity.
    entity_id: EntityId,
    /// The title that buyers see.
    title: Title,
    /// A longer text for buyers.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    /// Where it takes place.
    #[serde(skip_serializing_if = "Option::is_none")]
    venue: Option<Venue>,
    /// Currency of all prices.
    currency: Currency,
    /// When it starts; absent without a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<TimestampView>,
    /// When it ends; absent if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<TimestampView>,
    /// The time zone in which its times are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<TimeZone>,
    /// Seats can be held from this time on.
    #[serde(skip_serializing_if = "Option::is_none")]
    sales_open_at: Option<TimestampView>,
    /// Seats can be held before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    sales_close_at: Option<TimestampView>,
    /// Whether seats can be held.
    state: EntityState,
    /// How long a hold lasts. Absent: the service's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_seconds: Option<HoldSeconds>,
    /// How many seats of the entity one user may hold and book. Absent: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_seats_per_user: Option<SeatLimit>,
    /// Whether the search for the best seats may offer seats with the flags `wheelchair`
    /// and `companion` to everybody.
    release_accessible: bool,
    /// The layout that its seats were made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    layout_id: Option<LayoutId>,
    /// Version of the layout that its seats were made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    layout_version: Option<i64>,
    /// Present and `true` while seats of the layout are missing. No seat is for sale meanwhile:
    /// repeat the call that creates the seats until all exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    seats_incomplete: Option<bool>,
    /// What buyers get back when they cancel. Absent: buyers cannot cancel.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_policy: Option<CancellationPolicy>,
    /// Progress of the entity's cancellation; only where one entity is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelling: Option<CancellingView>,
    /// How many seats there are. The counts may be 2 s old.
    seats: SeatCountsView,
    /// Rises with every change of the list of seats.
    seats_version: i64,
    /// Key of the public seat feed. Absent until the next migration, if an earlier version of the
    /// service created the entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_key: Option<FeedKey>,
    /// Rises with every change of the settings. The header `etag` has it too.
    version: i64,
    /// When the entity was created.
    created_at: TimestampView,
    /// When the settings were last changed.
    updated_at: TimestampView,
}

/// How many seats an entity has, by what can be done with them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SeatCounts)]
struct SeatCountsView {
    /// All seats except removed ones.
    total: i64,
    /// Seats that can be held.
    available: i64,
    /// Seats that somebody holds.
    held: i64,
    /// Seats that are sold.
    booked: i64,
    /// Seats that are not for sale.
    not_for_sale: i64,
}

/// Progress of an entity's cancellation. While it runs, sales that were under way may add bookings.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Cancelling)]
struct CancellingView {
    /// Bookings to cancel, including those that are cancelled already.
    bookings: i64,
    /// Bookings that were cancelled. Their refunds are on record.
    done: i64,
    /// Refunds that have failed, and were neither made again nor paid by hand.
    refunds_failed: i64,
}

impl From<OrganisedEntity> for EntitySettingsView {
    fn from(OrganisedEntity { entity, counts, cancelling }: OrganisedEntity) -> Self {
        let view = |Cancelling { bookings, done, refunds_failed }| CancellingView {
            bookings,
            done,
            refunds_failed,
        };
        Self { cancelling: cancelling.map(view), ..Self::new(entity, &counts) }
    }
}

impl EntitySettingsView {
    /// The version of the settings, for the header `etag`.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The entity, with the counts of its seats.
    pub fn new(entity: Entity, counts: &EntityCounts) -> Self {
        let Entity { settings, row } = entity;
        let SeatCounts { total, available, held, booked, not_for_sale, .. } = counts.all;
        let EntitySettings { title, description, venue, currency, time_zone, .. } = settings;
        Self {
            entity_id: row.entity_id,
            title,
            description,
            venue,
            currency,
            starts_at: settings.starts_at.map(TimestampView::from),
            ends_at: settings.ends_at.map(TimestampView::from),
            time_zone,
            sales_open_at: settings.sales_open_at.map(TimestampView::from),
            sales_close_at: settings.sales_close_at.map(TimestampView::from),
            state: settings.state,
            hold_seconds: settings.hold_seconds,
            max_seats_per_user: settings.max_seats_per_user,
            release_accessible: settings.release_accessible,
            layout_id: row.layout_id,
            layout_version: row.layout_version,
            seats_incomplete: row.seats_incomplete.then_some(true),
            cancellation_policy: settings.cancellation_policy,
            cancelling: None,
            seats: SeatCountsView { total, available, held, booked, not_for_sale },
            seats_version: row.seats_version,
            feed_key: row.feed_key,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// A page of an app's entities.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntitySettingsPage {
    /// The entities by start, those without a date last.
    entities: Vec<EntitySettingsView>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EntityCursor>)]
    next_cursor: Option<String>,
}

impl EntitySettingsPage {
    /// A page of entities and the cursor of the next one.
    pub fn new((entities, next): (Vec<(Entity, EntityCounts)>, Option<EntityCursor>)) -> Self {
        let entities = entities
            .into_iter()
            .map(|(entity, counts)| EntitySettingsView::new(entity, &counts))
            .collect();
        Self { entities, next_cursor: next.map(|next| next.encode()) }
    }
}

/// The new key of an entity's public seat feed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewFeedKey {
    /// Id of the entity.
    pub entity_id: EntityId,
    /// The new key. The old key no longer works.
    pub feed_key: FeedKey,
}

/// An entity was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedEntity {
    /// Id of the entity.
    pub entity_id: EntityId,
    /// Always `true`: the entity and its seats are gone.
    pub deleted: bool,
}

/// An entity as buyers see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Entity)]
pub struct EntityView {
    /// Id of the entity.
    entity_id: EntityId,
    /// The title, 1–200 characters.
    title: Title,
    /// A longer text, up to 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    /// Where it takes place.
    #[serde(skip_serializing_if = "Option::is_none")]
    venue: Option<Venue>,
    /// When it starts; absent without a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<TimestampView>,
    /// When it ends; absent if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<TimestampView>,
    /// The time zone in which its times are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<TimeZone>,
    /// Currency of all prices.
    currency: Currency,
    /// Whether seats can be held now.
    sales: SalesView,
    /// The lowest price of a seat. Absent without seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Price>)]
    price_from: Option<i64>,
    /// The highest price of a seat. Absent without seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Price>)]
    price_to: Option<i64>,
    /// How many seats there are. The counts may be 2 s old.
    seats: FreeSeatsView,
    /// Key of the public seat feed. Absent until the next migration, if an earlier version of the
    /// service created the entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_key: Option<FeedKey>,
    /// Address of the feed's WebSocket; only where one entity is read, and live push is deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "wss://live.example.com/live?feed=1kPq3vXz8RtBw5YdN0aJcE")]
    live_url: Option<String>,
    /// The sections in the order of their names; only where one entity is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    sections: Option<Vec<SectionView>>,
    /// What you get back if you cancel. Absent: you cannot cancel.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_policy: Option<CancellationPolicy>,
}

/// Whether seats can be held: `OPEN`; `NOT_YET` before the sale; `CLOSED` after it; `PAUSED` or
/// `CANCELLED` by the organiser.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = Sales)]
enum SalesView {
    Open,
    NotYet,
    Closed,
    Paused,
    Cancelled,
}

impl From<Sales> for SalesView {
    fn from(sales: Sales) -> Self {
        match sales {
            Sales::Open => Self::Open,
            Sales::NotYet { .. } => Self::NotYet,
            Sales::Closed => Self::Closed,
            Sales::Paused => Self::Paused,
            Sales::Cancelled => Self::Cancelled,
        }
    }
}

/// How many seats an entity has, and how many of them can be held.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FreeSeats)]
struct FreeSeatsView {
    /// All seats except removed ones.
    total: i64,
    /// Seats that can be held.
    available: i64,
}

/// A section of an entity.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Section)]
struct SectionView {
    /// Key of the section in its layout.
    section: String,
    /// Seats that can be held.
    available: i64,
    /// The lowest price of a seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Price>)]
    price_from: Option<i64>,
    /// The highest price of a seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Price>)]
    price_to: Option<i64>,
}

impl EntityView {
    /// The entity, with the counts of its seats.
    pub fn new(entity: Entity, counts: &EntityCounts) -> Self {
        let sales = entity.sales().into();
        let Entity { settings, row } = entity;
        let EntitySettings { title, description, venue, currency, time_zone, .. } = settings;
        let SeatCounts { total, available, prices, .. } = counts.all;
        Self {
            entity_id: row.entity_id,
            title,
            description,
            venue,
            starts_at: settings.starts_at.map(TimestampView::from),
            ends_at: settings.ends_at.map(TimestampView::from),
            time_zone,
            currency,
            sales,
            price_from: prices.map(|(low, _)| low),
            price_to: prices.map(|(_, high)| high),
            seats: FreeSeatsView { total, available },
            feed_key: row.feed_key,
            live_url: None,
            sections: None,
            cancellation_policy: settings.cancellation_policy,
        }
    }

    /// The entity with the address of its WebSocket.
    #[must_use]
    pub fn with_live_url(mut self, url: impl FnOnce(&FeedKey) -> Option<String>) -> Self {
        self.live_url = self.feed_key.as_ref().and_then(url);
        self
    }

    /// The entity with its sections.
    #[must_use]
    pub fn with_sections(mut self, counts: &EntityCounts) -> Self {
        let section = |(section, counts): (&String, &SeatCounts)| SectionView {
            section: section.clone(),
            available: counts.available,
            price_from: counts.prices.map(|(low, _)| low),
            price_to: counts.prices.map(|(_, high)| high),
        };
        self.sections = Some(counts.sections.iter().map(section).collect());
        self
    }
}

/// A page of an app's entities, as buyers see them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntityPage {
    /// The entities by start, those without a date last.
    entities: Vec<EntityView>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EntityCursor>)]
    next_cursor: Option<String>,
}

impl EntityPage {
    /// A page of entities and the cursor of the next one.
    pub fn new((entities, next): (Vec<(Entity, EntityCounts)>, Option<EntityCursor>)) -> Self {
        let entities =
            entities.into_iter().map(|(entity, counts)| EntityView::new(entity, &counts)).collect();
        Self { entities, next_cursor: next.map(|next| next.encode()) }
    }
}
