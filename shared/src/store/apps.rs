//! `apps`: the tenants.

use super::{StoreError, collect, within_deadline};
use crate::{
    domain::{AppId, Domain, Name, SecretHash, Timestamp},
    error::Error,
};
use mongodb::{
    Collection, Database,
    bson::{Document, doc, oid::ObjectId},
    options::{CollectionOptions, ReturnDocument},
};
use serde::{Deserialize, Serialize};

/// How many earlier keys may work beside the present one: each costs a wrong key one bcrypt more.
const MAX_PREVIOUS_KEYS: i32 = 3;

/// A tenant as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// The document's own id.
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// The tenant's public id.
    pub app_id: AppId,
    /// bcrypt of the API key.
    pub api_key_hash: SecretHash,
    /// Earlier keys that still work for a while, the latest last.
    #[serde(default)]
    pub previous_keys: Vec<PreviousKey>,
    /// For people.
    pub name: Name,
    /// Line of business.
    pub domain: Domain,
    /// Origins, in the one form in which they are compared.
    pub allowed_domains: Vec<String>,
    /// Whether requests without an `Origin` are taken.
    pub allow_server_requests: bool,
    /// The kill switch.
    pub is_active: bool,
    /// Grows with every change, so that a cached copy can be told from the present one.
    pub version: i64,
    /// The admin who registered it, by e-mail address: admins are not stored.
    pub created_by: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl App {
    /// A new app, active, made now.
    pub fn new(
        app_id: AppId,
        name: Name,
        domain: Domain,
        allowed_domains: Vec<String>,
        allow_server_requests: bool,
        api_key_hash: SecretHash,
        created_by: String,
    ) -> Self {
        let now = Timestamp::now();
        Self {
            id: ObjectId::new(),
            app_id,
            api_key_hash,
            previous_keys: Vec::new(),
            name,
            domain,
            allowed_domains,
            allow_server_requests,
            is_active: true,
            version: 1,
            created_by,
            created_at: now,
            updated_at: now,
        }
    }
}

/// An API key that was replaced and works on until its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreviousKey {
    /// bcrypt.
    pub hash: SecretHash,
    /// Until when.
    pub until: Timestamp,
}

/// What of an app can be changed.
#[derive(Clone, Debug, Default)]
pub struct AppChange {
    /// A new name.
    pub name: Option<Name>,
    /// New origins.
    pub allowed_domains: Option<Vec<String>>,
    /// Whether requests without an `Origin` are taken.
    pub allow_server_requests: Option<bool>,
    /// On or off.
    pub is_active: Option<bool>,
}

impl AppChange {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.allowed_domains.is_none()
            && self.allow_server_requests.is_none()
            && self.is_active.is_none()
    }
}

/// The collection.
#[derive(Debug)]
pub struct Apps {
    apps: Collection<App>,
}

impl Apps {
    pub(super) fn new(database: &Database, majority: CollectionOptions) -> Self {
        Self { apps: database.collection_with_options("apps", majority) }
    }

    /// Stores a new app; `false` if its id is taken.
    pub async fn insert(&self, app: &App) -> Result<bool, StoreError> {
        match within_deadline(self.apps.insert_one(app)).await {
            Ok(_) => Ok(true),
            Err(error) if error.duplicate().is_some() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The app with that id.
    pub async fn find(&self, id: &AppId) -> Result<Option<App>, StoreError> {
        within_deadline(self.apps.find_one(doc! {"appId": id.as_str()})).await
    }

    /// All apps, oldest first.
    pub async fn list(&self) -> Result<Vec<App>, StoreError> {
        collect(self.apps.find(doc! {}).sort(doc! {"createdAt": 1, "_id": 1})).await
    }

    /// Whether an active app has one of these entries in its list.
    pub async fn any_active_lists(&self, entries: Vec<String>) -> Result<bool, StoreError> {
        let filter = doc! {"allowedDomains": {"$in": entries}, "isActive": true};
        Ok(within_deadline(self.apps.find_one(filter)).await?.is_some())
    }

    /// Changes an app; `None` if there is none.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` if the app would be left with neither origins nor server requests: nobody
    /// could use it.
    pub async fn change(&self, id: &AppId, change: AppChange) -> Result<Option<App>, Error> {
        let unusable = || {
            Error::field("allowedDomains", "must have an entry unless allowServerRequests is true")
        };
        let mut filter = doc! {"appId": id.as_str()};
        // What the change leaves alone is judged by the write itself, not by a read before it.
        match (change.allowed_domains.as_deref(), change.allow_server_requests) {
            (Some([]), Some(false)) => return Err(unusable()),
            (Some([]), None) => filter.extend(doc! {"allowServerRequests": true}),
            (None, Some(false)) => filter.extend(doc! {"allowedDomains.0": {"$exists": true}}),
            _ => {}
        }
        let mut set = Document::new();
        set.extend(change.name.map(|name| ("name".to_owned(), name.as_str().into())));
        set.extend(change.allowed_domains.map(|list| ("allowedDomains".to_owned(), list.into())));
        set.extend(
            change
                .allow_server_requests
                .map(|allow| ("allowServerRequests".to_owned(), allow.into())),
        );
        set.extend(change.is_active.map(|active| ("isActive".to_owned(), active.into())));
        match self.update(filter, vec![doc! {"$set": literal(set)}]).await? {
            None if self.find(id).await?.is_some() => Err(unusable()),
            app => Ok(app),
        }
    }

    /// Gives an app a new key; the one before works for `overlap_seconds` more. A list of them,
    /// because a rotation whose answer was lost is repeated: the key that is in use must outlive
    /// the one that nobody ever saw.
    pub async fn rotate_key(
        &self,
        id: &AppId,
        hash: SecretHash,
        overlap_seconds: i64,
    ) -> Result<Option<App>, StoreError> {
        let still_good = doc! {"$filter": {
            "input": {"$ifNull": ["$previousKeys", []]}, "as": "key", "cond": {"$gt": ["$$key.until", "$$NOW"]},
        }};
        let replaced =
            doc! {"hash": "$apiKeyHash", "until": {"$add": ["$$NOW", overlap_seconds * 1000]}};
        let previous = match overlap_seconds {
            0 => doc! {"$set": {"previousKeys": []}},
            _ => doc! {"$set": {
                "previousKeys": {"$slice": [{"$concatArrays": [still_good, [replaced]]}, -MAX_PREVIOUS_KEYS]},
            }},
        };
        self.update(
            doc! {"appId": id.as_str()},
            vec![previous, doc! {"$set": {"apiKeyHash": {"$literal": hash.expose()}}}],
        )
        .await
    }

    async fn update(
        &self,
        filter: Document,
        mut stages: Vec<Document>,
    ) -> Result<Option<App>, StoreError> {
        stages
            .push(doc! {"$set": {"updatedAt": "$$NOW", "version": {"$add": ["$version", 1_i64]}}});
        let update = self.apps.find_one_and_update(filter, stages);
        within_deadline(update.return_document(ReturnDocument::After)).await
    }
}

/// The same document with every value taken as it is, whatever it begins with.
fn literal(document: Document) -> Document {
    document.into_iter().map(|(key, value)| (key, doc! {"$literal": value}.into())).collect()
}
