//! The events of changes. A change appends its event to the document that it changes, in the same
//! write, and sets `unsent`. So an event exists exactly if its change does, whatever crashes. The
//! relay copies events to deliveries, and then removes them.

use super::{
    Store, StoreError, apps::App, collect, majority_read_concern, parsed,
    reservations::MARK_TIMEOUT, server_time_limit, within_deadline,
};
use crate::{
    domain::{AppId, EventType, Timestamp},
    faults::around,
};
use mongodb::{
    bson::{Bson, Document, doc, oid::ObjectId},
    options::{CollectionOptions, Hint},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};
use tracing::{error, warn};

/// The index of apps with endpoints.
pub(super) const WEBHOOK_TYPES_INDEX: &str = "webhookTypes";

/// An event as its document keeps it until the relay has copied it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredEvent {
    /// The same whenever the event is delivered.
    pub id: String,
    /// One of [`EventType`], or a type of a later version.
    #[serde(rename = "type")]
    pub kind: String,
    pub at: Timestamp,
    /// Fields of the document as they were after this event, if a later change has replaced them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Document>,
}

impl StoredEvent {
    /// The event of a document that is about to be inserted.
    pub(super) fn of_new(document: ObjectId, event: EventType, at: Timestamp) -> Self {
        let id = format!("evt_{}_{}", document.to_hex(), name_in_id(event));
        Self { id, kind: event.as_str().to_owned(), at, was: None }
    }

    /// The fields of a document that an upsert may insert with this id.
    pub(super) fn fields_of_upsert(document: ObjectId, event: EventType) -> Document {
        let id = format!("evt_{}_{}", document.to_hex(), name_in_id(event));
        doc! {"events": [{"id": id, "type": event.as_str(), "at": "$$NOW"}], "unsent": true}
    }
}

fn name_in_id(event: EventType) -> String {
    event.as_str().replace('.', "_")
}

/// The event types that the endpoints of each app want, from the newest document of the app that
/// this process has read. A request is served only after its app was read, or the cached copy was
/// checked.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    /// Only apps with endpoints.
    apps: RwLock<HashMap<AppId, Subscription>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    app_id: AppId,
    webhook_types: Vec<String>,
    version: i64,
}

impl Subscriptions {
    /// Remembers the event types of an app whose document was just read.
    pub(super) fn note(&self, app: &App) {
        let known = self.apps.read().unwrap_or_else(PoisonError::into_inner);
        let version = known.get(&app.app_id).map(|known| known.version);
        drop(known);
        // Mostly there is nothing to do, and readers do not wait for each other.
        if version.map_or(app.webhook_types.is_empty(), |known| known >= app.version) {
            return;
        }
        let mut apps = self.apps.write().unwrap_or_else(PoisonError::into_inner);
        if app.webhook_types.is_empty() {
            apps.remove(&app.app_id);
        } else {
            let subscription = Subscription {
                app_id: app.app_id.clone(),
                webhook_types: app.webhook_types.clone(),
                version: app.version,
            };
            apps.insert(app.app_id.clone(), subscription);
        }
    }

    /// Whether an endpoint of the app wants events of this type.
    pub(super) fn wants(&self, app: &AppId, event: EventType) -> bool {
        let apps = self.apps.read().unwrap_or_else(PoisonError::into_inner);
        apps.get(app).is_some_and(|app| app.wants(event))
    }

    /// Whether the app has an endpoint.
    fn has_endpoint(&self, app: &AppId) -> bool {
        self.apps.read().unwrap_or_else(PoisonError::into_inner).contains_key(app)
    }

    /// The apps with an endpoint that wants events of this type.
    fn apps_that_want(&self, event: EventType) -> Vec<String> {
        let apps = self.apps.read().unwrap_or_else(PoisonError::into_inner);
        let mut apps: Vec<String> = apps
            .values()
            .filter(|app| app.wants(event))
            .map(|app| app.app_id.as_str().to_owned())
            .collect();
        apps.sort_unstable();
        apps
    }

