//! Settings: read and checked once, at start.

use crate::{
    domain::{AllowedHosts, OriginEntry, PaymentProvider},
    env::{Env, SettingError},
    payment::{RAZORPAY_API_BASE, STRIPE_API_BASE},
    secrets::Secrets,
};
use secrecy::{ExposeSecret, SecretString};
use std::{ops::RangeInclusive, str::FromStr, time::Duration};

/// A number of requests in a number of seconds, written `60/60`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub count: u32,
    pub seconds: u32,
}

impl FromStr for Rate {
    type Err = ();

    fn from_str(raw: &str) -> Result<Self, ()> {
        let (count, seconds) = raw.split_once('/').ok_or(())?;
        let rate = Self {
            count: count.parse().map_err(|_| ())?,
            seconds: seconds.parse().map_err(|_| ())?,
        };
        if rate.count > 0 && (1..=86_400).contains(&rate.seconds) { Ok(rate) } else { Err(()) }
    }
}

/// A rate limit. Each has a setting `RATE_LIMIT_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// Users' sign-ins, by network.
    Login,
    /// Sign-ups, counted by the client's network.
    Signup,
    /// The admin's sign-ins, by network.
    AdminLogin,
    /// Attempts to reserve, by user.
    Reserve,
    /// Attempts to confirm, by user.
    Confirm,
    /// Attempts to release a hold or to cancel a booking, by user.
    Release,
    /// Attempts to start a payment, by user.
    Payments,
    /// Listings and lookups, by user, and lists of entities, by network.
    Read,
    /// All requests of an app's users, except those that count as [`RateLimit::Confirm`],
    /// [`RateLimit::Release`] or [`RateLimit::Payments`]: a buyer who pays never waits behind
    /// others.
    App,
    /// Requests with a secret key, by key.
    Secret,
    /// Wrong API keys and secret keys, by network.
    KeyFailures,
    /// Wrong origins and tokens, by network. They are counted separately from wrong keys: the
    /// network's right keys must still be checked.
    CallerFailures,
}

impl RateLimit {
    const ALL: [(RateLimit, &str, Rate); 12] = [
        (RateLimit::Login, "RATE_LIMIT_LOGIN", Rate { count: 10, seconds: 60 }),
        (RateLimit::Signup, "RATE_LIMIT_SIGNUP", Rate { count: 20, seconds: 60 }),
        (RateLimit::AdminLogin, "RATE_LIMIT_ADMIN_LOGIN", Rate { count: 5, seconds: 60 }),
        (RateLimit::Reserve, "RATE_LIMIT_RESERVE", Rate { count: 60, seconds: 60 }),
        (RateLimit::Confirm, "RATE_LIMIT_CONFIRM", Rate { count: 60, seconds: 60 }),
        (RateLimit::Release, "RATE_LIMIT_RELEASE", Rate { count: 60, seconds: 60 }),
        (RateLimit::Payments, "RATE_LIMIT_PAYMENTS", Rate { count: 20, seconds: 60 }),
        (RateLimit::Read, "RATE_LIMIT_READ", Rate { count: 600, seconds: 60 }),
        (RateLimit::App, "RATE_LIMIT_APP", Rate { count: 6000, seconds: 60 }),
        (RateLimit::Secret, "RATE_LIMIT_SECRET", Rate { count: 600, seconds: 60 }),
        (RateLimit::KeyFailures, "RATE_LIMIT_KEY_FAILURES", Rate { count: 300, seconds: 60 }),
        (RateLimit::CallerFailures, "RATE_LIMIT_KEY_FAILURES", Rate { count: 300, seconds: 60 }),
    ];

    /// The name in the `RateLimit-Policy` header and in keys of Redis.
    pub(crate) fn name(self) -> &'static str {
        match self {
            RateLimit::Login => "login",
            RateLimit::Signup => "signup",
            RateLimit::AdminLogin => "admin-login",
            RateLimit::Reserve => "reserve",
            RateLimit::Confirm => "confirm",
            RateLimit::Release => "release",
            RateLimit::Payments => "payments",
            RateLimit::Read => "read",
            RateLimit::App => "app",
            RateLimit::Secret => "secret",
            RateLimit::KeyFailures => "key-failures",
            RateLimit::CallerFailures => "caller-failures",
        }
    }
}

