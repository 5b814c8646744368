//! `app:proof:{<appId>}:<fingerprint>`: that an API key was found right, told to processes that have not met it.

use super::{Gate, KEEP_PROOF, PROOF};
use crate::domain::AppId;
use std::time::Duration;

/// How long a proof is kept. It proves a fact that stays true; whether it still matters is decided by who reads it.
const KEPT: Duration = Duration::from_secs(60 * 60);

fn key(app: &AppId, fingerprint: &str) -> String {
    format!("app:proof:{{{}}}:{fingerprint}", app.as_str())
}

impl Gate {
    /// What somebody kept for that key of that app. Whoever can write to Redis can write it: it must prove itself.
    pub async fn proof(&self, app: &AppId, fingerprint: &str) -> Option<String> {
        let mut script = PROOF.prepare_invoke();
        script.key(key(app, fingerprint));
        self.run::<Option<String>>("look for a proof", &script).await.flatten()
    }

    /// Keeps a proof for other processes. Best effort: without it, they check the key themselves.
    pub async fn keep_proof(&self, app: &AppId, fingerprint: &str, proof: &str) {
        let mut script = KEEP_PROOF.prepare_invoke();
        script.key(key(app, fingerprint)).arg(proof).arg(KEPT.as_secs());
        let _: Option<i64> = self.run("keep a proof", &script).await;
    }
}
