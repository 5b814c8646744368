//! Facts that one process found in MongoDB and shares with the others. The key
//! `app:proof:{<appId>}:<fingerprint>` says that an API key is right, and
//! `user:standing:{<appId>}:<userId>` is a user's token cutoff.
//!
//! Anybody who can write to Redis can write these keys. The reader must check the signature.

use super::{GET_TEXT, Gate, SET_WITH_TTL};
use crate::domain::{AppId, UserId};
use std::time::Duration;

/// How long a key's proof is kept. That a key matched a hash stays true. Whether the hash is still
/// in use is for the reader to check.
const KEY_PROOF_TTL: Duration = Duration::from_secs(60 * 60);

fn key_proof_key(app: &AppId, fingerprint: &str) -> String {
    format!("app:proof:{{{}}}:{fingerprint}", app.as_str())
}

pub(super) fn token_cutoff_key(app: &AppId, user: UserId) -> String {
    format!("user:standing:{{{}}}:{user}", app.as_str())
}

impl Gate {
    /// The shared proof for an API key of an app.
    pub(crate) async fn key_proof(&self, app: &AppId, fingerprint: &str) -> Option<String> {
        let mut script = GET_TEXT.prepare_invoke();
        script.key(key_proof_key(app, fingerprint));
        self.run::<Option<String>>("look up a key's proof", &script).await.flatten()
    }

    /// Shares an API key's proof. Best effort: without it, other processes
    /// check the key themselves.
    pub(crate) async fn share_key_proof(&self, app: &AppId, fingerprint: &str, proof: &str) {
        self.set_with_ttl(key_proof_key(app, fingerprint), proof, KEY_PROOF_TTL).await;
    }

    /// Shares a user's token cutoff; [`Gate::admit`] returns it. Best effort: without it,
    /// other processes query MongoDB.
    pub(crate) async fn share_token_cutoff(
        &self,
        app: &AppId,
        user: UserId,
        cutoff: &str,
        ttl: Duration,
    ) {
        self.set_with_ttl(token_cutoff_key(app, user), cutoff, ttl).await;
    }

    async fn set_with_ttl(&self, key: String, text: &str, ttl: Duration) {
        let mut script = SET_WITH_TTL.prepare_invoke();
        script.key(key).arg(text).arg(ttl.as_millis() as u64);
        let _: Option<i64> = self.run("share with other processes", &script).await;
    }
}
