//! A request as an endpoint sees it: who, then what.

use super::{json, record::Record};
use crate::{
    auth::{Caller, admin::Admin, origin::Origin},
    config::Limit,
    error::{Code, Error, Result},
    inputs::NoParameters,
    locks::Subject,
    state::State,
    store::apps::App,
};
use lambda_http::{
    Body, RequestExt,
    http::{HeaderMap, header},
    request::RequestContext,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
};

/// 64 KiB, for every endpoint but one.
pub const BODY_LIMIT: usize = 64 * 1024;
/// 1 MiB, for create-seats.
pub const SEATS_BODY_LIMIT: usize = 1024 * 1024;

/// One request.
#[derive(Debug)]
pub struct Request {
    pub(super) state: State,
    pub(super) record: Arc<Record>,
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    query: String,
    headers: HeaderMap,
    parameters: Vec<(String, String)>,
    address: Option<IpAddr>,
    pub(super) body: Vec<u8>,
    /// The idempotency key that this call holds, and as whom.
    pub(super) held_key: OnceLock<(String, String)>,
}

impl Request {
    pub(super) fn new(state: State, record: Arc<Record>, event: lambda_http::Request) -> Self {
        let id = event.lambda_context_ref().map(|context| context.request_id.clone()).unwrap_or_default();
        let parameters = event
            .path_parameters_ref()
            .map(|map| map.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
            .unwrap_or_default();
        // Only the gateway knows the client's address: a header may say anything.
        let address = match event.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => {
                context.http.source_ip.as_deref().and_then(|ip| ip.parse().ok())
            }
            _ => None,
        };
        let (method, path) = (event.method().to_string(), event.raw_http_path().to_owned());
        let query = event.uri().query().unwrap_or_default().to_owned();
        let (parts, body) = event.into_parts();
        let body = match body {
            Body::Empty => Vec::new(),
            Body::Text(text) => text.into_bytes(),
            Body::Binary(bytes) => bytes,
            _ => Vec::new(),
        };
        Self {
            state,
            record,
            id,
            method,
            path,
            query,
            headers: parts.headers,
            parameters,
            address,
            body,
            held_key: OnceLock::new(),
        }
    }

    /// The value of a header, if it has one in visible ASCII.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The request's `Origin` as it was sent, and as it is compared (`None` for `null` and what is no origin).
    pub(super) fn origin(&self) -> Option<(&str, Option<Origin>)> {
        let raw = self.headers.get(header::ORIGIN)?.to_str().unwrap_or_default();
        Some((raw, Origin::parse(raw)))
    }

    fn bearer(&self) -> Result<&str> {
        let value = self.header("authorization").ok_or(Code::Unauthenticated)?;
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => Ok(token),
            _ => Err(Code::Unauthenticated.into()),
        }
    }

    /// Layer 1: the platform's admin.
    pub fn admin(&self) -> Result<Admin> {
        self.state.admins.verify(self.bearer()?)
    }

    /// Layer 2: the tenant, by its id, key and origin. Counts against the app's limit.
    pub async fn app(&self) -> Result<Arc<App>> {
        Ok(self.tenant(None).await?.0)
    }

    /// Layers 2 and 3: the tenant, then the user whom it vouches for. Counts against the app's limit and, if given, the
    /// user's.
    pub async fn caller(&self, limit: Option<Limit>) -> Result<Caller> {
        let (app, user) = self.tenant(Some(limit)).await?;
        let user = user.ok_or(Code::Unauthenticated)?;
        Ok(Caller { app, user })
    }

    async fn tenant(&self, user: Option<Option<Limit>>) -> Result<(Arc<App>, Option<crate::domain::UserId>)> {
        let credential = |name| self.header(name).filter(|value| !value.is_empty());
        let (Some(id), Some(key)) = (credential("x-app-id"), credential("x-api-key")) else {
            return Err(Code::AppAuthRequired.into());
        };
        let token = user.map(|limit| (self.bearer().map(str::to_owned), limit));
        let entry = self.state.tenants.enter(id, key, self.origin(), token).await?;
        self.record.note(|learnt| {
            learnt.app = Some(entry.app.app_id.as_str().to_owned());
            learnt.user = entry.user.as_ref().and_then(|user| user.as_ref().ok()).map(ToString::to_string);
            learnt.origin_granted = true;
        });
        self.record.limits(&entry.quotas);
        within(&entry.quotas)?;
        Ok((entry.app, entry.user.transpose()?))
    }

    /// Counts the request against a limit by the client's address.
    pub async fn limit_by_address(&self, limit: Limit) -> Result<()> {
        let Some(address) = self.address else { return Ok(()) };
        let rate = self.state.settings.rate(limit);
        if let Some(admission) = self.state.gate.admit(None, &[(limit, rate, Subject::Address(address))]).await {
            self.record.limits(&admission.quotas);
            within(&admission.quotas)?;
        }
        Ok(())
    }

    /// The body as a `T`, of at most [`BODY_LIMIT`] bytes.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        self.json_within(BODY_LIMIT)
    }

    /// The body as a `T`, of at most `limit` bytes.
    pub fn json_within<T: DeserializeOwned>(&self, limit: usize) -> Result<T> {
        let NoParameters {} = self.query()?;
        if self.body.is_empty() {
            return Err(Error::invalid_json("it is missing"));
        }
        self.check_body(limit)?;
        json::typed(json::object(&self.body)?)
    }

    /// The body as a `T` all of whose fields are optional: no body is an empty object.
    pub fn optional_json<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.body.is_empty() {
            return self.json();
        }
        let NoParameters {} = self.query()?;
        json::typed(Value::Object(Map::new()))
    }

    fn check_body(&self, limit: usize) -> Result<()> {
        if self.body.len() > limit {
            return Err(Error::new(Code::PayloadTooLarge, format!("The body must have at most {limit} bytes")));
        }
        let media_type = self.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
        if !media_type.trim().eq_ignore_ascii_case("application/json") {
            return Err(Code::UnsupportedMediaType.into());
        }
        Ok(())
    }

    /// The query parameters as a `T`.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T> {
        let mut parameters = Map::new();
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            if parameters.insert(name.to_string(), value.into_owned().into()).is_some() {
                return Err(Error::field(name, "must be given once"));
            }
        }
        json::typed(Value::Object(parameters))
    }

    /// A segment of the path that varies.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The path that was asked for.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The method that was asked for.
    pub fn method(&self) -> &str {
        &self.method
    }
}

fn within(quotas: &[crate::locks::Quota]) -> Result<()> {
    match quotas.iter().find(|quota| !quota.admitted) {
        Some(quota) => Err(Error::from(Code::RateLimited).retry_after(quota.retry_seconds)),
        None => Ok(()),
    }
}
