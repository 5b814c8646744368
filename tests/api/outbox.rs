//! Events are written with their changes: one for each change, in the document that it changes.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use serde_json::json;

use crate::support::{
    expiry::end_hold,
    invariants, outbox, payment,
    people::{Tenant, User},
    stacks, unique,
};

/// A tenant whose endpoints want every event, with seats that are fully refunded.
async fn sale(seats: usize) -> (Tenant, User, Vec<String>) {
    let mut tenant = stacks::usual().await.tenant().await;
    outbox::wants_everything(&tenant).await;
    // A process that knows the tenant already may use its copy for five seconds.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let policy = json!({"tiers": [{"hoursBefore": 0, "refundPercent": 100}]});
    tenant.entity = tenant.new_entity("show", &json!({"cancellationPolicy": policy})).await;
    let names: Vec<String> = (1..=seats).map(|number| format!("A{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let seats = tenant.seats(&names).await;
    (tenant.clone(), tenant.user().await, seats)
}

/// The types of the events of a document, in their order.
fn types(document: &Document) -> Vec<&str> {
    let events = document.get_array("events").expect("events");
    let events = events.iter().map(|event| event.as_document().expect("an event"));
    events.map(|event| event.get_str("type").expect("a type")).collect()
}

#[tokio::test]
async fn every_change_of_a_hold_has_its_event_and_an_earlier_one_keeps_its_state() {
    let (tenant, user, seats) = sale(2).await;
    let hold = user.hold(&[&seats[0]]).await;
    let change = json!({"reservationToken": hold.token, "seatIds": [seats[0], seats[1]]});
    user.post("/reserve-seat", &change).await.expect(200);
    // Nothing changes.
    user.post("/reserve-seat", &change).await.expect(200);
    user.post("/payments", &json!({"reservationToken": hold.token})).await.expect(201);
    user.post("/payments", &json!({"reservationToken": hold.token})).await.expect(200);
    user.release(&hold).await.expect(200);
    user.release(&hold).await.expect(200);
    let books = invariants::check(&tenant).await;
    let stored = &books.reservations[0];
    assert_eq!(types(stored), ["hold.created", "hold.changed", "hold.changed", "hold.released"]);
    let events = stored.get_array("events").unwrap();
    let was = |index: usize| events[index].as_document().unwrap().get_document("was");
    for (index, seats, paying) in [(0, 1, false), (1, 2, false), (2, 2, true)] {
        let was = was(index).unwrap();
        assert_eq!(was.get_i64("version").unwrap(), index as i64, "{was}");
        assert_eq!(was.get_array("seats").unwrap().len(), seats, "{was}");
        assert_eq!(was.get_bool("paying").unwrap(), paying, "{was}");
        assert_eq!(was.get_str("status").unwrap(), "ACTIVE", "{was}");
    }
    assert!(was(3).is_err(), "the last one is what the document is");
}

#[tokio::test]
async fn whoever_marks_a_hold_as_expired_writes_its_event() {
    let (tenant, user, seats) = sale(4).await;
    let mut holds = Vec::new();
    for seat in &seats {
        holds.push(user.hold(&[seat]).await);
        end_hold(&tenant, holds.last().unwrap()).await;
    }
    tenant.user().await.hold(&[&seats[0]]).await;
    user.release(&holds[1]).await.error(410, "RESERVATION_EXPIRED");
    user.confirm(&holds[2], &payment()).await.error(410, "RESERVATION_EXPIRED");
    tenant.stack.invoke("expire-reservations", &json!({})).await;
    let books = invariants::check(&tenant).await;
    assert_eq!(books.count("EXPIRED"), 4);
    // A hold that was kept for a payment is marked one by one.
    let (other, seat) = (tenant.user().await, tenant.seats(&["B1"]).await.remove(0));
    let hold = other.hold(&[&seat]).await;
    other.post("/payments", &json!({"reservationToken": hold.token})).await.expect(201);
    end_hold(&tenant, &hold).await;
    tenant.stack.invoke("expire-reservations", &json!({})).await;
    assert_eq!(invariants::check(&tenant).await.count("EXPIRED"), 5);
}

#[tokio::test]
async fn sales_declined_payments_cancellations_and_refunds_have_their_events() {
    let (tenant, user, seats) = sale(3).await;
    let id = user.book(&[&seats[0], &seats[1]]).await;
    let declined = user.hold(&[&seats[2]]).await;
    user.confirm(&declined, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    user.post("/cancel-booking", &json!({"bookingId": id, "seatIds": [seats[0]]}))
        .await
        .expect(200);
    user.post("/cancel-booking", &json!({"bookingId": id})).await.expect(200);
    tenant.stack.invoke("pay-refunds", &json!({})).await;
    let books = invariants::check(&tenant).await;
    let sold = books.bookings.iter().find(|booking| booking.get_str("bookingId").unwrap() == id);
    let sold = sold.unwrap();
    assert_eq!(types(sold), ["booking.confirmed", "booking.cancelled", "booking.cancelled"]);
    for refund in &books.refunds {
        assert_eq!(types(refund), ["refund.succeeded"], "the cancellation tells of the refund");
    }
    assert_eq!(books.refunds.len(), 2);

    // A payment that came too late is refunded.
    let late = user.hold(&[&seats[2]]).await;
    end_hold(&tenant, &late).await;
    user.confirm(&late, &payment()).await.error(410, "RESERVATION_EXPIRED");
    tenant.stack.invoke("pay-refunds", &json!({})).await;
    let books = invariants::check(&tenant).await;
    let is_due = |refund: &&Document| refund.get("_id") == refund.get("booking");
    let due = books.refunds.iter().find(is_due).unwrap();
    assert_eq!(types(due), ["refund.due", "refund.succeeded"]);
}

#[tokio::test]
async fn a_tenant_without_endpoints_has_no_trace_of_events() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let (user, seats) = (tenant.user().await, tenant.seats(&["A1", "A2"]).await);
    user.book(&[&seats[0]]).await;
    let late = user.hold(&[&seats[1]]).await;
    end_hold(&tenant, &late).await;
    user.confirm(&late, &payment()).await.error(410, "RESERVATION_EXPIRED");
    tenant.new_entity("show", &json!({})).await;
    let database = stack.database().await;
    for collection in ["reservations", "bookings", "refunds", "entities"] {
        let filter = doc! {"appId": &tenant.app_id};
        let found = database.collection::<Document>(collection).find(filter).await.unwrap();
        let found: Vec<Document> = futures_util::TryStreamExt::try_collect(found).await.unwrap();
        assert!(!found.is_empty(), "{collection}");
        for document in found {
            assert!(!document.contains_key("events") && !document.contains_key("unsent"));
        }
    }
}

#[tokio::test]
async fn types_that_no_endpoint_wants_are_not_written() {
    let tenant = stacks::usual().await.tenant().await;
    let apps = tenant.stack.database().await.collection::<Document>("apps");
    let wanted = doc! {"$set": {"webhookTypes": ["hold.changed", "booking.confirmed"]}};
    apps.update_one(doc! {"appId": &tenant.app_id}, wanted).await.unwrap();
    let (user, seat) = (tenant.user().await, tenant.seat().await);
    user.book(&[&seat]).await;
    let books = invariants::check(&tenant).await;
    assert!(!books.reservations[0].contains_key("events"));
    assert_eq!(types(&books.bookings[0]), ["booking.confirmed"]);
}
