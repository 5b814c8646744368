//! `GET /seats`: order, pages and states, also of a hall with very many holds.

use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use redis::AsyncCommands as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{people::User, reply::keys, stacks};

const SEAT: &[&str] = &["seatId", "seatNumber", "price", "currency", "metadata"];

fn names(seats: &[Value]) -> Vec<&str> {
    seats.iter().map(|s| s["seatNumber"].as_str().unwrap()).collect()
}

async fn list(user: &User, query: &str) -> Value {
    let reply = user.get(&format!("/seats?entityId={}{query}", user.tenant.entity)).await;
    reply.expect(200).clone()
}

#[tokio::test]
async fn seats_come_in_the_order_people_read_them() {
    let tenant = stacks::usual().await.tenant().await;
    tenant.seats(&["B1", "A10", "A2", "A1", "AA1", "A100", "10", "9", "A9-2", "A9-10"]).await;
    let data = list(&tenant.user().await, "").await;
    keys(&data, &["entityId", "seats"], &[], "list seats");
    assert_eq!(data["entityId"], tenant.entity);
    let seats = data["seats"].as_array().unwrap();
    for seat in seats {
        keys(seat, SEAT, &[], "a listed seat");
        assert_eq!(
            (&seat["price"], &seat["currency"], &seat["metadata"]),
            (&json!(45_000), &json!("INR"), &json!({}))
        );
    }
    assert_eq!(names(seats), ["9", "10", "A1", "A2", "A9-2", "A9-10", "A10", "A100", "AA1", "B1"]);
}

#[tokio::test]
async fn metadata_is_listed_as_it_was_given() {
    let tenant = stacks::usual().await.tenant().await;
    let metadata = json!({
        "z": {"a": [1, {"b": [null, true, "é\"\\"]}], "empty": {}}, "none": [], "one": 1,
        "exact": 9_007_199_254_740_993_i64,
        "least": i64::MIN, "half": 1.5, "whole": 1.0, "minus": -0.0, "large": 1e300, "": "no name",
    });
    let seats = json!([{"seatNumber": "A1", "price": 1, "metadata": metadata}]);
    let body = json!({
        "appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR", "seats": seats,
    });
    tenant.stack.admin().await.post("/admin/seats", &body).await.expect(201);
    let user = tenant.user().await;
    for include in ["", "&include=all"] {
        let data = list(&user, include).await;
        // As text: also the order of the names and the form of the numbers.
        assert_eq!(data["seats"][0]["metadata"].to_string(), metadata.to_string(), "{include}");
    }
}

#[tokio::test]
async fn more_holds_than_come_in_one_reply_of_the_database_are_all_seen() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (1..=111).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let users = tenant.users(11).await;
    // A cursor's first batch has 101 rows.
    for (user, seats) in users.iter().zip(seats.chunks(10)) {
        for seat in seats {
            user.hold(&[seat]).await;
        }
    }
    // Only by their holds, without locks.
    let locks: Vec<String> =
        seats.iter().map(|seat| format!("seat:lock:{{{}}}:{seat}", tenant.app_id)).collect();
    let gone: usize = tenant.stack.redis().await.del(locks).await.unwrap();
    assert_eq!(gone, 110);
    let data = list(&users[0], "").await;
    assert_eq!(names(data["seats"].as_array().unwrap()), ["A111"]);
}

#[tokio::test]
async fn only_seats_that_can_be_reserved_now_are_listed() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    ann.hold(&[&seats[0]]).await;
    ann.book(&[&seats[1]]).await;
    let released = ann.hold(&[&seats[2]]).await;
    ann.release(&released).await.expect(200);
    for user in [&ann, &bob] {
        let data = list(user, "").await;
        assert_eq!(names(data["seats"].as_array().unwrap()), ["A3", "A4"]);
    }
}

