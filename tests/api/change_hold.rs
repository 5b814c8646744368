//! `POST /reserve-seat` with `reservationToken`: a live hold becomes exactly the named seats.

use mongodb::bson::{Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::support::{
    invariants, payment,
    people::{Hold, PRICE, Tenant, User},
    reply::{Reply, strings},
    stacks, unique,
};

async fn change(user: &User, hold: &Hold, seats: &[&str]) -> Reply {
    user.post("/reserve-seat", &json!({"reservationToken": hold.token, "seatIds": seats})).await
}

/// A tenant with four seats, and a user who holds the first two.
async fn scene() -> (Tenant, Vec<String>, User, Hold) {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0], &seats[1]]).await;
    (tenant, seats, user, hold)
}

async fn update_seat(tenant: &Tenant, seat: &str, fields: Document) {
    let seats = tenant.stack.database().await.collection::<Document>("seats");
    let id = ObjectId::parse_str(seat).unwrap();
    seats.update_one(doc! {"_id": id}, doc! {"$set": fields}).await.unwrap();
}

async fn set_price(tenant: &Tenant, seat: &str, price: i64) {
    update_seat(tenant, seat, doc! {"price": price}).await;
}

#[tokio::test]
async fn a_change_keeps_token_and_end_and_prices_of_kept_seats() {
    let (tenant, seats, user, hold) = scene().await;
    let before = user.reservations().await.remove(0);
    set_price(&tenant, &seats[1], 7).await;
    set_price(&tenant, &seats[2], 11).await;
    let reply = change(&user, &hold, &[&seats[2], &seats[1]]).await;
    let data = reply.expect(200);
    assert_eq!(data["reservationToken"], hold.token.as_str());
    assert_eq!(data["expiresAt"], before["expiresAt"]);
    assert_eq!(strings(&data["seatIds"]), [seats[2].clone(), seats[1].clone()]);
    assert_eq!(data["price"], 11 + PRICE);
    let priced: Vec<(&Value, &Value)> =
        data["seats"].as_array().unwrap().iter().map(|s| (&s["seatNumber"], &s["price"])).collect();
    assert_eq!(priced, [(&json!("A3"), &json!(11)), (&json!("A2"), &json!(PRICE))]);
    // The dropped seat is free for others, the kept and the added one are not.
    let other = tenant.user().await;
    other.reserve(&[&seats[0]]).await.expect(201);
    for seat in [&seats[1], &seats[2]] {
        other.reserve(&[seat]).await.error(409, "SEAT_ALREADY_LOCKED");
    }
    let booked = user.confirm(&hold, &payment()).await;
    assert_eq!(booked.expect(201)["amount"], 11 + PRICE);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_hold_gets_no_seat_of_another_currency() {
    let (tenant, seats, user, hold) = scene().await;
    // The currency was changed while the hold was made.
    update_seat(&tenant, &seats[2], doc! {"currency": "JPY"}).await;
    change(&user, &hold, &[&seats[0], &seats[2]]).await.refuses("seatIds");
    change(&user, &hold, &[&seats[0], &seats[3]]).await.expect(200);
}

#[tokio::test]
async fn the_same_seats_change_nothing_in_any_order() {
    let (_, seats, user, hold) = scene().await;
    let before = user.reservations().await;
    for order in [[0, 1], [1, 0]] {
        let reply = change(&user, &hold, &[&seats[order[0]], &seats[order[1]]]).await;
        assert_eq!(reply.expect(200)["price"], 2 * PRICE);
    }
    assert_eq!(user.reservations().await[0]["seatIds"], before[0]["seatIds"]);
}

#[tokio::test]
async fn a_change_that_fails_leaves_the_old_hold() {
    let (tenant, seats, user, hold) = scene().await;
    let other = tenant.user().await;
    other.hold(&[&seats[2]]).await;
    other.book(&[&seats[3]]).await;
    let elsewhere = tenant.seats_in(&unique("another"), &["B1"]).await.remove(0);
    let nobodys = "0123456789abcdef01234567".to_owned();
    for (seat, status, code) in [
        (&seats[2], 409, "SEAT_ALREADY_LOCKED"),
        (&seats[3], 409, "SEAT_ALREADY_BOOKED"),
        (&elsewhere, 400, "VALIDATION_ERROR"),
        (&nobodys, 404, "SEAT_NOT_FOUND"),
    ] {
        change(&user, &hold, &[&seats[0], seat]).await.error(status, code);
        let held = user.reservations().await;
        assert_eq!(strings(&held[0]["seatIds"]), seats[..2], "{code}");
        other.reserve(&[&seats[1]]).await.error(409, "SEAT_ALREADY_LOCKED");
    }
    user.confirm(&hold, &payment()).await.expect(201);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn only_a_live_hold_of_ones_own_can_be_changed() {
    let (tenant, seats, user, hold) = scene().await;
    let other = tenant.user().await;
    change(&other, &hold, &[&seats[2]]).await.error(404, "RESERVATION_NOT_FOUND");
    let both = json!({"reservationToken": hold.token, "seatId": seats[2]});
    user.post("/reserve-seat", &both).await.error(400, "VALIDATION_ERROR");
    let none = json!({"reservationToken": hold.token, "seatIds": []});
    user.post("/reserve-seat", &none).await.error(400, "VALIDATION_ERROR");
    user.confirm(&hold, &payment()).await.expect(201);
    change(&user, &hold, &[&seats[2]]).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
    let released = user.hold(&[&seats[2]]).await;
    user.release(&released).await.expect(200);
    change(&user, &released, &[&seats[3]]).await.error(409, "RESERVATION_RELEASED");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_change_cannot_pass_the_limit_of_held_seats() {
    let plan = stacks::Plan {
        env: vec![("MAX_HELD_SEATS_PER_USER", "3".to_owned())],
        ..stacks::Plan::new("change-limit").unlimited()
    };
    let tenant = plan.start().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    let user = tenant.user().await;
    let first = user.hold(&[&seats[0]]).await;
    user.hold(&[&seats[1], &seats[2]]).await;
    change(&user, &first, &[&seats[0], &seats[3]]).await.error(429, "HOLD_LIMIT_REACHED");
    change(&user, &first, &[&seats[3]]).await.expect(200);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_repeat_under_one_idempotency_key_gets_the_first_response() {
    let (_, seats, user, hold) = scene().await;
    let body = json!({"reservationToken": hold.token, "seatIds": [seats[0], seats[2]]});
    let key = unique("key");
    let send = || user.call("POST", "/reserve-seat").key(&key).json(&body).send();
    let (first, again) = (send().await, send().await);
    assert!(!first.replayed() && again.replayed());
    assert_eq!(first.expect(200)["seatIds"], again.expect(200)["seatIds"]);
}
