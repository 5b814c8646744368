//! `/admin/apps/{appId}/payments`: who takes an app's payments, and what confirm then asks for.

use serde_json::{Value, json};

use crate::support::{
    people::{Admin, Tenant},
    reply::{Reply, keys, time},
    stacks::{self, Plan},
    unique,
};

const SECRET: &str = "sk_test_51Canary";
const PUBLIC: &str = "pk_test_51Public";
const WEBHOOK: &str = "whsec_Canary";

fn path(tenant: &Tenant) -> String {
    format!("/admin/apps/{}/payments", tenant.app_id)
}

fn stripe(secret: &str, public: &str) -> Value {
    json!({"provider": "stripe", "secretKey": secret, "publishableKey": public, "webhookSecret": WEBHOOK})
}

async fn put(admin: &Admin, tenant: &Tenant, body: &Value) -> Reply {
    admin.call("PUT", &path(tenant)).json(body).send().await
}

async fn stored(tenant: &Tenant) -> String {
    let apps = tenant.stack.database().await.collection::<mongodb::bson::Document>("apps");
    let found = apps.find_one(mongodb::bson::doc! {"appId": &tenant.app_id}).await.unwrap();
    found.unwrap().to_string()
}

#[tokio::test]
async fn stripe_is_set_and_shown_without_its_secrets() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    let reply = put(&admin, &tenant, &stripe(&format!(" {SECRET} "), PUBLIC)).await;
    let shown = reply.expect(200).clone();
    let fields = ["provider", "mode", "publishableKey", "webhookUrl", "configuredAt"];
    keys(&shown, &fields, &[], "a provider");
    assert_eq!(shown["provider"], "stripe");
    assert_eq!(shown["mode"], "test");
    assert_eq!(shown["publishableKey"], PUBLIC);
    let url = format!("{}/payment-events/stripe/{}", stack.base, tenant.app_id);
    assert_eq!(shown["webhookUrl"], url);
    time(&shown["configuredAt"]);
    assert_eq!(*admin.get(&path(&tenant)).await.expect(200), shown);
    let stored = stored(&tenant).await;
    assert!(!stored.contains("Canary"), "{stored}");

    let (_, server) = tenant.server().await;
    assert_eq!(*server.get(&path(&tenant)).await.expect(200), shown);
    let other = stack.tenant().await;
    server.get(&path(&other)).await.error(404, "APP_NOT_FOUND");
    put(&server, &other, &stripe(SECRET, PUBLIC)).await.error(404, "APP_NOT_FOUND");
}

#[tokio::test]
async fn razorpay_and_the_simulation_can_be_set_and_replaced_keys_stay_sealed() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    put(&admin, &tenant, &stripe("sk_live_1", "pk_live_1")).await.expect(200);
    let razorpay = json!({
        "provider": "razorpay", "keyId": "rzp_live_1", "keySecret": "s", "webhookSecret": "w",
    });
    let shown = put(&admin, &tenant, &razorpay).await.expect(200).clone();
    assert_eq!((&shown["keyId"], &shown["mode"]), (&json!("rzp_live_1"), &json!("live")));
    assert!(stored(&tenant).await.contains("pk_live_1"), "the replaced account is kept");
    let shown = put(&admin, &tenant, &json!({"provider": "simulated"})).await.expect(200).clone();
    keys(&shown, &["provider", "mode", "configuredAt"], &[], "the simulation");
    assert!(stored(&tenant).await.contains("rzp_live_1"), "the replaced account is kept");
}

