//! `POST /payment-events/{provider}/{appId}`: what the providers' webhooks lead to.

use serde_json::{Value, json};

use super::start_payment::{Paid, paid, paying_buyer};
use crate::support::{
    WAIT_TIMEOUT, expiry, invariants,
    people::{Tenant, User},
    poll::eventually,
    reply::Reply,
    stripe::{now, signature},
};

async fn booked(user: &User) -> Value {
    eventually("a booking", WAIT_TIMEOUT, || async { user.bookings().await.pop() }).await
}

/// Sends an event of Stripe with this signature.
pub(super) async fn send(paid: &Paid, tenant: &Tenant, signature: &str, body: &str) -> Reply {
    let path = format!("/payment-events/stripe/{}", tenant.app_id);
    let call = paid.stack.call("POST", &path).header("stripe-signature", signature);
    call.raw(body).send().await
}

fn succeeded(intent: &str) -> String {
    let object = json!({"object": "payment_intent", "id": intent, "metadata": {}});
    json!({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": object}})
        .to_string()
}

#[tokio::test]
async fn a_buyer_who_closes_the_browser_after_paying_is_booked_once() {
    let paid = paid().await;
    let tenant = paid.tenant_with_events("stripe").await;
    let (user, hold, intent) = paying_buyer(&tenant, "paymentId").await;
    paid.pay(&intent).await;
    let booking = booked(&user).await;
    assert_eq!((&booking["status"], &booking["paymentId"]), (&json!("CONFIRMED"), &json!(intent)));
    assert_eq!(user.confirm(&hold, &intent).await.expect(200)["bookingId"], booking["bookingId"]);

    let tenant = paid.tenant_with_events("razorpay").await;
    let (user, hold, order) = paying_buyer(&tenant, "orderId").await;
    let payment = paid.pay_order(&order).await;
    let booking = booked(&user).await;
    assert_eq!((&booking["status"], &booking["paymentId"]), (&json!("CONFIRMED"), &json!(payment)));
    user.confirm(&hold, &payment).await.expect(200);
}

#[tokio::test]
async fn many_confirms_and_the_event_at_once_make_one_booking() {
    let paid = paid().await;
    let tenant = paid.tenant_with_events("stripe").await;
    let (user, hold, intent) = paying_buyer(&tenant, "paymentId").await;
    let confirms = futures_util::future::join_all((0..32).map(|_| user.confirm(&hold, &intent)));
    let (replies, ()) = tokio::join!(confirms, paid.pay(&intent));
    for reply in &replies {
        assert!(matches!(reply.status, 200 | 201) || reply.code() == "PAYMENT_PENDING", "{reply}");
    }
    booked(&user).await;
    user.confirm(&hold, &intent).await.expect(200);
    assert_eq!(user.bookings().await.len(), 1);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn an_event_for_a_hold_that_has_ended_owes_the_money_back_once() {
    let paid = paid().await;
    let tenant = paid.tenant_with_events("stripe").await;
    let (user, hold, intent) = paying_buyer(&tenant, "paymentId").await;
    expiry::end_hold(&tenant, &hold).await;
    paid.pay(&intent).await;
    assert_eq!(booked(&user).await["status"], "REFUND_DUE");
    let body = succeeded(&intent);
    let header = signature("whsec_1", now(), &body);
    send(&paid, &tenant, &header, &body).await.expect(200);
    assert_eq!(user.bookings().await.len(), 1);
}

#[tokio::test]
async fn only_a_fresh_signature_of_the_apps_own_secret_is_accepted() {
    let paid = paid().await;
    let tenant = paid.tenant_with_events("stripe").await;
    let body = succeeded("pi_unknown");
    let good = signature("whsec_1", now(), &body);
    send(&paid, &tenant, &good, &body).await.expect(200);
    for (signature, body) in [
        (String::new(), body.clone()),
        (signature("whsec_other", now(), &body), body.clone()),
        (signature("whsec_1", now() - 400, &body), body.clone()),
        (good.clone(), body.replace("pi_unknown", "pi_other")),
    ] {
        send(&paid, &tenant, &signature, &body).await.error(400, "INVALID_SIGNATURE");
    }
    let razorpay = paid.tenant_with_events("razorpay").await;
    send(&paid, &razorpay, &good, &body).await.error(400, "INVALID_SIGNATURE");
    let simulated = paid.stack.tenant().await;
    let path = format!("/admin/apps/{}/payments", simulated.app_id);
    let set = json!({"provider": "simulated"});
    paid.stack.admin().await.call("PUT", &path).json(&set).send().await.expect(200);
    let simulated = format!("simulated/{}", simulated.app_id);
    for path in ["stripe/no-such-app", "paypal/no-such-app", "simulated/no-such-app", &simulated] {
        let call = paid.stack.call("POST", &format!("/payment-events/{path}"));
        let reply = call.header("stripe-signature", &good).raw(body.as_str()).send().await;
        reply.error(400, "INVALID_SIGNATURE");
    }
}
