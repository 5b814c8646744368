//! The collection `webhooks`: the endpoints that get a tenant's events. Their secrets are sealed.

use super::{Store, StoreError, apps::App, collect, parsed, tx, within_deadline};
use crate::{
    domain::{AppId, EventTypes, Timestamp, WebhookDescription, WebhookId},
    faults::around,
    secrets::Sealed,
};
use futures_util::TryStreamExt as _;
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, doc, serialize_to_bson},
    options::{CollectionOptions, ReturnDocument},
};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use tracing::error;

/// How many endpoints an app may have.
pub(crate) const MAX_WEBHOOKS: usize = 10;
/// How many secrets of an endpoint may sign at a time.
pub(crate) const MAX_WEBHOOK_SECRETS: usize = 3;

/// How many failures of an endpoint are kept: six days of one an hour.
const MAX_FAILURES: i32 = 145;

/// A document of the collection `webhooks`: an endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    #[serde(rename = "_id")]
    pub id: WebhookId,
    pub app_id: AppId,
    /// As the tenant wrote it. It is parsed and checked again at every send.
    pub url: String,
    #[serde(deserialize_with = "EventTypes::stored")]
    pub types: EventTypes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<WebhookDescription>,
    pub enabled: bool,
    /// Why the service has disabled it. Absent if the tenant did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
    /// The newest first. Only the newest has no end.
    pub secrets: Vec<WebhookSecret>,
    /// Failures since the last success, about one an hour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_at: Vec<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A secret that signs what the endpoint gets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WebhookSecret {
    pub sealed: Sealed,
    /// When it stops signing. Absent on the newest one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A change of an endpoint. `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct WebhookChange {
    pub url: Option<String>,
    pub types: Option<EventTypes>,
    /// The new description. `Some(None)` removes it, `None` keeps it.
    pub description: Option<Option<WebhookDescription>>,
    pub enabled: Option<bool>,
}

impl WebhookChange {
    /// A new URL resets the endpoint's failures, and so does switching it on or off.
    fn update(&self) -> Vec<Document> {
        let mut set = doc! {"updatedAt": "$$NOW"};
        let mut unset = Vec::new();
        if let Some(url) = &self.url {
            set.insert("url", doc! {"$literal": url});
            unset.push("failedAt");
        }
        if let Some(types) = &self.types {
            set.insert("types", serialize_to_bson(types).unwrap_or_default());
        }
        match &self.description {
            Some(Some(text)) => {
                set.insert("description", doc! {"$literal": text.as_str()});
            }
            Some(None) => unset.push("description"),
            None => {}
        }
        if let Some(enabled) = self.enabled {
            set.insert("enabled", enabled);
            unset.extend(["disabledReason", "failedAt"]);
        }
        unset.sort_unstable();
        unset.dedup();
        let mut stages = vec![doc! {"$set": set}];
        if !unset.is_empty() {
            stages.push(doc! {"$unset": unset});
        }
        stages
    }
}

/// The endpoints of some apps, by the apps' ids.
#[derive(Debug, Default)]
pub(crate) struct EndpointsOfApps {
    by_app: HashMap<String, Vec<Webhook>>,
    /// The apps with an endpoint that cannot be read.
    unreadable: HashSet<String>,
}

impl EndpointsOfApps {
    /// The endpoints of an app; `None` if one of them cannot be read.
    pub(crate) fn for_app(&self, app: &AppId) -> Option<&[Webhook]> {
        let is_readable = !self.unreadable.contains(app.as_str());
        is_readable.then(|| self.by_app.get(app.as_str()).map_or(&[][..], Vec::as_slice))
    }
}

/// A change to the endpoints of an app.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Add(Box<Webhook>),
    Change(WebhookId, WebhookChange),
    Remove(WebhookId),
}

/// An app after an edit, and the endpoint unless it was removed.
#[derive(Debug)]
pub(crate) struct Edited {
    pub app: App,
    pub webhook: Option<Webhook>,
}

/// Why nothing was edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotEdited {
    UnknownApp,
    UnknownWebhook,
    LimitReached,
}

/// The outcome of [`Webhooks::rotate`].
#[derive(Debug)]
pub(crate) enum Rotated {
    Done,
    UnknownWebhook,
    LimitReached,
}

/// Reads and writes the collection `webhooks`.
#[derive(Debug)]
pub struct Webhooks {
    webhooks: Collection<Webhook>,
    majority: Collection<Webhook>,
}

impl Webhooks {
    pub(super) fn new(database: &Database, majority: CollectionOptions) -> Self {
        Self {
            webhooks: database.collection("webhooks"),
            majority: database.collection_with_options("webhooks", majority),
        }
    }

