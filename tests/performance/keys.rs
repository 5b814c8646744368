//! After one process has verified an API key, the others need no bcrypt for it. A value in Redis
//! cannot make a wrong key valid.

use redis::AsyncCommands as _;
use serde_json::Value;

use crate::support::{
    people::{Tenant, User},
    reply::Reply,
    runtime_api::{Environment, Event},
    stacks::{self, Stack},
    unique,
};

async fn cold(stack: &Stack) -> Environment {
    let mut settings = stack.settings();
    settings.insert("AWS_LAMBDA_LOG_LEVEL".to_owned(), "debug".to_owned());
    Environment::start("list-seats", &settings).await
}

/// The response of a process that has never seen the tenant, and how often it ran bcrypt.
async fn call_cold_process(stack: &Stack, user: &User) -> (Reply, usize) {
    let process = cold(stack).await;
    let event = Event::of(user, "GET", "/seats?entityId=hall", &Value::Null);
    let reply = process.call(&event, std::time::Duration::from_secs(25)).await;
    (reply, process.log().matches("\"message\":\"bcrypt\"").count())
}

async fn proofs(stack: &Stack, tenant: &Tenant) -> Vec<String> {
    stack.redis().await.keys(format!("app:proof:{{{}}}:*", tenant.app_id)).await.unwrap()
}

#[tokio::test]
async fn a_cold_process_accepts_a_key_that_another_has_verified() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    // The sign-up was the first request with this key.
    assert_eq!(proofs(&stack, &tenant).await.len(), 1);
    let (reply, hashes) = call_cold_process(&stack, &user).await;
    reply.expect(200);
    assert_eq!(hashes, 0);
    for name in proofs(&stack, &tenant).await {
        let _: i64 = stack.redis().await.del(name).await.unwrap();
    }
    let (reply, hashes) = call_cold_process(&stack, &user).await;
    reply.expect(200);
    assert_eq!(hashes, 1, "without a proof the key is checked");
    assert_eq!(proofs(&stack, &tenant).await.len(), 1, "and proven again");
}

#[tokio::test]
async fn a_proof_of_another_key_app_or_hash_proves_nothing() {
    let stack = stacks::usual().await;
    let (tenant, other) = (stack.tenant().await, stack.tenant().await);
    let (user, stranger) = (tenant.user().await, other.user().await);
    let mut redis = stack.redis().await;
    let (own, others) =
        (proofs(&stack, &tenant).await.remove(0), proofs(&stack, &other).await.remove(0));
    let good: String = redis.get(&others).await.unwrap();
    for forged in [good.as_str(), "", "proof", &"A".repeat(43)] {
        let () = redis.set(&own, forged).await.unwrap();
        let (reply, hashes) = call_cold_process(&stack, &user).await;
        reply.expect(200);
        assert_eq!(hashes, 1, "{forged:?} was believed");
    }
    // A wrong key, for which somebody has copied the proof of the right one.
    let proof: String = redis.get(&own).await.unwrap();
    let mut thief = user.clone();
    thief.tenant.api_key = stranger.tenant.api_key.clone();
    let (reply, _) = call_cold_process(&stack, &thief).await;
    reply.error(401, "INVALID_APP_CREDENTIALS");
    let name = format!("app:proof:{{{}}}:{}", tenant.app_id, others.rsplit_once(':').unwrap().1);
    let () = redis.set(&name, &proof).await.unwrap();
    let (reply, hashes) = call_cold_process(&stack, &thief).await;
    reply.error(401, "INVALID_APP_CREDENTIALS");
    assert_eq!(hashes, 1);
}

#[tokio::test]
async fn a_wrong_key_costs_one_bcrypt_however_many_keys_the_app_has() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let path = format!("/admin/apps/{}/rotate-key", tenant.app_id);
    for _ in 0..4 {
        let body = serde_json::json!({"overlapSeconds": 3600});
        stack.admin().await.post(&path, &body).await.expect(200);
    }
    let (mut wrong, mut unknown) = (user.clone(), user.clone());
    wrong.tenant.api_key = stack.tenant().await.api_key;
    unknown.tenant.app_id = unique("no-such-app");
    for stranger in [wrong, unknown] {
        let (reply, hashes) = call_cold_process(&stack, &stranger).await;
        reply.error(401, "INVALID_APP_CREDENTIALS");
        assert_eq!(hashes, 1, "{reply}");
    }
    // The oldest of the right ones, without a proof.
    for name in proofs(&stack, &tenant).await {
        let _: i64 = stack.redis().await.del(name).await.unwrap();
    }
    let (reply, hashes) = call_cold_process(&stack, &user).await;
    reply.expect(200);
    assert_eq!(hashes, 1);
}

#[tokio::test]
async fn a_key_that_was_rotated_away_is_refused_whatever_was_proven() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    assert_eq!(call_cold_process(&stack, &user).await.1, 0);
    let path = format!("/admin/apps/{}/rotate-key", tenant.app_id);
    let body = serde_json::json!({"overlapSeconds": 0});
    stack.admin().await.post(&path, &body).await.expect(200);
    call_cold_process(&stack, &user).await.0.error(401, "INVALID_APP_CREDENTIALS");
}
