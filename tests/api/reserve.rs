//! `POST /reserve-seat`: holds of chosen seats, and every reason to refuse one.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    invariants,
    people::{Hold, PRICE},
    reply::{Reply, keys, strings, time},
    stacks,
};

const NOBODYS: &str = "0123456789abcdef01234567";

#[tokio::test]
async fn a_hold_has_all_its_fields() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let reply = user.reserve(&[&seats[0], &seats[1]]).await;
    let data = reply.expect(201);
    let fields =
        ["reservationToken", "seatIds", "seats", "expiresAt", "expiresIn", "price", "currency"];
    keys(data, &fields, &[], "reserve");
    assert!(Uuid::parse_str(data["reservationToken"].as_str().unwrap()).is_ok(), "{reply}");
    assert_eq!(strings(&data["seatIds"]), seats);
    assert_eq!((&data["price"], &data["currency"]), (&json!(2 * PRICE), &json!("INR")));
    let left = data["expiresIn"].as_i64().unwrap();
    assert!((1..=120).contains(&left), "{reply}");
    let until = time(&data["expiresAt"]) - chrono::Utc::now().timestamp_millis();
    assert!(until <= 120_000 && until > 0, "{until}");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn one_seat_may_be_named_without_a_list() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let reply = user.post("/reserve-seat", &json!({"seatId": seat})).await;
    assert_eq!(strings(&reply.expect(201)["seatIds"]), std::slice::from_ref(&seat));
    user.reserve(&[&seat]).await.expect(200);
}

#[tokio::test]
async fn holding_the_same_seats_again_returns_the_same_hold_and_does_not_extend_it() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let first = user.reserve(&[&seats[0], &seats[1]]).await;
    let first = first.expect(201);
    for order in [[0, 1], [1, 0]] {
        let again = user.reserve(&[&seats[order[0]], &seats[order[1]]]).await;
        let again = again.expect(200);
        assert_eq!(again["reservationToken"], first["reservationToken"]);
        assert_eq!(again["expiresAt"], first["expiresAt"]);
        assert_eq!(again["price"], first["price"]);
        assert!(again["expiresIn"].as_i64() <= first["expiresIn"].as_i64());
    }
    assert_eq!(user.reservations().await.len(), 1);
    invariants::check(&tenant).await;
}

/// The conflicts of a 409. Checks every field of each.
fn conflicts(reply: &Reply, code: &str) -> Vec<Value> {
    let error = reply.error(409, code);
    let conflicts = error["details"]["conflicts"].as_array().unwrap().clone();
    for conflict in &conflicts {
        match conflict["state"].as_str() {
            Some("LOCKED") => {
                keys(conflict, &["seatId", "state", "expiresIn", "mine"], &[], "a conflict")
            }
            Some("BOOKED") => {
                keys(conflict, &["seatId", "state"], &["expiresIn", "mine"], "a conflict")
            }
            other => panic!("state {other:?} in {reply}"),
        }
    }
    conflicts
}

#[tokio::test]
async fn a_seat_that_somebody_else_holds_is_refused_with_the_time_left_of_the_hold() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    ann.hold(&[&seats[0]]).await;
    for _ in 0..2 {
        let reply = bob.reserve(&[&seats[0], &seats[1]]).await;
        let found = conflicts(&reply, "SEAT_ALREADY_LOCKED");
        assert_eq!(found.len(), 1, "{reply}");
        assert_eq!((&found[0]["seatId"], &found[0]["mine"]), (&json!(seats[0]), &json!(false)));
        let wait = found[0]["expiresIn"].as_i64().unwrap();
        assert!((1..=120).contains(&wait), "{reply}");
        assert_eq!(reply.body["error"]["details"]["expiresIn"], wait);
    }
    invariants::check(&tenant).await;
    invariants::no_locks_left_but(&tenant, &[&seats[0]]).await;
    bob.hold(&[&seats[1]]).await;
}

#[tokio::test]
async fn of_several_held_seats_the_longest_wait_is_reported() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let (ann, bob, eve) = (tenant.user().await, tenant.user().await, tenant.user().await);
    ann.hold(&[&seats[0]]).await;
    bob.hold(&[&seats[1]]).await;
    let reply = eve.reserve(&[&seats[0], &seats[1], &seats[2]]).await;
    let found = conflicts(&reply, "SEAT_ALREADY_LOCKED");
    assert_eq!(found.len(), 2, "{reply}");
    let longest = found.iter().map(|c| c["expiresIn"].as_i64().unwrap()).max();
    assert_eq!(reply.body["error"]["details"]["expiresIn"].as_i64(), longest, "{reply}");
}

