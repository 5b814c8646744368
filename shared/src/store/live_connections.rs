//! The viewers' WebSockets: the collection `live_connections`.

use super::{StoreError, collect, within_deadline};
use crate::domain::{FeedKey, Timestamp};
use mongodb::{
    Collection, Database,
    bson::{Bson, doc},
};
use serde::Deserialize;

/// API Gateway ends a connection after two hours. The document lives a little longer.
const MAX_AGE_MS: i64 = (2 * 60 + 5) * 60 * 1_000;

/// The WebSocket of one viewer of a feed.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveConnection {
    pub connection_id: String,
    pub created_at: Timestamp,
    /// When a body was last sent; absent before the first one.
    pub sent_at: Option<Timestamp>,
}

/// Reads and writes the collection `live_connections`.
#[derive(Debug)]
pub(crate) struct LiveConnections {
    connections: Collection<LiveConnection>,
}

impl LiveConnections {
    pub(super) fn new(database: &Database) -> Self {
        Self { connections: database.collection("live_connections") }
    }

    pub(crate) async fn add(&self, id: &str, key: &FeedKey) -> Result<(), StoreError> {
        let insert = doc! {"$set": {
            "connectionId": {"$literal": id},
            "feedKey": key.as_str(),
            "createdAt": "$$NOW",
            "updatedAt": "$$NOW",
            "expiresAt": {"$add": ["$$NOW", MAX_AGE_MS]},
        }};
        let filter = doc! {"connectionId": id};
        let add = self.connections.update_one(filter, vec![insert]).upsert(true);
        within_deadline(add).await.map(|_| ())
    }

    /// How many connections a feed has. Counts no further than `limit`.
    pub(crate) async fn count(&self, key: &FeedKey, limit: u64) -> Result<u64, StoreError> {
        let count = self.connections.count_documents(doc! {"feedKey": key.as_str()}).limit(limit);
        within_deadline(count).await
    }

    pub(crate) async fn remove(&self, ids: &[&str]) -> Result<(), StoreError> {
        let filter = doc! {"connectionId": {"$in": ids}};
        within_deadline(self.connections.delete_many(filter)).await.map(|_| ())
    }

    pub(crate) async fn any(&self) -> Result<bool, StoreError> {
        Ok(within_deadline(self.connections.find_one(doc! {})).await?.is_some())
    }

    /// The keys of all feeds that have a connection.
    pub(crate) async fn watched(&self) -> Result<Vec<FeedKey>, StoreError> {
        let keys = within_deadline(self.connections.distinct("feedKey", doc! {})).await?;
        Ok(keys
            .iter()
            .filter_map(Bson::as_str)
            .filter_map(|key| FeedKey::parse(key).ok())
            .collect())
    }

    /// The feed's connections that do not have this state. They got another state last, or none.
    pub(crate) async fn behind(
        &self,
        key: &FeedKey,
        digest: &str,
    ) -> Result<Vec<LiveConnection>, StoreError> {
        let filter = doc! {"feedKey": key.as_str(), "sent": {"$ne": digest}};
        collect(self.connections.find(filter)).await
    }

    /// Records which state was sent to these connections.
    pub(crate) async fn record_sent(&self, ids: &[&str], digest: &str) -> Result<(), StoreError> {
        let sent = doc! {"$set": {"sent": digest, "sentAt": "$$NOW", "updatedAt": "$$NOW"}};
        let filter = doc! {"connectionId": {"$in": ids}};
        within_deadline(self.connections.update_many(filter, vec![sent])).await.map(|_| ())
    }
}
