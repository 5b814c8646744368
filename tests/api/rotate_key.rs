//! `POST /admin/apps/{appId}/rotate-key`: how long old API keys work beside the new one.

use std::time::{Duration, Instant};

use mongodb::bson::{DateTime, Document, doc};
use serde_json::{Value, json};

use crate::support::{people::Tenant, poll::eventually, reply::keys, stacks, unique};

/// Rotates the key, and returns the tenant with the new one.
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

/// Signs in to an unknown account: the error says whether the app's key was right.
async fn try_key(tenant: &Tenant) -> String {
    let body = json!({
        "email": format!("{}@example.com", unique("nobody")), "password": "not the password",
    });
    tenant.post("/auth/login", &body).await.code().to_owned()
}

const RIGHT_KEY: &str = "INVALID_CREDENTIALS";
const WRONG_KEY: &str = "INVALID_APP_CREDENTIALS";

#[tokio::test]
async fn without_an_overlap_the_old_key_is_dead_at_the_next_request() {
    let old = stacks::usual().await.tenant().await;
    for body in [None, Some(json!({})), Some(json!({"overlapSeconds": 0}))] {
        let old = rotate(&old, None).await;
        for _ in 0..8 {
            assert_eq!(try_key(&old).await, RIGHT_KEY);
        }
        let new = rotate(&old, body).await;
        for _ in 0..8 {
            assert_eq!(try_key(&old).await, WRONG_KEY);
            assert_eq!(try_key(&new).await, RIGHT_KEY);
        }
    }
}

#[tokio::test]
async fn with_an_overlap_both_keys_work_until_it_ends() {
    const OVERLAP: Duration = Duration::from_secs(2);
    let stack = stacks::usual().await;
    let old = stack.tenant().await;
    let new = rotate(&old, Some(json!({"overlapSeconds": 3600}))).await;
    assert_eq!([try_key(&old).await, try_key(&new).await], [RIGHT_KEY, RIGHT_KEY]);

    let old = stack.tenant().await;
    let before = Instant::now();
    let new = rotate(&old, Some(json!({"overlapSeconds": OVERLAP.as_secs()}))).await;
    let after = Instant::now();
    let ended = || async {
        // Only a request entirely within the overlap, or entirely after it, has one right response.
        let sent = after.elapsed();
        let code = try_key(&old).await;
        assert!(code == RIGHT_KEY || before.elapsed() >= OVERLAP, "refused too early");
        assert!(code == WRONG_KEY || sent < OVERLAP, "accepted {sent:?} after the rotation");
        (code == WRONG_KEY).then_some(())
    };
    eventually("the old key ends with its overlap", Duration::from_secs(60), ended).await;
    assert_eq!(try_key(&new).await, RIGHT_KEY);
}

#[tokio::test]
async fn a_key_lives_until_its_own_overlap_ends_however_often_others_are_rotated() {
    let first = stacks::usual().await.tenant().await;
    let hour = || Some(json!({"overlapSeconds": 3600}));
    let mut keys = vec![first.clone()];
    for _ in 0..4 {
        keys.push(rotate(keys.last().unwrap(), hour()).await);
    }
    for key in &keys {
        assert_eq!(try_key(key).await, RIGHT_KEY);
    }
    // Five keys are valid. A sixth is refused, and changes nothing.
    let path = format!("/admin/apps/{}/rotate-key", first.app_id);
    let admin = first.stack.admin().await;
    let refused = admin.post(&path, &json!({"overlapSeconds": 60})).await;
    refused.error(409, "TOO_MANY_KEYS");
    for key in &keys {
        assert_eq!(try_key(key).await, RIGHT_KEY);
    }
    // Without an overlap, every older key ends at once.
    let last = rotate(keys.last().unwrap(), Some(json!({"overlapSeconds": 0}))).await;
    for key in &keys {
        assert_eq!(try_key(key).await, WRONG_KEY);
    }
    assert_eq!(try_key(&last).await, RIGHT_KEY);
    rotate(&last, hour()).await;
}

#[tokio::test]
async fn a_key_whose_overlap_has_ended_makes_room_and_is_deleted() {
    let first = stacks::usual().await.tenant().await;
    let mut keys = vec![first.clone()];
    for _ in 0..4 {
        keys.push(rotate(keys.last().unwrap(), Some(json!({"overlapSeconds": 3600}))).await);
    }
    let apps = first.stack.database().await.collection::<Document>("apps");
    let this = doc! {"appId": &first.app_id};
    let ended = doc! {"$set": {"previousKeys.1.until": DateTime::from_millis(0)}};
    apps.update_one(this.clone(), ended).await.unwrap();
    rotate(keys.last().unwrap(), Some(json!({"overlapSeconds": 3600}))).await;
    let app = apps.find_one(this).await.unwrap().unwrap();
    let kept = app.get_array("previousKeys").unwrap();
    assert_eq!(kept.len(), 4);
    let times = kept.iter().map(|key| key.as_document().unwrap().get_datetime("until").unwrap());
    assert!(times.into_iter().all(|until| until.timestamp_millis() > 0));
}

/// Earlier versions stored no tags, and kept the tag of the key before when they rotated one.
#[tokio::test]
async fn keys_that_an_earlier_version_stored_work() {
    let stack = stacks::usual().await;
    let old = stack.tenant().await;
    let apps = stack.database().await.collection::<Document>("apps");
    let this = doc! {"appId": &old.app_id};
    apps.update_one(this.clone(), doc! {"$unset": {"apiKeyTag": ""}}).await.unwrap();
    let new = rotate(&old, Some(json!({"overlapSeconds": 3600}))).await;
    assert_eq!([try_key(&old).await, try_key(&new).await], [RIGHT_KEY, RIGHT_KEY]);

    let (one, other) = (stack.tenant().await, stack.tenant().await);
    let tag = apps.find_one(doc! {"appId": &other.app_id}).await.unwrap().unwrap();
    let tag = tag.get_str("apiKeyTag").unwrap();
    let this = doc! {"appId": &one.app_id};
    apps.update_one(this, doc! {"$set": {"apiKeyTag": tag}}).await.unwrap();
    assert_eq!(try_key(&one).await, RIGHT_KEY);
}

#[tokio::test]
async fn an_app_that_does_not_exist_has_no_key() {
    let admin = stacks::usual().await.admin().await;
    for app_id in ["no-such-app", "Not_An_Id"] {
        let reply = admin.post(&format!("/admin/apps/{app_id}/rotate-key"), &json!({})).await;
        reply.error(404, "APP_NOT_FOUND");
    }
}
