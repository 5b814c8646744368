//! Documents as the first version wrote them stay readable, sellable and findable.

use std::{collections::BTreeMap, time::Duration};

use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use serde_json::json;
use uuid::Uuid;

use crate::support::{
    expiry::end_hold,
    invariants, one_row_plan, payment,
    people::{Hold, PRICE, Tenant, User},
    runtime_api::{Environment, Event},
    stacks, unique,
};

fn id(text: &str) -> ObjectId {
    ObjectId::parse_str(text).unwrap()
}

async fn insert(tenant: &Tenant, collection: &str, document: Document) {
    let documents = tenant.stack.database().await.collection::<Document>(collection);
    documents.insert_one(document).await.expect("the validator takes it");
}

/// An overdue hold that the validator refuses: its amount is a text. Returns its token.
async fn refused_hold(tenant: &Tenant, hold_id: ObjectId, seat: &str) -> String {
    let (token, then) = (Uuid::new_v4().to_string(), DateTime::from_millis(1_700_000_000_000));
    let hold = doc! {
        "_id": hold_id, "reservationToken": &token, "userId": ObjectId::new(),
        "appId": &tenant.app_id,
        "entityId": &tenant.entity, "seatIds": [id(seat)], "amount": "a text", "currency": "INR",
        "status": "ACTIVE", "claimed": true, "expiresAt": then, "createdAt": then,
        "updatedAt": then,
    };
    let holds = tenant.stack.database().await.collection::<Document>("reservations");
    holds.insert_one(hold).bypass_document_validation(true).await.expect("it is not validated");
    token
}

async fn status_of(tenant: &Tenant, token: &str) -> String {
    let holds = tenant.stack.database().await.collection::<Document>("reservations");
    let hold = holds.find_one(doc! {"reservationToken": token}).await.unwrap().expect("a hold");
    hold.get_str("status").unwrap().to_owned()
}

/// A hold as the first version wrote it: seat ids and a sum, no prices, no version.
async fn old_hold(tenant: &Tenant, user: &User, seats: &[&str], status: &str) -> Hold {
    let (token, now) = (Uuid::new_v4().to_string(), DateTime::now());
    let mut hold = doc! {
        "reservationToken": &token, "userId": id(&user.user_id), "appId": &tenant.app_id,
        "entityId": &tenant.entity, "seatIds": seats.iter().map(|s| id(s)).collect::<Vec<_>>(),
        "amount": PRICE * seats.len() as i64, "currency": "INR", "status": status,
        "expiresAt": DateTime::from_millis(now.timestamp_millis() + 600_000),
        "createdAt": now, "updatedAt": now,
    };
    if status == "ACTIVE" {
        hold.insert("claimed", true);
    }
    insert(tenant, "reservations", hold).await;
    Hold { token, seats: seats.iter().map(|seat| (*seat).to_owned()).collect() }
}

#[tokio::test]
async fn an_old_hold_shows_its_seats_and_is_sold_and_an_old_booking_shows_them_too() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let hold = old_hold(&tenant, &user, &[&seats[0], &seats[1]], "ACTIVE").await;
    let expected = |status: Option<&str>| {
        let seat = |n: usize| {
            let mut seat =
                json!({"seatId": seats[n], "seatNumber": format!("A{}", n + 1), "price": PRICE});
            if let Some(status) = status {
                seat["status"] = status.into();
            }
            seat
        };
        json!([seat(0), seat(1)])
    };
    assert_eq!(user.reservations().await[0]["seats"], expected(None));
    let booking = user.confirm(&hold, &payment()).await;
    let booking = booking.expect(201).clone();
    assert_eq!(booking["seats"], expected(Some("CONFIRMED")));
    // The booking was stored as the hold was. Every way to read it fills the seats in.
    let path = format!("/bookings/{}", booking["bookingId"].as_str().unwrap());
    assert_eq!(user.get(&path).await.expect(200)["seats"], booking["seats"]);
    assert_eq!(user.bookings().await[0]["seats"], booking["seats"]);
    let all = format!("/admin/bookings?appId={}", tenant.app_id);
    let all = tenant.stack.admin().await.get(&all).await;
    assert_eq!(all.expect(200)["bookings"][0]["seats"], booking["seats"]);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn an_old_hold_can_be_changed_and_its_kept_seat_keeps_its_price() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    let hold = old_hold(&tenant, &user, &[&seats[0], &seats[1]], "ACTIVE").await;
    let body = json!({"reservationToken": hold.token, "seatIds": [seats[1], seats[2]]});
    let changed = user.post("/reserve-seat", &body).await;
    assert_eq!(changed.expect(200)["price"], 2 * PRICE);
    user.confirm(&hold, &payment()).await.expect(201);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_status_of_a_later_version_ends_a_hold_and_breaks_nothing() {
    let stack = stacks::Plan::new("later-status").unlimited().start().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1"]).await;
    let user = tenant.user().await;
    // A later version's validator knows the status.
    let loosen = doc! {"collMod": "reservations", "validator": {}};
    stack.database().await.run_command(loosen).await.unwrap();
    let hold = old_hold(&tenant, &user, &[&seats[0]], "SUSPENDED").await;
    user.release(&hold).await.expect(200);
    let reply = user.confirm(&hold, &payment()).await;
    assert_eq!(reply.error(409, "RESERVATION_RELEASED")["details"]["refundDue"], true);
    assert_eq!(user.free_seats().await, seats);
    user.book(&[&seats[0]]).await;
}

