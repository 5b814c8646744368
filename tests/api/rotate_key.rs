//! `POST /admin/apps/{appId}/rotate-key`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{people::Tenant, poll::eventually, reply::keys, stacks, unique};

/// Rotates, and returns the tenant as it is with the new key.
async fn rotate(tenant: &Tenant, body: Option<Value>) -> Tenant {
    let path = format!("/admin/apps/{}/rotate-key", tenant.app_id);
    let admin = tenant.stack.admin().await;
    let call = admin.call("POST", &path);
    let reply = match body {
        Some(body) => call.json(&body).send().await,
        None => call.send().await,
    };
    let data = reply.expect(200);
    keys(data, &["apiKey"], &[], "rotate");
    let api_key = data["apiKey"].as_str().unwrap().to_owned();
    assert_ne!(api_key, tenant.api_key);
    let mut rotated = tenant.clone();
    rotated.api_key = api_key;
    rotated
}

/// What a login attempt of nobody says about the app: its key was right or wrong.
async fn knocks(tenant: &Tenant) -> String {
    let body = json!({"email": format!("{}@example.com", unique("nobody")), "password": "not the password"});
    tenant.post("/auth/login", &body).await.code().to_owned()
}

const IN: &str = "INVALID_CREDENTIALS";
const OUT: &str = "INVALID_APP_CREDENTIALS";

#[tokio::test]
async fn without_an_overlap_the_old_key_is_dead_at_the_next_request() {
    let old = stacks::usual().await.tenant().await;
    for body in [None, Some(json!({})), Some(json!({"overlapSeconds": 0}))] {
        let old = rotate(&old, None).await;
        for _ in 0..8 {
            assert_eq!(knocks(&old).await, IN);
        }
        let new = rotate(&old, body).await;
        for _ in 0..8 {
            assert_eq!(knocks(&old).await, OUT);
            assert_eq!(knocks(&new).await, IN);
        }
    }
}

#[tokio::test]
async fn with_an_overlap_both_keys_work_until_it_ends() {
    let old = stacks::usual().await.tenant().await;
    let new = rotate(&old, Some(json!({"overlapSeconds": 3}))).await;
    assert_eq!(knocks(&old).await, IN);
    assert_eq!(knocks(&new).await, IN);
    let ended = || async { (knocks(&old).await == OUT).then_some(()) };
    eventually("the old key ends with its overlap", Duration::from_secs(10), ended).await;
    assert_eq!(knocks(&new).await, IN);
}

#[tokio::test]
async fn an_app_that_does_not_exist_has_no_key() {
    let admin = stacks::usual().await.admin().await;
    for app_id in ["no-such-app", "Not_An_Id"] {
        let reply = admin.post(&format!("/admin/apps/{app_id}/rotate-key"), &json!({})).await;
        reply.error(404, "APP_NOT_FOUND");
    }
}
