//! A request before it has taken one of the two shapes in which a function can see it, and the
//! doors it can go in by: over HTTP through the local gateway, or as an event from the Runtime API,
//! its body as text or in base64.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use crate::support::{
    reply::Reply,
    routes::Route,
    runtime_api::{Environment, Event},
    stacks::Stack,
};

/// What the template gives a function; the harness allows no more for an answer.
pub const DEADLINE: Duration = Duration::from_secs(10);
/// What the gateway gives one, on a machine that runs all functions at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a function writes at debug level for each password or key that it hashes or checks with
/// bcrypt.
const HASHING: &str = "\"message\":\"bcrypt\"";

#[derive(Clone, Debug)]
pub struct Ask {
    pub route: Route,
    pub target: String,
    /// Names in lower case; one may stand here twice.
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

impl Ask {
    pub fn new(route: &Route) -> Self {
        let body = route.body.as_ref().map(|body| body.to_string().into_bytes());
        let mut ask =
            Self { route: route.clone(), target: route.path.to_owned(), headers: Vec::new(), body };
        if ask.body.is_some() {
            ask = ask.header("content-type", "application/json");
        }
        ask
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self = self.without(name);
        self.also(name, value)
    }

    /// One more header of that name.
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

    /// The same with nothing right in what it asks for: whoever answers this otherwise has looked
    /// at it.
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
        let sent = timeout(PATIENCE, call.send()).await;
        sent.unwrap_or_else(|_| {
            panic!("{} {}: no answer within {PATIENCE:?}", self.route.method, self.target)
        })
    }

    /// What API Gateway makes of it: headers of one name joined, parameters of the path found.
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

/// Where requests go in.
pub enum Door {
    /// Through the local gateway.
    Http,
    /// As events, to one process of each function; a body as text wherever it is text.
    Text(Processes),
    /// The same, every body in base64.
    Base64(Processes),
}

/// One process of each function.
pub struct Processes(BTreeMap<String, Environment>);

impl Processes {
    pub async fn start(
        functions: &BTreeSet<&'static str>,
        settings: &BTreeMap<String, String>,
    ) -> Self {
        let start = async |function: &'static str| {
            (function.to_owned(), Environment::start(function, settings).await)
        };
        Self(join_all(functions.iter().map(|function| start(function))).await.into_iter().collect())
    }

    pub fn of(&self, function: &str) -> &Environment {
        self.0.get(function).unwrap_or_else(|| panic!("no process of {function}"))
    }
}

impl Door {
    pub async fn send(&self, stack: &Stack, ask: &Ask) -> Reply {
        let function = ask.route.function();
        match self {
            Self::Http => ask.over_http(stack).await,
            Self::Text(processes) => processes.of(function).call(&ask.event(true), DEADLINE).await,
            Self::Base64(processes) => {
                processes.of(function).call(&ask.event(false), DEADLINE).await
            }
        }
    }

    /// How often bcrypt has run in the function so far.
    pub fn hashes(&self, stack: &Stack, function: &str) -> usize {
        let log = match self {
            Self::Http => {
                std::fs::read_to_string(stack.logs.join(format!("{function}.log"))).expect("a log")
            }
            Self::Text(processes) | Self::Base64(processes) => processes.of(function).log(),
        };
        log.matches(HASHING).count()
    }
}