#[tokio::test]
async fn a_free_hold_needs_no_payment_and_two_free_bookings_do_not_collide() {
    let tenant = stacks::usual().await.tenant().await;
    let entity = unique("free");
    let made = json!({
        "appId": tenant.app_id, "entityId": entity, "currency": "INR",
        "seats": [{"seatNumber": "A1", "price": 0}, {"seatNumber": "A2", "price": 0}],
    });
    let made = tenant.stack.admin().await.post("/admin/seats", &made).await;
    let seats = made.expect(201)["seats"].clone();
    let user = tenant.user().await;
    for seat in seats.as_array().unwrap() {
        let hold = user.hold(&[seat["seatId"].as_str().unwrap()]).await;
        let body = json!({"reservationToken": hold.token});
        let booked = user.post("/confirm-booking", &body).await;
        assert!(booked.expect(201).get("paymentId").is_none(), "{booked}");
        let again = user.post("/confirm-booking", &body).await;
        assert_eq!(again.expect(200), booked.expect(201));
    }
    let paid = tenant.seat().await;
    let hold = user.hold(&[&paid]).await;
    let body = json!({"reservationToken": hold.token});
    let reply = user.post("/confirm-booking", &body).await;
    assert_eq!(reply.error(400, "VALIDATION_ERROR")["details"]["fields"][0]["field"], "paymentId");
    invariants::check(&tenant).await;
}

/// A removed seat is neither listed nor reserved. A hold that had it before may still be confirmed.
#[tokio::test]
async fn a_removed_seat_is_sold_only_to_the_user_who_held_it() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    let documents = tenant.stack.database().await.collection::<Document>("seats");
    let all = doc! {"_id": {"$in": seats.iter().map(|seat| id(seat)).collect::<Vec<_>>()}};
    documents.update_many(all, doc! {"$set": {"removed": true}}).await.unwrap();
    let other = tenant.user().await;
    other.reserve(&[&seats[1]]).await.error(404, "SEAT_NOT_FOUND");
    user.confirm(&hold, &payment()).await.expect(201);
    assert_eq!(user.seat(&seats[0]).await["status"], "BOOKED");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_hold_that_the_validator_refuses_ends_like_any_other() {
    let stack = stacks::Plan::new("refused").unlimited().start().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let first = refused_hold(&tenant, ObjectId::new(), &seats[0]).await;
    let second = refused_hold(&tenant, ObjectId::new(), &seats[1]).await;
    // A user who wants its seat ends the first hold, and the sweeper ends the second one.
    tenant.user().await.reserve(&[&seats[0]]).await.expect(201);
    assert_eq!(status_of(&tenant, &first).await, "EXPIRED");
    assert_eq!(stack.invoke("expire-reservations", &json!({})).await["expired"], 1);
    assert_eq!(status_of(&tenant, &second).await, "EXPIRED");
}

#[tokio::test]
async fn a_sweep_steps_over_what_it_cannot_mark_and_says_so() {
    let stack = stacks::Plan::new("strict").unlimited().start().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    // An operator has set the validation level back to `strict`.
    let strict = doc! {"collMod": "reservations", "validationLevel": "strict"};
    stack.database().await.run_command(strict).await.unwrap();
    // The sweep meets holds by their ids: one that is refused before the good one, one after it.
    let first = refused_hold(&tenant, ObjectId::from_bytes([0; 12]), &seats[0]).await;
    let last = refused_hold(&tenant, ObjectId::from_bytes([255; 12]), &seats[1]).await;
    let hold = user.hold(&[&seats[2]]).await;
    end_hold(&tenant, &hold).await;
    let mut settings: BTreeMap<String, String> = stack.credentials.env();
    for (name, value) in [
        ("MONGODB_URI", &stack.mongodb_uri),
        ("MONGODB_DATABASE", &stack.database),
        ("REDIS_URL", &stack.redis_url),
    ] {
        settings.insert(name.to_owned(), value.clone());
    }
    let sweeper = Environment::start("expire-reservations", &settings).await;
    let budget = Duration::from_secs(25);
    let outcome = sweeper.invoke(&Event::scheduled(), budget).gateway_response(budget).await;
    let (status, error) = outcome.expect("the sweep ends");
    assert_eq!(status, 502, "{error}");
    assert!(error.to_string().contains("2 overdue holds could not be marked, 1 were"), "{error}");
    assert_eq!(status_of(&tenant, &hold.token).await, "EXPIRED");
    for token in [&first, &last] {
        assert_eq!(status_of(&tenant, token).await, "ACTIVE");
    }
}

