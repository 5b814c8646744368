//! The secret keys of a tenant's own servers. They are part of the tenant's document, so the
//! limit on their number holds however many requests come at once, and a change of them is a new
//! version of the tenant.

use super::{
    StoreError,
    apps::{App, Apps},
    within_deadline,
};
use crate::domain::{AppId, Name, ObjectId, SecretKeyId, Timestamp};
use mongodb::bson::doc;
use serde::{Deserialize, Serialize};

/// How many secret keys an app may have.
pub const MAX_SECRET_KEYS: usize = 10;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A secret key as stored: without its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredSecretKey {
    pub id: ObjectId,
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// SHA-256 of the key, in hex.
    pub hash: String,
    pub created_at: Timestamp,
    /// The day on which it was last used. Absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

impl StoredSecretKey {
    /// A new key, created now.
    pub fn new(name: Name, hash: String) -> Self {
        let created_at = Timestamp::now();
        Self { id: ObjectId::new(), name, hash, created_at, last_used_at: None }
    }
}

/// The outcome of [`Apps::add_secret_key`].
#[derive(Debug)]
pub enum Added {
    Done(Box<App>),
    UnknownApp,
    LimitReached,
}

impl Apps {
    /// Gives an app one more secret key, unless it has [`MAX_SECRET_KEYS`].
    pub async fn add_secret_key(
        &self,
        id: &AppId,
        key: &StoredSecretKey,
    ) -> Result<Added, StoreError> {
        let full = format!("secretKeys.{}", MAX_SECRET_KEYS - 1);
        let filter = doc! {"appId": id.as_str(), full: {"$exists": false}};
        let added = doc! {"$literal": [{
            "id": key.id, "name": key.name.as_str(), "hash": &key.hash, "createdAt": key.created_at,
        }]};
        let keys = doc! {"$concatArrays": [{"$ifNull": ["$secretKeys", []]}, added]};
        match self.update(filter, vec![doc! {"$set": {"secretKeys": keys}}]).await? {
            Some(app) => Ok(Added::Done(Box::new(app))),
            None if self.find(id).await?.is_some() => Ok(Added::LimitReached),
            None => Ok(Added::UnknownApp),
        }
    }

    /// Deletes a secret key; `None` if the app has no such key.
    pub async fn delete_secret_key(
        &self,
        id: &AppId,
        key: SecretKeyId,
    ) -> Result<Option<App>, StoreError> {
        let key = key.object_id();
        let others = doc! {"$filter": {
            "input": "$secretKeys", "as": "key", "cond": {"$ne": ["$$key.id", key]},
        }};
        let filter = doc! {"appId": id.as_str(), "secretKeys.id": key};
        self.update(filter, vec![doc! {"$set": {"secretKeys": others}}]).await
    }

    /// The app that has the secret key with this hash.
    pub(crate) async fn with_secret_key(&self, hash: &str) -> Result<Option<App>, StoreError> {
        self.find_by(doc! {"secretKeys.hash": hash}).await
    }

    /// Notes that a secret key was used today. This does not raise the app's version.
    pub(crate) async fn note_use(&self, hash: &str, day: Timestamp) -> Result<(), StoreError> {
        let filter = doc! {"secretKeys.hash": hash};
        let update = doc! {"$set": {"secretKeys.$[key].lastUsedAt": day}};
        let update = self.apps.update_one(filter, update);
        let update = update.array_filters([doc! {"key.hash": hash}]);
        within_deadline(update).await.map(|_| ())
    }
}

/// The start of the current day in UTC.
pub(crate) fn today() -> Timestamp {
    let now = Timestamp::now().as_millis();
    Timestamp::from_millis(now - now.rem_euclid(DAY_MS))
}
