//! Secret keys: `/admin/apps/{appId}/secret-keys`, and what a tenant's server may do with one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    people::{Admin, PRICE, Tenant},
    reply::{Reply, keys, time},
    stacks, unique,
};

fn path(tenant: &Tenant) -> String {
    format!("/admin/apps/{}/secret-keys", tenant.app_id)
}

async fn create_seat(server: &Admin, app_id: &str) -> Reply {
    let seats = json!([{"seatNumber": "A1", "price": PRICE}]);
    let body = json!({"appId": app_id, "entityId": unique("e"), "currency": "INR", "seats": seats});
    server.post("/admin/seats", &body).await
}

async fn listed(tenant: &Tenant) -> Vec<Value> {
    let reply = tenant.stack.admin().await.get(&path(tenant)).await;
    reply.expect(200)["secretKeys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_key_is_shown_once_and_listed_without_its_text() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    assert!(listed(&tenant).await.is_empty());
    let reply = admin.post(&path(&tenant), &json!({"name": "Box office"})).await;
    let key = reply.expect(201);
    keys(key, &["keyId", "name", "secretKey"], &[], "a new key");
    assert_eq!(key["name"], "Box office");
    let text = key["secretKey"].as_str().unwrap();
    assert!(text.starts_with("ubs_") && text.len() == 48, "{text}");

    let [unused] = &listed(&tenant).await[..] else { panic!("one key") };
    keys(unused, &["keyId", "name", "createdAt"], &[], "an unused key");
    assert_eq!((&unused["keyId"], &unused["name"]), (&key["keyId"], &json!("Box office")));
    time(&unused["createdAt"]);

    let server = stack.call("GET", "/admin/bookings").bearer(text);
    server.send().await.expect(200);
    let [used] = &listed(&tenant).await[..] else { panic!("one key") };
    assert_eq!(time(&used["lastUsedAt"]) % 86_400_000, 0, "a day, and no time of it: {used}");
}

#[tokio::test]
async fn an_app_has_at_most_ten_keys_also_when_they_are_created_at_once() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    let (path, body) = (path(&tenant), json!({"name": "K"}));
    let replies = futures_util::future::join_all((0..14).map(|_| admin.post(&path, &body))).await;
    let (created, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status == 201);
    assert_eq!((created.len(), listed(&tenant).await.len()), (10, 10));
    for reply in refused {
        assert_eq!(reply.error(409, "LIMIT_REACHED")["details"]["limit"], 10);
    }
    let one = created[0].expect(201)["keyId"].as_str().unwrap();
    admin.delete(&format!("{path}/{one}")).await.expect(200);
    admin.post(&path, &body).await.expect(201);
}

#[tokio::test]
async fn a_deleted_key_stops_working_at_once_in_every_process() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    let (key_id, server) = tenant.server().await;
    for _ in 0..8 {
        server.get("/admin/bookings").await.expect(200);
    }
    let path = format!("{}/{key_id}", path(&tenant));
    let reply = admin.delete(&path).await;
    assert_eq!(*reply.expect(200), json!({"keyId": key_id, "deleted": true}));
    for _ in 0..8 {
        server.get("/admin/bookings").await.error(401, "UNAUTHENTICATED");
    }
    admin.delete(&path).await.error(404, "SECRET_KEY_NOT_FOUND");
}

#[tokio::test]
async fn without_redis_a_deleted_key_stops_working_within_five_seconds() {
    let functions = &["admin-login", "register-app", "secret-keys", "list-all-bookings"];
    let plan = stacks::Plan {
        own_redis: true,
        functions: Some(functions),
        ..stacks::Plan::new("secretless").unlimited()
    };
    let stack = plan.start().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    let (key_id, server) = tenant.server().await;
    stack.stop_redis().await;
    server.get("/admin/bookings").await.expect(200);
    admin.delete(&format!("{}/{key_id}", path(&tenant))).await.expect(200);
    let deleted = Instant::now();
    loop {
        let sent = deleted.elapsed();
        let reply = server.get("/admin/bookings").await;
        if reply.status == 401 {
            break;
        }
        reply.expect(200);
        assert!(sent < Duration::from_secs(5), "accepted {sent:?} after it was deleted");
    }
}

