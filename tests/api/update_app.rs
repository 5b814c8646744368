//! `PATCH /admin/apps/{appId}`: a change holds from the app's next request on.

use serde_json::{Value, json};

use super::register_app::APP;
use crate::support::{
    people::Tenant,
    reply::{Reply, keys, strings, time},
    stacks,
};

async fn update(tenant: &Tenant, body: &Value) -> Reply {
    tenant.stack.admin().await.patch(&format!("/admin/apps/{}", tenant.app_id), body).await
}

#[tokio::test]
async fn each_field_changes_alone() {
    let tenant = stacks::usual().await.tenant().await;
    let mut app = update(&tenant, &json!({"name": "A name"})).await.expect(200).clone();
    let changes = [
        ("name", json!("Another name")),
        ("allowedDomains", json!(["https://new.example.com"])),
        ("allowServerRequests", json!(true)),
        ("isActive", json!(false)),
    ];
    for (field, value) in changes {
        let reply = update(&tenant, &json!({field: value})).await;
        let data = reply.expect(200);
        keys(data, APP, &[], "update");
        assert!(time(&data["updatedAt"]) >= time(&app["updatedAt"]), "{reply}");
        app[field] = value;
        app["updatedAt"] = data["updatedAt"].clone();
        assert_eq!(*data, app);
    }
}

#[tokio::test]
async fn a_change_of_nothing_is_refused() {
    let tenant = stacks::usual().await.tenant().await;
    update(&tenant, &json!({})).await.error(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn an_app_needs_an_origin_or_servers() {
    let tenant = stacks::usual().await.tenant().await;
    update(&tenant, &json!({"allowedDomains": []})).await.refuses("allowedDomains");
    let reply = update(&tenant, &json!({"allowedDomains": [], "allowServerRequests": true})).await;
    assert!(strings(&reply.expect(200)["allowedDomains"]).is_empty());
    update(&tenant, &json!({"allowServerRequests": false})).await.error(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn an_app_that_does_not_exist_is_not_found() {
    let admin = stacks::usual().await.admin().await;
    let long = format!("a{}", "b".repeat(63));
    for app_id in ["no-such-app", "Not_An_Id", "a", long.as_str(), "caf%C3%A9", "a%20b"] {
        let reply = admin.patch(&format!("/admin/apps/{app_id}"), &json!({"name": "N"})).await;
        reply.error(404, "APP_NOT_FOUND");
    }
}

/// Every warm function has seen the app before. So a change has to reach their caches.
async fn warm(tenant: &Tenant) -> crate::support::people::User {
    let user = tenant.user().await;
    for _ in 0..16 {
        user.get("/bookings").await.expect(200);
    }
    user
}

#[tokio::test]
async fn a_deactivated_app_is_refused_at_its_next_request_and_comes_back_the_same_way() {
    let tenant = stacks::usual().await.tenant().await;
    let user = warm(&tenant).await;
    for _ in 0..3 {
        update(&tenant, &json!({"isActive": false})).await.expect(200);
        for _ in 0..8 {
            user.get("/bookings").await.error(403, "APP_INACTIVE");
        }
        update(&tenant, &json!({"isActive": true})).await.expect(200);
        for _ in 0..8 {
            user.get("/bookings").await.expect(200);
        }
    }
}

#[tokio::test]
async fn an_origin_taken_from_an_app_is_refused_at_its_next_request() {
    let tenant = stacks::usual().await.tenant().await;
    let user = warm(&tenant).await;
    update(&tenant, &json!({"allowedDomains": ["https://moved.example.com"]})).await.expect(200);
    for _ in 0..8 {
        user.get("/bookings").await.error(403, "ORIGIN_NOT_ALLOWED");
        user.call("GET", "/bookings")
            .header("origin", "https://moved.example.com")
            .send()
            .await
            .expect(200);
    }
}
