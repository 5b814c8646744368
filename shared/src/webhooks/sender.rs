//! One attempt: a signed request, and the part of its response that is kept.

use super::{
    address::{LookupError, PublicResolver, Resolve},
    secret,
};
use crate::{
    domain::{AllowedHosts, Timestamp, WebhookUrl},
    outgoing::{self, HttpClient},
};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT},
};
use secrecy::SecretString;
use std::{
    error::Error,
    fmt, io,
    sync::OnceLock,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// An attempt from the lookup of the name to the end of the response.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_READ_BYTES: usize = 64 * 1024;
const MAX_KEPT_BYTES: usize = 1024;

/// An event for one endpoint, ready to be signed and sent.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) url: &'a str,
    /// The same in every attempt.
    pub(super) event_id: &'a str,
    pub(super) body: &'a str,
    /// The secrets to sign with. The message has a signature for each.
    pub(super) secrets: &'a [SecretString],
    /// When the attempt begins.
    pub(super) at: Timestamp,
}

/// The outcome of an attempt.
#[derive(Debug, Default)]
pub(super) struct SendOutcome {
    /// Absent if there was no response.
    pub(super) status: Option<StatusCode>,
    /// Why the attempt failed. `None` for a success.
    pub(super) error: Option<String>,
    /// The beginning of the response.
    pub(super) response: Option<String>,
    /// How long the receiver's `Retry-After` asks us to wait.
    pub(super) retry_after: Option<Duration>,
    pub(super) duration: Duration,
}

/// Sends to endpoints. The client is made at the first attempt.
pub(super) struct Sender<R: Resolve> {
    resolver: PublicResolver<R>,
    client: OnceLock<HttpClient<PublicResolver<R>>>,
}

impl<R: Resolve> fmt::Debug for Sender<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

impl<R: Resolve> Sender<R> {
    pub(super) fn new(resolver: R, hosts: AllowedHosts) -> Self {
        Self { resolver: PublicResolver::new(resolver, hosts), client: OnceLock::new() }
    }

    /// Checks that a URL that is registered may be called. A name that does not resolve yet is
    /// accepted.
    pub(super) async fn check(&self, url: &WebhookUrl) -> Result<(), String> {
        self.resolver.check(url).await
    }

    /// Sends a message once.
    pub(super) async fn send(&self, message: &Message<'_>) -> SendOutcome {
        let began = Instant::now();
        let mut outcome = SendOutcome::default();
        match timeout(ATTEMPT_TIMEOUT, self.exchange(message, &mut outcome)).await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => outcome.error = Some(reason),
            Err(_) => {
                let seconds = ATTEMPT_TIMEOUT.as_secs();
                outcome.error = Some(format!("no whole response within {seconds} s"));
            }
        }
        SendOutcome { duration: began.elapsed(), ..outcome }
    }

    async fn exchange(
        &self,
        message: &Message<'_>,
        outcome: &mut SendOutcome,
    ) -> Result<(), String> {
        let url = WebhookUrl::parse(message.url, self.resolver.hosts());
        let url = url.map_err(|reason| format!("the URL is refused: it {reason}"))?;
        let request = request(&url, message).ok_or("the request cannot be written")?;
        let client = self.client().map_err(|_| "the certificates of this system are unreadable")?;
        let response = client.request(request).await.map_err(|error| describe(&error))?;
        let status = response.status();
        outcome.status = Some(status);
        outcome.retry_after = retry_after(&response, message.at);
        let read = read(response, outcome).await;
        // A 2xx means that the receiver has the event, even if its response broke off.
        if status.is_success() {
            return Ok(());
        }
        read?;
        let hint = if status.is_redirection() { ": redirects are not followed" } else { "" };
        Err(format!("the receiver responded with {}{hint}", status.as_u16()))
    }

    fn client(&self) -> io::Result<&HttpClient<PublicResolver<R>>> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = outgoing::client(self.resolver.clone(), ATTEMPT_TIMEOUT)?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn request(url: &WebhookUrl, message: &Message<'_>) -> Option<Request<Full<Bytes>>> {
    let timestamp = u64::try_from(message.at.as_millis() / 1_000).unwrap_or_default();
    let signatures: Option<Vec<String>> = message
        .secrets
        .iter()
        .map(|secret| secret::sign(secret, message.event_id, timestamp, message.body))
        .collect();
    let mut request = Request::new(Full::new(Bytes::copy_from_slice(message.body.as_bytes())));
    *request.method_mut() = Method::POST;
    // The part behind `#` is not for the server.
    let mut target = url.as_url().clone();
    target.set_fragment(None);
    *request.uri_mut() = target.as_str().parse().ok()?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static("seat-booking-backend"));
    for (name, value) in [
        ("webhook-id", message.event_id.to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures?.join(" ")),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value).ok()?);
    }
    Some(request)
}

/// Keeps the beginning of the response. It reads at most [`MAX_READ_BYTES`].
async fn read(response: Response<Incoming>, outcome: &mut SendOutcome) -> Result<(), String> {
    let mut body = response.into_body();
    let (mut kept, mut read) = (Vec::new(), 0);
    while read < MAX_READ_BYTES {
        let Some(frame) = body.frame().await else { break };
        let frame = frame.map_err(|_| "the response broke off")?;
        let Some(data) = frame.data_ref() else { continue };
        read += data.len();
        let room = MAX_KEPT_BYTES - kept.len();
        kept.extend_from_slice(&data[..data.len().min(room)]);
    }
    // A character may have been cut in two.
    let text = String::from_utf8_lossy(&kept);
    let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned();
    outcome.response = (!text.is_empty()).then_some(text);
    Ok(())
}

/// The seconds or the date of `Retry-After`, of a response that may have one.
fn retry_after(response: &Response<Incoming>, now: Timestamp) -> Option<Duration> {
    if !matches!(response.status().as_u16(), 429 | 503) {
        return None;
    }
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = chrono::DateTime::parse_from_rfc2822(value).ok()?.timestamp_millis();
    u64::try_from(at - now.as_millis()).ok().map(Duration::from_millis)
}

/// TLS wraps an I/O error in another one.
fn innermost_kind(error: &io::Error) -> io::ErrorKind {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    inner.map_or_else(|| error.kind(), innermost_kind)
}

/// Why there was no response, in words that help the endpoint's owner.
fn describe(error: &hyper_util::client::legacy::Error) -> String {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(refusal) = current.downcast_ref::<LookupError>() {
            return refusal.to_string();
        }
        if let Some(error) = current.downcast_ref::<io::Error>() {
            match innermost_kind(error) {
                io::ErrorKind::ConnectionRefused => return "the connection was refused".into(),
                io::ErrorKind::ConnectionReset => return "the connection was reset".into(),
                // What rustls refuses.
                io::ErrorKind::InvalidData => return "the TLS handshake failed".into(),
                _ => {}
            }
        }
        cause = current.source();
    }
    let what = if error.is_connect() { "no connection" } else { "no response" };
    format!("there was {what}")
}
