//! The relay between the functions and cargo-lambda's emulator.
//!
//! The emulator (1.9.2) acknowledges a function's response as soon as its head has arrived. It
//! passes the body on while it still comes in, and sometimes loses the end of a long one. So the
//! functions talk to this relay. The relay reads a response to its end and keeps it. The emulator
//! gets a short receipt instead, which travels in one packet. Whoever invoked the function
//! exchanges the receipt for the response here.
//!
//! The emulator also waits for ever for a process that dies with an event. Its connection to the
//! relay ends then, so the relay reports the failure in its place.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode, Uri,
    body::{Bytes, Incoming},
    header::{
        CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, ORIGIN, TRANSFER_ENCODING,
    },
    http::request::Parts,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use serde::{Deserialize, Serialize};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

use crate::{
    children::child_runtime,
    sockets::{STAGE, Sockets},
};

/// How long a response waits for its client.
const RESPONSE_TTL: Duration = Duration::from_secs(180);
/// The header that names an event.
const EVENT_ID: &str = "lambda-runtime-aws-request-id";
/// The header that says whether the caller waits for the outcome.
const INVOCATION_TYPE: &str = "x-amz-invocation-type";
/// One that runs, and one that is queued.
const MAX_EVENTS: usize = 2;
/// Pause before a call to an emulator that is being started again is repeated.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);
/// How often a call other than a function's wait for its next event is repeated.
const MAX_RECONNECTS: u32 = 50;

/// The outcome of an invocation.
pub(crate) enum Outcome {
    /// The body of the function's response.
    Response(Bytes),
    /// It failed, or could not be reached. With the reason, if it is known.
    Failure(String),
}

/// What the emulator carries in place of a response.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Receipt {
    receipt: String,
}

struct KeptResponse {
    since: Instant,
    body: Bytes,
}

struct Shared {
    emulator_port: u16,
    client: Client<HttpConnector, Full<Bytes>>,
    responses: Mutex<HashMap<String, KeptResponse>>,
    /// The events that functions work on: their ids, and the paths to report a failure.
    open: Mutex<HashMap<String, String>>,
    /// How many invocations that nobody waits for each function has.
    events: Mutex<HashMap<String, usize>>,
    sockets: Sockets,
}

/// The relay's listener, and a client of the emulator. Dropping it closes the port.
pub(crate) struct RuntimeRelay {
    port: u16,
    listener: AbortHandle,
    shared: Arc<Shared>,
}

/// Invokes functions; cheap to clone.
#[derive(Clone)]
pub(crate) struct Invoker(Arc<Shared>);

impl RuntimeRelay {
    /// Listens on a free port of the loopback interface, for the emulator on `emulator_port`.
    pub(crate) async fn start(emulator_port: u16, sockets: Sockets) -> anyhow::Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let shared = Arc::new(Shared {
            emulator_port,
            client,
            responses: Mutex::default(),
            open: Mutex::default(),
            events: Mutex::default(),
            sockets,
        });
        let served = shared.clone();
        // On the thread that lives for ever: the caller's runtime may be one test's.
        let started = child_runtime().spawn(async move {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let port = listener.local_addr()?.port();
            std::io::Result::Ok((port, tokio::spawn(accept(listener, served)).abort_handle()))
        });
        let (port, listener) = started.await?.context("cannot listen on 127.0.0.1")?;
        Ok(Self { port, listener, shared })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn invoker(&self) -> Invoker {
        Invoker(self.shared.clone())
    }
}