#[tokio::test]
async fn a_key_manages_its_own_app_and_no_other_exists_for_it() {
    let stack = stacks::usual().await;
    let (tenant, other) = (stack.tenant().await, stack.tenant().await);
    let (_, server) = tenant.server().await;
    create_seat(&server, &tenant.app_id).await.expect(201);
    create_seat(&server, &other.app_id).await.error(404, "APP_NOT_FOUND");

    for app in [&tenant, &other] {
        let seat = app.seat().await;
        app.user().await.book(&[&seat]).await;
    }
    for query in [String::new(), format!("?appId={}", tenant.app_id)] {
        let reply = server.get(&format!("/admin/bookings{query}")).await;
        let bookings = reply.expect(200)["bookings"].as_array().unwrap().clone();
        assert_eq!(bookings.len(), 1, "{reply}");
        assert_eq!(bookings[0]["appId"], tenant.app_id.as_str());
        let reply = server.get(&format!("/admin/analytics{query}")).await;
        let apps = reply.expect(200)["apps"].as_array().unwrap().clone();
        assert_eq!(apps.len(), 1, "{reply}");
        assert_eq!(apps[0]["appId"], tenant.app_id.as_str());
    }
    for list in ["bookings", "analytics"] {
        let reply = server.get(&format!("/admin/{list}?appId={}", other.app_id)).await;
        reply.error(404, "APP_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_key_calls_no_other_admin_route() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let (key_id, server) = tenant.server().await;
    let app = format!("/admin/apps/{}", tenant.app_id);
    let refused = [
        server.get("/admin/apps").await,
        server.post("/admin/apps", &json!({})).await,
        server.patch(&app, &json!({"isActive": true})).await,
        server.post(&format!("{app}/rotate-key"), &json!({})).await,
        server.get(&path(&tenant)).await,
        server.post(&path(&tenant), &json!({"name": "Another"})).await,
        server.delete(&format!("{}/{key_id}", path(&tenant))).await,
    ];
    for reply in refused {
        reply.error(403, "NOT_PERMITTED");
    }
}

#[tokio::test]
async fn a_key_works_while_its_app_is_switched_off() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    let (_, server) = tenant.server().await;
    let app = format!("/admin/apps/{}", tenant.app_id);
    admin.patch(&app, &json!({"isActive": false})).await.expect(200);
    create_seat(&server, &tenant.app_id).await.expect(201);
    server.get("/admin/bookings").await.expect(200);
}

#[tokio::test]
async fn each_key_has_a_limit_of_its_own() {
    let functions =
        &["admin-login", "register-app", "secret-keys", "list-all-bookings", "analytics"];
    let plan = stacks::Plan {
        functions: Some(functions),
        env: vec![("RATE_LIMIT_SECRET", "3/60".to_owned())],
        ..stacks::Plan::new("secrets-limited")
    };
    let stack = plan.start().await;
    let tenant = stack.tenant().await;
    let ((_, first), (_, second)) = (tenant.server().await, tenant.server().await);
    for path in ["/admin/bookings", "/admin/analytics", "/admin/bookings"] {
        let reply = first.get(path).await;
        reply.expect(200);
        assert_eq!(reply.header("ratelimit-policy"), Some("\"secret\";q=3;w=60"), "{reply}");
    }
    first.get("/admin/analytics").await.error(429, "RATE_LIMITED");
    second.get("/admin/analytics").await.expect(200);
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_the_app_and_not_to_the_admin() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    let (_, server) = tenant.server().await;
    let (_, other_server) = tenant.server().await;
    let seats = json!([{"seatNumber": "A1", "price": PRICE}]);
    let body = json!({"appId": tenant.app_id, "entityId": "e", "currency": "INR", "seats": seats});
    let key = unique("key");
    let send = |caller: &Admin| caller.call("POST", "/admin/seats").key(&key).json(&body).send();
    let first = send(&server).await;
    first.expect(201);
    // Keys of one app are replaced by each other.
    let again = send(&other_server).await;
    assert!(again.replayed() && again.body == first.body, "{again}");
    send(&admin).await.error(409, "SEAT_ALREADY_EXISTS");
}
