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
    let mut apps: Vec<&AppId> = unsent.iter().map(|document| &document.app_id).collect();
    apps.sort_unstable_by_key(|app| app.as_str());
    apps.dedup();
    let all = store.webhooks.of_apps(&apps).await?;
    let ids: Vec<&str> = unsent.iter().flat_map(|one| &one.events).map(|e| e.id.as_str()).collect();
    // An event has one body, whenever its deliveries are made.
    let mut bodies = store.deliveries.bodies(&ids).await?;
    let (mut deliveries, mut copied) = (Vec::new(), Vec::new());
    for document in unsent {
        let Some(webhooks) = all.of(&document.app_id) else {
            // Its events wait until all endpoints of the app can be read.
            skipped.push(document.id);
            continue;
        };
        let wanted: Vec<(&StoredEvent, EventType, Vec<&Webhook>)> =
            document.events.iter().filter_map(|event| for_endpoints(event, webhooks)).collect();
        if wanted.len() < document.events.len() {
            // A later version has written an event that this one does not know.
            skipped.push(document.id);
        }
        for (event, kind, endpoints) in wanted {
            if endpoints.is_empty() {
                copied.push(event.id.as_str());
                continue;
            }
            let body = match body(store, source, document, event, kind, &mut bodies).await {
                Ok(body) => body,
                Err(cause) if cause.code().status() == 500 => {
                    error!(error = %cause, event = event.id, "the body of an event cannot be made");
                    skipped.push(document.id);
                    continue;
                }
                Err(cause) => return Err(cause),
            };
            copied.push(event.id.as_str());
            deliveries.extend(endpoints.into_iter().map(|webhook| NewDelivery {
                event_id: event.id.clone(),
                webhook_id: webhook.id,
                app_id: document.app_id.clone(),
                kind,
                at: event.at,
                body: body.clone(),
                is_enabled: webhook.enabled,
            }));
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

/// The endpoints that get an event; `None` if its type is not known.
fn for_endpoints<'a>(
    event: &'a StoredEvent,
    webhooks: &'a [Webhook],
) -> Option<(&'a StoredEvent, EventType, Vec<&'a Webhook>)> {
    let kind = EventType::ALL.into_iter().find(|kind| kind.as_str() == event.kind)?;
    let gets = |webhook: &&Webhook| {
        webhook.types.as_slice().contains(&kind) && event.at >= webhook.created_at
    };
    Some((event, kind, webhooks.iter().filter(gets).collect()))
}

async fn body(
    store: &Store,
    source: Source,
    document: &Unsent,
    event: &StoredEvent,
    kind: EventType,
    bodies: &mut HashMap<String, String>,
) -> Result<String> {
    if let Some(body) = bodies.get(&event.id) {
        return Ok(body.clone());
    }
    let data = event_data::of(store, source, document, event, kind).await?;
    let body = event_data::limited(data, |data| event_body(kind, event.at, data))?;
    bodies.insert(event.id.clone(), body.clone());
    Ok(body)
}
