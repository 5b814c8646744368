//! What stands between the clients and cargo-lambda's emulator, as API Gateway does before Lambda:
//! it lets a bounded number of requests in at once, and answers for a function that does not.
//!
//! The emulator (1.9.2) needs it. Its queue of a function holds 100 requests; one more waits for
//! room while it holds the lock that the functions need to fetch their next request, so that from
//! then on nothing moves. And it waits without end for a function process that has died.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    Request, Response, StatusCode, Uri,
    body::{Bytes, Incoming},
    header::{
        CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING,
    },
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::AbortHandle,
    time::timeout,
};

use crate::children::keeper;

/// Fewer than the 100 that one queue of the emulator holds: no queue can then be full.
const AT_ONCE: usize = 96;
/// API Gateway's own limit for an HTTP API, after which it answers 503.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a place is kept for a request that nobody waits for any more: it may still be in a
/// queue.
const ABANDONED: Duration = Duration::from_secs(60);
/// How often what only reads is asked for.
const ATTEMPTS: usize = 5;
/// What lies between two of these.
const PAUSE: Duration = Duration::from_millis(50);
/// API Gateway's limit for a request's body.
const LARGEST_BODY: usize = 10 * 1024 * 1024;
/// Where the functions fetch their requests: calls that wait by design.
const RUNTIME_API: &str = "/.rt/";

/// The listening side. Dropping it closes the port.
pub(crate) struct Gateway {
    port: u16,
    serving: Vec<AbortHandle>,
}

struct Upstream {
    port: u16,
    client: Client<HttpConnector, Full<Bytes>>,
    places: Arc<Semaphore>,
}

impl Gateway {
    /// Listens on this port, or on a free one, for the emulator at `upstream`.
    pub(crate) async fn start(port: Option<u16>, upstream: u16) -> anyhow::Result<Self> {
        let bind = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        // On the thread that lives for ever: the caller's runtime may be one test's.
        let started = keeper().spawn(async move {
            let listener = bind.await?;
            let port = listener.local_addr()?.port();
            let mut connector = HttpConnector::new();
            connector.set_nodelay(true);
            let client = Client::builder(TokioExecutor::new()).build(connector);
            let places = Arc::new(Semaphore::new(AT_ONCE));
            let upstream = Arc::new(Upstream { port: upstream, client, places });
            let mut serving = vec![tokio::spawn(accept(listener, upstream.clone())).abort_handle()];
            // `cargo lambda invoke` calls ::1 unless told otherwise, and `localhost` may mean it
            // too.
            if let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                serving.push(tokio::spawn(accept(listener, upstream)).abort_handle());
            }
            std::io::Result::Ok(Self { port, serving })
        });
        match (started.await?, port) {
            (Err(error), Some(port)) if error.kind() == std::io::ErrorKind::AddrInUse => {
                bail!(
                    "port {port} is taken by another program; choose another one with PORT=<number>"
                )
            }
            (started, _) => started.context("cannot listen on 127.0.0.1"),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.iter().for_each(AbortHandle::abort);
    }
}

async fn accept(listener: TcpListener, upstream: Arc<Upstream>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(connection(stream, upstream.clone())); }
                // Out of file descriptors: the connections that end give some back.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, upstream: Arc<Upstream>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let upstream = upstream.clone();
        async move { Ok::<_, Infallible>(answer(request, upstream).await) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    // A client that goes away in the middle of a request is no error of ours.
    let _ = server.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, upstream: Arc<Upstream>) -> Response<Full<Bytes>> {
    let (mut parts, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        }
        Err(_) => return message(StatusCode::BAD_REQUEST, "Bad Request"),
    };
    if parts.headers.values().any(|value| value.to_str().is_err()) {
        // The emulator fails on such a header instead of passing it on.
        return message(StatusCode::BAD_REQUEST, "Bad Request");
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let waits_by_design = path.starts_with(RUNTIME_API);
    let Ok(uri) = format!("http://127.0.0.1:{}{path}", upstream.port).parse::<Uri>() else {
        return message(StatusCode::BAD_REQUEST, "Bad Request");
    };
    parts.uri = uri;
    for name in [CONNECTION, TRANSFER_ENCODING, CONTENT_LENGTH, HOST] {
        parts.headers.remove(name);
    }
    join_repeated(&mut parts.headers);
    keep_bytes(&mut parts.headers, &body);
    let request = Request::from_parts(parts, Full::new(body));
    if waits_by_design {
        return forward(request, &upstream).await.unwrap_or_else(unavailable);
    }
    // A task of its own: a function that has been called runs to its end, whether or not the client
    // still listens.
    let call = tokio::spawn(async move {
        let Ok(_place) = upstream.places.acquire().await else { return unavailable() };
        timeout(ABANDONED, call(request, &upstream)).await.unwrap_or_else(|_| unavailable())
    });
    match timeout(PATIENCE, call).await {
        Ok(Ok(answer)) => answer,
        _ => unavailable(),
    }
}

/// API Gateway hands a header that stands there twice to the function as one, its values joined by
/// commas; the emulator would keep one of them.
fn join_repeated(headers: &mut HeaderMap) {
    let repeated: Vec<_> =
        headers.keys().filter(|name| headers.get_all(*name).iter().count() > 1).cloned().collect();
    for name in repeated {
        let values: Vec<_> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(joined) = HeaderValue::from_bytes(&values.join(&b","[..])) {
            headers.insert(name, joined);
        }
    }
}

/// The emulator takes the body of a JSON request for UTF-8 and fails if it is not. It looks for the
/// type in lower case only and takes anything else for bytes, which then reach the function as they
/// are.
fn keep_bytes(headers: &mut HeaderMap, body: &[u8]) {
    if std::str::from_utf8(body).is_ok() {
        return;
    }
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("application/octet-stream");
    if let Ok(kind) = HeaderValue::from_str(&kind.to_ascii_uppercase()) {
        headers.insert(CONTENT_TYPE, kind);
    }
}

/// Calls a function. The emulator acknowledges a function's answer before it has read it, and now
/// and then loses the rest of a long one: then it says 500 itself, or breaks off, although the
/// function has answered. What only reads is asked again; for the rest, that is a gateway's 503,
/// after which the same call again is safe.
async fn call(request: Request<Full<Bytes>>, upstream: &Upstream) -> Response<Full<Bytes>> {
    let attempts = if request.method().is_safe() { ATTEMPTS } else { 1 };
    for attempt in 1..=attempts {
        match forward(request.clone(), upstream).await {
            Some(answer) if !is_the_emulators_own_failure(&answer) => return answer,
            _ if attempt < attempts => tokio::time::sleep(PAUSE).await,
            _ => {}
        }
    }
    unavailable()
}

/// Every answer of ours is JSON, failures too.
fn is_the_emulators_own_failure(answer: &Response<Full<Bytes>>) -> bool {
    let kind =
        answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    answer.status() == StatusCode::INTERNAL_SERVER_ERROR && kind.starts_with("text/plain")
}

/// The answer, if there is a whole one.
async fn forward(
    request: Request<Full<Bytes>>,
    upstream: &Upstream,
) -> Option<Response<Full<Bytes>>> {
    let (mut parts, body) = upstream.client.request(request).await.ok()?.into_parts();
    let body = body.collect().await.ok()?;
    for name in [CONNECTION, TRANSFER_ENCODING, CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    Some(Response::from_parts(parts, Full::new(body.to_bytes())))
}

fn unavailable() -> Response<Full<Bytes>> {
    message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
}

/// An answer of the gateway itself, in API Gateway's words.
fn message(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({ "message": text }).to_string();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
