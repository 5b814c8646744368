//! What a process builds once, at its start, and hands to every request.

use crate::{
    auth::{admin::Admins, app::Tenants, password::Passwords},
    booking::Bookings,
    config::{ProcessEnv, SettingError, Settings},
    locks::Gate,
    payment::Simulated,
    secrets::Secrets,
    store::Store,
};
use std::{ops::Deref, sync::Arc, time::Duration};
use tracing::warn;

/// How long a start waits for MongoDB to answer at all.
const REACH: Duration = Duration::from_secs(3);

/// The process's parts. Cloning it clones one reference.
#[derive(Clone, Debug)]
pub struct State(Arc<Parts>);

/// The parts themselves.
#[derive(Debug)]
pub struct Parts {
    /// What was configured.
    pub settings: Arc<Settings>,
    /// MongoDB.
    pub store: Arc<Store>,
    /// Redis.
    pub gate: Arc<Gate>,
    /// bcrypt.
    pub passwords: Passwords,
    /// Layer 1.
    pub admins: Admins,
    /// Layer 2.
    pub tenants: Tenants,
    /// The booking flow.
    pub bookings: Bookings,
}

impl Deref for State {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl State {
    /// Reads the settings and makes the clients, warm.
    ///
    /// # Errors
    /// Names the setting that is missing, malformed or out of reach. Redis out of reach is no error: nothing but speed
    /// is lost with it, and a cold start must not turn that loss into an outage.
    pub async fn start() -> Result<Self, SettingError> {
        let state = Self::build().await?;
        let (mongodb, redis) = tokio::join!(state.store.ping(REACH), state.gate.ping());
        mongodb.map_err(|_| SettingError::new("MONGODB_URI", "no member of the database can be reached"))?;
        if !redis {
            warn!("REDIS_URL: redis cannot be reached: going on without it");
        }
        Ok(state)
    }

    /// Reads the settings and makes the clients, without waiting for the servers.
    ///
    /// # Errors
    /// Names the setting that is missing or malformed.
    pub async fn build() -> Result<Self, SettingError> {
        let settings = Arc::new(Settings::new(&ProcessEnv, Secrets::load(&ProcessEnv).await?)?);
        let store = Arc::new(Store::new(&settings).await?);
        let gate = Gate::new(&settings.redis)
            .map(Arc::new)
            .map_err(|_| SettingError::new("REDIS_URL", "is not an address that redis takes"))?;
        let passwords = Passwords::new();
        Ok(Self(Arc::new(Parts {
            admins: Admins::new(settings.clone(), passwords.clone()),
            tenants: Tenants::new(settings.clone(), store.clone(), gate.clone(), passwords.clone()),
            bookings: Bookings::new(
                store.clone(),
                gate.clone(),
                Box::new(Simulated),
                settings.hold_ttl,
                settings.max_held_seats,
            ),
            passwords,
            settings,
            store,
            gate,
        })))
    }
}
