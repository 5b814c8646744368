//! The gateway between clients and functions, like API Gateway in AWS. It finds the route of a
//! request, makes the event, invokes the function and turns its response into HTTP. No client's
//! path reaches cargo-lambda's emulator: some of its paths invoke any function, or hand out other
//! clients' requests.
//!
//! It also keeps the emulator (1.9.2) alive. The queue of a function holds 100 requests. One more
//! waits for room while it holds the lock that the functions need to fetch their next request, and
//! then nothing moves. And the emulator waits for ever for a function process that has died.

mod http_event;
mod live;
mod own_response;

use std::{
    collections::BTreeSet,
    convert::Infallible,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
    header::{
        ACCESS_CONTROL_REQUEST_METHOD, CONNECTION, HeaderMap, HeaderValue, ORIGIN,
        TRANSFER_ENCODING,
    },
    http::request::Parts,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
    time::timeout,
};

use crate::{
    children::child_runtime,
    runtime_relay::{Invoker, Outcome},
    sockets::Sockets,
};
use http_event::{DEFAULT_FUNCTION, Destination};
use own_response::{Reason, Refusals, request_id};

/// Fewer than the 100 that one queue of the emulator holds: no queue can then be full.
const MAX_IN_FLIGHT: usize = 96;
/// API Gateway's own limit for an HTTP API. After it, the response is 503.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a request counts as in flight after its client has given up: it may still be queued.
const ABANDONED_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the preflight for a response of our own may take.
const PREFLIGHT_TIMEOUT: Duration = Duration::from_secs(2);
/// API Gateway's limit for a request's body.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// How much of a longer body is read and dropped. A client that is still sending would
/// not read the response.
const MAX_DROPPED_BYTES: usize = 100 * 1024 * 1024;

/// The listening side. Dropping it closes the port.
pub(crate) struct Gateway {
    port: u16,
    listeners: Vec<AbortHandle>,
}

/// The functions behind the gateway.
struct Backend {
    invoker: Invoker,
    /// The functions that run. The emulator would wait for ever for any other one.
    functions: BTreeSet<String>,
    permits: Arc<Semaphore>,
    sockets: Sockets,
}

impl Gateway {
    /// A listener on this port, or on a free one. It accepts
    /// connections; [`Gateway::start`] serves them.
    pub(crate) async fn bind(port: Option<u16>) -> anyhow::Result<TcpListener> {
        let bind = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        // On the thread that lives for ever: the caller's runtime may be one test's.
        match (child_runtime().spawn(bind).await?, port) {
            (Err(error), Some(port)) if error.kind() == io::ErrorKind::AddrInUse => {
                bail!(
                    "port {port} is taken by another program; choose another one with PORT=<number>"
                )
            }
            (bound, _) => bound.context("cannot listen on 127.0.0.1"),
        }
    }

    /// Serves clients with these functions.
    pub(crate) async fn start(
        listener: TcpListener,
        invoker: Invoker,
        functions: BTreeSet<String>,
        sockets: Sockets,
    ) -> anyhow::Result<Self> {
        let port = listener.local_addr()?.port();
        let permits = Arc::new(Semaphore::new(MAX_IN_FLIGHT));
        let backend = Arc::new(Backend { invoker, functions, permits, sockets });
        let listeners = child_runtime()
            .spawn(async move {
                let mut listeners =
                    vec![tokio::spawn(accept(listener, backend.clone())).abort_handle()];
                // `localhost` may mean ::1.
                if let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                    listeners.push(tokio::spawn(accept(listener, backend)).abort_handle());
                }
                listeners
            })
            .await?;
        Ok(Self { port, listeners })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.listeners.iter().for_each(AbortHandle::abort);
    }
}

async fn accept(listener: TcpListener, backend: Arc<Backend>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    connections.spawn(serve(stream, client.ip(), backend.clone()));
                }
                // Out of file descriptors: the connections that end give some back.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, client: IpAddr, backend: Arc<Backend>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let backend = backend.clone();
        async move { Ok::<_, Infallible>(respond(request, client, backend).await) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    let connection = TokioIo::new(Refusals::new(stream));
    // A client that goes away in the middle of a request is no error of ours.
    let _ =
        server.timer(TokioTimer::new()).serve_connection(connection, service).with_upgrades().await;
}

