//! What `make dev` checks before it starts anything, with the functions' own code: a function that
//! does not start can only write a line into its log.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, bail};
use shared::{
    auth::credentials::Credentials, config::Settings, env::Env, locks::Gate,
    secrets::LoadedSecrets, store::Store,
};

const MONGODB_TIMEOUT: Duration = Duration::from_secs(5);

/// Variables as a function will have them.
struct FunctionEnv<'a>(&'a BTreeMap<String, String>);

impl Env for FunctionEnv<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.trim().is_empty()).cloned()
    }
}

/// Reads the settings as a function does.
///
/// # Errors
/// Names the setting that a function would not start with.
pub async fn settings(env: &BTreeMap<String, String>) -> anyhow::Result<Settings> {
    let env = FunctionEnv(env);
    let loaded = LoadedSecrets::load(&env).await?;
    let settings = Settings::new(&env, &loaded.secrets)?;
    Credentials::new(loaded)?;
    Ok(settings)
}

/// Checks that the given MongoDB responds.
///
/// # Errors
/// Names `MONGODB_URI`, and the problem with its server.
pub async fn mongodb(settings: &Settings) -> anyhow::Result<()> {
    let store = Store::new(settings).await?;
    store.ping_primary(MONGODB_TIMEOUT).await.context(
        "MONGODB_URI: this MongoDB cannot be used. Check that it runs, that it is a \
            replica set with a primary, and the user and password",
    )
}

/// Checks that the given Redis responds and fits.
///
/// # Errors
/// Names `REDIS_URL`, and the problem with its server.
pub async fn redis(settings: &Settings) -> anyhow::Result<()> {
    const OWN: &str = "Or leave REDIS_URL out: then a Redis is started for you";
    let gate = Gate::new(&settings.redis)
        .map_err(|_| anyhow::anyhow!("REDIS_URL: it is not an address that redis takes"))?;
    match gate.servers().await {
        Err(reason) => bail!(
            "REDIS_URL: this Redis cannot be used ({reason}). Check that it runs, and the \
            password. {OWN}"
        ),
        Ok(servers) if servers.iter().any(super::doctor::is_full) => bail!(
            "REDIS_URL: this Redis is full and refuses writes. Give it more memory (CONFIG SET \
            maxmemory). {OWN}"
        ),
        Ok(_) => Ok(()),
    }
}
