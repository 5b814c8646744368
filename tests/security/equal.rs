//! Same body, same time: what does not exist cannot be told from what was guessed wrong. Time is
//! counted in bcrypts, and in the processor time of the one process that answers, which no other
//! load on the machine changes.

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};
use shared::auth::api_key::ApiKey;

use super::{
    ask::{Ask, Door},
    scene::Scene,
};
use crate::support::{reply::Reply, routes, unique};

/// How often each of two requests is asked, in turns.
const TURNS: usize = 20;

/// What the kernel counts processor time in, on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

/// The processor time of the function's processes on that database; `None` where there is no
/// `/proc`.
fn processor_time(database: &str, function: &str) -> Option<Duration> {
    let wanted =
        [format!("MONGODB_DATABASE={database}"), format!("AWS_LAMBDA_FUNCTION_NAME={function}")];
    let mut ticks = None;
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let has = |setting: &String| {
            environment.split(|byte| *byte == 0).any(|found| found == setting.as_bytes())
        };
        if wanted.iter().all(has) {
            ticks = Some(ticks.unwrap_or(0) + ticks_of(&entry.path()));
        }
    }
    Some(TICK * ticks?)
}

/// User and system time: the twelfth and thirteenth field after the name, which may hold anything.
fn ticks_of(process: &Path) -> u32 {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields.get(11..13).into_iter().flatten().filter_map(|ticks| ticks.parse::<u32>().ok()).sum()
}

/// The answer without what is its own.
fn comparable(reply: &Reply) -> (u16, Value, Vec<(String, String)>) {
    let mut body = reply.body.clone();
    body["error"]["requestId"] = Value::Null;
    let own = ["x-request-id", "date", "ratelimit", "content-length"];
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let mut headers: Vec<_> =
        reply.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    headers.retain(|(name, _)| !own.contains(&name.as_str()));
    headers.sort();
    (reply.status, body, headers)
}

/// Asks both in turns, and compares answers, hashes and processor time.
async fn cannot_be_told_apart(scene: &Scene, one: impl Fn() -> Ask, other: impl Fn() -> Ask) {
    let function = one().route.function();
    // The process learns the app's key first, which is a bcrypt too.
    Door::Http.send(&scene.stack, &scene.right(&one().route)).await;
    let mut spent = [Duration::ZERO; 2];
    let mut seen = Vec::new();
    for _ in 0..TURNS {
        for (side, ask) in [one(), other()].into_iter().enumerate() {
            let hashes = Door::Http.hashes(&scene.stack, function);
            let before = processor_time(&scene.stack.database, function);
            let reply = Door::Http.send(&scene.stack, &ask).await;
            let after = processor_time(&scene.stack.database, function);
            spent[side] +=
                after.zip(before).map(|(after, before)| after - before).unwrap_or_default();
            assert_eq!(
                Door::Http.hashes(&scene.stack, function) - hashes,
                1,
                "one bcrypt: {reply}"
            );
            assert_eq!(reply.status, 401, "{reply}");
            seen.push(comparable(&reply));
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "they differ: {seen:?}");
    if Path::new("/proc/self/stat").exists() {
        let (least, most) = (spent[0].min(spent[1]), spent[0].max(spent[1]));
        assert!(least >= TICK * TURNS as u32, "no bcrypt costs so little: {spent:?}");
        assert!(least * 10 >= most * 6, "one costs more than the other: {spent:?}");
    }
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password() {
    let scene = Scene::new().await;
    let login = |email: String, password: &str| {
        scene
            .right(&routes::one("POST", "/auth/login"))
            .json(&json!({"email": email, "password": password}))
    };
    // An account may have a few wrong passwords a minute: each guess is at another one.
    let people = scene.tenant.users(TURNS).await;
    let next = std::cell::Cell::new(0);
    let known = || {
        next.set(next.get() + 1);
        login(people[next.get() % TURNS].email.clone(), "not the password")
    };
    cannot_be_told_apart(&scene, known, || {
        login(format!("{}@example.com", unique("nobody")), "not the password")
    })
    .await;
}

#[tokio::test]
async fn an_unknown_app_and_a_wrong_key() {
    let scene = Scene::new().await;
    // Each time another key: one that was just found wrong is known to be.
    let wrong = || {
        scene
            .right(&routes::one("GET", "/bookings"))
            .header("x-api-key", ApiKey::generate().expose())
    };
    cannot_be_told_apart(&scene, wrong, || wrong().header("x-app-id", unique("no-such-app"))).await;
    cannot_be_told_apart(&scene, wrong, || wrong().header("x-app-id", "Not An Id")).await;
    let off = &scene.gone.tenant.app_id;
    cannot_be_told_apart(&scene, wrong, || wrong().header("x-app-id", off)).await;
}

#[tokio::test]
async fn the_admins_address_and_another() {
    let scene = Scene::new().await;
    let login = |email: &str| {
        let body = json!({"email": email, "password": "not the password"});
        scene.right(&routes::one("POST", "/admin/login")).json(&body)
    };
    // The admin has one account, and it waits after five wrong passwords: two are enough to
    // compare.
    let mut seen = Vec::new();
    for email in
        [scene.stack.credentials.email.clone(), format!("{}@example.com", unique("nobody"))]
    {
        let hashes = Door::Http.hashes(&scene.stack, "admin-login");
        let reply = Door::Http.send(&scene.stack, &login(&email)).await;
        assert_eq!(
            Door::Http.hashes(&scene.stack, "admin-login") - hashes,
            1,
            "one bcrypt: {reply}"
        );
        reply.error(401, "INVALID_CREDENTIALS");
        seen.push(comparable(&reply));
    }
    assert_eq!(seen[0], seen[1]);
}
