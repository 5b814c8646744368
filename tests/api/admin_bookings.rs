//! `/admin/bookings/{bookingId}`: reading, cancelling and refunding any booking.

use futures_util::future::{join, join_all};
use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use super::cancellation::{cancel, policy, refs, refunded, sale, starting};
use crate::support::{
    invariants, payment,
    people::{Admin, PRICE, Tenant, User},
    reply::Reply,
    stacks, unique,
};

async fn admin_cancels(admin: &Admin, booking: &str, body: &Value) -> Reply {
    admin.post(&format!("/admin/bookings/{booking}/cancel"), body).await
}

/// A cancellation of the whole booking.
fn cancellation(refund: impl Into<Value>) -> Value {
    json!({"refund": refund.into(), "reason": "The band is ill."})
}

async fn admin_refunds(admin: &Admin, booking: &str, amount: i64, key: &str) -> Reply {
    let body = json!({"amount": amount, "reason": "The bar was closed."});
    let path = format!("/admin/bookings/{booking}/refund");
    admin.call("POST", &path).key(key).json(&body).send().await
}

async fn shown(admin: &Admin, booking: &str) -> Value {
    admin.get(&format!("/admin/bookings/{booking}")).await.expect(200).clone()
}

/// A booking that costs nothing.
async fn free_booking(tenant: &Tenant, user: &User) -> String {
    let seats = json!([{"seatNumber": "F1", "price": 0}]);
    let body = json!({
        "appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR", "seats": seats,
    });
    let made = tenant.stack.admin().await.post("/admin/seats", &body).await;
    user.book(&[made.expect(201)["seats"][0]["seatId"].as_str().unwrap()]).await
}

#[tokio::test]
async fn seats_of_the_highest_price_are_given_back_together() {
    const HIGHEST: i64 = 1_000_000_000_000;
    let (tenant, user, seats) = sale(&starting(policy(&[(0, 100)], 0), 48)).await;
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/apps/{}/entities/{}/seats", tenant.app_id, tenant.entity);
    let dear = json!({"where": {"seatIds": seats}, "set": {"price": HIGHEST}});
    admin.patch(&path, &dear).await.expect(200);
    let all = HIGHEST * seats.len() as i64;
    let body = json!({"bookingId": user.book(&refs(&seats)).await, "expectedRefund": all});
    let booking = cancel(&user, &body).await.expect(200).clone();
    assert_eq!(booking["cancellations"][0]["refund"], all);
    let id = user.book(&refs(&seats)).await;
    let part = json!({"refund": {"amount": HIGHEST + 1}, "reason": "Why"});
    let booking = admin_cancels(&admin, &id, &part).await.expect(200).clone();
    assert_eq!(booking["cancellations"][0]["refund"], HIGHEST + 1);
}

