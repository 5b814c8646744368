//! A request as an endpoint sees it: first who sends it, then what it says.

use super::{event::Event, idempotent::HeldKey, json, request_log::RequestLog};
use crate::{
    auth::{
        Caller,
        admin::Admin,
        api_key::SecretKey,
        app::{Access, AdmittedApp, CallerKind, RequestOrigin, TenantRequest, UserToken},
        organiser::{AdmittedKey, Organiser},
    },
    config::RateLimit,
    domain::{EntityId, Origin, Precondition},
    error::{Code, Error, Result},
    inputs::NoParameters,
    locks::{Network, Quota, QuotaCharge, Subject},
    state::State,
    store::apps::App,
};
use lambda_http::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// 64 KiB, for every route that has no limit of its own below.
pub const BODY_LIMIT: usize = 64 * 1024;
/// 1 MiB, for create-seats.
pub const SEATS_BODY_LIMIT: usize = 1024 * 1024;
/// 2 MiB, for a layout.
pub const LAYOUT_BODY_LIMIT: usize = 2 * 1024 * 1024;
/// 4 MiB, for a file with a seating plan. As base64 it still fits into an event of Lambda.
pub const IMPORT_BODY_LIMIT: usize = 4 * 1024 * 1024;

const JSON: &str = "application/json";

/// A request, with the means to authenticate and parse it.
pub struct Request {
    pub(super) state: State,
    pub(super) log: Arc<RequestLog>,
    pub(super) id: String,
    pub(super) event: Event,
    pub(super) held_key: OnceLock<HeldKey>,
}

/// The `Origin` header of a request, as sent and as parsed.
pub(super) struct OriginHeader {
    pub(super) raw: String,
    /// `None` for `null` and for text that is no origin.
    pub(super) parsed: Option<Origin>,
}

impl fmt::Debug for Request {
    /// Leaves out headers, query and body: they hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("method", &self.event.method)
            .finish_non_exhaustive()
    }
}

impl Request {
    pub(super) fn new(state: State, log: Arc<RequestLog>, id: String, event: Event) -> Self {
        Self { state, log, id, event, held_key: OnceLock::new() }
    }

