//! `SECRET_ID`: secrets from AWS Secrets Manager, simulated by moto's server.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stack::admin::Credentials;

use crate::support::{
    launch::{Start, launch},
    secrets_manager::Manager,
    servers,
    stacks::Plan,
    tokens, unique,
};

const IN_THE_SECRET: &[&str] = &[
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD_HASH",
    "ADMIN_JWT_SECRET",
    "USER_JWT_SECRET",
    "MONGODB_URI",
    "REDIS_URL",
];

async fn whole(credentials: &Credentials) -> Value {
    json!({
        "adminEmail": credentials.email,
        "adminPasswordHash": credentials.password_hash,
        "adminJwtKeys": [{"kid": "admin-2", "secret": "a new secret of the admin, long enough"},
                         {"kid": "admin-1", "secret": credentials.admin_jwt_secret}],
        "userJwtKeys": [{"kid": "user-2", "secret": "a new secret of the users, long enough"},
                        {"kid": "user-1", "secret": credentials.user_jwt_secret}],
        "mongodbUri": servers::mongodb_uri().await,
        "redisUrl": servers::redis_url().await,
    })
}

#[tokio::test]
async fn a_stack_runs_on_a_secret_alone_and_both_its_keys_verify() {
    let manager = Manager::shared().await;
    let credentials = Credentials::generate().unwrap();
    let id = manager.keep(&whole(&credentials).await).await;
    let plan = Plan {
        functions: Some(&["admin-login", "list-apps", "register-app", "signup", "list-bookings"]),
        env: manager.settings(&id),
        unset: IN_THE_SECRET,
        ..Plan::new("secret")
    };
    let stack = plan.start().await;
    let login = json!({"email": credentials.email, "password": credentials.password});
    let reply = stack.call("POST", "/admin/login").json(&login).send().await;
    let token = reply.expect(200)["token"].as_str().unwrap().to_owned();
    stack.call("GET", "/admin/apps").bearer(&token).send().await.expect(200);
    // Issued before the rotation: signed with what is now the second entry of the list.
    let kid = |kid: &str| Some(kid.to_owned());
    let older = tokens::resign(&token, &credentials.admin_jwt_secret, |header, _| {
        header.kid = kid("admin-1")
    });
    stack.call("GET", "/admin/apps").bearer(&older).send().await.expect(200);
    let wrong = [
        tokens::resign(&token, &credentials.admin_jwt_secret, |header, _| {
            header.kid = kid("admin-2")
        }),
        tokens::resign(&token, &credentials.admin_jwt_secret, |header, _| {
            header.kid = kid("admin-0")
        }),
        tokens::resign(&token, "a new secret of the admin, long enough", |header, _| {
            header.kid = kid("admin-1")
        }),
    ];
    for token in wrong {
        stack.call("GET", "/admin/apps").bearer(&token).send().await.error(401, "UNAUTHENTICATED");
    }

    let app = json!({
        "appId": unique("app"), "name": "S", "domain": "BUS",
        "allowedDomains": ["https://s.example.com"],
    });
    let reply = stack.call("POST", "/admin/apps").bearer(&token).json(&app).send().await;
    let data = reply.expect(201);
    let page = |method: &str, path: &str| {
        let call = stack.call(method, path).header("origin", "https://s.example.com");
        call.header("x-app-id", data["appId"].as_str().unwrap())
            .header("x-api-key", data["apiKey"].as_str().unwrap())
    };
    let user = json!({
        "email": format!("{}@example.com", unique("u")), "password": "a good long password",
        "name": "U",
    });
    let reply = page("POST", "/auth/signup").json(&user).send().await;
    let token = reply.expect(201)["token"].as_str().unwrap().to_owned();
    page("GET", "/bookings").bearer(&token).send().await.expect(200);
    let older = tokens::resign(&token, &credentials.user_jwt_secret, |header, _| {
        header.kid = kid("user-1")
    });
    page("GET", "/bookings").bearer(&older).send().await.expect(200);
}

#[tokio::test]
async fn a_missing_or_malformed_field_of_the_secret_stops_the_function_and_is_named() {
    let manager = Manager::shared().await;
    let credentials = Credentials::generate().unwrap();
    let whole = whole(&credentials).await;
    let mut rows: Vec<(&str, Option<Value>)> = Vec::new();
    for field in ["adminEmail", "adminPasswordHash", "adminJwtKeys", "userJwtKeys"] {
        rows.extend([
            (field, None),
            (field, Some(json!(1))),
            (field, Some(json!([]))),
            (field, Some(json!("a-password"))),
        ]);
    }
    // In a deployment, only the secret contains the servers' addresses.
    for field in ["mongodbUri", "redisUrl"] {
        rows.extend([
            (field, None),
            (field, Some(Value::Null)),
            (field, Some(json!(" "))),
            (field, Some(json!(1))),
        ]);
    }
    rows.push(("userJwtKeys", Some(json!([{"kid": "k", "secret": "a-password"}]))));
    rows.push(("userJwtKeys", Some(json!([{"kid": "k"}]))));
    rows.push(("sealingKeys", Some(json!("a-password"))));
    rows.push(("sealingKeys", Some(json!([{"kid": "k", "key": "a-password"}]))));
    for (field, value) in rows {
        let mut secret = whole.clone();
        match value {
            Some(value) => secret[field] = value,
            None => drop(secret.as_object_mut().unwrap().remove(field)),
        }
        let id = manager.keep(&secret).await;
        let mut settings: BTreeMap<String, String> = manager
            .settings(&id)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        settings.insert("MONGODB_DATABASE".into(), unique("secret"));
        let start = launch("reserve", &settings).await;
        assert!(!matches!(start, Start::Up), "{field}: {secret}");
        start.names(
            field,
            &["a-password", &credentials.user_jwt_secret, &credentials.password_hash],
        );
    }
    for age in ["0", "9", "301", "long"] {
        let id = manager.keep(&whole).await;
        let mut settings: BTreeMap<String, String> = manager
            .settings(&id)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        settings.insert("MONGODB_DATABASE".into(), unique("secret"));
        settings.insert("SECRET_MAX_AGE_SECONDS".into(), age.into());
        launch("reserve", &settings).await.names("SECRET_MAX_AGE_SECONDS", &[]);
    }
    let mut settings: BTreeMap<String, String> = manager
        .settings("no-such-secret")
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    settings.insert("MONGODB_DATABASE".into(), unique("secret"));
    launch("reserve", &settings).await.names("SECRET_ID", &[]);
}
