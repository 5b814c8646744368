//! The tenant layer: app id, API key, rate limits, origin, kill switch.
//!
//! Checking a key costs a bcrypt, so a process caches two results: an app's document for 5 s, and a
//! key that matched a hash for 60 s. A cached key counts only while its hash is still in the
//! document. So a rotation or a switch-off takes effect with the new document. Each request gets
//! the app's newest version from Redis, and reads the document again if that version is newer.
//!
//! Processes share proofs. The proof that a key matched a hash is kept in Redis for an hour. It is
//! signed, so nobody can make a wrong key valid by writing to Redis. Wrong keys are cached too, and
//! counted against the client's network.

mod key_check;
mod memory;

use super::{api_key::ApiKey, credentials::Credentials, jwt::VerifiedToken, password::Passwords};
use crate::{
    bounded_map::BoundedMap,
    clock,
    config::{RateLimit, Settings},
    domain::{AppId, Origin},
    error::{Code, Error, Result},
    locks::{Admission, Gate, Network, Quota, QuotaCharge, Requester, Subject},
    single_flight::SingleFlight,
    store::{Store, apps::App},
};
use memory::CachedApp;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// How many apps, and how many wrong keys, a process remembers.
const MAX_APPS: usize = 10_000;

/// How long a process remembers whether an app lists an origin, so that preflights and errors do
/// not query MongoDB each time. Short: a new tenant's page must not be refused for long.
const ORIGIN_TTL: Duration = Duration::from_secs(1);
const MAX_ORIGINS: usize = 1_000;

/// The credentials of a tenant's request, and where it comes from.
#[derive(Debug)]
pub(crate) struct TenantRequest<'a> {
    /// The value of `x-app-id`, unchecked.
    pub(crate) app_id: &'a str,
    /// The value of `x-api-key`, unchecked.
    pub(crate) api_key: &'a str,
    pub(crate) origin: RequestOrigin,
    pub(crate) network: Network,
    pub(crate) caller: CallerKind<'a>,
}

/// What the `Origin` header says about the sender.
#[derive(Debug)]
pub(crate) enum RequestOrigin {
    /// A server sent the request: browsers always send the header.
    Absent,
    /// `null`, or no origin at all. No app lists it.
    Invalid,
    Valid(Origin),
}

impl RequestOrigin {
    fn is_allowed_by(&self, app: &App) -> bool {
        match self {
            Self::Absent => app.allow_server_requests,
            Self::Invalid => false,
            Self::Valid(origin) => origin.is_listed(&app.allowed_domains),
        }
    }
}

/// Who an endpoint serves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CallerKind<'a> {
    /// The tenant alone. The request counts against `by_network`, if given.
    App { by_network: Option<RateLimit> },
    /// A user of the tenant. The request counts against `by_user`.
    User {
        /// The bearer token; `None` if it is missing or malformed.
        token: Option<&'a str>,
        by_user: RateLimit,
    },
}

/// What the tenant layer decided.
#[derive(Debug)]
pub(crate) enum Access {
    Granted(AdmittedApp),
    /// The credentials are right, but a limit is reached.
    Limited {
        app: Arc<App>,
        is_origin_allowed: bool,
        quotas: Vec<Quota>,
    },
}

/// A request that passed the tenant layer.
#[derive(Debug)]
pub(crate) struct AdmittedApp {
    pub(crate) app: Arc<App>,
    pub(crate) user: UserToken,
    /// The user's token cutoff as another process shared it. Its signature is not checked yet.
    pub(crate) shared_cutoff: Option<String>,
    pub(crate) quotas: Vec<Quota>,
}

/// The user's token. A wrong one fails the request only after the tenant layer has passed.
#[derive(Debug)]
pub(crate) enum UserToken {
    /// The endpoint serves the tenant alone.
    NotNeeded,
    Rejected(Error),
    Verified(VerifiedToken),
}

impl UserToken {
    pub(crate) fn verified(&self) -> Option<&VerifiedToken> {
        match self {
            Self::Verified(token) => Some(token),
            Self::NotNeeded | Self::Rejected(_) => None,
        }
    }