async fn respond(
    request: Request<Incoming>,
    client: IpAddr,
    backend: Arc<Backend>,
) -> Response<Full<Bytes>> {
    if live::is_handshake(&request) {
        return live::connect(request, client, backend).await;
    }
    let (parts, body) = request.into_parts();
    let id = request_id();
    let body = match read(body).await {
        Ok(Some(body)) => body,
        Ok(None) => return backend.refuse(Reason::TooLarge, &id, &parts, client).await,
        Err(_) => return backend.refuse(Reason::Malformed, &id, &parts, client).await,
    };
    let destination = Destination::of(parts.method.as_str(), parts.uri.path());
    let event = http_event::event(&parts, &body, client, &destination, &id).to_string();
    match timeout(RESPONSE_TIMEOUT, backend.call(destination.function, event)).await {
        Ok(Some(response)) => response,
        _ => backend.refuse(Reason::Unavailable, &id, &parts, client).await,
    }
}

/// The whole body; `None` when it is longer than the gateway takes.
async fn read(mut body: Incoming) -> Result<Option<Bytes>, hyper::Error> {
    let (mut kept, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length += data.len();
        if length <= MAX_BODY_BYTES {
            kept.extend_from_slice(&data);
        } else if length > MAX_DROPPED_BYTES {
            break;
        }
    }
    Ok((length <= MAX_BODY_BYTES).then(|| kept.into()))
}

impl Backend {
    /// The function's response; `None` when it has failed, or is not one that runs.
    ///
    /// Nobody calls a function for a client that went away while it waited for a permit.
    async fn call(
        self: &Arc<Self>,
        function: &'static str,
        event: String,
    ) -> Option<Response<Full<Bytes>>> {
        if !self.functions.contains(function) {
            return None;
        }
        let permit = self.permits.clone().acquire_owned().await.ok()?;
        let called = self.clone();
        // A task of its own: a function that has been called runs to its end, whether or not the
        // client still listens.
        let call = tokio::spawn(async move {
            let _permit = permit;
            timeout(ABANDONED_TIMEOUT, called.invoke(function, event)).await.ok()?
        });
        call.await.ok()?
    }

    async fn invoke(&self, function: &str, event: String) -> Option<Response<Full<Bytes>>> {
        match self.invoker.invoke(function, event.into()).await {
            Outcome::Response(payload) => {
                let mut response = http_event::response(&payload)?;
                // Only the gateway sets the headers about the connection.
                for name in [CONNECTION, TRANSFER_ENCODING] {
                    response.headers_mut().remove(name);
                }
                Some(response)
            }
            Outcome::Failure(_) => None,
        }
    }

    /// A response of the gateway's own.
    async fn refuse(
        self: &Arc<Self>,
        reason: Reason,
        id: &str,
        request: &Parts,
        client: IpAddr,
    ) -> Response<Full<Bytes>> {
        let preflight = timeout(PREFLIGHT_TIMEOUT, self.preflight(request, client)).await;
        own_response::response(reason, id, preflight.ok().flatten().as_ref())
    }

    /// The headers of the response to a preflight for this request, if it comes from a page.
    async fn preflight(self: &Arc<Self>, request: &Parts, client: IpAddr) -> Option<HeaderMap> {
        let origin = request.headers.get(ORIGIN)?;
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = Method::OPTIONS;
        parts.uri = request.uri.clone();
        parts.headers.insert(ORIGIN, origin.clone());
        let method = HeaderValue::from_str(request.method.as_str()).ok()?;
        parts.headers.insert(ACCESS_CONTROL_REQUEST_METHOD, method);
        let destination = Destination::of(parts.method.as_str(), parts.uri.path());
        let body = Bytes::new();
        let event = http_event::event(&parts, &body, client, &destination, &request_id());
        let response = self.call(DEFAULT_FUNCTION, event.to_string()).await?;
        Some(response.into_parts().0.headers)
    }
}
