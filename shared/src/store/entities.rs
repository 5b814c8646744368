//! The collection `entities`: what is sold. A document without a title has no settings: it exists
//! only through its seats.

use super::{StoreError, entity_cancels::EntityCancel, outbox::Subscriptions, within_deadline};
use crate::domain::{
    AppId, CancellationPolicy, Currency, Description, Domain, EntityId, EntityState, EventType,
    FeedKey, HoldSeconds, LayoutId, SeatLimit, TimeZone, Timestamp, Title, Venue,
};
use mongodb::{
    Collection, Database,
    bson::{Bson, Document, deserialize_from_document, doc, serialize_to_bson},
    options::{CollectionOptions, ReturnDocument},
};
use serde::{Deserialize, Deserializer, de};
use std::sync::Arc;

/// The start of the year 10000 in UTC. It sorts entities without a date after all others.
const NO_DATE: Timestamp = Timestamp::from_millis(253_402_300_800_000);

/// The fields that a change of the settings replaces, without the currency: the seats have it too.
pub(super) const SETTINGS: [&str; 15] = [
    "title",
    "description",
    "venue",
    "startsAt",
    "endsAt",
    "timeZone",
    "salesOpenAt",
    "salesCloseAt",
    "state",
    "holdSeconds",
    "maxSeatsPerUser",
    "releaseAccessible",
    "cancellationPolicy",
    "startOrder",
    "shownUntil",
];

/// The fields of an entity that its events show and that a change of the settings replaces.
pub(crate) fn event_fields() -> impl Iterator<Item = &'static str> {
    SETTINGS.into_iter().chain(["currency", "version", "updatedAt"])
}

/// What an organiser sets. Valid as a whole: see [`EntitySettings::check`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitySettings {
    pub title: Title,
    pub description: Option<Description>,
    pub venue: Option<Venue>,
    pub currency: Currency,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub time_zone: Option<TimeZone>,
    pub sales_open_at: Option<Timestamp>,
    pub sales_close_at: Option<Timestamp>,
    #[serde(default = "on_sale", deserialize_with = "known_state")]
    pub state: EntityState,
    #[serde(default, deserialize_with = "HoldSeconds::stored")]
    pub hold_seconds: Option<HoldSeconds>,
    #[serde(default, deserialize_with = "SeatLimit::stored")]
    pub max_seats_per_user: Option<SeatLimit>,
    #[serde(default)]
    pub release_accessible: bool,
    pub cancellation_policy: Option<CancellationPolicy>,
}

pub(super) fn on_sale() -> EntityState {
    EntityState::OnSale
}

/// A state that this version does not know counts as PAUSED, so that nothing is sold.
pub(super) fn known_state<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<EntityState, D::Error> {
    Ok(match Option::<String>::deserialize(deserializer)?.as_deref() {
        None | Some("ON_SALE") => EntityState::OnSale,
        Some("CANCELLED") => EntityState::Cancelled,
        Some(_) => EntityState::Paused,
    })
}

impl EntitySettings {
    /// The first field that does not go with another, and why.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let times = [
            ("startsAt", self.starts_at),
            ("endsAt", self.ends_at),
            ("salesOpenAt", self.sales_open_at),
            ("salesCloseAt", self.sales_close_at),
        ];
        // Rounding to milliseconds may lead to the year 10000, which RFC 3339 cannot write.
        if let Some((name, _)) = times.iter().find(|(_, at)| at.is_some_and(|at| at >= NO_DATE)) {
            return Err((name, "must be in the years 0000 to 9999"));
        }
        match (self.starts_at, self.ends_at) {
            (None, Some(_)) => return Err(("endsAt", "must come with startsAt")),
            (Some(start), Some(end)) if end <= start => {
                return Err(("endsAt", "must be after startsAt"));
            }
            _ => {}
        }
        if self.starts_at.is_some() && self.time_zone.is_none() {
            return Err(("timeZone", "is required with startsAt"));
        }
        match (self.sales_open_at, self.sales_close_at) {
            (Some(open), Some(close)) if close <= open => {
                Err(("salesCloseAt", "must be after salesOpenAt"))
            }
            _ => Ok(()),
        }
    }

    /// The fields that a pipeline sets to store these settings.
    fn update(&self) -> Document {
        let start = self.starts_at.unwrap_or(NO_DATE);
        let until = self.ends_at.or(self.starts_at).unwrap_or(NO_DATE);
        let policy = self.cancellation_policy.as_ref();
        let fields: [(&str, Option<Bson>); 16] = [
            ("title", Some(self.title.as_str().into())),
            ("description", self.description.as_ref().map(|text| text.as_str().into())),
            ("venue", self.venue.as_ref().map(|text| text.as_str().into())),
            ("currency", Some(self.currency.as_str().into())),
            ("startsAt", self.starts_at.map(Bson::from)),
            ("endsAt", self.ends_at.map(Bson::from)),
            ("timeZone", self.time_zone.as_ref().map(|zone| zone.as_str().into())),
            ("salesOpenAt", self.sales_open_at.map(Bson::from)),
            ("salesCloseAt", self.sales_close_at.map(Bson::from)),
            ("state", Some(self.state.as_str().into())),
            ("holdSeconds", self.hold_seconds.map(|seconds| seconds.get().into())),
            ("maxSeatsPerUser", self.max_seats_per_user.map(|limit| limit.get().into())),
            ("releaseAccessible", Some(self.release_accessible.into())),
            (
                "cancellationPolicy",
                policy.map(|policy| serialize_to_bson(policy).unwrap_or_default()),
            ),
            ("startOrder", Some(start.into())),
            ("shownUntil", Some(until.into())),
        ];
        // A text that begins with `$` is not the name of a field.
        let literal = |value: Bson| Bson::from(doc! {"$literal": value});
        let value = |value: Option<Bson>| value.map_or_else(|| "$$REMOVE".into(), literal);
        fields.into_iter().map(|(name, field)| (name.to_owned(), value(field))).collect()
    }
}