    pub(crate) fn into_verified(self) -> Result<VerifiedToken> {
        match self {
            Self::Verified(token) => Ok(token),
            Self::Rejected(error) => Err(error),
            Self::NotNeeded => Err(Code::Unauthenticated.into()),
        }
    }
}

/// An app id and the fingerprint of a key that did not match.
type WrongKey = (String, [u8; 32]);

/// An app whose key is right.
struct KnownApp {
    app: Arc<App>,
    /// Whether the document was read within its TTL.
    is_fresh: bool,
}

/// What a request counts against. A tenant's keys in Redis are in one slot, a network's in another.
struct QuotaCharges {
    of_app: Vec<QuotaCharge>,
    of_network: Option<QuotaCharge>,
}

/// Layer 2: checks a tenant's key, limits, origin and kill switch.
#[derive(Debug)]
pub struct TenantAuth {
    settings: Arc<Settings>,
    store: Arc<Store>,
    gate: Arc<Gate>,
    passwords: Passwords,
    credentials: Arc<Credentials>,
    apps: BoundedMap<AppId, CachedApp>,
    wrong_keys: BoundedMap<WrongKey, SystemTime>,
    key_checks: SingleFlight<WrongKey>,
    origins: BoundedMap<Vec<String>, (bool, SystemTime)>,
}

impl TenantAuth {
    pub(crate) fn new(
        settings: Arc<Settings>,
        store: Arc<Store>,
        gate: Arc<Gate>,
        passwords: Passwords,
        credentials: Arc<Credentials>,
    ) -> Self {
        Self {
            settings,
            store,
            gate,
            passwords,
            credentials,
            apps: BoundedMap::new(MAX_APPS),
            wrong_keys: BoundedMap::new(MAX_APPS),
            key_checks: SingleFlight::default(),
            origins: BoundedMap::new(MAX_ORIGINS),
        }
    }

    /// Checks a request in this order: key, limits, origin, kill switch.
    ///
    /// # Errors
    /// `INVALID_APP_CREDENTIALS`, `ORIGIN_NOT_ALLOWED`, `APP_INACTIVE`; `RATE_LIMITED` for a
    /// network that sent too many wrong keys.
    pub(crate) async fn authenticate(&self, request: TenantRequest<'_>) -> Result<Access> {
        let key = ApiKey::parse(request.api_key).ok_or(Code::InvalidAppCredentials)?;
        let known = self.recall_or_check_key(&request, &key).await?;

        let user = self.verify_user(request.caller, &known.app.app_id).await;
        let charges = self.charges(&known.app, &user, &request);
        let admission = self.count(&known.app, &user, charges).await;
        let Admission { version, token_cutoff: shared_cutoff, quotas, .. } = admission;
        if quotas.iter().any(|quota| !quota.admitted) {
            let is_origin_allowed = request.origin.is_allowed_by(&known.app);
            return Ok(Access::Limited { app: known.app, is_origin_allowed, quotas });
        }

        let app = self.refresh_if_outdated(known, version, request.app_id, &key).await?;
        if !request.origin.is_allowed_by(&app) {
            return Err(Code::OriginNotAllowed.into());
        }
        if !app.is_active {
            return Err(Code::AppInactive.into());
        }
        Ok(Access::Granted(AdmittedApp { app, user, shared_cutoff, quotas }))
    }

    /// Whether any active app lists an origin. The result may be [`ORIGIN_TTL`] old.
    pub(crate) async fn any_app_lists(&self, origin: &Origin) -> Result<bool> {
        let key = origin.entries();
        if let Some((is_listed, read_at)) = self.origins.get(&key)
            && clock::is_within(read_at, ORIGIN_TTL)
        {
            return Ok(is_listed);
        }
        let read_at = SystemTime::now();
        let is_listed = self.store.apps.any_active_lists(key.clone()).await?;
        self.origins.insert(key, (is_listed, read_at));
        Ok(is_listed)
    }

    /// Whether a remembered app is active and lists this origin. Queries nothing.
    pub(crate) fn remembers_origin(&self, app_id: &str, origin: &Origin) -> bool {
        self.recall(app_id).is_some_and(|cached| {
            cached.app.is_active && origin.is_listed(&cached.app.allowed_domains)
        })
    }

