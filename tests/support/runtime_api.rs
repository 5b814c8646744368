//! The Lambda Runtime API for one execution environment: one process of a function's binary, driven
//! as AWS drives it, so that a test can send it one event twice or several at once, freeze and thaw
//! it, kill it, and let its time run out.

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    fs::File,
    path::PathBuf,
    process::ExitStatus,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rustix::process::Signal;
use serde_json::{Value, json};
use stack::children::{Child, command};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use uuid::Uuid;

use super::{people::User, reply::Reply, servers};

const START: Duration = Duration::from_secs(30);
/// What the deadline may be overrun by on a busy machine before a test calls it a failure.
const SLACK: Duration = Duration::from_millis(400);

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

    /// What the gateway makes of a request with these headers and no body.
    pub fn with(method: &str, target: &str, headers: Value) -> Self {
        Self {
            what: what(method, target),
            payload: stack::events::http(method, target, &headers, &Value::Null),
        }
    }

    /// Whatever somebody may invoke a function with.
    pub fn raw(what: &str, payload: Value) -> Self {
        Self { what: what.to_owned(), payload }
    }

    /// What the scheduler sends, to a function that no request starts.
    pub fn scheduled() -> Self {
        Self { what: "a scheduled event".to_owned(), payload: json!({}) }
    }

    /// The same from a client with that address, as the gateway saw it.
    pub fn sent_from(mut self, address: &str) -> Self {
        self.payload["requestContext"]["http"]["sourceIp"] = address.into();
        self
    }

    /// The same under an idempotency key.
    pub fn key(mut self, key: &str) -> Self {
        self.payload["headers"]["idempotency-key"] = key.into();
        self
    }
}

fn what(method: &str, target: &str) -> String {
    format!("{method} {}", target.split('?').next().unwrap_or_default())
}

struct Queued {
    id: String,
    deadline_ms: u128,
    payload: String,
}

enum Outcome {
    Answered(Value),
    Failed(String),
}

/// What the process and the test meet at.
struct Desk {
    queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<Queued>>,
    open: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    /// True once the process has asked for its first event.
    up: watch::Sender<bool>,
}

/// The function as everything else runs it.
pub fn plain(function: &str) -> PathBuf {
    stack::binaries().expect("the folder of the binaries").join(function)
}

/// The function as it is built with fail points.
pub fn rigged(function: &str) -> PathBuf {
    let plain = stack::binaries().expect("the folder of the binaries");
    let (target, profile) =
        (plain.parent().expect("the target folder"), plain.file_name().expect("the profile"));
    let program = target.join("rigged").join(profile).join(function);
    assert!(program.is_file(), "{} is missing: it is built by `make rigged`", program.display());
    program
}

/// One running process of a function. Dropping it kills the process.
pub struct Environment {
    function: String,
    child: Child,
    events: mpsc::UnboundedSender<Queued>,
    desk: Arc<Desk>,
    server: JoinHandle<()>,
    log: PathBuf,
}

impl Environment {
    /// Starts the function with these settings, and waits until it asks for its first event. With
    /// `FAILPOINTS` among them it is the build that has fail points.
    pub async fn start(function: &str, settings: &BTreeMap<String, String>) -> Self {
        let environment = Self::spawn(function, settings).await;
        assert!(environment.comes_up().await, "{function} did not start: {}", environment.log());
        environment
    }

    /// Starts the function; `None` if it ends at once, as it does without its servers.
    pub async fn try_start(function: &str, settings: &BTreeMap<String, String>) -> Option<Self> {
        let environment = Self::spawn(function, settings).await;
        environment.comes_up().await.then_some(environment)
    }

