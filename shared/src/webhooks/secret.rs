//! The secrets of endpoints, in the form of Standard Webhooks.

use base64::{Engine, prelude::BASE64_STANDARD};
use rand::{RngCore, TryRngCore, rngs::OsRng};
use secrecy::SecretString;

const PREFIX: &str = "whsec_";
/// Standard Webhooks wants 24 to 64 bytes. With a multiple of three, the text has no padding.
const SECRET_BYTES: usize = 24;

/// A secret that signs what an endpoint gets.
#[derive(Debug)]
pub(super) struct SigningSecret(SecretString);

impl SigningSecret {
    /// A random secret.
    pub(super) fn generate() -> Self {
        let mut key = [0; SECRET_BYTES];
        OsRng.unwrap_err().fill_bytes(&mut key);
        Self(format!("{PREFIX}{}", BASE64_STANDARD.encode(key)).into())
    }

    pub(super) fn as_text(&self) -> &SecretString {
        &self.0
    }

    pub(super) fn into_text(self) -> SecretString {
        self.0
    }
}
