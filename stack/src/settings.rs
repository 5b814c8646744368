//! What `make dev` takes from its environment, and what it makes up where nothing is given.

#![expect(
    clippy::disallowed_methods,
    reason = "this is where the local stack reads its environment"
)]

use std::{collections::BTreeMap, env};

use anyhow::{Context, bail};
use stack::admin::{self, Credentials};

use crate::local::Local;

/// Settings that go to the functions as they are.
const PASSED: [&str; 10] = [
    "MONGODB_MAX_POOL_SIZE",
    "LISTING_READ_PREFERENCE",
    "REDIS_CA_FILE",
    "HOLD_TTL_SECONDS",
    "MAX_HELD_SEATS_PER_USER",
    "BCRYPT_COST",
    "ADMIN_ORIGINS",
    "ADMIN_JWT_SECRET",
    "USER_JWT_SECRET",
    "RUST_LOG",
];

/// Read once at the start.
pub struct Settings {
    pub port: u16,
    /// Processes of each function that a route leads to.
    pub concurrency: usize,
    /// Servers to use instead of our own.
    pub mongodb_uri: Option<String>,
    pub redis_url: Option<String>,
    pub database: String,
    /// With whom the demo tenants are registered.
    pub admin_email: String,
    pub admin_password: String,
    /// What the functions get beside the servers' addresses.
    pub functions: BTreeMap<String, String>,
}

impl Settings {
    pub fn read(local: &Local) -> anyhow::Result<Self> {
        let port: u16 = number("PORT", 9000)?;
        let concurrency: usize = number("CONCURRENCY", 8)?;
        if port == 0 {
            bail!("PORT: 0 is not a port that clients can be told");
        }
        if !(1..=64).contains(&concurrency) {
            bail!("CONCURRENCY: {concurrency} is not between 1 and 64 instances of each function");
        }
        let (admin_email, admin_password, mut functions) = administrator(local)?;
        functions.extend(env::vars().filter(|(name, value)| {
            !value.is_empty()
                && (PASSED.contains(&name.as_str()) || name.starts_with("RATE_LIMIT_"))
        }));
        Ok(Self {
            port,
            concurrency,
            mongodb_uri: given("MONGODB_URI"),
            redis_url: given("REDIS_URL"),
            database: given("MONGODB_DATABASE").unwrap_or_else(|| "booking".to_owned()),
            admin_email,
            admin_password,
            functions,
        })
    }
}

/// The administrator's address and password, and what the functions have to know to check them.
fn administrator(local: &Local) -> anyhow::Result<(String, String, BTreeMap<String, String>)> {
    if let Some(secret) = given("SECRET_ID") {
        let (Some(email), Some(password)) = (given("ADMIN_EMAIL"), given("ADMIN_PASSWORD")) else {
            bail!(
                "with SECRET_ID the administrator is the secret's: give ADMIN_EMAIL and ADMIN_PASSWORD too"
            );
        };
        // Where the secret is read from, and with which credentials.
        let aws = env::vars()
            .filter(|(name, _)| name.starts_with("AWS_") && !name.starts_with("AWS_LAMBDA_"));
        return Ok((email, password, aws.chain([("SECRET_ID".to_owned(), secret)]).collect()));
    }
    let mut own = credentials(local)?;
    if let Some(email) = given("ADMIN_EMAIL") {
        own.email = email;
    }
    match (given("ADMIN_PASSWORD"), given("ADMIN_PASSWORD_HASH")) {
        (Some(password), Some(hash)) => (own.password, own.password_hash) = (password, hash),
        (Some(password), None) => {
            own.password_hash = admin::hash(&password).context("ADMIN_PASSWORD")?;
            own.password = password;
        }
        (None, Some(_)) => {
            bail!(
                "ADMIN_PASSWORD_HASH without ADMIN_PASSWORD: the demo tenants need both to be registered"
            )
        }
        (None, None) => {}
    }
    let env = own.env();
    Ok((own.email, own.password, env))
}

/// The ones an earlier start has made, so that tokens and the password outlive it.
fn credentials(local: &Local) -> anyhow::Result<Credentials> {
    const FILE: &str = "credentials.json";
    if let Some(kept) = local.kept(FILE) {
        return Ok(kept);
    }
    let made = Credentials::generate()?;
    local.keep(FILE, &made)?;
    Ok(made)
}

/// A variable that is set and not empty.
fn given(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> anyhow::Result<T> {
    let Some(text) = given(name) else { return Ok(default) };
    text.parse().map_err(|_| anyhow::anyhow!("{name}: {text:?} is not a number in its range"))
}
