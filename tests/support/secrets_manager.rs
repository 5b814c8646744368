//! Secrets Manager, as moto's server speaks it.

use std::{process::Stdio, time::Duration};

use reqwest::Client;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use stack::tools;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
};

use super::{poll::eventually, servers, unique};

/// A Secrets Manager of this test.
pub struct Manager {
    process: Child,
    url: String,
}

impl Manager {
    pub async fn start() -> Self {
        let moto = tools::find("moto_server").unwrap_or_else(|e| panic!("{e:#}; `moto[server]` is on PyPI"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
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
        let manager = Self { process: process.await, url: format!("http://127.0.0.1:{port}") };
        let client = Client::new();
        let ready = || async { client.get(format!("{}/moto-api/", manager.url)).send().await.ok() };
        eventually("moto answers", Duration::from_secs(60), ready).await;
        manager
    }

    /// Keeps a secret and returns its id.
    pub async fn keep(&self, secret: &Value) -> String {
        let id = unique("secret");
        self.ask("CreateSecret", &json!({"Name": id}), secret).await;
        id
    }

    /// Puts another value in the place of a secret's.
    pub async fn rotate(&self, id: &str, secret: &Value) {
        self.ask("PutSecretValue", &json!({"SecretId": id}), secret).await;
    }

    async fn ask(&self, action: &str, which: &Value, secret: &Value) {
        let mut body = which.clone();
        body["SecretString"] = secret.to_string().into();
        body["ClientRequestToken"] = unique("0123456789abcdef").into();
        let credential = "Credential=test/20260101/us-east-1/secretsmanager/aws4_request";
        let request = Client::new()
            .post(&self.url)
            .header("x-amz-target", format!("secretsmanager.{action}"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"))
            .body(body.to_string());
        let response = request.send().await.expect("an answer");
        assert!(response.status().is_success(), "{action}: {}", response.text().await.expect("a body"));
    }

    /// Stops it where it is: it takes calls and answers none.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let id = self.process.id().and_then(|id| Pid::from_raw(id.try_into().expect("a process id")));
        kill_process(id.expect("it runs"), signal).expect("a signal");
    }

    /// What a function needs to read the secret `id` here.
    pub fn settings(&self, id: &str) -> Vec<(&'static str, String)> {
        vec![
            ("SECRET_ID", id.to_owned()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.url.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ]
    }
}
