//! What a process builds once, at start, and hands to every request.

use crate::{
    auth::{
        admin::AdminAuth, app::TenantAuth, credentials::Credentials, organiser::SecretKeyAuth,
        password::Passwords, sign_in::SignInGuard, users::UserAuth,
    },
    booking::{BookingService, accounts::PaymentAccounts},
    config::Settings,
    env::{Env, ProcessEnv, SettingError},
    feed::FeedService,
    live::LiveService,
    locks::Gate,
    secrets::LoadedSecrets,
    store::Store,
    webhooks::WebhookService,
};
use std::{
    future::Future,
    ops::Deref,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::{debug, warn};

/// How long a start waits for MongoDB.
const MONGODB_TIMEOUT: Duration = Duration::from_secs(3);

/// The parts of a process. A clone is a reference.
#[derive(Clone, Debug)]
pub struct State(Arc<Parts>);

/// The parts that [`State`] refers to.
#[derive(Debug)]
pub struct Parts {
    /// What the environment and the secret configure.
    pub settings: Arc<Settings>,
    /// MongoDB, which decides what is sold.
    pub store: Arc<Store>,
    /// Redis, which limits and locks.
    pub gate: Arc<Gate>,
    /// Hashes passwords off the async threads.
    pub passwords: Passwords,
    /// The keys of tokens and the admin's account.
    pub credentials: Arc<Credentials>,
    /// Layer 1 of authentication.
    pub admin_auth: AdminAuth,
    /// Authenticates tenants' own servers.
    pub(crate) secret_keys: SecretKeyAuth,
    /// Layer 2 of authentication.
    pub tenant_auth: TenantAuth,
    /// Layer 3 of authentication.
    pub user_auth: UserAuth,
    /// Limits wrong passwords per account and network.
    pub sign_in_guard: SignInGuard,
    /// Who takes the payments of each app.
    pub payment_accounts: Arc<PaymentAccounts>,
    /// Holds, changes, confirms, releases and lists seats.
    pub bookings: BookingService,
    /// The public seat feed.
    pub feed: Arc<FeedService>,
    /// Live push of the feed.
    pub live: LiveService,
    /// Manages the tenants' webhook endpoints.
    pub webhooks: WebhookService,
}

impl Deref for State {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl State {
    /// Reads the settings, creates the clients, and waits for their first connections. Servers that
    /// cannot be reached only cause a warning: requests then get a 503 until they can.
    ///
    /// # Errors
    /// Names the setting that is missing or malformed.
    pub async fn start() -> Result<Self, SettingError> {
        let (state, mongodb) = Self::connect().await?;
        if let Err(problem) = mongodb {
            warn!("{problem}: requests get 503 until it can");
        }
        Ok(state)
    }

    /// [`State::start`] for a function that can do nothing without MongoDB.
    ///
    /// # Errors
    /// Names the setting that is missing, malformed, or leads to no server.
    pub(crate) async fn start_with_mongodb() -> Result<Self, SettingError> {
        let (state, mongodb) = Self::connect().await?;
        mongodb.map(|()| state)
    }

    async fn connect() -> Result<(Self, Result<(), SettingError>), SettingError> {
        let began = Instant::now();
        let loaded = LoadedSecrets::load(&ProcessEnv).await?;
        let secrets_ms = ms(began);
        let state = Self::with(&ProcessEnv, loaded).await?;
        let clients_ms = ms(began) - secrets_ms;
        let ((mongodb, mongodb_ms), (redis, redis_ms)) =
            tokio::join!(timed(state.store.ping(MONGODB_TIMEOUT)), timed(state.gate.ping()));
        let mongodb = mongodb.map_err(|error| {
            let problem = if error.is_authentication() {
                "the database refuses the user or the password"
            } else {
                "no member of the database can be reached"
            };
            SettingError::new("MONGODB_URI", problem)
        });
        if !redis {
            warn!("REDIS_URL: redis cannot be reached: going on without it");
        }
        debug!(secrets_ms, clients_ms, mongodb_ms, redis_ms, total_ms = ms(began), "started");
        Ok((state, mongodb))
    }

    /// The clients from another environment than this process's, without waiting for servers.
    #[cfg(test)]
    pub(crate) async fn of(env: &impl Env) -> Result<Self, SettingError> {
        Self::with(env, LoadedSecrets::load(env).await?).await
    }

    async fn with(env: &impl Env, loaded: LoadedSecrets) -> Result<Self, SettingError> {
        let settings = Arc::new(Settings::new(env, &loaded.secrets)?);
        let gate = Arc::new(Gate::new(&settings.redis)?);
        let credentials = Arc::new(Credentials::new(loaded)?);
        let store = Arc::new(Store::new(&settings).await?);
        let payment_accounts = Arc::new(PaymentAccounts::new(
            settings.payments.clone(),
            store.clone(),
            credentials.clone(),
        ));
        let feed = Arc::new(FeedService::new(store.clone(), gate.clone()));
        let passwords = Passwords::new(settings.bcrypt_cost);
        Ok(Self(Arc::new(Parts {
            admin_auth: AdminAuth::new(credentials.clone(), passwords.clone()),
            secret_keys: SecretKeyAuth::new(settings.clone(), store.clone(), gate.clone()),
            tenant_auth: TenantAuth::new(
                settings.clone(),
                store.clone(),
                gate.clone(),
                passwords.clone(),
                credentials.clone(),
            ),
            user_auth: UserAuth::new(
                store.clone(),
                gate.clone(),
                passwords.clone(),
                credentials.clone(),
            ),
            sign_in_guard: SignInGuard::new(gate.clone()),
            bookings: BookingService::new(
                store.clone(),
                gate.clone(),
                payment_accounts.clone(),
                settings.hold_ttl,
                settings.max_held_seats,
                settings.payments.window,
            ),
            webhooks: WebhookService::new(
                store.clone(),
                credentials.clone(),
                settings.webhook_hosts.clone(),
            ),
            live: LiveService::new(settings.live.clone(), store.clone(), feed.clone()),
            feed,
            payment_accounts,
            passwords,
            credentials,
            settings,
            store,
            gate,
        })))
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// The output of `work`, and how many milliseconds it took.
async fn timed<T>(work: impl Future<Output = T>) -> (T, f64) {
    let began = Instant::now();
    (work.await, ms(began))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Canaries;

    impl Env for Canaries {
        fn get(&self, name: &str) -> Option<String> {
            let value = match name {
                "MONGODB_URI" => "mongodb://somebody:canary-mongodb@127.0.0.1:1/",
                "MONGODB_DATABASE" => "canaries",
                "REDIS_URL" => "redis://somebody:canary-redis@127.0.0.1:1",
                "ADMIN_EMAIL" => "admin@example.com",
                "ADMIN_PASSWORD_HASH" => {
                    "$2b$10$IdiNnUNCQqBce0bwMFqznuxk.2XpiPOA8TrHx.cBzDsOgJIDgYURS"
                }
                "ADMIN_JWT_SECRET" => "canary-admin-jwt................",
                "USER_JWT_SECRET" => "canary-user-jwt.................",
                _ => return None,
            };
            Some(value.to_owned())
        }
    }

    #[tokio::test]
    async fn nothing_that_a_process_holds_shows_a_secret() {
        let state = State::of(&Canaries).await.unwrap();
        let shown = format!("{state:?} {:#?}", state.settings);
        assert!(shown.contains("hold_ttl"), "{shown}");
        for canary in ["canary-", "$2b$"] {
            let at = shown.find(canary);
            assert!(
                at.is_none(),
                "{canary}: …{}",
                &shown[at.unwrap_or(0).saturating_sub(200)..at.unwrap_or(0)]
            );
        }
    }
}
