//! The secret during the life of a process: the admin's account and the keys of tokens.
//!
//! The secret is read again when it is five minutes old. It is also read again when a token names
//! an unknown key or the admin's password is wrong, but at most once in ten seconds. All times
//! are by the wall clock, which goes on while a function is frozen. If Secrets Manager is
//! unavailable, a request waits for a second at most, and the known secret stays in use. A secret
//! from the environment never changes.

use super::jwt::{JwtKeys, TokenError, VerifiedToken};
use crate::{
    clock::{self, Deadline},
    domain::{AppId, Email, SecretHash, UserId},
    env::SettingError,
    error::{Code, Error, Result},
    secrets::{
        EarlierKeys, LoadedSecrets, Sealed, Sealer, SealingError, SecretError, Secrets,
        SecretsManager,
    },
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};
use tokio::{sync::Mutex, time::timeout};
use tracing::{error, info, warn};

/// The shortest time between two reads. Without it, junk tokens could make us flood Secrets
/// Manager.
const MIN_RELOAD_INTERVAL: Duration = Duration::from_secs(10);
/// How long a request waits for a read before it continues with the known secret.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(1);

/// One version of the secret, after validation.
#[derive(Debug)]
pub(super) struct CheckedSecret {
    pub(super) admin_email: Email,
    pub(super) admin_password_hash: SecretHash,
    admin_jwt: JwtKeys,
    user_jwt: JwtKeys,
    sealer: Option<Sealer>,
    earlier: EarlierKeys,
}

impl CheckedSecret {
    /// Validates everything. The error names the first problem and never quotes a value.
    fn new(secrets: Secrets, earlier: EarlierKeys) -> Result<Self, SettingError> {
        let names = secrets.names();
        let hash = secrets.admin_password_hash.expose_secret();
        if !super::password::is_bcrypt_hash(hash) {
            return Err(SettingError::new(names.admin_password_hash, "must be a bcrypt hash"));
        }
        let keys = |name, audience, keys, earlier: &Vec<_>| {
            JwtKeys::new(audience, keys, earlier.clone())
                .map_err(|problem| SettingError::new(name, problem))
        };
        Ok(Self {
            admin_email: Email::parse(&secrets.admin_email)
                .map_err(|problem| SettingError::new(names.admin_email, problem))?,
            admin_password_hash: hash.to_owned().into(),
            admin_jwt: keys(
                names.admin_jwt,
                "ubk:admin",
                secrets.admin_jwt_keys,
                &earlier.admin_jwt_keys,
            )?,
            user_jwt: keys(
                names.user_jwt,
                "ubk:user",
                secrets.user_jwt_keys,
                &earlier.user_jwt_keys,
            )?,
            sealer: match secrets.sealing_keys.as_slice() {
                [] => None,
                keys => Some(Sealer::new(keys).map_err(|problem| {
                    SettingError::new(names.sealing_keys, problem.to_string())
                })?),
            },
            earlier,
        })
    }

    /// Whether both have the same account for the admin.
    pub(super) fn has_same_admin_as(&self, other: &Self) -> bool {
        (&self.admin_email, &self.admin_password_hash)
            == (&other.admin_email, &other.admin_password_hash)
    }
}

#[derive(Debug)]
struct CachedSecret {
    current: Arc<CheckedSecret>,
    read_at: SystemTime,
}

/// The secret, read again when it is due.
#[derive(Debug)]
pub struct Credentials {
    cached: RwLock<CachedSecret>,
    source: Option<SecretsManager>,
    /// When the last read began. A task holds this lock while it reads.
    last_attempt: Mutex<Option<SystemTime>>,
}

impl Credentials {
    /// Validates the loaded secrets.
    ///
    /// # Errors
    /// Names the setting, or the field of the secret, that is malformed.
    pub fn new(loaded: LoadedSecrets) -> Result<Self, SettingError> {
        let current = Arc::new(CheckedSecret::new(loaded.secrets, loaded.earlier)?);
        let cached = CachedSecret { current, read_at: SystemTime::now() };
        Ok(Self {
            cached: RwLock::new(cached),
            source: loaded.source,
            last_attempt: Mutex::default(),
        })
    }

    /// A token for the platform's admin.
    pub(super) async fn sign_admin(&self, email: &str) -> Result<String> {
        self.current().await.admin_jwt.sign_admin(email)
    }

    /// The e-mail address that an admin's token names. Fails with
    /// `UNAUTHENTICATED` or `TOKEN_EXPIRED` otherwise.
    pub(super) async fn verify_admin(&self, token: &str) -> Result<String> {
        self.verify(|current| current.admin_jwt.verify_admin(token)).await
    }

    /// A token for a user, valid only in that app.
    pub async fn sign_user(&self, user: UserId, app: &AppId) -> Result<String> {
        self.current().await.user_jwt.sign_user(user, app)
    }

    /// Verifies a user's token for `app`.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `TOKEN_EXPIRED`; `TOKEN_APP_MISMATCH` for a valid token of another app.
    pub(super) async fn verify_user(&self, token: &str, app: &AppId) -> Result<VerifiedToken> {
        let token = self.verify(|current| current.user_jwt.verify_user(token)).await?;
        if token.app_id == app.as_str() { Ok(token) } else { Err(Code::TokenAppMismatch.into()) }
    }