    /// The endpoints of an app, oldest first.
    pub async fn of_app(&self, app: &AppId) -> Result<Vec<Webhook>, StoreError> {
        let mut found = collect(self.majority.find(doc! {"appId": app.as_str()})).await?;
        found.sort_by_key(|webhook| (webhook.created_at, webhook.id));
        Ok(found)
    }

    /// The endpoints of apps. One that cannot be read affects only its own app.
    pub(crate) async fn of_apps(&self, apps: &[&AppId]) -> Result<EndpointsOfApps, StoreError> {
        let apps: Vec<&str> = apps.iter().map(|app| app.as_str()).collect();
        let rows = self.majority.clone_with_type::<Document>();
        let mut found = EndpointsOfApps::default();
        for row in collect(rows.find(doc! {"appId": {"$in": apps}})).await? {
            let (app, id) =
                (row.get_str("appId").unwrap_or_default().to_owned(), row.get("_id").cloned());
            match parsed::<Webhook>(row) {
                Ok(webhook) => found.by_app.entry(app).or_default().push(webhook),
                Err(error) => {
                    error!(error, app, id = ?id, "an endpoint cannot be read");
                    found.unreadable.insert(app);
                }
            }
        }
        Ok(found)
    }

    /// An endpoint of an app.
    pub async fn find(&self, app: &AppId, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        within_deadline(self.majority.find_one(by_id(app, id))).await
    }

    /// Gives an endpoint a new secret. The present one signs for `overlap_seconds` more, and those
    /// before it until their own end. No overlap ends them all at once.
    pub(crate) async fn rotate(
        &self,
        app: &AppId,
        id: WebhookId,
        secret: &Sealed,
        overlap_seconds: i64,
    ) -> Result<Rotated, StoreError> {
        let secret = doc! {"sealed": {"kid": &secret.kid, "data": &secret.data}};
        let newest = doc! {"$literal": [secret]};
        let mut filter = by_id(app, id);
        let secrets = if overlap_seconds == 0 {
            newest
        } else {
            let is_ending = doc! {"$gt": ["$$secret.until", "$$NOW"]};
            let ending = doc! {"$filter": {"input": "$secrets", "as": "secret", "cond": is_ending}};
            let full = MAX_WEBHOOK_SECRETS as i64 - 1;
            filter.insert("$expr", doc! {"$lt": [{"$size": ending.clone()}, full]});
            let until = doc! {"$add": ["$$NOW", overlap_seconds * 1000]};
            let present = doc! {"$map": {
                "input": {"$slice": ["$secrets", 1]}, "as": "secret",
                "in": {"sealed": "$$secret.sealed", "until": until},
            }};
            doc! {"$concatArrays": [newest, present, ending]}
        };
        let update = vec![doc! {"$set": {"secrets": secrets, "updatedAt": "$$NOW"}}];
        let rotated = within_deadline(self.webhooks.update_one(filter, update)).await?;
        if rotated.matched_count > 0 {
            return Ok(Rotated::Done);
        }
        let exists = self.find(app, id).await?.is_some();
        Ok(if exists { Rotated::LimitReached } else { Rotated::UnknownWebhook })
    }

    /// Notes a failed attempt, unless the URL has changed since. Failures of more than
    /// [`MAX_FAILURES`] hours ago are forgotten.
    pub(crate) async fn note_failure(
        &self,
        webhook: &Webhook,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let noted = doc! {"$each": [at], "$slice": -MAX_FAILURES};
        let update = doc! {"$push": {"failedAt": noted}};
        let update = self.webhooks.update_one(with_url(webhook), update);
        around("webhooks.note_failure", within_deadline(update)).await.map(|_| ())
    }

    /// Forgets all failures after a success.
    pub(crate) async fn forget_failures(&self, id: WebhookId) -> Result<(), StoreError> {
        let update = doc! {"$unset": {"failedAt": ""}};
        let update = self.webhooks.update_one(doc! {"_id": id.to_string()}, update);
        around("webhooks.forget_failures", within_deadline(update)).await.map(|_| ())
    }

    /// Disables an endpoint, and returns when. `None` if its URL has changed since it was read, or
    /// if it was switched off. `failing_since` is the first noted failure: with it, also `None` if
    /// failures were forgotten since.
    pub(crate) async fn disable(
        &self,
        webhook: &Webhook,
        reason: &str,
        failing_since: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut filter = with_url(webhook);
        filter.insert("enabled", true);
        filter.extend(failing_since.map(|first| ("failedAt.0".to_owned(), first.into())));
        let disabled = doc! {"enabled": false, "disabledReason": reason, "updatedAt": "$$NOW"};
        let update = vec![doc! {"$set": disabled}, doc! {"$unset": "failedAt"}];
        let update = self.webhooks.find_one_and_update(filter, update);
        let update = update.return_document(ReturnDocument::After);
        let disabled = around("webhooks.disable", within_deadline(update)).await?;
        Ok(disabled.map(|disabled| disabled.updated_at))
    }

