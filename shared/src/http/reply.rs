//! Answers: the envelope, and the headers that every answer has.

use super::record::Record;
use crate::{
    error::{Code, Error},
    store::idempotency::StoredAnswer,
};
use lambda_http::{
    Body, Response,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;

const METHODS: &str = "GET, POST, PATCH, OPTIONS";
const REQUEST_HEADERS: &str = "authorization, content-type, x-app-id, x-api-key, idempotency-key";
const EXPOSED: &str = "x-request-id, retry-after, ratelimit, ratelimit-policy, idempotency-replayed";
const PREFLIGHT_SECONDS: &str = "600";

/// What an endpoint answers; `requestId` and the headers come at the end, once for all.
#[derive(Clone)]
pub struct Reply {
    status: u16,
    body: Option<Value>,
    retry_after: Option<u64>,
    allow: Option<String>,
    replayed: bool,
}

impl fmt::Debug for Reply {
    /// Its status: the body may hold the token or the key that its endpoint hands out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Reply {
    fn success(status: u16, data: impl Serialize, message: &str) -> Result<Self, Error> {
        let data = serde_json::to_value(data).map_err(Error::internal)?;
        let body = json!({"success": true, "data": data, "message": message});
        Ok(Self { status, body: Some(body), retry_after: None, allow: None, replayed: false })
    }

    /// 200 with data.
    pub fn ok(data: impl Serialize, message: &str) -> Result<Self, Error> {
        Self::success(200, data, message)
    }

    /// 201 with data.
    pub fn created(data: impl Serialize, message: &str) -> Result<Self, Error> {
        Self::success(201, data, message)
    }

    /// 204: a preflight's answer.
    pub fn no_content() -> Self {
        Self { status: 204, body: None, retry_after: None, allow: None, replayed: false }
    }

    /// What is kept of it for its idempotency key.
    pub(super) fn stored(&self) -> StoredAnswer {
        StoredAnswer {
            status: i32::from(self.status),
            body: self.body.as_ref().map(Value::to_string).unwrap_or_default(),
            retry_after: self.retry_after.and_then(|seconds| i64::try_from(seconds).ok()),
        }
    }

    /// An answer as it was kept.
    pub(super) fn replay(stored: StoredAnswer) -> Result<Self, Error> {
        Ok(Self {
            status: u16::try_from(stored.status).map_err(Error::internal)?,
            body: Some(serde_json::from_str(&stored.body).map_err(Error::internal)?),
            retry_after: stored.retry_after.and_then(|seconds| u64::try_from(seconds).ok()),
            allow: None,
            replayed: true,
        })
    }

    /// Whether it is the kind of answer that an idempotency key remembers.
    pub(super) fn is_final(&self) -> bool {
        self.status < 500 && self.status != Code::RateLimited.status()
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// The error code of a failure, for the log.
    pub(super) fn code(&self) -> Option<&str> {
        self.body.as_ref()?.get("error")?.get("code")?.as_str()
    }

    /// The whole answer. `origin`: the request's origin, if it is granted.
    pub(super) fn finish(
        mut self,
        record: &Record,
        request_id: &str,
        origin: Option<&str>,
        preflight: bool,
    ) -> Response<Body> {
        if let Some(error) = self.body.as_mut().and_then(|body| body.get_mut("error")).and_then(Value::as_object_mut) {
            error.insert("requestId".into(), request_id.into());
        }
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(name, value);
            }
        };
        set(header::CONTENT_TYPE, "application/json");
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::CACHE_CONTROL, "no-store");
        set(header::VARY, "Origin");
        set(HeaderName::from_static("x-request-id"), request_id);
        if let Some(seconds) = self.retry_after {
            set(header::RETRY_AFTER, &seconds.to_string());
        }
        if let Some(allow) = &self.allow {
            set(header::ALLOW, allow);
        }
        if self.replayed {
            set(HeaderName::from_static("idempotency-replayed"), "true");
        }
        if let Some((policy, state)) = record.rate_limit_headers() {
            set(HeaderName::from_static("ratelimit-policy"), &policy);
            set(HeaderName::from_static("ratelimit"), &state);
        }
        if let Some(origin) = origin {
            set(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            set(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            if preflight {
                set(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
                set(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
                set(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
            }
        }
        let body = self.body.map_or(Body::Empty, |body| Body::Text(body.to_string()));
        let mut response = Response::new(body);
        *response.status_mut() = lambda_http::http::StatusCode::from_u16(self.status).unwrap_or_default();
        *response.headers_mut() = headers;
        response
    }
}

impl From<&Error> for Reply {
    fn from(error: &Error) -> Self {
        let mut body = json!({"code": error.code().as_str(), "message": error.message()});
        if let Some(details) = error.details() {
            body["details"] = details.clone();
        }
        Self {
            status: error.code().status(),
            body: Some(json!({"success": false, "error": body})),
            retry_after: error.retry_after_seconds(),
            allow: error.allow().map(str::to_owned),
            replayed: false,
        }
    }
}
