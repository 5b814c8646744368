//! `Idempotency-Key`, on the routes that accept it.

use std::time::Duration;

use futures_util::future::join_all;
use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::{
    call::Call, invariants, payment, poll::eventually, reply::Reply, stacks, unique,
};

#[track_caller]
fn replays(first: &Reply, again: &Reply) {
    assert!(!first.replayed(), "{first}");
    assert!(again.replayed(), "{again}");
    assert_eq!(again.status, first.status, "{again}");
    assert_eq!(
        (without_countdown(&again.body["data"]), &again.body["message"]),
        (without_countdown(&first.body["data"]), &first.body["message"])
    );
    assert_eq!(again.body["error"]["code"], first.body["error"]["code"]);
    assert_eq!(
        without_countdown(&again.body["error"]["details"]),
        without_countdown(&first.body["error"]["details"])
    );
}

/// A replay has the `expiresIn` of now.
fn without_countdown(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(name, _)| *name != "expiresIn")
            .map(|(name, value)| (name.clone(), without_countdown(value)))
            .collect(),
        Value::Array(values) => values.iter().map(without_countdown).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn the_same_key_and_body_get_the_first_response_on_every_route_that_takes_keys() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let (admin, user) = (stack.admin().await, tenant.user().await);
    let (held, sold) = (user.hold(&[&seats[1]]).await, payment());
    let booked = format!("/admin/bookings/{}", user.book(&[&seats[2]]).await);
    let no_hold = json!({"reservationToken": "00000000-0000-4000-8000-000000000000"});
    let new = json!({
        "appId": tenant.app_id, "entityId": "new", "currency": "INR",
        "seats": [{"seatNumber": "A1", "price": 1}],
    });
    let rows: [(Call, Value, u16); 7] = [
        (user.call("POST", "/reserve-seat"), json!({"seatIds": [seats[0]]}), 201),
        (
            user.call("POST", "/confirm-booking"),
            json!({"reservationToken": held.token, "paymentId": sold}),
            201,
        ),
        (user.call("POST", "/release-seat"), no_hold.clone(), 404),
        (user.call("POST", "/payments"), no_hold, 404),
        (user.call("POST", "/cancel-booking"), json!({"bookingId": "BK-20260101-AAAAAAAAAA"}), 404),
        (admin.call("POST", "/admin/seats"), new, 201),
        (
            admin.call("POST", &format!("{booked}/cancel")),
            json!({"reason": "Why", "refund": "NONE"}),
            200,
        ),
    ];
    // One key for all routes: each route has its own set of keys.
    let key = unique("key");
    for (call, body, status) in rows {
        let first = call.clone().key(&key).json(&body).send().await;
        assert_eq!(first.status, status, "{first}");
        for _ in 0..2 {
            replays(&first, &call.clone().key(&key).json(&body).send().await);
        }
        let mut other = body.clone();
        let name = other.as_object().unwrap().keys().next().unwrap().clone();
        other[name] = json!("something else");
        call.clone().key(&key).json(&other).send().await.error(422, "IDEMPOTENCY_KEY_REUSED");
        replays(&first, &call.key(&key).json(&body).send().await);
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_replayed_response_is_the_first_one_though_the_state_has_changed_since() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let key = unique("key");
    let ask = || ann.call("POST", "/reserve-seat").key(&key).json(&json!({"seatId": seat}));
    let theirs = bob.hold(&[&seat]).await;
    let first = ask().send().await;
    first.error(409, "SEAT_ALREADY_LOCKED");
    bob.release(&theirs).await.expect(200);
    replays(&first, &ask().send().await);
    assert_eq!(ann.free_seats().await, std::slice::from_ref(&seat));
    // Without the key, or with another, the call is made.
    ann.call("POST", "/reserve-seat")
        .key(&unique("key"))
        .json(&json!({"seatId": seat}))
        .send()
        .await
        .expect(201);
}

