//! Responses that the gateway makes itself, in the form that every response of the API has.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_TYPE,
        HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};
use serde_json::json;
use shared::error::Code;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What a browser needs to let a page read a response.
const GRANTS: [HeaderName; 2] = [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS];

/// Why the gateway responds itself.
#[derive(Clone, Copy)]
pub(super) enum Reason {
    /// The request is not HTTP, or its body breaks off.
    Malformed,
    /// The body is longer than the gateway accepts.
    TooLarge,
    /// The function does not respond in time, or has failed.
    Unavailable,
}

impl Reason {
    fn code(self) -> Code {
        match self {
            Self::Malformed => Code::Validation,
            Self::TooLarge => Code::PayloadTooLarge,
            Self::Unavailable => Code::Unavailable,
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Malformed => "The request is not valid HTTP",
            Self::TooLarge => "The body is larger than 10 MiB",
            Self::Unavailable => "The service is busy or unavailable. The same call again is safe.",
        }
    }
}

/// A new id for a request.
pub(super) fn request_id() -> String {
    let id = format!("{:032x}", rand::random::<u128>());
    [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-")
}

/// The response. `preflight` is the response to a preflight from the same origin on the same path:
/// it knows by the API's own rules whether the origin may read this one.
pub(super) fn response(
    reason: Reason,
    request_id: &str,
    preflight: Option<&HeaderMap>,
) -> Response<Full<Bytes>> {
    let (mut headers, body) = headers_and_body(reason, request_id);
    for name in GRANTS {
        let value = preflight.and_then(|preflight| preflight.get(&name)).cloned();
        headers.extend(value.map(|value| (name, value)));
    }
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(reason.code().status()).unwrap_or_default();
    *response.headers_mut() = headers;
    response
}

fn headers_and_body(reason: Reason, request_id: &str) -> (HeaderMap, String) {
    let code = reason.code().as_str();
    let error = json!({"code": code, "message": reason.message(), "requestId": request_id});
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    headers.extend(HeaderValue::from_str(request_id).ok().map(|id| (REQUEST_ID, id)));
    if matches!(reason, Reason::Unavailable) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    (headers, json!({"success": false, "error": error}).to_string())
}

/// A connection that replaces hyper's own refusals. hyper itself responds to a malformed request
/// line or header, with an empty 400, 414 or 431.
pub(super) struct Refusals<S> {
    stream: S,
    /// What is still to be written of a replacement.
    pending: Vec<u8>,
}

impl<S> Refusals<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, pending: Vec::new() }
    }
}

/// A refusal in our form, if these bytes are a refusal of hyper. Our own responses never look like
/// one: they have a body, which does not end with a blank line.
fn replacement(written: &[u8]) -> Option<Vec<u8>> {
    let head = std::str::from_utf8(written).ok()?;
    let rest = head.strip_prefix("HTTP/1.1 4").filter(|_| head.ends_with("\r\n\r\n"))?;
    let (status, headers) = rest.split_once("\r\n")?;
    if !headers.contains("content-length: 0\r\n") || headers.contains(REQUEST_ID.as_str()) {
        return None;
    }
    let (headers, body) = headers_and_body(Reason::Malformed, &request_id());
    let mut text = format!("HTTP/1.1 4{status}\r\n");
    for (name, value) in &headers {
        text += &format!("{name}: {}\r\n", value.to_str().ok()?);
    }
    text += &format!("connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    Some(text.into_bytes())
}

impl<S: AsyncWrite + Unpin> Refusals<S> {
    fn poll_pending(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.pending))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Refusals<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

// Not vectored: hyper then writes a whole refusal at once.
impl<S: AsyncWrite + Unpin> AsyncWrite for Refusals<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(context))?;
        match replacement(bytes) {
            Some(replacement) => {
                self.pending = replacement;
                let _ = self.poll_pending(context)?;
                Poll::Ready(Ok(bytes.len()))
            }
            None => Pin::new(&mut self.stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_hypers_own_is_replaced() {
        let refusal = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        let replaced = String::from_utf8(replacement(refusal.as_bytes()).unwrap()).unwrap();
        assert!(
            replaced.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"),
            "{replaced}"
        );
        let (head, body) = replaced.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{replaced}");
        assert!(body.contains("requestId") && head.contains("x-request-id"), "{replaced}");
        for ours in [
            "HTTP/1.1 204 No Content\r\nx-request-id: a\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nx-request-id: a\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 400 in the middle of a body\r\ncontent-length: 0\r\n}",
        ] {
            assert!(replacement(ours.as_bytes()).is_none(), "{ours}");
        }
    }
}
