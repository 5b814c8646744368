//! `GET /bookings/{bookingId}/cancellation` and `POST /cancel-booking`, and how refunds are paid.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{SecondsFormat, TimeDelta, Utc};
use futures_util::future::join_all;
use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::support::{
    WAIT_TIMEOUT,
    expiry::end_hold,
    invariants, payment,
    people::{Hold, PRICE, Tenant, User},
    poll::eventually,
    reply::{Reply, keys},
    stacks, unique,
};

/// A tenant with an entity of these settings, a buyer, and three seats of the entity.
pub(super) async fn sale(settings: &Value) -> (Tenant, User, Vec<String>) {
    let mut tenant = stacks::usual().await.tenant().await;
    tenant.entity = tenant.new_entity("show", settings).await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    (tenant.clone(), tenant.user().await, seats)
}

pub(super) fn policy(tiers: &[(i64, i64)], fee: i64) -> Value {
    let tier =
        |(hours, percent): &(i64, i64)| json!({"hoursBefore": hours, "refundPercent": percent});
    let tiers: Vec<Value> = tiers.iter().map(tier).collect();
    json!({"cancellationPolicy": {"tiers": tiers, "feePerSeat": fee}})
}

/// The time `hours` from now.
fn in_hours(hours: i64) -> String {
    (Utc::now() + TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) fn starting(mut settings: Value, hours: i64) -> Value {
    settings["startsAt"] = in_hours(hours).into();
    settings["timeZone"] = "UTC".into();
    settings
}

pub(super) fn refs(seats: &[String]) -> Vec<&str> {
    seats.iter().map(String::as_str).collect()
}

async fn quote(user: &User, booking: &str, seats: &[String]) -> Reply {
    let query =
        if seats.is_empty() { String::new() } else { format!("?seatIds={}", seats.join(",")) };
    user.get(&format!("/bookings/{booking}/cancellation{query}")).await
}

pub(super) async fn cancel(user: &User, body: &Value) -> Reply {
    user.post("/cancel-booking", body).await
}

/// The booking when its refunds are paid or have failed.
pub(super) async fn refunded(user: &User, booking: &str) -> Value {
    eventually("the refunds have ended", WAIT_TIMEOUT, || async {
        user.tenant.stack.invoke("pay-refunds", &json!({})).await;
        let shown = user.get(&format!("/bookings/{booking}")).await.expect(200).clone();
        (shown["refundStatus"] != "PENDING").then_some(shown)
    })
    .await
}

#[tokio::test]
async fn a_booking_is_cancelled_in_parts_and_each_part_is_paid_back() {
    let (tenant, user, seats) = sale(&policy(&[(0, 50)], 1_000)).await;
    let id = user.book(&refs(&seats)).await;
    let part = [seats[0].clone()];
    let shown = quote(&user, &id, &part).await.expect(200).clone();
    let fields = ["allowed", "seatIds", "paid", "fee", "refund", "currency"];
    keys(&shown, &fields, &[], "a quote without a start");
    let refund = PRICE / 2 - 1_000;
    assert_eq!(shown["allowed"], true);
    assert_eq!(
        (&shown["paid"], &shown["fee"], &shown["refund"]),
        (&json!(PRICE), &json!(1_000), &json!(refund))
    );

    let body = json!({"bookingId": id, "seatIds": part, "expectedRefund": refund});
    let booking = cancel(&user, &body).await.expect(200).clone();
    assert_eq!(booking["status"], "CONFIRMED");
    let statuses: Vec<&Value> =
        booking["seats"].as_array().unwrap().iter().map(|seat| &seat["status"]).collect();
    assert_eq!(statuses, ["CANCELLED", "CONFIRMED", "CONFIRMED"]);
    assert_eq!(booking["seatIds"], json!(seats), "cancelled seats stay in the list");
    let one = &booking["cancellations"][0];
    assert_eq!(
        (&one["by"], &one["kept"], &one["refund"]),
        (&json!("USER"), &json!(PRICE / 2), &json!(refund))
    );

    // The seat is free at once, and somebody else buys it.
    assert_eq!(user.seat(&seats[0]).await["status"], "AVAILABLE");
    tenant.user().await.book(&[&seats[0]]).await;

    let booking = cancel(&user, &json!({"bookingId": id})).await.expect(200).clone();
    assert_eq!(booking["status"], "CANCELLED");
    assert_eq!(booking["cancellations"].as_array().unwrap().len(), 2);
    let shown = refunded(&user, &id).await;
    assert_eq!(shown["refundStatus"], "PARTIAL");
    assert_eq!(shown["refundedAmount"], 3 * refund);
    assert_eq!(shown["paidAmount"], 3 * PRICE);
    assert_eq!(quote(&user, &id, &[]).await.expect(200)["reason"], "ALREADY_CANCELLED");
    let again = cancel(&user, &json!({"bookingId": id, "expectedRefund": 1})).await;
    assert_eq!(again.expect(200)["cancellations"].as_array().unwrap().len(), 2);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_cancelled_hold_is_never_sold_again() {
    let (tenant, user, seats) = sale(&policy(&[(0, 100)], 0)).await;
    let (hold, paid) = (user.hold(&[&seats[0]]).await, payment());
    let id = user.confirm(&hold, &paid).await.expect(201)["bookingId"].as_str().unwrap().to_owned();
    cancel(&user, &json!({"bookingId": id})).await.expect(200);
    let again = user.confirm(&hold, &paid).await;
    assert_eq!(
        (&again.expect(200)["status"], &again.expect(200)["bookingId"]),
        (&json!("CANCELLED"), &json!(id))
    );
    user.confirm(&hold, &payment()).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
    user.release(&hold).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
    // The payment stays used.
    let other = user.hold(&[&seats[1]]).await;
    user.confirm(&other, &paid).await.error(409, "PAYMENT_ALREADY_USED");
    assert_eq!(refunded(&user, &id).await["refundStatus"], "REFUNDED");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_cancellation_that_meets_repeats_of_its_confirm_disturbs_none_of_them() {
    let (tenant, user, _) = sale(&policy(&[(0, 100)], 0)).await;
    for round in 0..8 {
        let seat = tenant.seats(&[&format!("R{round}")]).await.remove(0);
        let (hold, paid) = (user.hold(&[&seat]).await, payment());
        let id = user.confirm(&hold, &paid).await.expect(201)["bookingId"].clone();
        let body = json!({"bookingId": id});
        let repeats = join_all((0..16).map(|_| user.confirm(&hold, &paid)));
        let (repeats, cancelled) = tokio::join!(repeats, cancel(&user, &body));
        assert_eq!(cancelled.expect(200)["status"], "CANCELLED");
        for repeat in &repeats {
            assert_eq!(repeat.expect(200)["bookingId"], id);
        }
        assert_eq!(user.confirm(&hold, &paid).await.expect(200)["status"], "CANCELLED");
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_refused_with_its_reason() {
    for (settings, reason) in
        [(json!({}), "NO_POLICY"), (starting(policy(&[(48, 100)], 0), 2), "TOO_LATE")]
    {
        let (_, user, seats) = sale(&settings).await;
        let id = user.book(&[&seats[0]]).await;
        let shown = quote(&user, &id, &[]).await.expect(200).clone();
        assert_eq!((&shown["allowed"], &shown["reason"]), (&json!(false), &json!(reason)));
        let refused = cancel(&user, &json!({"bookingId": id})).await;
        let refused = refused.error(409, "CANCELLATION_NOT_ALLOWED").clone();
        assert_eq!(refused["details"]["reason"], reason);
    }
}

#[tokio::test]
async fn the_better_of_two_starts_counts_when_the_organiser_moves_the_entity() {
    let (tenant, user, seats) = sale(&starting(policy(&[(48, 100), (1, 40)], 0), 24)).await;
    let id = user.book(&[&seats[0]]).await;
    let shown = quote(&user, &id, &[]).await.expect(200).clone();
    assert_eq!(shown["refund"], PRICE * 4 / 10);
    assert!(shown["changesAt"].is_string(), "{shown}");
    let path = format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity);
    let admin = tenant.stack.admin().await;
    admin.patch(&path, &json!({"startsAt": in_hours(100)})).await.expect(200);
    assert_eq!(quote(&user, &id, &[]).await.expect(200)["refund"], PRICE);
    let stale = json!({"bookingId": id, "expectedRefund": PRICE * 4 / 10});
    let changed = cancel(&user, &stale).await;
    assert_eq!(changed.error(409, "REFUND_CHANGED")["details"]["refund"], PRICE);
    admin.patch(&path, &json!({"startsAt": in_hours(-1)})).await.expect(200);
    assert_eq!(quote(&user, &id, &[]).await.expect(200)["refund"], PRICE * 4 / 10);
}

#[tokio::test]
async fn a_booking_of_somebody_else_and_a_seat_of_another_booking_do_not_exist() {
    let (tenant, user, seats) = sale(&policy(&[(0, 100)], 0)).await;
    let id = user.book(&[&seats[0]]).await;
    let other = [seats[1].clone()];
    quote(&user, &id, &other).await.error(404, "SEAT_NOT_FOUND");
    cancel(&user, &json!({"bookingId": id, "seatIds": other})).await.error(404, "SEAT_NOT_FOUND");
    let stranger = tenant.user().await;
    quote(&stranger, &id, &[]).await.error(404, "BOOKING_NOT_FOUND");
    cancel(&stranger, &json!({"bookingId": id})).await.error(404, "BOOKING_NOT_FOUND");
    for (query, field) in
        [("?seatIds=x", "seatIds"), ("?seatIds=,", "seatIds"), ("?seats=x", "seats")]
    {
        let reply = user.get(&format!("/bookings/{id}/cancellation{query}")).await;
        reply.refuses(field);
    }
    for seats in [json!([]), json!(["x"]), json!("x")] {
        let reply = cancel(&user, &json!({"bookingId": id, "seatIds": seats})).await;
        assert_eq!(reply.status, 400, "{reply}");
    }
    cancel(&user, &json!({"bookingId": id, "expectedRefund": -1})).await.refuses("expectedRefund");
}

#[tokio::test]
async fn many_cancellations_at_once_make_one_refund() {
    let (tenant, user, seats) = sale(&policy(&[(0, 100)], 0)).await;
    let id = user.book(&refs(&seats)).await;
    let body = json!({"bookingId": id});
    for reply in join_all((0..32).map(|_| cancel(&user, &body))).await {
        assert_eq!(reply.expect(200)["status"], "CANCELLED");
    }
    let shown = refunded(&user, &id).await;
    assert_eq!(
        (&shown["refundStatus"], &shown["refundedAmount"]),
        (&json!("REFUNDED"), &json!(3 * PRICE))
    );
    assert_eq!(shown["refunds"].as_array().unwrap().len(), 1);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_seat_that_is_cancelled_while_others_want_it_is_sold_once() {
    let (tenant, user, seats) = sale(&policy(&[(0, 100)], 0)).await;
    let id = user.book(&[&seats[0]]).await;
    let others = tenant.users(8).await;
    let sold_again = AtomicBool::new(false);
    let wants = async |other: &User| {
        let hold = eventually("the seat is free for one", WAIT_TIMEOUT, || async {
            // Read before the call: if the seat was sold again by then, a refusal is final.
            let was_sold_again = sold_again.load(Ordering::SeqCst);
            let reply = other.reserve(&[&seats[0]]).await;
            match reply.status {
                201 => Some(Some(Hold::of(&reply))),
                _ if reply.code() == "SEAT_ALREADY_LOCKED" || was_sold_again => Some(None),
                _ => None,
            }
        });
        if let Some(hold) = hold.await {
            other.confirm(&hold, &payment()).await.expect(201);
            sold_again.store(true, Ordering::SeqCst);
        }
    };
    let body = json!({"bookingId": id});
    let wanting = join_all(others.iter().map(wants));
    let (cancelled, _) = tokio::join!(cancel(&user, &body), wanting);
    cancelled.expect(200);
    let books = invariants::check(&tenant).await;
    assert_eq!(books.count("CONFIRMED"), 1);
}

#[tokio::test]
async fn a_refund_that_fails_is_shown() {
    let (_, user, seats) = sale(&policy(&[(0, 100)], 0)).await;
    let hold = user.hold(&[&seats[0]]).await;
    let paid = unique("pay_refundfail");
    let id = user.confirm(&hold, &paid).await.expect(201)["bookingId"].as_str().unwrap().to_owned();
    cancel(&user, &json!({"bookingId": id})).await.expect(200);
    let shown = refunded(&user, &id).await;
    assert_eq!((&shown["refundStatus"], &shown["refundedAmount"]), (&json!("FAILED"), &json!(0)));
}

#[tokio::test]
async fn a_payment_that_bought_nothing_is_paid_back_by_the_worker() {
    let (_, user, seats) = sale(&json!({})).await;
    let hold = user.hold(&[&seats[0]]).await;
    end_hold(&user.tenant, &hold).await;
    user.confirm(&hold, &payment()).await.error(410, "RESERVATION_EXPIRED");
    let due = user.bookings().await.remove(0);
    assert_eq!(due["status"], "REFUND_DUE");
    let id = due["bookingId"].as_str().unwrap();
    let shown = refunded(&user, id).await;
    assert_eq!(
        (&shown["refundStatus"], &shown["refundedAmount"]),
        (&json!("REFUNDED"), &json!(PRICE))
    );
    quote(&user, id, &[]).await.error(409, "BOOKING_NOT_CONFIRMED");
    cancel(&user, &json!({"bookingId": id})).await.error(409, "BOOKING_NOT_CONFIRMED");
}

#[tokio::test]
async fn a_refund_that_cannot_be_read_holds_up_no_other() {
    // A stack of its own: the unreadable refund would be in the lists of other tests.
    let stack = stacks::Plan::new("unreadable-refund").unlimited().start().await;
    let tenant = stack.tenant().await;
    let (user, seat) = (tenant.user().await, tenant.seat().await);
    let refunds = stack.database().await.collection::<Document>("refunds");
    let first = DateTime::from_millis(0);
    let unreadable = doc! {
        "refundId": unique("RF"), "appId": &tenant.app_id, "booking": ObjectId::new(),
        "amount": "a text", "status": "PENDING", "askAt": first, "createdAt": first,
    };
    refunds.insert_one(unreadable).bypass_document_validation(true).await.unwrap();
    let hold = user.hold(&[&seat]).await;
    end_hold(&tenant, &hold).await;
    user.confirm(&hold, &payment()).await.error(410, "RESERVATION_EXPIRED");
    // An earlier version stored refunds without `asked`.
    let earlier = doc! {"$unset": {"asked": ""}};
    refunds.update_one(doc! {"asked": 0}, earlier).await.unwrap();
    let due = user.bookings().await.remove(0);
    let shown = refunded(&user, due["bookingId"].as_str().unwrap()).await;
    assert_eq!(shown["refundStatus"], "REFUNDED");
}

#[tokio::test]
async fn a_policy_is_checked_shown_and_cleared() {
    let (tenant, user, _) = sale(&policy(&[(48, 100), (2, 50)], 500)).await;
    let path = format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity);
    let admin = tenant.stack.admin().await;
    let expected = &policy(&[(48, 100), (2, 50)], 500)["cancellationPolicy"];
    assert_eq!(&admin.get(&path).await.expect(200)["cancellationPolicy"], expected);
    let public = user.get(&format!("/entities/{}", tenant.entity)).await;
    assert_eq!(&public.expect(200)["cancellationPolicy"], expected);
    let tier = |hours, percent| json!({"hoursBefore": hours, "refundPercent": percent});
    for (tiers, field) in [
        (json!([tier(2, 100), tier(48, 50)]), "cancellationPolicy"),
        (json!([tier(48, 50), tier(2, 51)]), "cancellationPolicy"),
        (json!([tier(48, 101)]), "cancellationPolicy.tiers[0].refundPercent"),
        (json!([tier(-1, 10)]), "cancellationPolicy.tiers[0].hoursBefore"),
    ] {
        let change = json!({"cancellationPolicy": {"tiers": tiers}});
        admin.patch(&path, &change).await.refuses(field);
    }
    let cleared = admin.patch(&path, &json!({"cancellationPolicy": null})).await;
    assert!(cleared.expect(200).get("cancellationPolicy").is_none());
}
