//! The collection `idempotency_keys`: the first response for each `Idempotency-Key`, kept for 24
//! hours.

use super::{StoreError, server_time_limit, within_deadline};
use crate::faults::around;
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, doc},
    options::ReturnDocument,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A response as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredResponse {
    pub status: i32,
    /// The JSON text, without the request id and other parts that differ between requests.
    pub body: String,
    /// The `Retry-After` header, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<i64>,
}

/// The document of a key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdempotencyRecord {
    body_hash: String,
    owner: String,
    answer: Option<StoredResponse>,
}

/// A response together with the key that it belongs to. It is written in the same transaction as
/// the request's other changes.
#[derive(Clone, Debug)]
pub struct KeyedResponse {
    pub(crate) key: String,
    pub(crate) owner: String,
    pub(crate) response: StoredResponse,
}

/// What [`Idempotency::begin`] found for a key.
#[derive(Debug)]
pub(crate) enum KeyState {
    /// This request is the first; `owner` now has the key.
    Acquired,
    /// The first request has completed, with this response.
    Completed(StoredResponse),
    /// The first request is still running.
    InProgress,
    /// The first request had a different body.
    DifferentBody,
}

/// Access to the collection.
#[derive(Debug)]
pub struct Idempotency {
    keys: Collection<IdempotencyRecord>,
}

impl Idempotency {
    pub(super) fn new(database: &Database) -> Self {
        Self { keys: database.collection("idempotency_keys") }
    }

    /// Takes the key for `owner` for at most `timeout`, unless another request has it. So a request
    /// that dies without a response keeps the key no longer than its own deadline.
    pub(crate) async fn begin(
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
            // Two first requests at once: the loser finds the winner's document.
            Err(error) if error.duplicate().is_some() => take().await?,
            result => result?,
        };
        Ok(match record {
            None => KeyState::InProgress,
            Some(record) if record.body_hash != body_hash => KeyState::DifferentBody,
            Some(IdempotencyRecord { answer: Some(answer), .. }) => KeyState::Completed(answer),
            Some(record) if record.owner == owner => KeyState::Acquired,
            Some(_) => KeyState::InProgress,
        })
    }

    /// Stores the response for the key, if `owner` still has it.
    pub(crate) async fn finish(
        &self,
        key: &str,
        owner: &str,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        let update = self
            .keys
            .find_one_and_update(doc! {"_id": key, "owner": owner}, set_response(response)?);
        around("idempotency.finish", within_deadline(update.max_time(server_time_limit())))
            .await
            .map(|_| ())
    }

    /// Inside a transaction: stores the response; `false` if another request has taken the key.
    pub(super) async fn finish_in(
        &self,
        session: &mut ClientSession,
        keyed: &KeyedResponse,
    ) -> Result<bool, mongodb::error::Error> {
        let filter = doc! {"_id": &keyed.key, "owner": &keyed.owner};
        let update = self.keys.update_one(filter, set_response(&keyed.response)?).session(session);
        Ok(around("idempotency.finish_in", update).await?.matched_count == 1)
    }

    /// Deletes the key if `owner` still has it, because its response must not be replayed.
    pub(crate) async fn forget(&self, key: &str, owner: &str) -> Result<(), StoreError> {
        let unanswered = doc! {"_id": key, "owner": owner, "answer": {"$exists": false}};
        let delete = self.keys.find_one_and_delete(unanswered).max_time(server_time_limit());
        around("idempotency.forget", within_deadline(delete)).await.map(|_| ())
    }
}

fn set_response(response: &StoredResponse) -> Result<Document, mongodb::error::Error> {
    let answer = mongodb::bson::serialize_to_document(response)?;
    Ok(doc! {"$set": {"answer": answer}, "$currentDate": {"updatedAt": true}})
}

pub(super) const RESPONSE_TTL_SECONDS: u64 = 24 * 60 * 60;
