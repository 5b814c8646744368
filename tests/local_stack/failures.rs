//! A failed start prints the reason. It names the setting or the index, and quotes no secret.

use mongodb::bson::{Document, doc};

use super::dev::{Dev, Env, env, with};
use crate::support::servers;

/// Starts it, and returns its output after it has given up.
async fn fails(env: &Env) -> String {
    let mut dev = Dev::start(env);
    let status = dev.ended().await;
    let output = dev.output();
    assert_eq!(status.code(), Some(1), "{output}");
    assert!(!dev.dev_env_path().exists(), "{output}");
    for useless in ["INTERNAL", "Something went wrong", "panicked", "a-password"] {
        assert!(!output.contains(useless), "{useless}: {output}");
    }
    output
}

#[tokio::test]
async fn a_wrong_setting_is_named() {
    let all = env().await;
    for (name, value) in [
        ("HOLD_TTL_SECONDS", "0"),
        ("RATE_LIMIT_RESERVE", "60"),
        ("ADMIN_ORIGINS", "*"),
        ("MONGODB_MAX_POOL_SIZE", "many"),
        ("SECRET_MAX_AGE_SECONDS", "1"),
        ("BCRYPT_COST", "4"),
        ("USER_JWT_SECRET", "a-password"),
        ("ADMIN_PASSWORD_HASH", "a-password"),
        ("PORT", "0"),
        ("CONCURRENCY", "0"),
        ("MONGODB_URI", "http://a-password@127.0.0.1"),
        ("REDIS_URL", "http://a-password@127.0.0.1"),
    ] {
        let mut env = with(&all, name, value);
        if name == "SECRET_MAX_AGE_SECONDS" {
            for (name, value) in
                [("SECRET_ID", "s"), ("ADMIN_EMAIL", "a@b.example"), ("ADMIN_PASSWORD", "p")]
            {
                env = with(&env, name, value);
            }
        }
        let output = fails(&env).await;
        assert!(output.contains(&format!("{name}: ")), "{name}={value}: {output}");
    }
}

#[tokio::test]
async fn a_misspelt_setting_is_reported_with_the_one_it_looks_like() {
    let env = with(&env().await, "RATE_LIMT_RESERVE", "1/1");
    // It ends at once, so the test need not wait for a whole start.
    let output = fails(&with(&env, "HOLD_TTL_SECONDS", "0")).await;
    let warning =
        "RATE_LIMT_RESERVE is not a setting and has no effect. Do you mean RATE_LIMIT_RESERVE?";
    assert!(output.contains(warning), "{output}");
}

#[tokio::test]
async fn a_server_that_cannot_be_used_is_named() {
    let all = env().await;
    let port = servers::port_of(&all["REDIS_URL"]);
    let mongodb = servers::mongodb_uri().await.trim_start_matches("mongodb://");
    let full = servers::own_redis("full").await;
    let client = redis::Client::open(full.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    servers::redis_command(&mut connection, &["CONFIG", "SET", "maxmemory", "1"]).await;
    for (name, value, why) in [
        (
            "MONGODB_URI",
            format!("mongodb://somebody:a-password@{mongodb}"),
            "authentication failed",
        ),
        ("MONGODB_URI", "mongodb://127.0.0.1:1/?replicaSet=rs0".to_owned(), "cannot be used"),
        ("REDIS_URL", "redis://127.0.0.1:1".to_owned(), "cannot be used"),
        ("REDIS_URL", format!("redis://:a-password@127.0.0.1:{port}"), "cannot be used"),
        ("REDIS_URL", full.url().to_owned(), "is full"),
    ] {
        let output = fails(&with(&all, name, &value)).await;
        let line = output.lines().find(|line| line.contains(&format!("{name}: ")));
        assert!(line.is_some_and(|line| line.contains(why)), "{name}={value}: {output}");
    }
}

#[tokio::test]
async fn a_conflicting_index_is_named() {
    let env = env().await;
    let client = mongodb::Client::with_uri_str(&env["MONGODB_URI"]).await.unwrap();
    let database = client.database(&env["MONGODB_DATABASE"]);
    database.collection::<Document>("bookings").insert_one(doc! {}).await.unwrap();
    let name = "reservationToken_unique";
    let other =
        doc! {"createIndexes": "bookings", "indexes": [{"key": {"bookingDate": 1}, "name": name}]};
    database.run_command(other).await.unwrap();
    let output = fails(&env).await;
    assert!(output.contains(&format!("migrate failed: the index bookings.{name}")), "{output}");
}
