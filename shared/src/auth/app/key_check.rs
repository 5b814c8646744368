//! Checks an API key that this process has not verified yet.

use super::{
    TenantAuth, TenantRequest, WrongKey,
    memory::{CachedApp, hashes_to_check},
};
use crate::{
    auth::api_key::ApiKey,
    clock,
    config::{Rate, RateLimit},
    domain::{AppId, SecretHash},
    error::{Code, Error, Result},
    store::apps::App,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// How long a wrong key is remembered. It must be short: after a failover, a new key may look
/// wrong for a moment.
const WRONG_KEY_TTL: Duration = Duration::from_secs(10);
/// How many unverified keys of one network a process checks while Redis is unavailable.
const LOCAL_CHECK_RATE: Rate = Rate { count: 5, seconds: 60 };

/// What is read to check a key.
#[derive(Default)]
struct AppAndProof {
    app: Option<Arc<App>>,
    /// The proof that another process shared for this key.
    proof: Option<String>,
}

impl TenantAuth {
    /// Checks a key, unless it was just found wrong, or the network has sent too many wrong keys.
    pub(super) async fn check_unverified_key(
        &self,
        request: &TenantRequest<'_>,
        key: &ApiKey,
    ) -> Result<Arc<App>> {
        let attempted: WrongKey = (request.app_id.to_owned(), key.fingerprint());
        // Of several requests with the same key, one checks it and the others wait.
        let _lock = self.key_checks.lock(attempted.clone()).await?;
        let cached = self.recall(request.app_id);
        if let Some(cached) = cached.filter(|app| app.is_fresh() && app.has_verified(key)) {
            return Ok(cached.app);
        }
        if self.was_just_wrong(&attempted) {
            return Err(Code::InvalidAppCredentials.into());
        }
        let rate = self.settings.rate(RateLimit::KeyFailures);
        let quota = self.gate.may_check_key(request.network, rate, LOCAL_CHECK_RATE).await;
        if !quota.admitted {
            let error = Error::new(Code::RateLimited, "Too many wrong API keys from this address");
            return Err(error.retry_after(quota.retry_seconds));
        }
        let checked = self.check_key(request.app_id, key).await;
        if matches!(&checked, Err(error) if error.code() == Code::InvalidAppCredentials) {
            self.wrong_keys.insert(attempted, SystemTime::now());
            self.gate.count_wrong_key(request.network, rate).await;
        }
        checked
    }

    fn was_just_wrong(&self, key: &WrongKey) -> bool {
        self.wrong_keys.get(key).is_some_and(|at| clock::is_within(at, WRONG_KEY_TTL))
    }

    /// Reads the app from MongoDB and checks the key against it.
    pub(super) async fn check_key(&self, app_id: &str, key: &ApiKey) -> Result<Arc<App>> {
        let fingerprint = URL_SAFE_NO_PAD.encode(key.fingerprint());
        let AppAndProof { app, proof } = self.read_app_and_proof(app_id, &fingerprint).await?;
        let Some(app) = app else {
            // An unknown app costs the same work as a wrong key, so the time does not tell which it
            // is.
            self.passwords.verify_key(key.expose().to_owned().into(), None).await?;
            return Err(Code::InvalidAppCredentials.into());
        };
        let verified_keys =
            self.apps.get(&app.app_id).map(|cached| cached.verified_keys).unwrap_or_default();
        let mut cached = CachedApp { app: app.clone(), read_at: SystemTime::now(), verified_keys };
        let is_right = if cached.has_verified(key) {
            true
        } else {
            let matched =
                self.find_matching_hash(&app, key, &fingerprint, proof.as_deref()).await?;
            let is_right = matched.is_some();
            if let Some(hash) = matched {
                cached.add_verified(key, hash);
            }
            is_right
        };
        // A wrong key updates the cache too. A key that has expired in the new document must not be
        // checked at every request.
        self.apps.insert(app.app_id.clone(), cached);
        if is_right { Ok(app) } else { Err(Code::InvalidAppCredentials.into()) }
    }

    /// Reads the app from MongoDB and the proof from Redis at the same time.
    async fn read_app_and_proof(&self, app_id: &str, fingerprint: &str) -> Result<AppAndProof> {
        let Ok(id) = AppId::parse(app_id) else { return Ok(AppAndProof::default()) };
        let (app, proof) =
            tokio::join!(self.store.apps.find(&id), self.gate.key_proof(&id, fingerprint));
        Ok(AppAndProof { app: app?.map(Arc::new), proof })
    }

    /// The hash that the key matches, by a signed proof or by bcrypt. Shares a proof after bcrypt.
    ///
    /// A wrong key costs one bcrypt, like an unknown app, however many keys the app has. It costs
    /// more only by chance (a tag has 16 bits), or if an earlier version stored several keys.
    async fn find_matching_hash(
        &self,
        app: &App,
        key: &ApiKey,
        fingerprint: &str,
        proof: Option<&str>,
    ) -> Result<Option<SecretHash>> {
        let hashes = hashes_to_check(app, key);
        if hashes.is_empty() {
            self.passwords.verify_key(key.expose().to_owned().into(), None).await?;
        }
        for hash in hashes {
            let fact = format!("key {} {fingerprint} {}", app.app_id.as_str(), hash.expose());
            if let Some(proof) = proof
                && self.credentials.verify_fact(&fact, proof).await
            {
                return Ok(Some(hash));
            }
            let key = key.expose().to_owned().into();
            if self.passwords.verify_key(key, Some(hash.clone())).await? {
                let proof = self.credentials.sign_fact(&fact).await?;
                self.gate.share_key_proof(&app.app_id, fingerprint, &proof).await;
                return Ok(Some(hash));
            }
        }
        Ok(None)
    }
}
