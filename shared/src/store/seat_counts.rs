//! How many seats of an entity are free, held, sold and not for sale, and what they cost. They
//! are counted from the seats and the live holds, so no sale has to update a counter.

use super::{Store, StoreError, collect, hold_filters::live, within_deadline};
use crate::domain::{AppId, EntityId};
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, deserialize_from_document, doc, oid::ObjectId};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// The seats of an entity, or of one section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatCounts {
    pub total: i64,
    pub available: i64,
    pub held: i64,
    pub booked: i64,
    pub not_for_sale: i64,
    /// The lowest and the highest price of seats that are or were for sale.
    pub prices: Option<(i64, i64)>,
}

/// The seats of an entity, and of each of its sections.
#[derive(Clone, Debug, Default)]
pub struct EntityCounts {
    pub all: SeatCounts,
    pub sections: BTreeMap<String, SeatCounts>,
}

impl EntityCounts {
    /// The counts of an entity whose seats are not for sale yet.
    #[must_use]
    pub fn off_sale(mut self) -> Self {
        for counts in std::iter::once(&mut self.all).chain(self.sections.values_mut()) {
            counts.not_for_sale += std::mem::take(&mut counts.available);
        }
        self
    }
}

impl SeatCounts {
    fn add(&mut self, row: &Row) {
        self.total += row.count;
        match (row.status.as_str(), row.for_sale) {
            ("AVAILABLE", true) => self.available += row.count,
            ("AVAILABLE", false) => self.not_for_sale += row.count,
            _ => self.booked += row.count,
        }
        if row.for_sale {
            let (low, high) = self.prices.unwrap_or((row.lowest, row.highest));
            self.prices = Some((low.min(row.lowest), high.max(row.highest)));
        }
    }

    /// Counts seats as held. They were counted as available, or as not for sale, before.
    fn move_to_held(&mut self, row: &Row) {
        self.held += row.count;
        if row.for_sale {
            self.available -= row.count;
        } else {
            self.not_for_sale -= row.count;
        }
    }
}

/// A group of equal seats.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    entity_id: String,
    section: Option<String>,
    status: String,
    for_sale: bool,
    count: i64,
    lowest: i64,
    highest: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeldSeats {
    seat_ids: Vec<ObjectId>,
}

impl Store {
    /// Counts the seats of these entities of an app. Entities without seats are absent.
    pub async fn seat_counts(
        &self,
        app: &AppId,
        entities: &[&EntityId],
    ) -> Result<HashMap<String, EntityCounts>, StoreError> {
        let ids: Vec<&str> = entities.iter().map(|id| id.as_str()).collect();
        self.counts_where(doc! {"appId": app.as_str(), "entityId": {"$in": ids}}).await
    }

    /// Counts the seats of one entity of an app, or of all.
    pub async fn seats_of(
        &self,
        app: &AppId,
        entity: Option<&EntityId>,
    ) -> Result<HashMap<String, EntityCounts>, StoreError> {
        // Matches every entity, so that the index on entities serves it.
        let ids = entity.map_or_else(|| doc! {"$gte": ""}, |id| doc! {"$in": [id.as_str()]});
        self.counts_where(doc! {"appId": app.as_str(), "entityId": ids}).await
    }

    async fn counts_where(
        &self,
        entities: Document,
    ) -> Result<HashMap<String, EntityCounts>, StoreError> {
        let wanted = |more: Document| {
            let mut filter = entities.clone();
            filter.extend(more);
            filter
        };
        // The holds are read first: a hold that is sold between the reads is then counted as sold.
        let filter = wanted(doc! {"status": "ACTIVE", "claimed": true, "$expr": live()});
        let holds = self.reservations.listing_of::<HeldSeats>();
        let holds = collect(holds.find(filter).projection(doc! {"_id": 0, "seatIds": 1})).await?;
        let held: Vec<ObjectId> = holds.into_iter().flat_map(|hold| hold.seat_ids).collect();
        let filter = wanted(doc! {
            "status": {"$in": ["AVAILABLE", "BOOKED"]}, "removed": {"$exists": false},
        });
        let mut counts: HashMap<String, EntityCounts> = HashMap::new();
        for row in self.seat_groups(filter).await? {
            let entity = counts.entry(row.entity_id.clone()).or_default();
            entity.all.add(&row);
            if let Some(section) = &row.section {
                entity.sections.entry(section.clone()).or_default().add(&row);
            }
        }
        if held.is_empty() {
            return Ok(counts);
        }
        let mut filter = entities;
        filter.remove("entityId");
        filter.extend(doc! {
            "_id": {"$in": held}, "status": "AVAILABLE", "removed": {"$exists": false},
        });
        for row in self.seat_groups(filter).await? {
            let Some(entity) = counts.get_mut(&row.entity_id) else { continue };
            entity.all.move_to_held(&row);
            if let Some(section) = row.section.as_ref().and_then(|s| entity.sections.get_mut(s)) {
                section.move_to_held(&row);
            }
        }
        Ok(counts)
    }

    async fn seat_groups(&self, filter: Document) -> Result<Vec<Row>, StoreError> {
        let for_sale = doc! {"$ne": ["$notForSale", true]};
        let group = doc! {
            "_id": {
                "entityId": "$entityId", "section": "$section", "status": "$status",
                "forSale": for_sale,
            },
            "count": {"$sum": 1_i64}, "lowest": {"$min": "$price"}, "highest": {"$max": "$price"},
        };
        let row = doc! {"$replaceWith": {"$mergeObjects": ["$_id", {
            "count": "$count", "lowest": "$lowest", "highest": "$highest",
        }]}};
        let pipeline = [doc! {"$match": filter}, doc! {"$group": group}, row];
        let seats = self.seats.listing_documents();
        let rows: Vec<Document> =
            within_deadline(async { seats.aggregate(pipeline).await?.try_collect().await }).await?;
        let parse = |row| deserialize_from_document(row).map_err(mongodb::error::Error::from);
        Ok(rows.into_iter().map(parse).collect::<Result<_, _>>()?)
    }
}