    /// Inside a transaction: applies an edit. Returns whether the app has this endpoint.
    async fn apply(
        &self,
        session: &mut ClientSession,
        app: &AppId,
        edit: &Edit,
    ) -> mongodb::error::Result<bool> {
        Ok(match edit {
            Edit::Add(webhook) => {
                let insert = self.webhooks.insert_one(&**webhook).session(session);
                insert.await.map(|_| true)?
            }
            Edit::Change(id, change) => {
                let update = self.webhooks.update_one(by_id(app, *id), change.update());
                update.session(session).await?.matched_count > 0
            }
            Edit::Remove(id) => {
                let delete = self.webhooks.delete_one(by_id(app, *id)).session(session);
                delete.await?.deleted_count > 0
            }
        })
    }

    /// Inside a transaction: all endpoints of the app.
    async fn all_in(
        &self,
        session: &mut ClientSession,
        app: &AppId,
    ) -> mongodb::error::Result<Vec<Webhook>> {
        let find = self.webhooks.find(doc! {"appId": app.as_str()});
        let mut cursor = find.session(&mut *session).await?;
        cursor.stream(session).try_collect().await
    }
}

/// The endpoint, if its URL is still the one that was called.
fn with_url(webhook: &Webhook) -> Document {
    doc! {"_id": webhook.id.to_string(), "url": &webhook.url}
}

fn by_id(app: &AppId, id: WebhookId) -> Document {
    doc! {"_id": id.to_string(), "appId": app.as_str()}
}

impl Store {
    /// Edits the endpoints of an app, and notes in the app's document which types they want. The
    /// functions read there whether an event has to be written. The version of the app grows with
    /// each edit, so edits at the same time are done one after the other.
    pub(crate) async fn edit_webhooks(
        &self,
        app: &AppId,
        edit: &Edit,
    ) -> Result<Edited, tx::Failure<NotEdited>> {
        tx::run(self, &WebhookEdit { store: self, app, edit }).await
    }
}

struct WebhookEdit<'a> {
    store: &'a Store,
    app: &'a AppId,
    edit: &'a Edit,
}

impl tx::Body for WebhookEdit<'_> {
    type Value = Edited;
    type Reason = NotEdited;

    async fn run(
        &self,
        session: &mut ClientSession,
    ) -> Result<tx::Step<Edited, NotEdited>, mongodb::error::Error> {
        if !self.store.webhooks.apply(session, self.app, self.edit).await? {
            return Ok(tx::Step::Abort(NotEdited::UnknownWebhook));
        }
        let webhooks = self.store.webhooks.all_in(session, self.app).await?;
        if matches!(self.edit, Edit::Add(_)) && webhooks.len() > MAX_WEBHOOKS {
            return Ok(tx::Step::Abort(NotEdited::LimitReached));
        }
        let apps = &self.store.apps.apps;
        let update = apps
            .find_one_and_update(doc! {"appId": self.app.as_str()}, wanted_types_update(&webhooks));
        let update = update.return_document(ReturnDocument::After).session(session);
        let Some(app) = update.await? else {
            return Ok(tx::Step::Abort(NotEdited::UnknownApp));
        };
        let id = match self.edit {
            Edit::Add(webhook) => webhook.id,
            Edit::Change(id, _) | Edit::Remove(id) => *id,
        };
        let webhook = webhooks.into_iter().find(|webhook| webhook.id == id);
        Ok(tx::Step::Commit(Edited { app, webhook }))
    }
}

/// The update that notes the types of all endpoints, disabled ones too.
fn wanted_types_update(webhooks: &[Webhook]) -> Vec<Document> {
    let mut types: Vec<&str> = webhooks
        .iter()
        .flat_map(|webhook| webhook.types.as_slice())
        .map(|kind| kind.as_str())
        .collect();
    types.sort_unstable();
    types.dedup();
    let change = doc! {"updatedAt": "$$NOW", "version": {"$add": ["$version", 1_i64]}};
    if webhooks.is_empty() {
        return vec![doc! {"$unset": "webhookTypes"}, doc! {"$set": change}];
    }
    vec![doc! {"$set": {"webhookTypes": types}}, doc! {"$set": change}]
}
