//! Events as the gateway makes them, and processes of functions. The tests add these to
//! the harness's Runtime API.

use std::{
    collections::BTreeMap,
    ops::Deref,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::{Duration, Instant},
};

use hyper::Response;
use serde_json::{Value, json};
use stack::harness::runtime_api::{self, Outcome};
use tokio::{sync::oneshot, time::timeout};

use super::{
    people::{Admin, User},
    reply::Reply,
    servers,
};

/// How long a process may take to end by itself.
const END_TIMEOUT: Duration = Duration::from_secs(60);
/// How far a response may overrun its deadline on a busy machine before a test fails.
const SLACK: Duration = Duration::from_secs(5);

/// An HTTP API event, payload 2.0. Sent twice, it is the same event.
#[derive(Clone)]
pub struct Event {
    what: String,
    pub payload: Value,
}

impl Event {
    /// What the gateway makes of a request of this user's page.
    pub fn of(user: &User, method: &str, target: &str, body: &Value) -> Self {
        let tenant = &user.tenant;
        let headers = json!({
            "content-type": "application/json",
            "host": "api.example.com",
            "x-forwarded-proto": "https",
            "x-app-id": tenant.app_id,
            "x-api-key": tenant.api_key,
            "origin": tenant.origin,
            "authorization": format!("Bearer {}", user.token),
        });
        Self {
            what: what(method, target),
            payload: stack::events::http(method, target, &headers, body),
        }
    }

    /// What API Gateway sends for a request of an administrator.
    pub fn by_admin(admin: &Admin, method: &str, target: &str, body: &Value) -> Self {
        let headers = json!({
            "content-type": "application/json",
            "host": "api.example.com",
            "x-forwarded-proto": "https",
            "authorization": format!("Bearer {}", admin.token),
        });
        Self {
            what: what(method, target),
            payload: stack::events::http(method, target, &headers, body),
        }
    }

    /// What the gateway makes of a request with these headers and no body.
    pub fn with(method: &str, target: &str, headers: Value) -> Self {
        Self {
            what: what(method, target),
            payload: stack::events::http(method, target, &headers, &Value::Null),
        }
    }

    /// Any payload with which a function may be invoked.
    pub fn raw(what: &str, payload: Value) -> Self {
        Self { what: what.to_owned(), payload }
    }

    /// What the scheduler sends, to a function that no request starts.
    pub fn scheduled() -> Self {
        Self { what: "a scheduled event".to_owned(), payload: json!({}) }
    }

    /// This event, from a client with that address as the gateway saw it.
    pub fn sent_from(mut self, address: &str) -> Self {
        self.payload["requestContext"]["http"]["sourceIp"] = address.into();
        self
    }

    /// This event, with an idempotency key.
    pub fn key(mut self, key: &str) -> Self {
        self.payload["headers"]["idempotency-key"] = key.into();
        self
    }
}

fn what(method: &str, target: &str) -> String {
    format!("{method} {}", target.split('?').next().unwrap_or_default())
}

/// The setting of a process that runs the previous release's binary of its function, if there is
/// one: the folder of these binaries.
pub const PREVIOUS: &str = "PREVIOUS_FUNCTIONS";

/// The binary of the normal build.
pub fn plain(function: &str) -> PathBuf {
    stack::binaries().expect("the folder of the binaries").join(function)
}

/// The binary of the build with fail points.
pub fn rigged(function: &str) -> PathBuf {
    let plain = stack::binaries().expect("the folder of the binaries");
    let (target, profile) =
        (plain.parent().expect("the target folder"), plain.file_name().expect("the profile"));
    let program = target.join("rigged").join(profile).join(function);
    assert!(program.is_file(), "{} is missing: it is built by `make rigged`", program.display());
    program
}

/// A running process of a function. Dropping it kills the process.
pub struct Environment {
    function: String,
    process: runtime_api::Environment,
}

impl Deref for Environment {
    type Target = runtime_api::Environment;

    fn deref(&self) -> &Self::Target {
        &self.process
    }
}

impl Environment {
    /// Starts the function with these settings, and waits until it asks for its first event. With
    /// `FAILPOINTS` among them it is the build that has fail points.
    pub async fn start(function: &str, settings: &BTreeMap<String, String>) -> Self {
        Self::spawn(function, settings).await.unwrap_or_else(|error| panic!("{function}: {error}"))
    }

    /// Starts the function. `None` if it ends at once, as it does without its servers.
    pub async fn try_start(function: &str, settings: &BTreeMap<String, String>) -> Option<Self> {
        Self::spawn(function, settings).await.ok()
    }