    /// The fields that a pipeline sets to record `event` on a document of the app: none if no
    /// endpoint wants it. `number` tells events of one type and document apart. Events that were
    /// not copied yet keep the fields `was` of the document as they were before this change.
    pub(super) fn fields(
        &self,
        app: &AppId,
        event: EventType,
        number: Option<Bson>,
        was: Document,
    ) -> Document {
        if self.wants(app, event) {
            appended(event, number, was)
        } else {
            self.freeze_events(app, was)
        }
    }

    /// [`Subscriptions::fields`] for an upsert. The event's id does not name the document, because
    /// the upsert may be creating it.
    pub(super) fn fields_with_own_id(
        &self,
        app: &AppId,
        event: EventType,
        was: Document,
    ) -> Document {
        if !self.wants(app, event) {
            return self.freeze_events(app, was);
        }
        let id = format!("evt_{}_{}", ObjectId::new().to_hex(), name_in_id(event));
        with_new_event(id.into(), event, was)
    }

    /// The fields that a pipeline sets so that events that were not copied yet keep the fields
    /// `was` of the document.
    pub(super) fn freeze_events(&self, app: &AppId, was: Document) -> Document {
        if !self.has_endpoint(app) {
            return Document::new();
        }
        let earlier = doc! {"$cond": [{"$isArray": "$events"}, with_state(was), "$$REMOVE"]};
        doc! {"events": earlier}
    }

    /// [`Subscriptions::fields`] for a write to documents of many apps.
    pub(super) fn fields_of_any_app(&self, event: EventType, was: Document) -> Document {
        let apps = self.apps_that_want(event);
        if apps.is_empty() {
            return Document::new();
        }
        let is_wanted = doc! {"$in": ["$appId", {"$literal": apps}]};
        appended(event, None, was)
            .into_iter()
            .map(|(name, value)| {
                let unchanged = format!("${name}");
                (name, doc! {"$cond": [is_wanted.clone(), value, unchanged]}.into())
            })
            .collect()
    }
}

impl Subscription {
    fn wants(&self, event: EventType) -> bool {
        self.webhook_types.iter().any(|wanted| wanted == event.as_str())
    }
}

fn appended(event: EventType, number: Option<Bson>, was: Document) -> Document {
    let mut id: Vec<Bson> = vec![
        "evt_".into(),
        doc! {"$toString": "$_id"}.into(),
        format!("_{}", name_in_id(event)).into(),
    ];
    if let Some(number) = number {
        id.extend([Bson::from("_"), doc! {"$toString": number}.into()]);
    }
    with_new_event(doc! {"$concat": id}.into(), event, was)
}

/// Appends an event with this id.
fn with_new_event(id: Bson, event: EventType, was: Document) -> Document {
    let new = doc! {"id": id, "type": event.as_str(), "at": "$$NOW"};
    doc! {"events": {"$concatArrays": [with_state(was), [new]]}, "unsent": true}
}

/// The document's events. Those without a state of their own get the state before this change.
fn with_state(was: Document) -> Document {
    doc! {"$map": {
        "input": {"$ifNull": ["$events", []]}, "as": "event",
        "in": {"$mergeObjects": [{"was": was}, "$$event"]},
    }}
}

impl Store {
    /// Reads which apps have endpoints, for a process that writes documents of many apps
    /// and reads no app.
    pub(crate) async fn refresh_subscriptions(&self) -> Result<(), StoreError> {
        let filter = doc! {"webhookTypes": {"$exists": true}};
        let fields = doc! {"_id": 0, "appId": 1, "webhookTypes": 1, "version": 1};
        let apps = self.apps.apps.clone_with_type::<Subscription>();
        let found = collect(apps.find(filter).projection(fields)).await?;
        let found = found.into_iter().filter(|app| !app.webhook_types.is_empty());
        let found = found.map(|app| (app.app_id.clone(), app)).collect();
        *self.subscriptions.apps.write().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(())
    }
}

/// The collections whose documents have events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Holds,
    Bookings,
    Refunds,
    Entities,
}