#[tokio::test]
async fn the_whole_map_says_what_each_seat_is() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    ann.hold(&[&seats[0]]).await;
    ann.book(&[&seats[1]]).await;
    for (user, mine) in [(&ann, true), (&bob, false)] {
        let data = list(user, "&include=all").await;
        keys(&data, &["entityId", "seats"], &[], "the map");
        let map = data["seats"].as_array().unwrap();
        assert_eq!(names(map), ["A1", "A2", "A3"]);
        keys(&map[0], &[SEAT, &["status", "expiresIn", "mine"]].concat(), &[], "a locked seat");
        keys(&map[1], &[SEAT, &["status"]].concat(), &[], "a booked seat");
        keys(&map[2], &[SEAT, &["status"]].concat(), &[], "a free seat");
        let states: Vec<&Value> = map.iter().map(|s| &s["status"]).collect();
        assert_eq!(states, ["LOCKED", "BOOKED", "AVAILABLE"]);
        assert_eq!(map[0]["mine"], mine);
        assert!((1..=120).contains(&map[0]["expiresIn"].as_i64().unwrap()), "{}", map[0]);
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let tenant = stacks::usual().await.tenant().await;
    tenant.seats(&["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11"]).await;
    let user = tenant.user().await;
    for include in ["", "&include=all"] {
        let (mut seen, mut pages, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let data = list(&user, &format!("&limit=4{include}{cursor}")).await;
            keys(&data, &["entityId", "seats"], &["nextCursor"], "a page");
            let seats = data["seats"].as_array().unwrap();
            pages.push(seats.len());
            seen.extend(names(seats).into_iter().map(str::to_owned));
            match data.get("nextCursor") {
                Some(next) => cursor = format!("&cursor={}", next.as_str().unwrap()),
                None => break,
            }
        }
        assert_eq!(seen, ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11"]);
        assert_eq!(pages, [4, 4, 3]);
    }
}

#[tokio::test]
async fn an_exact_last_page_has_no_cursor() {
    let tenant = stacks::usual().await.tenant().await;
    tenant.seats(&["A1", "A2"]).await;
    let data = list(&tenant.user().await, "&limit=2").await;
    keys(&data, &["entityId", "seats"], &[], "the last page");
}

#[tokio::test]
async fn an_unknown_entity_is_an_empty_list() {
    let user = stacks::usual().await.tenant().await.user().await;
    let reply = user.get("/seats?entityId=no-such-hall").await;
    assert_eq!(*reply.expect(200), json!({"entityId": "no-such-hall", "seats": []}));
    let reply = user.get("/seats?entityId=no-such-hall&include=all").await;
    assert_eq!(*reply.expect(200), json!({"entityId": "no-such-hall", "seats": []}));
}

#[tokio::test]
async fn a_hall_of_a_thousand_is_one_page() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (1..=1_000).map(|n| format!("S{n}")).collect();
    tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let data = list(&tenant.user().await, "&limit=1000").await;
    assert_eq!(names(data["seats"].as_array().unwrap()), numbers);
}

/// Of 300 seats, 280 are held: all but every fifteenth. More holds than a listing reads at once.
async fn crowded() -> (User, Vec<String>) {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (1..=300).map(|n| format!("S{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let now = DateTime::now();
    let until = DateTime::from_millis(now.timestamp_millis() + 600_000);
    let held = seats.iter().enumerate().filter(|(n, _)| n % 15 != 14);
    let holds: Vec<Document> = held
        .map(|(_, seat)| {
            doc! {
                "reservationToken": Uuid::new_v4().to_string(), "userId": ObjectId::new(),
                "appId": &tenant.app_id, "entityId": &tenant.entity,
                "seatIds": [ObjectId::parse_str(seat).unwrap()], "amount": 1, "currency": "INR",
                "status": "ACTIVE", "claimed": true, "expiresAt": until, "createdAt": now,
                "updatedAt": now,
            }
        })
        .collect();
    let database = tenant.stack.database().await;
    database.collection::<Document>("reservations").insert_many(holds).await.unwrap();
    let free = numbers.into_iter().enumerate().filter(|(n, _)| n % 15 == 14).map(|(_, s)| s);
    (tenant.user().await, free.collect())
}

#[tokio::test]
async fn pages_of_a_crowded_hall_show_every_free_seat_once_and_none_is_empty() {
    let (user, free) = crowded().await;
    for limit in [1, 3, 7, 50, 1000] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let data = list(&user, &format!("&limit={limit}{cursor}")).await;
            let seats = data["seats"].as_array().unwrap();
            assert!((1..=limit).contains(&seats.len()) || seen.len() == free.len(), "{data}");
            seen.extend(names(seats).into_iter().map(str::to_owned));
            match data.get("nextCursor") {
                Some(next) => cursor = format!("&cursor={}", next.as_str().unwrap()),
                None => break,
            }
        }
        assert_eq!(seen, free, "limit {limit}");
    }
}

#[tokio::test]
async fn the_map_of_a_crowded_hall_shows_every_seat_with_its_state() {
    let (user, free) = crowded().await;
    let data = list(&user, "&include=all&limit=120").await;
    let seats = data["seats"].as_array().unwrap();
    assert_eq!(seats.len(), 120);
    for seat in seats {
        let is_free = free.iter().any(|number| seat["seatNumber"] == number.as_str());
        assert_eq!(seat["status"], if is_free { "AVAILABLE" } else { "LOCKED" }, "{seat}");
    }
}
