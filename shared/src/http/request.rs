//! A request as an endpoint sees it: who, then what.

use super::{event::Event, json, request_log::RequestLog};
use crate::{
    auth::{
        Caller,
        admin::Admin,
        app::{Access, AdmittedApp, TenantRequest},
    },
    config::RateLimit,
    domain::Origin,
    error::{Code, Error, Result},
    inputs::NoParameters,
    locks::{Charge, Network, Subject},
    state::State,
    store::apps::App,
};
use lambda_http::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, OnceLock},
};

/// 64 KiB, for every endpoint but one.
pub const BODY_LIMIT: usize = 64 * 1024;
/// 1 MiB, for create-seats.
pub const SEATS_BODY_LIMIT: usize = 1024 * 1024;

/// One request.
pub struct Request {
    pub(super) state: State,
    pub(super) log: Arc<RequestLog>,
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

impl fmt::Debug for Request {
    /// What names it. Its headers, query and body hold what must not be seen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl Request {
    pub(super) fn new(state: State, log: Arc<RequestLog>, id: String, event: Event) -> Self {
        let Event { method, path, query, headers, parameters, address, body } = event;
        Self {
            state,
            log,
            id,
            method,
            path,
            query,
            headers,
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

    /// The request's `Origin` as it was sent, and as it is compared (`None` for `null` and what is
    /// no origin).
    pub(super) fn origin(&self) -> Option<(&str, Option<Origin>)> {
        let raw = self.headers.get(header::ORIGIN)?.to_str().unwrap_or_default();
        Some((raw, Origin::parse(raw)))
    }

    fn bearer(&self) -> Result<&str> {
        let value = self.header("authorization").ok_or(Code::Unauthenticated)?;
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => {
                Ok(token)
            }
            _ => Err(Code::Unauthenticated.into()),
        }
    }

    /// Layer 1: the platform's admin.
    pub async fn admin(&self) -> Result<Admin> {
        self.state.admin_auth.verify(self.bearer()?).await
    }

    /// Layer 2: the tenant, by its id, key and origin. Counts against the app's limit and, if
    /// given, against one by the client's network.
    pub async fn app(&self, by_network: Option<RateLimit>) -> Result<Arc<App>> {
        Ok(self.tenant(None, by_network).await?.0)
    }

    /// Layers 2 and 3: the tenant, then the user whom it vouches for. Counts against the app's
    /// limit and, if given, the user's.
    pub async fn caller(&self, by_user: Option<RateLimit>) -> Result<Caller> {
        let (app, user) = self.tenant(Some(by_user), None).await?;
        let user = user.ok_or(Code::Unauthenticated)?;
        Ok(Caller { app, user })
    }

    async fn tenant(
        &self,
        user: Option<Option<RateLimit>>,
        by_network: Option<RateLimit>,
    ) -> Result<(Arc<App>, Option<crate::domain::UserId>)> {
        let (Some(id), Some(key)) = (self.credential("x-app-id"), self.credential("x-api-key"))
        else {
            return Err(Code::AppAuthRequired.into());
        };
        let token = user.map(|limit| (self.bearer().map(str::to_owned), limit));
        let tenant_request = TenantRequest {
            id,
            key,
            origin: self.origin(),
            network: self.network(),
            by_network,
            token,
        };
        let (app, user, standing, quotas, listed) =
            match self.state.tenant_auth.authenticate(tenant_request).await? {
                Access::Granted(AdmittedApp { app, user, standing, quotas }) => {
                    (app, user, standing, quotas, true)
                }
                Access::Limited { app, listed, quotas } => (app, None, None, quotas, listed),
            };
        self.log.update(|facts| {
            facts.app = Some(app.app_id.as_str().to_owned());
            facts.domain = Some(app.domain);
            facts.user = user
                .as_ref()
                .and_then(|token| token.as_ref().ok())
                .map(|token| token.user.to_string());
            facts.origin_granted = listed;
        });
        self.log.add_quotas(&quotas);
        within(&quotas)?;
        // Only now: what a limit refuses costs no MongoDB.
        let user = match user.transpose()? {
            Some(token) => Some(
                self.state.user_auth.check_token(&token, &app.app_id, standing.as_deref()).await?,
            ),
            None => None,
        };
        Ok((app, user))
    }

    pub(super) fn credential(&self, name: &str) -> Option<&str> {
        self.header(name).filter(|value| !value.is_empty())
    }

    /// The client's network, as the gateway saw it.
    pub fn network(&self) -> Network {
        Network::of(self.address)
    }

    /// Counts an admin's sign-in against the limit by the client's network.
    ///
    /// # Errors
    /// `RATE_LIMITED`; `SERVICE_UNAVAILABLE` when Redis cannot be asked: what guards everybody's
    /// tenants stays closed.
    pub async fn limit_admin_login(&self) -> Result<()> {
        let limit = RateLimit::AdminLogin;
        let rate = self.state.settings.rate(limit);
        let charge = Charge { limit, rate, subject: Subject::Network(self.network()) };
        let admission = self.state.gate.admit(None, &[charge]).await;
        if !admission.counted_by_redis {
            return Err(Error::unavailable(
                "redis cannot be asked: the admin's sign-in stays closed",
            ));
        }
        self.log.add_quotas(&admission.quotas);
        within(&admission.quotas)
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
            return Err(Error::new(
                Code::PayloadTooLarge,
                format!("The body must have at most {limit} bytes"),
            ));
        }
        let media_type = self
            .header("content-type")
            .and_then(|value| value.split(';').next())
            .unwrap_or_default();
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
