//! A client of the running API.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Client, Method};
use serde_json::Value;

use crate::say;

pub struct Http {
    base: String,
    client: Client,
}

/// A response: its status and its JSON body.
pub struct Reply {
    pub status: u16,
    pub body: Value,
    retry_after: Option<u64>,
}

impl Http {
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let client = Client::builder().timeout(Duration::from_secs(40)).build()?;
        Ok(Self { base: base.to_owned(), client })
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> anyhow::Result<Reply> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let result = request.send().await.with_context(|| format!("{method} {path}"))?;
        let status = result.status().as_u16();
        let retry_after =
            result.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
        let text = result.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Reply { status, body, retry_after })
    }

    /// Signs the administrator in. Waits and repeats if sign-ins are limited.
    pub async fn admin_token(&self, email: &str, password: &str) -> anyhow::Result<String> {
        let login = serde_json::json!({ "email": email, "password": password });
        for _ in 0..3 {
            let reply = self.send(Method::POST, "/admin/login", &[], Some(&login)).await?;
            if reply.status == 429 {
                let seconds = reply.retry_after.unwrap_or(1).clamp(1, 120);
                say::line!(
                    "Admin sign-ins are limited (RATE_LIMIT_ADMIN_LOGIN): waiting {seconds} s …"
                );
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                continue;
            }
            return Ok(reply.data("POST /admin/login", 200)?["token"]
                .as_str()
                .unwrap_or_default()
                .to_owned());
        }
        bail!("POST /admin/login is still limited; try again in a minute")
    }
}

impl Reply {
    /// `error.code`, or an empty text.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The `data` of the response, which must have this status.
    pub fn data(&self, what: &str, status: u16) -> anyhow::Result<&Value> {
        if self.status != status {
            bail!("{what} answered {} instead of {status}: {}", self.status, self.body);
        }
        Ok(&self.body["data"])
    }
}
