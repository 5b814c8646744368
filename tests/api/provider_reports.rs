//! Refunds and disputes that a provider reports.

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use super::{
    payment_events,
    start_payment::{Paid, buyer, paid, paying_buyer, start, text},
};
use crate::support::{
    WAIT_TIMEOUT, invariants,
    people::{Admin, PRICE, Tenant, User},
    poll::eventually,
    reply::Reply,
    stripe::{now, signature},
    unique,
};

/// A booking that was paid at a fake provider: the tenant, the buyer, the booking and the payment.
async fn sold(paid: &Paid, provider: &str) -> (Tenant, User, String, String) {
    let tenant = paid.tenant_with_events(provider).await;
    let (user, hold) = buyer(&tenant).await;
    let started = start(&user, &hold).await.expect(201).clone();
    let payment = if provider == "stripe" {
        let intent = text(&started, "paymentId");
        paid.pay(&intent).await;
        intent
    } else {
        paid.pay_order(&text(&started, "orderId")).await
    };
    user.confirm(&hold, &payment).await;
    let booking =
        eventually("a booking", WAIT_TIMEOUT, || async { user.bookings().await.pop() }).await;
    (tenant, user, text(&booking, "bookingId"), payment)
}

/// What happens to a payment at its provider.
async fn control(paid: &Paid, provider: &str, payment: &str, what: &str, body: &Value) -> Value {
    let kind = if provider == "stripe" { "intents" } else { "payments" };
    paid.fake.control(&format!("{provider}/{kind}/{payment}/{what}"), body).await.unwrap()
}

async fn shown(admin: &Admin, booking: &str) -> Value {
    admin.get(&format!("/admin/bookings/{booking}")).await.expect(200).clone()
}

/// The booking once it is as wanted.
async fn once(admin: &Admin, booking: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually(what, WAIT_TIMEOUT, || async {
        let shown = shown(admin, booking).await;
        wanted(&shown).then_some(shown)
    })
    .await
}

async fn refund(admin: &Admin, booking: &str, amount: i64) -> Reply {
    let path = format!("/admin/bookings/{booking}/refund");
    let body = json!({"amount": amount, "reason": "Why"});
    admin.call("POST", &path).key(&unique("key")).json(&body).send().await
}

async fn cancel(admin: &Admin, booking: &str, refund: &str) -> Reply {
    let body = json!({"refund": refund, "reason": "Why"});
    admin.post(&format!("/admin/bookings/{booking}/cancel"), &body).await
}

/// Sends a signed event of Stripe about this object.
async fn send(paid: &Paid, tenant: &Tenant, kind: &str, object: &Value) {
    let body = json!({"id": "evt_1", "type": kind, "data": {"object": object}}).to_string();
    let header = signature("whsec_1", now(), &body);
    payment_events::send(paid, tenant, &header, &body).await.expect(200);
}

#[tokio::test]
async fn a_refund_that_was_made_in_the_dashboard_is_recorded_once_and_leaves_less_to_refund() {
    let paid = paid().await;
    for provider in ["stripe", "razorpay"] {
        let (tenant, _, booking, payment) = sold(&paid, provider).await;
        let admin = tenant.stack.admin().await;
        control(&paid, provider, &payment, "refund", &json!({"amount": 500})).await;
        let is_known = |shown: &Value| shown["refundedAmount"] == 500;
        once(&admin, &booking, "the refund is recorded", is_known).await;
        let list = admin.get(&format!("/admin/refunds?bookingId={booking}")).await;
        let list = list.expect(200)["refunds"].as_array().unwrap().clone();
        assert_eq!(list.len(), 1, "{list:?}");
        assert_eq!(
            (&list[0]["source"], &list[0]["status"], &list[0]["amount"]),
            (&json!("PROVIDER"), &json!("SUCCEEDED"), &json!(500))
        );
        assert!(list[0]["providerRefundId"].is_string(), "{list:?}");
        refund(&admin, &booking, PRICE - 499).await.refuses("amount");
        refund(&admin, &booking, 100).await.expect(201);
        // The events of our own refund add nothing.
        let all = cancel(&admin, &booking, "FULL").await.expect(200).clone();
        assert_eq!(all["cancellations"][0]["refund"], PRICE - 600);
        let is_back = |shown: &Value| shown["refundStatus"] == "REFUNDED";
        let all = once(&admin, &booking, "all is paid back", is_back).await;
        assert_eq!(all["refunds"].as_array().unwrap().len(), 3, "{all}");
        assert_eq!(all["refundedAmount"], PRICE);
        invariants::check(&tenant).await;
    }
}

