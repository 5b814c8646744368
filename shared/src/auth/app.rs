//! The tenant layer: app id, API key, origin, kill switch.
//!
//! bcrypt is kept off the hot path by two memories of the process, both by the wall clock, which goes on while a function
//! is frozen: an app's document for 5 s, and for 60 s that a key (by fingerprint) matches a hash. A key counts only if
//! the hash it matched is still the document's, so a rotation or a switch-off needs nothing but the new document; and
//! that one is read at the next request, because Redis tells the newest version with the answer on the rate limit.

use super::{api_key::ApiKey, origin::Origin, password::Passwords};
use crate::{
    clock,
    config::{Limit, Settings},
    domain::{AppId, UserId},
    error::{Code, Result},
    locks::{Admission, Gate, Quota, Subject},
    store::{Store, apps::App},
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

/// How long an app's document is used without asking MongoDB again.
const FRESH: Duration = Duration::from_secs(5);
/// How long a verified key is remembered.
const VERIFIED: Duration = Duration::from_secs(60);
/// How many apps a process remembers: then it starts over.
const APPS: usize = 10_000;

/// A request that the tenant layer let in.
#[derive(Debug)]
pub struct Entry {
    /// The tenant.
    pub app: Arc<App>,
    /// The user, where one was asked for; an error of that layer is told after this one's.
    pub user: Option<Result<UserId>>,
    /// How the request stands with its limits.
    pub quotas: Vec<Quota>,
}

/// A user's token where the endpoint needs one, and the user's limit where it has one.
pub type UserToken = (Result<String>, Option<Limit>);

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
    hash: String,
    at: SystemTime,
}

/// Knows the tenants.
#[derive(Debug)]
pub struct Tenants {
    settings: Arc<Settings>,
    store: Arc<Store>,
    gate: Arc<Gate>,
    passwords: Passwords,
    memory: RwLock<HashMap<AppId, Remembered>>,
}

impl Tenants {
    /// The tenants of that store.
    pub fn new(settings: Arc<Settings>, store: Arc<Store>, gate: Arc<Gate>, passwords: Passwords) -> Self {
        Self { settings, store, gate, passwords, memory: RwLock::default() }
    }

    /// Lets a request in, or says why not: credentials, origin, kill switch, in this order.
    ///
    /// # Errors
    /// `INVALID_APP_CREDENTIALS`, `ORIGIN_NOT_ALLOWED`, `APP_INACTIVE`.
    pub async fn enter(
        &self,
        id: &str,
        key: &str,
        origin: Option<(&str, Option<Origin>)>,
        token: Option<UserToken>,
    ) -> Result<Entry> {
        let key = ApiKey::parse(key).ok_or(Code::InvalidAppCredentials)?;
        let remembered = AppId::parse(id).ok().and_then(|id| self.recall(&id));
        let mut app = match remembered {
            Some(remembered) if recalls_key(&remembered, &key) => remembered.app,
            _ => self.check(id, &key).await?,
        };
        let (mut user, limit) = user_of(&self.settings, token, &app.app_id);
        let admission = self.admit(&app, user.as_ref().and_then(|user| user.as_ref().ok()).copied(), limit).await;
        if admission.as_ref().is_some_and(|admission| admission.version > app.version) {
            // Somebody changed the app since it was read.
            app = self.check(id, &key).await?;
        }
        match origin {
            None if app.allow_server_requests => {}
            Some((_, Some(origin))) if origin.is_listed(&app.allowed_domains) => {}
            None | Some(_) => return Err(Code::OriginNotAllowed.into()),
        }
        if !app.is_active {
            return Err(Code::AppInactive.into());
        }
        Ok(Entry { app, user: user.take(), quotas: admission.map(|admission| admission.quotas).unwrap_or_default() })
    }

    /// Tells all processes that an app has changed. Best effort: within 5 s they find out by themselves.
    pub async fn publish(&self, app: &App) {
        let _: Option<Admission> = self.gate.admit(Some((&app.app_id, app.version)), &[]).await;
    }

    async fn admit(&self, app: &App, user: Option<UserId>, limit: Option<Limit>) -> Option<Admission> {
        let mut limits = vec![(Limit::App, self.settings.rate(Limit::App), Subject::App(app.app_id.clone()))];
        if let (Some(user), Some(limit)) = (user, limit) {
            limits.push((limit, self.settings.rate(limit), Subject::User(app.app_id.clone(), user)));
        }
        self.gate.admit(Some((&app.app_id, app.version)), &limits).await
    }

    /// Reads the app and checks the key against it, with the same work for an unknown app as for a wrong key.
    async fn check(&self, id: &str, key: &ApiKey) -> Result<Arc<App>> {
        let id = AppId::parse(id).ok();
        let app = match &id {
            Some(id) => self.store.apps.find(id).await?,
            None => None,
        };
        let Some(app) = app.map(Arc::new) else {
            self.passwords.verify(key.expose().to_owned().into(), None).await?;
            return Err(Code::InvalidAppCredentials.into());
        };
        let verified = self.recall_any(&app.app_id).map(|remembered| remembered.verified).unwrap_or_default();
        let mut candidate = Remembered { app: app.clone(), read_at: SystemTime::now(), verified };
        if recalls_key(&candidate, key) {
            self.remember(candidate);
            return Ok(app);
        }
        for hash in usable_hashes(&app).map(str::to_owned).collect::<Vec<_>>() {
            if self.passwords.verify(key.expose().to_owned().into(), Some(hash.clone())).await? {
                // One key a hash: during an overlap both keys are in use, and neither may push the other out.
                candidate.verified.retain(|verified| {
                    verified.hash != hash && usable_hashes(&app).any(|usable| usable == verified.hash)
                });
                candidate.verified.push(Verified { fingerprint: key.fingerprint(), hash, at: SystemTime::now() });
                self.remember(candidate);
                return Ok(app);
            }
        }
        Err(Code::InvalidAppCredentials.into())
    }

    fn recall_any(&self, id: &AppId) -> Option<Remembered> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn recall(&self, id: &AppId) -> Option<Remembered> {
        // A clock that was set back makes a memory look younger than it is; it never makes one from the future fresh.
        self.recall_any(id).filter(|memory| memory.read_at <= SystemTime::now() && clock::since(memory.read_at) < FRESH)
    }

    fn remember(&self, remembered: Remembered) {
        let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
        if memory.len() >= APPS {
            memory.clear();
        }
        memory.insert(remembered.app.app_id.clone(), remembered);
    }
}

fn recalls_key(remembered: &Remembered, key: &ApiKey) -> bool {
    let fingerprint = key.fingerprint();
    remembered.verified.iter().any(|verified| {
        verified.fingerprint == fingerprint
            && verified.at <= SystemTime::now()
            && clock::since(verified.at) < VERIFIED
            && usable_hashes(&remembered.app).any(|usable| usable == verified.hash)
    })
}

/// The hashes that a key may match now: the present one, and earlier ones within their overlap.
fn usable_hashes(app: &App) -> impl Iterator<Item = &str> {
    let now = mongodb::bson::DateTime::now();
    let previous = app.previous_keys.iter().rev().filter(move |key| key.until > now);
    std::iter::once(app.api_key_hash.as_str()).chain(previous.map(|key| key.hash.as_str()))
}

fn user_of(settings: &Settings, token: Option<UserToken>, app: &AppId) -> (Option<Result<UserId>>, Option<Limit>) {
    match token {
        None => (None, None),
        Some((token, limit)) => (Some(token.and_then(|token| settings.user_jwt.verify_user(&token, app))), limit),
    }
}
