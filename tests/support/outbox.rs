//! Invariant 11: the set of events equals the set of changes.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt as _;
use mongodb::{
    Database,
    bson::{Document, doc},
};
use serde_json::json;
use shared::domain::EventType;

use super::{
    WAIT_TIMEOUT,
    invariants::{Books, text},
    people::Tenant,
    poll::eventually,
};

/// Every type of event but `webhook.test`, which is no change.
fn types() -> impl Iterator<Item = &'static str> {
    let types = EventType::ALL.into_iter();
    types.filter(|kind| *kind != EventType::WebhookTest).map(EventType::as_str)
}

/// The collections whose documents have events.
const SOURCES: [&str; 4] = ["reservations", "bookings", "refunds", "entities"];

/// How many events of a type are about a document. Events of entities name no document.
pub type Counts = BTreeMap<(String, String), usize>;

fn add(counts: &mut Counts, document: &str, kind: &str, number: usize) {
    if number > 0 {
        *counts.entry((document.to_owned(), kind.to_owned())).or_default() += number;
    }
}

fn number(document: &Document, field: &str) -> usize {
    let number = document.get_i64(field).or_else(|_| document.get_i32(field).map(i64::from));
    usize::try_from(number.unwrap_or(0)).expect("not negative")
}

fn oid(document: &Document) -> String {
    document.get_object_id("_id").expect("_id").to_hex()
}

/// Whether the refund is part of a cancellation: it was put on record in the same commit.
fn is_of_a_cancellation(refund: &Document, books: &Books) -> bool {
    let booking = books.bookings.iter().find(|booking| booking.get("_id") == refund.get("booking"));
    let cancellations = booking.and_then(|booking| booking.get_array("cancellations").ok());
    cancellations.into_iter().flatten().filter_map(|one| one.as_document()).any(|one| {
        one.get("at") == refund.get("createdAt") && one.get("refund") == refund.get("amount")
    })
}

/// The changes that the documents of a tenant show.
fn changes(books: &Books, entities: &[Document]) -> Counts {
    let mut counts = Counts::new();
    let with_status = |status: &str| -> BTreeSet<&str> {
        let some = books.bookings.iter().filter(|booking| text(booking, "status") == status);
        some.map(|booking| text(booking, "reservationToken")).collect()
    };
    let declined = with_status("FAILED");
    for hold in &books.reservations {
        let id = oid(hold);
        add(&mut counts, &id, "hold.created", 1);
        add(&mut counts, &id, "hold.changed", number(hold, "version"));
        match text(hold, "status") {
            "RELEASED" if !declined.contains(text(hold, "reservationToken")) => {
                add(&mut counts, &id, "hold.released", 1);
            }
            "EXPIRED" => add(&mut counts, &id, "hold.expired", 1),
            _ => {}
        }
    }
    for booking in &books.bookings {
        let id = oid(booking);
        match text(booking, "status") {
            "CONFIRMED" | "CANCELLED" => add(&mut counts, &id, "booking.confirmed", 1),
            "FAILED" => add(&mut counts, &id, "payment.failed", 1),
            _ => {}
        }
        let cancellations = booking.get_array("cancellations").map_or(0, Vec::len);
        add(&mut counts, &id, "booking.cancelled", cancellations);
    }
    for refund in &books.refunds {
        let id = oid(refund);
        if !is_of_a_cancellation(refund, books) {
            add(&mut counts, &id, "refund.due", 1);
        }
        // It ended twice if it failed after all, or was paid by hand after it had failed.
        let twice = number(refund, "version") > 1;
        let (first, last) = ("refund.succeeded", "refund.failed");
        match text(refund, "status") {
            "SUCCEEDED" => {
                add(&mut counts, &id, first, 1);
                add(&mut counts, &id, last, usize::from(twice));
            }
            "FAILED" => {
                add(&mut counts, &id, last, 1);
                add(&mut counts, &id, first, usize::from(twice));
            }
            _ => {}
        }
    }
    for entity in entities {
        let cancelled =
            usize::from(entity.get_str("state").is_ok_and(|state| state == "CANCELLED"));
        add(&mut counts, "", "entity.cancelled", cancelled);
        add(&mut counts, "", "entity.updated", number(entity, "version") - cancelled);
    }
    counts
}

