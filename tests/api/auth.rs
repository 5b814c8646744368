//! The order in which the layers of authentication refuse a request that is wrong in several ways,
//! and clients that need no origin. Requests that are wrong in one way are `security::matrix`.

use serde_json::json;

use crate::support::{
    call::Call,
    routes::{self, Audience, Route},
    stacks, unique,
};

/// Everything after the credentials is wrong, so the response can only be about the credentials.
fn spoiled(call: Call, route: &Route) -> Call {
    if route.body.is_some() { call.raw("{ not json") } else { call }
}

#[tokio::test]
async fn the_apps_credentials_come_first_then_its_origin_its_switch_the_user_and_the_body() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let off = stack.tenant().await;
    let switch = format!("/admin/apps/{}", off.app_id);
    stack.admin().await.patch(&switch, &json!({"isActive": false})).await.expect(200);
    for route in routes::callable_by(&[Audience::App, Audience::User]) {
        let on = |page: &crate::support::people::Tenant| {
            spoiled(page.call(route.method, &route.path), &route).bearer("garbage")
        };
        let elsewhere = |call: Call| call.header("origin", "https://evil.example.org");
        elsewhere(on(&off)).without("x-api-key").send().await.error(401, "APP_AUTH_REQUIRED");
        elsewhere(on(&off))
            .header("x-api-key", "x")
            .send()
            .await
            .error(401, "INVALID_APP_CREDENTIALS");
        elsewhere(on(&off)).send().await.error(403, "ORIGIN_NOT_ALLOWED");
        on(&off).send().await.error(403, "APP_INACTIVE");
        if route.audience == Audience::User {
            on(&tenant).send().await.error(401, "UNAUTHENTICATED");
        }
        if route.body.is_some() {
            on(&tenant).bearer(&user.token).send().await.error(400, "INVALID_JSON");
        }
    }
}

#[tokio::test]
async fn a_server_needs_no_origin_where_the_app_says_so() {
    let stack = stacks::usual().await;
    let app_id = unique("app");
    let body = json!({
        "appId": app_id, "name": "S", "domain": "BUS", "allowedDomains": [],
        "allowServerRequests": true,
    });
    let reply = stack.admin().await.post("/admin/apps", &body).await;
    let key = reply.expect(201)["apiKey"].as_str().unwrap().to_owned();
    let login = json!({
        "email": format!("{}@example.com", unique("nobody")), "password": "not the password",
    });
    let call =
        stack.call("POST", "/auth/login").header("x-app-id", &app_id).header("x-api-key", key);
    call.clone().json(&login).send().await.error(401, "INVALID_CREDENTIALS");
    let page = call.header("origin", "https://page.example.com");
    page.json(&login).send().await.error(403, "ORIGIN_NOT_ALLOWED");
}
