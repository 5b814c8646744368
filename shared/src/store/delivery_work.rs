//! Deliveries from the deliverer's side: which are due, and how their attempts end.
//!
//! A delivery that a process has taken is due again when the process counts as dead. So two
//! processes rarely attempt the same one, and if they do, the receiver gets the event twice.

use super::{
    StoreError, after_now,
    deliveries::{Attempt, Deliveries, Delivery, PENDING_INDEX},
    parsed, within_deadline,
};
use crate::{
    domain::{AppId, WebhookId},
    faults::around,
};
use futures_util::TryStreamExt as _;
use mongodb::{
    bson::{Document, doc, serialize_to_bson},
    options::{Hint, ReturnDocument},
};
use serde::Deserialize;
use std::time::Duration;
use tracing::error;

/// How many attempts of a delivery are kept.
const MAX_ATTEMPTS: i32 = 50;

/// An endpoint with a delivery that is due.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DueWebhook {
    #[serde(rename = "_id")]
    pub webhook_id: WebhookId,
    pub app_id: AppId,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Delivered,
    /// It is tried again after this time.
    Again(Duration),
    Failed,
}

impl Deliveries {
    /// The endpoints that have a delivery that is due. MongoDB reads only the first delivery of
    /// each endpoint.
    pub(crate) async fn due(&self) -> Result<Vec<DueWebhook>, StoreError> {
        let pipeline = vec![
            doc! {"$match": {"status": "PENDING"}},
            doc! {"$sort": {"status": 1, "webhookId": 1, "nextAttemptAt": 1}},
            doc! {"$group": {
                "_id": "$webhookId", "appId": {"$first": "$appId"},
                "at": {"$first": "$nextAttemptAt"},
            }},
            doc! {"$match": {"$expr": {"$lte": ["$at", "$$NOW"]}}},
        ];
        let hint = Hint::Name(PENDING_INDEX.to_owned());
        let find = self.deliveries.aggregate(pipeline).hint(hint);
        let rows: Vec<Document> =
            within_deadline(async { find.await?.try_collect().await }).await?;
        // A delivery that cannot be read must not stop the others.
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let id = row.get("_id").cloned();
                let due = parsed(row);
                due.inspect_err(|error| error!(error, webhook = ?id, "a delivery cannot be read"))
                    .ok()
            })
            .collect())
    }

    /// Takes an endpoint's delivery that is due longest, and keeps it from others for `lease`.
    pub(crate) async fn take(
        &self,
        webhook: WebhookId,
        lease: Duration,
    ) -> Result<Option<Delivery>, StoreError> {
        let filter = doc! {
            "status": "PENDING", "webhookId": webhook.to_string(),
            "$expr": {"$lte": ["$nextAttemptAt", "$$NOW"]},
        };
        let update = vec![doc! {"$set": {
            "nextAttemptAt": after_now(lease), "updatedAt": "$$NOW",
            "taken": {"$add": [{"$ifNull": ["$taken", 0_i64]}, 1_i64]},
        }}];
        let take = self.deliveries.find_one_and_update(filter, update);
        let take = take.sort(doc! {"status": 1, "webhookId": 1, "nextAttemptAt": 1});
        let take = take.hint(Hint::Name(PENDING_INDEX.to_owned()));
        let take = take.return_document(ReturnDocument::After);
        around("deliveries.take", within_deadline(take)).await
    }

    /// Records an attempt of a delivery that this process has taken. `false`, without a change, if
    /// another process has taken it since. A failure neither changes a delivery that was started
    /// again since, nor postpones one that has ended.
    pub(crate) async fn settle(
        &self,
        delivery: &Delivery,
        attempt: &Attempt,
        verdict: Verdict,
    ) -> Result<bool, StoreError> {
        let mut filter = doc! {"_id": delivery.id.to_string(), "taken": delivery.taken};
        let attempt = serialize_to_bson(attempt).map_err(mongodb::error::Error::from)?;
        let attempts = doc! {"$slice": [
            {"$concatArrays": ["$attempts", [{"$literal": attempt}]]}, -MAX_ATTEMPTS,
        ]};
        let mut set =
            doc! {"attempts": attempts, "tries": delivery.tries + 1, "updatedAt": "$$NOW"};
        let ended = |set: &mut Document, status: &str| {
            set.insert("status", status);
            Some(doc! {"$unset": "nextAttemptAt"})
        };
        if verdict != Verdict::Delivered {
            filter.insert("tries", delivery.tries);
        }
        let unset = match verdict {
            Verdict::Delivered => ended(&mut set, "DELIVERED"),
            Verdict::Failed => ended(&mut set, "FAILED"),
            Verdict::Again(pause) => {
                filter.insert("status", "PENDING");
                set.insert("nextAttemptAt", after_now(pause));
                None
            }
        };
        let stages: Vec<Document> = [doc! {"$set": set}].into_iter().chain(unset).collect();
        let update = self.deliveries.update_one(filter, stages);
        let settled = around("deliveries.settle", within_deadline(update)).await?;
        Ok(settled.matched_count == 1)
    }
}
