//! `POST /admin/login`: the token, and what is compared. A refusal does not say what was wrong.

use serde_json::{Value, json};

use crate::support::{reply::keys, stacks, tokens};

#[tokio::test]
async fn the_admin_gets_a_token_for_a_day() {
    let stack = stacks::usual().await;
    let body = json!({"email": stack.credentials.email, "password": stack.credentials.password});
    let reply = stack.call("POST", "/admin/login").json(&body).send().await;
    let data = reply.expect(200);
    keys(data, &["token", "tokenType", "expiresIn"], &[], "admin login");
    assert_eq!((&data["tokenType"], &data["expiresIn"]), (&json!("Bearer"), &json!(86_400)));
    let claims = tokens::claims(data["token"].as_str().unwrap());
    assert_eq!(claims["role"], "ADMIN");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 86_400);
}

#[tokio::test]
async fn the_admins_address_is_compared_trimmed_and_lower_cased() {
    let stack = stacks::usual().await;
    let email = format!("  {}  ", stack.credentials.email.to_uppercase());
    let body = json!({"email": email, "password": stack.credentials.password});
    stack.call("POST", "/admin/login").json(&body).send().await.expect(200);
}

#[tokio::test]
async fn a_wrong_address_and_a_wrong_password_cannot_be_told_apart() {
    let stack = stacks::usual().await;
    let right = &stack.credentials;
    let attempts = [
        json!({"email": right.email, "password": "not the password"}),
        json!({"email": "nobody@example.com", "password": right.password}),
        json!({"email": right.email, "password": "x".repeat(72)}),
        json!({"email": right.email, "password": "x".repeat(1024)}),
        json!({"email": right.email, "password": format!("{}{}", right.password, "x".repeat(100))}),
    ];
    let mut messages: Vec<Value> = Vec::new();
    for body in attempts {
        let reply = stack.call("POST", "/admin/login").json(&body).send().await;
        let error = reply.error(401, "INVALID_CREDENTIALS");
        keys(error, &["code", "message", "requestId"], &[], "no details");
        messages.push(error["message"].clone());
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "{messages:?}");
}
