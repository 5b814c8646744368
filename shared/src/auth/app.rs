//! The tenant layer: app id, API key, origin, kill switch.
//!
//! bcrypt is kept off the hot path by two memories of the process, both by the wall clock, which
//! goes on while a function is frozen: an app's document for 5 s, and for 60 s that a key (by
//! fingerprint) matches a hash. A key counts only if the hash it matched is still the document's,
//! so a rotation or a switch-off needs nothing but the new document; and that one is read at the
//! next request, because Redis tells the newest version with the answer on the rate limit. What one
//! process has found out, another need not: that a key matched a hash is kept in Redis for an hour,
//! signed, so that writing to Redis makes no key right. Wrong keys are remembered too, and counted
//! by the client's network.

use super::{api_key::ApiKey, credentials::Credentials, jwt::VerifiedToken, password::Passwords};
use crate::{
    clock,
    config::{Rate, RateLimit, Settings},
    domain::{AppId, Origin, SecretHash, UserId},
    error::{Code, Error, Result},
    locks::{Admission, Charge, Gate, Network, Quota, Requester, Subject},
    single_flight::SingleFlight,
    store::{Store, apps::App},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

/// How long an app's document is used without asking MongoDB again.
const APP_TTL: Duration = Duration::from_secs(5);
/// How long a verified key is remembered.
const VERIFIED_KEY_TTL: Duration = Duration::from_secs(60);
/// How many apps a process remembers: then it starts over.
const MAX_APPS: usize = 10_000;

/// How long a wrong key is remembered. No longer: a key that is new after a failover may look wrong
/// for a moment.
const WRONG_KEY_TTL: Duration = Duration::from_secs(10);
/// How many keys that are not known to be right a network may have checked by a process that cannot
/// ask Redis.
const LOCAL_CHECK_RATE: Rate = Rate { count: 5, seconds: 60 };

/// Who asks to be let in, and with what.
#[derive(Debug)]
pub struct TenantRequest<'a> {
    /// `x-app-id`.
    pub id: &'a str,
    /// `x-api-key`.
    pub key: &'a str,
    /// `Origin`, as sent and as compared.
    pub origin: Option<(&'a str, Option<Origin>)>,
    /// The client's network.
    pub network: Network,
    /// The limit on what that network does here, where there is one.
    pub by_network: Option<RateLimit>,
    /// The user's token, where the endpoint needs one.
    pub token: Option<UserToken>,
}

/// What the tenant layer made of a request.
#[derive(Debug)]
pub enum Access {
    /// It is let in.
    Granted(AdmittedApp),
    /// The credentials are right, and a limit is reached.
    Limited {
        /// The tenant.
        app: Arc<App>,
        /// Whether the origin is one that the app lists.
        listed: bool,
        /// How the request stands with its limits.
        quotas: Vec<Quota>,
    },
}

/// A request that the tenant layer let in.
#[derive(Debug)]
pub struct AdmittedApp {
    /// The tenant.
    pub app: Arc<App>,
    /// The user, where one was asked for; an error of that layer is told after this one's.
    pub user: Option<Result<VerifiedToken>>,
    /// What another process kept of that user's standing.
    pub standing: Option<String>,
    /// How the request stands with its limits.
    pub quotas: Vec<Quota>,
}

/// A user's token where the endpoint needs one, and the user's limit where it has one.
pub type UserToken = (Result<String>, Option<RateLimit>);

#[derive(Clone, Debug)]
struct Remembered {
    app: Arc<App>,
    read_at: SystemTime,
    verified: Vec<Verified>,
}

/// That a key, by its fingerprint, matched a hash at that time.
#[derive(Clone, Debug)]
struct Verified {
    fingerprint: [u8; 32],
    hash: SecretHash,
    at: SystemTime,
}

/// Knows the tenants.
#[derive(Debug)]
pub struct TenantAuth {
    settings: Arc<Settings>,
    store: Arc<Store>,
    gate: Arc<Gate>,
    passwords: Passwords,
    credentials: Arc<Credentials>,
    memory: RwLock<HashMap<AppId, Remembered>>,
    wrong_keys: RwLock<HashMap<WrongKey, SystemTime>>,
    checks: SingleFlight<WrongKey>,
}

/// An app id and a key, by its fingerprint, that did not match.
type WrongKey = (String, [u8; 32]);

impl TenantAuth {
    /// The tenants of that store.
    pub fn new(
        settings: Arc<Settings>,
        store: Arc<Store>,
        gate: Arc<Gate>,
        passwords: Passwords,
        credentials: Arc<Credentials>,
    ) -> Self {
        let (memory, wrong_keys) = (RwLock::default(), RwLock::default());
        Self {
            settings,
            store,
            gate,
            passwords,
            credentials,
            memory,
            wrong_keys,
            checks: SingleFlight::default(),
        }
    }

    /// Lets a request in, or says why not: credentials, limits, origin, kill switch, in this order.
    ///
    /// # Errors
    /// `INVALID_APP_CREDENTIALS`, `ORIGIN_NOT_ALLOWED`, `APP_INACTIVE`; `RATE_LIMITED` for a
    /// network that sent too many wrong keys.
    pub async fn authenticate(&self, request: TenantRequest<'_>) -> Result<Access> {
        let key = ApiKey::parse(request.key).ok_or(Code::InvalidAppCredentials)?;
        let remembered = AppId::parse(request.id).ok().and_then(|id| self.recall(&id));
        let (mut app, mut fresh) = match remembered {
            Some(memory) if recalls_key(&memory, &key) => (memory.app.clone(), is_fresh(&memory)),
            _ => (self.check_unverified_key(&request, &key).await?, true),
        };
        let TenantRequest { id, origin, network, by_network, token, .. } = request;
        let (user, by_user) = self.user_of(token, &app.app_id).await;
        let user_id = user.as_ref().and_then(|token| token.as_ref().ok()).map(|token| token.user);
        let admission =
            self.admit(&app, user_id, by_user, by_network.map(|limit| (limit, network))).await;
        let listed = |app: &App| match &origin {
            None => app.allow_server_requests,
            Some((_, origin)) => {
                origin.as_ref().is_some_and(|origin| origin.is_listed(&app.allowed_domains))
            }
        };
        let quotas = admission.quotas;
        if quotas.iter().any(|quota| !quota.admitted) {
            let listed = listed(&app);
            return Ok(Access::Limited { app, listed, quotas });
        }
        // Somebody changed the app since it was read; or may have, and could not tell.
        fresh &= admission.version <= app.version;
        if !fresh {
            app = self.check_key(id, &key).await?;
        }
        if !listed(&app) {
            return Err(Code::OriginNotAllowed.into());
        }
        if !app.is_active {
            return Err(Code::AppInactive.into());
        }
        Ok(Access::Granted(AdmittedApp { app, user, standing: admission.token_cutoff, quotas }))
    }

    /// Whether an app that this process knows lists an origin. Asks nobody.
    pub fn remembers_origin(&self, id: &str, origin: &Origin) -> bool {
        let memory = AppId::parse(id).ok().and_then(|id| self.recall(&id));
        memory.is_some_and(|memory| {
            memory.app.is_active && origin.is_listed(&memory.app.allowed_domains)
        })
    }

    /// Tells all processes that an app has changed. Best effort: within 5 s they find out by
    /// themselves.
    pub async fn publish(&self, app: &App) {
        let requester = Requester { app: &app.app_id, version: app.version, user: None };
        let _ = self.gate.admit(Some(requester), &[]).await;
    }

    /// Counts a request against the app's limit, the user's and the network's, in one round trip.
    async fn admit(
        &self,
        app: &App,
        user: Option<UserId>,
        by_user: Option<RateLimit>,
        network: Option<(RateLimit, Network)>,
    ) -> Admission {
        let charge = |limit, subject| Charge { limit, rate: self.settings.rate(limit), subject };
        let mut charges = vec![charge(RateLimit::App, Subject::App(app.app_id.clone()))];
        let users = user.zip(by_user);
        charges.extend(
            users.map(|(user, limit)| charge(limit, Subject::User(app.app_id.clone(), user))),
        );
        let requester = Requester { app: &app.app_id, version: app.version, user };
        let asked = self.gate.admit(Some(requester), &charges);
        match network {
            None => asked.await,
            // In another slot of a cluster: sent at the same time, over the same connection.
            Some((limit, network)) => {
                let charges = [charge(limit, Subject::Network(network))];
                let (mut admission, by_network) =
                    tokio::join!(asked, self.gate.admit(None, &charges));
                admission.quotas.extend(by_network.quotas);
                admission
            }
        }
    }

    /// [`TenantAuth::check_key`] for a key that is not known to be right: not for one that was just found
    /// wrong, and not for a network that has sent too many of those.
    async fn check_unverified_key(
        &self,
        request: &TenantRequest<'_>,
        key: &ApiKey,
    ) -> Result<Arc<App>> {
        let name = (request.id.to_owned(), key.fingerprint());
        // Of those who come with the same key at once, one has it checked.
        let _alone = self.checks.lock(name.clone()).await?;
        let learnt = AppId::parse(request.id).ok().and_then(|id| self.recall(&id));
        if let Some(memory) = learnt.filter(|memory| is_fresh(memory) && recalls_key(memory, key)) {
            return Ok(memory.app);
        }
        if self.was_refused(&name) {
            return Err(Code::InvalidAppCredentials.into());
        }
        let rate = self.settings.rate(RateLimit::KeyFailures);
        let quota = self.gate.may_check_key(request.network, rate, LOCAL_CHECK_RATE).await;
        if !quota.admitted {
            let error = Error::new(Code::RateLimited, "Too many wrong API keys from this address");
            return Err(error.retry_after(quota.retry_seconds));
        }
        let checked = self.check_key(request.id, key).await;
        if matches!(&checked, Err(error) if error.code() == Code::InvalidAppCredentials) {
            self.remember_refused(name);
            self.gate.count_wrong_key(request.network, rate).await;
        }
        checked
    }

    /// Reads the app and checks the key against it, with the same work for an unknown app as for a
    /// wrong key.
    async fn check_key(&self, id: &str, key: &ApiKey) -> Result<Arc<App>> {
        let fingerprint = URL_SAFE_NO_PAD.encode(key.fingerprint());
        let (app, proof) = match &AppId::parse(id).ok() {
            Some(id) => {
                let (app, proof) =
                    tokio::join!(self.store.apps.find(id), self.gate.key_proof(id, &fingerprint));
                (app?, proof)
            }
            None => (None, None),
        };
        let Some(app) = app.map(Arc::new) else {
            self.passwords.verify_key(key.expose().to_owned().into(), None).await?;
            return Err(Code::InvalidAppCredentials.into());
        };
        let verified =
            self.recall(&app.app_id).map(|remembered| remembered.verified).unwrap_or_default();
        let mut candidate = Remembered { app: app.clone(), read_at: SystemTime::now(), verified };
        if recalls_key(&candidate, key) {
            self.remember(candidate);
            return Ok(app);
        }
        for hash in usable_hashes(&app).cloned().collect::<Vec<_>>() {
            let fact = format!("key {} {fingerprint} {}", app.app_id.as_str(), hash.expose());
            let proven = match &proof {
                Some(proof) => self.credentials.verify_fact(&fact, proof).await,
                None => false,
            };
            if proven
                || self
                    .passwords
                    .verify_key(key.expose().to_owned().into(), Some(hash.clone()))
                    .await?
            {
                if !proven {
                    self.gate
                        .share_key_proof(
                            &app.app_id,
                            &fingerprint,
                            &self.credentials.sign_fact(&fact).await?,
                        )
                        .await;
                }
                // One key a hash: during an overlap both keys are in use, and neither may push the
                // other out.
                candidate.verified.retain(|verified| {
                    verified.hash != hash
                        && usable_hashes(&app).any(|usable| *usable == verified.hash)
                });
                candidate.verified.push(Verified {
                    fingerprint: key.fingerprint(),
                    hash,
                    at: SystemTime::now(),
                });
                self.remember(candidate);
                return Ok(app);
            }
        }
        // The document is kept: a key that it has outlived must not be checked against it at every
        // request.
        self.remember(candidate);
        Err(Code::InvalidAppCredentials.into())
    }

    async fn user_of(
        &self,
        token: Option<UserToken>,
        app: &AppId,
    ) -> (Option<Result<VerifiedToken>>, Option<RateLimit>) {
        match token {
            None => (None, None),
            Some((Err(missing), limit)) => (Some(Err(missing)), limit),
            Some((Ok(token), limit)) => {
                (Some(self.credentials.verify_user(&token, app).await), limit)
            }
        }
    }

    fn recall(&self, id: &AppId) -> Option<Remembered> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn remember(&self, remembered: Remembered) {
        let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
        if memory.len() >= MAX_APPS {
            memory.clear();
        }
        memory.insert(remembered.app.app_id.clone(), remembered);
    }

    fn was_refused(&self, name: &WrongKey) -> bool {
        let wrong_keys = self.wrong_keys.read().unwrap_or_else(PoisonError::into_inner);
        wrong_keys.get(name).is_some_and(|at| clock::is_within(*at, WRONG_KEY_TTL))
    }

    fn remember_refused(&self, name: WrongKey) {
        let mut wrong_keys = self.wrong_keys.write().unwrap_or_else(PoisonError::into_inner);
        if wrong_keys.len() >= MAX_APPS {
            wrong_keys.clear();
        }
        wrong_keys.insert(name, SystemTime::now());
    }
}

fn is_fresh(memory: &Remembered) -> bool {
    clock::is_within(memory.read_at, APP_TTL)
}

fn recalls_key(remembered: &Remembered, key: &ApiKey) -> bool {
    let fingerprint = key.fingerprint();
    remembered.verified.iter().any(|verified| {
        verified.fingerprint == fingerprint
            && clock::is_within(verified.at, VERIFIED_KEY_TTL)
            && usable_hashes(&remembered.app).any(|usable| *usable == verified.hash)
    })
}

/// The hashes that a key may match now: the present one, and earlier ones within their overlap.
fn usable_hashes(app: &App) -> impl Iterator<Item = &SecretHash> {
    let now = crate::domain::Timestamp::now();
    let previous = app.previous_keys.iter().rev().filter(move |key| key.until > now);
    std::iter::once(&app.api_key_hash).chain(previous.map(|key| &key.hash))
}
