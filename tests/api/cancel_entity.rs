//! `POST /admin/apps/{appId}/entities/{entityId}/cancel`, and the worker that it starts.

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::{
    WAIT_TIMEOUT, invariants, payment,
    people::{PRICE, Tenant, User},
    poll::eventually,
    reply::{Reply, keys},
    stacks, unique,
};

/// A tenant with an entity, a buyer, and three of its seats.
async fn sale() -> (Tenant, User, Vec<String>) {
    let mut tenant = stacks::usual().await.tenant().await;
    tenant.entity = tenant.new_entity("show", &json!({})).await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    (tenant.clone(), tenant.user().await, seats)
}

fn path(tenant: &Tenant) -> String {
    format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity)
}

async fn cancel(tenant: &Tenant, percent: i64) -> Reply {
    let body = json!({"refundPercent": percent, "reason": "The band is ill."});
    tenant.stack.admin().await.post(&format!("{}/cancel", path(tenant)), &body).await
}

async fn shown(tenant: &Tenant) -> Value {
    tenant.stack.admin().await.get(&path(tenant)).await.expect(200).clone()
}

async fn document(tenant: &Tenant) -> Document {
    let entities = tenant.stack.database().await.collection::<Document>("entities");
    let own = doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
    entities.find_one(own).await.unwrap().expect("the entity is there")
}

async fn change(tenant: &Tenant, update: Document) {
    let entities = tenant.stack.database().await.collection::<Document>("entities");
    let own = doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
    entities.update_one(own, vec![doc! {"$set": update}]).await.unwrap();
}

/// Invokes the worker until it has cancelled this many bookings. Returns the entity.
async fn cancel_bookings(tenant: &Tenant, bookings: i64) -> Value {
    eventually("the bookings are cancelled", WAIT_TIMEOUT, || async {
        tenant.stack.invoke("cancel-entities", &json!({})).await;
        let entity = shown(tenant).await;
        (entity["cancelling"]["done"] == bookings).then_some(entity)
    })
    .await
}

/// The booking when its refunds are paid or have failed.
async fn refunded(user: &User, booking: &str) -> Value {
    eventually("the refunds have ended", WAIT_TIMEOUT, || async {
        user.tenant.stack.invoke("pay-refunds", &json!({})).await;
        let shown = user.get(&format!("/bookings/{booking}")).await.expect(200).clone();
        (shown["refundStatus"] != "PENDING").then_some(shown)
    })
    .await
}

#[tokio::test]
async fn a_cancelled_entity_ends_its_holds_and_cancels_and_refunds_every_booking() {
    let (tenant, user, seats) = sale().await;
    let first = user.book(&[&seats[0]]).await;
    let hold = user.hold(&[&seats[1]]).await;
    let paid = unique("pay_refundfail");
    let second = user.confirm(&hold, &paid).await.expect(201)["bookingId"].clone();
    let second = second.as_str().unwrap().to_owned();
    let hold = user.hold(&[&seats[2]]).await;

    let entity = cancel(&tenant, 50).await.expect(202).clone();
    assert_eq!(entity["state"], "CANCELLED");
    keys(&entity["cancelling"], &["bookings", "done", "refundsFailed"], &[], "a cancellation");
    assert_eq!(entity["cancelling"], json!({"bookings": 2, "done": 0, "refundsFailed": 0}));
    user.reserve(&[&seats[2]]).await.error(409, "ENTITY_CANCELLED");
    assert_eq!(user.reservations().await, [] as [Value; 0], "its holds end at once");
    let late = user.confirm(&hold, &payment()).await;
    assert_eq!(late.error(409, "RESERVATION_RELEASED")["details"]["refundDue"], true);

    let entity = cancel_bookings(&tenant, 2).await;
    assert_eq!(entity["cancelling"], json!({"bookings": 2, "done": 2, "refundsFailed": 0}));
    for (booking, status) in [(&first, "PARTIAL"), (&second, "FAILED")] {
        let booking = refunded(&user, booking).await;
        assert_eq!(
            (&booking["status"], &booking["refundStatus"]),
            (&json!("CANCELLED"), &json!(status))
        );
        let one = &booking["cancellations"][0];
        assert_eq!((&one["by"], &one["refund"]), (&json!("ENTITY"), &json!(PRICE / 2)));
    }
    assert_eq!(shown(&tenant).await["cancelling"]["refundsFailed"], 1);
    invariants::check(&tenant).await;
}

