//! The collection `apps`: one document per tenant.

use super::{
    StoreError, collect, outbox::Subscriptions, paging::cut, payment_accounts::AppPayments,
    secret_keys::StoredSecretKey, within_deadline,
};
use crate::{
    domain::{AppId, Cursor, Domain, KeyTag, Name, SecretHash, Timestamp},
    error::{Code, Error},
};
use mongodb::{
    Collection, Database,
    bson::{Document, doc, oid::ObjectId},
    options::{CollectionOptions, ReturnDocument},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many API keys of an app may be valid at a time.
const MAX_KEYS: i32 = 5;

/// A page begins after this app: its creation in milliseconds since 1970 and its document's id.
pub type AppCursor = Cursor<(i64, String)>;

/// A document of the collection `apps`: a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    pub app_id: AppId,
    pub api_key_hash: SecretHash,
    /// The tag of the key, or of an earlier one. Absent on apps of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_tag: Option<KeyTag>,
    /// Replaced keys that may still be valid, the latest last.
    #[serde(default)]
    pub previous_keys: Vec<PreviousKey>,
    /// The keys of the tenant's own servers, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_keys: Vec<StoredSecretKey>,
    /// Absent until the app gets a payment provider of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payments: Option<AppPayments>,
    /// The types of events that any of the app's webhook endpoints wants. Absent without endpoints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub webhook_types: Vec<String>,
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    pub domain: Domain,
    /// Origins in normalized form, so that they can be compared as text.
    pub allowed_domains: Vec<String>,
    /// Whether requests without an `Origin` header are accepted.
    pub allow_server_requests: bool,
    pub is_active: bool,
    /// Grows with every change, so that a cached copy can be recognized as outdated.
    pub version: i64,
    /// E-mail address of the admin who registered it. Admins are not stored, so they have no id.
    pub created_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl App {
    /// A new, active app, created now.
    pub fn new(
        app_id: AppId,
        name: Name,
        domain: Domain,
        allowed_domains: Vec<String>,
        allow_server_requests: bool,
        api_key: StoredKey,
        created_by: String,
    ) -> Self {
        let now = Timestamp::now();
        Self {
            id: ObjectId::new(),
            app_id,
            api_key_hash: api_key.hash,
            api_key_tag: Some(api_key.tag),
            previous_keys: Vec::new(),
            secret_keys: Vec::new(),
            payments: None,
            webhook_types: Vec::new(),
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

/// What is stored of an API key. The key itself is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    pub hash: SecretHash,
    pub tag: KeyTag,
}

/// A replaced API key that is valid until its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreviousKey {
    pub hash: SecretHash,
    /// Absent if an earlier version stored the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<KeyTag>,
    pub until: Timestamp,
}

/// A change to an app. `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct AppChange {
    pub name: Option<Name>,
    pub allowed_domains: Option<Vec<String>>,
    pub allow_server_requests: Option<bool>,
    pub is_active: Option<bool>,
}

impl AppChange {
    /// Whether every field is `None`.
    pub fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.allowed_domains.is_none()
            && self.allow_server_requests.is_none()
            && self.is_active.is_none()
    }
}

/// Reads and writes the collection `apps`.
#[derive(Debug)]
pub struct Apps {
    pub(super) apps: Collection<App>,
    subscriptions: Arc<Subscriptions>,
}

impl Apps {
    pub(super) fn new(
        database: &Database,
        subscriptions: Arc<Subscriptions>,
        majority: CollectionOptions,
    ) -> Self {
        Self { apps: database.collection_with_options("apps", majority), subscriptions }
    }

