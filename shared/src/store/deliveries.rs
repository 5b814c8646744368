//! The collection `deliveries`: an event on its way to an endpoint. The body is a text, so that
//! every attempt sends the same bytes.

use super::{StoreError, booking_status::Stored, collect, database_time, within_deadline};
use crate::{
    domain::{AppId, Cursor, DeliveryId, EventType, Timestamp, WebhookId},
    error::Error,
    faults::around,
    metrics::{self, Metric},
};
use mongodb::{
    Collection, Database,
    bson::{Document, doc},
    error::{Error as DriverError, ErrorKind},
    options::{CollectionOptions, ReturnDocument},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Events that were recorded longer ago than this are late. After a quiet time, the schedule starts
/// a deliverer within a minute, and it may be the second one that gets the lease.
const LATE_MS: i64 = 3 * 60 * 1000;

/// How long a delivery is kept.
pub(super) const DELIVERY_TTL_SECONDS: u64 = 30 * 24 * 60 * 60;

/// The index of deliveries that are due or will be.
pub(super) const PENDING_INDEX: &str = "pending_webhookId_nextAttemptAt";

/// A page begins after this delivery: its creation in milliseconds since 1970, and its id.
pub type DeliveryCursor = Cursor<(i64, String)>;

/// `PENDING`: an attempt is to come. `DELIVERED`: the receiver has responded with a 2xx. `FAILED`:
/// no further attempt comes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum DeliveryStatus {
    Pending,
    Delivered,
    Failed,
}

impl DeliveryStatus {
    const ALL: [&str; 3] = ["PENDING", "DELIVERED", "FAILED"];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
        }
    }
}

/// A document of the collection `deliveries`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    #[serde(rename = "_id")]
    pub id: DeliveryId,
    /// The same for all endpoints that get the event.
    pub event_id: String,
    pub webhook_id: WebhookId,
    pub app_id: AppId,
    #[serde(rename = "type")]
    pub kind: String,
    pub body: String,
    pub status: Stored<DeliveryStatus>,
    /// The latest is the last.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// How many attempts of the schedule were made.
    #[serde(default)]
    pub tries: i64,
    /// How often a process has taken it. Only the last one records the outcome.
    #[serde(default)]
    pub taken: i64,
    /// When the next attempt is due. While one runs: when it counts as lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An attempt to deliver an event.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    pub at: Timestamp,
    /// The status of the response. Absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// Why the endpoint did not accept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub duration_ms: i64,
    /// The beginning of the response's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
}

/// An event for an endpoint.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    pub event_id: String,
    pub webhook_id: WebhookId,
    pub app_id: AppId,
    pub kind: EventType,
    /// When it happened, by the database's clock.
    pub at: Timestamp,
    /// The whole body, as it is sent.
    pub body: String,
    /// Whether the endpoint is enabled. For a disabled one the delivery is recorded as FAILED.
    pub is_enabled: bool,
}

impl Delivery {
    /// The delivery to insert, which is due at once.
    fn new(new: NewDelivery, now: Timestamp) -> Self {
        let status = if new.is_enabled { DeliveryStatus::Pending } else { DeliveryStatus::Failed };
        Self {
            id: DeliveryId::generate(),
            event_id: new.event_id,
            webhook_id: new.webhook_id,
            app_id: new.app_id,
            kind: new.kind.as_str().to_owned(),
            body: new.body,
            status: Stored::Known(status),
            attempts: Vec::new(),
            tries: 0,
            taken: 0,
            next_attempt_at: new.is_enabled.then_some(now),
            created_at: now,
            updated_at: now,
        }
    }
}

/// Reads and writes the collection `deliveries`.
#[derive(Debug)]
pub struct Deliveries {
    database: Database,
    pub(super) deliveries: Collection<Delivery>,
    majority: Collection<Delivery>,
}

impl Deliveries {
    pub(super) fn new(database: &Database, majority: CollectionOptions) -> Self {
        Self {
            database: database.clone(),
            deliveries: database.collection("deliveries"),
            majority: database.collection_with_options("deliveries", majority),
        }
    }

    /// Inserts deliveries, and returns the ids of those that are new. An event that is on its way
    /// to an endpoint already is not inserted again.
    pub async fn insert(&self, new: Vec<NewDelivery>) -> Result<Vec<DeliveryId>, StoreError> {
        if new.is_empty() {
            return Ok(Vec::new());
        }
        // A function's clock that is an hour ahead would put the first attempts off by an hour.
        let now = within_deadline(database_time(&self.database)).await?;
        let is_late = |new: &NewDelivery| now.as_millis() - new.at.as_millis() > LATE_MS;
        let late: Vec<bool> = new.iter().map(is_late).collect();
        let rows: Vec<Delivery> = new.into_iter().map(|new| Delivery::new(new, now)).collect();
        let insert = self.deliveries.insert_many(&rows).ordered(false);
        let known = match around("deliveries.insert", within_deadline(insert)).await {
            Ok(_) => Vec::new(),
            Err(StoreError::Driver(error)) => duplicates(error)?,
            Err(error) => return Err(error),
        };
        let inserted: Vec<usize> = (0..rows.len()).filter(|row| !known.contains(row)).collect();
        let late = inserted.iter().filter(|row| late[**row]).count();
        if late > 0 {
            metrics::add(Metric::EventsLate, late as u64);
        }
        Ok(inserted.into_iter().map(|row| rows[row].id).collect())
    }

