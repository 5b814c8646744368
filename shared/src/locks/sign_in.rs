//! `signin:{<account>}:…`: wrong passwords, by account and network. The script says how.

use super::{Gate, Network, SIGN_IN};
use crate::{
    config::{Limit, Rate},
    domain::Email,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How many wrong passwords a minute may have before there is a wait.
const WRONG: Rate = Rate { count: 5, seconds: 60 };
const FIRST_WAIT: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// How many wrong passwords one account may get from all networks that have never signed in to it.
const SPREAD: Rate = Rate { count: 50, seconds: 600 };
/// How long a network that has signed in to an account is known.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// An attempt to sign in to an account, from a network.
#[derive(Clone, Debug)]
pub struct Attempt {
    limit: Limit,
    keys: [String; 3],
}

impl Attempt {
    /// `limit` tells users' accounts from the admin's.
    pub fn new(limit: Limit, email: &Email, network: Network) -> Self {
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
    pub async fn sign_in_wait(&self, attempt: &Attempt) -> Option<Duration> {
        let ms = self.sign_in(attempt, "ask").await?;
        Some(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
    }

    /// The same by what this process has seen alone: every attempt counts, right or wrong.
    pub fn sign_in_wait_alone(&self, attempt: &Attempt) -> Duration {
        let quota = self.alone.admit(attempt.limit, WRONG, attempt.keys[0].clone());
        if quota.admitted { Duration::ZERO } else { Duration::from_secs(quota.retry_seconds) }
    }

    /// Remembers how an attempt ended. Best effort.
    pub async fn sign_in_ended(&self, attempt: &Attempt, right: bool) {
        let _ = self.sign_in(attempt, if right { "right" } else { "wrong" }).await;
    }

    async fn sign_in(&self, attempt: &Attempt, what: &'static str) -> Option<i64> {
        let mut script = SIGN_IN.prepare_invoke();
        for key in &attempt.keys {
            script.key(key);
        }
        script.arg(what).arg(WRONG.count);
        for time in [FIRST_WAIT, LONGEST_WAIT] {
            script.arg(time.as_millis() as u64);
        }
        script
            .arg(SPREAD.count)
            .arg(u64::from(SPREAD.seconds) * 1000)
            .arg(REMEMBERED.as_millis() as u64);
        self.run("sign in", &script).await
    }
}
