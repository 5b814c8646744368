//! `POST /auth/login`: one account for all apps. A refusal does not say what was wrong.

use serde_json::{Value, json};

use crate::support::{reply::keys, stacks, unique};

#[tokio::test]
async fn a_login_returns_what_the_signup_returned() {
    let user = stacks::usual().await.tenant().await.user().await;
    let body =
        json!({"email": format!(" {} ", user.email.to_uppercase()), "password": user.password});
    let reply = user.tenant.post("/auth/login", &body).await;
    let data = reply.expect(200);
    keys(data, &["token", "tokenType", "expiresIn", "user"], &[], "login");
    assert_eq!((&data["tokenType"], &data["expiresIn"]), (&json!("Bearer"), &json!(604_800)));
    assert_eq!(
        data["user"],
        json!({"userId": user.user_id, "email": user.email, "name": "A user"})
    );
    let token = data["token"].as_str().unwrap();
    user.call("GET", "/bookings").bearer(token).send().await.expect(200);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_cannot_be_told_apart() {
    let user = stacks::usual().await.tenant().await.user().await;
    let nobody = format!("{}@example.com", unique("nobody"));
    let attempts = [
        json!({"email": user.email, "password": "not the password"}),
        json!({"email": nobody, "password": user.password}),
        json!({"email": user.email, "password": "x".repeat(72)}),
        json!({"email": user.email, "password": "x".repeat(1024)}),
        json!({"email": nobody, "password": "x".repeat(1024)}),
    ];
    let mut messages: Vec<Value> = Vec::new();
    for body in attempts {
        let reply = user.tenant.post("/auth/login", &body).await;
        let error = reply.error(401, "INVALID_CREDENTIALS");
        keys(error, &["code", "message", "requestId"], &[], "no details");
        messages.push(error["message"].clone());
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "{messages:?}");
}

#[tokio::test]
async fn one_account_serves_all_apps_with_a_token_for_each() {
    let stack = stacks::usual().await;
    let (here, there) = (stack.tenant().await, stack.tenant().await);
    let user = here.user().await;
    let body = json!({"email": user.email, "password": user.password});
    let reply = there.post("/auth/login", &body).await;
    let data = reply.expect(200);
    assert_eq!(data["user"]["userId"], user.user_id);
    let token = data["token"].as_str().unwrap();
    there.call("GET", "/bookings").bearer(token).send().await.expect(200);
    here.call("GET", "/bookings").bearer(token).send().await.error(403, "TOKEN_APP_MISMATCH");
}