/// Where Redis is. `locks` parses and checks it.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// One address, or several of a cluster.
    pub url: SecretString,
    /// A file with the certificates to trust instead of the public authorities.
    pub ca_file: Option<String>,
}

/// Where listings are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingReads {
    /// On the primary, which has every write.
    Primary,
    /// On a secondary, if there is one.
    SecondaryPreferred,
}

impl FromStr for ListingReads {
    type Err = ();

    fn from_str(raw: &str) -> Result<Self, ()> {
        match raw {
            "primary" => Ok(Self::Primary),
            "secondaryPreferred" => Ok(Self::SecondaryPreferred),
            _ => Err(()),
        }
    }
}

/// Costs that a password hash may have. Below the range, a stolen hash is guessed too fast. Above
/// it, a sign-in takes longer than a user waits.
pub(crate) const BCRYPT_COSTS: RangeInclusive<u32> = 10..=15;

/// The settings of a process. All were validated at start.
#[derive(Debug)]
pub struct Settings {
    /// `MONGODB_URI`, or `mongodbUri` of the secret.
    pub mongodb_uri: SecretString,
    /// `MONGODB_DATABASE`: the database's name.
    pub mongodb_database: String,
    /// `MONGODB_MAX_POOL_SIZE`: the connections of one process.
    pub mongodb_max_pool_size: u32,
    /// `LISTING_READ_PREFERENCE`: which members serve listings.
    pub listing_reads: ListingReads,
    /// `REDIS_URL`, or `redisUrl` of the secret; and `REDIS_CA_FILE`.
    pub redis: RedisSettings,
    /// `HOLD_TTL_SECONDS`: how long a hold lives.
    pub hold_ttl: Duration,
    /// `MAX_HELD_SEATS_PER_USER`: how many seats a user may hold at a time in one app.
    pub max_held_seats: usize,
    /// `ADMIN_ORIGINS`: the admin's frontends, normalized.
    pub admin_origins: Vec<String>,
    /// `BCRYPT_COST`: the cost of hashes of users' passwords, 10–15.
    pub bcrypt_cost: u32,
    /// The provider of apps that have none of their own, and the addresses of the providers' APIs.
    pub payments: PaymentSettings,
    /// `WEBHOOK_ALLOW_HOSTS`: hosts of webhooks that need not be public.
    pub webhook_hosts: AllowedHosts,
    /// Where live push is deployed, and its limits.
    pub live: LiveSettings,
    rates: Vec<(RateLimit, Rate)>,
}

/// Which providers take payments, and for how long a started payment extends its hold.
#[derive(Clone, Debug)]
pub struct PaymentSettings {
    /// `DEFAULT_PAYMENT_PROVIDER`: what an app without an entry uses. `None`: such an app sells
    /// only what is free.
    pub default_provider: Option<PaymentProvider>,
    /// `PAYMENT_WINDOW_SECONDS`: how long a hold lasts at least after its payment was started.
    pub window: Duration,
    /// Base URL of Stripe's API, from `STRIPE_API_BASE`.
    pub stripe_base: String,
    /// Base URL of Razorpay's API, from `RAZORPAY_API_BASE`.
    pub razorpay_base: String,
}

impl PaymentSettings {
    fn new(env: &impl Env) -> Result<Self, SettingError> {
        let default_provider = match env.get("DEFAULT_PAYMENT_PROVIDER").as_deref().map(str::trim) {
            None | Some("none") => None,
            Some("simulated") => Some(PaymentProvider::Simulated),
            Some(_) => {
                let problem = "must be none or simulated";
                return Err(SettingError::new("DEFAULT_PAYMENT_PROVIDER", problem));
            }
        };
        let wanted = "a whole number from 60 to 1800";
        let window: u64 = env.parse("PAYMENT_WINDOW_SECONDS", 600, wanted)?;
        if !(60..=1800).contains(&window) {
            return Err(SettingError::new("PAYMENT_WINDOW_SECONDS", format!("must be {wanted}")));
        }
        Ok(Self {
            default_provider,
            window: Duration::from_secs(window),
            stripe_base: base_url(env, "STRIPE_API_BASE", STRIPE_API_BASE)?,
            razorpay_base: base_url(env, "RAZORPAY_API_BASE", RAZORPAY_API_BASE)?,
        })
    }
}

