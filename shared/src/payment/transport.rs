//! HTTP to a payment provider: short timeouts, bounded bodies, no redirects, no proxies.

use super::{ProviderError, Refusal};
use crate::outgoing::{self, HttpClient};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::Bytes,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT},
};
use hyper_util::client::legacy::connect::dns::GaiResolver;
use serde::de::DeserializeOwned;
use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::time::timeout;
use url::{Url, form_urlencoded};

/// The limit for a whole call: connecting, connecting again, the request and the response.
const CALL_TIMEOUT: Duration = Duration::from_secs(3);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const MAX_BODY_BYTES: usize = 256 * 1024;

/// The HTTP client that all accounts share. It is made at the first call, since reading the
/// system's certificates takes time.
#[derive(Clone, Default)]
pub struct ProviderHttp(Arc<OnceLock<HttpClient<GaiResolver>>>);

impl fmt::Debug for ProviderHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderHttp")
    }
}

impl ProviderHttp {
    fn client(&self) -> Result<&HttpClient<GaiResolver>, ProviderError> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = outgoing::client(GaiResolver::new(), CONNECT_TIMEOUT)
            .map_err(|error| ProviderError::Unreachable(error.into()))?;
        Ok(self.0.get_or_init(|| client))
    }
}

/// Calls for one account. `Debug` shows no credential.
pub(super) struct Transport {
    http: ProviderHttp,
    base: Url,
    authorization: HeaderValue,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// A request before it is sent.
pub(super) struct ProviderRequest {
    method: Method,
    segments: Vec<String>,
    query: String,
    headers: HeaderMap,
    content_type: Option<&'static str>,
    body: Bytes,
}

impl ProviderRequest {
    pub(super) fn get(segments: &[&str]) -> Self {
        Self::new(Method::GET, segments)
    }

    pub(super) fn post(segments: &[&str]) -> Self {
        Self::new(Method::POST, segments)
    }

    fn new(method: Method, segments: &[&str]) -> Self {
        Self {
            method,
            segments: segments.iter().map(|segment| (*segment).to_owned()).collect(),
            query: String::new(),
            headers: HeaderMap::new(),
            content_type: None,
            body: Bytes::new(),
        }
    }

    pub(super) fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.query = encode(pairs);
        self
    }

    /// A header. Our own ids need no escape; a value that no header can carry is refused.
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Result<Self, ProviderError> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| ProviderError::Refused(Refusal::local(name, "is no header value")))?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    pub(super) fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        self.content_type = Some("application/x-www-form-urlencoded");
        self.body = encode(pairs).into();
        self
    }

    pub(super) fn json(mut self, body: &serde_json::Value) -> Self {
        self.content_type = Some("application/json");
        self.body = body.to_string().into();
        self
    }
}

impl Refusal {
    /// A request that we do not even send.
    pub(super) fn local(field: &str, message: &str) -> Self {
        Self { field: field.to_owned(), message: message.to_owned(), ..Self::default() }
    }
}

/// A response with its whole body.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    body: Bytes,
}

impl Reply {
    /// Parses the body. If it cannot be read, the outcome of the request is unknown.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, ProviderError> {
        let mut json = serde_json::Deserializer::from_slice(&self.body);
        // The error names the path. It must not quote the body, which may hold a secret.
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            ProviderError::Unknown(format!("malformed at {}", error.path()).into())
        })
    }
}

impl Transport {
    /// `base` is the address of the provider or of a fake provider.
    pub(super) fn new(
        http: ProviderHttp,
        base: &str,
        authorization: String,
    ) -> Result<Self, String> {
        let base = Url::parse(base).map_err(|error| format!("must be a URL: {error}"))?;
        if base.cannot_be_a_base() || !matches!(base.scheme(), "https" | "http") {
            return Err("must be an http or https URL".into());
        }
        let mut authorization = HeaderValue::try_from(authorization)
            .map_err(|_| "must have only characters that a header can carry")?;
        authorization.set_sensitive(true);
        Ok(Self { http, base, authorization })
    }

    /// Sends a request and reads the response, whatever its status.
    pub(super) async fn send(&self, request: &ProviderRequest) -> Result<Reply, ProviderError> {
        match timeout(CALL_TIMEOUT, self.exchange(request)).await {
            Ok(reply) => reply,
            Err(elapsed) => Err(ProviderError::Unknown(elapsed.into())),
        }
    }

    async fn exchange(&self, request: &ProviderRequest) -> Result<Reply, ProviderError> {
        let client = self.http.client()?;
        let mut response = client.request(self.http_request(request)?).await;
        // Without a connection nothing was sent, so a second try is safe.
        if response.as_ref().is_err_and(hyper_util::client::legacy::Error::is_connect) {
            response = client.request(self.http_request(request)?).await;
        }
        let response = response.map_err(|error| {
            if error.is_connect() {
                ProviderError::Unreachable(error.into())
            } else {
                ProviderError::Unknown(error.into())
            }
        })?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_BODY_BYTES).collect().await;
        let body = body.map_err(ProviderError::Unknown)?.to_bytes();
        Ok(Reply { status, body })
    }

    fn http_request(
        &self,
        request: &ProviderRequest,
    ) -> Result<Request<Full<Bytes>>, ProviderError> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            // Each segment is escaped, so no id can change the path.
            segments.pop_if_empty().extend(&request.segments);
        }
        url.set_query(Some(request.query.as_str()).filter(|query| !query.is_empty()));
        let mut http_request = Request::new(Full::new(request.body.clone()));
        *http_request.method_mut() = request.method.clone();
        *http_request.uri_mut() =
            url.as_str().parse().map_err(|error: hyper::http::uri::InvalidUri| {
                ProviderError::Unreachable(error.into())
            })?;
        let headers = http_request.headers_mut();
        *headers = request.headers.clone();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("seat-booking-backend"));
        if let Some(content_type) = request.content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        Ok(http_request)
    }
}

fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
