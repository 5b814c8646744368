//! What a search for the best seats reads: the seats of an entity, and which of them are taken.

use super::{
    Store, StoreError, collect, entities::existing, hold_filters::live, wanted_seats::SalesRules,
    within_deadline,
};
use crate::domain::{
    AppId, EntityId, LayoutId, SeatNumber,
    layout::{Flag, Flags},
};
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc, oid::ObjectId};
use serde::{Deserialize, Deserializer};

/// A seat as the search needs it. None of this changes by a hold or a sale.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HallRow {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    #[serde(deserialize_with = "SeatNumber::stored")]
    pub seat_number: SeatNumber,
    /// Its byte order is the natural order of seat numbers.
    pub seat_order: String,
    pub section: Option<String>,
    pub row: Option<String>,
    pub category: Option<String>,
    #[serde(default, deserialize_with = "known_flags")]
    pub flags: Flags,
    pub price: i64,
}

/// A flag of a later version does not matter here.
fn known_flags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Flags, D::Error> {
    let names = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
    let known = |name: &String| Flag::ALL.iter().copied().find(|flag| flag.as_str() == name);
    Ok(names.iter().filter_map(known).collect())
}

/// An entity, and which of its seats cannot be held now.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TakenSeats {
    /// Changes with the seats themselves.
    pub hall_version: HallVersion,
    #[serde(default)]
    pub release_accessible: bool,
    pub rules: SalesRules,
    pub layout: HallLayout,
    held: Vec<HeldRow>,
    sold: Vec<SoldRow>,
    off_sale: Vec<OffSaleRow>,
}

/// What changes whenever seats are added, changed or removed. Earlier versions count only those
/// that they add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HallVersion {
    #[serde(default)]
    seats_version: i64,
    #[serde(default)]
    seats: i64,
}

/// The layout that the seats were made from, if any.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HallLayout {
    pub layout_id: Option<LayoutId>,
    pub layout_version: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeldRow {
    seat_ids: Vec<ObjectId>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SoldRow {
    seat_order: String,
}

#[derive(Debug, Deserialize)]
struct OffSaleRow {
    #[serde(rename = "_id")]
    id: ObjectId,
}

impl TakenSeats {
    /// Held seats, and seats that are not for sale.
    pub fn by_id(&self) -> impl Iterator<Item = ObjectId> {
        let held = self.held.iter().flat_map(|hold| hold.seat_ids.iter().copied());
        held.chain(self.off_sale.iter().map(|seat| seat.id))
    }

    /// Sold seats by their `seatOrder`, in natural order.
    pub fn by_order(&self) -> impl Iterator<Item = &str> {
        self.sold.iter().map(|seat| seat.seat_order.as_str())
    }
}

impl Store {
    /// The entity and its taken seats; `None` if there is no such entity.
    ///
    /// A local read, as fresh as the unique index. It is good enough to choose seats, but not to
    /// grant them.
    pub(crate) async fn taken_seats(
        &self,
        app: &AppId,
        entity: &EntityId,
    ) -> Result<Option<TakenSeats>, StoreError> {
        let own = || doc! {"appId": app.as_str(), "entityId": entity.as_str()};
        let with = |mut filter: Document, more: Document| {
            filter.extend(more);
            filter
        };
        let held = with(own(), doc! {"status": "ACTIVE", "claimed": true, "$expr": live()});
        let sold = with(own(), doc! {"status": "BOOKED"});
        let off_sale = with(own(), doc! {"notForSale": true});
        let lookup = |from: &str, stages: &[Document], name: &str| {
            doc! {"$lookup": {"from": from, "as": name, "pipeline": stages.to_vec()}}
        };
        let seat_ids = doc! {"$project": {"_id": 0, "seatIds": 1}};
        let seat_order = doc! {"$project": {"_id": 0, "seatOrder": 1}};
        let ordered = doc! {"$sort": {"seatOrder": 1}};
        let only_id = doc! {"$project": {"_id": 1}};
        let pipeline = [
            doc! {"$match": existing(app, entity)},
            // A hold that is sold between these two is seen twice, never not at all.
            lookup("reservations", &[doc! {"$match": held}, seat_ids], "held"),
            lookup("seats", &[doc! {"$match": sold}, ordered, seat_order], "sold"),
            lookup("seats", &[doc! {"$match": off_sale}, only_id], "offSale"),
            doc! {"$project": {
                "_id": 0, "releaseAccessible": 1, "held": 1, "sold": 1, "offSale": 1,
                "hallVersion": {"seatsVersion": "$seatsVersion", "seats": "$seats"},
                "layout": {"layoutId": "$layoutId", "layoutVersion": "$layoutVersion"},
                "rules": {
                    "state": "$state", "salesOpenAt": "$salesOpenAt",
                    "salesCloseAt": "$salesCloseAt", "holdSeconds": "$holdSeconds",
                    "maxSeatsPerUser": "$maxSeatsPerUser",
                    "seatsIncomplete": "$seatsIncomplete", "now": "$$NOW",
                },
            }},
        ];
        let rows = self.entities.documents.aggregate(pipeline).with_type::<TakenSeats>();
        within_deadline(async { rows.await?.try_next().await }).await
    }

    /// All seats of an entity that are not removed, in natural order.
    pub(crate) async fn hall_rows(
        &self,
        app: &AppId,
        entity: &EntityId,
    ) -> Result<Vec<HallRow>, StoreError> {
        let filter = doc! {
            "appId": app.as_str(), "entityId": entity.as_str(),
            "status": {"$in": ["AVAILABLE", "BOOKED"]}, "removed": {"$exists": false},
        };
        let fields = doc! {
            "seatNumber": 1, "seatOrder": 1, "section": 1, "row": 1, "category": 1, "flags": 1,
            "price": 1,
        };
        let rows = self.seats.documents().clone_with_type::<HallRow>();
        let find = rows.find(filter).projection(fields).sort(doc! {"seatOrder": 1});
        collect(find.batch_size(10_000)).await
    }
}
