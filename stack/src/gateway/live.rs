//! The WebSocket API: it calls the function `live` as API Gateway does, and ends connections
//! by API Gateway's limits.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::URL_SAFE};
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONNECTION, HOST, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, UPGRADE},
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::{Backend, http_event, request_id};
use crate::{
    runtime_relay::Outcome,
    sockets::{MAX_MESSAGE_BYTES, STAGE},
};

const FUNCTION: &str = "live";
const MAX_FRAME_BYTES: usize = 32 * 1024;
/// API Gateway's limits for a connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);

/// Whether a request opens a WebSocket.
pub(super) fn is_handshake(request: &Request<Incoming>) -> bool {
    let upgrade = request.headers().get(UPGRADE).and_then(|value| value.to_str().ok());
    request.uri().path().trim_matches('/') == STAGE
        && upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// A connection as the function sees it.
struct Connection {
    id: String,
    host: String,
    client: IpAddr,
    backend: Arc<Backend>,
}

/// Opens a WebSocket if the function allows it.
pub(super) async fn connect(
    mut request: Request<Incoming>,
    client: IpAddr,
    backend: Arc<Backend>,
) -> Response<Full<Bytes>> {
    let Some(key) = request.headers().get("sec-websocket-key").map(|key| key.as_bytes().to_vec())
    else {
        return refused(StatusCode::BAD_REQUEST);
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let headers = http_event::headers(request.headers(), client);
    let host = headers.get(HOST.as_str()).cloned().unwrap_or_default();
    // The ids of API Gateway end with `=`.
    let id = URL_SAFE.encode(&rand::random::<u128>().to_ne_bytes()[..11]);
    let connection = Connection { id, host, client, backend };
    let mut event = connection.event("$connect", "CONNECT");
    event["headers"] = json!(headers);
    if let Some(query) = query(request.uri().query()) {
        event["queryStringParameters"] = query;
    }
    match connection.call(event).await {
        Some(status) if status.is_success() => {
            tokio::spawn(connection.open(upgrade));
            switching_protocols(&derive_accept_key(&key))
        }
        Some(status) => refused(status),
        None => refused(StatusCode::BAD_GATEWAY),
    }
}

fn query(raw: Option<&str>) -> Option<Value> {
    let url = reqwest::Url::parse(&format!("ws://localhost/?{}", raw?)).ok()?;
    let pairs = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into()));
    Some(Value::Object(pairs.collect::<Map<String, Value>>()))
}

fn switching_protocols(accept: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.extend(HeaderValue::from_str(accept).ok().map(|value| (SEC_WEBSOCKET_ACCEPT, value)));
    response
}

fn refused(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"The handshake is refused")));
    *response.status_mut() = status;
    response
}

impl Connection {
    fn event(&self, route: &str, kind: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        json!({
            "requestContext": {
                "routeKey": route,
                "eventType": kind,
                "connectionId": self.id,
                "domainName": self.host,
                "stage": STAGE,
                "apiId": "local",
                "requestId": request_id(),
                "messageDirection": "IN",
                "requestTimeEpoch": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
                "identity": {"sourceIp": self.client.to_string()},
            },
            "isBase64Encoded": false,
        })
    }

    /// The status that the function returns; `None` when it has failed.
    async fn call(&self, event: Value) -> Option<StatusCode> {
        if !self.backend.functions.contains(FUNCTION) {
            return Some(StatusCode::NOT_FOUND);
        }
        let _permit = self.backend.permits.acquire().await.ok()?;
        let call = self.backend.invoker.invoke(FUNCTION, event.to_string().into());
        let Ok(Outcome::Response(payload)) = timeout(INTEGRATION_TIMEOUT, call).await else {
            return None;
        };
        let payload: Value = serde_json::from_slice(&payload).ok()?;
        StatusCode::from_u16(u16::try_from(payload["statusCode"].as_u64()?).ok()?).ok()
    }

    /// Carries messages until the connection ends.
    async fn open(self, upgrade: OnUpgrade) {
        if let Ok(upgraded) = upgrade.await {
            let limits = WebSocketConfig::default()
                .max_message_size(Some(MAX_MESSAGE_BYTES))
                .max_frame_size(Some(MAX_FRAME_BYTES));
            let stream = TokioIo::new(upgraded);
            let stream = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits)).await;
            let messages = self.backend.sockets.add(&self.id);
            self.carry(stream, messages).await;
            self.backend.sockets.remove(&self.id);
        }
        self.call(self.event("$disconnect", "DISCONNECT")).await;
    }

    async fn carry(
        &self,
        mut stream: WebSocketStream<TokioIo<Upgraded>>,
        mut messages: mpsc::Receiver<String>,
    ) {
        let end = Instant::now() + MAX_AGE;
        let mut idle_end = Instant::now() + IDLE_TIMEOUT;
        let code = loop {
            tokio::select! {
                message = messages.recv() => match message {
                    Some(text) => {
                        if stream.send(Message::text(text)).await.is_err() {
                            return;
                        }
                    }
                    None => break CloseCode::Normal,
                },
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let mut event = self.event("$default", "MESSAGE");
                        event["body"] = text.as_str().into();
                        self.call(event).await;
                    }
                    // The library answers pings.
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Binary(_))) => break CloseCode::Unsupported,
                    Some(Ok(Message::Close(_) | Message::Frame(_)) | Err(_)) | None => return,
                },
                () = sleep_until(idle_end.min(end)) => break CloseCode::Away,
            }
            idle_end = Instant::now() + IDLE_TIMEOUT;
        };
        let _ = stream.close(Some(CloseFrame { code, reason: "".into() })).await;
    }
}