/// The same JSON in other words: order, spaces, escapes, and forms of numbers.
#[tokio::test]
async fn the_same_json_written_otherwise_is_the_same_body() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (admin, user) = (stack.admin().await, tenant.user().await);
    let held = user.hold(&[&seats[1]]).await;
    let (app, seat, token, paid) = (&tenant.app_id, &seats[0], &held.token, payment());
    let rows = [
        (
            user.call("POST", "/reserve-seat"),
            vec![
                format!(r#"{{"seatIds":["{seat}"]}}"#),
                format!("{{ \n\t\"seat\\u0049ds\" : [ \"{seat}\" ] }}"),
            ],
        ),
        (
            user.call("POST", "/confirm-booking"),
            vec![
                format!(r#"{{"reservationToken":"{token}","paymentId":"{paid}"}}"#),
                format!(r#"{{"paymentId":"{paid}","reservationToken":"{token}"}}"#),
                format!(r#"{{"paymentId":"\u0070{}","reservationToken":"{token}"}}"#, &paid[1..]),
            ],
        ),
        (
            admin.call("POST", "/admin/seats"),
            vec![
                format!(
                    r#"{{"appId":"{app}","entityId":"new","currency":"INR","seats":[{{"seatNumber":"A1","price":45000,"metadata":{{"a":1,"b":0.5}}}}]}}"#
                ),
                format!(
                    r#"{{"seats":[{{"metadata":{{"b":5e-1,"a":1.0}},"price":45000,"seatNumber":"A\u0031"}}],"currency":"INR","entityId":"new","appId":"{app}"}}"#
                ),
            ],
        ),
    ];
    for (call, spellings) in rows {
        let key = unique("key");
        let first = call.clone().key(&key).raw(spellings[0].clone()).send().await;
        first.expect(201);
        for other in &spellings[1..] {
            replays(&first, &call.clone().key(&key).raw(other.clone()).send().await);
        }
    }
}

#[tokio::test]
async fn a_replay_says_how_long_the_hold_lives_now() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    let database = tenant.stack.database().await;
    let holds = database.collection::<Document>("reservations");
    let ask = async |key: &str, seat: &str| {
        user.call("POST", "/reserve-seat").key(key).json(&json!({"seatId": seat})).send().await
    };
    let rest = |reply: &Reply| without_countdown(&reply.body["data"]);

    // Half of the time has passed.
    let key = unique("key");
    let first = ask(&key, &seats[0]).await;
    let token = first.expect(201)["reservationToken"].as_str().unwrap().to_owned();
    let earlier = doc! {"$set": {"expiresAt": {"$subtract": ["$expiresAt", 60_000]}}};
    holds.update_one(doc! {"reservationToken": &token}, vec![earlier]).await.unwrap();
    let again = ask(&key, &seats[0]).await;
    let left = again.expect(201)["expiresIn"].as_u64().unwrap();
    assert!(again.replayed() && (1..=60).contains(&left), "{again}");
    assert_eq!(rest(&first), rest(&again));

    // The hold has ended early.
    for (seat, way) in [(&seats[1], "/release-seat"), (&seats[2], "/confirm-booking")] {
        let key = unique("key");
        let first = ask(&key, seat).await;
        let mut end = json!({"reservationToken": first.expect(201)["reservationToken"]});
        if way == "/confirm-booking" {
            end["paymentId"] = payment().into();
        }
        user.post(way, &end).await;
        let again = ask(&key, seat).await;
        assert!(again.replayed(), "{again}");
        assert_eq!(again.expect(201)["expiresIn"], 0, "{way}");
        assert_eq!(rest(&first), rest(&again));
    }
}

#[tokio::test]
async fn a_replayed_conflict_counts_down() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    bob.hold(&[&seat]).await;
    let key = unique("key");
    let ask = || ann.call("POST", "/reserve-seat").key(&key).json(&json!({"seatId": seat})).send();
    let first = ask().await;
    let first_left =
        first.error(409, "SEAT_ALREADY_LOCKED")["details"]["expiresIn"].as_u64().unwrap();
    // Now half a minute has passed since the first response.
    let records = tenant.stack.database().await.collection::<Document>("idempotency_keys");
    let this = doc! {"answer.body": {"$regex": &seat}};
    let earlier = doc! {"$set": {"updatedAt": {"$subtract": ["$updatedAt", 30_000]}}};
    assert_eq!(records.update_one(this, vec![earlier]).await.unwrap().modified_count, 1);
    let again = ask().await;
    let details = &again.error(409, "SEAT_ALREADY_LOCKED")["details"];
    let left = details["expiresIn"].as_u64().unwrap();
    assert!(again.replayed() && left < first_left - 29, "{left} of {first_left}");
    assert_eq!(details["conflicts"][0]["expiresIn"], left);
    assert_eq!(details["conflicts"][0]["seatId"], seat.as_str());
}

/// Earlier versions stored only a hash of the body's bytes.
#[tokio::test]
async fn a_key_of_an_earlier_version_is_replayed() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let key = unique("key");
    let ask = |seat: &str| {
        user.call("POST", "/reserve-seat").key(&key).json(&json!({"seatId": seat})).send()
    };
    let first = ask(&seat).await;
    first.expect(201);
    let records = tenant.stack.database().await.collection::<Document>("idempotency_keys");
    let this = doc! {"answer.body": {"$regex": &seat}};
    let removed = records.update_one(this, doc! {"$unset": {"jsonHash": ""}}).await.unwrap();
    assert_eq!(removed.modified_count, 1);
    assert!(ask(&seat).await.replayed());
    ask("0123456789abcdef01234567").await.error(422, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_key_belongs_to_one_user_of_one_app() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let other = stack.tenant().await;
    let (ann, bob, eve) = (tenant.user().await, tenant.user().await, other.user().await);
    let key = unique("key");
    let hold = |user: &crate::support::people::User, seat: &str| {
        user.call("POST", "/reserve-seat").key(&key).json(&json!({"seatIds": [seat]}))
    };
    hold(&ann, &seats[0]).send().await.expect(201);
    let reply = hold(&bob, &seats[1]).send().await;
    reply.expect(201);
    assert!(!reply.replayed(), "{reply}");
    let reply = hold(&eve, &seats[0]).send().await;
    reply.error(404, "SEAT_NOT_FOUND");
    assert!(!reply.replayed(), "{reply}");
}

#[tokio::test]
async fn a_response_of_unknown_outcome_is_not_stored() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    let key = unique("key");
    let body = json!({"reservationToken": hold.token, "paymentId": "pay_unavailable"});
    for _ in 0..2 {
        let reply = user.call("POST", "/confirm-booking").key(&key).json(&body).send().await;
        reply.error(503, "SERVICE_UNAVAILABLE");
        assert!(!reply.replayed(), "{reply}");
    }
}