    /// Inserts an app; `false` if its id is taken.
    pub async fn insert(&self, app: &App) -> Result<bool, StoreError> {
        match within_deadline(self.apps.insert_one(app)).await {
            Ok(_) => Ok(true),
            Err(error) if error.duplicate().is_some() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The app with this id.
    pub async fn find(&self, id: &AppId) -> Result<Option<App>, StoreError> {
        self.find_by(doc! {"appId": id.as_str()}).await
    }

    /// Finds one app. Remembers which events its endpoints want, for the writes that follow.
    pub(super) async fn find_by(&self, filter: Document) -> Result<Option<App>, StoreError> {
        let app = within_deadline(self.apps.find_one(filter)).await?;
        Ok(app.inspect(|app| self.subscriptions.note(app)))
    }

    /// All apps, oldest first.
    pub async fn list(&self) -> Result<Vec<App>, StoreError> {
        collect(self.apps.find(doc! {}).sort(doc! {"createdAt": 1, "_id": 1})).await
    }

    /// Up to `limit` apps, oldest first.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a cursor that is not from an earlier page.
    pub async fn page(
        &self,
        after: Option<AppCursor>,
        limit: i64,
    ) -> Result<(Vec<App>, Option<AppCursor>), Error> {
        let mut filter = doc! {};
        if let Some(Cursor((ms, id))) = after {
            let at = Timestamp::from_millis(ms);
            let id = ObjectId::parse_str(id)
                .map_err(|_| Error::field("cursor", "must be the nextCursor of an earlier page"))?;
            filter = doc! {
                "$or": [{"createdAt": {"$gt": at}}, {"createdAt": at, "_id": {"$gt": id}}],
            };
        }
        let find = self.apps.find(filter).sort(doc! {"createdAt": 1, "_id": 1}).limit(limit + 1);
        let mut page = collect(find).await?;
        let next =
            cut(&mut page, limit, |last| Cursor((last.created_at.as_millis(), last.id.to_hex())));
        Ok((page, next))
    }

    /// Whether an active app has one of these entries in its `allowedDomains`.
    pub(crate) async fn any_active_lists(&self, entries: Vec<String>) -> Result<bool, StoreError> {
        let filter = doc! {"allowedDomains": {"$in": entries}, "isActive": true};
        Ok(within_deadline(self.apps.find_one(filter)).await?.is_some())
    }

    /// Changes an app; `None` if it does not exist.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` if the app would end up with no origins and no server requests: it
    /// would be of no use.
    pub async fn change(&self, id: &AppId, change: AppChange) -> Result<Option<App>, Error> {
        let unusable = || {
            Error::field("allowedDomains", "must have an entry unless allowServerRequests is true")
        };
        let mut filter = doc! {"appId": id.as_str()};
        // The filter checks the fields that this change leaves alone. A read before the write could
        // be outdated.
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

    /// Gives an app a new key. Its present key stays valid for `overlap_seconds`, and a key that
    /// was replaced before until its own overlap ends. No overlap ends every older key at once.
    ///
    /// # Errors
    /// `TOO_MANY_KEYS` if five keys are valid.
    pub async fn rotate_key(
        &self,
        id: &AppId,
        key: StoredKey,
        overlap_seconds: i64,
    ) -> Result<Option<App>, Error> {
        let valid = doc! {"$filter": {
            "input": {"$ifNull": ["$previousKeys", []]}, "as": "key",
            "cond": {"$gt": ["$$key.until", "$$NOW"]},
        }};
        let mut filter = doc! {"appId": id.as_str()};
        let previous = if overlap_seconds == 0 {
            doc! {"$literal": []}
        } else {
            // The present key becomes one of the replaced ones.
            filter.insert("$expr", doc! {"$lt": [{"$size": valid.clone()}, MAX_KEYS - 1]});
            let until = doc! {"$add": ["$$NOW", overlap_seconds * 1000]};
            let replaced = doc! {"hash": "$apiKeyHash", "tag": "$apiKeyTag", "until": until};
            doc! {"$concatArrays": [valid, [replaced]]}
        };
        let set = doc! {"$set": {
            "previousKeys": previous,
            "apiKeyHash": {"$literal": key.hash.expose()},
            "apiKeyTag": {"$literal": key.tag.as_str()},
        }};
        match self.update(filter, vec![set]).await? {
            None if self.find(id).await?.is_some() => Err(Code::TooManyKeys.into()),
            app => Ok(app),
        }
    }

    pub(super) async fn update(
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

/// Wraps every value in `$literal`, so that a text that begins with `$` is not a field path.
fn literal(document: Document) -> Document {
    document.into_iter().map(|(key, value)| (key, doc! {"$literal": value}.into())).collect()
}
