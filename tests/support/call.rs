//! One HTTP request, built header by header, so that a test can omit or spoil exactly one thing.

use std::collections::BTreeMap;

use reqwest::{Client, Method, Response};
use serde_json::Value;

use super::reply::Reply;

/// A request that has not been sent. Its setters replace what was there.
#[derive(Clone)]
#[must_use]
pub struct Call {
    client: Client,
    base: String,
    method: Method,
    path: String,
    headers: BTreeMap<String, String>,
    /// Headers that stand there a second time.
    repeated: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Call {
    pub fn new(client: &Client, base: &str, method: &str, path: &str) -> Self {
        Self {
            client: client.clone(),
            base: base.to_owned(),
            method: method.parse().expect("a method"),
            path: path.to_owned(),
            headers: BTreeMap::new(),
            repeated: Vec::new(),
            body: None,
        }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header, even if one of this name is there.
    pub fn also(mut self, name: &str, value: impl Into<String>) -> Self {
        self.repeated.push((name.to_owned(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Makes the request idempotent under this key.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn json(self, body: &Value) -> Self {
        self.raw(body.to_string())
    }

    /// A body sent as it is, under `application/json` unless the test has set another type.
    pub fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.headers
            .entry("content-type".to_owned())
            .or_insert_with(|| "application/json".to_owned());
        self.body = Some(body.into());
        self
    }

    /// A body whose type the test has set, or left out.
    pub fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    pub async fn send(self) -> Reply {
        let what = format!("{} {}", self.method, self.path);
        Reply::read(what, self.fetch().await).await
    }

    /// Sends it. The response is as it came: not yet read, and still compressed.
    pub async fn fetch(self) -> Response {
        let what = format!("{} {}", self.method, self.path);
        let url = format!("{}{}", self.base, self.path);
        let mut request = self.client.request(self.method.clone(), url);
        let repeated = self.repeated.iter().map(|(name, value)| (name, value));
        for (name, value) in self.headers.iter().chain(repeated) {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.body(body);
        }
        request.send().await.unwrap_or_else(|e| panic!("{what}: no response: {e:?}"))
    }
}
