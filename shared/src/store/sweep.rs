//! The sweep, which marks overdue holds as expired. Nothing depends on it: a request for an overdue
//! hold's seats marks the hold itself.

use super::{
    Store, StoreError, collect,
    hold_filters::{end_unsold, overdue, state_for_events},
    orphans::BLOCKED_TIMEOUT,
    reservations::{Hold, MARK_TIMEOUT, Reservations},
    server_time_limit, within_deadline,
};
use crate::{
    clock::Deadline,
    domain::EventType,
    error::{Error, Result},
    faults::around,
    metrics::{self, Metric},
};
use mongodb::{
    bson::{Document, doc, oid::ObjectId},
    error::Error as DriverError,
    options::Hint,
};
use serde::Deserialize;
use tracing::warn;

/// How many overdue holds the sweeper marks with one command.
const SWEEP_BATCH_SIZE: i64 = 500;

/// The outcome of one batch of the sweep.
enum Swept {
    /// No overdue hold is left, but for refused ones.
    Nothing,
    Marked(u64),
}

/// Whether the server refused to change one of several documents.
enum Refused {
    None,
    Some,
}

impl Store {
    /// Ends orphaned transactions, then marks overdue holds as expired until none is left or the
    /// time is up. Counts them, and returns how many. Two sweeps at once do no harm: each marks
    /// what the other has not.
    ///
    /// # Errors
    /// Some holds could not be marked. All others were.
    pub async fn expire_overdue(&self) -> Result<u64> {
        self.orphans.end().await;
        let (mut total, mut refused) = (0, Vec::new());
        while Deadline::current().remaining() >= MARK_TIMEOUT {
            match self.reservations.expire_batch(&mut refused).await.map_err(Error::from)? {
                Swept::Marked(marked) => total += marked,
                Swept::Nothing => break,
            }
        }
        metrics::add(Metric::HoldsExpired, total);
        if refused.is_empty() {
            return Ok(total);
        }
        let cause = format!("{} overdue holds could not be marked, {total} were", refused.len());
        Err(Error::internal(cause))
    }

    /// Marks overdue holds that were kept for a payment as expired, until none is left or the time
    /// is up, and returns those that this call has marked.
    pub(crate) async fn expire_extended(&self) -> Result<Vec<Hold>> {
        let filter = doc! {
            "claimed": true, "status": "ACTIVE", "extended": true, "$expr": overdue(),
        };
        let mut marked = Vec::new();
        while Deadline::current().remaining() >= MARK_TIMEOUT {
            let holds = &self.reservations.holds;
            let expired = self.reservations.expired_of_any_app();
            let update = holds.find_one_and_update(filter.clone(), expired);
            let update = update
                .hint(Hint::Name("active_extended_expiresAt".to_owned()))
                .max_time(MARK_TIMEOUT.min(server_time_limit()));
            match around("reservations.expire_extended", within_deadline(update)).await {
                Ok(Some(hold)) => marked.push(hold),
                Ok(None) => break,
                // The batches mark it, or report it.
                Err(error) => {
                    warn!(error = %error, "an overdue hold cannot be marked");
                    break;
                }
            }
        }
        metrics::add(Metric::HoldsExpired, marked.len() as u64);
        Ok(marked)
    }
}

impl Reservations {
    /// Marks a hold as expired, whichever app has it.
    fn expired_of_any_app(&self) -> Vec<Document> {
        let event = EventType::HoldExpired;
        end_unsold("EXPIRED", self.subscriptions.fields_of_any_app(event, state_for_events()))
    }

    /// Marks up to a batch of overdue holds as expired. `refused` are left out, and holds that the
    /// server refuses to change are added to it.
    async fn expire_batch(&self, refused: &mut Vec<ObjectId>) -> Result<Swept, StoreError> {
        #[derive(Deserialize)]
        struct Id {
            #[serde(rename = "_id")]
            id: ObjectId,
        }
        let mut filter = doc! {"claimed": true, "status": "ACTIVE", "$expr": overdue()};
        if !refused.is_empty() {
            filter.insert("_id", doc! {"$nin": &*refused});
        }
        let holds = self.holds.clone_with_type::<Id>();
        let ids =
            collect(holds.find(filter).projection(doc! {"_id": 1}).limit(SWEEP_BATCH_SIZE)).await?;
        let ids: Vec<ObjectId> = ids.into_iter().map(|row| row.id).collect();
        if ids.is_empty() {
            return Ok(Swept::Nothing);
        }
        let mut marked = 0;
        match self.expire_all(&ids).await {
            Ok((count, Refused::None)) => return Ok(Swept::Marked(count)),
            // The server had marked these before it refused a hold.
            Ok((count, Refused::Some)) => marked = count,
            Err(error) if error.is_server_time_limit() => _ = self.orphans.end().await,
            Err(error) => return Err(error),
        }
        // One hold was refused, or a transaction blocks it. So mark each by itself.
        let holds = self.holds.clone_with_type::<Document>();
        for id in ids {
            let filter = doc! {"_id": id, "status": "ACTIVE", "$expr": overdue()};
            let update = holds.find_one_and_update(filter, self.expired_of_any_app());
            let update = update.max_time(MARK_TIMEOUT.min(server_time_limit()));
            match around("reservations.expire_batch", within_deadline(update)).await {
                Ok(found) => marked += u64::from(found.is_some()),
                Err(error) => {
                    warn!(error = %error, hold = %id, "an overdue hold cannot be marked");
                    refused.push(id);
                }
            }
        }
        Ok(Swept::Marked(marked))
    }

    /// Marks the overdue holds among `ids`, with one command, and counts them. If the server
    /// refuses one, it skips the rest.
    async fn expire_all(&self, ids: &[ObjectId]) -> Result<(u64, Refused), StoreError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Updated {
            n_modified: u64,
            #[serde(default)]
            write_errors: Vec<Document>,
            write_concern_error: Option<Document>,
        }
        let filter = doc! {"_id": {"$in": ids}, "status": "ACTIVE", "$expr": overdue()};
        // A raw command, because the driver's own update cannot carry a time limit.
        let limit = BLOCKED_TIMEOUT.min(server_time_limit());
        let update = doc! {
            "update": self.holds.name(),
            "updates": [{"q": filter, "u": self.expired_of_any_app(), "multi": true}],
            "maxTimeMS": i64::try_from(limit.as_millis()).unwrap_or(i64::MAX),
            "writeConcern": {"w": "majority"},
        };
        let database = self.holds.client().database(&self.holds.namespace().db);
        let updated =
            around("reservations.expire_batch", within_deadline(database.run_command(update)))
                .await?;
        let updated: Updated =
            mongodb::bson::deserialize_from_document(updated).map_err(DriverError::from)?;
        if let Some(error) = updated.write_concern_error {
            // Marked on the primary, and not yet on a majority. A failover may lose it, and then
            // the next sweep marks it again.
            warn!(code = error.get_i32("code").ok(), "a sweep waits for no majority");
        }
        let refused = if updated.write_errors.is_empty() { Refused::None } else { Refused::Some };
        Ok((updated.n_modified, refused))
    }
}
