//! Counts of reservations and bookings, per app.

use super::{
    Store, StoreError, bookings::BookingStatus, reservations::HoldStatus, server_time_limit,
    time_range, within_deadline,
};
use crate::domain::{AppId, EntityId, Timestamp};
use futures_util::{TryStreamExt, future::try_join};
use mongodb::bson::{Document, deserialize_from_document, doc};
use serde::{Deserialize, Deserializer, de::value::StringDeserializer};

/// The number of an app's reservations with one status.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReservationCount {
    pub app_id: AppId,
    /// Absent in counts that are not per entity.
    #[serde(default)]
    pub entity_id: Option<EntityId>,
    /// `Active` counts only live holds; overdue holds count as `Expired`.
    #[serde(deserialize_with = "known")]
    pub status: Option<HoldStatus>,
    pub count: i64,
}

/// The number of an app's bookings with one status and currency, and the sum of their amounts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookingCount {
    pub app_id: AppId,
    /// Absent in counts that are not per entity.
    #[serde(default)]
    pub entity_id: Option<EntityId>,
    #[serde(deserialize_with = "known")]
    pub status: Option<BookingStatus>,
    pub currency: String,
    pub count: i64,
    /// In the currency's minor unit, less what was paid back. Sums of many large amounts pass 2⁶³.
    #[serde(deserialize_with = "decimal")]
    pub amount: i128,
}

/// What is counted. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct ReportFilter {
    pub app: Option<AppId>,
    pub entity: Option<EntityId>,
    /// The earliest time, inclusive.
    pub from: Option<Timestamp>,
    /// The latest time, exclusive.
    pub to: Option<Timestamp>,
}

impl ReportFilter {
    /// Whether there are figures for each entity. For all entities of all apps they
    /// would be too many.
    pub fn is_per_entity(&self) -> bool {
        self.app.is_some() || self.entity.is_some()
    }

    /// The entity's id in a group, if there are figures for each entity.
    fn entity_id(&self) -> &'static str {
        if self.is_per_entity() { "$entityId" } else { "$$REMOVE" }
    }

    /// The documents that are counted. `field` has their time.
    fn within_period(&self, field: &str) -> Document {
        let mut filter = Document::new();
        if let Some(app) = &self.app {
            filter.insert("appId", app.as_str());
        }
        if let Some(entity) = &self.entity {
            filter.insert("entityId", entity.as_str());
        }
        if let Some(period) = time_range(self.from, self.to) {
            if self.app.is_none() {
                // Matches every app. With it, the index by app and date finds the period in each
                // app; without it, all documents would be read.
                filter.insert("appId", doc! {"$gte": ""});
            }
            filter.insert(field, period);
        }
        filter
    }
}

/// The pipeline that counts reservations.
fn reservation_counts(filter: &ReportFilter) -> Vec<Document> {
    // An overdue hold has expired, whether or not the sweeper has marked it.
    let overdue =
        doc! {"$and": [{"$eq": ["$status", "ACTIVE"]}, {"$lte": ["$expiresAt", "$$NOW"]}]};
    vec![
        doc! {"$match": filter.within_period("createdAt")},
        doc! {"$group": {
            "_id": {
                "appId": "$appId", "entityId": filter.entity_id(),
                "status": {"$cond": [overdue, "EXPIRED", "$status"]},
            },
            "count": {"$sum": 1_i64},
        }},
        doc! {"$project": {
            "_id": 0, "appId": "$_id.appId", "entityId": "$_id.entityId",
            "status": "$_id.status", "count": 1,
        }},
    ]
}

/// The pipeline that counts bookings and adds up their amounts.
fn booking_counts(filter: &ReportFilter) -> Vec<Document> {
    vec![
        doc! {"$match": filter.within_period("bookingDate")},
        doc! {"$group": {
            "_id": {
                "appId": "$appId", "entityId": filter.entity_id(), "status": "$status",
                "currency": "$currency",
            },
            "count": {"$sum": 1_i64},
            "amount": {"$sum": {"$subtract": [
                {"$toDecimal": "$amount"}, {"$ifNull": ["$refunded", 0]},
            ]}},
        }},
        doc! {"$project": {
            "_id": 0, "appId": "$_id.appId", "entityId": "$_id.entityId",
            "status": "$_id.status", "currency": "$_id.currency", "count": 1,
            "amount": {"$toString": "$amount"},
        }},
    ]
}

impl Store {
    /// Counts the documents of a period, per app, status and, where it makes sense, entity.
    pub async fn counts(
        &self,
        filter: &ReportFilter,
    ) -> Result<(Vec<ReservationCount>, Vec<BookingCount>), StoreError> {
        let reservations = reservation_counts(filter);
        let bookings = booking_counts(filter);
        try_join(self.rows("reservations", reservations), self.rows("bookings", bookings)).await
    }

    async fn rows<T: serde::de::DeserializeOwned>(
        &self,
        collection: &str,
        pipeline: Vec<Document>,
    ) -> Result<Vec<T>, StoreError> {
        let collection = self.database.collection::<Document>(collection);
        let rows: Vec<Document> = within_deadline(async {
            let aggregate = collection.aggregate(pipeline).max_time(server_time_limit());
            aggregate.await?.try_collect().await
        })
        .await?;
        rows.into_iter()
            .map(|row| {
                deserialize_from_document(row)
                    .map_err(|error| StoreError::from(mongodb::error::Error::from(error)))
            })
            .collect()
    }
}

/// A status, or `None` if another version of the service wrote one that this version does not know.
fn known<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let status: StringDeserializer<serde::de::value::Error> =
        StringDeserializer::new(String::deserialize(deserializer)?);
    Ok(T::deserialize(status).ok())
}

/// A whole number that MongoDB sends as a decimal's text, since BSON has no integers of its size.
fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_another_version_is_counted_as_unknown() {
        let row = |status: &str| {
            let row = doc! {"appId": "an-app", "status": status, "count": 1_i64};
            deserialize_from_document::<ReservationCount>(row).unwrap().status
        };
        assert_eq!(row("CONFIRMED"), Some(HoldStatus::Confirmed));
        assert_eq!(row("ON_A_WAITING_LIST"), Some(HoldStatus::Unknown));
    }
}
