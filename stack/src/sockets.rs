//! The open WebSockets of the local gateway, and API Gateway's `@connections` API for them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hyper::{HeaderMap, Method, StatusCode, body::Bytes, header::AUTHORIZATION};
use tokio::sync::mpsc;

/// The stage of the WebSocket API: the first segment of both paths.
pub(crate) const STAGE: &str = "live";
/// API Gateway's limit for a message.
pub(crate) const MAX_MESSAGE_BYTES: usize = 128 * 1024;
/// Messages that wait for a slow client. API Gateway ends such a connection too.
const MAX_WAITING: usize = 64;

/// The open connections by their ids; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Sockets(Arc<Mutex<HashMap<String, mpsc::Sender<String>>>>);

impl Sockets {
    fn open(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a connection. What functions send to it arrives here, until it is removed.
    pub(crate) fn add(&self, id: &str) -> mpsc::Receiver<String> {
        let (sender, messages) = mpsc::channel(MAX_WAITING);
        self.open().insert(id.to_owned(), sender);
        messages
    }

    pub(crate) fn remove(&self, id: &str) -> bool {
        self.open().remove(id).is_some()
    }

    /// The response to `{method} /@connections/{id}`.
    pub(crate) fn respond(
        &self,
        method: &Method,
        id: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> StatusCode {
        let signature = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if !signature.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 ")) {
            return StatusCode::FORBIDDEN;
        }
        let id = id.replace("%3D", "=");
        match *method {
            Method::POST if body.len() > MAX_MESSAGE_BYTES => StatusCode::PAYLOAD_TOO_LARGE,
            Method::POST => match std::str::from_utf8(body) {
                Ok(text) => self.post(&id, text),
                Err(_) => StatusCode::BAD_REQUEST,
            },
            Method::DELETE if self.remove(&id) => StatusCode::NO_CONTENT,
            Method::GET if self.open().contains_key(&id) => StatusCode::OK,
            Method::DELETE | Method::GET => StatusCode::GONE,
            _ => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn post(&self, id: &str, text: &str) -> StatusCode {
        let sender = self.open().get(id).cloned();
        match sender.map(|sender| sender.try_send(text.to_owned())) {
            Some(Ok(())) => StatusCode::OK,
            Some(Err(_)) => {
                self.remove(id);
                StatusCode::GONE
            }
            None => StatusCode::GONE,
        }
    }
}
