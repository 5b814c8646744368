//! Start-up. A function with a missing, malformed or unreachable setting ends with one line
//! that names the setting.

use std::collections::BTreeMap;

use stack::admin::Credentials;

use crate::support::{
    launch::{Start, launch},
    servers, unique,
};

type Settings = BTreeMap<String, String>;

async fn settings() -> Settings {
    let mut settings = Credentials::generate().unwrap().env();
    settings.insert("MONGODB_URI".into(), servers::mongodb_uri().await.into());
    settings.insert("MONGODB_DATABASE".into(), unique("startup"));
    settings.insert("REDIS_URL".into(), servers::redis_url().await.into());
    settings
}

fn but(settings: &Settings, name: &str, value: Option<&str>) -> Settings {
    let mut settings = settings.clone();
    match value {
        Some(value) => settings.insert(name.to_owned(), value.to_owned()),
        None => settings.remove(name),
    };
    settings
}

#[tokio::test]
async fn a_function_with_all_its_settings_starts() {
    let all = settings().await;
    let every = stack::functions().unwrap();
    for function in &every {
        let start = launch(function, &all).await;
        assert!(matches!(start, Start::Up), "{function}: {start:?}");
    }
}

#[tokio::test]
async fn a_setting_that_is_missing_or_malformed_is_named() {
    let all = settings().await;
    let rows = [
        ("MONGODB_URI", None),
        ("MONGODB_URI", Some("")),
        ("MONGODB_URI", Some("http://a-password@127.0.0.1")),
        ("MONGODB_DATABASE", None),
        ("MONGODB_DATABASE", Some("a/b")),
        ("MONGODB_MAX_POOL_SIZE", Some("many")),
        ("MONGODB_MAX_POOL_SIZE", Some("0")),
        ("MONGODB_MAX_POOL_SIZE", Some("1001")),
        ("LISTING_READ_PREFERENCE", Some("nearest")),
        ("REDIS_URL", None),
        ("REDIS_URL", Some("http://a-password@127.0.0.1")),
        ("HOLD_TTL_SECONDS", Some("0")),
        ("HOLD_TTL_SECONDS", Some("3601")),
        ("HOLD_TTL_SECONDS", Some("abc")),
        ("HOLD_TTL_SECONDS", Some("1.5")),
        ("DEFAULT_PAYMENT_PROVIDER", Some("stripe")),
        ("DEFAULT_PAYMENT_PROVIDER", Some("a-password")),
        ("PAYMENT_WINDOW_SECONDS", Some("59")),
        ("PAYMENT_WINDOW_SECONDS", Some("1801")),
        ("RATE_LIMIT_PAYMENTS", Some("20")),
        ("STRIPE_API_BASE", Some("a-password")),
        ("RAZORPAY_API_BASE", Some("ftp://a-password")),
        ("WEBHOOK_ALLOW_HOSTS", Some("https://a-password")),
        ("SEALING_KEY", Some("a-password")),
        ("MAX_HELD_SEATS_PER_USER", Some("0")),
        ("MAX_HELD_SEATS_PER_USER", Some("abc")),
        ("BCRYPT_COST", Some("9")),
        ("BCRYPT_COST", Some("16")),
        ("BCRYPT_COST", Some("ten")),
        ("RATE_LIMIT_RESERVE", Some("abc")),
        ("RATE_LIMIT_CONFIRM", Some("60")),
        ("RATE_LIMIT_RELEASE", Some("60/")),
        ("RATE_LIMIT_READ", Some("/60")),
        ("RATE_LIMIT_LOGIN", Some("0/60")),
        ("RATE_LIMIT_SIGNUP", Some("20/0")),
        ("RATE_LIMIT_ADMIN_LOGIN", Some("-5/60")),
        ("RATE_LIMIT_APP", Some("6000/60/1")),
        ("RATE_LIMIT_KEY_FAILURES", Some("300/86401")),
        ("ADMIN_EMAIL", None),
        ("ADMIN_EMAIL", Some("nobody")),
        ("ADMIN_PASSWORD_HASH", None),
        ("ADMIN_PASSWORD_HASH", Some("a-password")),
        ("ADMIN_JWT_SECRET", None),
        ("ADMIN_JWT_SECRET", Some("a-password-of-31-bytes.........")),
        ("USER_JWT_SECRET", None),
        ("USER_JWT_SECRET", Some("a-password-of-31-bytes.........")),
        ("ADMIN_ORIGINS", Some("https://admin.example.com/path")),
        ("ADMIN_ORIGINS", Some("*")),
    ];
    for (name, value) in rows {
        let start = launch("reserve", &but(&all, name, value)).await;
        start.names(name, &["a-password", &all["USER_JWT_SECRET"], &all["ADMIN_PASSWORD_HASH"]]);
    }
}

#[tokio::test]
async fn every_function_checks_its_settings() {
    let lacking = but(&settings().await, "MONGODB_DATABASE", None);
    // `migrate` starts all the same, because it must report the problem to its caller:
    // `deploy::migration`.
    for function in stack::functions().unwrap().into_iter().filter(|function| function != "migrate")
    {
        launch(&function, &lacking).await.names("MONGODB_DATABASE", &[]);
    }
}

/// Without Redis everything is slower but works.
#[tokio::test]
async fn a_function_starts_without_redis() {
    let all = settings().await;
    let start = launch("reserve", &but(&all, "REDIS_URL", Some("redis://127.0.0.1:1"))).await;
    assert!(matches!(start, Start::Up), "{start:?}");
}

/// MongoDB may soon be back, and until then requests get 503. A worker could do nothing.
#[tokio::test]
async fn a_function_that_serves_requests_starts_without_mongodb_and_a_worker_does_not() {
    let uri = Some("mongodb://somebody:a-password@127.0.0.1:1/");
    let all = but(&settings().await, "MONGODB_URI", uri);
    let start = launch("reserve", &all).await;
    assert!(matches!(start, Start::Up), "{start:?}");
    launch("expire-reservations", &all).await.names("MONGODB_URI", &["a-password"]);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_named() {
    let mut all = but(&settings().await, "SECRET_ID", Some("booking"));
    for (name, value) in [
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "a-password"),
    ] {
        all.insert(name.into(), value.into());
    }
    launch("reserve", &all).await.names("SECRET_ID", &["a-password"]);
}
