//! The collection `seats`: one document per seat of an entity, with its price and its sale.

use super::{
    StoreError, apps::App, collect, entities::of_entity, reservations::Hold,
    wanted_seats::WantedSeat, within_deadline,
};
use crate::{
    domain::{AppId, Currency, Domain, EntityId, Metadata, NewSeat, SeatNumber, Timestamp},
    faults::{around, flawed},
};
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, RawDocumentBuf, doc, oid::ObjectId},
    options::{CollectionOptions, Hint},
};
use serde::{Deserialize, Serialize};

/// The index of an entity's seats in natural order.
pub(super) const SEAT_ORDER_INDEX: &str = "appId_entityId_status_seatOrder";
/// The index of the seats that have no key.
pub(super) const UNKEYED_INDEX: &str = "unkeyed_appId_entityId";
/// The index of an entity's seats by their keys.
pub(super) const KEY_INDEX: &str = "appId_entityId_seatKey_unique";

/// Whether a seat is sold. Holds are not stored here, but in `reservations` and in Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SeatStatus {
    Available,
    Booked,
    /// A status of a later version. Such a seat is not for sale.
    #[serde(other)]
    Unknown,
}

/// A document of the collection `seats`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seat {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    pub app_id: AppId,
    pub domain: Domain,
    pub entity_id: EntityId,
    pub seat_number: SeatNumber,
    /// The seat number as it is compared. The first versions did not store it.
    pub seat_key: String,
    /// Its byte order is the natural order of seat numbers.
    pub seat_order: String,
    pub status: SeatStatus,
    pub price: i64,
    pub currency: Currency,
    pub metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// What people call the section. Only seats of a layout have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// What people call the seat. Only seats of a layout have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booked_by: Option<ObjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<ObjectId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Seat {
    /// A new, available seat, created now.
    pub fn new(app: &App, entity: &EntityId, currency: &Currency, new: NewSeat) -> Self {
        let now = Timestamp::now();
        Self {
            id: ObjectId::new(),
            app_id: app.app_id.clone(),
            domain: app.domain,
            entity_id: entity.clone(),
            seat_key: new.seat_number.key(),
            seat_order: new.seat_number.natural_order(),
            seat_number: new.seat_number,
            status: SeatStatus::Available,
            price: new.price.minor_units(),
            currency: currency.clone(),
            metadata: new.metadata,
            section: new.section.map(|section| section.as_str().to_owned()),
            section_label: None,
            row: new.row.map(|row| row.as_str().to_owned()),
            label: None,
            category: new.category.map(|category| category.as_str().to_owned()),
            flags: new.flags.names(),
            booked_by: None,
            booking_id: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// The part of a seat that a listing shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedSeat {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    #[serde(deserialize_with = "SeatNumber::stored")]
    pub seat_number: SeatNumber,
    /// Its byte order is the natural order of seat numbers.
    pub seat_order: String,
    pub status: SeatStatus,
    pub price: i64,
    pub currency: Currency,
    pub metadata: StoredMetadata,
    pub section: Option<String>,
    pub section_label: Option<String>,
    pub row: Option<String>,
    pub label: Option<String>,
    pub category: Option<String>,
    /// Document id of the booking, while the seat is sold.
    pub booking_id: Option<ObjectId>,
    #[serde(default)]
    pub not_for_sale: bool,
    /// A later version may know more flags than this one.
    #[serde(default)]
    pub flags: Vec<String>,
}

/// A seat's [`Metadata`] as MongoDB sent it. It is shown without being parsed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredMetadata(RawDocumentBuf);

#[derive(Debug, Deserialize)]
pub(super) struct SeatsEntity {
    pub currency: Currency,
}

/// Reads and writes the collection `seats`, and reads the entities that new seats belong to.
#[derive(Debug)]
pub struct Seats {
    pub(super) seats: Collection<Seat>,
    pub(super) majority: Collection<WantedSeat>,
    listing: Collection<ListedSeat>,
    pub(super) entities: Collection<SeatsEntity>,
}

impl Seats {
    pub(super) fn new(
        database: &Database,
        majority: CollectionOptions,
        listing: CollectionOptions,
    ) -> Self {
        Self {
            seats: database.collection("seats"),
            majority: database.collection_with_options("seats", majority),
            listing: database.collection_with_options("seats", listing),
            entities: database.collection("entities"),
        }
    }

    /// Whether the entity exists with this currency.
    pub async fn has_currency(
        &self,
        app: &AppId,
        entity: &EntityId,
        currency: &Currency,
    ) -> Result<bool, StoreError> {
        let found = within_deadline(self.entities.find_one(of_entity(app, entity))).await?;
        Ok(found.is_some_and(|entity| entity.currency == *currency))
    }

    /// The seats as listings read them, for counts.
    pub(super) fn listing_documents(&self) -> Collection<Document> {
        self.listing.clone_with_type()
    }

    /// The seats of any kind, for changes of many at once.
    pub(super) fn documents(&self) -> Collection<Document> {
        self.seats.clone_with_type()
    }

    /// The ids of all seats with this number, of one app or entity or of all, removed ones too.
    ///
    /// The conditions that match everything let the index on keys skip from entity to entity.
    pub async fn with_number(
        &self,
        app: Option<&AppId>,
        entity: Option<&EntityId>,
        number: &SeatNumber,
    ) -> Result<Vec<ObjectId>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(rename = "_id")]
            id: ObjectId,
        }
        let any = || mongodb::bson::Bson::from(doc! {"$gte": ""});
        let filter = doc! {
            "appId": app.map_or_else(any, |app| app.as_str().into()),
            "entityId": entity.map_or_else(any, |entity| entity.as_str().into()),
            "seatKey": {"$eq": number.key(), "$type": "string"},
        };
        let rows = self.seats.clone_with_type::<Row>();
        // Without the hint, the planner may choose another index for a small entity, and remember
        // that choice.
        let find = rows.find(filter).hint(Hint::Name(KEY_INDEX.to_owned()));
        let rows = collect(find.projection(doc! {"_id": 1})).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Up to `limit` seats of an entity in natural order, after the seat with this `seatOrder`.
    pub(crate) async fn list(
        &self,
        app: &AppId,
        entity: &EntityId,
        only: Option<SeatStatus>,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ListedSeat>, StoreError> {
        let mut filter = of_entity(app, entity);
        // The whole map names both statuses, so that the index on the status can return it in
        // order.
        match only {
            None => filter.insert("status", doc! {"$in": ["AVAILABLE", "BOOKED"]}),
            Some(SeatStatus::Available) => {
                filter.insert("notForSale", doc! {"$exists": false});
                filter.insert("status", "AVAILABLE")
            }
            Some(SeatStatus::Booked) => filter.insert("status", "BOOKED"),
            Some(SeatStatus::Unknown) => return Ok(Vec::new()),
        };
        filter.insert("removed", doc! {"$exists": false});
        if let Some(after) = after {
            filter.insert("seatOrder", doc! {"$gt": after});
        }
        // The driver's first batch has 101 rows. One batch for the whole page saves round trips.
        let batch = u32::try_from(limit).unwrap_or(u32::MAX);
        let find =
            self.listing.find(filter).projection(listed_fields()).sort(doc! {"seatOrder": 1});
        collect(find.limit(limit).batch_size(batch)).await
    }

    /// Inside a transaction: marks all seats of the hold as sold. `false` unless every seat
    /// exists and was available.
    ///
    /// A seat that was removed while somebody held it is still sold, and comes back to the entity's
    /// list. Only such a sale writes the entity, because sales that write it would conflict.
    pub(crate) async fn mark_booked(
        &self,
        session: &mut ClientSession,
        hold: &Hold,
        booking: ObjectId,
    ) -> Result<bool, mongodb::error::Error> {
        let wanted = hold.seat_ids.len() as u64;
        let listed = self.mark(session, hold, booking, Removed::No).await?;
        if listed == wanted {
            return Ok(true);
        }
        let removed = self.mark(session, hold, booking, Removed::Yes).await?;
        if removed > 0 {
            let entity = of_entity(&hold.app_id, &hold.entity_id);
            let raise = doc! {"$inc": {"seatsVersion": 1_i64}};
            let raise = self.entities.update_one(entity, raise).session(session);
            around("entities.raise_seats_version", raise).await?;
        }
        Ok(listed + removed == wanted)
    }

    async fn mark(
        &self,
        session: &mut ClientSession,
        hold: &Hold,
        booking: ObjectId,
        removed: Removed,
    ) -> Result<u64, mongodb::error::Error> {
        let mut filter = doc! {
            "_id": {"$in": &hold.seat_ids}, "appId": hold.app_id.as_str(), "status": "AVAILABLE",
            "removed": {"$exists": removed == Removed::Yes},
        };
        if flawed("no-guard") {
            filter.remove("status");
        }
        let sold = doc! {"$set": {
            "status": "BOOKED", "bookedBy": hold.user_id, "bookingId": booking,
            "updatedAt": "$$NOW",
        }};
        let restored = doc! {"$unset": "removed"};
        let update = self.seats.update_many(filter, vec![sold, restored]).session(session);
        Ok(around("seats.book", update).await?.modified_count)
    }
}

/// Whether seats were removed while somebody held them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Removed {
    No,
    Yes,
}

/// The projection for [`ListedSeat`].
pub(super) fn listed_fields() -> Document {
    doc! {
        "seatNumber": 1, "seatOrder": 1, "status": 1, "price": 1, "currency": 1, "metadata": 1,
        "section": 1, "sectionLabel": 1, "row": 1, "label": 1, "category": 1, "flags": 1,
        "notForSale": 1,
    }
}
