//! `SECRET_ID`: secrets from AWS Secrets Manager, as moto's server speaks it.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use reqwest::Client;
use serde_json::{Value, json};
use stack::{admin::Credentials, tools};
use tokio::{net::TcpListener, process::Child, process::Command};

use crate::support::{
    launch::{Start, launch},
    poll::eventually,
    servers,
    stacks::Plan,
    tokens, unique,
};

/// A Secrets Manager of this test.
struct Manager {
    _process: Child,
    url: String,
}

impl Manager {
    async fn start() -> Self {
        let moto = tools::find("moto_server").unwrap_or_else(|e| panic!("{e:#}; `moto[server]` is on PyPI"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let process = servers::forever(async move {
            // moto must not outlive a test run that is killed.
            let mut command = match tools::find("setpriv") {
                Ok(setpriv) => {
                    let mut command = Command::new(setpriv);
                    command.args(["--pdeathsig", "KILL", "--"]).arg(moto);
                    command
                }
                Err(_) => Command::new(moto),
            };
            command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).kill_on_drop(true);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("moto starts")
        });
        let manager = Self { _process: process.await, url: format!("http://127.0.0.1:{port}") };
        let client = Client::new();
        let ready = || async { client.get(format!("{}/moto-api/", manager.url)).send().await.ok() };
        eventually("moto answers", Duration::from_secs(60), ready).await;
        manager
    }

    /// Keeps a secret and returns its id.
    async fn keep(&self, secret: &Value) -> String {
        let id = unique("secret");
        let credential = "Credential=test/20260101/us-east-1/secretsmanager/aws4_request";
        let request = Client::new()
            .post(&self.url)
            .header("x-amz-target", "secretsmanager.CreateSecret")
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"))
            .body(json!({"Name": id, "SecretString": secret.to_string(), "ClientRequestToken": unique("0123456789abcdef")}).to_string());
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        id
    }

    fn settings(&self, id: &str) -> Vec<(&'static str, String)> {
        vec![
            ("SECRET_ID", id.to_owned()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.url.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ]
    }
}

const IN_THE_SECRET: &[&str] =
    &["ADMIN_EMAIL", "ADMIN_PASSWORD_HASH", "ADMIN_JWT_SECRET", "USER_JWT_SECRET", "MONGODB_URI", "REDIS_URL"];

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
    let manager = Manager::start().await;
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
    let older = tokens::resign(&token, &credentials.admin_jwt_secret, |header, _| header.kid = kid("admin-1"));
    stack.call("GET", "/admin/apps").bearer(&older).send().await.expect(200);
    let wrong = [
        tokens::resign(&token, &credentials.admin_jwt_secret, |header, _| header.kid = kid("admin-2")),
        tokens::resign(&token, &credentials.admin_jwt_secret, |header, _| header.kid = kid("admin-0")),
        tokens::resign(&token, "a new secret of the admin, long enough", |header, _| header.kid = kid("admin-1")),
    ];
    for token in wrong {
        stack.call("GET", "/admin/apps").bearer(&token).send().await.error(401, "UNAUTHENTICATED");
    }

    let app =
        json!({"appId": unique("app"), "name": "S", "domain": "BUS", "allowedDomains": ["https://s.example.com"]});
    let reply = stack.call("POST", "/admin/apps").bearer(&token).json(&app).send().await;
    let data = reply.expect(201);
    let page = |method: &str, path: &str| {
        let call = stack.call(method, path).header("origin", "https://s.example.com");
        call.header("x-app-id", data["appId"].as_str().unwrap()).header("x-api-key", data["apiKey"].as_str().unwrap())
    };
    let user =
        json!({"email": format!("{}@example.com", unique("u")), "password": "a good long password", "name": "U"});
    let reply = page("POST", "/auth/signup").json(&user).send().await;
    let token = reply.expect(201)["token"].as_str().unwrap().to_owned();
    page("GET", "/bookings").bearer(&token).send().await.expect(200);
    let older = tokens::resign(&token, &credentials.user_jwt_secret, |header, _| header.kid = kid("user-1"));
    page("GET", "/bookings").bearer(&older).send().await.expect(200);
}

#[tokio::test]
async fn a_secret_that_lacks_or_spoils_a_field_stops_the_function_with_its_name() {
    let manager = Manager::start().await;
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
    rows.push(("userJwtKeys", Some(json!([{"kid": "k", "secret": "a-password"}]))));
    rows.push(("userJwtKeys", Some(json!([{"kid": "k"}]))));
    for (field, value) in rows {
        let mut secret = whole.clone();
        match value {
            Some(value) => secret[field] = value,
            None => drop(secret.as_object_mut().unwrap().remove(field)),
        }
        let id = manager.keep(&secret).await;
        let mut settings: BTreeMap<String, String> =
            manager.settings(&id).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        settings.insert("MONGODB_DATABASE".into(), unique("secret"));
        let start = launch("reserve", &settings).await;
        assert!(!matches!(start, Start::Up), "{field}: {secret}");
        start.names(field, &["a-password", &credentials.user_jwt_secret, &credentials.password_hash]);
    }
    let mut settings: BTreeMap<String, String> =
        manager.settings("no-such-secret").into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    settings.insert("MONGODB_DATABASE".into(), unique("secret"));
    launch("reserve", &settings).await.names("SECRET_ID", &[]);
}