/// Whether seats can be held now, by the database's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sales {
    Open,
    NotYet { opens_at: Timestamp },
    Closed,
    Paused,
    Cancelled,
}

impl Sales {
    pub(super) fn of(
        state: EntityState,
        opens_at: Option<Timestamp>,
        closes_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        match (state, opens_at) {
            (EntityState::Cancelled, _) => Self::Cancelled,
            (EntityState::Paused, _) => Self::Paused,
            (EntityState::OnSale, Some(opens_at)) if now < opens_at => Self::NotYet { opens_at },
            (EntityState::OnSale, _) if closes_at.is_some_and(|close| now >= close) => Self::Closed,
            (EntityState::OnSale, _) => Self::Open,
        }
    }
}

/// An entity with settings, as stored.
#[derive(Clone, Debug)]
pub struct Entity {
    pub settings: EntitySettings,
    pub row: EntityRow,
}

/// The fields of an entity that are not settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityRow {
    pub entity_id: EntityId,
    /// Rises with every change of the settings.
    pub version: i64,
    /// Rises with every change of the list of seats.
    #[serde(default)]
    pub seats_version: i64,
    /// Absent until a migration, if an earlier version wrote the entity.
    pub feed_key: Option<FeedKey>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The layout that its seats were made from.
    pub layout_id: Option<LayoutId>,
    pub layout_version: Option<i64>,
    /// Not all seats of the layout exist yet, so none is for sale.
    #[serde(default)]
    pub seats_incomplete: bool,
    /// The job that cancels it, if there is one.
    pub cancel: Option<EntityCancel>,
    pub(super) start_order: Timestamp,
    /// The database's time when it was read or written.
    now: Option<Timestamp>,
}

// In two steps: serde's `flatten` would not read BSON's own types.
impl<'de> Deserialize<'de> for Entity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = Document::deserialize(deserializer)?;
        let row = deserialize_from_document(document.clone()).map_err(de::Error::custom)?;
        let settings = deserialize_from_document(document).map_err(de::Error::custom)?;
        Ok(Self { settings, row })
    }
}

impl Entity {
    /// The database's time when it was read or written.
    pub(crate) fn now(&self) -> Timestamp {
        self.row.now.unwrap_or(self.row.updated_at)
    }

    /// Whether seats could be held when it was read.
    pub fn sales(&self) -> Sales {
        let EntitySettings { state, sales_open_at, sales_close_at, .. } = self.settings;
        Sales::of(state, sales_open_at, sales_close_at, self.now())
    }
}

/// Reads and writes the collection `entities`.
#[derive(Debug)]
pub struct Entities {
    pub(super) documents: Collection<Document>,
    pub(super) entities: Collection<Entity>,
    pub(super) subscriptions: Arc<Subscriptions>,
}

impl Entities {
    pub(super) fn new(
        database: &Database,
        subscriptions: Arc<Subscriptions>,
        majority: CollectionOptions,
    ) -> Self {
        Self {
            subscriptions,
            documents: database.collection("entities"),
            entities: database.collection_with_options("entities", majority),
        }
    }

    /// The entity, if it has settings. A majority read.
    pub(crate) async fn find(
        &self,
        app: &AppId,
        id: &EntityId,
    ) -> Result<Option<Entity>, StoreError> {
        let find = self.entities.find_one(with_settings(app, id)).projection(fields());
        within_deadline(find).await
    }

