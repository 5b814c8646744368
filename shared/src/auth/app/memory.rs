//! What a process remembers of an app: its document, and the API keys that matched.

use crate::{
    auth::api_key::ApiKey,
    clock,
    domain::{KeyTag, SecretHash, Timestamp},
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
    /// evict the other.
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
    usable_keys(app).map(|(hash, _)| hash)
}

/// The hashes that this key may match now, by their tags.
pub(super) fn hashes_to_check(app: &App, key: &ApiKey) -> Vec<SecretHash> {
    let keys = usable_keys(app).filter(|(hash, tag)| {
        tag.is_none_or(|tag| !tag.is_of(hash) || *tag == KeyTag::new(key.expose(), hash))
    });
    keys.map(|(hash, _)| hash.clone()).collect()
}

fn usable_keys(app: &App) -> impl Iterator<Item = (&SecretHash, Option<&KeyTag>)> {
    let now = Timestamp::now();
    let previous = app.previous_keys.iter().rev().filter(move |key| key.until > now);
    std::iter::once((&app.api_key_hash, app.api_key_tag.as_ref()))
        .chain(previous.map(|key| (&key.hash, key.tag.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::password::Passwords,
        domain::{AppId, Domain, Name},
        store::apps::PreviousKey,
    };

    #[tokio::test]
    async fn a_key_is_checked_against_the_hash_with_its_tag_and_those_without_one() {
        let passwords = Passwords::new(10);
        let (new, old, wrong) = (ApiKey::generate(), ApiKey::generate(), ApiKey::generate());
        let (new_stored, old_stored) =
            (passwords.hash_key(&new).await.unwrap(), passwords.hash_key(&old).await.unwrap());
        let mut app = App::new(
            AppId::generate(),
            Name::parse("Halls").unwrap(),
            Domain::Event,
            vec![],
            true,
            new_stored.clone(),
            "admin@example.com".to_owned(),
        );
        let until = Timestamp::from_millis(Timestamp::now().as_millis() + 60_000);
        let (hash, tag) = (old_stored.hash.clone(), Some(old_stored.tag.clone()));
        app.previous_keys.push(PreviousKey { hash, tag, until });
        assert_eq!(hashes_to_check(&app, &new), std::slice::from_ref(&new_stored.hash));
        assert_eq!(hashes_to_check(&app, &old), std::slice::from_ref(&old_stored.hash));
        assert!(hashes_to_check(&app, &wrong).is_empty());

        // A key of an earlier version has no tag.
        app.previous_keys[0].tag = None;
        assert_eq!(hashes_to_check(&app, &wrong), std::slice::from_ref(&old_stored.hash));
        // An earlier version has rotated the key: the tag is the old key's.
        (app.api_key_tag, app.previous_keys) = (Some(old_stored.tag), vec![]);
        assert_eq!(hashes_to_check(&app, &new), [new_stored.hash]);
    }
}