impl Drop for RuntimeRelay {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Invoker {
    /// Invokes a function and waits for its response. Nothing limits the wait: the caller does.
    pub(crate) async fn invoke(&self, function: &str, event: Bytes) -> Outcome {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let mut request = Request::new(Full::new(event));
        *request.method_mut() = Method::POST;
        let (parts, body) = request.into_parts();
        let Some((status, _, body)) = self.0.forward(parts, &path, body, MAX_RECONNECTS).await
        else {
            return Outcome::Failure("cargo-lambda's emulator does not answer".to_owned());
        };
        let Ok(Receipt { receipt }) = serde_json::from_slice(&body) else {
            return Outcome::Failure(String::from_utf8_lossy(&body).into_owned());
        };
        match self.0.take(&receipt) {
            Some(response) if status.is_success() => Outcome::Response(response),
            Some(error) => Outcome::Failure(String::from_utf8_lossy(&error).into_owned()),
            None => Outcome::Failure("the response was lost".to_owned()),
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(serve(stream, shared.clone())); }
                // Out of file descriptors: the connections that end give some back.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    // The ids of the events that were handed out on this connection.
    let taken: Arc<Mutex<Vec<String>>> = Arc::default();
    let service = service_fn(|request| {
        let (shared, taken) = (shared.clone(), taken.clone());
        async move { Ok::<_, Infallible>(respond(request, &shared, &taken).await) }
    });
    let server = hyper::server::conn::http1::Builder::new();
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
    // A function keeps its connection while it works, so its process is gone.
    let taken = std::mem::take(&mut *taken.lock().unwrap_or_else(PoisonError::into_inner));
    for id in taken {
        shared.report_gone(&id).await;
    }
}

async fn respond(
    request: Request<Incoming>,
    shared: &Arc<Shared>,
    taken: &Mutex<Vec<String>>,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    // A page in a browser of this machine must not invoke functions past the API. Neither a
    // function nor `cargo lambda invoke` sends an Origin, or another host than a loopback address.
    if parts.headers.contains_key(ORIGIN) || !names_loopback(&parts.headers) {
        return plain(StatusCode::FORBIDDEN, "This port is for functions and cargo lambda invoke");
    }
    let Ok(body) = body.collect().await.map(|body| body.to_bytes()) else {
        return plain(StatusCode::BAD_REQUEST, "The body breaks off");
    };
    let path = parts.uri.path().to_owned();
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match segments.as_slice() {
        [STAGE, "@connections", id] => {
            let mut response = Response::new(Full::default());
            *response.status_mut() =
                shared.sockets.respond(&parts.method, id, &parts.headers, &body);
            response
        }
        // Nobody waits for the outcome.
        ["2015-03-31", "functions", function, "invocations"]
            if parts.headers.get(INVOCATION_TYPE).is_some_and(|kind| kind == "Event") =>
        {
            shared.invoke_event((*function).to_owned(), body);
            plain(StatusCode::ACCEPTED, "")
        }
        ["2015-03-31", "functions", function, "invocations"] => {
            match Invoker(shared.clone()).invoke(function, body).await {
                Outcome::Response(body) => json(StatusCode::OK, body),
                Outcome::Failure(text) => {
                    json(StatusCode::INTERNAL_SERVER_ERROR, Bytes::from(text))
                }
            }
        }
        [.., "invocation", id, "response" | "error"] => {
            shared.end(id);
            taken.lock().unwrap_or_else(PoisonError::into_inner).retain(|open| open != id);
            shared.keep(id, body);
            shared.pass_on(parts, &path, receipt_for(id), MAX_RECONNECTS).await
        }
        // A function waits for its next event for as long as it lives. It must not end because
        // the emulator is started again.
        [.., "invocation", "next"] => {
            let response = shared.pass_on(parts, &path, Full::new(body), u32::MAX).await;
            if let Some(id) = shared.begin(&path, response.headers()) {
                taken.lock().unwrap_or_else(PoisonError::into_inner).push(id);
            }
            response
        }
        _ => shared.pass_on(parts, &path, Full::new(body), MAX_RECONNECTS).await,
    }
}

fn names_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

impl Shared {
    async fn pass_on(
        &self,
        parts: Parts,
        path: &str,
        body: Full<Bytes>,
        reconnects: u32,
    ) -> Response<Full<Bytes>> {
        let Some((status, headers, body)) = self.forward(parts, path, body, reconnects).await
        else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "The emulator does not answer");
        };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }

    /// Sends a request to the emulator and reads the whole response; `None` when there is none.
    async fn forward(
        &self,
        mut parts: Parts,
        path: &str,
        body: Full<Bytes>,
        reconnects: u32,
    ) -> Option<(StatusCode, HeaderMap, Bytes)> {
        parts.uri = format!("http://127.0.0.1:{}{path}", self.emulator_port).parse::<Uri>().ok()?;
        for name in [CONNECTION, TRANSFER_ENCODING, CONTENT_LENGTH, HOST] {
            parts.headers.remove(name);
        }
        let request = Request::from_parts(parts, body);
        let mut repeated = 0;
        let response = loop {
            match self.client.request(request.clone()).await {
                Ok(response) => break response,
                Err(error) if error.is_connect() && repeated < reconnects => {
                    repeated += 1;
                    tokio::time::sleep(RECONNECT_PAUSE).await;
                }
                Err(_) => return None,
            }
        };
        let (mut parts, body) = response.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        for name in [CONNECTION, TRANSFER_ENCODING, CONTENT_LENGTH] {
            parts.headers.remove(name);
        }
        Some((parts.status, parts.headers, body))
    }

    /// Invokes a function, unless one invocation is running and another one is queued: the local
    /// stack has one process, and the emulator's queue must not fill up.
    fn invoke_event(self: &Arc<Self>, function: String, event: Bytes) {
        {
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            let count = events.entry(function.clone()).or_default();
            if *count >= MAX_EVENTS {
                return;
            }
            *count += 1;
        }
        let shared = self.clone();
        tokio::spawn(async move {
            Invoker(shared.clone()).invoke(&function, event).await;
            let mut events = shared.events.lock().unwrap_or_else(PoisonError::into_inner);
            events.entry(function).and_modify(|count| *count -= 1);
        });
    }

    /// Notes that a function has this event; returns the event's id.
    fn begin(&self, next: &str, headers: &HeaderMap) -> Option<String> {
        let id = headers.get(EVENT_ID)?.to_str().ok()?.to_owned();
        let error = format!("{}{id}/error", next.strip_suffix("next")?);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), error);
        Some(id)
    }

    /// Notes that an event has its outcome; returns the path to report a failure, if it had none.
    fn end(&self, id: &str) -> Option<String> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    /// Reports a failure in place of a function whose process is gone.
    async fn report_gone(&self, id: &str) {
        let Some(path) = self.end(id) else { return };
        self.keep(id, Bytes::from_static(b"the function's process is gone"));
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        let _ = self.forward(request.into_parts().0, &path, receipt_for(id), 0).await;
    }

    fn keep(&self, id: &str, body: Bytes) {
        let mut responses = self.responses.lock().unwrap_or_else(PoisonError::into_inner);
        // The client may have disconnected.
        responses.retain(|_, kept| kept.since.elapsed() < RESPONSE_TTL);
        responses.insert(id.to_owned(), KeptResponse { since: Instant::now(), body });
    }

    fn take(&self, id: &str) -> Option<Bytes> {
        let mut responses = self.responses.lock().unwrap_or_else(PoisonError::into_inner);
        responses.remove(id).map(|kept| kept.body)
    }
}

fn receipt_for(id: &str) -> Full<Bytes> {
    let receipt = serde_json::to_vec(&Receipt { receipt: id.to_owned() });
    Full::new(Bytes::from(receipt.unwrap_or_default()))
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}

fn json(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests;
