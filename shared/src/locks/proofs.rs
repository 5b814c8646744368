//! What one process has found out in MongoDB and tells the others:
//! `app:proof:{<appId>}:<fingerprint>`, that an API key was found right, and
//! `user:standing:{<appId>}:<userId>`. Whoever can write to Redis can write these: who reads them
//! has to see by a signature that it was one of us.

use super::{GET_TEXT, Gate, SET_WITH_TTL};
use crate::domain::{AppId, UserId};
use std::time::Duration;

/// How long a key's proof is kept. It proves a fact that stays true; whether it still matters is
/// decided by who reads it.
const KEY_PROOF_TTL: Duration = Duration::from_secs(60 * 60);

fn proof_key(app: &AppId, fingerprint: &str) -> String {
    format!("app:proof:{{{}}}:{fingerprint}", app.as_str())
}

pub(super) fn token_cutoff_key(app: &AppId, user: UserId) -> String {
    format!("user:standing:{{{}}}:{user}", app.as_str())
}

impl Gate {
    /// What somebody kept for that key of that app.
    pub async fn key_proof(&self, app: &AppId, fingerprint: &str) -> Option<String> {
        let mut script = GET_TEXT.prepare_invoke();
        script.key(proof_key(app, fingerprint));
        self.run::<Option<String>>("look for a proof", &script).await.flatten()
    }

    /// Keeps a key's proof for other processes. Best effort: without it, they check the key
    /// themselves.
    pub async fn share_key_proof(&self, app: &AppId, fingerprint: &str, proof: &str) {
        self.set_with_ttl(proof_key(app, fingerprint), proof, KEY_PROOF_TTL).await;
    }

    /// Keeps what is known of a user, for other processes' [`Gate::admit`]. Best effort: without
    /// it, they ask MongoDB.
    pub async fn share_token_cutoff(
        &self,
        app: &AppId,
        user: UserId,
        standing: &str,
        time: Duration,
    ) {
        self.set_with_ttl(token_cutoff_key(app, user), standing, time).await;
    }

    async fn set_with_ttl(&self, key: String, text: &str, time: Duration) {
        let mut script = SET_WITH_TTL.prepare_invoke();
        script.key(key).arg(text).arg(time.as_millis() as u64);
        let _: Option<i64> = self.run("keep for others", &script).await;
    }
}
