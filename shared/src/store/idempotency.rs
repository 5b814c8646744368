//! The collection `idempotency_keys`: the first response for each `Idempotency-Key`,
//! kept for 24 hours.

use super::{StoreError, after_now, orphans::Orphans, server_time_limit, within_deadline};
use crate::{domain::Timestamp, faults::around};
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, doc},
    options::ReturnDocument,
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// The response that a repeated request gets again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredResponse {
    pub status: i32,
    /// The JSON text, without the request id and other parts that differ between requests.
    pub body: String,
    /// The `Retry-After` header, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<i64>,
    /// The `ETag` header. Earlier versions do not store it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// The document of a key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdempotencyRecord {
    body_hash: String,
    /// Absent on records of earlier versions.
    json_hash: Option<String>,
    owner: String,
    answer: Option<StoredResponse>,
    updated_at: Timestamp,
}

/// The hashes of a request's body. Two bodies count as the same if either hash is equal.
#[derive(Clone, Debug)]
pub(crate) struct BodyHashes {
    /// The hash of its bytes. Earlier versions know only this one.
    pub bytes: String,
    /// The hash of its JSON value, the same however it is written; `None` if it is no JSON.
    pub json: Option<String>,
}

impl BodyHashes {
    fn matches(&self, record: &IdempotencyRecord) -> bool {
        record.body_hash == self.bytes || (self.json.is_some() && record.json_hash == self.json)
    }

    /// An expression: whether the stored record is of the same body.
    fn matches_expression(&self) -> Document {
        let mut any = vec![doc! {"$eq": ["$bodyHash", {"$literal": &self.bytes}]}];
        any.extend(self.json.as_ref().map(|json| doc! {"$eq": ["$jsonHash", {"$literal": json}]}));
        doc! {"$or": any}
    }
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
    /// The first request has completed, with this response, at this time.
    Completed(StoredResponse, Timestamp),
    /// The first request is still running.
    InProgress,
    /// The first request had a different body.
    DifferentBody,
}

/// Reads and writes the collection `idempotency_keys`.
#[derive(Debug)]
pub struct Idempotency {
    keys: Collection<IdempotencyRecord>,
    orphans: Arc<Orphans>,
}

impl Idempotency {
    pub(super) fn new(database: &Database, orphans: Arc<Orphans>) -> Self {
        Self { keys: database.collection("idempotency_keys"), orphans }
    }

    /// Takes the key for `owner` for at most `timeout`, unless another request has it. So a request
    /// that dies without a response keeps the key no longer than its own deadline.
    pub(crate) async fn begin(
        &self,
        key: &str,
        body: &BodyHashes,
        owner: &str,
        timeout: Duration,
    ) -> Result<KeyState, StoreError> {
        let mut mine = doc! {
            "_id": "$_id",
            "bodyHash": {"$literal": &body.bytes},
            "owner": {"$literal": owner},
            "lockedUntil": after_now(timeout),
            "createdAt": {"$ifNull": ["$createdAt", "$$NOW"]},
            "updatedAt": "$$NOW",
        };
        if let Some(json) = &body.json {
            mine.insert("jsonHash", doc! {"$literal": json});
        }
        let free = doc! {"$or": [
            {"$eq": [{"$type": "$owner"}, "missing"]},
            {"$and": [
                {"$eq": [{"$type": "$answer"}, "missing"]},
                {"$lte": ["$lockedUntil", "$$NOW"]},
                body.matches_expression(),
            ]},
        ]};
        let stages = vec![doc! {"$replaceWith": {"$cond": [free, mine, "$$ROOT"]}}];
        let take = |limit| {
            let update = self.keys.find_one_and_update(doc! {"_id": key}, stages.clone());
            let update = update.upsert(true).return_document(ReturnDocument::After);
            around("idempotency.begin", within_deadline(update.max_time(limit)))
        };
        // The transaction of an earlier call with this key may be orphaned.
        let record = match self.orphans.unblocked(take).await {
            // Two first requests at once: the loser finds the winner's document.
            Err(error) if error.duplicate().is_some() => self.orphans.unblocked(take).await?,
            result => result?,
        };
        Ok(match record {
            None => KeyState::InProgress,
            Some(record) if !body.matches(&record) => KeyState::DifferentBody,
            Some(IdempotencyRecord { answer: Some(answer), updated_at, .. }) => {
                KeyState::Completed(answer, updated_at)
            }
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
