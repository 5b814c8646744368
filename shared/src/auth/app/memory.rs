//! What a process remembers of an app: its document, and the API keys that matched.

use crate::{
    auth::api_key::ApiKey,
    clock,
    domain::{SecretHash, Timestamp},
    store::apps::App,
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// How long an app's document is used before MongoDB is queried again.
const APP_TTL: Duration = Duration::from_secs(5);
/// How long a verified key is remembered.
const VERIFIED_KEY_TTL: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub(super) struct CachedApp {
    pub(super) app: Arc<App>,
    pub(super) read_at: SystemTime,
    pub(super) verified_keys: Vec<VerifiedKey>,
}

/// A key, by its fingerprint, that matched a hash at that time.
#[derive(Clone, Debug)]
pub(super) struct VerifiedKey {
    fingerprint: [u8; 32],
    hash: SecretHash,
    verified_at: SystemTime,
}

impl CachedApp {
    pub(super) fn is_fresh(&self) -> bool {
        clock::is_within(self.read_at, APP_TTL)
    }

    /// Whether the key matched a hash a moment ago, and that hash is still in use. So after a
    /// rotation, the new document alone ends the old key.
    pub(super) fn has_verified(&self, key: &ApiKey) -> bool {
        let fingerprint = key.fingerprint();
        self.verified_keys.iter().any(|verified| {
            verified.fingerprint == fingerprint
                && clock::is_within(verified.verified_at, VERIFIED_KEY_TTL)
                && usable_hashes(&self.app).any(|usable| *usable == verified.hash)
        })
    }

    /// Remembers one key for each hash. During an overlap two keys are in use, and neither may
    /// push out the other.
    pub(super) fn add_verified(&mut self, key: &ApiKey, hash: SecretHash) {
        let app = &self.app;
        self.verified_keys.retain(|verified| {
            verified.hash != hash && usable_hashes(app).any(|usable| *usable == verified.hash)
        });
        self.verified_keys.push(VerifiedKey {
            fingerprint: key.fingerprint(),
            hash,
            verified_at: SystemTime::now(),
        });
    }
}

/// The hashes that a key may match now: the current one, and earlier ones within their overlap.
pub(super) fn usable_hashes(app: &App) -> impl Iterator<Item = &SecretHash> {
    let now = Timestamp::now();
    let previous = app.previous_keys.iter().rev().filter(move |key| key.until > now);
    std::iter::once(&app.api_key_hash).chain(previous.map(|key| &key.hash))
}