/// While a deployment runs, a later version may write statuses that this one does not know.
#[tokio::test]
async fn a_booking_with_a_status_of_a_later_version_is_shown_as_it_is() {
    let tenant = stacks::usual().await.tenant().await;
    let (user, seat) = (tenant.user().await, tenant.seat().await);
    let booking = user.book(&[&seat]).await;
    let later = doc! {"$set": {"status": "HALF_CANCELLED", "paymentStatus": "DISPUTED"}};
    let update = doc! {"q": {"bookingId": &booking}, "u": later};
    let command =
        doc! {"update": "bookings", "updates": [update], "bypassDocumentValidation": true};
    tenant.stack.database().await.run_command(command).await.unwrap();
    let shown = user.bookings().await;
    assert_eq!(shown[0]["status"], "HALF_CANCELLED");
    assert_eq!(shown[0]["paymentStatus"], "DISPUTED");
    let one = user.get(&format!("/bookings/{booking}")).await;
    assert_eq!(one.expect(200)["seats"][0]["status"], "CANCELLED");
    let of_app = format!("appId={}", tenant.app_id);
    let admin = tenant.stack.admin().await;
    for path in ["/admin/bookings", "/admin/analytics"] {
        admin.get(&format!("{path}?{of_app}")).await.expect(200);
    }
}

/// An entity and a seat as the first version wrote them: no key, no section, no version.
#[tokio::test]
async fn an_old_seat_without_a_place_is_listed_changed_chosen_and_removed() {
    let tenant = stacks::usual().await.tenant().await;
    let now = DateTime::now();
    let own = doc! {
        "appId": &tenant.app_id, "entityId": &tenant.entity, "domain": "EVENT", "currency": "INR",
        "createdAt": now, "updatedAt": now,
    };
    let mut entity = own.clone();
    entity.insert("seats", 1_i64);
    insert(&tenant, "entities", entity).await;
    let mut seat = own;
    seat.extend(doc! {
        "seatNumber": "A1", "seatOrder": "A011\u{1}A1", "status": "AVAILABLE", "price": PRICE,
        "metadata": {},
    });
    insert(&tenant, "seats", seat).await;
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/apps/{}/entities/{}/seats", tenant.app_id, tenant.entity);
    let listed = async || admin.get(&path).await.expect(200)["seats"].clone();
    let fields = ["section", "sectionLabel", "row", "label", "category", "flags"];
    let seats = listed().await;
    assert!(fields.iter().all(|field| seats[0].get(field).is_none()), "{seats}");
    assert_eq!(seats[0]["status"], "AVAILABLE");

    let user = tenant.user().await;
    let best = json!({"bestAvailable": {"entityId": tenant.entity, "quantity": 1}});
    let hold = Hold::of(&user.post("/reserve-seat", &best).await);
    user.release(&hold).await.expect(200);

    let layouts = format!("/admin/apps/{}/layouts/hall", tenant.app_id);
    admin.call("PUT", &layouts).json(&one_row_plan(2)).send().await.expect(201);
    let make = json!({"layoutId": "hall", "prices": {"gold": 5}});
    let refused = admin.post(&path, &make).await;
    let details = refused.error(409, "SEAT_ALREADY_EXISTS")["details"].clone();
    assert_eq!(details, json!({"seatNumbers": ["A1"]}));

    let one = json!({"seatNumbers": ["A1"]});
    let set = json!({"section": "S", "row": "A", "category": "gold", "flags": ["aisle"]});
    let changed = admin.patch(&path, &json!({"where": one, "set": set})).await;
    assert_eq!(changed.expect(200)["changed"], 1);
    assert_eq!(listed().await[0]["section"], "S");
    let removed = admin.post(&format!("{path}/remove"), &json!({"where": one})).await;
    assert_eq!(removed.expect(200)["removed"], 1);
    assert_eq!(*admin.post(&path, &make).await.expect(201), json!({"created": 2, "total": 2}));
}
