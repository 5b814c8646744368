//! `/admin/refunds`: listing refunds, and what is done about those that failed.

use chrono::{SecondsFormat, TimeDelta, Utc};
use futures_util::future::join_all;
use mongodb::bson::doc;
use serde_json::{Value, json};

use super::cancellation::{cancel, policy, refunded, sale};
use crate::support::{
    invariants,
    people::{Admin, PRICE, Tenant, User},
    reply::Reply,
    unique,
};

/// A booking whose first refund has failed: the tenant, the buyer, the booking and the refund.
async fn failed_refund() -> (Tenant, User, String, String) {
    let (tenant, user, seats) = sale(&policy(&[(0, 100)], 0)).await;
    let hold = user.hold(&[&seats[0]]).await;
    let booking = user.confirm(&hold, &unique("pay_refundfail")).await;
    let id = booking.expect(201)["bookingId"].as_str().unwrap().to_owned();
    cancel(&user, &json!({"bookingId": id})).await.expect(200);
    let shown = refunded(&user, &id).await;
    assert_eq!(shown["refundStatus"], "FAILED");
    let refund = shown["refunds"][0]["refundId"].as_str().unwrap().to_owned();
    (tenant, user, id, refund)
}

async fn retry(admin: &Admin, refund: &str) -> Reply {
    admin.post(&format!("/admin/refunds/{refund}/retry"), &json!({"reason": "New card"})).await
}

async fn settle(admin: &Admin, refund: &str) -> Reply {
    let body = json!({"note": "Bank transfer"});
    admin.post(&format!("/admin/refunds/{refund}/settle"), &body).await
}

