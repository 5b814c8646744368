//! `idempotency_keys`: the first answer that a key got, kept for 24 hours.

use super::{StoreError, server_time_limit, within_deadline};
use crate::{domain::Timestamp, faults::around};
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, doc},
    options::ReturnDocument,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An answer as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredResponse {
    /// HTTP status.
    pub status: i32,
    /// The JSON text, without what differs from call to call.
    pub body: String,
    /// `Retry-After`, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<i64>,
}

/// What a key is bound to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdempotencyRecord {
    body_hash: String,
    owner: String,
    answer: Option<StoredResponse>,
    locked_until: Timestamp,
    updated_at: Timestamp,
}

/// The answer that a call is about to give, and the key that it holds: for writing in one
/// transaction with what it did.
#[derive(Clone, Debug)]
pub struct KeyedResponse {
    pub(crate) key: String,
    pub(crate) owner: String,
    pub(crate) answer: StoredResponse,
}

/// What is known of a key.
#[derive(Debug)]
pub enum KeyState {
    /// Nothing: the call is the first, and `owner` now has it.
    Acquired,
    /// The first call was answered.
    Completed(StoredResponse),
    /// The first call still runs, and was given so many milliseconds.
    InProgress(i64),
    /// It came with another body.
    DifferentBody,
}

/// The collection.
#[derive(Debug)]
pub struct Idempotency {
    keys: Collection<IdempotencyRecord>,
}

impl Idempotency {
    pub(super) fn new(database: &Database) -> Self {
        Self { keys: database.collection("idempotency_keys") }
    }

    /// Takes the key for `owner` for `timeout`, unless an earlier call has it. A call that died
    /// without an answer keeps it no longer than its own deadline.
    pub async fn begin(
        &self,
        key: &str,
        body_hash: &str,
        owner: &str,
        timeout: Duration,
    ) -> Result<KeyState, StoreError> {
        let mine = doc! {
            "bodyHash": {"$literal": body_hash},
            "owner": {"$literal": owner},
            "lockedUntil": {"$add": ["$$NOW", timeout.as_millis() as i64]},
            "createdAt": {"$ifNull": ["$createdAt", "$$NOW"]},
            "updatedAt": "$$NOW",
        };
        let mut mine_whole = doc! {"_id": "$_id"};
        mine_whole.extend(mine);
        let free = doc! {"$or": [
            {"$eq": [{"$type": "$owner"}, "missing"]},
            {"$and": [
                {"$eq": [{"$type": "$answer"}, "missing"]},
                {"$lte": ["$lockedUntil", "$$NOW"]},
                {"$eq": ["$bodyHash", {"$literal": body_hash}]},
            ]},
        ]};
        let take = || {
            self.keys
                .find_one_and_update(
                    doc! {"_id": key},
                    vec![doc! {"$replaceWith": {"$cond": [free.clone(), mine_whole.clone(), "$$ROOT"]}}],
                )
                .upsert(true)
                .return_document(ReturnDocument::After)
                .max_time(server_time_limit())
        };
        let take = || around("idempotency.begin", within_deadline(take()));
        let record = match take().await {
            // Two first calls at once: the one that lost finds the other's.
            Err(error) if error.duplicate().is_some() => take().await?,
            result => result?,
        };
        Ok(match record {
            None => KeyState::InProgress(0),
            Some(record) if record.body_hash != body_hash => KeyState::DifferentBody,
            Some(IdempotencyRecord { answer: Some(answer), .. }) => KeyState::Completed(answer),
            Some(record) if record.owner == owner => KeyState::Acquired,
            Some(record) => KeyState::InProgress(
                record.locked_until.as_millis() - record.updated_at.as_millis(),
            ),
        })
    }

    /// Keeps the answer for the key, if `owner` still has it.
    pub async fn finish(
        &self,
        key: &str,
        owner: &str,
        answer: &StoredResponse,
    ) -> Result<(), StoreError> {
        let update =
            self.keys.find_one_and_update(doc! {"_id": key, "owner": owner}, set_response(answer)?);
        around("idempotency.finish", within_deadline(update.max_time(server_time_limit())))
            .await
            .map(|_| ())
    }

    /// Inside a transaction: keeps the answer; `false` if another call has the key by now.
    pub(super) async fn finish_in(
        &self,
        session: &mut ClientSession,
        kept: &KeyedResponse,
    ) -> Result<bool, mongodb::error::Error> {
        let filter = doc! {"_id": &kept.key, "owner": &kept.owner};
        let update = self.keys.update_one(filter, set_response(&kept.answer)?).session(session);
        Ok(around("idempotency.finish_in", update).await?.matched_count == 1)
    }

    /// Forgets the key, if `owner` still has it: its answer is not one to remember.
    pub async fn forget(&self, key: &str, owner: &str) -> Result<(), StoreError> {
        let unanswered = doc! {"_id": key, "owner": owner, "answer": {"$exists": false}};
        let delete = self.keys.find_one_and_delete(unanswered).max_time(server_time_limit());
        around("idempotency.forget", within_deadline(delete)).await.map(|_| ())
    }
}

fn set_response(answer: &StoredResponse) -> Result<Document, mongodb::error::Error> {
    let answer = mongodb::bson::serialize_to_document(answer)?;
    Ok(doc! {"$set": {"answer": answer}, "$currentDate": {"updatedAt": true}})
}

/// How long an answer is kept, in seconds.
pub(super) const RESPONSE_TTL_SECONDS: u64 = 24 * 60 * 60;
