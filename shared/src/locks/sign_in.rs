//! `signin:{<account>}:…`: wrong passwords, by account and network. The script says how.

use super::{Gate, Network, SIGN_IN};
use crate::{
    config::{Rate, RateLimit},
    domain::Email,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How many wrong passwords a minute may have before there is a wait.
const WRONG_PASSWORD_RATE: Rate = Rate { count: 5, seconds: 60 };
const FIRST_WAIT: Duration = Duration::from_secs(60);
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);
/// How many wrong passwords one account may get from all networks that have never signed in to it.
const SPREAD_GUESSES_RATE: Rate = Rate { count: 50, seconds: 600 };
/// How long a network that has signed in to an account is known.
const KNOWN_NETWORK_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// An attempt to sign in to an account, from a network.
#[derive(Clone, Debug)]
pub struct SignInAttempt {
    limit: RateLimit,
    keys: [String; 3],
}

impl SignInAttempt {
    /// `limit` tells users' accounts from the admin's.
    pub fn new(limit: RateLimit, email: &Email, network: Network) -> Self {
        // The account's address is nobody's business who can read Redis.
        let account = URL_SAFE_NO_PAD.encode(&Sha256::digest(email.as_str())[..16]);
        let (name, network) = (limit.name(), network.name());
        // One slot of a cluster.
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
    /// For how long no password of this account is looked at from there; `None` when Redis cannot
    /// be asked.
    pub async fn sign_in_wait(&self, attempt: &SignInAttempt) -> Option<Duration> {
        let ms = self.sign_in(attempt, "ask").await?;
        Some(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
    }

    /// The same by what this process has seen alone: every attempt counts, right or wrong.
    pub fn sign_in_wait_locally(&self, attempt: &SignInAttempt) -> Duration {
        let quota =
            self.local_limits.admit(attempt.limit, WRONG_PASSWORD_RATE, attempt.keys[0].clone());
        if quota.admitted { Duration::ZERO } else { Duration::from_secs(quota.retry_seconds) }
    }

    /// Remembers how an attempt ended. Best effort.
    pub async fn record_sign_in(&self, attempt: &SignInAttempt, right: bool) {
        let _ = self.sign_in(attempt, if right { "right" } else { "wrong" }).await;
    }

    async fn sign_in(&self, attempt: &SignInAttempt, what: &'static str) -> Option<i64> {
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
