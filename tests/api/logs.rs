//! What the functions write: JSON lines, with nothing in them that opens a door.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{payment, poll::eventually, stacks, unique};

#[tokio::test]
async fn no_log_line_carries_what_must_not_be_seen_and_each_request_can_be_found() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let wrong = unique("wrong-password");
    tenant
        .post("/auth/login", &json!({"email": user.email, "password": wrong}))
        .await
        .error(401, "INVALID_CREDENTIALS");
    user.call("POST", "/auth/login").raw(format!("{{\"password\":\"{wrong}\"")).send().await.error(400, "INVALID_JSON");
    user.call("GET", "/bookings").header("x-api-key", format!("{}x", tenant.api_key)).send().await;
    let hold = user.hold(&[&seat]).await;
    let reply = user.confirm(&hold, &payment()).await;
    reply.expect(201);
    let id = reply.header("x-request-id").unwrap().to_owned();
    let read = || {
        let files = std::fs::read_dir(&stack.logs).unwrap().flatten();
        let names = files.map(|f| f.path()).filter(|p| !p.ends_with("cargo-lambda.log"));
        names.map(|p| std::fs::read_to_string(p).unwrap()).collect::<String>()
    };
    let line = || async { read().lines().find(|l| l.contains(&id)).map(str::to_owned) };
    let line = eventually("the request is in the log", Duration::from_secs(10), line).await;
    let line: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
    assert!(line["timestamp"].is_string(), "Lambda takes a line without one for plain text: {line}");
    assert!(line["level"].is_string(), "{line}");

    let logs = read();
    let hidden = [
        &wrong,
        &user.password,
        &user.token,
        &tenant.api_key,
        &stack.credentials.password,
        &stack.credentials.password_hash,
        &stack.credentials.admin_jwt_secret,
        &stack.credentials.user_jwt_secret,
        &stack.mongodb_uri,
    ];
    for secret in hidden {
        assert!(!logs.contains(secret.as_str()), "a log carries {secret}");
    }
    for word in ["$2b$10$", "eyJ", "ubk_"] {
        let line = logs.lines().find(|l| l.contains(word));
        assert!(line.is_none(), "{word}: {line:?}");
    }
    let prose = logs.lines().find(|l| !l.is_empty() && serde_json::from_str::<Value>(l).is_err());
    assert!(prose.is_none(), "not JSON: {prose:?}");
}
