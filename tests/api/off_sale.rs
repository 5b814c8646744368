//! Seats that the organiser does not sell, and seats that were removed: in listings, for
//! reserve, for changes and for holds that were made before. The documents are written here
//! as they are stored.

use mongodb::bson::{Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::support::{
    WAIT_TIMEOUT, invariants, payment,
    people::{Tenant, User},
    poll::eventually,
    stacks,
};

async fn update_seat(tenant: &Tenant, seat: &str, change: Document) {
    let seats = tenant.stack.database().await.collection::<Document>("seats");
    let filter = doc! {"_id": ObjectId::parse_str(seat).unwrap()};
    let done = seats.update_one(filter, doc! {"$set": change}).await.unwrap();
    assert_eq!(done.modified_count, 1);
}

/// The status of each seat in the whole map; an empty one for a seat that is not there.
async fn statuses(user: &User, tenant: &Tenant, numbers: &[&str]) -> Vec<String> {
    let path = format!("/seats?entityId={}&include=all", tenant.entity);
    let listed = user.get(&path).await.expect(200)["seats"].as_array().unwrap().clone();
    let status = |number: &&str| {
        let seat = listed.iter().find(|seat| seat["seatNumber"] == **number);
        seat.map_or(String::new(), |seat| seat["status"].as_str().unwrap().to_owned())
    };
    numbers.iter().map(status).collect()
}

async fn free_numbers(user: &User, tenant: &Tenant) -> Vec<Value> {
    let listed = user.get(&format!("/seats?entityId={}", tenant.entity)).await;
    let seats = listed.expect(200)["seats"].as_array().unwrap().clone();
    seats.iter().map(|seat| seat["seatNumber"].clone()).collect()
}

#[tokio::test]
async fn a_seat_off_sale_is_shown_only_in_the_whole_map_and_cannot_be_held() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    update_seat(&tenant, &seats[0], doc! {"notForSale": true}).await;
    let user = tenant.user().await;
    assert_eq!(free_numbers(&user, &tenant).await, [json!("A2"), json!("A3")]);
    let map = statuses(&user, &tenant, &["A1", "A2"]).await;
    assert_eq!(map, ["NOT_FOR_SALE", "AVAILABLE"]);
    let refused = user.reserve(&[&seats[1], &seats[0]]).await;
    refused.error(409, "SEAT_NOT_FOR_SALE");
    let conflicts = &refused.body["error"]["details"]["conflicts"];
    assert_eq!(*conflicts, json!([{"seatId": seats[0], "state": "NOT_FOR_SALE"}]));
    let hold = user.hold(&[&seats[1]]).await;
    let change = json!({"reservationToken": hold.token, "seatIds": [seats[0]]});
    user.post("/reserve-seat", &change).await.error(409, "SEAT_NOT_FOR_SALE");
    let change = json!({"reservationToken": hold.token, "seatIds": [seats[1], seats[2]]});
    user.post("/reserve-seat", &change).await.expect(200);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn conflicts_name_sold_and_held_seats_before_seats_off_sale() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let hold = ann.hold(&[&seats[0]]).await;
    ann.confirm(&hold, &payment()).await.expect(201);
    ann.hold(&[&seats[1]]).await;
    update_seat(&tenant, &seats[2], doc! {"notForSale": true}).await;
    bob.reserve(&[&seats[2], &seats[0]]).await.error(409, "SEAT_ALREADY_BOOKED");
    bob.reserve(&[&seats[2], &seats[1]]).await.error(409, "SEAT_ALREADY_LOCKED");
    // The caller's own hold of another basket is in the way too.
    ann.reserve(&[&seats[2], &seats[1]]).await.error(409, "SEAT_ALREADY_LOCKED");
}

#[tokio::test]
async fn a_held_seat_stays_locked_when_it_goes_off_sale_and_its_hold_is_sold() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let hold = ann.hold(&[&seats[0]]).await;
    update_seat(&tenant, &seats[0], doc! {"notForSale": true}).await;
    assert_eq!(statuses(&bob, &tenant, &["A1"]).await, ["LOCKED"]);
    bob.reserve(&[&seats[0]]).await.error(409, "SEAT_ALREADY_LOCKED");
    let again = ann.reserve(&[&seats[0]]).await;
    assert_eq!(again.expect(200)["reservationToken"], json!(hold.token));
    ann.confirm(&hold, &payment()).await.expect(201);
    assert_eq!(statuses(&bob, &tenant, &["A1"]).await, ["BOOKED"]);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_hold_of_a_seat_that_was_removed_meanwhile_is_sold_and_brings_the_seat_back() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let hold = ann.hold(&[&seats[0]]).await;
    for seat in &seats {
        update_seat(&tenant, seat, doc! {"removed": true}).await;
    }
    bob.reserve(&[&seats[1]]).await.error(404, "SEAT_NOT_FOUND");
    ann.confirm(&hold, &payment()).await.expect(201);
    assert_eq!(statuses(&bob, &tenant, &["A1", "A2"]).await, ["BOOKED", ""]);
    invariants::check(&tenant).await;
}

async fn seats_version(tenant: &Tenant) -> i64 {
    let entities = tenant.stack.database().await.collection::<Document>("entities");
    let own = doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
    let entity = entities.find_one(own).await.unwrap().expect("the entity");
    entity.get_i64("seatsVersion").expect("a number")
}

/// A process that remembers an entity's seats reads them again only if the version has changed.
#[tokio::test]
async fn a_sale_makes_a_new_version_of_the_list_only_if_a_removed_seat_comes_back() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let before = seats_version(&tenant).await;
    bob.book(&[&seats[1]]).await;
    assert_eq!(seats_version(&tenant).await, before);
    let hold = ann.hold(&[&seats[0]]).await;
    update_seat(&tenant, &seats[0], doc! {"removed": true}).await;
    // Now the process remembers the entity's seats without the removed one.
    let best = json!({"bestAvailable": {"entityId": tenant.entity, "quantity": 1}});
    bob.post("/reserve-seat", &best).await.error(409, "NOT_ENOUGH_SEATS");
    let sold = ann.confirm(&hold, &payment()).await;
    assert_eq!(seats_version(&tenant).await, before + 1);
    let booking = sold.expect(201)["bookingId"].as_str().unwrap();
    let path = format!("/admin/bookings/{booking}/cancel");
    let all = json!({"refund": "FULL", "reason": "Rain"});
    tenant.stack.admin().await.post(&path, &all).await.expect(200);
    let held = bob.post("/reserve-seat", &best).await;
    assert_eq!(held.expect(201)["seatIds"], json!([seats[0]]));
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn an_entity_counts_its_seats_off_sale() {
    let mut tenant = stacks::usual().await.tenant().await;
    tenant.entity = tenant.new_entity("show", &json!({})).await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    let user = tenant.user().await;
    user.hold(&[&seats[0]]).await;
    update_seat(&tenant, &seats[0], doc! {"notForSale": true}).await;
    update_seat(&tenant, &seats[1], doc! {"notForSale": true}).await;
    update_seat(&tenant, &seats[2], doc! {"removed": true}).await;
    let path = format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity);
    let wanted = json!({"total": 3, "available": 1, "held": 1, "booked": 0, "notForSale": 1});
    let admin = tenant.stack.admin().await;
    let counted = async || {
        let reply = admin.get(&path).await;
        (reply.expect(200)["seats"] == wanted).then_some(())
    };
    eventually("the counts are right", WAIT_TIMEOUT, counted).await;
}
