//! API keys of frontends (`ubk_…`) and secret keys of tenants' servers (`ubs_…`): a prefix, 38
//! random base62 characters, and a checksum of 6 characters.
//!
//! The checksum is CRC-32/IEEE of the 42 characters before it. A text with a wrong checksum is
//! refused without a bcrypt or a query.

use crate::domain::random_text;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const API_KEY_PREFIX: &str = "ubk_";
const SECRET_KEY_PREFIX: &str = "ubs_";
const RANDOM_CHARS: usize = 38;
const CHECKSUM_CHARS: usize = 6;

/// A well-formed API key. Its text is never logged.
#[derive(Clone, Debug, utoipa::ToSchema)]
#[schema(value_type = String, description = "An API key. It is shown once and stored as a hash.", pattern = "^ubk_[0-9A-Za-z]{44}$")]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// A new key, from the operating system's random generator.
    pub fn generate() -> Self {
        Self(random_key(API_KEY_PREFIX))
    }

    /// Parses a key; `None` if it is malformed or its checksum is wrong.
    pub fn parse(raw: &str) -> Option<Self> {
        checked_key(API_KEY_PREFIX, raw).map(Self)
    }

    /// The key's text, for hashing and for the one response that shows it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// SHA-256 of the key, to remember it by. A key has 226 random bits, so its fingerprint
    /// does not reveal it.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.expose()).into()
    }
}

/// A well-formed secret key of a tenant's own server. Its text is never logged.
#[derive(Clone, Debug, utoipa::ToSchema)]
#[schema(value_type = String, description = "A secret key. It is shown once and stored as a hash.", pattern = "^ubs_[0-9A-Za-z]{44}$")]
pub struct SecretKey(SecretString);

impl SecretKey {
    /// A new key, from the operating system's random generator.
    pub fn generate() -> Self {
        Self(random_key(SECRET_KEY_PREFIX))
    }

    /// Whether a bearer token begins like a secret key, well-formed or not.
    pub(crate) fn has_prefix(bearer: &str) -> bool {
        bearer.starts_with(SECRET_KEY_PREFIX)
    }

    /// Parses a key; `None` if it is malformed or its checksum is wrong.
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        checked_key(SECRET_KEY_PREFIX, raw).map(Self)
    }

    /// The key's text, for the one response that shows it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// SHA-256 of the key in hex, as it is stored. A key has 226 random bits, so a slow
    /// hash would add nothing.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.expose()))
    }
}

fn random_key(prefix: &str) -> SecretString {
    let body = format!("{prefix}{}", random_text(RANDOM_CHARS, BASE62));
    let checksum = checksum(&body);
    format!("{body}{checksum}").into()
}

fn checked_key(prefix: &str, raw: &str) -> Option<SecretString> {
    let well_formed = raw.len() == prefix.len() + RANDOM_CHARS + CHECKSUM_CHARS
        && raw.starts_with(prefix)
        && raw.bytes().skip(prefix.len()).all(|c| c.is_ascii_alphanumeric());
    let (body, sum) = raw.split_at_checked(prefix.len() + RANDOM_CHARS)?;
    (well_formed && checksum(body) == sum).then(|| raw.to_owned().into())
}

fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    String::from_utf8_lossy(&digits).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_reads_back_and_a_changed_one_does_not() {
        let key = ApiKey::generate();
        assert_eq!(key.expose().len(), 48);
        assert!(ApiKey::parse(key.expose()).is_some());
        let changed = key.expose().replacen(
            &key.expose()[10..11],
            if &key.expose()[10..11] == "x" { "y" } else { "x" },
            1,
        );
        for junk in [
            "",
            "ubk_",
            &changed,
            &key.expose()[..47],
            &format!("{}x", key.expose()),
            &"é".repeat(24),
        ] {
            assert!(ApiKey::parse(junk).is_none(), "{junk}");
        }
    }

    #[test]
    fn a_key_of_one_kind_is_none_of_the_other() {
        let (api, secret) = (ApiKey::generate(), SecretKey::generate());
        assert!(SecretKey::parse(secret.expose()).is_some());
        assert!(SecretKey::parse(api.expose()).is_none());
        assert!(ApiKey::parse(secret.expose()).is_none());
        assert_eq!((secret.expose().len(), secret.hash().len()), (48, 64));
    }

    #[test]
    fn the_checksum_is_the_contracts() {
        // CRC-32/IEEE of "123456789" is 0xCBF43926 = 3421780262.
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
        let by_hand: u64 = checksum("123456789")
            .bytes()
            .fold(0, |sum, c| sum * 62 + BASE62.iter().position(|b| *b == c).unwrap() as u64);
        assert_eq!(by_hand, 0xCBF4_3926);
    }
}