/// The settings of live push.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// `LIVE_URL`: the address of the WebSocket API. `None`: live push is not deployed.
    pub url: Option<String>,
    /// `LIVE_CONNECTIONS_URL`: where messages to connections are posted.
    pub connections_url: Option<String>,
    /// `LIVE_PUBLISHER`: the name of the function that sends. It knows its own name.
    pub publisher: Option<String>,
    /// `AWS_ENDPOINT_URL_LAMBDA`: where functions are invoked, if not at AWS.
    pub lambda_url: Option<String>,
    /// `LIVE_MAX_VIEWERS`: how many connections one entity may have.
    pub max_viewers: u64,
    /// `LIVE_MAX_POSTS_PER_SECOND`: how many messages all viewers of all entities get a second.
    pub max_posts_per_second: u32,
}

impl LiveSettings {
    fn new(env: &impl Env) -> Result<Self, SettingError> {
        let url = |name, schemes: [&str; 2]| match env.get(name).map(|raw| raw.trim().to_owned()) {
            Some(raw) => match url::Url::parse(&raw) {
                Ok(url) if schemes.contains(&url.scheme()) && url.query().is_none() => {
                    Ok(Some(raw.trim_end_matches('/').to_owned()))
                }
                _ => {
                    let [one, other] = schemes;
                    Err(SettingError::new(name, format!("must be a {one} or {other} URL")))
                }
            },
            None => Ok(None),
        };
        Ok(Self {
            url: url("LIVE_URL", ["ws", "wss"])?,
            connections_url: url("LIVE_CONNECTIONS_URL", ["http", "https"])?,
            publisher: env.get("LIVE_PUBLISHER").or_else(|| env.get("AWS_LAMBDA_FUNCTION_NAME")),
            lambda_url: url("AWS_ENDPOINT_URL_LAMBDA", ["http", "https"])?,
            max_viewers: within(env, "LIVE_MAX_VIEWERS", 2_000, 1..=100_000)?,
            max_posts_per_second: within(env, "LIVE_MAX_POSTS_PER_SECOND", 1_000, 1..=10_000)?,
        })
    }
}

/// A whole number in a range.
fn within<T>(
    env: &impl Env,
    name: &str,
    default: T,
    range: RangeInclusive<T>,
) -> Result<T, SettingError>
where
    T: FromStr + PartialOrd + std::fmt::Display,
{
    let wanted = format!("a whole number from {} to {}", range.start(), range.end());
    let value = env.parse(name, default, &wanted)?;
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(SettingError::new(name, format!("must be {wanted}")))
    }
}

fn base_url(env: &impl Env, name: &str, default: &str) -> Result<String, SettingError> {
    let Some(raw) = env.get(name) else { return Ok(default.to_owned()) };
    match url::Url::parse(raw.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(raw.trim().to_owned()),
        _ => Err(SettingError::new(name, "must be an http or https URL")),
    }
}

