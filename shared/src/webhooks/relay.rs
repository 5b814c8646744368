//! The relay: copies the events of changes to deliveries, one for each endpoint that wants the
//! event, and then removes them from their documents. Two relays at once, or one that dies
//! anywhere, do no harm: a delivery exists once, and what was not removed is copied again.

use super::{event_body, event_data};
use crate::{
    clock::Deadline,
    domain::{AppId, EventType, ObjectId},
    error::Result,
    store::{
        Store,
        deliveries::NewDelivery,
        outbox::{Source, StoredEvent, Unsent},
        webhooks::Webhook,
    },
};
use std::{collections::HashMap, time::Duration};
use tracing::error;

/// How many documents are read at a time.
const BATCH_SIZE: i64 = 100;
/// Time that one batch may need.
const MIN_TIME_FOR_COPY: Duration = Duration::from_secs(3);

/// Copies all events that are on record, and returns how many deliveries are new.
///
/// # Errors
/// The database failed. The events stay on record.
pub(super) async fn relay(store: &Store) -> Result<u64> {
    let mut new = 0;
    for source in Source::ALL {
        let mut skipped = Vec::new();
        while Deadline::current().remaining() >= MIN_TIME_FOR_COPY {
            let unsent = store.unsent(source, &mut skipped, BATCH_SIZE).await?;
            if unsent.is_empty() {
                break;
            }
            new += copy(store, source, &unsent, &mut skipped).await?;
        }
    }
    Ok(new)
}

/// Copies the events of these documents. Documents with an event that cannot be copied
/// are added to `skipped`.
async fn copy(
    store: &Store,
    source: Source,
    unsent: &[Unsent],
    skipped: &mut Vec<ObjectId>,
) -> Result<u64> {
    let webhooks_of_apps = store.webhooks.of_apps(&apps_of(unsent)).await?;
    let events = unsent.iter().flat_map(|document| &document.events);
    let event_ids: Vec<&str> = events.map(|event| event.id.as_str()).collect();
    // An event has one body, whenever its deliveries are made.
    let mut bodies = store.deliveries.bodies(&event_ids).await?;
    let (mut deliveries, mut copied) = (Vec::new(), Vec::new());
    for document in unsent {
        let Some(webhooks) = webhooks_of_apps.for_app(&document.app_id) else {
            // Its events wait until all endpoints of the app can be read.
            skipped.push(document.id);
            continue;
        };
        let known: Vec<KnownEvent> =
            document.events.iter().filter_map(|event| KnownEvent::of(event, webhooks)).collect();
        if known.len() < document.events.len() {
            // A later version has written an event that this one does not know.
            skipped.push(document.id);
        }
        for event in known {
            if !event.endpoints.is_empty() {
                let body = body_if_possible(store, source, document, &event, &mut bodies).await?;
                let Some(body) = body else {
                    skipped.push(document.id);
                    continue;
                };
                deliveries.extend(event.deliveries(&document.app_id, &body));
            }
            copied.push(event.stored.id.as_str());
        }
    }
    let new = store.deliveries.insert(deliveries).await?.len() as u64;
    let documents: Vec<ObjectId> = unsent.iter().map(|document| document.id).collect();
    if !store.forget_events(source, &documents, &copied).await? {
        // The next round copies them again, and removes them then.
        skipped.extend(documents);
    }
    Ok(new)
}

/// The apps of these documents, each once.
fn apps_of(unsent: &[Unsent]) -> Vec<&AppId> {
    let mut apps: Vec<&AppId> = unsent.iter().map(|document| &document.app_id).collect();
    apps.sort_unstable_by_key(|app| app.as_str());
    apps.dedup();
    apps
}

/// An event of a type that this version knows.
struct KnownEvent<'a> {
    stored: &'a StoredEvent,
    kind: EventType,
    /// The endpoints that get it.
    endpoints: Vec<&'a Webhook>,
}

impl<'a> KnownEvent<'a> {
    /// `None` if the event's type is not known.
    fn of(stored: &'a StoredEvent, webhooks: &'a [Webhook]) -> Option<Self> {
        let kind = EventType::ALL.into_iter().find(|kind| kind.as_str() == stored.kind)?;
        let gets = |webhook: &&Webhook| {
            webhook.types.as_slice().contains(&kind) && stored.at >= webhook.created_at
        };
        Some(Self { stored, kind, endpoints: webhooks.iter().filter(gets).collect() })
    }

    /// One delivery for each endpoint.
    fn deliveries(&self, app: &AppId, body: &str) -> impl Iterator<Item = NewDelivery> {
        self.endpoints.iter().map(move |webhook| NewDelivery {
            event_id: self.stored.id.clone(),
            webhook_id: webhook.id,
            app_id: app.clone(),
            kind: self.kind,
            at: self.stored.at,
            body: body.to_owned(),
            is_enabled: webhook.enabled,
        })
    }
}

/// The body of an event. `None` if it can never be made: the cause goes to the log.
async fn body_if_possible(
    store: &Store,
    source: Source,
    document: &Unsent,
    event: &KnownEvent<'_>,
    bodies: &mut HashMap<String, String>,
) -> Result<Option<String>> {
    match body(store, source, document, event, bodies).await {
        Ok(body) => Ok(Some(body)),
        Err(cause) if cause.code().status() == 500 => {
            let event = &event.stored.id;
            error!(error = %cause, event, "the body of an event cannot be made");
            Ok(None)
        }
        Err(cause) => Err(cause),
    }
}

async fn body(
    store: &Store,
    source: Source,
    document: &Unsent,
    event: &KnownEvent<'_>,
    bodies: &mut HashMap<String, String>,
) -> Result<String> {
    let KnownEvent { stored, kind, .. } = event;
    if let Some(body) = bodies.get(&stored.id) {
        return Ok(body.clone());
    }
    let data = event_data::event_object(store, source, document, stored, *kind).await?;
    let body = event_data::limited(data, |data| event_body(*kind, stored.at, data))?;
    bodies.insert(stored.id.clone(), body.clone());
    Ok(body)
}
