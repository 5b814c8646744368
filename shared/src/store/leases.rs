//! Leases: of all processes, one at a time does a task. The collection is `leases`.
//!
//! MongoDB's clock decides when a lease ends, so the processes' clocks do not matter. A
//! process that was frozen may not know that its lease has ended. It must check its own
//! clock before it acts.

use super::{StoreError, within_deadline};
use crate::domain::Timestamp;
use mongodb::{
    Collection, Database,
    bson::{Bson, doc},
    options::ReturnDocument,
};
use serde::Deserialize;
use std::time::Duration;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LeaseRow {
    holder: String,
    updated_at: Timestamp,
}

/// Reads and writes the collection `leases`.
#[derive(Debug)]
pub(crate) struct Leases {
    leases: Collection<LeaseRow>,
}

impl Leases {
    pub(super) fn new(database: &Database) -> Self {
        Self { leases: database.collection("leases") }
    }

    /// Takes the lease or makes it last longer. Returns the time by the database's clock; `None`
    /// while another process has it.
    pub(crate) async fn take(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Option<Timestamp>, StoreError> {
        let ttl_ms = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        // An upsert may not have `$expr` in its filter. A lease that is another's stays as it is.
        let ours = doc! {"$or": [
            {"$eq": ["$holder", {"$literal": holder}]},
            // Also if there is no such lease yet.
            {"$lte": [{"$ifNull": ["$until", "$$NOW"]}, "$$NOW"]},
        ]};
        let if_ours = |value: Bson, field: &str| doc! {"$cond": [ours.clone(), value, field]};
        let update = doc! {"$set": {
            "holder": if_ours(doc! {"$literal": holder}.into(), "$holder"),
            "until": if_ours(doc! {"$add": ["$$NOW", ttl_ms]}.into(), "$until"),
            "createdAt": {"$ifNull": ["$createdAt", "$$NOW"]},
            "updatedAt": if_ours("$$NOW".into(), "$updatedAt"),
        }};
        let take = self.leases.find_one_and_update(doc! {"_id": name}, vec![update]);
        let take = take.upsert(true).return_document(ReturnDocument::After);
        match within_deadline(take).await {
            // Another process has just created it.
            Err(error) if error.duplicate().is_some() => Ok(None),
            row => Ok(row?.filter(|row| row.holder == holder).map(|row| row.updated_at)),
        }
    }

    /// Whether any process has the lease now.
    pub(crate) async fn is_held(&self, name: &str) -> Result<bool, StoreError> {
        let filter = doc! {"_id": name, "$expr": {"$gt": ["$until", "$$NOW"]}};
        Ok(within_deadline(self.leases.find_one(filter)).await?.is_some())
    }

    /// Gives the lease back, if this process still has it.
    pub(crate) async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let filter = doc! {"_id": name, "holder": holder};
        within_deadline(self.leases.delete_one(filter)).await.map(|_| ())
    }
}