#[tokio::test]
async fn an_admin_cancels_whatever_the_policy_says_and_the_history_says_who_and_why() {
    let (tenant, user, seats) = sale(&starting(policy(&[(48, 100)], 0), 2)).await;
    let id = user.book(&refs(&seats)).await;
    cancel(&user, &json!({"bookingId": id})).await.error(409, "CANCELLATION_NOT_ALLOWED");
    let (key_id, server) = tenant.server().await;
    let body = json!({"seatIds": [seats[0]], "refund": {"amount": 100}, "reason": "Broken seat"});
    let booking = admin_cancels(&server, &id, &body).await.expect(200).clone();
    assert_eq!(booking["status"], "CONFIRMED");
    let one = &booking["cancellations"][0];
    assert_eq!(
        (&one["by"], &one["paid"], &one["kept"], &one["refund"]),
        (&json!("ADMIN"), &json!(PRICE), &json!(PRICE - 100), &json!(100))
    );
    let admin = tenant.stack.admin().await;
    // It is too late for the policy, so nothing goes back by it.
    let body = json!({"seatIds": [seats[1]], "refund": "POLICY", "reason": "No-show"});
    admin_cancels(&admin, &id, &body).await.expect(200);
    let booking = admin_cancels(&admin, &id, &cancellation("FULL")).await.expect(200).clone();
    assert_eq!(booking["status"], "CANCELLED");
    let given: Vec<&Value> =
        booking["cancellations"].as_array().unwrap().iter().map(|one| &one["refund"]).collect();
    assert_eq!(given, [&json!(100), &json!(0), &json!(PRICE)]);

    let history = shown(&admin, &id).await["history"].as_array().unwrap().clone();
    let entries: Vec<_> =
        history.iter().map(|one| (one["actor"].clone(), one["reason"].clone())).collect();
    let by = |actor: &str, reason: &str| (json!(actor), json!(reason));
    let expected =
        [by(&key_id, "Broken seat"), by("admin", "No-show"), by("admin", "The band is ill.")];
    assert_eq!(entries, expected);
    assert_eq!((&history[0]["action"], &history[0]["amount"]), (&json!("CANCEL"), &json!(100)));
    assert_eq!(history[0]["refundId"], booking["refunds"][0]["refundId"]);
    assert_eq!(history[0]["seatIds"], json!([seats[0]]));
    assert!(history[1].get("refundId").is_none(), "{history:?}");
    assert!(history.iter().all(|one| one["at"].is_string()));
    // Buyers do not see it.
    let own = user.get(&format!("/bookings/{id}")).await;
    assert!(own.expect(200).get("history").is_none());
    assert_eq!(refunded(&user, &id).await["refundedAmount"], 100 + PRICE);
    assert_eq!(user.seat(&seats[0]).await["status"], "AVAILABLE");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_repeat_of_an_admins_cancellation_changes_nothing() {
    let (tenant, user, seats) = sale(&policy(&[(0, 50)], 0)).await;
    let id = user.book(&refs(&seats)).await;
    let admin = tenant.stack.admin().await;
    let first = admin_cancels(&admin, &id, &cancellation("POLICY")).await.expect(200).clone();
    assert_eq!(first["cancellations"][0]["refund"], 3 * PRICE / 2);
    for again in [
        cancellation("FULL"),
        cancellation("NONE"),
        cancellation(json!({"amount": 1})),
        cancellation("POLICY"),
    ] {
        let again = admin_cancels(&admin, &id, &again).await.expect(200).clone();
        assert_eq!(again["cancellations"], first["cancellations"]);
        assert_eq!(again["history"], first["history"]);
        assert_eq!(again["refunds"].as_array().unwrap().len(), 1);
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_user_and_an_admin_who_cancel_at_once_make_one_refund() {
    let (tenant, user, seats) = sale(&policy(&[(0, 100)], 0)).await;
    let id = user.book(&refs(&seats)).await;
    let admin = tenant.stack.admin().await;
    let (own, full) = (json!({"bookingId": id}), cancellation("FULL"));
    let users = join_all((0..16).map(|_| cancel(&user, &own)));
    let admins = join_all((0..16).map(|_| admin_cancels(&admin, &id, &full)));
    let (by_user, by_admin) = join(users, admins).await;
    for reply in by_user.iter().chain(&by_admin) {
        assert_eq!(reply.expect(200)["status"], "CANCELLED");
    }
    let booking = refunded(&user, &id).await;
    assert_eq!(booking["refunds"].as_array().unwrap().len(), 1);
    assert_eq!(booking["cancellations"].as_array().unwrap().len(), 1);
    assert_eq!(booking["refundedAmount"], 3 * PRICE);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn an_admin_gives_back_parts_of_a_payment_and_never_more_than_is_left() {
    let (tenant, user, seats) = sale(&json!({})).await;
    let id = user.book(&refs(&seats)).await;
    let admin = tenant.stack.admin().await;
    let key = unique("key");
    let first = admin_refunds(&admin, &id, 1_000, &key).await;
    let refund = first.expect(201).clone();
    assert_eq!((&refund["amount"], &refund["bookingId"]), (&json!(1_000), &json!(id)));
    let again = admin_refunds(&admin, &id, 1_000, &key).await;
    assert!(again.replayed(), "{again}");
    assert_eq!(again.expect(201)["refundId"], refund["refundId"]);
    admin_refunds(&admin, &id, 1_001, &key).await.error(422, "IDEMPOTENCY_KEY_REUSED");
    let over = admin_refunds(&admin, &id, 3 * PRICE - 999, &unique("key")).await;
    over.refuses("amount");
    admin_refunds(&admin, &id, 3 * PRICE - 1_000, &unique("key")).await.expect(201);
    admin_refunds(&admin, &id, 1, &unique("key")).await.refuses("amount");
    let booking = refunded(&user, &id).await;
    assert_eq!(
        (&booking["status"], &booking["refundStatus"]),
        (&json!("CONFIRMED"), &json!("REFUNDED"))
    );
    assert_eq!(booking["refundedAmount"], 3 * PRICE);
    let history = shown(&admin, &id).await["history"].clone();
    assert_eq!((&history[0]["action"], &history[0]["amount"]), (&json!("REFUND"), &json!(1_000)));
    assert_eq!(history.as_array().unwrap().len(), 2);
    // Nothing is left for the cancellation, which succeeds all the same.
    let booking = admin_cancels(&admin, &id, &cancellation("FULL")).await.expect(200).clone();
    assert_eq!(
        (&booking["status"], &booking["cancellations"][0]["refund"]),
        (&json!("CANCELLED"), &json!(0))
    );
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn refunds_that_race_with_cancellations_never_exceed_what_was_paid() {
    let (tenant, user, seats) = sale(&policy(&[(0, 100)], 0)).await;
    let id = user.book(&refs(&seats)).await;
    let admin = tenant.stack.admin().await;
    let (part, key) = (PRICE / 3, unique("key"));
    let refunds = join_all((0..16).map(|n| {
        // Two calls share each key.
        let (admin, id, key) = (&admin, &id, format!("{key}-{}", n / 2));
        async move { admin_refunds(admin, id, part, &key).await }
    }));
    let cancels = join_all(seats.iter().map(|seat| {
        let body = json!({"bookingId": id, "seatIds": [seat]});
        let user = &user;
        async move { cancel(user, &body).await }
    }));
    let (refunds, cancels) = join(refunds, cancels).await;
    for reply in &cancels {
        reply.expect(200);
    }
    for reply in &refunds {
        let open = matches!(reply.code(), "IDEMPOTENCY_KEY_IN_USE" | "VALIDATION_ERROR");
        assert!(reply.status == 201 || open, "{reply}");
    }
    let booking = refunded(&user, &id).await;
    assert_eq!(booking["status"], "CANCELLED");
    assert_eq!(booking["refundedAmount"], 3 * PRICE, "{booking}");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_refund_needs_an_idempotency_key_and_what_is_wrong_is_named() {
    let (tenant, user, seats) = sale(&json!({})).await;
    let id = user.book(&[&seats[0]]).await;
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/bookings/{id}/refund");
    let good = json!({"amount": 1, "reason": "Why"});
    admin.post(&path, &good).await.refuses("Idempotency-Key");
    for (body, field) in [
        (json!({"reason": "Why"}), "amount"),
        (json!({"amount": 0, "reason": "Why"}), "amount"),
        (json!({"amount": 1.5, "reason": "Why"}), "amount"),
        (json!({"amount": 1}), "reason"),
        (json!({"amount": 1, "reason": " "}), "reason"),
        (json!({"amount": 1, "reason": "x".repeat(501)}), "reason"),
        (json!({"amount": 1, "reason": "Why", "more": 1}), "more"),
    ] {
        let call = admin.call("POST", &path).key(&unique("key"));
        call.json(&body).send().await.refuses(field);
    }
    for (body, field) in [
        (json!({"reason": "Why"}), "refund"),
        (json!({"refund": "SOME", "reason": "Why"}), "refund"),
        (json!({"refund": 5, "reason": "Why"}), "refund"),
        (json!({"refund": {"amount": -1}, "reason": "Why"}), "refund.amount"),
        (json!({"refund": {}, "reason": "Why"}), "refund.amount"),
        (json!({"refund": {"amount": 1, "x": 1}, "reason": "Why"}), "refund.x"),
        (json!({"refund": {"amount": PRICE + 1}, "reason": "Why"}), "refund.amount"),
        (json!({"refund": "FULL"}), "reason"),
        (json!({"refund": "FULL", "reason": "Why", "seatIds": []}), "seatIds"),
    ] {
        admin_cancels(&admin, &id, &body).await.refuses(field);
    }
    let other = json!({"seatIds": [seats[1]], "refund": "FULL", "reason": "Why"});
    admin_cancels(&admin, &id, &other).await.error(404, "SEAT_NOT_FOUND");
    // A text that looks like an expression of the database stays a text.
    let odd = json!({"refund": "NONE", "reason": "$amount"});
    let booking = admin_cancels(&admin, &id, &odd).await.expect(200).clone();
    assert_eq!(booking["history"][0]["reason"], "$amount");
}

#[tokio::test]
async fn a_booking_of_another_app_does_not_exist_for_a_secret_key() {
    let (tenant, user, seats) = sale(&json!({})).await;
    let id = user.book(&[&seats[0]]).await;
    let (_, own) = tenant.server().await;
    let (_, other) = tenant.stack.tenant().await.server().await;
    assert_eq!(shown(&own, &id).await["appId"], tenant.app_id);
    for id in [id.as_str(), "BK-20260101-AAAAAAAAAA", "x"] {
        let path = format!("/admin/bookings/{id}");
        other.get(&path).await.error(404, "BOOKING_NOT_FOUND");
        admin_cancels(&other, id, &cancellation("FULL")).await.error(404, "BOOKING_NOT_FOUND");
        admin_refunds(&other, id, 1, &unique("key")).await.error(404, "BOOKING_NOT_FOUND");
    }
    admin_cancels(&own, &id, &cancellation("FULL")).await.expect(200);
}

#[tokio::test]
async fn only_what_was_paid_is_refunded_and_only_what_was_sold_is_cancelled() {
    let (tenant, user, seats) = sale(&json!({})).await;
    let admin = tenant.stack.admin().await;
    let hold = user.hold(&[&seats[0]]).await;
    user.confirm(&hold, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    let failed = user.bookings().await[0]["bookingId"].as_str().unwrap().to_owned();
    admin_cancels(&admin, &failed, &cancellation("FULL")).await.error(409, "BOOKING_NOT_CONFIRMED");
    admin_refunds(&admin, &failed, 1, &unique("key")).await.error(409, "BOOKING_NOT_CONFIRMED");
    let free = free_booking(&tenant, &user).await;
    admin_refunds(&admin, &free, 1, &unique("key")).await.refuses("amount");
    let booking = admin_cancels(&admin, &free, &cancellation("FULL")).await.expect(200).clone();
    assert_eq!((&booking["status"], &booking["refunds"]), (&json!("CANCELLED"), &json!([])));
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn bookings_of_earlier_versions_are_cancelled_and_refunded_when_an_admin_asks() {
    let (tenant, user, seats) = sale(&json!({})).await;
    let admin = tenant.stack.admin().await;
    let bookings = tenant.stack.database().await.collection::<Document>("bookings");
    let age = async |id: &str, set: Document| {
        let unset = doc! {
            "version": "", "terms": "", "cancellations": "", "history": "", "refunded": "",
            "provider": "", "account": "", "seats": "",
        };
        let update = doc! {"$unset": unset, "$set": set};
        bookings.update_one(doc! {"bookingId": id}, update).await.unwrap();
    };
    let sold = user.book(&[&seats[0]]).await;
    age(&sold, doc! {"currency": "INR"}).await;
    let booking = shown(&admin, &sold).await;
    assert_eq!((&booking["history"], &booking["refunds"]), (&json!([]), &json!([])));
    admin_cancels(&admin, &sold, &cancellation("FULL")).await.expect(200);
    assert_eq!(refunded(&user, &sold).await["refundStatus"], "REFUNDED");

    // A payment that bought nothing, and whose refund no version has recorded.
    let hold = user.hold(&[&seats[1]]).await;
    user.release(&hold).await.expect(200);
    user.confirm(&hold, &payment()).await.error(409, "RESERVATION_RELEASED");
    let due = user.bookings().await.into_iter().find(|one| one["status"] == "REFUND_DUE").unwrap();
    let due = due["bookingId"].as_str().unwrap();
    let refunds = tenant.stack.database().await.collection::<Document>("refunds");
    refunds.delete_many(doc! {"bookingId": due}).await.unwrap();
    age(due, doc! {"currency": "INR"}).await;
    assert_eq!(refunded(&user, due).await["refundStatus"], "NONE");
    admin_cancels(&admin, due, &cancellation("FULL")).await.error(409, "BOOKING_NOT_CONFIRMED");
    admin_refunds(&admin, due, PRICE, &unique("key")).await.expect(201);
    let shown = refunded(&user, due).await;
    assert_eq!(
        (&shown["refundStatus"], &shown["refundedAmount"]),
        (&json!("REFUNDED"), &json!(PRICE))
    );
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn an_admin_route_of_a_tenant_that_is_switched_off_works() {
    let (tenant, user, seats) = sale(&json!({})).await;
    let id = user.book(&[&seats[0]]).await;
    let admin = stacks::usual().await.admin().await;
    let path = format!("/admin/apps/{}", tenant.app_id);
    admin.patch(&path, &json!({"isActive": false})).await.expect(200);
    admin_cancels(&admin, &id, &cancellation("FULL")).await.expect(200);
}