    /// The bodies of events that have deliveries already, by the events' ids. A delivery without a
    /// readable body is left out.
    pub(crate) async fn bodies(
        &self,
        events: &[&str],
    ) -> Result<HashMap<String, String>, StoreError> {
        let rows = self.majority.clone_with_type::<Document>();
        let find = rows.find(doc! {"eventId": {"$in": events.to_vec()}});
        let found = collect(find.projection(doc! {"_id": 0, "eventId": 1, "body": 1})).await?;
        let text = |row: &Document, name| row.get_str(name).ok().map(str::to_owned);
        let of_row = |row: &Document| Some((text(row, "eventId")?, text(row, "body")?));
        Ok(found.iter().filter_map(of_row).collect())
    }

    /// Up to `limit` deliveries to an endpoint, newest first.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a cursor that is not from an earlier page.
    pub async fn page(
        &self,
        webhook: WebhookId,
        status: Option<DeliveryStatus>,
        after: Option<DeliveryCursor>,
        limit: i64,
    ) -> Result<(Vec<Delivery>, Option<DeliveryCursor>), Error> {
        let statuses = status.map_or(DeliveryStatus::ALL.to_vec(), |status| vec![status.as_str()]);
        let mut filter = doc! {"webhookId": webhook.to_string(), "status": {"$in": statuses}};
        if let Some(Cursor((ms, id))) = after {
            let at = Timestamp::from_millis(ms);
            let id = DeliveryId::parse(&id).map_err(|_| {
                Error::field("cursor", "must be the nextCursor of an earlier response")
            })?;
            let older = doc! {"createdAt": at, "_id": {"$lt": id.to_string()}};
            filter.insert("createdAt", doc! {"$lte": at});
            filter.insert("$or", vec![doc! {"createdAt": {"$lt": at}}, older]);
        }
        let find = self.majority.find(filter).sort(doc! {"createdAt": -1, "_id": -1});
        let mut page = collect(find.limit(limit + 1)).await?;
        let has_more = page.len() as i64 > limit;
        page.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = page
            .last()
            .filter(|_| has_more)
            .map(|last| Cursor((last.created_at.as_millis(), last.id.to_string())));
        Ok((page, next))
    }

    /// Starts a delivery again, even one that arrived; `None` if the endpoint has no such delivery.
    pub(crate) async fn retry(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        let filter = doc! {"_id": id.to_string(), "webhookId": webhook.to_string()};
        let update = self.deliveries.find_one_and_update(filter, started_again());
        let update = update.return_document(ReturnDocument::After);
        around("deliveries.retry", within_deadline(update)).await
    }

    /// Starts all deliveries to an endpoint again that were created at `since` or later and are not
    /// delivered. Returns how many.
    pub(crate) async fn recover(
        &self,
        webhook: WebhookId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let filter = doc! {
            "webhookId": webhook.to_string(), "status": {"$in": ["PENDING", "FAILED"]},
            "createdAt": {"$gte": since},
        };
        let update = self.deliveries.update_many(filter, started_again());
        let updated = around("deliveries.recover", within_deadline(update)).await?;
        Ok(updated.matched_count)
    }

    /// Ends the deliveries to an endpoint that was disabled at `disabled_at`, by the database's
    /// clock. Deliveries that were added or started again since stay, because the endpoint may be
    /// enabled by now. If it is not, the next attempt of such a delivery ends it.
    pub(crate) async fn fail_all(
        &self,
        webhook: WebhookId,
        disabled_at: Timestamp,
    ) -> Result<(), StoreError> {
        let filter = doc! {
            "webhookId": webhook.to_string(), "status": "PENDING",
            "updatedAt": {"$lte": disabled_at},
        };
        let failed = doc! {"$set": {"status": "FAILED", "updatedAt": "$$NOW"}};
        let update = vec![failed, doc! {"$unset": "nextAttemptAt"}];
        let update = self.deliveries.update_many(filter, update);
        around("deliveries.fail_all", within_deadline(update)).await.map(|_| ())
    }

    /// Deletes all deliveries to an endpoint.
    pub(crate) async fn delete_all(&self, webhook: WebhookId) -> Result<(), StoreError> {
        let filter = doc! {"webhookId": webhook.to_string()};
        let delete = self.deliveries.delete_many(filter);
        around("deliveries.delete_all", within_deadline(delete)).await.map(|_| ())
    }
}

/// The update that starts a delivery again, with the whole schedule before it.
fn started_again() -> Vec<Document> {
    vec![doc! {"$set": {
        "status": "PENDING", "tries": 0_i64, "nextAttemptAt": "$$NOW", "updatedAt": "$$NOW",
    }}]
}

/// The rows that were not inserted because they exist, by their indexes. Any other error stays.
fn duplicates(error: DriverError) -> Result<Vec<usize>, StoreError> {
    let ErrorKind::InsertMany(failure) = error.kind.as_ref() else { return Err(error.into()) };
    let errors = failure.write_errors.as_deref().unwrap_or_default();
    let is_known = |code: i32| code == super::DUPLICATE_KEY;
    if failure.write_concern_error.is_some() || !errors.iter().all(|error| is_known(error.code)) {
        return Err(error.into());
    }
    Ok(errors.iter().map(|error| error.index).collect())
}