#[tokio::test]
async fn a_key_is_of_one_to_255_visible_characters() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let ask = |key: &str| {
        user.call("POST", "/reserve-seat").key(key).json(&json!({"seatId": seat})).send()
    };
    for bad in ["", "a b", &"k".repeat(256)] {
        ask(bad).await.error(400, "VALIDATION_ERROR");
    }
    assert_eq!(user.free_seats().await, std::slice::from_ref(&seat));
    ask(&"~".repeat(255)).await.expect(201);
    ask("!").await.expect(200);
}

#[tokio::test]
async fn calls_with_one_key_at_once_act_once_and_the_others_have_to_wait() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let admin = stack.admin().await;
    let round = || async {
        let seats: Vec<Value> =
            (0..500).map(|n| json!({"seatNumber": format!("S{n}"), "price": 1})).collect();
        let body = json!({
            "appId": tenant.app_id, "entityId": unique("hall"), "currency": "INR", "seats": seats,
        });
        let key = unique("key");
        let ask = || admin.call("POST", "/admin/seats").key(&key).json(&body).send();
        let replies = join_all((0..8).map(|_| ask())).await;
        let first: Vec<&Reply> =
            replies.iter().filter(|r| r.status == 201 && !r.replayed()).collect();
        assert_eq!(first.len(), 1, "one of them acts");
        for reply in &replies {
            if reply.status != 201 {
                reply.error(409, "IDEMPOTENCY_KEY_IN_USE");
            }
        }
        replays(first[0], &ask().await);
        replies.iter().any(|r| r.status == 409).then_some(())
    };
    eventually("a call comes while the first one runs", Duration::from_secs(60), round).await;
}
