//! `/admin/apps/{appId}/entities/{entityId}/seats`: listing, changing and removing seats.

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::{
    invariants, payment,
    people::{PRICE, Tenant},
    reply::Reply,
    stacks,
};

fn path(tenant: &Tenant) -> String {
    format!("/admin/apps/{}/entities/{}/seats", tenant.app_id, tenant.entity)
}

async fn list(tenant: &Tenant, query: &str) -> Vec<Value> {
    let reply = tenant.stack.admin().await.get(&format!("{}{query}", path(tenant))).await;
    reply.expect(200)["seats"].as_array().unwrap().clone()
}

async fn patch(tenant: &Tenant, selection: Value, set: Value) -> Reply {
    let body = json!({"where": selection, "set": set});
    tenant.stack.admin().await.patch(&path(tenant), &body).await
}

async fn remove(tenant: &Tenant, selection: Value) -> Reply {
    let path = format!("{}/remove", path(tenant));
    tenant.stack.admin().await.post(&path, &json!({"where": selection})).await
}

fn numbers(seats: &[Value]) -> Vec<&str> {
    seats.iter().map(|seat| seat["seatNumber"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_organiser_sees_each_seat_with_its_status_booking_and_end_of_hold() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    let booking = user.confirm(&hold, &payment()).await.expect(201)["bookingId"].clone();
    user.hold(&[&seats[1]]).await;
    let off = patch(&tenant, json!({"seatIds": [seats[2]]}), json!({"forSale": false})).await;
    assert_eq!(*off.expect(200), json!({"matched": 1, "changed": 1, "skipped": []}));
    let all = list(&tenant, "").await;
    let statuses: Vec<_> = all.iter().map(|seat| seat["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["BOOKED", "LOCKED", "NOT_FOR_SALE", "AVAILABLE"]);
    assert_eq!(all[0]["bookingId"], booking);
    assert!(all[1]["expiresAt"].is_string() && all[3].get("expiresAt").is_none());
    for (seat, status) in all.iter().zip(statuses) {
        let only = list(&tenant, &format!("?status={status}")).await;
        assert_eq!(only, std::slice::from_ref(seat));
    }
    let admin = tenant.stack.admin().await;
    let first = admin.get(&format!("{}?limit=3", path(&tenant))).await;
    let cursor = first.expect(200)["nextCursor"].as_str().unwrap().to_owned();
    assert_eq!(numbers(&list(&tenant, &format!("?limit=3&cursor={cursor}")).await), ["A4"]);
    admin.get(&format!("{}?status=SOLD", path(&tenant))).await.refuses("status");
}

#[tokio::test]
async fn a_seat_that_was_sold_while_off_sale_is_off_sale_after_a_cancellation() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    let sells =
        |for_sale: bool| patch(&tenant, json!({"seatIds": [seat]}), json!({"forSale": for_sale}));
    assert_eq!(sells(false).await.expect(200)["changed"], 1);
    let booking = user.confirm(&hold, &payment()).await.expect(201)["bookingId"].clone();
    let skipped = json!([{"seatNumber": "A1", "reason": "BOOKED"}]);
    let on = sells(true).await;
    assert_eq!(*on.expect(200), json!({"matched": 1, "changed": 0, "skipped": skipped}));
    let cancel = format!("/admin/bookings/{}/cancel", booking.as_str().unwrap());
    let admin = tenant.stack.admin().await;
    admin.post(&cancel, &json!({"refund": "FULL", "reason": "Ill."})).await.expect(200);
    assert_eq!(list(&tenant, "").await[0]["status"], "NOT_FOR_SALE");
    assert_eq!(sells(true).await.expect(200)["changed"], 1);
    assert_eq!(list(&tenant, "").await[0]["status"], "AVAILABLE");
}

#[tokio::test]
async fn a_sold_seat_keeps_its_price_and_a_held_one_has_the_new_price_for_later_holds() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    let sold = user.hold(&[&seats[0]]).await;
    user.confirm(&sold, &payment()).await.expect(201);
    let held = user.hold(&[&seats[1]]).await;
    let all = json!({"seatNumbers": ["A1", "A2", "A3"]});
    let skipped = json!([{"seatNumber": "A1", "reason": "BOOKED"}]);
    let done = patch(&tenant, all.clone(), json!({"price": 7})).await;
    assert_eq!(*done.expect(200), json!({"matched": 3, "changed": 2, "skipped": skipped}));
    let again = patch(&tenant, all, json!({"price": 7})).await;
    assert_eq!(*again.expect(200), json!({"matched": 3, "changed": 0, "skipped": skipped}));
    assert_eq!(user.reservations().await[0]["price"], PRICE);
    user.release(&held).await.expect(200);
    assert_eq!(user.reserve(&[&seats[1]]).await.expect(201)["price"], 7);
    let prices: Vec<Value> =
        list(&tenant, "").await.iter().map(|seat| seat["price"].clone()).collect();
    assert_eq!(prices, [json!(PRICE), json!(7), json!(7)]);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn fields_are_set_and_cleared_and_seats_are_found_by_section_and_category() {
    let tenant = stacks::usual().await.tenant().await;
    tenant.seats(&["A1", "A2"]).await;
    let place = json!({"section": "S", "row": "1", "category": "gold", "flags": ["aisle"],
        "metadata": {"tier": "x"}});
    patch(&tenant, json!({"seatNumbers": ["A1"]}), place.clone()).await.expect(200);
    let seat = list(&tenant, "?section=S").await;
    assert_eq!(numbers(&seat), ["A1"]);
    for (name, value) in place.as_object().unwrap() {
        assert_eq!(&seat[0][name], value);
    }
    let cleared = json!({"row": null, "flags": null, "metadata": null, "section": null});
    let done = patch(&tenant, json!({"category": "gold"}), cleared).await;
    assert_eq!(done.expect(200)["changed"], 1);
    let seats = list(&tenant, "").await;
    assert!(["row", "flags", "section"].iter().all(|name| seats[0].get(name).is_none()));
    assert_eq!((&seats[0]["metadata"], &seats[0]["category"]), (&json!({}), &json!("gold")));
    let entities = tenant.stack.database().await.collection::<Document>("entities");
    let filter = doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
    let entity = entities.find_one(filter).await.unwrap().unwrap();
    assert_eq!(entity.get_i64("seatsVersion").unwrap(), 3);
}

#[tokio::test]
async fn only_seats_that_are_neither_sold_nor_held_are_removed() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    let sold = user.hold(&[&seats[0]]).await;
    user.confirm(&sold, &payment()).await.expect(201);
    user.hold(&[&seats[1]]).await;
    let all = json!({"seatIds": seats});
    let skipped = json!([
        {"seatNumber": "A1", "reason": "BOOKED"}, {"seatNumber": "A2", "reason": "LOCKED"},
    ]);
    for removed in [1, 0] {
        let done = remove(&tenant, all.clone()).await;
        let mut data = done.expect(200).clone();
        let rows = data["skipped"].as_array_mut().unwrap();
        rows.sort_by_key(|row| row["seatNumber"].to_string());
        assert_eq!(data, json!({"removed": removed, "skipped": skipped}));
    }
    assert_eq!(numbers(&list(&tenant, "").await), ["A1", "A2"]);
    tenant.user().await.reserve(&[&seats[2]]).await.error(404, "SEAT_NOT_FOUND");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn wrong_conditions_and_values_name_their_field() {
    let tenant = stacks::usual().await.tenant().await;
    tenant.seats(&["A1"]).await;
    let one = json!({"seatNumbers": ["A1"]});
    for selection in [json!({}), json!({"section": "S", "category": "gold"})] {
        patch(&tenant, selection.clone(), json!({"price": 1})).await.refuses("where");
        remove(&tenant, selection).await.refuses("where");
    }
    // What is null is as if absent.
    let null = json!({"seatNumbers": ["A1"], "seatIds": null, "section": null, "category": null});
    patch(&tenant, null.clone(), json!({"category": "gold"})).await.expect(200);
    // A list of values in the order of the fields is no object.
    patch(&tenant, json!([null, ["A1"]]), json!({"price": 1})).await.refuses("where");
    patch(&tenant, one.clone(), json!([1])).await.refuses("set");
    let none = json!({"seatIds": []});
    patch(&tenant, none, json!({"price": 1})).await.refuses("seatIds");
    patch(&tenant, one.clone(), json!({})).await.refuses("set");
    for (field, value) in [
        ("price", json!(null)),
        ("price", json!(-1)),
        ("forSale", json!("no")),
        ("row", json!("x".repeat(17))),
        ("currency", json!("INR")),
    ] {
        patch(&tenant, one.clone(), json!({field: value})).await.refuses(field);
    }
    let mut other = tenant.clone();
    other.entity = "no-such-entity".into();
    patch(&other, one, json!({"price": 1})).await.error(404, "ENTITY_NOT_FOUND");
}

#[tokio::test]
async fn a_seat_that_was_sold_once_stays_even_if_its_booking_was_cancelled() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let booking = user.book(&[&seats[0]]).await;
    let path = format!("/admin/bookings/{booking}/cancel");
    let body = json!({"refund": "FULL", "reason": "Rain"});
    tenant.stack.admin().await.post(&path, &body).await.expect(200);
    assert_eq!(list(&tenant, "?status=AVAILABLE").await.len(), 2);
    let done = remove(&tenant, json!({"seatIds": seats})).await;
    let skipped = json!([{"seatNumber": "A1", "reason": "BOOKED"}]);
    assert_eq!(*done.expect(200), json!({"removed": 1, "skipped": skipped}));
    // It can be sold again, and its price can be changed.
    let all = json!({"seatIds": seats});
    assert_eq!(patch(&tenant, all, json!({"price": 3})).await.expect(200)["changed"], 1);
    user.book(&[&seats[0]]).await;
    invariants::check(&tenant).await;
}