#[tokio::test]
async fn a_disputed_payment_is_not_refunded_until_the_dispute_is_won() {
    let paid = paid().await;
    for (provider, open) in [("stripe", "needs_response"), ("razorpay", "open")] {
        let (tenant, user, booking, payment) = sold(&paid, provider).await;
        let admin = tenant.stack.admin().await;
        control(&paid, provider, &payment, "dispute", &json!({"status": open})).await;
        let is_open = |shown: &Value| shown["disputes"][0]["status"] == "OPEN";
        let shown = once(&admin, &booking, "the dispute is recorded", is_open).await;
        assert_eq!(shown["disputes"][0]["source"], "PROVIDER");
        assert_eq!(shown["refundStatus"], "NONE");
        assert!(
            user.get(&format!("/bookings/{booking}")).await.expect(200).get("disputes").is_none()
        );
        refund(&admin, &booking, 1).await.error(409, "PAYMENT_DISPUTED");
        cancel(&admin, &booking, "FULL").await.error(409, "PAYMENT_DISPUTED");
        control(&paid, provider, &payment, "dispute", &json!({"status": "won"})).await;
        let is_won = |shown: &Value| shown["disputes"][0]["status"] == "WON";
        once(&admin, &booking, "the dispute is won", is_won).await;
        cancel(&admin, &booking, "FULL").await.expect(200);
        invariants::check(&tenant).await;
    }
}

#[tokio::test]
async fn what_a_dispute_has_lost_counts_as_paid_back() {
    let paid = paid().await;
    for (provider, open) in [("stripe", "under_review"), ("razorpay", "under_review")] {
        let (tenant, _, booking, payment) = sold(&paid, provider).await;
        let admin = tenant.stack.admin().await;
        control(&paid, provider, &payment, "dispute", &json!({"status": open})).await;
        control(&paid, provider, &payment, "dispute", &json!({"status": "lost"})).await;
        let is_lost = |shown: &Value| shown["disputes"][0]["status"] == "LOST";
        let shown = once(&admin, &booking, "the dispute is lost", is_lost).await;
        assert_eq!(
            (&shown["refundStatus"], &shown["refundedAmount"]),
            (&json!("REFUNDED"), &json!(PRICE))
        );
        refund(&admin, &booking, 1).await.refuses("amount");
        // Nothing is left to refund, so the cancellation succeeds.
        let all = cancel(&admin, &booking, "FULL").await.expect(200).clone();
        assert_eq!(
            (&all["status"], &all["cancellations"][0]["refund"]),
            (&json!("CANCELLED"), &json!(0))
        );
        invariants::check(&tenant).await;
    }
}

#[tokio::test]
async fn what_went_back_in_the_dashboard_before_the_payment_was_recorded_is_not_paid_again() {
    let paid = paid().await;
    let tenant = paid.tenant("stripe").await;
    let (user, hold, intent) = paying_buyer(&tenant, "paymentId").await;
    paid.pay(&intent).await;
    for amount in [300, 200] {
        control(&paid, "stripe", &intent, "refund", &json!({"amount": amount})).await;
    }
    let refused = user.confirm(&hold, &intent).await;
    let details = &refused.error(409, "PAYMENT_MISMATCH")["details"];
    assert_eq!(*details, json!({"field": "amount", "refundDue": true}));
    let due = user.bookings().await.remove(0);
    assert_eq!((&due["status"], &due["amount"]), (&json!("REFUND_DUE"), &json!(PRICE - 500)));
    // A repeat says so too when the hold has ended.
    user.release(&hold).await.expect(200);
    let repeat = user.confirm(&hold, &intent).await;
    assert_eq!(repeat.error(409, "RESERVATION_RELEASED")["details"]["refundDue"], true, "{repeat}");
    let (admin, booking) = (tenant.stack.admin().await, text(&due, "bookingId"));
    let is_back = |shown: &Value| shown["refundStatus"] == "REFUNDED";
    eventually("the rest is paid back", WAIT_TIMEOUT, || async {
        paid.stack.invoke("pay-refunds", &json!({})).await;
        is_back(&shown(&admin, &booking).await).then_some(())
    })
    .await;
    // The provider's event makes the service read all refunds of the payment.
    let charge = json!({"object": "charge", "id": "ch_1", "payment_intent": intent});
    send(&paid, &tenant, "charge.refunded", &charge).await;
    let seen = shown(&admin, &booking).await;
    assert_eq!(
        (&seen["paidAmount"], &seen["refundedAmount"]),
        (&json!(PRICE - 500), &json!(PRICE - 500))
    );
    assert_eq!(seen["refunds"].as_array().unwrap().len(), 1, "{seen}");
    invariants::check(&tenant).await;
}