#[tokio::test]
async fn a_wrong_key_is_named_and_never_quoted() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    let razorpay = |id: &str| json!({"provider": "razorpay", "keyId": id, "keySecret": "Canary", "webhookSecret": WEBHOOK});
    let mut lacking = stripe(SECRET, PUBLIC);
    lacking.as_object_mut().unwrap().remove("webhookSecret");
    let mut foreign = stripe(SECRET, PUBLIC);
    foreign["keyId"] = "rzp_test_1".into();
    for (body, field) in [
        (json!({}), "provider"),
        (json!({"provider": "paypal"}), "provider"),
        (json!({"provider": "none"}), "provider"),
        (stripe("pk_test_Canary", PUBLIC), "secretKey"),
        (stripe("", PUBLIC), "secretKey"),
        (stripe("sk_test_Can ary", PUBLIC), "secretKey"),
        (stripe("sk_test_Canary\u{e9}", PUBLIC), "secretKey"),
        (stripe(SECRET, "pk_live_1"), "publishableKey"),
        (stripe(SECRET, SECRET), "publishableKey"),
        (razorpay("key"), "keyId"),
        (lacking, "webhookSecret"),
        (foreign, "keyId"),
        (json!({"provider": "simulated", "secretKey": SECRET}), "secretKey"),
    ] {
        let reply = put(&admin, &tenant, &body).await;
        let error = reply.error(400, "VALIDATION_ERROR");
        assert_eq!(error["details"]["fields"][0]["field"], field, "{body}");
        assert!(!error.to_string().contains("Canary"), "{error}");
    }
}

#[tokio::test]
async fn with_stripe_a_payment_that_was_not_started_for_the_hold_is_refused_and_the_hold_kept() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    put(&admin, &tenant, &stripe(SECRET, PUBLIC)).await.expect(200);
    let user = tenant.user().await;
    let seat = tenant.seat().await;
    let hold = user.hold(&[&seat]).await;
    for payment in ["pi_unknown", "pay_1", "pay_fail"] {
        let reply = user.confirm(&hold, payment).await;
        let error = reply.error(409, "PAYMENT_MISMATCH");
        assert_eq!(error["details"], json!({"field": "reservation"}));
    }
    user.release(&hold).await.expect(200);
    user.confirm(&hold, "pi_unknown").await.error(409, "RESERVATION_RELEASED");
}

#[tokio::test]
async fn an_app_without_a_provider_sells_only_what_is_free() {
    let stack =
        Plan { env: vec![("DEFAULT_PAYMENT_PROVIDER", "none".to_owned())], ..Plan::new("unpaid") }
            .start()
            .await;
    let tenant = stack.tenant().await;
    let shown = stack.admin().await.get(&path(&tenant)).await;
    assert_eq!(*shown.expect(200), json!({"provider": "none"}));
    let user = tenant.user().await;
    let seat = tenant.seat().await;
    let hold = user.hold(&[&seat]).await;
    user.confirm(&hold, "pay_1").await.error(503, "PAYMENTS_NOT_CONFIGURED");
    put(&stack.admin().await, &tenant, &json!({"provider": "simulated"})).await.expect(200);
    user.confirm(&hold, "pay_1").await.expect(201);
}

#[tokio::test]
async fn without_sealing_keys_no_real_provider_can_be_set() {
    let stack = Plan { unset: &["SEALING_KEY"], ..Plan::new("unsealed") }.start().await;
    let tenant = stack.tenant().await;
    let admin = stack.admin().await;
    let reply = put(&admin, &tenant, &stripe(SECRET, PUBLIC)).await;
    let error = reply.error(503, "PAYMENTS_NOT_CONFIGURED");
    assert!(error["message"].as_str().unwrap().contains("sealingKeys"), "{error}");
    put(&admin, &tenant, &json!({"provider": "simulated"})).await.expect(200);
}

#[tokio::test]
async fn a_pending_payment_of_the_simulation_keeps_the_hold_also_under_an_idempotency_key() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let seat = tenant.seat().await;
    let hold = user.hold(&[&seat]).await;
    let key = unique("k");
    let body = json!({"reservationToken": hold.token, "paymentId": "pay_pending_1"});
    for _ in 0..2 {
        let call = user.call("POST", "/confirm-booking").header("idempotency-key", &key);
        let reply = call.json(&body).send().await;
        let error = reply.error(409, "PAYMENT_PENDING");
        assert_eq!(error["details"], json!({"paymentStatus": "processing"}));
    }
    user.confirm(&hold, "pay_1").await.expect(201);
}
