//! Webhooks for the test of query plans: endpoints and their deliveries, by the organiser's calls
//! and by the deliverer.

use mongodb::{
    Database,
    bson::{DateTime, Document, doc},
};
use serde_json::json;

use super::history::run_out;
use crate::support::{
    payment,
    people::{Admin, Tenant},
    receiver::{BROKEN, OK, ReceiverBehaviour, Receivers},
    stacks::Stack,
};

/// Every query about events, endpoints and deliveries.
pub async fn webhooks(stack: &std::sync::Arc<Stack>, admin: &Admin, database: &Database) {
    let tenant = stack.tenant().await;
    let receivers = Receivers::start().await;
    let path = format!("/admin/apps/{}/webhooks", tenant.app_id);
    let mut endpoints = Vec::new();
    for behaviour in [OK, BROKEN, ReceiverBehaviour::Respond("410 Gone", "", ""), OK] {
        let reply = admin.post(&path, &json!({"url": receivers.add(behaviour)})).await;
        let id = reply.expect(201)["webhookId"].as_str().expect("an id");
        endpoints.push(format!("{path}/{id}"));
    }
    changes(&tenant, database).await;
    let deliver = async || {
        let pending = doc! {"appId": &tenant.app_id, "status": "PENDING"};
        let due = doc! {"$set": {"nextAttemptAt": DateTime::from_millis(1_000)}};
        let deliveries = database.collection::<Document>("deliveries");
        deliveries.update_many(pending, due).await.expect("an update");
        stack.invoke("deliver-webhooks", &json!({})).await;
    };
    deliver().await;
    let old = doc! {"$set": {"failedAt": [DateTime::now()]}};
    let of_app = doc! {"appId": &tenant.app_id};
    let webhooks = database.collection::<Document>("webhooks");
    webhooks.update_many(of_app.clone(), old).await.expect("an update");
    calls(admin, &path, &endpoints).await;
    deliver().await;
    // Every attempt of the second one over five days failed.
    let days = DateTime::from_millis(DateTime::now().timestamp_millis() - 11 * 12 * 3_600_000);
    let old = doc! {"$set": {"failedAt": [days]}};
    webhooks.update_many(of_app.clone(), old).await.expect("an update");
    admin.post(&format!("{}/test", endpoints[1]), &json!({})).await.expect(202);
    deliver().await;
    // The last one is gone without its deliveries, as after a crash.
    admin.post(&format!("{}/test", endpoints[3]), &json!({})).await.expect(202);
    let id = endpoints[3].rsplit('/').next().expect("an id");
    webhooks.delete_one(doc! {"_id": id}).await.expect("a deletion");
    deliver().await;
    for endpoint in &endpoints[..3] {
        admin.delete(endpoint).await.expect(200);
    }
}

/// Changes of every kind of document that has events: a sale, a hold, and a payment
/// that came too late.
async fn changes(tenant: &Tenant, database: &Database) {
    let entity = tenant.new_entity("heard", &json!({})).await;
    let seats = tenant.seats_in(&entity, &["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    user.book(&[&seats[0]]).await;
    user.hold(&[&seats[1]]).await;
    let late = user.hold(&[&seats[2]]).await;
    run_out(database, &late.token).await;
    user.confirm(&late, &payment()).await.error(410, "RESERVATION_EXPIRED");
}

/// Calls every route of the organiser on these endpoints.
async fn calls(admin: &Admin, path: &str, endpoints: &[String]) {
    let [first, second, ..] = endpoints else { panic!("two endpoints") };
    admin.get(path).await.expect(200);
    admin.get(first).await.expect(200);
    for overlap in [0, 60] {
        let body = json!({"overlapSeconds": overlap});
        admin.post(&format!("{first}/rotate-secret"), &body).await.expect(200);
    }
    for query in ["", "&status=DELIVERED"] {
        let page = format!("{first}/deliveries?limit=2{query}");
        let reply = admin.get(&page).await;
        let next = reply.expect(200)["nextCursor"].as_str().expect("a second page");
        admin.get(&format!("{page}&cursor={next}")).await.expect(200);
    }
    let reply = admin.get(&format!("{first}/deliveries?limit=1")).await;
    let id = reply.expect(200)["deliveries"][0]["deliveryId"].as_str().expect("an id");
    admin.post(&format!("{first}/deliveries/{id}/retry"), &json!({})).await.expect(202);
    let since = json!({"since": "2026-01-01T00:00:00Z"});
    admin.post(&format!("{second}/recover"), &since).await.expect(202);
    let off = json!({"enabled": false});
    admin.patch(second, &off).await.expect(200);
    admin.patch(second, &json!({"enabled": true})).await.expect(200);
    admin.post(&format!("{second}/recover"), &since).await.expect(202);
}