/// What the history of a booking says about its only cancellation.
async fn only_entry(tenant: &Tenant, booking: &str) -> Value {
    let admin = tenant.stack.admin().await;
    let shown = admin.get(&format!("/admin/bookings/{booking}")).await.expect(200).clone();
    let [entry] = &shown["history"].as_array().unwrap()[..] else { panic!("one entry: {shown}") };
    assert!(entry["at"].is_string(), "{entry}");
    entry.clone()
}

#[tokio::test]
async fn the_history_of_a_booking_says_who_has_cancelled_its_entity_and_why() {
    let (tenant, user, seats) = sale().await;
    let booking = user.book(&[&seats[0]]).await;
    let (key, server) = tenant.server().await;
    let body = json!({"refundPercent": 50, "reason": "$ill"});
    server.post(&format!("{}/cancel", path(&tenant)), &body).await.expect(202);
    cancel_bookings(&tenant, 1).await;
    let refund = refunded(&user, &booking).await["refunds"][0]["refundId"].clone();
    let entry = only_entry(&tenant, &booking).await;
    let expected = json!({
        "at": entry["at"], "actor": key, "action": "CANCEL", "reason": "$ill", "refundId": refund,
        "amount": PRICE / 2, "seatIds": [seats[0]],
    });
    assert_eq!(entry, expected);

    // An earlier version stored the app instead of the key.
    change(&tenant, doc! {"state": "ON_SALE"}).await;
    let booking = user.book(&[&seats[1]]).await;
    let app = doc! {"$literal": &tenant.app_id};
    change(&tenant, doc! {"state": "CANCELLED", "cancel.by": app, "cancel.workAt": "$$NOW"}).await;
    cancel_bookings(&tenant, 2).await;
    assert_eq!(only_entry(&tenant, &booking).await["actor"], tenant.app_id);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_refund_that_was_made_again_and_fails_again_is_counted_as_failed() {
    let (tenant, user, seats) = sale().await;
    let hold = user.hold(&[&seats[0]]).await;
    let booking = user.confirm(&hold, &unique("pay_refundfail")).await;
    let booking = booking.expect(201)["bookingId"].as_str().unwrap().to_owned();
    cancel(&tenant, 100).await.expect(202);
    cancel_bookings(&tenant, 1).await;
    let failed = refunded(&user, &booking).await["refunds"][0]["refundId"].clone();
    assert_eq!(shown(&tenant).await["cancelling"]["refundsFailed"], 1);
    let path = format!("/admin/refunds/{}/retry", failed.as_str().unwrap());
    let admin = tenant.stack.admin().await;
    let new = admin.post(&path, &json!({})).await.expect(201)["refundId"].clone();
    assert_eq!(shown(&tenant).await["cancelling"]["refundsFailed"], 0);
    // The second refund fails, too.
    let refunds = tenant.stack.database().await.collection::<Document>("refunds");
    let second = doc! {"refundId": new.as_str().unwrap()};
    refunds.update_one(second, doc! {"$set": {"status": "FAILED"}}).await.unwrap();
    assert_eq!(shown(&tenant).await["cancelling"]["refundsFailed"], 1);
}

#[tokio::test]
async fn cancelling_again_goes_on_and_never_changes_what_goes_back() {
    let (tenant, user, seats) = sale().await;
    user.book(&[&seats[0]]).await;
    let version = cancel(&tenant, 100).await.expect(202)["version"].clone();
    assert_eq!(cancel(&tenant, 100).await.expect(202)["version"], version);
    cancel(&tenant, 0).await.refuses("refundPercent");
    cancel_bookings(&tenant, 1).await;
    let again = cancel(&tenant, 100).await;
    let expected = json!({"bookings": 1, "done": 1, "refundsFailed": 0});
    assert_eq!(again.expect(202)["cancelling"], expected);
    let admin = tenant.stack.admin().await;
    admin.patch(&path(&tenant), &json!({"state": "ON_SALE"})).await.refuses("state");
    admin.patch(&path(&tenant), &json!({"title": "Cancelled"})).await.expect(200);
    assert_eq!(shown(&tenant).await["cancelling"], expected);
}

#[tokio::test]
async fn a_wrong_cancellation_of_an_entity_names_its_field_and_an_unknown_one_is_404() {
    let (tenant, _, _) = sale().await;
    let admin = tenant.stack.admin().await;
    let target = format!("{}/cancel", path(&tenant));
    for (body, field) in [
        (json!({"reason": "x"}), "refundPercent"),
        (json!({"refundPercent": 101, "reason": "x"}), "refundPercent"),
        (json!({"refundPercent": "50", "reason": "x"}), "refundPercent"),
        (json!({"refundPercent": 50}), "reason"),
        (json!({"refundPercent": 50, "reason": " "}), "reason"),
        (json!({"refundPercent": 50, "reason": "x", "fee": 1}), "fee"),
    ] {
        admin.post(&target, &body).await.refuses(field);
    }
    assert_eq!(shown(&tenant).await["state"], "ON_SALE");
    let unknown = format!("/admin/apps/{}/entities/unknown/cancel", tenant.app_id);
    let body = json!({"refundPercent": 50, "reason": "x"});
    admin.post(&unknown, &body).await.error(404, "ENTITY_NOT_FOUND");
    // A tenant's own server may cancel, and only its own entities.
    let (_, server) = tenant.server().await;
    server.post(&target, &body).await.expect(202);
    let other = tenant.stack.tenant().await;
    let (_, stranger) = other.server().await;
    stranger.post(&target, &body).await.error(404, "APP_NOT_FOUND");
}

#[tokio::test]
async fn what_slips_in_after_the_cancellation_is_cancelled_by_the_next_run() {
    let (tenant, user, seats) = sale().await;
    cancel(&tenant, 100).await.expect(202);
    cancel_bookings(&tenant, 0).await;
    let waits = document(&tenant).await;
    let cancel = waits.get_document("cancel").unwrap();
    let at = cancel.get_datetime("at").unwrap().timestamp_millis();
    let work_at = cancel.get_datetime("workAt").unwrap().timestamp_millis();
    assert!((work_at - at - 120_000).abs() < 30_000, "the worker runs again after two minutes");

    // A reserve and a confirm that began before the cancellation.
    change(&tenant, doc! {"state": "ON_SALE"}).await;
    let (booking, hold) = (user.book(&[&seats[0]]).await, user.hold(&[&seats[1]]).await);
    let an_hour = doc! {"$subtract": ["$$NOW", 3_600_000_i64]};
    change(&tenant, doc! {"state": "CANCELLED", "cancel.at": an_hour, "cancel.workAt": "$$NOW"})
        .await;
    cancel_bookings(&tenant, 1).await;
    assert_eq!(refunded(&user, &booking).await["refundStatus"], "REFUNDED");
    user.confirm(&hold, &payment()).await.error(409, "RESERVATION_RELEASED");
    let next = document(&tenant).await;
    let next = next.get_document("cancel").unwrap().get_datetime("workAt").is_ok();
    assert!(next, "the worker runs again for a while");
    // It stops a week after the cancellation.
    let long_ago = doc! {"$subtract": ["$$NOW", 8 * 24 * 3_600_000_i64]};
    change(&tenant, doc! {"cancel.at": long_ago, "cancel.workAt": "$$NOW"}).await;
    eventually("the job is over", WAIT_TIMEOUT, || async {
        tenant.stack.invoke("cancel-entities", &json!({})).await;
        let entity = document(&tenant).await;
        entity.get_document("cancel").unwrap().get("workAt").is_none().then_some(())
    })
    .await;
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn bookings_of_earlier_versions_and_in_part_cancelled_ones_are_cancelled_with_their_entity() {
    let mut tenant = stacks::usual().await.tenant().await;
    let policy = json!({"tiers": [{"hoursBefore": 0, "refundPercent": 100}], "feePerSeat": 1_000});
    tenant.entity = tenant.new_entity("show", &json!({"cancellationPolicy": policy})).await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    let old = user.book(&[&seats[0]]).await;
    let part = user.book(&[&seats[1], &seats[2]]).await;
    let body = json!({"bookingId": part, "seatIds": [seats[1]]});
    user.post("/cancel-booking", &body).await.expect(200);
    // The first version wrote bookings and reservations without these fields.
    let database = tenant.stack.database().await;
    let unset = doc! {"$unset": {"seats": "", "version": "", "terms": "", "provider": ""}};
    for collection in ["bookings", "reservations"] {
        let seat = mongodb::bson::oid::ObjectId::parse_str(&seats[0]).unwrap();
        let documents = database.collection::<Document>(collection);
        documents.update_one(doc! {"seatIds": seat}, unset.clone()).await.unwrap();
    }
    cancel(&tenant, 100).await.expect(202);
    cancel_bookings(&tenant, 2).await;
    assert_eq!(refunded(&user, &old).await["refundedAmount"], PRICE);
    // The fee of the first cancellation stays; the second one takes none.
    let part = refunded(&user, &part).await;
    assert_eq!(
        (&part["status"], &part["refundedAmount"]),
        (&json!("CANCELLED"), &json!(2 * PRICE - 1_000))
    );
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_buyer_who_cancels_before_the_worker_gets_no_less_than_the_worker_would_give() {
    let mut tenant = stacks::usual().await.tenant().await;
    let policy = json!({"tiers": [{"hoursBefore": 0, "refundPercent": 90}], "feePerSeat": 5_000});
    tenant.entity = tenant.new_entity("show", &json!({"cancellationPolicy": policy})).await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let by_policy = PRICE * 9 / 10 - 5_000;
    for (seat, percent, refund) in [(&seats[0], 100_i64, PRICE), (&seats[1], 10, by_policy)] {
        change(&tenant, doc! {"state": "ON_SALE"}).await;
        let booking = user.book(&[seat]).await;
        // The worker is late.
        let in_an_hour = doc! {"$add": ["$$NOW", 3_600_000_i64]};
        let cancel = doc! {
            "refundPercent": percent, "reason": "ill", "by": "admin", "at": "$$NOW",
            "workAt": in_an_hour,
        };
        change(&tenant, doc! {"state": "CANCELLED", "cancel": cancel}).await;
        let quote = user.get(&format!("/bookings/{booking}/cancellation")).await;
        assert_eq!(quote.expect(200)["refund"], refund, "{quote}");
        let body = json!({"bookingId": booking, "expectedRefund": refund});
        let cancelled = user.post("/cancel-booking", &body).await.expect(200).clone();
        let one = &cancelled["cancellations"][0];
        assert_eq!((&one["by"], &one["refund"]), (&json!("USER"), &json!(refund)));
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_cancelled_entity_can_be_sent_back_as_it_was_read() {
    let (mut tenant, _, _) = sale().await;
    let policy = json!({"tiers": [{"hoursBefore": 0, "refundPercent": 100}], "feePerSeat": 1});
    tenant.entity = tenant.new_entity("show", &json!({"cancellationPolicy": policy})).await;
    cancel(&tenant, 100).await.expect(202);
    let read = shown(&tenant).await;
    assert!(read["cancelling"].is_object(), "{read}");
    let admin = tenant.stack.admin().await;
    let again = admin.call("PUT", &path(&tenant)).json(&read).send().await;
    let sent_back = again.expect(200);
    assert_eq!((&sent_back["state"], &sent_back["version"]), (&json!("CANCELLED"), &json!(3)));
    assert_eq!(sent_back["cancellationPolicy"], read["cancellationPolicy"]);
}

#[tokio::test]
async fn an_entity_that_is_made_again_after_it_was_cancelled_and_deleted_sells_and_can_be_cancelled()
 {
    let (tenant, user, _) = sale().await;
    cancel(&tenant, 100).await.expect(202);
    let admin = tenant.stack.admin().await;
    admin.delete(&path(&tenant)).await.expect(200);
    let settings = json!({"title": "Again", "currency": "INR"});
    let made = admin.call("PUT", &path(&tenant)).json(&settings).send().await;
    assert_eq!(made.expect(201)["state"], "ON_SALE");
    assert!(made.expect(201).get("cancelling").is_none(), "{made}");
    let seats = tenant.seats(&["A1"]).await;
    let booking = user.book(&[&seats[0]]).await;
    assert_eq!(cancel(&tenant, 50).await.expect(202)["state"], "CANCELLED");
    cancel_bookings(&tenant, 1).await;
    // Another test's `pay-refunds` could pay it during the check.
    assert_eq!(refunded(&user, &booking).await["status"], "CANCELLED");
    invariants::check(&tenant).await;
}
