//! The settings of `make dev`, from its environment, and what it makes up where nothing is given.

#![expect(
    clippy::disallowed_methods,
    reason = "this is where the local stack reads its environment"
)]

use std::{collections::BTreeMap, env};

use anyhow::{Context, bail};
use stack::{
    admin::{self, Credentials},
    setting_names,
};

use crate::{local::Local, say};

/// Read once at the start.
pub struct Settings {
    pub port: u16,
    /// How many processes to run of each function that has a route.
    pub concurrency: usize,
    /// Servers to use instead of our own.
    pub mongodb_uri: Option<String>,
    pub redis_url: Option<String>,
    pub database: String,
    /// The administrator, who registers the demo tenants.
    pub admin_email: String,
    pub admin_password: String,
    /// Whether there is the demo tenant with 20,000 seats.
    pub demo_arena: bool,
    /// Settings of the functions, without the servers' addresses.
    pub functions: BTreeMap<String, String>,
}

impl Settings {
    pub fn read(local: &Local) -> anyhow::Result<Self> {
        report_misspelt();
        let port: u16 = number("PORT", 9000)?;
        let concurrency: usize = number("CONCURRENCY", 8)?;
        if port == 0 {
            bail!("PORT: 0 would be another port at each start");
        }
        if !(1..=64).contains(&concurrency) {
            bail!("CONCURRENCY: {concurrency} is not between 1 and 64 processes of each function");
        }
        let demo_arena = match given("DEMO_ARENA").as_deref() {
            None | Some("0" | "false") => false,
            Some("1" | "true") => true,
            Some(other) => bail!("DEMO_ARENA: {other:?} is neither 1 nor 0"),
        };
        let (admin_email, admin_password, mut functions) = administrator(local)?;
        functions.insert("DEFAULT_PAYMENT_PROVIDER".to_owned(), "simulated".to_owned());
        functions.extend(env::vars().filter(|(name, value)| {
            let name = name.as_str();
            !value.is_empty()
                && (setting_names::OF_FUNCTIONS.contains(&name) || name == setting_names::LOG_LEVEL)
        }));
        Ok(Self {
            port,
            concurrency,
            mongodb_uri: given("MONGODB_URI"),
            redis_url: given("REDIS_URL"),
            database: given("MONGODB_DATABASE").unwrap_or_else(|| "booking".to_owned()),
            admin_email,
            admin_password,
            demo_arena,
            functions,
        })
    }
}

/// Says which variables look like a setting and are none.
fn report_misspelt() {
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for (name, setting) in setting_names::misspelt(names) {
        say::problem!("warning: {name} is not a setting and has no effect. Do you mean {setting}?");
    }
}

/// The administrator's address and password, and the settings with which functions check them.
fn administrator(local: &Local) -> anyhow::Result<(String, String, BTreeMap<String, String>)> {
    if let Some(secret) = given("SECRET_ID") {
        let (Some(email), Some(password)) = (given("ADMIN_EMAIL"), given("ADMIN_PASSWORD")) else {
            bail!(
                "SECRET_ID: the secret holds only a hash of the administrator's password, so set \
                ADMIN_EMAIL and ADMIN_PASSWORD too"
            );
        };
        // The region, the credentials and the endpoint of Secrets Manager.
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
                "ADMIN_PASSWORD_HASH: set ADMIN_PASSWORD too; the demo tenants are registered \
                with it"
            )
        }
        (None, None) => {}
    }
    let env = own.env();
    Ok((own.email, own.password, env))
}

/// The credentials of an earlier start, so that tokens and the password outlive it; else new ones.
fn credentials(local: &Local) -> anyhow::Result<Credentials> {
    const FILE: &str = "credentials.json";
    if let Some(mut saved) = local.load::<Credentials>(FILE) {
        if saved.complete() {
            local.save(FILE, &saved)?;
        }
        return Ok(saved);
    }
    let made = Credentials::generate()?;
    local.save(FILE, &made)?;
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