async fn listed(admin: &Admin, query: &str) -> Vec<Value> {
    let reply = admin.get(&format!("/admin/refunds?{query}")).await;
    reply.expect(200)["refunds"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_failed_refund_is_made_again_and_the_two_name_each_other() {
    let (tenant, user, booking, refund) = failed_refund().await;
    let (key, server) = tenant.server().await;
    let new = retry(&server, &refund).await.expect(201).clone();
    assert_eq!((&new["retryOf"], &new["amount"]), (&json!(refund), &json!(PRICE)));
    let shown = refunded(&user, &booking).await;
    assert_eq!(
        (&shown["refundStatus"], &shown["refundedAmount"]),
        (&json!("REFUNDED"), &json!(PRICE))
    );
    let old = &listed(&server, "status=FAILED").await[0];
    assert_eq!((&old["refundId"], &old["retriedBy"]), (&json!(refund), &new["refundId"]));
    retry(&server, &refund).await.error(409, "REFUND_NOT_FAILED");
    settle(&server, &refund).await.error(409, "REFUND_NOT_FAILED");
    let new = new["refundId"].as_str().unwrap();
    retry(&server, new).await.error(409, "REFUND_NOT_FAILED");
    let history = server.get(&format!("/admin/bookings/{booking}")).await;
    let last = &history.expect(200)["history"][0];
    assert_eq!(
        (&last["action"], &last["actor"], &last["reason"], &last["refundId"]),
        (&json!("RETRY"), &json!(key), &json!("New card"), &json!(new))
    );
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn many_retries_at_once_make_one_refund() {
    let (tenant, user, booking, refund) = failed_refund().await;
    let admin = tenant.stack.admin().await;
    let replies = join_all((0..32).map(|_| retry(&admin, &refund))).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1);
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.error(409, "REFUND_NOT_FAILED");
    }
    let shown = refunded(&user, &booking).await;
    assert_eq!(shown["refunds"].as_array().unwrap().len(), 2);
    assert_eq!(shown["refundedAmount"], PRICE);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_retry_and_a_settlement_at_once_pay_once() {
    let (tenant, user, booking, refund) = failed_refund().await;
    let admin = tenant.stack.admin().await;
    let (retries, settlements) = tokio::join!(
        join_all((0..8).map(|_| retry(&admin, &refund))),
        join_all((0..8).map(|_| settle(&admin, &refund)))
    );
    let done = retries.iter().chain(&settlements).filter(|reply| reply.status < 300).count();
    assert_eq!(done, 1);
    assert_eq!(refunded(&user, &booking).await["refundedAmount"], PRICE);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_refund_that_was_paid_by_hand_is_settled_with_a_note() {
    let (tenant, user, booking, refund) = failed_refund().await;
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/refunds/{refund}/settle");
    for (body, field) in [
        (json!({}), "note"),
        (json!({"note": ""}), "note"),
        (json!({"note": "x".repeat(501)}), "note"),
        (json!({"note": "x", "amount": 1}), "amount"),
    ] {
        admin.post(&path, &body).await.refuses(field);
    }
    let settled = settle(&admin, &refund).await.expect(200).clone();
    assert_eq!(settled["status"], "SUCCEEDED");
    let by = &settled["settled"];
    assert_eq!((&by["actor"], &by["note"]), (&json!("admin"), &json!("Bank transfer")));
    let shown = refunded(&user, &booking).await;
    assert_eq!(
        (&shown["refundStatus"], &shown["refundedAmount"]),
        (&json!("REFUNDED"), &json!(PRICE))
    );
    settle(&admin, &refund).await.error(409, "REFUND_NOT_FAILED");
    retry(&admin, &refund).await.error(409, "REFUND_NOT_FAILED");
    let history = admin.get(&format!("/admin/bookings/{booking}")).await;
    let last = &history.expect(200)["history"][0];
    assert_eq!((&last["action"], &last["reason"]), (&json!("SETTLE"), &json!("Bank transfer")));
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn money_that_went_back_another_way_is_not_paid_again() {
    let (tenant, user, booking, refund) = failed_refund().await;
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/bookings/{booking}/refund");
    let body = json!({"amount": 1, "reason": "Why"});
    admin.call("POST", &path).key(&unique("key")).json(&body).send().await.expect(201);
    let refused = retry(&admin, &refund).await;
    assert_eq!(refused.error(409, "REFUND_NOT_FAILED")["details"]["left"], PRICE - 1);
    settle(&admin, &refund).await.error(409, "REFUND_NOT_FAILED");
    let shown = refunded(&user, &booking).await;
    assert_eq!((&shown["refundStatus"], &shown["refundedAmount"]), (&json!("FAILED"), &json!(1)));
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_repeated_retry_with_one_key_gets_the_same_response() {
    let (tenant, _, _, refund) = failed_refund().await;
    let admin = tenant.stack.admin().await;
    let (path, key) = (format!("/admin/refunds/{refund}/retry"), unique("key"));
    let again = || async { admin.call("POST", &path).key(&key).send().await };
    let first = again().await.expect(201).clone();
    let second = again().await;
    assert!(second.replayed(), "{second}");
    assert_eq!(second.expect(201)["refundId"], first["refundId"]);
}

#[tokio::test]
async fn refunds_are_listed_newest_first_by_app_booking_status_and_time() {
    let (tenant, user, seats) = sale(&policy(&[(0, 100)], 0)).await;
    let (_, server) = tenant.server().await;
    let id = user.book(&[&seats[0], &seats[1], &seats[2]]).await;
    for seat in &seats {
        cancel(&user, &json!({"bookingId": id, "seatIds": [seat]})).await.expect(200);
    }
    refunded(&user, &id).await;
    let all = listed(&server, "").await;
    assert_eq!(all.len(), 3);
    let times: Vec<&str> = all.iter().map(|one| one["createdAt"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|one, next| one >= next), "{times:?}");
    assert!(all.iter().all(|one| one["appId"] == tenant.app_id && one["bookingId"] == id));
    // Page by page.
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/admin/refunds?limit=1&cursor={cursor}")).await;
        pages.extend(page.expect(200)["refunds"].as_array().unwrap().clone());
        match page.expect(200)["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(pages, all);
    let at = |minutes: i64| {
        let time = Utc::now() + TimeDelta::minutes(minutes);
        time.to_rfc3339_opts(SecondsFormat::Millis, true)
    };
    for (query, count) in [
        (format!("appId={}", tenant.app_id), 3),
        (format!("bookingId={id}"), 3),
        ("bookingId=BK-20260101-AAAAAAAAAA".to_owned(), 0),
        ("status=SUCCEEDED".to_owned(), 3),
        ("status=FAILED&appId=".to_owned(), 0),
        (format!("from={}", at(-10)), 3),
        (format!("from={}", at(10)), 0),
        (format!("to={}", at(-10)), 0),
        (format!("from={}&to={}", at(-10), at(10)), 3),
    ] {
        assert_eq!(listed(&server, &query).await.len(), count, "{query}");
    }
    for (query, field) in [
        ("bookingId=x", "bookingId"),
        ("status=LOST", "status"),
        ("from=x", "from"),
        ("to=x", "to"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
        ("appId=X", "appId"),
        ("more=1", "more"),
    ] {
        server.get(&format!("/admin/refunds?{query}")).await.refuses(field);
    }
    let admin = tenant.stack.admin().await;
    let own = format!("appId={}", tenant.app_id);
    assert_eq!(listed(&admin, &own).await.len(), 3);
}

#[tokio::test]
async fn a_refund_of_another_app_does_not_exist_for_a_secret_key() {
    let (tenant, _, booking, refund) = failed_refund().await;
    let (_, other) = tenant.stack.tenant().await.server().await;
    for id in [refund.as_str(), "RF-000000000000000000000000", "x"] {
        retry(&other, id).await.error(404, "REFUND_NOT_FOUND");
        settle(&other, id).await.error(404, "REFUND_NOT_FOUND");
    }
    assert_eq!(listed(&other, &format!("bookingId={booking}")).await, [] as [Value; 0]);
    let own = other.get(&format!("/admin/refunds?appId={}", tenant.app_id)).await;
    own.error(404, "APP_NOT_FOUND");
}

#[tokio::test]
async fn a_refund_as_the_first_version_of_refunds_stored_it_is_listed_and_made_again() {
    let (tenant, user, booking, refund) = failed_refund().await;
    let refunds = tenant.stack.database().await.collection::<mongodb::bson::Document>("refunds");
    let old = doc! {"$unset": {"provider": "", "account": "", "retriedBy": "", "asked": ""}};
    refunds.update_one(doc! {"refundId": &refund}, old).await.unwrap();
    let admin = tenant.stack.admin().await;
    assert_eq!(listed(&admin, &format!("bookingId={booking}")).await.len(), 1);
    retry(&admin, &refund).await.expect(201);
    assert_eq!(refunded(&user, &booking).await["refundStatus"], "REFUNDED");
}
