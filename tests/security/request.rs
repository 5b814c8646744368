//! A request, and the ways to send it: over HTTP through the local gateway, or as an event of the
//! Runtime API, with its body as text or in base64.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use crate::support::{
    WAIT_TIMEOUT,
    reply::Reply,
    routes::Route,
    runtime_api::{Environment, Event},
    stacks::Stack,
    unique,
};

/// The time that a function has for an event.
pub const DEADLINE: Duration = Duration::from_secs(25);

/// The debug log line for each bcrypt run.
const HASHING: &str = "\"message\":\"bcrypt\"";

#[derive(Clone, Debug)]
pub struct Request {
    pub route: Route,
    pub target: String,
    /// Names in lower case. A name may occur twice.
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

impl Request {
    pub fn new(route: &Route) -> Self {
        let body = route.body.as_ref().map(|body| body.to_string().into_bytes());
        let mut request =
            Self { route: route.clone(), target: route.path.to_owned(), headers: Vec::new(), body };
        if request.body.is_some() {
            request = request.header("content-type", "application/json");
        }
        request
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self = self.without(name);
        self.also(name, value)
    }

    /// Adds another header of that name.
    pub fn also(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
    }

    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    /// This request with an invalid query and body. An unauthorized caller must get the same
    /// refusal, because credentials are checked first.
    pub fn spoiled(self) -> Self {
        let glue = if self.target.contains('?') { '&' } else { '?' };
        let target = format!("{}{glue}surprise=1", self.target);
        let spoiled = self.target(target);
        if spoiled.body.is_some() { spoiled.body("{ not json") } else { spoiled }
    }

    async fn over_http(&self, stack: &Stack) -> Reply {
        let mut call = stack.call(self.route.method, &self.target);
        for (name, value) in &self.headers {
            call = call.also(name, value);
        }
        if let Some(body) = &self.body {
            call = call.bytes(body.clone());
        }
        let sent = timeout(WAIT_TIMEOUT, call.send()).await;
        sent.unwrap_or_else(|_| {
            panic!("{} {}: no reply within {WAIT_TIMEOUT:?}", self.route.method, self.target)
        })
    }

    /// The event that API Gateway makes of it: with joined headers and path parameters.
    pub fn event(&self, as_text: bool) -> Event {
        let mut headers: BTreeMap<&str, String> = BTreeMap::from([
            ("host", "api.example.com".to_owned()),
            ("x-forwarded-proto", "https".to_owned()),
            ("x-forwarded-port", "443".to_owned()),
        ]);
        let mut met = BTreeSet::new();
        for (name, value) in &self.headers {
            if met.insert(name) {
                headers.insert(name, value.clone());
            } else if let Some(joined) = headers.get_mut(name.as_str()) {
                *joined = format!("{joined},{value}");
            }
        }
        let mut event = Event::with(self.route.method, &self.target, json!(headers));
        let path = self.target.split('?').next().unwrap_or_default();
        let parameters: Map<String, Value> = self
            .route
            .parameters(path)
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        if !parameters.is_empty() {
            event.payload["pathParameters"] = parameters.into();
        }
        if let Some(body) = &self.body {
            let text = std::str::from_utf8(body).ok().filter(|_| as_text);
            event.payload["body"] =
                text.map_or_else(|| STANDARD.encode(body), str::to_owned).into();
            event.payload["isBase64Encoded"] = text.is_none().into();
        }
        event
    }
}

/// How requests are sent.
pub enum Transport {
    /// Through the local gateway.
    Http,
    /// As events, to one process of each function. A text body is sent as text.
    Text(Processes),
    /// As events, with every body in base64.
    Base64(Processes),
}

/// One process of each function.
pub struct Processes {
    /// Distinguishes their logs from the logs of other processes.
    name: String,
    processes: BTreeMap<String, Environment>,
}

impl Processes {
    pub async fn start(
        functions: &BTreeSet<&'static str>,
        settings: &BTreeMap<String, String>,
    ) -> Self {
        let start = async |function: &'static str| {
            (function.to_owned(), Environment::start(function, settings).await)
        };
        let processes = join_all(functions.iter().map(|function| start(function))).await;
        Self { name: unique("processes"), processes: processes.into_iter().collect() }
    }

    pub fn of(&self, function: &str) -> &Environment {
        self.processes.get(function).unwrap_or_else(|| panic!("no process of {function}"))
    }
}

impl Transport {
    pub async fn send(&self, stack: &Stack, request: &Request) -> Reply {
        let function = request.route.function();
        match self {
            Self::Http => request.over_http(stack).await,
            Self::Text(processes) => {
                processes.of(function).call(&request.event(true), DEADLINE).await
            }
            Self::Base64(processes) => {
                processes.of(function).call(&request.event(false), DEADLINE).await
            }
        }
    }

    /// How often bcrypt has run in the function so far.
    pub fn hashes(&self, stack: &Stack, function: &str) -> usize {
        /// How much of each log has been read, and how many of its lines are about bcrypt. Reading
        /// the whole log for each request would cost more than the request.
        static READ: Mutex<BTreeMap<String, (usize, usize)>> = Mutex::new(BTreeMap::new());
        let (name, log) = match self {
            Self::Http => {
                let path = stack.logs.join(format!("{function}.log"));
                (path.display().to_string(), std::fs::read_to_string(path).expect("a log"))
            }
            Self::Text(processes) | Self::Base64(processes) => {
                (format!("{} {function}", processes.name), processes.of(function).log())
            }
        };
        let mut read = READ.lock().unwrap();
        let (until, found) = read.entry(name).or_default();
        // The last line may be half written.
        let end = log.rfind('\n').map_or(0, |at| at + 1).max(*until);
        *found += log[*until..end].matches(HASHING).count();
        *until = end;
        *found
    }
}