    /// Signs a fact, to store it where others can write.
    pub(super) async fn sign_fact(&self, fact: &str) -> Result<String> {
        self.current().await.admin_jwt.sign_fact(fact)
    }

    /// Whether one of the admin's keys signed this fact.
    pub(super) async fn verify_fact(&self, fact: &str, signature: &str) -> bool {
        self.current().await.admin_jwt.verify_fact(fact, signature)
    }

    /// Encrypts a secret for MongoDB. It opens only with the same `context`.
    ///
    /// # Errors
    /// `PAYMENTS_NOT_CONFIGURED` if the deployment's secret has no `sealingKeys`.
    pub(crate) async fn seal(&self, secret: &SecretString, context: &str) -> Result<Sealed> {
        let mut current = self.current().await;
        if current.sealer.is_none() {
            current = self.newer_than(&current).await.unwrap_or(current);
        }
        let Some(sealer) = &current.sealer else {
            let message = "The deployment's secret has no sealingKeys";
            return Err(Error::new(Code::PaymentsNotConfigured, message));
        };
        sealer.seal(secret, context).map_err(Error::internal)
    }

    /// Decrypts what [`Credentials::seal`] has encrypted.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` if its key has left the deployment's secret.
    pub(crate) async fn open(&self, sealed: &Sealed, context: &str) -> Result<SecretString> {
        let open = |current: &CheckedSecret| match &current.sealer {
            Some(sealer) => sealer.open(sealed, context),
            None => Err(SealingError::NoKey),
        };
        let known = self.current().await;
        let opened = match open(&known) {
            Err(SealingError::NoKey | SealingError::UnknownKey(_)) => {
                open(&self.newer_than(&known).await.unwrap_or(known))
            }
            opened => opened,
        };
        opened.map_err(Error::unavailable)
    }

    async fn verify<T>(
        &self,
        check: impl Fn(&CheckedSecret) -> Result<T, TokenError>,
    ) -> Result<T> {
        let known = self.current().await;
        let checked = match check(&known) {
            Err(TokenError::UnknownKey) => match self.newer_than(&known).await {
                Some(newer) => check(&newer),
                None => Err(TokenError::UnknownKey),
            },
            checked => checked,
        };
        Ok(checked?)
    }

    /// The secret, read again if it is too old.
    pub(super) async fn current(&self) -> Arc<CheckedSecret> {
        let (known, read_at) = self.cached();
        let is_due = |source: &SecretsManager| !clock::is_within(read_at, source.max_age());
        match &self.source {
            Some(source) if is_due(source) => self.newer_than(&known).await.unwrap_or(known),
            _ => known,
        }
    }

    /// Reads the secret again: `known` is old, lacks a key, or does not match a password. `None` if
    /// there is nothing newer.
    pub(super) async fn newer_than(
        &self,
        known: &Arc<CheckedSecret>,
    ) -> Option<Arc<CheckedSecret>> {
        let source = self.source.as_ref()?;
        let time_limit = RELOAD_TIMEOUT.min(Deadline::current().remaining());
        // Of several requests at once, one reads and the others wait for its result.
        if timeout(time_limit, self.reload(source, known)).await.is_err() {
            warn!("the secret cannot be read in time: the known one stays in use");
        }
        let (cached, _) = self.cached();
        (!Arc::ptr_eq(&cached, known)).then_some(cached)
    }

    async fn reload(&self, source: &SecretsManager, known: &Arc<CheckedSecret>) {
        let mut last_attempt = self.last_attempt.lock().await;
        let was_reloaded = !Arc::ptr_eq(&self.cached().0, known);
        if was_reloaded || last_attempt.is_some_and(|at| clock::is_within(at, MIN_RELOAD_INTERVAL))
        {
            return;
        }
        *last_attempt = Some(SystemTime::now());
        match self.read(source, known).await {
            Ok(current) => {
                let cached =
                    CachedSecret { current: Arc::new(current), read_at: SystemTime::now() };
                *self.cached.write().unwrap_or_else(PoisonError::into_inner) = cached;
                info!("the secret was read again");
            }
            Err(SecretError::Unreachable(reason)) => {
                warn!(%reason, "the secret cannot be read: the known one stays in use")
            }
            Err(SecretError::Malformed(reason)) => {
                error!(%reason, "the secret's new version cannot be used: the known one stays in use");
            }
        }
    }

    async fn read(
        &self,
        source: &SecretsManager,
        known: &CheckedSecret,
    ) -> Result<CheckedSecret, SecretError> {
        let (secrets, earlier) = tokio::join!(source.current(), source.earlier_keys());
        let earlier = earlier.unwrap_or_else(|reason| {
            warn!(
                reason,
                "the previous version of the secret cannot be read: its known keys stay in use"
            );
            known.earlier.clone()
        });
        CheckedSecret::new(secrets?, earlier).map_err(SecretError::Malformed)
    }

    fn cached(&self) -> (Arc<CheckedSecret>, SystemTime) {
        let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&cached.current), cached.read_at)
    }
}
