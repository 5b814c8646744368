//! The collection `deliverers`: the lease of the process that delivers webhooks, and when there was
//! work last. Two processes at once do no harm.

use super::{StoreError, after_now, within_deadline};
use crate::{domain::Timestamp, faults::around};
use mongodb::{
    Collection, Database,
    bson::{Document, doc},
    options::{CollectionOptions, ReturnDocument},
};
use serde::Deserialize;
use std::time::Duration;

/// A lease as stored. All times are by the database's clock.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lease {
    /// When its owner will give it back.
    ends_at: Timestamp,
    /// When there was work last.
    active_at: Option<Timestamp>,
    updated_at: Timestamp,
}

impl Lease {
    /// How long ago there was work, when the lease was last written. `None`: never.
    pub(crate) fn idle(&self) -> Option<Duration> {
        Some(between(self.active_at?, self.updated_at))
    }

    /// How much longer its owner planned to keep it, when the lease was last written.
    pub(crate) fn remaining(&self) -> Duration {
        between(self.updated_at, self.ends_at)
    }
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    let ms = to.as_millis().saturating_sub(from.as_millis());
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}

/// The outcome of an attempt to take a lease.
#[derive(Debug)]
pub(crate) enum LeaseOutcome {
    Ours(Lease),
    /// Another process has it. `None`: it has just changed hands.
    Others(Option<Lease>),
}

/// Reads and writes the collection `deliverers`.
#[derive(Debug)]
pub struct DeliveryLeases {
    leases: Collection<Lease>,
}

impl DeliveryLeases {
    pub(super) fn new(database: &Database, majority: CollectionOptions) -> Self {
        Self { leases: database.collection_with_options("deliverers", majority) }
    }

    /// Takes a lease that no process has, for `ttl`. The process plans to give it back after `run`.
    pub(crate) async fn take(
        &self,
        name: &str,
        owner: &str,
        ttl: Duration,
        run: Duration,
    ) -> Result<LeaseOutcome, StoreError> {
        let filter = doc! {"_id": name, "$expr": {"$lte": ["$until", "$$NOW"]}};
        let update = vec![doc! {"$set": {
            "owner": owner, "until": after_now(ttl), "endsAt": after_now(run), "updatedAt": "$$NOW",
        }}];
        let take = || {
            let take = self.leases.find_one_and_update(filter.clone(), update.clone());
            around("deliverers.take", within_deadline(take.return_document(ReturnDocument::After)))
        };
        if let Some(lease) = take().await? {
            return Ok(LeaseOutcome::Ours(lease));
        }
        if let Some(lease) = within_deadline(self.leases.find_one(doc! {"_id": name})).await? {
            return Ok(LeaseOutcome::Others(Some(lease)));
        }
        // MongoDB takes no `$expr` in an upsert. So the first process inserts a lease that has
        // expired.
        let (now, over) = (Timestamp::now(), Timestamp::from_millis(0));
        let new = doc! {"$setOnInsert": {
            "owner": owner, "until": over, "endsAt": over, "createdAt": now, "updatedAt": now,
        }};
        let make = self.leases.update_one(doc! {"_id": name}, new).upsert(true);
        match around("deliverers.make", within_deadline(make)).await {
            Err(error) if error.duplicate().is_none() => return Err(error),
            Ok(_) | Err(_) => {}
        }
        Ok(take().await?.map_or(LeaseOutcome::Others(None), LeaseOutcome::Ours))
    }

    /// Keeps a lease for `ttl` more; `false` if another process has it now.
    /// `is_active`: there was work.
    pub(crate) async fn renew(
        &self,
        name: &str,
        owner: &str,
        ttl: Duration,
        is_active: bool,
    ) -> Result<bool, StoreError> {
        let mut set = doc! {"until": after_now(ttl), "updatedAt": "$$NOW"};
        if is_active {
            set.insert("activeAt", "$$NOW");
        }
        around("deliverers.renew", self.update(name, owner, set)).await
    }

    /// Gives a lease back.
    pub(crate) async fn release(&self, name: &str, owner: &str) -> Result<(), StoreError> {
        let set = doc! {"until": "$$NOW", "updatedAt": "$$NOW"};
        around("deliverers.release", self.update(name, owner, set)).await.map(|_| ())
    }

    async fn update(&self, name: &str, owner: &str, set: Document) -> Result<bool, StoreError> {
        let filter = doc! {"_id": name, "owner": owner};
        let update = self.leases.update_one(filter, vec![doc! {"$set": set}]);
        Ok(within_deadline(update).await?.matched_count > 0)
    }
}
