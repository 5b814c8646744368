//! Responses: the envelope, and the headers that every response has.

use super::{feed, request_log::RequestLog};
use crate::{
    error::{Code, Error},
    gzip,
    store::idempotency::StoredResponse,
};
use lambda_http::{
    Body, Response,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
const REQUEST_HEADERS: &str = "authorization, content-type, x-app-id, x-api-key, idempotency-key, \
                               if-match, traceparent, tracestate, baggage, sentry-trace";
const EXPOSED_HEADERS: &str =
    "etag, x-request-id, retry-after, ratelimit, ratelimit-policy, idempotency-replayed";
const FEED_METHODS: &str = "GET, OPTIONS";
const FEED_REQUEST_HEADERS: &str = "if-none-match";
const FEED_EXPOSED_HEADERS: &str = "etag, x-request-id, retry-after";
const PREFLIGHT_SECONDS: &str = "600";
const NO_CACHING: &str = "no-store";
/// Shorter texts are not worth the compression.
const MIN_GZIP_BYTES: usize = 16 * 1024;
/// Lambda's limit for a response is 6 MB, with the body as a JSON string in it.
const MAX_PLAIN_BYTES: usize = 5_900_000;

/// An endpoint's response. `requestId` and the headers are added at the end, in one place.
#[derive(Clone)]
pub struct Reply {
    status: u16,
    body: Content,
    retry_after: Option<u64>,
    allow: Option<String>,
    replayed: bool,
    pub(super) etag: Option<String>,
    /// Value of the header `cache-control`.
    pub(super) caching: &'static str,
    /// Whether the body depends on the request's `accept-encoding`, so that `vary` must name it.
    pub(super) depends_on_encoding: bool,
}

/// The pages that may read a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers<'a> {
    /// Pages of no other origin.
    None,
    /// Pages of this origin.
    Origin(&'a str),
    /// All pages: the response is the feed's.
    Everyone,
}

#[derive(Clone)]
pub(super) enum Content {
    None,
    /// The JSON text that is sent.
    Success(String),
    /// The JSON text that is sent, with gzip.
    Gzipped(Vec<u8>),
    /// A JSON object, because the request's id is still to be added.
    Failure(Value),
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    success: bool,
    data: T,
    message: &'a str,
}

impl fmt::Debug for Reply {
    /// Only the status: the body may hold a token or an API key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Reply {
    fn success(status: u16, data: impl Serialize, message: &str) -> Result<Self, Error> {
        let body = serde_json::to_string(&Envelope { success: true, data, message })
            .map_err(Error::internal)?;
        Ok(Self::of(status, Content::Success(body)))
    }

    /// A response with no headers of its own.
    pub(super) fn of(status: u16, body: Content) -> Self {
        Self {
            status,
            body,
            retry_after: None,
            allow: None,
            replayed: false,
            etag: None,
            caching: NO_CACHING,
            depends_on_encoding: false,
        }
    }

    /// A 200 response with data.
    pub fn ok(data: impl Serialize, message: &str) -> Result<Self, Error> {
        Self::success(200, data, message)
    }

    /// A 201 response with data.
    pub fn created(data: impl Serialize, message: &str) -> Result<Self, Error> {
        Self::success(201, data, message)
    }

    /// A 202 response with data: some of the work is left.
    pub fn accepted(data: impl Serialize, message: &str) -> Result<Self, Error> {
        Self::success(202, data, message)
    }

    /// The response with an `ETag` of this version.
    #[must_use]
    pub fn with_etag(self, version: i64) -> Self {
        Self { etag: Some(format!("\"{version}\"")), ..self }
    }

    /// The response with gzip, where the client accepts it or the text is too long for Lambda.
    ///
    /// # Errors
    /// None: writing to memory cannot fail.
    pub fn gzipped_if(self, accepted: bool) -> Result<Self, Error> {
        match &self.body {
            Content::Success(text)
                if accepted && text.len() > MIN_GZIP_BYTES
                    || length_in_json(text) > MAX_PLAIN_BYTES =>
            {
                let bytes = gzip::pack(text.as_bytes()).map_err(Error::internal)?;
                Ok(Self { body: Content::Gzipped(bytes), depends_on_encoding: true, ..self })
            }
            _ => Ok(self),
        }
    }

    /// 204, for a preflight.
    pub fn no_content() -> Self {
        Self::of(204, Content::None)
    }

    /// The response in the form in which an idempotency key stores it.
    pub(super) fn stored(&self) -> StoredResponse {
        StoredResponse {
            status: i32::from(self.status),
            body: match &self.body {
                Content::None => String::new(),
                Content::Success(text) => text.clone(),
                // No route with such a response takes an idempotency key.
                Content::Gzipped(_) => String::new(),
                Content::Failure(body) => body.to_string(),
            },
            retry_after: self.retry_after.and_then(|seconds| i64::try_from(seconds).ok()),
            etag: self.etag.clone(),
        }
    }

    /// A response that was stored for an idempotency key.
    pub(super) fn replay(stored: StoredResponse) -> Result<Self, Error> {
        let status = u16::try_from(stored.status).map_err(Error::internal)?;
        let body = if status < 400 {
            Content::Success(stored.body)
        } else {
            Content::Failure(serde_json::from_str(&stored.body).map_err(Error::internal)?)
        };
        let retry_after = stored.retry_after.and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Self { retry_after, replayed: true, etag: stored.etag, ..Self::of(status, body) })
    }

    /// Whether an idempotency key stores this response. A 5xx or a 429 may differ at the next call,
    /// and so does a payment that is not complete yet.
    pub(super) fn is_storable(&self) -> bool {
        self.status < 500
            && self.status != Code::RateLimited.status()
            && self.code() != Some(Code::PaymentPending.as_str())
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// The error code of a failure, for the log.
    pub(super) fn code(&self) -> Option<&str> {
        let Content::Failure(body) = &self.body else { return None };
        body.get("error")?.get("code")?.as_str()
    }

    /// The response with all its headers.
    pub(super) fn finish(
        self,
        log: &RequestLog,
        request_id: &str,
        readers: Readers<'_>,
        preflight: bool,
    ) -> Response<Body> {
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(name, value);
            }
        };
        set(header::CONTENT_TYPE, "application/json");
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::CACHE_CONTROL, self.caching);
        if readers != Readers::Everyone {
            set(header::VARY, "Origin");
        }
        if self.depends_on_encoding {
            set(header::VARY, "Accept-Encoding");
        }
        if matches!(self.body, Content::Gzipped(_)) {
            set(header::CONTENT_ENCODING, "gzip");
        }
        set(HeaderName::from_static("x-request-id"), request_id);
        if let Some(seconds) = self.retry_after {
            set(header::RETRY_AFTER, &seconds.to_string());
        }
        if let Some(allow) = &self.allow {
            set(header::ALLOW, allow);
        }
        if let Some(etag) = &self.etag {
            set(header::ETAG, etag);
        }
        if self.replayed {
            set(HeaderName::from_static("idempotency-replayed"), "true");
        }
        if let Some((policy, state)) = log.rate_limit_headers() {
            set(HeaderName::from_static("ratelimit-policy"), &policy);
            set(HeaderName::from_static("ratelimit"), &state);
        }
        let granted = match readers {
            Readers::None => None,
            Readers::Origin(origin) => Some((origin, EXPOSED_HEADERS, METHODS, REQUEST_HEADERS)),
            Readers::Everyone => {
                Some(("*", FEED_EXPOSED_HEADERS, FEED_METHODS, FEED_REQUEST_HEADERS))
            }
        };
        if let Some((origin, exposed, methods, accepted)) = granted {
            set(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            set(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
            if preflight {
                set(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
                set(header::ACCESS_CONTROL_ALLOW_HEADERS, accepted);
                set(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
            }
        }
        let body = match self.body {
            Content::None => Body::Empty,
            Content::Success(text) => Body::Text(text),
            Content::Gzipped(bytes) => Body::Binary(bytes),
            Content::Failure(mut body) => {
                if let Some(error) = body.get_mut("error").and_then(Value::as_object_mut) {
                    error.insert("requestId".into(), request_id.into());
                }
                Body::Text(body.to_string())
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            lambda_http::http::StatusCode::from_u16(self.status).unwrap_or_default();
        *response.headers_mut() = headers;
        response
    }
}

/// How long a text is as a JSON string.
fn length_in_json(text: &str) -> usize {
    text.bytes().filter(|c| matches!(c, b'"' | b'\\')).count() + text.len()
}

impl From<&Error> for Reply {
    fn from(error: &Error) -> Self {
        let mut body = json!({"code": error.code().as_str(), "message": error.message()});
        if let Some(details) = error.details() {
            body["details"] = details.clone();
        }
        let caching = match error.code() {
            Code::FeedNotFound => feed::UNKNOWN_KEY_CACHING,
            _ => NO_CACHING,
        };
        let body = Content::Failure(json!({"success": false, "error": body}));
        Self {
            retry_after: error.retry_after_seconds(),
            allow: error.allow().map(str::to_owned),
            caching,
            ..Self::of(error.code().status(), body)
        }
    }
}