#[tokio::test]
async fn another_hold_of_ones_own_is_a_conflict_that_says_so() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0], &seats[1]]).await;
    for basket in
        [vec![&*seats[0]], vec![&*seats[1], &*seats[2]], vec![&*seats[0], &*seats[1], &*seats[2]]]
    {
        let reply = user.reserve(&basket).await;
        let found = conflicts(&reply, "SEAT_ALREADY_LOCKED");
        assert!(!found.is_empty() && found.iter().all(|c| c["mine"] == true), "{reply}");
    }
    assert_eq!(Hold::of(&user.reserve(&[&seats[0], &seats[1]]).await), hold);
    invariants::check(&tenant).await;
    user.hold(&[&seats[2]]).await;
}

#[tokio::test]
async fn a_sold_seat_is_refused_to_everybody() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    ann.book(&[&seats[0]]).await;
    for user in [&ann, &bob] {
        let reply = user.reserve(&[&seats[0], &seats[1]]).await;
        let found = conflicts(&reply, "SEAT_ALREADY_BOOKED");
        assert!(found.iter().any(|c| c["seatId"] == seats[0] && c["state"] == "BOOKED"), "{reply}");
    }
    invariants::no_locks_left_but(&tenant, &[]).await;
    bob.hold(&[&seats[1]]).await;
}

#[tokio::test]
async fn a_malformed_or_unknown_seat_is_reported_before_a_conflict() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    ann.book(&[&seats[0]]).await;
    ann.hold(&[&seats[1]]).await;
    bob.reserve(&[&seats[0], NOBODYS]).await.error(404, "SEAT_NOT_FOUND");
    bob.reserve(&[&seats[0], "not an id"]).await.error(400, "VALIDATION_ERROR");
    let reply = bob.reserve(&[&seats[0], &seats[1]]).await;
    assert!(matches!(reply.code(), "SEAT_ALREADY_BOOKED" | "SEAT_ALREADY_LOCKED"), "{reply}");
    conflicts(&reply, reply.code());
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_seat_that_does_not_exist_is_not_found_and_its_neighbours_stay_free() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    user.reserve(&[NOBODYS]).await.error(404, "SEAT_NOT_FOUND");
    user.reserve(&[&seat, NOBODYS]).await.error(404, "SEAT_NOT_FOUND");
    invariants::no_locks_left_but(&tenant, &[]).await;
    assert_eq!(user.free_seats().await, [seat]);
}

#[tokio::test]
async fn a_basket_is_of_one_entity_and_a_refused_one_leaves_nothing() {
    let tenant = stacks::usual().await.tenant().await;
    let here = tenant.seat().await;
    let there = tenant.seats_in("another-hall", &["A1"]).await.remove(0);
    let user = tenant.user().await;
    user.reserve(&[&here, &there]).await.error(400, "VALIDATION_ERROR");
    invariants::no_locks_left_but(&tenant, &[]).await;
    assert!(invariants::check(&tenant).await.reservations.is_empty());
    user.hold(&[&here]).await;
    user.hold(&[&there]).await;
}

#[tokio::test]
async fn a_basket_holds_up_to_ten_distinct_seats() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (1..=11).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let seats: Vec<&str> = seats.iter().map(String::as_str).collect();
    let user = tenant.user().await;
    user.reserve(&seats).await.refuses("seatIds");
    user.reserve(&[]).await.refuses("seatIds");
    user.reserve(&[seats[0], seats[0]]).await.refuses("seatIds");
    let both = json!({"seatId": seats[0], "seatIds": [seats[1]]});
    user.post("/reserve-seat", &both).await.error(400, "VALIDATION_ERROR");
    assert_eq!(user.free_seats().await.len(), 11);
    let reply = user.reserve(&seats[..10]).await;
    assert_eq!(reply.expect(201)["price"], 10 * PRICE);
}

#[tokio::test]
async fn more_seats_than_a_user_may_hold_are_refused_until_some_are_given_back() {
    let tenant = stacks::limited().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let first = ann.hold(&[&seats[0], &seats[1]]).await;
    ann.hold(&[&seats[2], &seats[3]]).await;
    ann.reserve(&[&seats[4]]).await.error(429, "HOLD_LIMIT_REACHED");
    bob.hold(&[&seats[4]]).await;
    // A conflict is reported before the limit.
    ann.reserve(&[&seats[4]]).await.error(409, "SEAT_ALREADY_LOCKED");
    // Repeating a hold does not count as another one.
    ann.reserve(&[&seats[0], &seats[1]]).await.expect(200);
    ann.release(&first).await.expect(200);
    ann.hold(&[&seats[0]]).await;
    ann.hold(&[&seats[1]]).await;
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_basket_over_the_limit_takes_nothing() {
    let tenant = stacks::limited().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
    let user = tenant.user().await;
    let basket: Vec<&str> = seats.iter().map(String::as_str).collect();
    user.reserve(&basket).await.error(429, "HOLD_LIMIT_REACHED");
    invariants::no_locks_left_but(&tenant, &[]).await;
    assert_eq!(user.free_seats().await.len(), 5);
    user.hold(&basket[..4]).await;
}
