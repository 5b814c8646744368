//! How long it takes to cancel an entity with many bookings, and to pay their refunds back. It
//! needs minutes, so it runs only when asked for:
//! `cargo test --workspace --test integration -- --ignored ten_thousand --nocapture`

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use mongodb::{
    Database,
    bson::{Bson, Document, doc, oid::ObjectId},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    FaultRig,
    cancelled_entity::{cancel, cancelling, go_on, sold, with_settings},
    fault_slot,
    paying::Paying,
    shared_server, stack_on,
};
use crate::support::{poll::eventually, runtime_api::Event};

const BOOKINGS: usize = 10_000;
/// What the contract allows for the refunds.
const LIMIT: Duration = Duration::from_secs(600);
/// An invocation in AWS has a minute.
const RUN: Duration = Duration::from_secs(60);

/// Replaces values wherever they are in a document.
fn replaced(value: &Bson, changes: &[(Bson, Bson)]) -> Bson {
    if let Some((_, new)) = changes.iter().find(|(old, _)| old == value) {
        return new.clone();
    }
    match value {
        Bson::Document(document) => {
            let fields = document.iter();
            Bson::Document(
                fields.map(|(name, value)| (name.clone(), replaced(value, changes))).collect(),
            )
        }
        Bson::Array(values) => values.iter().map(|value| replaced(value, changes)).collect(),
        other => other.clone(),
    }
}

async fn only(database: &Database, collection: &str, app: &str) -> Document {
    let documents = database.collection::<Document>(collection);
    documents.find_one(doc! {"appId": app}).await.expect("a response").expect("a document")
}

/// Copies the one sale of the tenant until there is one for each of `intents`, paid with it.
async fn multiply(database: &Database, app: &str, intents: &[String]) {
    let collections = ["seats", "reservations", "bookings"];
    let mut originals = Vec::new();
    for collection in collections {
        originals.push(only(database, collection, app).await);
    }
    let [seat, hold, booking] = [0, 1, 2].map(|n: usize| originals[n].clone());
    let get = |document: &Document, field: &str| document.get(field).expect("a field").clone();
    let mut copies: [Vec<Document>; 3] = Default::default();
    for (number, intent) in intents.iter().enumerate() {
        let name = format!("C{number}");
        let changes = [
            (get(&seat, "_id"), ObjectId::new().into()),
            (get(&hold, "_id"), ObjectId::new().into()),
            (get(&booking, "_id"), ObjectId::new().into()),
            (get(&seat, "seatNumber"), name.clone().into()),
            (get(&hold, "reservationToken"), Uuid::new_v4().to_string().into()),
            (get(&booking, "bookingId"), format!("BK-20260101-C{number:09}").into()),
            (get(&booking, "paymentId"), intent.clone().into()),
        ];
        for (copies, original) in copies.iter_mut().zip(&originals) {
            let copy = replaced(&Bson::Document(original.clone()), &changes);
            let mut copy = copy.as_document().expect("a document").clone();
            if copy.contains_key("seatKey") {
                copy.extend(doc! {"seatKey": &name, "seatOrder": &name});
            }
            copies.push(copy);
        }
    }
    for (collection, copies) in collections.iter().zip(copies) {
        database.collection::<Document>(collection).insert_many(copies).await.expect("inserted");
    }
}

#[tokio::test]
#[ignore = "it takes minutes: it is run by name"]
async fn ten_thousand_bookings_of_a_cancelled_entity_are_refunded_within_ten_minutes() {
    let _slot = fault_slot().await;
    let set = shared_server().await.1;
    let mut rig = FaultRig::on(stack_on(&set).await, set.members[0].port, 1).await;
    rig.set("MONGODB_MAX_POOL_SIZE", "20");
    let paying = Paying::on(&mut rig).await;
    let tenant = &rig.tenant;
    with_settings(tenant).await;
    sold(&rig, &paying).await;
    let intents: Vec<String> = stream::iter(1..BOOKINGS)
        .map(|_| paying.paid_intent())
        .buffer_unordered(16)
        .collect()
        .await;
    let database = tenant.stack.database().await;
    multiply(&database, &tenant.app_id, &intents).await;

    let began = Instant::now();
    cancel(tenant).await;
    let (cancels, pays) = (rig.start("cancel-entities").await, rig.start("pay-refunds").await);
    let event = Event::scheduled();
    let done = json!({"bookings": BOOKINGS, "done": BOOKINGS, "refundsFailed": 0});
    let cancelled = eventually("every booking is cancelled", LIMIT, || async {
        go_on(tenant).await;
        cancels.invoke(&event, RUN).value().await;
        (cancelling(tenant).await == done).then(|| began.elapsed())
    });
    let refunds = database.collection::<Document>("refunds");
    let paid = doc! {"appId": &tenant.app_id, "status": "SUCCEEDED"};
    let refunded = eventually("every refund is paid", LIMIT, || async {
        pays.invoke(&event, RUN).value().await;
        let count = refunds.count_documents(paid.clone()).await.expect("a count");
        (count == BOOKINGS as u64).then(|| began.elapsed())
    });
    let (cancelled, refunded) = tokio::join!(cancelled, refunded);
    println!("{BOOKINGS} bookings: cancelled after {cancelled:.1?}, refunded after {refunded:.1?}");
    assert!(refunded < LIMIT, "{refunded:?}");
}
