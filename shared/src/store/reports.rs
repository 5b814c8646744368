//! Counts over reservations and bookings, per app.

use super::{Store, StoreError, time_range, within_deadline};
use crate::domain::{AppId, Timestamp};
use futures_util::{TryStreamExt, future::try_join};
use mongodb::bson::{Document, deserialize_from_document, doc};
use serde::Deserialize;

/// How many reservations of an app have a status.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReservationCount {
    /// The tenant.
    pub app_id: AppId,
    /// `ACTIVE` (live ones only), `EXPIRED` (overdue ones too), `CONFIRMED` or `RELEASED`.
    pub status: String,
    /// How many.
    pub count: i64,
}

/// How many bookings of an app have a status, and what they come to in one currency.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookingCount {
    /// The tenant.
    pub app_id: AppId,
    /// `CONFIRMED`, `FAILED`, `REFUND_DUE` or `CANCELLED`.
    pub status: String,
    /// Of the amount.
    pub currency: String,
    /// How many.
    pub count: i64,
    /// Minor units.
    pub amount: i64,
}

impl Store {
    /// Counts what was created from `from` on and before `to`, of one app or of all.
    pub async fn counts(
        &self,
        app: Option<&AppId>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<(Vec<ReservationCount>, Vec<BookingCount>), StoreError> {
        let created = |field: &str| {
            let mut filter = Document::new();
            let period = time_range(from, to);
            filter.extend(app.map(|app| ("appId".to_owned(), app.as_str().into())));
            if app.is_none() && period.is_some() {
                // Every app: so the index by app and date finds the period in each, instead of all
                // documents being read.
                filter.insert("appId", doc! {"$gte": ""});
            }
            filter.extend(period.map(|period| (field.to_owned(), period.into())));
            filter
        };
        // An overdue hold has expired, whether or not the sweeper has said so.
        let overdue =
            doc! {"$and": [{"$eq": ["$status", "ACTIVE"]}, {"$lte": ["$expiresAt", "$$NOW"]}]};
        let reservations = vec![
            doc! {"$match": created("createdAt")},
            doc! {"$group": {
                "_id": {"appId": "$appId", "status": {"$cond": [overdue, "EXPIRED", "$status"]}},
                "count": {"$sum": 1_i64},
            }},
            doc! {"$project": {"_id": 0, "appId": "$_id.appId", "status": "$_id.status", "count": 1}},
        ];
        let bookings = vec![
            doc! {"$match": created("bookingDate")},
            doc! {"$group": {
                "_id": {"appId": "$appId", "status": "$status", "currency": "$currency"},
                "count": {"$sum": 1_i64},
                "amount": {"$sum": "$amount"},
            }},
            doc! {"$project": {
                "_id": 0, "appId": "$_id.appId", "status": "$_id.status", "currency": "$_id.currency", "count": 1,
                "amount": 1,
            }},
        ];
        try_join(self.rows("reservations", reservations), self.rows("bookings", bookings)).await
    }

    async fn rows<T: serde::de::DeserializeOwned>(
        &self,
        collection: &str,
        pipeline: Vec<Document>,
    ) -> Result<Vec<T>, StoreError> {
        let collection = self.database.collection::<Document>(collection);
        let rows: Vec<Document> =
            within_deadline(async { collection.aggregate(pipeline).await?.try_collect().await })
                .await?;
        rows.into_iter()
            .map(|row| {
                deserialize_from_document(row)
                    .map_err(|error| StoreError::from(mongodb::error::Error::from(error)))
            })
            .collect()
    }
}
