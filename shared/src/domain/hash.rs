//! A bcrypt hash: stored as text, never shown.

use serde::{Deserialize, Serialize};
use std::fmt;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_stored_as_text_and_never_shown() {
        let hash = SecretHash::from("$2b$10$hidden".to_owned());
        assert_eq!(serde_json::to_value(&hash).unwrap(), "$2b$10$hidden");
        assert!(!format!("{hash:?}").contains("hidden"));
    }
}
