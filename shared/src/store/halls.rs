//! What a search for the best seats reads: the seats of an entity, and which of them are taken.

use super::{
    Store, StoreError, collect,
    entities::{existing, of_entity},
    hold_filters::live,
    wanted_seats::SalesRules,
    within_deadline,
};
use crate::domain::{
    AppId, EntityId, LayoutId, SeatNumber,
    layout::{Flag, Flags},
};
use futures_util::TryStreamExt as _;
use mongodb::bson::{
    self, Document, RawBsonRef, RawDocument, deserialize_from_slice, doc, oid::ObjectId,
};
use serde::{Deserialize, Deserializer};

/// How many rows one response may have, so that all taken seats come in the first one. The limit of
/// 16 MiB for each response counts too.
const BATCH: u32 = 100_000;

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

/// Reads the known flags. The search does not use flags of later versions.
fn known_flags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Flags, D::Error> {
    let names = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
    let known = |name: &String| Flag::ALL.iter().copied().find(|flag| flag.as_str() == name);
    Ok(names.iter().filter_map(known).collect())
}

/// An entity, and which of its seats cannot be held now.
#[derive(Debug)]
pub(crate) struct TakenSeats {
    /// Changes with the seats themselves.
    pub hall_version: HallVersion,
    pub release_accessible: bool,
    pub rules: SalesRules,
    pub layout: HallLayout,
    /// Held seats, and seats that are not for sale.
    pub by_id: Vec<ObjectId>,
    /// Sold seats by their `seatOrder`, in natural order.
    pub by_order: Vec<String>,
}

/// What changes whenever seats are added, changed or removed. Earlier versions count only
/// those that they add.
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

impl TakenSeats {
    /// Reads the entity's document, to which the query has added the database's time. [`Self::add`]
    /// adds the taken seats.
    fn from_entity(entity: &RawDocument) -> bson::error::Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Settings {
            #[serde(default)]
            release_accessible: bool,
        }
        let Settings { release_accessible } = deserialize_from_slice(entity.as_bytes())?;
        Ok(Self {
            hall_version: deserialize_from_slice(entity.as_bytes())?,
            release_accessible,
            rules: deserialize_from_slice(entity.as_bytes())?,
            layout: deserialize_from_slice(entity.as_bytes())?,
            by_id: Vec::new(),
            by_order: Vec::new(),
        })
    }

    /// Adds the seats of one row: the seats of a hold, a sold seat, or a seat that is not for
    /// sale.
    fn add(&mut self, row: &RawDocument) -> bson::error::Result<()> {
        for field in row.iter() {
            match field? {
                (_, RawBsonRef::ObjectId(seat)) => self.by_id.push(seat),
                (_, RawBsonRef::String(order)) => self.by_order.push(order.to_owned()),
                (_, RawBsonRef::Array(seats)) => {
                    for seat in seats {
                        self.by_id.extend(seat?.as_object_id());
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Returns the entity's document, then a row for each live hold, sold seat and seat that is not
/// for sale.
fn taken_seats_pipeline(app: &AppId, entity: &EntityId) -> [Document; 5] {
    let of_entity_and = |more: Document| {
        let mut filter = of_entity(app, entity);
        filter.extend(more);
        filter
    };
    let held = of_entity_and(doc! {"status": "ACTIVE", "claimed": true, "$expr": live()});
    let sold = of_entity_and(doc! {"status": "BOOKED"});
    let off_sale = of_entity_and(doc! {"notForSale": true});
    // Leaving out the large fields is cheaper for MongoDB than naming all others.
    let large = ["description", "metadata", "layoutPrices"];
    let mut entity_fields = doc! {"now": "$$NOW"};
    entity_fields.extend(large.map(|field| (field.to_owned(), "$$REMOVE".into())));
    [
        doc! {"$match": existing(app, entity)},
        doc! {"$set": entity_fields},
        // In this order, a hold that is sold between two reads is found twice, never missed.
        append_rows("reservations", held, "seatIds"),
        append_rows("seats", sold, "seatOrder"),
        append_rows("seats", off_sale, "_id"),
    ]
}

/// The stage that appends this one field of all documents that match.
fn append_rows(collection: &str, filter: Document, field: &str) -> Document {
    let mut fields = doc! {field: 1};
    // The id comes with every row that does not leave it out.
    if field != "_id" {
        fields.insert("_id", 0);
    }
    let stages = vec![doc! {"$match": filter}, doc! {"$project": fields}];
    doc! {"$unionWith": {"coll": collection, "pipeline": stages}}
}

impl Store {
    /// The entity and its taken seats; `None` if there is no such entity.
    ///
    /// A local read, as fresh as the unique index. It is good enough to choose seats, but
    /// not to grant them.
    pub(crate) async fn taken_seats(
        &self,
        app: &AppId,
        entity: &EntityId,
    ) -> Result<Option<TakenSeats>, StoreError> {
        let pipeline = taken_seats_pipeline(app, entity);
        let aggregate = self.entities.documents.aggregate(pipeline).batch_size(BATCH);
        within_deadline(async {
            let mut batches = aggregate.batch().await?;
            let mut taken: Option<TakenSeats> = None;
            while let Some(batch) = batches.try_next().await? {
                for row in batch.doc_slices()? {
                    let Some(row) = row?.as_document() else { continue };
                    match &mut taken {
                        Some(taken) => taken.add(row)?,
                        // The entity comes first, if there is one.
                        None if row.get("now")?.is_some() => {
                            taken = Some(TakenSeats::from_entity(row)?);
                        }
                        None => return Ok(None),
                    }
                }
            }
            // The index has them in order, but MongoDB guarantees an order only for a sort.
            if let Some(taken) = &mut taken
                && !taken.by_order.is_sorted()
            {
                taken.by_order.sort_unstable();
            }
            Ok(taken)
        })
        .await
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
