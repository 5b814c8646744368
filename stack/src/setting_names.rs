//! The names of all settings, and which other names look like a misspelt setting.

/// Settings of the functions. `make dev` passes each on from its own environment.
pub const OF_FUNCTIONS: &[&str] = &[
    "MONGODB_URI",
    "MONGODB_DATABASE",
    "MONGODB_MAX_POOL_SIZE",
    "LISTING_READ_PREFERENCE",
    "REDIS_URL",
    "REDIS_CA_FILE",
    "SECRET_ID",
    "SECRET_MAX_AGE_SECONDS",
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD_HASH",
    "ADMIN_JWT_SECRET",
    "USER_JWT_SECRET",
    "SEALING_KEY",
    "HOLD_TTL_SECONDS",
    "MAX_HELD_SEATS_PER_USER",
    "BCRYPT_COST",
    "ADMIN_ORIGINS",
    "DEFAULT_PAYMENT_PROVIDER",
    "PAYMENT_WINDOW_SECONDS",
    "STRIPE_API_BASE",
    "RAZORPAY_API_BASE",
    "WEBHOOK_ALLOW_HOSTS",
    "LIVE_URL",
    "LIVE_CONNECTIONS_URL",
    "LIVE_PUBLISHER",
    "LIVE_MAX_VIEWERS",
    "LIVE_MAX_POSTS_PER_SECOND",
    "RATE_LIMIT_ADMIN_LOGIN",
    "RATE_LIMIT_LOGIN",
    "RATE_LIMIT_SIGNUP",
    "RATE_LIMIT_RESERVE",
    "RATE_LIMIT_CONFIRM",
    "RATE_LIMIT_RELEASE",
    "RATE_LIMIT_PAYMENTS",
    "RATE_LIMIT_READ",
    "RATE_LIMIT_APP",
    "RATE_LIMIT_SECRET",
    "RATE_LIMIT_KEY_FAILURES",
    "METRICS_NAMESPACE",
];

/// The log level. Lambda sets it from the function's configuration, so it is none of our settings.
pub const LOG_LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";

/// Settings of `make dev` alone.
pub const OF_THE_STACK: &[&str] = &["PORT", "CONCURRENCY", "DEMO_ARENA", "ADMIN_PASSWORD"];

/// Only names of settings begin like this.
const OWN_PREFIX: &str = "RATE_LIMIT_";
/// A shorter name is too close to other programs' variables.
const MIN_LENGTH: usize = 8;

/// Which of these names is no setting but looks like one, and which one it looks like.
#[must_use]
pub fn misspelt(names: impl IntoIterator<Item = String>) -> Vec<(String, &'static str)> {
    names
        .into_iter()
        .filter_map(|name| Some((nearest(&name)?, name)))
        .map(|(n, m)| (m, n))
        .collect()
}

fn nearest(name: &str) -> Option<&'static str> {
    let known = || OF_FUNCTIONS.iter().chain(OF_THE_STACK).copied();
    if known().any(|known| known == name) {
        return None;
    }
    let upper = name.to_ascii_uppercase();
    let (distance, nearest) =
        known().map(|known| (distance(&upper, known), known)).min_by_key(|(near, _)| *near)?;
    // One wrong letter in five.
    let close = nearest.len() >= MIN_LENGTH && distance <= (nearest.len() / 5).min(2);
    (close || name.starts_with(OWN_PREFIX)).then_some(nearest)
}

/// How many letters have to be inserted, dropped, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Option<&'static str> {
        misspelt([name.to_owned()]).first().map(|(_, nearest)| *nearest)
    }

    #[test]
    fn a_misspelt_setting_is_noticed() {
        for (wrong, right) in [
            ("RATE_LIMT_RESERVE", "RATE_LIMIT_RESERVE"),
            ("RATE_LIMIT_RESRVE", "RATE_LIMIT_RESERVE"),
            ("RATE_LIMIT_RESERVATION", "RATE_LIMIT_RESERVE"),
            ("HOLD_TTL_SECOND", "HOLD_TTL_SECONDS"),
            ("HOLD_TLT_SECONDS", "HOLD_TTL_SECONDS"),
            ("hold_ttl_seconds", "HOLD_TTL_SECONDS"),
            ("MONGO_URI", "MONGODB_URI"),
            ("REDIS_URI", "REDIS_URL"),
            ("ADMIN_ORIGIN", "ADMIN_ORIGINS"),
            ("CONCURENCY", "CONCURRENCY"),
        ] {
            assert_eq!(of(wrong), Some(right), "{wrong}");
        }
    }

    #[test]
    fn settings_and_other_programs_variables_are_left_alone() {
        let known = OF_FUNCTIONS.iter().chain(OF_THE_STACK);
        for name in known.chain(&[
            "PATH",
            "HOME",
            "HOST",
            "SORT",
            "PORTS",
            "USER",
            "AWS_REGION",
            "RUST_LOG",
        ]) {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
