//! The three layers of authentication, asked of every route, in the contract's order and before the body is looked at.

use serde_json::json;

use crate::support::{
    call::Call,
    people::{Tenant, User},
    routes::{self, Layer, Route},
    stacks, tokens, unique,
};

/// Nothing of the request's content is right, so that only what is asked before it can be told.
fn spoiled(call: Call, route: &Route) -> Call {
    if route.body.is_some() { call.raw("{ not json") } else { call }
}

fn as_user(user: &User, route: &Route) -> Call {
    spoiled(user.call(route.method, route.path), route)
}

#[tokio::test]
async fn the_app_is_asked_first() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let other = stack.tenant().await;
    let last = if tenant.api_key.ends_with('0') { "1" } else { "0" };
    let misspelt = format!("{}{last}", &tenant.api_key[..47]);
    for route in routes::of(&[Layer::App, Layer::User]) {
        // Neither a wrong origin nor a wrong token is told to somebody who is no app.
        let ask = || as_user(&user, &route).bearer("garbage").header("origin", "https://evil.example.org");
        for missing in ["x-app-id", "x-api-key"] {
            ask().without(missing).send().await.error(401, "APP_AUTH_REQUIRED");
        }
        ask().without("x-app-id").without("x-api-key").send().await.error(401, "APP_AUTH_REQUIRED");
        let wrong = [
            ("x-app-id", "no-such-app"),
            ("x-app-id", "Not An Id"),
            ("x-api-key", other.api_key.as_str()),
            ("x-api-key", misspelt.as_str()),
            ("x-api-key", "ubk_short"),
            ("x-api-key", "x"),
        ];
        let mut messages = Vec::new();
        for (name, value) in wrong {
            let reply = ask().header(name, value).send().await;
            messages.push(reply.error(401, "INVALID_APP_CREDENTIALS")["message"].clone());
        }
        messages.dedup();
        assert_eq!(messages.len(), 1, "unknown app and wrong key differ: {messages:?}");
        ask().send().await.error(403, "ORIGIN_NOT_ALLOWED");
        ask().without("origin").send().await.error(403, "ORIGIN_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn an_inactive_app_is_refused_on_every_route() {
    let tenant = stacks::usual().await.tenant().await;
    let user = tenant.user().await;
    let path = format!("/admin/apps/{}", tenant.app_id);
    tenant.stack.admin().await.patch(&path, &json!({"isActive": false})).await.expect(200);
    for route in routes::of(&[Layer::App, Layer::User]) {
        as_user(&user, &route).bearer("garbage").send().await.error(403, "APP_INACTIVE");
    }
}

#[tokio::test]
async fn a_server_needs_no_origin_where_the_app_says_so() {
    let stack = stacks::usual().await;
    let app_id = unique("app");
    let body =
        json!({"appId": app_id, "name": "S", "domain": "BUS", "allowedDomains": [], "allowServerRequests": true});
    let reply = stack.admin().await.post("/admin/apps", &body).await;
    let key = reply.expect(201)["apiKey"].as_str().unwrap().to_owned();
    let login = json!({"email": "nobody@example.com", "password": "not the password"});
    let call = stack.call("POST", "/auth/login").header("x-app-id", &app_id).header("x-api-key", key);
    call.clone().json(&login).send().await.error(401, "INVALID_CREDENTIALS");
    let page = call.header("origin", "https://page.example.com");
    page.json(&login).send().await.error(403, "ORIGIN_NOT_ALLOWED");
}

/// Tokens that say nothing about who asks, each with the code that tells so.
fn bad_user_tokens(user: &User, admin_token: &str) -> Vec<(&'static str, String, &'static str)> {
    let secret = &user.tenant.stack.credentials.user_jwt_secret;
    let token = &user.token;
    let claim = |name: &'static str, value: serde_json::Value| {
        tokens::resign(token, secret, |_, claims| {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value;
            }
        })
    };
    vec![
        ("garbage", "garbage".into(), "UNAUTHENTICATED"),
        ("empty", String::new(), "UNAUTHENTICATED"),
        ("three dots", "a.b.c".into(), "UNAUTHENTICATED"),
        ("an admin's", admin_token.into(), "UNAUTHENTICATED"),
        ("unsigned", tokens::unsigned(token), "UNAUTHENTICATED"),
        (
            "signed by somebody else",
            tokens::resign(token, "another secret of some length", |_, _| ()),
            "UNAUTHENTICATED",
        ),
        ("of an unknown key", tokens::resign(token, secret, |h, _| h.kid = Some("unknown".into())), "UNAUTHENTICATED"),
        ("cut short", token[..token.len() - 2].into(), "UNAUTHENTICATED"),
        ("without an end", claim("exp", json!(null)), "UNAUTHENTICATED"),
        ("with an end that is no number", claim("exp", json!("tomorrow")), "UNAUTHENTICATED"),
        ("without a subject", claim("sub", json!(null)), "UNAUTHENTICATED"),
        ("for another audience", claim("aud", json!("somebody else")), "UNAUTHENTICATED"),
        ("by another issuer", claim("iss", json!("somebody else")), "UNAUTHENTICATED"),
        ("over", tokens::expired(token, secret), "TOKEN_EXPIRED"),
    ]
}

