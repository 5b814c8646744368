//! Which passwords are accepted, how they are hashed, and that many sign-ins at once do not
//! slow other requests down.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use super::sign_ins::{ground, login, process};
use crate::support::{
    people::User,
    poll::eventually,
    processor_time::processor_time,
    runtime_api::{Environment, Event},
    stacks::Stack,
    unique,
};

const BUDGET: Duration = Duration::from_secs(25);

async fn hash_of(stack: &Stack, user: &User) -> String {
    let users = stack.database().await.collection::<Document>("users");
    let user = users.find_one(doc! {"email": &user.email}).await.unwrap().expect("the user");
    user.get_str("passwordHash").unwrap().to_owned()
}

#[tokio::test]
async fn a_password_that_everybody_tries_first_is_refused() {
    let stack = ground().await;
    let tenant = stack.tenant().await;
    let local = unique("somebody");
    let email = format!("{local}@example.com");
    let common = "is one of the most common passwords";
    for (password, reason) in [
        ("1234567890", common),
        ("Password123", common),
        ("qwertyuiop", common),
        (email.as_str(), "must not be the e-mail address"),
        (&local.to_uppercase(), "must not be the e-mail address"),
        ("short", "must have 10 to 128 characters"),
    ] {
        let body = json!({"email": email, "password": password, "name": "A"});
        let reply = tenant.post("/auth/signup", &body).await;
        let error = reply.error(400, "VALIDATION_ERROR");
        assert_eq!(
            error["details"]["fields"],
            json!([{"field": "password", "reason": reason}]),
            "{password}"
        );
    }
    let users = stack.database().await.collection::<Document>("users");
    assert_eq!(users.count_documents(doc! {"email": &email}).await.unwrap(), 0);
    let body = json!({"email": email, "password": "1234567890 and more", "name": "A"});
    tenant.post("/auth/signup", &body).await.expect(201);
}

#[tokio::test]
async fn the_next_sign_in_hashes_again_when_the_cost_has_risen() {
    let stack = ground().await;
    let user = stack.tenant().await.user().await;
    let sign_in = async |process: &Environment, password: &str| {
        process.call(&login(&user.tenant, &user.email, password, "198.51.100.21"), BUDGET).await
    };
    let first = hash_of(&stack, &user).await;
    assert!(first.starts_with("$2b$10$"), "{first}");
    let (same, higher) = tokio::join!(
        process(&stack, "login", &[]),
        process(&stack, "login", &[("BCRYPT_COST", "12")])
    );
    sign_in(&same, &user.password).await.expect(200);
    sign_in(&higher, "not the password").await.error(401, "INVALID_CREDENTIALS");
    assert_eq!(hash_of(&stack, &user).await, first, "nothing calls for another");
    sign_in(&higher, &user.password).await.expect(200);
    let second = hash_of(&stack, &user).await;
    assert!(second.starts_with("$2b$12$"), "{second}");
    for process in [&higher, &same] {
        sign_in(process, &user.password).await.expect(200);
        sign_in(process, "not the password").await.error(401, "INVALID_CREDENTIALS");
    }
    assert_eq!(hash_of(&stack, &user).await, second);
}

#[tokio::test]
async fn a_hash_of_an_outdated_cost_cannot_be_told_by_the_time() {
    let stack = ground().await;
    let user = stack.tenant().await.user().await;
    // Eight times the work of the stored hash. No other test uses this cost.
    let cost = ("BCRYPT_COST", "13");
    let process = process(&stack, "login", &[cost]).await;
    let it = [cost, ("MONGODB_DATABASE", stack.database.as_str())];
    let mut spent = [Duration::ZERO; 2];
    for n in 0..3 {
        let nobody = format!("{}@example.com", unique("nobody"));
        for (side, email) in [&user.email, &nobody].into_iter().enumerate() {
            let wrong = login(&user.tenant, email, "not the password", "198.51.100.22");
            let before = processor_time(&it);
            process.call(&wrong, BUDGET).await.error(401, "INVALID_CREDENTIALS");
            let Some(took) = processor_time(&it).zip(before).map(|(after, before)| after - before)
            else {
                return;
            };
            // The first request also opens connections and verifies the app's key.
            spent[side] += if n > 0 { took } else { Duration::ZERO };
        }
    }
    let (least, most) = (spent[0].min(spent[1]), spent[0].max(spent[1]));
    assert!(least * 3 > most, "one costs more than the other: {spent:?}");
}

#[tokio::test]
async fn too_many_sign_ins_are_refused_in_time_and_delay_no_other_request() {
    const STORM: usize = 120;
    let stack = ground().await;
    let (tenant, other) = (stack.tenant().await, stack.tenant().await);
    // At this cost the process cannot check all of them in time.
    let settings = [("BCRYPT_COST", "12"), ("AWS_LAMBDA_MAX_CONCURRENCY", "128")];
    let process = process(&stack, "login", &settings).await;
    let budget = Duration::from_secs(20);
    let waiting = AtomicUsize::new(STORM);
    let storm = join_all((0..STORM).map(|n| {
        let email = format!("{}@example.com", unique("nobody"));
        let event = login(&tenant, &email, "not the password", &format!("198.51.100.{n}"));
        let (call, waiting) = (process.invoke(&event, budget), &waiting);
        async move {
            let reply = call.reply().await;
            waiting.fetch_sub(1, Ordering::Relaxed);
            reply
        }
    }));
    let bystander = async {
        // The first are refused as soon as the queue is full.
        let full = || async { (waiting.load(Ordering::Relaxed) < STORM).then_some(()) };
        eventually("the queue is full", BUDGET, full).await;
        // Another app's key, which this process has not checked yet. And then a body that needs no
        // password.
        let mut event = login(&other, "a@example.com", "", "203.0.113.77");
        event.payload["body"] = "{".into();
        process.call(&event, BUDGET).await.error(400, "INVALID_JSON");
        waiting.load(Ordering::Relaxed)
    };
    let (replies, still_waiting) = tokio::join!(storm, bystander);
    let (mut checked, mut turned_away) = (0, 0);
    for reply in &replies {
        match reply.status {
            401 => checked += 1,
            _ => {
                reply.error(503, "SERVICE_UNAVAILABLE");
                assert!(reply.header("retry-after").is_some(), "{reply}");
                turned_away += 1;
            }
        }
    }
    assert!(checked > 0 && turned_away > 0, "{checked} checked, {turned_away} turned away");
    // Later requests did not queue behind the many sign-ins.
    assert!(still_waiting > 0, "the bystander waited until the storm was over");
    // Afterwards a sign-in is fast again.
    let user = tenant.user().await;
    let right = login(&tenant, &user.email, &user.password, "203.0.113.78");
    process.call(&right, BUDGET).await.expect(200);
    let known: Value =
        process.call(&Event::of(&user, "POST", "/auth/login", &json!({})), BUDGET).await.body;
    assert_eq!(known["error"]["code"], "VALIDATION_ERROR", "{known}");
}