impl Source {
    pub(crate) const ALL: [Self; 4] = [Self::Holds, Self::Bookings, Self::Refunds, Self::Entities];

    fn collection(self) -> &'static str {
        match self {
            Self::Holds => "reservations",
            Self::Bookings => "bookings",
            Self::Refunds => "refunds",
            Self::Entities => "entities",
        }
    }
}

/// A document with events that are not copied yet.
#[derive(Clone, Debug)]
pub(crate) struct Unsent {
    pub id: ObjectId,
    pub app_id: AppId,
    pub events: Vec<StoredEvent>,
    pub document: Document,
}

impl Unsent {
    fn of(document: Document) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Row {
            #[serde(rename = "_id")]
            id: ObjectId,
            app_id: AppId,
            events: Vec<StoredEvent>,
        }
        let Row { id, app_id, events } = parsed(document.clone())?;
        Ok(Self { id, app_id, events, document })
    }
}

impl Store {
    /// Up to `limit` documents with events that are not copied yet, leaving out `skipped` ones. A
    /// majority read: an event that a failover may still undo is not delivered. Documents that
    /// cannot be read are added to `skipped`.
    pub(crate) async fn unsent(
        &self,
        source: Source,
        skipped: &mut Vec<ObjectId>,
        limit: i64,
    ) -> Result<Vec<Unsent>, StoreError> {
        let mut filter = doc! {"unsent": true};
        if !skipped.is_empty() {
            filter.insert("_id", doc! {"$nin": &*skipped});
        }
        let options = CollectionOptions::builder().read_concern(majority_read_concern()).build();
        let documents =
            self.database.collection_with_options::<Document>(source.collection(), options);
        let hint = Hint::Name(format!("{}_unsent", source.collection()));
        let mut unsent = Vec::new();
        for document in collect(documents.find(filter).hint(hint).limit(limit)).await? {
            let id = document.get_object_id("_id").ok();
            match Unsent::of(document) {
                Ok(document) => unsent.push(document),
                Err(error) => {
                    let source = source.collection();
                    error!(error, source, id = ?id, "events cannot be read");
                    skipped.extend(id);
                }
            }
        }
        Ok(unsent)
    }

    /// Removes events from their documents. A document with a newer event stays `unsent`. Returns
    /// `false` if not all documents were written.
    pub(crate) async fn forget_events(
        &self,
        source: Source,
        documents: &[ObjectId],
        events: &[&str],
    ) -> Result<bool, StoreError> {
        let is_kept = doc! {"$not": [{"$in": ["$$event.id", {"$literal": events.to_vec()}]}]};
        let kept = doc! {"$filter": {"input": "$events", "as": "event", "cond": is_kept}};
        let if_any =
            |value: &str| doc! {"$cond": [{"$gt": [{"$size": "$events"}, 0]}, value, "$$REMOVE"]};
        let stages = vec![
            doc! {"$set": {"events": kept}},
            doc! {"$set": {"unsent": if_any("$unsent"), "events": if_any("$events")}},
        ];
        // A raw command, because the driver's own update cannot carry a time limit. Without one it
        // would wait at the server for whatever transaction has one of the documents.
        let limit = MARK_TIMEOUT.min(server_time_limit());
        let update = doc! {
            "update": source.collection(),
            "updates": [{
                "q": {"_id": {"$in": documents.to_vec()}, "unsent": true}, "u": stages, "multi": true,
            }],
            "maxTimeMS": i64::try_from(limit.as_millis()).unwrap_or(i64::MAX),
            "writeConcern": {"w": "majority"},
        };
        match around("outbox.forget", within_deadline(self.database.run_command(update))).await {
            Err(error) if error.is_server_time_limit() => {
                warn!(error = %error, "events that were copied stay in their documents");
                Ok(false)
            }
            Err(error) => Err(error),
            Ok(reply) => {
                let written = reply.get_i32("nModified").unwrap_or(0);
                Ok(usize::try_from(written).is_ok_and(|written| written == documents.len()))
            }
        }
    }
}