/// Pays a Razorpay order without an event, and returns the payment's id.
async fn pay_late(paid: &Paid, order: &str) -> String {
    let late = json!({"outcome": "captured", "late": true});
    let path = format!("razorpay/orders/{order}/pay");
    text(&paid.fake.control(&path, &late).await.unwrap(), "id")
}

/// Two payments of one order. Neither pays for the hold, because a part of each went back.
#[tokio::test]
async fn what_is_left_of_every_payment_of_an_order_is_due_back() {
    let paid = paid().await;
    let tenant = paid.tenant("razorpay").await;
    let (user, hold, order) = paying_buyer(&tenant, "orderId").await;
    let payments = [pay_late(&paid, &order).await, pay_late(&paid, &order).await];
    for payment in &payments {
        control(&paid, "razorpay", payment, "refund", &json!({"amount": 100})).await;
    }
    for _ in 0..2 {
        let refused = user.confirm(&hold, &payments[0]).await;
        let details = &refused.error(409, "PAYMENT_MISMATCH")["details"];
        assert_eq!(*details, json!({"field": "amount", "refundDue": true}));
        let bookings = user.bookings().await;
        let due: Vec<&str> = bookings.iter().map(|b| b["paymentId"].as_str().unwrap()).collect();
        assert!(due.len() == 2 && payments.iter().all(|id| due.contains(&id.as_str())), "{due:?}");
        let is_due = |b: &Value| b["status"] == "REFUND_DUE" && b["amount"] == PRICE - 100;
        assert!(bookings.iter().all(is_due), "{bookings:?}");
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn of_two_payments_of_an_order_the_one_that_the_buyer_names_pays() {
    let paid = paid().await;
    let tenant = paid.tenant("razorpay").await;
    let (user, hold, order) = paying_buyer(&tenant, "orderId").await;
    let (other, named) = (&pay_late(&paid, &order).await, &pay_late(&paid, &order).await);
    for status in [201, 200] {
        let reply = user.confirm(&hold, named).await;
        assert_eq!(reply.expect(status)["paymentId"], json!(named), "{reply}");
    }
    let bookings = user.bookings().await;
    let is_due = |b: &Value| b["paymentId"] == json!(other) && b["status"] == "REFUND_DUE";
    assert!(bookings.iter().any(is_due), "{bookings:?}");
    // The response stays the same after the payment was refunded.
    for _ in 0..2 {
        let refused = user.confirm(&hold, other).await;
        let details = &refused.error(409, "RESERVATION_ALREADY_CONFIRMED")["details"];
        assert_eq!(details["refundDue"], true, "{refused}");
        eventually("the other is paid back", WAIT_TIMEOUT, || async {
            paid.stack.invoke("pay-refunds", &json!({})).await;
            let bookings = user.bookings().await;
            let other = bookings.into_iter().find(|b| b["paymentId"] == json!(other))?;
            (other["refundStatus"] == "REFUNDED").then_some(())
        })
        .await;
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn an_attempt_that_failed_confirms_an_order_that_another_has_paid_and_again() {
    let paid = paid().await;
    let tenant = paid.tenant("razorpay").await;
    let (user, hold, order) = paying_buyer(&tenant, "orderId").await;
    let path = format!("razorpay/orders/{order}/pay");
    let failed = json!({"outcome": "failed", "late": true});
    let failed = text(&paid.fake.control(&path, &failed).await.unwrap(), "id");
    let captured = pay_late(&paid, &order).await;
    for status in [201, 200, 200] {
        let reply = user.confirm(&hold, &failed).await;
        assert_eq!(reply.expect(status)["paymentId"], json!(captured), "{reply}");
    }
    let booking = user.bookings().await.remove(0);
    cancel(&tenant.stack.admin().await, &text(&booking, "bookingId"), "FULL").await.expect(200);
    let reply = user.confirm(&hold, &captured).await;
    assert_eq!(reply.expect(200)["status"], "CANCELLED", "{reply}");
    invariants::check(&tenant).await;
}

/// Razorpay's balance is too low when the refund is asked for, and then the buyer's bank asks for
/// the money too.
#[tokio::test]
async fn a_refund_that_waits_is_not_paid_once_its_payment_is_disputed() {
    let paid = paid().await;
    let (tenant, _, booking, payment) = sold(&paid, "razorpay").await;
    let admin = tenant.stack.admin().await;
    let account = format!("rzp_test_{}", tenant.app_id);
    let balance =
        |amount: Value| json!({"provider": "razorpay", "account": account, "amount": amount});
    paid.fake.control("balance", &balance(json!(0))).await.unwrap();
    refund(&admin, &booking, 100).await.expect(201);
    control(&paid, "razorpay", &payment, "dispute", &json!({"status": "open"})).await;
    let is_open = |shown: &Value| shown["disputes"][0]["status"] == "OPEN";
    once(&admin, &booking, "the dispute is recorded", is_open).await;
    paid.fake.control("balance", &balance(Value::Null)).await.unwrap();
    let refunds = paid.stack.database().await.collection::<Document>("refunds");
    let soon = doc! {"$set": {"askAt": mongodb::bson::DateTime::from_millis(0)}};
    let own = doc! {"appId": &tenant.app_id, "status": "SUBMITTED"};
    eventually("the refund has failed", WAIT_TIMEOUT, || async {
        refunds.update_one(own.clone(), soon.clone()).await.unwrap();
        paid.stack.invoke("pay-refunds", &json!({})).await;
        let shown = shown(&admin, &booking).await;
        (shown["refundStatus"] == "FAILED").then_some(())
    })
    .await;
    control(&paid, "razorpay", &payment, "dispute", &json!({"status": "won"})).await;
    let is_won = |shown: &Value| shown["disputes"][0]["status"] == "WON";
    let shown = once(&admin, &booking, "the dispute is won", is_won).await;
    let failed = text(&shown["refunds"][0], "refundId");
    admin.post(&format!("/admin/refunds/{failed}/retry"), &json!({})).await.expect(201);
    let is_back = |shown: &Value| shown["refundedAmount"] == 100;
    once(&admin, &booking, "the refund is paid", is_back).await;
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_bank_may_change_its_mind_about_a_dispute() {
    let paid = paid().await;
    for provider in ["stripe", "razorpay"] {
        let (tenant, _, booking, payment) = sold(&paid, provider).await;
        let admin = tenant.stack.admin().await;
        for (status, shown, refunded) in [
            ("under_review", "OPEN", 0),
            ("lost", "LOST", PRICE),
            ("won", "WON", 0),
            ("lost", "LOST", PRICE),
        ] {
            control(&paid, provider, &payment, "dispute", &json!({"status": status})).await;
            let is_known = |seen: &Value| {
                seen["disputes"][0]["status"] == shown && seen["refundedAmount"] == refunded
            };
            let seen = once(&admin, &booking, "the dispute is known", is_known).await;
            if status == "won" {
                // The money is the tenant's, so there is nothing to pay again.
                let refund = format!("/admin/refunds/{}", text(&seen["refunds"][0], "refundId"));
                let retried = admin.post(&format!("{refund}/retry"), &json!({})).await;
                retried.error(409, "REFUND_NOT_FAILED");
                let settled = admin.post(&format!("{refund}/settle"), &json!({"note": "x"})).await;
                settled.error(409, "REFUND_NOT_FAILED");
            }
        }
        let shown = shown(&admin, &booking).await;
        assert_eq!(shown["refunds"].as_array().unwrap().len(), 1, "{shown}");
        invariants::check(&tenant).await;
    }
}

#[tokio::test]
async fn a_decided_dispute_is_not_opened_again_and_is_lost_once() {
    let paid = paid().await;
    let (tenant, _, booking, payment) = sold(&paid, "stripe").await;
    let admin = tenant.stack.admin().await;
    control(&paid, "stripe", &payment, "dispute", &json!({"status": "lost"})).await;
    let is_lost = |shown: &Value| shown["disputes"][0]["status"] == "LOST";
    once(&admin, &booking, "the dispute is lost", is_lost).await;
    // A report that was fetched before the decision comes after it.
    control(&paid, "stripe", &payment, "dispute", &json!({"status": "under_review"})).await;
    let dispute = json!({"object": "dispute", "id": "du_1", "payment_intent": payment});
    send(&paid, &tenant, "charge.dispute.updated", &dispute).await;
    assert_eq!(shown(&admin, &booking).await["disputes"][0]["status"], "LOST");
    // An earlier version opened it again.
    let bookings = tenant.stack.database().await.collection::<Document>("bookings");
    let open = doc! {"$set": {"disputes.0.status": "OPEN"}};
    bookings.update_one(doc! {"bookingId": &booking}, open).await.unwrap();
    control(&paid, "stripe", &payment, "dispute", &json!({"status": "lost"})).await;
    let shown = once(&admin, &booking, "the dispute is lost again", is_lost).await;
    assert_eq!(shown["refundedAmount"], PRICE);
    assert_eq!(shown["refunds"].as_array().unwrap().len(), 1, "{shown}");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_refund_that_had_succeeded_may_fail_and_is_made_again() {
    let paid = paid().await;
    for provider in ["stripe", "razorpay"] {
        let (tenant, _, booking, payment) = sold(&paid, provider).await;
        let admin = tenant.stack.admin().await;
        cancel(&admin, &booking, "FULL").await.expect(200);
        let is_back = |shown: &Value| shown["refundStatus"] == "REFUNDED";
        once(&admin, &booking, "the refund is paid", is_back).await;
        let ours = provider_refund(&paid, &tenant, provider, &payment).await;
        let finish = format!("{provider}/refunds/{ours}/finish");
        paid.fake.control(&finish, &json!({"succeeded": false})).await.unwrap();
        let has_failed = |shown: &Value| shown["refundStatus"] == "FAILED";
        let shown = once(&admin, &booking, "the refund has failed", has_failed).await;
        assert_eq!(shown["refundedAmount"], 0);
        let refund = text(&shown["refunds"][0], "refundId");
        admin.call("POST", &format!("/admin/refunds/{refund}/retry")).send().await.expect(201);
        let shown = once(&admin, &booking, "the second refund is paid", is_back).await;
        assert_eq!(shown["refunds"].as_array().unwrap().len(), 2);
        invariants::check(&tenant).await;
    }
}

/// The id of a payment's only refund at its provider.
async fn provider_refund(paid: &Paid, tenant: &Tenant, provider: &str, payment: &str) -> String {
    let client = reqwest::Client::new();
    let request = if provider == "stripe" {
        let url = format!("{}/v1/refunds?payment_intent={payment}", paid.fake.stripe());
        client.get(url).bearer_auth(format!("sk_test_{}", tenant.app_id))
    } else {
        let url = format!("{}/v1/payments/{payment}/refunds", paid.fake.razorpay());
        client.get(url).basic_auth(format!("rzp_test_{}", tenant.app_id), Some("s"))
    };
    let list: Value = request.send().await.unwrap().json().await.unwrap();
    let list = list.get("data").or(list.get("items")).unwrap();
    text(&list[0], "id")
}

#[tokio::test]
async fn what_an_event_says_about_a_refund_is_not_believed() {
    let paid = paid().await;
    let (tenant, _, booking, payment) = sold(&paid, "stripe").await;
    let admin = tenant.stack.admin().await;
    for object in [
        json!({"object": "refund", "id": "re_no", "amount": 1, "payment_intent": payment, "status": "succeeded"}),
        json!({"object": "dispute", "id": "du_no", "amount": 1, "payment_intent": payment, "status": "lost"}),
    ] {
        let kind =
            if object["object"] == "refund" { "refund.created" } else { "charge.dispute.created" };
        send(&paid, &tenant, kind, &object).await;
    }
    let shown = shown(&admin, &booking).await;
    assert_eq!((&shown["refunds"], &shown["disputes"]), (&json!([]), &json!([])));
}