    async fn spawn(function: &str, settings: &BTreeMap<String, String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (events, queue) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            queue: tokio::sync::Mutex::new(queue),
            open: Mutex::default(),
            up: watch::Sender::new(false),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&desk)));
        let log = servers::directory(function).join("log");
        let out = File::create(&log).expect("a log");
        let program =
            if settings.contains_key("FAILPOINTS") { rigged(function) } else { plain(function) };
        let mut command = command(&program);
        command
            .envs(settings)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .stdout(out.try_clone().expect("a log"))
            .stderr(out);
        let child = Child::spawn(command, Vec::new()).await.expect("the binary starts");
        Self { function: function.to_owned(), child, events, desk, server, log }
    }

    async fn comes_up(&self) -> bool {
        let mut up = self.desk.up.subscribe();
        tokio::select! {
            up = timeout(START, up.wait_for(|up| *up)) => up.is_ok_and(|up| up.is_ok()),
            _ = self.child.wait() => false,
        }
    }

    /// What the process has written.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Hands an event to the process, which has `budget` for it. Nothing ends it when that is over:
    /// a test does.
    pub fn invoke(&self, event: &Event, budget: Duration) -> Invocation {
        let id = Uuid::new_v4().to_string();
        let (sender, answer) = oneshot::channel();
        self.desk.open.lock().unwrap().insert(id.clone(), sender);
        let deadline = SystemTime::now() + budget;
        let deadline_ms =
            deadline.duration_since(UNIX_EPOCH).expect("a time after 1970").as_millis();
        let queued = Queued { id, deadline_ms, payload: event.payload.to_string() };
        self.events.send(queued).expect("the desk is open");
        let what = format!("{} by {}", event.what, self.function);
        Invocation { what, until: Instant::now() + budget, answer }
    }

    /// Hands an event over and expects an answer in time.
    pub async fn call(&self, event: &Event, budget: Duration) -> Reply {
        self.invoke(event, budget).answer().await
    }

    /// Waits until the process has ended by itself, and says how.
    pub async fn ended(&self) -> ExitStatus {
        let ended = timeout(START, self.child.wait()).await;
        ended
            .unwrap_or_else(|_| panic!("{} goes on: {}", self.function, self.log()))
            .expect("a status")
    }

    /// Stops the process where it is, as Lambda does between two invocations.
    pub fn freeze(&self) {
        self.child.signal(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.child.signal(Signal::CONT);
    }

    /// Ends the process where it is, while others still use this; what it was working on is never
    /// answered.
    pub fn strike(&self) {
        self.child.signal(Signal::KILL);
        self.desk.open.lock().unwrap().clear();
    }

    /// Ends the process where it is.
    pub async fn kill(self) {
        self.child.signal(Signal::KILL);
        self.child.wait().await.expect("it ended");
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An event that was handed over.
pub struct Invocation {
    what: String,
    until: Instant,
    answer: oneshot::Receiver<Outcome>,
}

impl Invocation {
    /// The answer, which has to come before the invocation's time is over.
    pub async fn answer(self) -> Reply {
        let (what, until) = (self.what.clone(), self.until + SLACK);
        let reply = self.answer_by(until).await;
        reply.unwrap_or_else(|| panic!("{what}: no answer within its deadline"))
    }

    /// The answer whenever it comes, within some seconds; nobody would hear it any more.
    pub async fn late_answer(self) -> Option<Reply> {
        self.answer_by(Instant::now() + Duration::from_secs(15)).await
    }

    /// What the gateway makes of it when the invocation's time and some more is over: a status and
    /// a body, 502 where the function failed instead of answering.
    pub async fn heard(self, slack: Duration) -> Option<(u16, Value)> {
        match tokio::time::timeout_at((self.until + slack).into(), self.answer).await.ok()?.ok()? {
            Outcome::Failed(error) => Some((502, error.into())),
            // What no request has started answers with its value alone.
            Outcome::Answered(payload) if payload["statusCode"].is_null() => Some((200, payload)),
            Outcome::Answered(payload) => {
                let body =
                    payload["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
                Some((status(&payload), body.unwrap_or_default()))
            }
        }
    }

    /// What a function that no request starts has answered, within its time.
    pub async fn value(self) -> Value {
        let (what, until) = (self.what.clone(), self.until + SLACK);
        self.value_by(until)
            .await
            .unwrap_or_else(|| panic!("{what}: no answer within its deadline"))
    }

    async fn answer_by(self, until: Instant) -> Option<Reply> {
        let what = self.what.clone();
        let payload = self.value_by(until).await?;
        Some(reply(what, &payload).await)
    }

    async fn value_by(self, until: Instant) -> Option<Value> {
        match tokio::time::timeout_at(until.into(), self.answer).await {
            Ok(Ok(Outcome::Answered(payload))) => Some(payload),
            Ok(Ok(Outcome::Failed(error))) => panic!("{}: the function failed: {error}", self.what),
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// Whether it is still unanswered.
    pub fn is_open(&mut self) -> bool {
        matches!(self.answer.try_recv(), Err(oneshot::error::TryRecvError::Empty))
    }
}

fn status(payload: &Value) -> u16 {
    payload["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status")
}

/// What the gateway makes of an answer.
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

async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let desk = Arc::clone(&desk);
                let service = service_fn(move |request| respond(Arc::clone(&desk), request));
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn respond(
    desk: Arc<Desk>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().trim_start_matches("/2018-06-01/runtime/").to_owned();
    let get = request.method() == Method::GET;
    if get && path == "invocation/next" {
        return Ok(next(&desk).await);
    }
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let outcome = match parts.as_slice() {
        ["invocation", _, "response"] => {
            Outcome::Answered(serde_json::from_slice(&body).unwrap_or_default())
        }
        ["invocation", _, "error"] => Outcome::Failed(String::from_utf8_lossy(&body).into_owned()),
        _ => return Ok(answer(StatusCode::ACCEPTED)),
    };
    if let Some(waiting) = desk.open.lock().unwrap().remove(parts[1]) {
        let _ = waiting.send(outcome);
    }
    Ok(answer(StatusCode::ACCEPTED))
}

fn answer(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

async fn next(desk: &Desk) -> Response<Full<Bytes>> {
    desk.up.send_replace(true);
    let Some(event) = desk.queue.lock().await.recv().await else { return answer(StatusCode::GONE) };
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", event.id)
        .header("lambda-runtime-deadline-ms", event.deadline_ms.to_string())
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:tests",
        )
        .header("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0");
    response.body(Full::from(event.payload)).expect("a response")
}
