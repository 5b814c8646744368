//! What the secret says, as long as the process lives: the admin's account and the keys of tokens.
//!
//! A secret is used for five minutes at most, by the wall clock, which goes on while a function is
//! frozen; and it is read again at once, though no more than once in ten seconds, when a key is met
//! that nobody here knows or the admin's password is wrong. A Secrets Manager that is out of reach
//! holds a request up for a second at most, and then what is known holds on. What does not come
//! from Secrets Manager never changes.

use super::jwt::{JwtKeys, TokenError, VerifiedToken};
use crate::{
    clock::{self, Deadline},
    domain::{AppId, Email, SecretHash, UserId},
    env::SettingError,
    error::{Code, Result},
    secrets::{EarlierKeys, Loaded, SecretError, Secrets, SecretsManager},
};
use secrecy::ExposeSecret;
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};
use tokio::{sync::Mutex, time::timeout};
use tracing::{error, info, warn};

/// How often Secrets Manager is asked at most: junk tokens must not be able to make us hammer it.
const MIN_RELOAD_INTERVAL: Duration = Duration::from_secs(10);
/// How long a request waits for the secret before it goes on with what is known.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(1);

/// One version of the secret, checked.
#[derive(Debug)]
pub struct CheckedSecret {
    /// Whom the admin's sign-in lets in.
    pub admin_email: Email,
    /// Of the admin's password.
    pub admin_password_hash: SecretHash,
    admin_jwt: JwtKeys,
    user_jwt: JwtKeys,
    earlier: EarlierKeys,
}

impl CheckedSecret {
    /// Checks everything; the first thing wrong is the error, which never quotes.
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
            earlier,
        })
    }

    /// Whether the admin's account is the same in both.
    pub fn has_same_admin_as(&self, other: &Self) -> bool {
        (&self.admin_email, &self.admin_password_hash)
            == (&other.admin_email, &other.admin_password_hash)
    }
}

#[derive(Debug)]
struct CachedSecret {
    current: Arc<CheckedSecret>,
    read_at: SystemTime,
}

/// The secret, renewed when it is due.
#[derive(Debug)]
pub struct Credentials {
    cached: RwLock<CachedSecret>,
    source: Option<SecretsManager>,
    /// When it was last tried to read it again. Who holds this lock is at it.
    last_attempt: Mutex<Option<SystemTime>>,
}

impl Credentials {
    /// What was loaded, if it is whole.
    ///
    /// # Errors
    /// Names the setting, or the field of the secret, that is malformed.
    pub fn new(loaded: Loaded) -> Result<Self, SettingError> {
        let current = Arc::new(CheckedSecret::new(loaded.secrets, loaded.earlier)?);
        let cached = CachedSecret { current, read_at: SystemTime::now() };
        Ok(Self {
            cached: RwLock::new(cached),
            source: loaded.source,
            last_attempt: Mutex::default(),
        })
    }

    /// A token for the platform's admin.
    pub async fn sign_admin(&self, email: &str) -> Result<String> {
        self.current().await.admin_jwt.sign_admin(email)
    }

    /// Who an admin's token names.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `TOKEN_EXPIRED`.
    pub async fn verify_admin(&self, token: &str) -> Result<String> {
        self.verify(|current| current.admin_jwt.verify_admin(token)).await
    }

    /// A token for a user, good in that app alone.
    pub async fn sign_user(&self, user: UserId, app: &AppId) -> Result<String> {
        self.current().await.user_jwt.sign_user(user, app)
    }

    /// What a user's token says, for `app`.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `TOKEN_EXPIRED`; `TOKEN_APP_MISMATCH` for a good one of another app.
    pub async fn verify_user(&self, token: &str, app: &AppId) -> Result<VerifiedToken> {
        let token = self.verify(|current| current.user_jwt.verify_user(token)).await?;
        if token.app_id == app.as_str() { Ok(token) } else { Err(Code::TokenAppMismatch.into()) }
    }

    /// A signature under `fact`, to be kept where others write too.
    pub async fn sign_fact(&self, fact: &str) -> Result<String> {
        self.current().await.admin_jwt.sign_fact(fact)
    }

    /// Whether one of the admin's keys has signed `fact`.
    pub async fn verify_fact(&self, fact: &str, signature: &str) -> bool {
        self.current().await.admin_jwt.verify_fact(fact, signature)
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

    /// What holds now, read again if it is too old.
    pub async fn current(&self) -> Arc<CheckedSecret> {
        let (known, read_at) = self.cached();
        let is_due = |source: &SecretsManager| !clock::is_within(read_at, source.max_age());
        match &self.source {
            Some(source) if is_due(source) => self.newer_than(&known).await.unwrap_or(known),
            _ => known,
        }
    }

    /// What the secret says when it is asked again, after what was `known` was of no use; `None` if
    /// nothing newer is to be had.
    pub async fn newer_than(&self, known: &Arc<CheckedSecret>) -> Option<Arc<CheckedSecret>> {
        let source = self.source.as_ref()?;
        let patience = RELOAD_TIMEOUT.min(Deadline::current().remaining());
        // Of those who ask at once, one reads and the others wait for what it finds.
        if timeout(patience, self.reload(source, known)).await.is_err() {
            warn!("the secret cannot be read anew in time: what is known holds on");
        }
        let (cached, _) = self.cached();
        (!Arc::ptr_eq(&cached, known)).then_some(cached)
    }

    async fn reload(&self, source: &SecretsManager, known: &Arc<CheckedSecret>) {
        let mut last_attempt = self.last_attempt.lock().await;
        let somebody_has = !Arc::ptr_eq(&self.cached().0, known);
        if somebody_has || last_attempt.is_some_and(|at| clock::is_within(at, MIN_RELOAD_INTERVAL))
        {
            return;
        }
        *last_attempt = Some(SystemTime::now());
        match self.read(source, known).await {
            Ok(current) => {
                let cached =
                    CachedSecret { current: Arc::new(current), read_at: SystemTime::now() };
                *self.cached.write().unwrap_or_else(PoisonError::into_inner) = cached;
                info!("the secret was read anew");
            }
            Err(SecretError::Unreachable(reason)) => {
                warn!(%reason, "what is known of the secret holds on")
            }
            Err(SecretError::Malformed(reason)) => {
                error!(%reason, "the secret's new version cannot be used: what is known holds on");
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
                "the previous version of the secret cannot be read: its keys as known hold on"
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
