//! Who manages what a tenant sells: the platform's admin, or the tenant's own server
//! with a secret key.
//!
//! A process remembers for a moment which app a key belongs to. Each request gets the app's newest
//! version from Redis, so a deleted key stops working at once. Without Redis, it stops working
//! within [`KEY_TTL`].

use super::{admin::Admin, api_key::SecretKey};
use crate::{
    bounded_map::BoundedMap,
    clock,
    config::{Rate, RateLimit, Settings},
    domain::{Actor, AppId, ObjectId, SecretKeyId, Timestamp},
    error::{Code, Error, Result},
    locks::{Gate, Network, Quota, QuotaCharge, Requester, Subject},
    store::{
        Store,
        apps::App,
        secret_keys::{StoredSecretKey, today},
    },
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use tracing::warn;

/// How long a process uses an app's document without reading it again. A deleted key must stop
/// working within 5 s.
const KEY_TTL: Duration = Duration::from_secs(3);
const MAX_KEYS: usize = 10_000;
/// How many unknown keys of one network a process looks up while Redis is unavailable.
const LOCAL_LOOKUP_RATE: Rate = Rate { count: 60, seconds: 60 };

/// The caller of a route that admins and secret keys may use.
#[derive(Clone, Debug)]
pub enum Organiser {
    /// The platform's owner, who manages all apps.
    Admin(Admin),
    /// A tenant's own server, which manages one app by this key. The app may be inactive.
    App(Arc<App>, SecretKeyId),
}

impl Organiser {
    /// The owner of an idempotency key.
    pub fn scope(&self) -> [String; 2] {
        match self {
            Self::Admin(admin) => ["admin".to_owned(), admin.email.clone()],
            Self::App(app, _) => ["organiser".to_owned(), app.app_id.as_str().to_owned()],
        }
    }

    /// Fails with `APP_NOT_FOUND` if a secret key belongs to another app. An admin may manage all.
    pub fn check_manages(&self, wanted: &AppId) -> Result<()> {
        match self {
            Self::App(app, _) if app.app_id != *wanted => Err(Code::AppNotFound.into()),
            Self::Admin(_) | Self::App(..) => Ok(()),
        }
    }

    /// The app with this id, as a path names it.
    ///
    /// # Errors
    /// `APP_NOT_FOUND` for an app that does not exist, or is not the caller's own.
    pub async fn app(&self, store: &Store, id: &str) -> Result<Arc<App>> {
        let id = AppId::parse(id).map_err(|_| Code::AppNotFound)?;
        self.check_manages(&id)?;
        match self {
            Self::App(app, _) => Ok(app.clone()),
            Self::Admin(_) => Ok(store.apps.find(&id).await?.ok_or(Code::AppNotFound)?.into()),
        }
    }

    /// The app to which a list is limited: the wanted one, or else the secret key's own. `None` for
    /// an admin who wants all apps.
    ///
    /// # Errors
    /// `APP_NOT_FOUND` for another app than the caller's own.
    pub fn app_filter(&self, wanted: Option<AppId>) -> Result<Option<AppId>> {
        if let Some(wanted) = &wanted {
            self.check_manages(wanted)?;
        }
        Ok(match self {
            Self::Admin(_) => wanted,
            Self::App(app, _) => Some(app.app_id.clone()),
        })
    }

    /// The actor, for the booking's history and the settled refund.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Admin(_) => Actor::Admin,
            Self::App(_, key) => Actor::Key(*key),
        }
    }
}

/// The app of a request's secret key, and the key's quotas.
#[derive(Debug)]
pub(crate) struct AdmittedKey {
    pub(crate) app: Arc<App>,
    pub(crate) key: SecretKeyId,
    /// A request over its limit is refused.
    pub(crate) quotas: Vec<Quota>,
}

#[derive(Clone, Debug)]
struct CachedKey {
    app: Arc<App>,
    id: ObjectId,
    used_on: Option<Timestamp>,
    read_at: SystemTime,
}

/// Finds the app of a secret key, and remembers it for a moment.
#[derive(Debug)]
pub struct SecretKeyAuth {
    settings: Arc<Settings>,
    store: Arc<Store>,
    gate: Arc<Gate>,
    /// By the hash of the key.
    keys: BoundedMap<String, CachedKey>,
}

impl SecretKeyAuth {
    pub(crate) fn new(settings: Arc<Settings>, store: Arc<Store>, gate: Arc<Gate>) -> Self {
        Self { settings, store, gate, keys: BoundedMap::new(MAX_KEYS) }
    }

    /// The app of a secret key. Counts the request against the key's limit.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`; `RATE_LIMITED` for a network that sent too many wrong keys.
    pub(crate) async fn authenticate(&self, raw: &str, network: Network) -> Result<AdmittedKey> {
        let hash = SecretKey::parse(raw).ok_or(Code::Unauthenticated)?.hash();
        let cached = self.keys.get(&hash);
        let mut key = match cached.filter(|key| clock::is_within(key.read_at, KEY_TTL)) {
            Some(key) => key,
            None => self.look_up_unknown(&hash, network).await?,
        };
        let rate = self.settings.rate(RateLimit::Secret);
        let subject = Subject::SecretKey(key.app.app_id.clone(), key.id);
        let charge = QuotaCharge { limit: RateLimit::Secret, rate, subject };
        let requester = Requester { app: &key.app.app_id, version: key.app.version, user: None };
        let admission = self.gate.admit(Some(requester), &[charge]).await;
        if admission.version > key.app.version {
            key = self.read(&hash).await?.ok_or(Code::Unauthenticated)?;
        }
        self.note_use(&hash, &key).await;
        Ok(AdmittedKey { app: key.app, key: key.id.into(), quotas: admission.quotas })
    }

    async fn look_up_unknown(&self, hash: &str, network: Network) -> Result<CachedKey> {
        let rate = self.settings.rate(RateLimit::KeyFailures);
        let quota = self.gate.may_check_key(network, rate, LOCAL_LOOKUP_RATE).await;
        if !quota.admitted {
            let error = Error::new(Code::RateLimited, "Too many wrong keys from this address");
            return Err(error.retry_after(quota.retry_seconds));
        }
        if let Some(key) = self.read(hash).await? {
            return Ok(key);
        }
        self.gate.count_wrong_key(network, rate).await;
        Err(Code::Unauthenticated.into())
    }

    /// Reads the app with this key from MongoDB, and remembers it.
    async fn read(&self, hash: &str) -> Result<Option<CachedKey>> {
        let read_at = SystemTime::now();
        let Some(app) = self.store.apps.with_secret_key(hash).await? else { return Ok(None) };
        let has_hash = |key: &&StoredSecretKey| key.hash == hash;
        let Some(stored) = app.secret_keys.iter().find(has_hash) else { return Ok(None) };
        let (id, used_on) = (stored.id, stored.last_used_at);
        let key = CachedKey { app: Arc::new(app), id, used_on, read_at };
        self.keys.insert(hash.to_owned(), key.clone());
        Ok(Some(key))
    }

    /// Notes the day of a key's last use, once a day. Best effort.
    async fn note_use(&self, hash: &str, key: &CachedKey) {
        let today = today();
        if key.used_on == Some(today) {
            return;
        }
        match self.store.apps.note_use(hash, today).await {
            Ok(()) => {
                let key = CachedKey { used_on: Some(today), ..key.clone() };
                self.keys.insert(hash.to_owned(), key);
            }
            Err(error) => warn!(error = %error, "the use of a secret key could not be noted"),
        }
    }
}