async fn all(database: &Database, collection: &str, app_id: &str) -> Vec<Document> {
    let cursor = database.collection::<Document>(collection).find(doc! {"appId": app_id}).await;
    cursor.expect("a cursor").try_collect().await.expect("documents")
}

/// The events that are on record, in documents or in deliveries, by id with their types.
async fn events(database: &Database, app_id: &str) -> BTreeMap<String, String> {
    let mut events = BTreeMap::new();
    for collection in SOURCES {
        for document in all(database, collection, app_id).await {
            let own = document.get_array("events").map_or(&[][..], Vec::as_slice);
            // The relay finds a document by this.
            assert_eq!(document.contains_key("unsent"), !own.is_empty(), "{document}");
            for event in own {
                let event = event.as_document().expect("an event");
                let id = text(event, "id").to_owned();
                let before = events.insert(id, text(event, "type").to_owned());
                assert!(before.is_none(), "an id twice: {document}");
            }
        }
    }
    let deliveries = database.collection::<Document>("deliveries");
    // There may be very many.
    let fields = doc! {"_id": 0, "eventId": 1, "type": 1};
    let deliveries = deliveries.find(doc! {"appId": app_id}).projection(fields).await;
    let mut deliveries = deliveries.expect("a cursor");
    while let Some(delivery) = deliveries.try_next().await.expect("a delivery") {
        events.insert(text(&delivery, "eventId").to_owned(), text(&delivery, "type").to_owned());
    }
    events.retain(|_, kind| kind != "webhook.test");
    events
}

/// The ids of all events of the tenant.
pub async fn ids(tenant: &Tenant) -> BTreeSet<String> {
    events(&tenant.stack.database().await, &tenant.app_id).await.into_keys().collect()
}

/// How many events of a type are about a document, by the documents that their ids name.
fn by_document(events: &BTreeMap<String, String>) -> Counts {
    let mut counts = Counts::new();
    for (id, kind) in events {
        let document = id.strip_prefix("evt_").and_then(|id| id.split('_').next());
        let document = document.unwrap_or_else(|| panic!("an id of another form: {id}"));
        let is_entity = kind.starts_with("entity.");
        add(&mut counts, if is_entity { "" } else { document }, kind, 1);
    }
    counts
}

/// Checks invariant 11 for a tenant with an endpoint that wants every event from the beginning on.
pub async fn every_change_has_its_event(tenant: &Tenant, books: &Books) {
    let database = tenant.stack.database().await;
    let entities = all(&database, "entities", &tenant.app_id).await;
    let events = by_document(&events(&database, &tenant.app_id).await);
    assert_eq!(events, changes(books, &entities));
}

/// Whether the tenant's endpoints want every event.
pub async fn every_event_is_wanted(tenant: &Tenant) -> bool {
    let database = tenant.stack.database().await;
    let apps = all(&database, "apps", &tenant.app_id).await;
    let wanted = apps.first().and_then(|app| app.get_array("webhookTypes").ok());
    let is_wanted =
        |kind| wanted.is_some_and(|wanted| wanted.iter().any(|one| one.as_str() == Some(kind)));
    types().all(is_wanted)
}

/// Makes the tenant one whose endpoints want every event. It has no endpoint yet, so the events
/// stay in their documents.
pub async fn wants_everything(tenant: &Tenant) {
    let apps = tenant.stack.database().await.collection::<Document>("apps");
    let update =
        doc! {"$set": {"webhookTypes": types().collect::<Vec<_>>()}, "$inc": {"version": 1_i64}};
    let updated = apps.update_one(doc! {"appId": &tenant.app_id}, update).await.expect("an update");
    assert_eq!(updated.modified_count, 1);
}

/// Waits until the deliverer has copied and sent all events of the tenant.
pub async fn delivered(tenant: &Tenant) {
    let database = tenant.stack.database().await;
    let unsent = doc! {"appId": &tenant.app_id, "unsent": true};
    let pending = doc! {"appId": &tenant.app_id, "status": "PENDING"};
    eventually("every event is sent", WAIT_TIMEOUT, || async {
        tenant.stack.invoke("deliver-webhooks", &json!({})).await;
        let mut open = vec![("deliveries", &pending)];
        open.extend(SOURCES.map(|collection| (collection, &unsent)));
        for (collection, filter) in open {
            let documents = database.collection::<Document>(collection);
            if documents.find_one(filter.clone()).await.expect("a response").is_some() {
                return None;
            }
        }
        Some(())
    })
    .await;
}