    /// The currency of an entity, if it exists at all: with settings or only through its seats.
    pub(crate) async fn currency(
        &self,
        app: &AppId,
        id: &EntityId,
    ) -> Result<Option<Currency>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            currency: Currency,
        }
        let rows = self.entities.clone_with_type::<Row>();
        let find = rows.find_one(of_entity(app, id)).projection(doc! {"currency": 1});
        Ok(within_deadline(find).await?.map(|row| row.currency))
    }

    /// Writes the settings, if the entity is still what it was `before`; `None` if it is not.
    ///
    /// Another currency than the stored one needs [`Store::put_with_currency`].
    pub(crate) async fn put(
        &self,
        app: &AppId,
        domain: Domain,
        id: &EntityId,
        settings: &EntitySettings,
        before: Option<&Entity>,
    ) -> Result<Option<Entity>, StoreError> {
        let mut filter = of_entity(app, id);
        filter.insert("currency", settings.currency.as_str());
        match before {
            Some(entity) => filter.insert("version", entity.row.version),
            None => filter.insert("title", doc! {"$exists": false}),
        };
        let set = self.settings_update(app, domain, settings);
        // With an entity that exists, the upsert fails on the unique index and changes nothing.
        let update = self.entities.find_one_and_update(filter, vec![doc! {"$set": set}]);
        let update = update.upsert(before.is_none());
        let update = update.return_document(ReturnDocument::After).projection(fields());
        match within_deadline(update).await {
            Err(error) if error.duplicate().is_some() => Ok(None),
            result => result,
        }
    }

    /// The fields that a change of the settings sets.
    pub(super) fn settings_update(
        &self,
        app: &AppId,
        domain: Domain,
        settings: &EntitySettings,
    ) -> Document {
        let mut set = settings.update();
        set.extend(doc! {
            "version": {"$add": [{"$ifNull": ["$version", 0_i64]}, 1_i64]},
            "updatedAt": "$$NOW",
            "domain": {"$ifNull": ["$domain", domain.as_str()]},
            "seats": {"$ifNull": ["$seats", 0_i64]},
            "createdAt": {"$ifNull": ["$createdAt", "$$NOW"]},
            "feedKey": {"$ifNull": ["$feedKey", FeedKey::generate().as_str()]},
        });
        set.extend(self.changed(app, EventType::EntityUpdated));
        set
    }

    /// The fields that record the event of a change. Events that were not copied yet keep the
    /// entity's state before it.
    pub(super) fn changed(&self, app: &AppId, event: EventType) -> Document {
        let was = event_fields().map(|name| (name.to_owned(), format!("${name}").into()));
        self.subscriptions.fields_with_own_id(app, event, was.collect())
    }

    /// Replaces the key of the entity's public feed; `None` if there is no such entity.
    pub(crate) async fn rotate_feed_key(
        &self,
        app: &AppId,
        id: &EntityId,
    ) -> Result<Option<FeedKey>, StoreError> {
        let key = FeedKey::generate();
        let update = doc! {"$set": {"feedKey": key.as_str()}};
        let update = self.documents.update_one(existing(app, id), update);
        let updated = within_deadline(update).await?;
        Ok((updated.matched_count == 1).then_some(key))
    }
}

/// The filter of an entity: it matches its own document, and what belongs to it.
pub(super) fn of_entity(app: &AppId, id: &EntityId) -> Document {
    doc! {"appId": app.as_str(), "entityId": id.as_str()}
}

/// The filter of an entity that was not deleted: it has settings, or only seats.
pub(super) fn existing(app: &AppId, id: &EntityId) -> Document {
    let mut filter = of_entity(app, id);
    filter.insert("$nor", vec![deleted()]);
    filter
}

/// The filter of deleted entities. Such a document keeps the version of its settings, and has no
/// feed key until the entity is used again.
pub(super) fn deleted() -> Document {
    doc! {
        "title": {"$exists": false}, "feedKey": {"$exists": false}, "version": {"$exists": true},
    }
}

pub(super) fn with_settings(app: &AppId, id: &EntityId) -> Document {
    let mut filter = of_entity(app, id);
    filter.insert("title", doc! {"$exists": true});
    filter
}

/// The projection for [`Entity`].
pub(super) fn fields() -> Document {
    let mut fields = doc! {
        "_id": 0, "entityId": 1, "currency": 1, "version": 1, "seatsVersion": 1, "feedKey": 1,
        "createdAt": 1, "updatedAt": 1, "layoutId": 1, "layoutVersion": 1, "seatsIncomplete": 1,
        "cancel": 1, "now": "$$NOW",
    };
    fields.extend(SETTINGS.map(|name| (name.to_owned(), 1.into())));
    fields
}
