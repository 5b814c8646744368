//! `signin:{<account>}:…`: wrong passwords, by account and network. `sign_in.lua` has the rules.

use super::{Gate, Network, SIGN_IN};
use crate::{
    config::{Rate, RateLimit},
    domain::Email,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Wrong passwords of one account from one network before there is a wait.
const WRONG_PASSWORD_RATE: Rate = Rate { count: 5, seconds: 60 };
const FIRST_WAIT: Duration = Duration::from_secs(60);
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);
/// Wrong passwords of one account from all networks that have never signed in to it.
const SPREAD_GUESSES_RATE: Rate = Rate { count: 50, seconds: 600 };
/// How long a network that has signed in to an account is remembered.
const KNOWN_NETWORK_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// An attempt to sign in to an account, from a network.
#[derive(Clone, Debug)]
pub(crate) struct SignInAttempt {
    limit: RateLimit,
    keys: [String; 3],
}

impl SignInAttempt {
    /// `limit` separates users' accounts from the admin's.
    pub(crate) fn new(limit: RateLimit, email: &Email, network: Network) -> Self {
        // Hashed: whoever can read Redis must not learn the address.
        let account = URL_SAFE_NO_PAD.encode(&Sha256::digest(email.as_str())[..16]);
        let (name, network) = (limit.name(), network.name());
        // The braces put all three keys into one slot of a cluster.
        let key = |what: &str| format!("signin:{name}:{{{account}}}:{what}");
        Self {
            limit,
            keys: [
                key(&format!("wrong:{network}")),
                key("wrong"),
                key(&format!("known:{network}")),
            ],
        }
    }
}

impl Gate {
    /// How long to wait before a password is checked; `None` when Redis is unavailable.
    pub(crate) async fn sign_in_wait(&self, attempt: &SignInAttempt) -> Option<Duration> {
        let ms = self.run_sign_in(attempt, "ask").await?;
        Some(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
    }

    /// [`Gate::sign_in_wait`] without Redis: this process counts alone, and counts every attempt,
    /// right or wrong.
    pub(crate) fn sign_in_wait_locally(&self, attempt: &SignInAttempt) -> Duration {
        let client = attempt.keys[0].clone();
        let quota = self.local_limits.admit(attempt.limit, WRONG_PASSWORD_RATE, client);
        if quota.admitted { Duration::ZERO } else { Duration::from_secs(quota.retry_seconds) }
    }

    /// Records whether the password was right. Best effort.
    pub(crate) async fn record_sign_in(&self, attempt: &SignInAttempt, was_right: bool) {
        let _ = self.run_sign_in(attempt, if was_right { "right" } else { "wrong" }).await;
    }

    async fn run_sign_in(&self, attempt: &SignInAttempt, what: &'static str) -> Option<i64> {
        let mut script = SIGN_IN.prepare_invoke();
        for key in &attempt.keys {
            script.key(key);
        }
        script.arg(what).arg(WRONG_PASSWORD_RATE.count);
        for time in [FIRST_WAIT, MAX_WAIT] {
            script.arg(time.as_millis() as u64);
        }
        script
            .arg(SPREAD_GUESSES_RATE.count)
            .arg(u64::from(SPREAD_GUESSES_RATE.seconds) * 1000)
            .arg(KNOWN_NETWORK_TTL.as_millis() as u64);
        self.run("sign in", &script).await
    }
}