#[tokio::test]
async fn then_the_user_is_asked() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let neighbour = stack.tenant().await.user().await;
    let admin = stack.admin().await.token;
    let resigned = tokens::resign(&user.token, &stack.credentials.user_jwt_secret, |_, _| ());
    user.call("GET", "/bookings").bearer(&resigned).send().await.expect(200);
    for route in routes::of(&[Layer::User]) {
        as_user(&user, &route).without("authorization").send().await.error(401, "UNAUTHENTICATED");
        let basic = as_user(&user, &route).header("authorization", format!("Basic {}", user.token));
        basic.send().await.error(401, "UNAUTHENTICATED");
        for (what, token, code) in bad_user_tokens(&user, &admin) {
            let reply = as_user(&user, &route).bearer(&token).send().await;
            assert_eq!(reply.code(), code, "a token {what}: {reply}");
            reply.error(401, code);
        }
        let reply = as_user(&user, &route).bearer(&neighbour.token).send().await;
        reply.error(403, "TOKEN_APP_MISMATCH");
    }
}

#[tokio::test]
async fn and_only_then_the_body() {
    let user = stacks::usual().await.tenant().await.user().await;
    for route in routes::of(&[Layer::App, Layer::User]) {
        if route.body.is_some() {
            as_user(&user, &route).send().await.error(400, "INVALID_JSON");
        }
    }
}

#[tokio::test]
async fn admin_routes_ask_for_the_admin_and_for_no_app() {
    let stack = stacks::usual().await;
    let admin = stack.admin().await;
    let user = stack.tenant().await.user().await;
    let secret = &stack.credentials.admin_jwt_secret;
    let resigned = tokens::resign(&admin.token, secret, |_, _| ());
    admin.call("GET", "/admin/apps").bearer(&resigned).send().await.expect(200);
    let bad = [
        ("garbage", "garbage".to_owned(), "UNAUTHENTICATED"),
        ("a user's", user.token.clone(), "UNAUTHENTICATED"),
        ("unsigned", tokens::unsigned(&admin.token), "UNAUTHENTICATED"),
        ("over", tokens::expired(&admin.token, secret), "TOKEN_EXPIRED"),
        (
            "of another role",
            tokens::resign(&admin.token, secret, |_, claims| claims["role"] = json!("USER")),
            "UNAUTHENTICATED",
        ),
        (
            "signed with the users' secret",
            tokens::resign(&admin.token, &stack.credentials.user_jwt_secret, |_, _| ()),
            "UNAUTHENTICATED",
        ),
    ];
    for route in routes::of(&[Layer::Admin]) {
        let ask = || spoiled(admin.call(route.method, route.path), &route);
        ask().without("authorization").send().await.error(401, "UNAUTHENTICATED");
        for (what, token, code) in &bad {
            let reply = ask().bearer(token).send().await;
            assert_eq!(reply.code(), *code, "a token {what}: {reply}");
            reply.error(401, code);
        }
        if route.body.is_some() {
            ask().send().await.error(400, "INVALID_JSON");
        }
    }
}

/// The headers of an app give no right on admin routes, nor does an admin's token replace them elsewhere.
#[tokio::test]
async fn no_layer_stands_in_for_another() {
    let stack = stacks::usual().await;
    let tenant: Tenant = stack.tenant().await;
    let admin = stack.admin().await;
    for route in routes::of(&[Layer::Admin]) {
        let reply = spoiled(tenant.call(route.method, route.path), &route).send().await;
        reply.error(401, "UNAUTHENTICATED");
    }
    for route in routes::of(&[Layer::App, Layer::User]) {
        let reply = spoiled(admin.call(route.method, route.path), &route).send().await;
        reply.error(401, "APP_AUTH_REQUIRED");
    }
}
