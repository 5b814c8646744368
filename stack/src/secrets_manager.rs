//! Secrets Manager for tests, by moto's server.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use reqwest::Client;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    children::{Child, command},
    free_port, tools,
};

const START_LIMIT: Duration = Duration::from_secs(60);

/// A running Secrets Manager on 127.0.0.1, empty at its start. Dropping it kills the process.
pub struct SecretsManager {
    process: Child,
    url: String,
}

impl SecretsManager {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// When there is no `moto_server` (`moto[server]` on PyPI), or it does not answer.
    pub async fn start() -> anyhow::Result<Self> {
        let program = tools::find("moto_server").context("it is `moto[server]` on PyPI")?;
        let port = free_port()?;
        let mut command = command(&program);
        command
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let marks = vec!["moto_server".to_owned(), port.to_string()];
        let manager = Self {
            process: Child::spawn(command, marks).await?,
            url: format!("http://127.0.0.1:{port}"),
        };
        let (client, began) = (Client::new(), Instant::now());
        while client.get(format!("{}/moto-api/", manager.url)).send().await.is_err() {
            if manager.process.has_exited() || began.elapsed() > START_LIMIT {
                bail!("moto_server does not answer on port {port}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(manager)
    }

    /// Keeps a new secret under this id.
    ///
    /// # Errors
    /// When it is refused, as an id that is taken is.
    pub async fn keep(&self, id: &str, secret: &Value) -> anyhow::Result<()> {
        self.ask("CreateSecret", json!({"Name": id}), secret).await
    }

    /// Puts another value in the place of a secret's.
    ///
    /// # Errors
    /// When there is no such secret.
    pub async fn rotate(&self, id: &str, secret: &Value) -> anyhow::Result<()> {
        self.ask("PutSecretValue", json!({"SecretId": id}), secret).await
    }

    async fn ask(&self, action: &str, mut body: Value, secret: &Value) -> anyhow::Result<()> {
        body["SecretString"] = secret.to_string().into();
        body["ClientRequestToken"] = format!("{:032x}", rand::random::<u128>()).into();
        let credential = "Credential=test/20260101/us-east-1/secretsmanager/aws4_request";
        let request = Client::new()
            .post(&self.url)
            .header("x-amz-target", format!("secretsmanager.{action}"))
            .header("content-type", "application/x-amz-json-1.1")
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"),
            )
            .body(body.to_string());
        let response =
            request.send().await.with_context(|| format!("{action} was not answered"))?;
        if !response.status().is_success() {
            bail!("{action}: {}", response.text().await.unwrap_or_default());
        }
        Ok(())
    }

    /// Stops it where it is, to go on at [`Signal::CONT`], or ends it.
    pub fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// What a function needs to read the secret `id` here.
    #[must_use]
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