    async fn spawn(function: &str, settings: &BTreeMap<String, String>) -> Result<Self, String> {
        let previous = settings.get(PREVIOUS).map(|folder| Path::new(folder).join(function));
        let program = match previous.filter(|program| program.is_file()) {
            Some(program) => program,
            None if settings.contains_key("FAILPOINTS") => rigged(function),
            None => plain(function),
        };
        let log = servers::directory(function).join("log");
        let process = runtime_api::Environment::start(&program, settings, log).await;
        let process = process.map_err(|error| format!("{error:#}"))?;
        Ok(Self { function: function.to_owned(), process })
    }

    /// Sends an event, which has `budget` from now. After that, only the test ends the process.
    pub fn invoke(&self, event: &Event, budget: Duration) -> Invocation {
        let until = Instant::now() + budget;
        let outcome = self.api().invoke(event.payload.to_string().into_bytes().into(), budget);
        Invocation { what: format!("{} by {}", event.what, self.function), until, outcome }
    }

    /// Sends an event and expects a response in time.
    pub async fn call(&self, event: &Event, budget: Duration) -> Reply {
        self.invoke(event, budget).reply().await
    }

    /// Waits until the process has ended by itself, and returns how.
    pub async fn ended(&self) -> ExitStatus {
        let ended = timeout(END_TIMEOUT, self.process.ended()).await;
        ended
            .unwrap_or_else(|_| panic!("{} still runs: {}", self.function, self.log()))
            .expect("a status")
    }

    /// Kills the process and waits for its end.
    pub async fn kill(self) {
        self.process.kill().await.expect("it ended");
    }
}

/// An event that a process has received.
pub struct Invocation {
    what: String,
    until: Instant,
    outcome: oneshot::Receiver<Outcome>,
}

impl Invocation {
    /// The response, which must come before the invocation's time is over.
    pub async fn reply(self) -> Reply {
        let (what, until) = (self.what.clone(), self.until + SLACK);
        let reply = self.reply_by(until).await;
        reply.unwrap_or_else(|| panic!("{what}: no response within its deadline"))
    }

    /// The response, even if it comes too late. In AWS no client would get it.
    pub async fn late_reply(self) -> Option<Reply> {
        self.reply_by(Instant::now() + END_TIMEOUT).await
    }

    /// The status and the body that API Gateway sends to the client: 502 if the function failed.
    /// `None` if the invocation's time and `slack` are over.
    pub async fn gateway_response(self, slack: Duration) -> Option<(u16, Value)> {
        let by = (self.until + slack).into();
        let payload = match tokio::time::timeout_at(by, self.outcome).await.ok()?.ok()? {
            Err(error) => return Some((502, error.into())),
            Ok(payload) => read(&payload),
        };
        // A scheduled function responds with its value alone.
        if payload["statusCode"].is_null() {
            return Some((200, payload));
        }
        let body = payload["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
        Some((status(&payload), body.unwrap_or_default()))
    }

    /// The response of a scheduled function, within its time.
    pub async fn value(self) -> Value {
        let (what, until) = (self.what.clone(), self.until + SLACK);
        self.value_by(until)
            .await
            .unwrap_or_else(|| panic!("{what}: no response within its deadline"))
    }

    async fn reply_by(self, until: Instant) -> Option<Reply> {
        let what = self.what.clone();
        let payload = self.value_by(until).await?;
        Some(reply(what, &payload).await)
    }

    async fn value_by(self, until: Instant) -> Option<Value> {
        match tokio::time::timeout_at(until.into(), self.outcome).await {
            Ok(Ok(Ok(payload))) => Some(read(&payload)),
            Ok(Ok(Err(error))) => panic!("{}: the function failed: {error}", self.what),
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// Whether there is no response yet.
    pub fn is_open(&mut self) -> bool {
        matches!(self.outcome.try_recv(), Err(oneshot::error::TryRecvError::Empty))
    }
}

fn read(payload: &[u8]) -> Value {
    serde_json::from_slice(payload).unwrap_or_default()
}

fn status(payload: &Value) -> u16 {
    payload["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status")
}

/// What the gateway makes of a payload.
async fn reply(what: String, payload: &Value) -> Reply {
    let mut response = Response::builder().status(status(payload));
    for (name, value) in payload["headers"].as_object().into_iter().flatten() {
        response = response.header(name, value.as_str().expect("a header's text"));
    }
    for (name, values) in payload["multiValueHeaders"].as_object().into_iter().flatten() {
        for value in values.as_array().into_iter().flatten() {
            if !payload["headers"][name].is_string() {
                response = response.header(name, value.as_str().expect("a header's text"));
            }
        }
    }
    let body = payload["body"].as_str().unwrap_or_default().to_owned();
    Reply::read(what, response.body(body).expect("a response").into()).await
}