impl Settings {
    /// Reads and validates every setting.
    ///
    /// # Errors
    /// Names the first setting that is missing or malformed.
    pub fn new(env: &impl Env, secrets: &Secrets) -> Result<Self, SettingError> {
        let from = |name, in_secret: &Option<SecretString>, full_name| {
            // An empty field counts as not set, like an empty variable.
            let filled =
                || in_secret.clone().filter(|text| !text.expose_secret().trim().is_empty());
            let found = env.get(name).map(SecretString::from).or_else(filled);
            found.ok_or_else(|| SettingError::new(full_name, "is missing"))
        };
        let names = secrets.names();
        let mongodb_uri = from("MONGODB_URI", &secrets.mongodb_uri, names.mongodb_uri)?;
        let redis_url = from("REDIS_URL", &secrets.redis_url, names.redis_url)?;
        let database = env.require("MONGODB_DATABASE")?;
        if database.len() > 63
            || database
                .contains(['/', '\\', '.', ' ', '"', '$', '*', '<', '>', ':', '|', '?', '\0'])
        {
            return Err(SettingError::new(
                "MONGODB_DATABASE",
                "is not a database name that MongoDB takes",
            ));
        }
        let pool = env.parse("MONGODB_MAX_POOL_SIZE", 10, "a whole number from 1 to 1000")?;
        if !(1..=1000).contains(&pool) {
            return Err(SettingError::new(
                "MONGODB_MAX_POOL_SIZE",
                "must be a whole number from 1 to 1000",
            ));
        }
        let ttl: u64 = env.parse("HOLD_TTL_SECONDS", 120, "a whole number from 1 to 3600")?;
        if !(1..=3600).contains(&ttl) {
            return Err(SettingError::new(
                "HOLD_TTL_SECONDS",
                "must be a whole number from 1 to 3600",
            ));
        }
        let max_held_seats =
            env.parse("MAX_HELD_SEATS_PER_USER", 20, "a whole number of at least 1")?;
        if max_held_seats == 0 {
            return Err(SettingError::new(
                "MAX_HELD_SEATS_PER_USER",
                "must be a whole number of at least 1",
            ));
        }
        Ok(Self {
            mongodb_uri,
            mongodb_database: database,
            mongodb_max_pool_size: pool,
            listing_reads: env.parse(
                "LISTING_READ_PREFERENCE",
                ListingReads::Primary,
                "primary or secondaryPreferred",
            )?,
            redis: RedisSettings { url: redis_url, ca_file: env.get("REDIS_CA_FILE") },
            hold_ttl: Duration::from_secs(ttl),
            max_held_seats,
            admin_origins: origins(env)?,
            bcrypt_cost: bcrypt_cost(env)?,
            payments: PaymentSettings::new(env)?,
            webhook_hosts: webhook_hosts(env)?,
            live: LiveSettings::new(env)?,
            rates: RateLimit::ALL
                .into_iter()
                .map(|(limit, name, default)| {
                    Ok((limit, env.parse(name, default, "<count>/<seconds>, such as 60/60")?))
                })
                .collect::<Result<_, SettingError>>()?,
        })
    }

    /// The rate that is set for a limit.
    pub(crate) fn rate(&self, limit: RateLimit) -> Rate {
        let set = self.rates.iter().find(|(known, _)| *known == limit).map(|(_, rate)| *rate);
        // `rates` has a row for each limit. The fallback is never used, and is the strictest.
        set.unwrap_or(Rate { count: 1, seconds: 60 })
    }
}

fn bcrypt_cost(env: &impl Env) -> Result<u32, SettingError> {
    let (name, wanted) = ("BCRYPT_COST", "a whole number from 10 to 15");
    let cost = env.parse(name, *BCRYPT_COSTS.start(), wanted)?;
    if BCRYPT_COSTS.contains(&cost) {
        Ok(cost)
    } else {
        Err(SettingError::new(name, format!("must be {wanted}")))
    }
}

fn webhook_hosts(env: &impl Env) -> Result<AllowedHosts, SettingError> {
    let name = "WEBHOOK_ALLOW_HOSTS";
    let raw = env.get(name).unwrap_or_default();
    AllowedHosts::parse(&raw).map_err(|problem| SettingError::new(name, problem))
}

fn origins(env: &impl Env) -> Result<Vec<String>, SettingError> {
    let raw = env.get("ADMIN_ORIGINS").unwrap_or_default();
    raw.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| match OriginEntry::of_operator(entry) {
            Ok(entry) => Ok(entry.as_str().to_owned()),
            Err(problem) => Err(SettingError::new("ADMIN_ORIGINS", problem)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_a_count_and_seconds() {
        assert_eq!("60/60".parse(), Ok(Rate { count: 60, seconds: 60 }));
        for bad in ["", "60", "0/60", "60/0", "-1/60", "60/86401", "a/b", "60/60/60"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
    }
}