    /// The value of a header, if it has one in visible ASCII.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.event.headers.get(name)?.to_str().ok()
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.event.headers.contains_key(name)
    }

    /// The `Origin` header, if there is one.
    pub(super) fn origin(&self) -> Option<OriginHeader> {
        let raw = self.event.headers.get(header::ORIGIN)?.to_str().unwrap_or_default();
        Some(OriginHeader { parsed: Origin::parse(raw), raw: raw.to_owned() })
    }

    fn request_origin(&self) -> RequestOrigin {
        match self.origin() {
            None if self.is_of_own_page() => {
                self.own_origin().map_or(RequestOrigin::Invalid, RequestOrigin::Valid)
            }
            None => RequestOrigin::Absent,
            Some(header) => header.parsed.map_or(RequestOrigin::Invalid, RequestOrigin::Valid),
        }
    }

    /// Whether a page on the API's own origin sent this request. Browsers omit `Origin` from a GET
    /// or HEAD to the page's own origin, so `Sec-Fetch-Site` decides: no page can forge it.
    fn is_of_own_page(&self) -> bool {
        matches!(self.event.method.as_str(), "GET" | "HEAD")
            && self.header("sec-fetch-site") == Some("same-origin")
    }

    /// The origin by which the client called the API. API Gateway always serves https. Only the
    /// local gateway sends another `x-forwarded-proto`.
    fn own_origin(&self) -> Option<Origin> {
        Origin::parse(&self.own_address()?)
    }

    /// Scheme and host by which the client called the API.
    fn own_address(&self) -> Option<String> {
        let scheme = match self.header("x-forwarded-proto") {
            Some("http") => "http",
            _ => "https",
        };
        let host = self.header("host").or(self.event.domain_name.as_deref())?;
        Some(format!("{scheme}://{host}"))
    }

    /// The URL of one of our paths, as the client calls us. `None` without a host.
    pub fn url_of(&self, path: &str) -> Option<String> {
        Some(format!("{}{}{path}", self.own_address()?, self.event.base_path))
    }

    /// The bearer token; `None` if the header is missing or malformed.
    fn bearer_token(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    }

    /// Layer 1: the platform's admin.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `TOKEN_EXPIRED`; `NOT_PERMITTED` for a valid secret key.
    pub async fn admin(&self) -> Result<Admin> {
        match self.organiser().await? {
            Organiser::Admin(admin) => Ok(admin),
            Organiser::App(..) => Err(Code::NotPermitted.into()),
        }
    }

    /// Layer 1: the platform's admin, or a tenant's own server with a secret key.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `TOKEN_EXPIRED`; `RATE_LIMITED` for a secret key.
    pub async fn organiser(&self) -> Result<Organiser> {
        let token = self.bearer_token().ok_or(Code::Unauthenticated)?;
        if !SecretKey::has_prefix(token) {
            return self.state.admin_auth.verify(token).await.map(Organiser::Admin);
        }
        let AdmittedKey { app, key, quotas } =
            self.state.secret_keys.authenticate(token, self.network()).await?;
        self.log.update(|facts| {
            facts.app = Some(app.app_id.as_str().to_owned());
            facts.domain = Some(app.domain);
        });
        self.log.add_quotas(&quotas);
        rate_limited(&quotas).map_or(Ok(Organiser::App(app, key)), Err)
    }

    /// Layer 2: the tenant. Counts the request against the limit `by_network`, if given.
    ///
    /// # Errors
    /// `APP_AUTH_REQUIRED`, `INVALID_APP_CREDENTIALS`, `ORIGIN_NOT_ALLOWED`, `APP_INACTIVE`;
    /// `RATE_LIMITED`.
    pub async fn app(&self, by_network: Option<RateLimit>) -> Result<Arc<App>> {
        Ok(self.admit_app(CallerKind::App { by_network }).await?.app)
    }

    /// Layers 2 and 3: the tenant, then its user. Counts the request against the user's limit
    /// `by_user`, and against the app's limit unless `by_user` is the limit for confirm,
    /// release or payments.
    ///
    /// # Errors
    /// The errors of [`Request::app`], then `UNAUTHENTICATED`, `TOKEN_EXPIRED` or
    /// `TOKEN_APP_MISMATCH`.
    pub async fn caller(&self, by_user: RateLimit) -> Result<Caller> {
        let caller = CallerKind::User { token: self.bearer_token(), by_user };
        let AdmittedApp { app, user, shared_cutoff, .. } = self.admit_app(caller).await?;
        let token = user.into_verified()?;
        // This may query MongoDB, so it comes after the limits.
        let user =
            self.state.user_auth.check_token(&token, &app.app_id, shared_cutoff.as_deref()).await?;
        Ok(Caller { app, user })
    }

    /// Passes a request through the tenant layer, and logs what that layer found.
    async fn admit_app(&self, caller: CallerKind<'_>) -> Result<AdmittedApp> {
        let (Some(app_id), Some(api_key)) =
            (self.credential("x-app-id"), self.credential("x-api-key"))
        else {
            return Err(Code::AppAuthRequired.into());
        };
        let request = TenantRequest {
            app_id,
            api_key,
            origin: self.request_origin(),
            network: self.network(),
            caller,
        };
        match self.state.tenant_auth.authenticate(request).await? {
            Access::Granted(admitted) => {
                self.log_tenant(&admitted.app, &admitted.user, true);
                self.log.add_quotas(&admitted.quotas);
                Ok(admitted)
            }
            Access::Limited { app, is_origin_allowed, quotas } => {
                self.log_tenant(&app, &UserToken::NotNeeded, is_origin_allowed);
                self.log.add_quotas(&quotas);
                Err(rate_limited(&quotas).unwrap_or_else(|| Code::RateLimited.into()))
            }
        }
    }

    fn log_tenant(&self, app: &App, user: &UserToken, is_origin_allowed: bool) {
        self.log.update(|facts| {
            facts.app = Some(app.app_id.as_str().to_owned());
            facts.domain = Some(app.domain);
            facts.user = user.verified().map(|token| token.user.to_string());
            facts.origin_granted = is_origin_allowed;
        });
    }

    pub(super) fn credential(&self, name: &str) -> Option<&str> {
        self.header(name).filter(|value| !value.is_empty())
    }

    /// The client's network, by the address that the gateway saw.
    pub fn network(&self) -> Network {
        Network::of(self.event.address)
    }

    /// Counts an admin's sign-in against the limit of the client's network.
    ///
    /// # Errors
    /// `RATE_LIMITED`. `SERVICE_UNAVAILABLE` when Redis is unavailable: the admin's account
    /// guards all tenants, so its sign-in stays closed.
    pub async fn limit_admin_login(&self) -> Result<()> {
        let limit = RateLimit::AdminLogin;
        let rate = self.state.settings.rate(limit);
        let charge = QuotaCharge { limit, rate, subject: Subject::Network(self.network()) };
        let admission = self.state.gate.admit(None, &[charge]).await;
        if !admission.counted_by_redis {
            return Err(Error::unavailable(
                "redis is unavailable: the admin's sign-in stays closed",
            ));
        }
        self.log.add_quotas(&admission.quotas);
        rate_limited(&admission.quotas).map_or(Ok(()), Err)
    }

    /// The headers and the body as they were sent, for a request that is signed.
    ///
    /// # Errors
    /// `PAYLOAD_TOO_LARGE`, and `VALIDATION_ERROR` for a query.
    pub fn signed(&self) -> Result<(&HeaderMap, &[u8])> {
        let NoParameters {} = self.query()?;
        if self.event.body.len() > SEATS_BODY_LIMIT {
            let message = format!("The body must have at most {SEATS_BODY_LIMIT} bytes");
            return Err(Error::new(Code::PayloadTooLarge, message));
        }
        Ok((&self.event.headers, &self.event.body))
    }

    /// The body as a `T`, of at most [`BODY_LIMIT`] bytes.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        self.json_within(BODY_LIMIT)
    }

    /// The body as a `T`, of at most `limit` bytes.
    pub fn json_within<T: DeserializeOwned>(&self, limit: usize) -> Result<T> {
        let NoParameters {} = self.query()?;
        self.json_beside_query(limit)
    }

    /// The body as a `T`, of at most `limit` bytes, on a route that takes a query too.
    pub fn json_beside_query<T: DeserializeOwned>(&self, limit: usize) -> Result<T> {
        if self.event.body.is_empty() {
            return Err(Error::invalid_json("it is missing"));
        }
        json::typed_text(json::object(self.bytes(JSON, limit)?)?)
    }

    /// The body as it is: of this media type, and of at most `limit` bytes.
    pub fn bytes(&self, media_type: &str, limit: usize) -> Result<&[u8]> {
        if self.event.body.len() > limit {
            return Err(Error::new(
                Code::PayloadTooLarge,
                format!("The body must have at most {limit} bytes"),
            ));
        }
        let given = self
            .header("content-type")
            .and_then(|value| value.split(';').next())
            .unwrap_or_default();
        if !given.trim().eq_ignore_ascii_case(media_type) {
            let reason = format!("The content-type must be {media_type}");
            return Err(Error::new(Code::UnsupportedMediaType, reason));
        }
        Ok(&self.event.body)
    }

    /// The body as a `T` whose fields are all optional. No body counts as an empty object.
    pub fn optional_json<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.event.body.is_empty() {
            return self.json();
        }
        let NoParameters {} = self.query()?;
        json::typed(Value::Object(Map::new()))
    }

    /// The id of the entity in the path.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND` for an id of another form, which no entity has.
    pub fn entity_id(&self) -> Result<EntityId, Code> {
        EntityId::parse(self.parameter("entityId")).map_err(|_| Code::EntityNotFound)
    }

    /// What the header `If-Match` requires of the version that the request changes.
    pub fn if_match(&self) -> Precondition {
        if self.has_header("if-match") {
            Precondition::parse(self.header("if-match").unwrap_or_default())
        } else {
            Precondition::Unconditional
        }
    }

    /// Whether the response may be compressed with gzip.
    pub fn accepts_gzip(&self) -> bool {
        let header = self.header("accept-encoding").unwrap_or_default().to_ascii_lowercase();
        let accepts = |wanted: &str| {
            let mut codings = header.split(',').map(|coding| coding.split(';').map(str::trim));
            let mut parts =
                codings.find_map(|mut parts| (parts.next()? == wanted).then_some(parts))?;
            let weight = parts.find_map(|part| part.strip_prefix('q')?.trim().strip_prefix('='));
            Some(!weight.unwrap_or("1").trim().trim_end_matches(['0', '.']).is_empty())
        };
        // `*` stands for all codings that the header does not name.
        accepts("gzip").or_else(|| accepts("*")).unwrap_or(false)
    }

    /// The query parameters as a `T`. A parameter without a value is as if absent.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T> {
        let mut parameters = Map::new();
        for (name, value) in url::form_urlencoded::parse(self.event.query.as_bytes()) {
            let value = if value.is_empty() { Value::Null } else { value.into_owned().into() };
            if parameters.insert(name.to_string(), value).is_some() {
                return Err(Error::field(name, "must be given once"));
            }
        }
        json::typed(Value::Object(parameters))
    }

    /// The values of a query parameter, on a route that ignores all others.
    pub fn query_values(&self, name: &str) -> Vec<String> {
        let parameters = url::form_urlencoded::parse(self.event.query.as_bytes());
        parameters.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    /// A path parameter such as `{appId}`; empty if the path has none of that name.
    pub fn parameter(&self, name: &str) -> &str {
        self.event.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The path of the request's URL, without a stage or a base path.
    pub fn path(&self) -> &str {
        &self.event.path
    }

    /// The HTTP method in capitals.
    pub fn method(&self) -> &str {
        &self.event.method
    }
}

/// The error for the first limit that refused the request, if one did.
fn rate_limited(quotas: &[Quota]) -> Option<Error> {
    let refused = quotas.iter().find(|quota| !quota.admitted)?;
    Some(Error::from(Code::RateLimited).retry_after(refused.retry_seconds))
}
