//! `POST /reserve-seat` with `bestAvailable`: the service chooses the seats.

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::{
    payment,
    people::{Hold, PRICE, Tenant, User},
    reply::{Reply, keys, strings},
    stacks, unique,
};

/// A tenant with these rows of ten seats, such as A1 to A10.
async fn hall(rows: &[&str]) -> Tenant {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> =
        rows.iter().flat_map(|row| (1..=10).map(move |n| format!("{row}{n}"))).collect();
    tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    tenant
}

async fn reserve_best(user: &User, more: &Value) -> Reply {
    let mut best = json!({"entityId": user.tenant.entity});
    best.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    user.post("/reserve-seat", &json!({"bestAvailable": best})).await
}

/// The numbers of the seats of a hold.
fn numbers(reply: &Reply) -> Vec<String> {
    let seats = reply.expect(201)["seats"].as_array().unwrap();
    seats.iter().map(|seat| seat["seatNumber"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_best_seats_are_in_the_middle_of_the_first_row_and_are_held_as_always() {
    let tenant = hall(&["A", "B"]).await;
    let user = tenant.user().await;
    let reply = reserve_best(&user, &json!({"quantity": 2})).await;
    assert_eq!(numbers(&reply), ["A5", "A6"]);
    let data = reply.expect(201);
    let required = [
        "adjacent",
        "currency",
        "expiresAt",
        "expiresIn",
        "price",
        "reservationToken",
        "seatIds",
        "seats",
    ];
    keys(data, &required, &[], "bestAvailable");
    assert_eq!((&data["adjacent"], &data["price"]), (&json!(true), &json!(2 * PRICE)));
    let hold = Hold::of(&reply);
    for seat in &hold.seats {
        assert_eq!(user.seat(seat).await["status"], "LOCKED");
    }
    assert_eq!(user.reservations().await[0]["adjacent"], true);
    user.confirm(&hold, &payment()).await.expect(201);
    // What is sold is not offered again. Three of A1 to A4 would leave one seat alone.
    let next = reserve_best(&user, &json!({"quantity": 3})).await;
    assert_eq!(numbers(&next), ["B4", "B5", "B6"], "{next}");
    let pair = reserve_best(&user, &json!({"quantity": 2})).await;
    assert_eq!(numbers(&pair), ["A3", "A4"], "{pair}");
}

#[tokio::test]
async fn a_repeat_is_a_new_request_unless_it_has_the_same_key() {
    let tenant = hall(&["A"]).await;
    let user = tenant.user().await;
    let body = json!({"bestAvailable": {"entityId": tenant.entity, "quantity": 2}});
    let first = user.post("/reserve-seat", &body).await;
    let second = user.post("/reserve-seat", &body).await;
    assert_ne!(Hold::of(&first).token, Hold::of(&second).token);
    let key = unique("key");
    let keyed = || async {
        let call = user.call("POST", "/reserve-seat").header("idempotency-key", &key);
        call.json(&body).send().await
    };
    let (third, replay) = (keyed().await, keyed().await);
    assert!(replay.replayed() && !third.replayed());
    assert_eq!(Hold::of(&third), Hold::of(&replay));
    assert_eq!(user.reservations().await.len(), 3);
}

#[tokio::test]
async fn a_repeat_checks_the_limit_for_the_hold_of_a_call_that_died() {
    let mut tenant = stacks::usual().await.tenant().await;
    tenant.entity = tenant.new_entity("show", &json!({"maxSeatsPerUser": 4})).await;
    tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
    let user = tenant.user().await;
    reserve_best(&user, &json!({"quantity": 2})).await.expect(201);
    let body = json!({"bestAvailable": {"entityId": tenant.entity, "quantity": 2}});
    let key = unique("key");
    let keyed = || async {
        let call = user.call("POST", "/reserve-seat").header("idempotency-key", &key);
        call.json(&body).send().await
    };
    let first = Hold::of(&keyed().await);
    // As after a call that died: its key is free again, and its hold exceeds the limit.
    let keys = tenant.stack.database().await.collection::<Document>("idempotency_keys");
    let forget = || async {
        let answered = doc! {"answer.body": {"$regex": &first.token}};
        assert_eq!(keys.delete_many(answered).await.unwrap().deleted_count, 1);
    };
    forget().await;
    assert_eq!(Hold::of(&keyed().await).token, first.token);
    forget().await;
    let path = format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity);
    let admin = tenant.stack.admin().await;
    admin.patch(&path, &json!({"maxSeatsPerUser": 3})).await.expect(200);
    keyed().await.error(409, "SEAT_LIMIT_REACHED");
    // The hold stays: the call may have returned it, and only its response was lost.
    assert_eq!(user.reservations().await.len(), 2);
}

#[tokio::test]
async fn seats_are_read_again_after_a_removal_that_died_before_it_raised_the_version() {
    // Each attempt loses one seat, and a call makes fewer attempts than there are seats removed.
    let tenant = hall(&["A", "B", "C", "D", "E"]).await;
    let user = tenant.user().await;
    assert_eq!(numbers(&reserve_best(&user, &json!({"quantity": 2})).await), ["A5", "A6"]);
    let removed = doc! {
        "appId": &tenant.app_id, "entityId": &tenant.entity, "seatNumber": {"$regex": "^[A-D]"},
    };
    let seats = tenant.stack.database().await.collection::<Document>("seats");
    seats.update_many(removed, doc! {"$set": {"removed": true}}).await.unwrap();
    let one = numbers(&reserve_best(&user, &json!({"quantity": 1})).await);
    // A later attempt chooses at random among equally good seats.
    assert!(one[0].starts_with('E'), "{one:?}");
}

#[tokio::test]
async fn too_few_free_seats_are_counted_within_the_filters() {
    let tenant = hall(&["A"]).await;
    let (user, other) = (tenant.user().await, tenant.user().await);
    reserve_best(&other, &json!({"quantity": 4})).await.expect(201);
    let few = |reply: Reply| reply.error(409, "NOT_ENOUGH_SEATS")["details"].clone();
    let reply = reserve_best(&user, &json!({"quantity": 7})).await;
    assert_eq!(few(reply), json!({"available": 6, "largestAdjacent": 3}));
    let reply = reserve_best(&user, &json!({"quantity": 4, "adjacent": "REQUIRED"})).await;
    assert_eq!(few(reply), json!({"available": 6, "largestAdjacent": 3}));
    let reply = reserve_best(&user, &json!({"quantity": 1, "maxPrice": PRICE - 1})).await;
    assert_eq!(few(reply), json!({"available": 0, "largestAdjacent": 0}));
    let reply = reserve_best(&user, &json!({"quantity": 1, "section": "Balcony"})).await;
    assert_eq!(few(reply), json!({"available": 0, "largestAdjacent": 0}));
    // Preferred falls back to the fewest runs.
    let split = reserve_best(&user, &json!({"quantity": 4, "maxPrice": PRICE})).await;
    assert_eq!(split.expect(201)["adjacent"], false);
    assert_eq!(numbers(&split).len(), 4);
}

#[tokio::test]
async fn an_invalid_best_available_request_is_refused_with_its_field() {
    let tenant = hall(&["A"]).await;
    let user = tenant.user().await;
    for (best, field) in [
        (json!({"quantity": 2}), "bestAvailable.entityId"),
        (json!({"entityId": tenant.entity}), "bestAvailable.quantity"),
        (json!({"entityId": tenant.entity, "quantity": 0}), "bestAvailable.quantity"),
        (json!({"entityId": tenant.entity, "quantity": 11}), "bestAvailable.quantity"),
        (json!({"entityId": tenant.entity, "quantity": 1.5}), "bestAvailable.quantity"),
        (json!({"entityId": tenant.entity, "quantity": "2"}), "bestAvailable.quantity"),
        (json!({"entityId": "no/thing", "quantity": 1}), "bestAvailable.entityId"),
        (json!({"entityId": tenant.entity, "quantity": 1, "row": "A"}), "bestAvailable.row"),
        (
            json!({"entityId": tenant.entity, "quantity": 1, "adjacent": "MAYBE"}),
            "bestAvailable.adjacent",
        ),
        (
            json!({"entityId": tenant.entity, "quantity": 1, "maxPrice": -1}),
            "bestAvailable.maxPrice",
        ),
        (json!({"entityId": tenant.entity, "quantity": 1, "section": ""}), "bestAvailable.section"),
        (json!([tenant.entity, 1]), "bestAvailable"),
    ] {
        let reply = user.post("/reserve-seat", &json!({"bestAvailable": best})).await;
        reply.refuses(field);
    }
    let best =
        json!({"entityId": tenant.entity, "quantity": 1.0, "section": null, "adjacent": null});
    let seats = user.free_seats().await;
    for (body, field) in [
        (json!({"bestAvailable": best, "seatId": seats[0]}), "bestAvailable"),
        (json!({"bestAvailable": best, "seatIds": [seats[0]]}), "bestAvailable"),
        (json!({"bestAvailable": best, "reservationToken": uuid::Uuid::new_v4()}), "seatIds"),
    ] {
        user.post("/reserve-seat", &body).await.refuses(field);
    }
    let unknown = json!({"entityId": unique("nothing"), "quantity": 1});
    let reply = user.post("/reserve-seat", &json!({"bestAvailable": unknown})).await;
    reply.error(404, "ENTITY_NOT_FOUND");
    assert_eq!(user.reservations().await.len(), 0);
    user.post("/reserve-seat", &json!({"bestAvailable": best})).await.expect(201);
}

#[tokio::test]
async fn the_sale_and_the_limits_hold_for_chosen_seats_too() {
    let mut tenant = stacks::usual().await.tenant().await;
    let settings = json!({"maxSeatsPerUser": 3, "holdSeconds": 300, "state": "PAUSED"});
    tenant.entity = tenant.new_entity("show", &settings).await;
    tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
    let user = tenant.user().await;
    reserve_best(&user, &json!({"quantity": 9})).await.error(409, "SALES_PAUSED");
    let path = format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity);
    let admin = tenant.stack.admin().await;
    admin.patch(&path, &json!({"state": "ON_SALE"})).await.expect(200);
    reserve_best(&user, &json!({"quantity": 4})).await.error(409, "SEAT_LIMIT_REACHED");
    let hold = reserve_best(&user, &json!({"quantity": 3})).await;
    let left = hold.expect(201)["expiresIn"].as_u64().unwrap();
    assert!((121..=300).contains(&left), "{hold}");
    reserve_best(&user, &json!({"quantity": 1})).await.error(409, "SEAT_LIMIT_REACHED");
    // The seats of a refused attempt are free at once.
    let other = tenant.user().await;
    reserve_best(&other, &json!({"quantity": 2})).await.expect(201);
}

#[tokio::test]
async fn seats_that_are_added_and_seats_of_a_new_price_count_at_once() {
    let tenant = hall(&["B"]).await;
    let user = tenant.user().await;
    assert_eq!(numbers(&reserve_best(&user, &json!({"quantity": 2})).await), ["B5", "B6"]);
    tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    assert_eq!(numbers(&reserve_best(&user, &json!({"quantity": 2})).await), ["A1", "A2"]);
}

#[tokio::test]
async fn a_seat_that_the_user_gave_back_too_often_is_not_offered_and_others_are() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "B1"]).await;
    let user = tenant.user().await;
    for _ in 0..10 {
        let hold = user.hold(&[&seats[0]]).await;
        user.release(&hold).await.expect(200);
    }
    let one = reserve_best(&user, &json!({"quantity": 1})).await;
    assert_eq!(strings(&one.expect(201)["seatIds"]), [seats[1].clone()]);
    let none = reserve_best(&user, &json!({"quantity": 1})).await;
    none.error(429, "RATE_LIMITED");
    assert!(none.header("retry-after").is_some());
    // For everybody else the seat is free.
    let other = tenant.user().await;
    assert_eq!(numbers(&reserve_best(&other, &json!({"quantity": 1})).await), ["A1"]);
}