    /// Tells all processes that an app has changed. Best effort: without it, they
    /// notice within 5 s.
    pub async fn publish(&self, app: &App) {
        let requester = Requester { app: &app.app_id, version: app.version, user: None };
        let _ = self.gate.admit(Some(requester), &[]).await;
    }

    fn recall(&self, app_id: &str) -> Option<CachedApp> {
        AppId::parse(app_id).ok().and_then(|id| self.apps.get(&id))
    }

    async fn recall_or_check_key(
        &self,
        request: &TenantRequest<'_>,
        key: &ApiKey,
    ) -> Result<KnownApp> {
        match self.recall(request.app_id) {
            Some(cached) if cached.has_verified(key) => {
                Ok(KnownApp { is_fresh: cached.is_fresh(), app: cached.app })
            }
            _ => {
                let app = self.check_unverified_key(request, key).await?;
                Ok(KnownApp { app, is_fresh: true })
            }
        }
    }

    async fn verify_user(&self, caller: CallerKind<'_>, app: &AppId) -> UserToken {
        let token = match caller {
            CallerKind::App { .. } => return UserToken::NotNeeded,
            CallerKind::User { token, .. } => token,
        };
        let Some(token) = token else {
            return UserToken::Rejected(Code::Unauthenticated.into());
        };
        match self.credentials.verify_user(token, app).await {
            Ok(token) => UserToken::Verified(token),
            Err(error) => UserToken::Rejected(error),
        }
    }

    /// The limits that a request counts against.
    ///
    /// Only a user's request counts against the app: a client without an account must
    /// not be able to use up a tenant's limit. A request with a wrong origin or token
    /// counts against its network.
    fn charges(&self, app: &App, user: &UserToken, request: &TenantRequest<'_>) -> QuotaCharges {
        let charge =
            |limit, subject| QuotaCharge { limit, rate: self.settings.rate(limit), subject };
        let by_network = |limit| Some(charge(limit, Subject::Network(request.network)));
        let failed =
            || QuotaCharges { of_app: vec![], of_network: by_network(RateLimit::CallerFailures) };
        if !request.origin.is_allowed_by(app) {
            return failed();
        }
        match (request.caller, user.verified()) {
            (CallerKind::App { by_network: limit }, _) => {
                QuotaCharges { of_app: vec![], of_network: limit.and_then(by_network) }
            }
            (CallerKind::User { .. }, None) => failed(),
            (CallerKind::User { by_user, .. }, Some(token)) => {
                let user = Subject::User(app.app_id.clone(), token.user);
                let mut of_app = vec![charge(by_user, user)];
                let counts_only_by_user = matches!(
                    by_user,
                    RateLimit::Confirm | RateLimit::Release | RateLimit::Payments
                );
                if !counts_only_by_user {
                    of_app.push(charge(RateLimit::App, Subject::App(app.app_id.clone())));
                }
                QuotaCharges { of_app, of_network: None }
            }
        }
    }

    /// Counts a request against its limits, and reads the app's newest version.
    async fn count(&self, app: &App, user: &UserToken, charges: QuotaCharges) -> Admission {
        let user = user.verified().map(|token| token.user);
        let requester = Requester { app: &app.app_id, version: app.version, user };
        let admission = self.gate.admit(Some(requester), &charges.of_app);
        let Some(charge) = charges.of_network else { return admission.await };

        // A network's key is in another slot of a cluster, so it needs a call of its own. Both
        // calls go out at the same time, over the same connection.
        let charges = [charge];
        let (mut admission, by_network) = tokio::join!(admission, self.gate.admit(None, &charges));
        admission.quotas.extend(by_network.quotas);
        admission
    }

    /// Reads the app again if it may have changed: its TTL is over, or Redis has a newer version.
    async fn refresh_if_outdated(
        &self,
        known: KnownApp,
        newest_version: i64,
        app_id: &str,
        key: &ApiKey,
    ) -> Result<Arc<App>> {
        if known.is_fresh && newest_version <= known.app.version {
            Ok(known.app)
        } else {
            self.check_key(app_id, key).await
        }
    }
}
