//! A bcrypt hash, and the tag of an API key: stored as text, never shown.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Where a bcrypt hash has its salt.
const SALT: std::ops::Range<usize> = 7..29;

/// A bcrypt hash of a password or an API key. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(String);

impl SecretHash {
    /// The hash itself, to store it or to verify against it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretHash {
    fn from(hash: String) -> Self {
        Self(hash)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// 16 bits of an API key's digest, stored beside the key's hash. They tell most wrong keys from the
/// right one without a bcrypt. Of a key's 226 random bits, 210 stay unknown.
///
/// It names its hash, by the salt: an earlier version of the functions that rotates a key replaces
/// the hash and leaves the tag.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyTag(String);

impl KeyTag {
    /// The tag of a key with this hash.
    pub fn new(key: &str, hash: &SecretHash) -> Self {
        let salt = salt_of(hash);
        let digest = Sha256::digest(format!("{salt}{key}"));
        Self(format!("{salt}{:02x}{:02x}", digest[0], digest[1]))
    }

    /// Whether it is the tag of this hash.
    pub(crate) fn is_of(&self, hash: &SecretHash) -> bool {
        self.0.starts_with(salt_of(hash))
    }

    /// The tag as stored.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyTag(…)")
    }
}

fn salt_of(hash: &SecretHash) -> &str {
    hash.0.get(SALT).unwrap_or(&hash.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_stored_as_text_and_never_shown() {
        let hash = SecretHash::from("$2b$10$hidden".to_owned());
        assert_eq!(serde_json::to_value(&hash).unwrap(), "$2b$10$hidden");
        assert!(!format!("{hash:?}").contains("hidden"));
    }

    #[test]
    fn a_tag_is_of_one_key_and_one_hash_and_shows_neither() {
        let hash = |salt: char| {
            SecretHash::from(format!("$2b$10${}{}", salt.to_string().repeat(22), "h".repeat(31)))
        };
        let tag = KeyTag::new("the key", &hash('a'));
        assert_eq!(tag, KeyTag::new("the key", &hash('a')));
        assert_ne!(tag, KeyTag::new("a key", &hash('a')));
        assert!(tag.is_of(&hash('a')) && !tag.is_of(&hash('b')));
        assert_eq!(tag.as_str().len(), 26);
        assert!(!format!("{tag:?}").contains("aaa"));
    }
}
