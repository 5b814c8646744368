//! API keys: `ubk_`, 38 random base62 characters, and a checksum of 6 characters.
//!
//! The checksum is CRC-32/IEEE of the 42 characters before it. It refuses junk without a bcrypt.

use crate::domain::random_text;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "ubk_";
const RANDOM_CHARS: usize = 38;
const CHECKSUM_CHARS: usize = 6;

/// A well-formed API key. Its text is never logged.
#[derive(Clone, Debug, utoipa::ToSchema)]
#[schema(value_type = String, description = "An API key. It is shown once and stored as a hash.", pattern = "^ubk_[0-9A-Za-z]{44}$")]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// A new key, from the operating system's random generator.
    pub fn generate() -> Self {
        let body = format!("{PREFIX}{}", random_text(RANDOM_CHARS, BASE62));
        let checksum = checksum(&body);
        Self(format!("{body}{checksum}").into())
    }

    /// Parses a key; `None` if it is malformed or its checksum is wrong.
    pub fn parse(raw: &str) -> Option<Self> {
        let well_formed = raw.len() == PREFIX.len() + RANDOM_CHARS + CHECKSUM_CHARS
            && raw.starts_with(PREFIX)
            && raw.bytes().skip(PREFIX.len()).all(|c| c.is_ascii_alphanumeric());
        let (body, sum) = raw.split_at_checked(PREFIX.len() + RANDOM_CHARS)?;
        (well_formed && checksum(body) == sum).then(|| Self(raw.to_owned().into()))
    }

    /// The key's text, for hashing and for the one response that shows it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// SHA-256 of the key, to remember it by. A key has 226 random bits, so its fingerprint does
    /// not reveal it.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.expose()).into()
    }
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
    fn the_checksum_is_the_contracts() {
        // CRC-32/IEEE of "123456789" is 0xCBF43926 = 3421780262.
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
        let by_hand: u64 = checksum("123456789")
            .bytes()
            .fold(0, |sum, c| sum * 62 + BASE62.iter().position(|b| *b == c).unwrap() as u64);
        assert_eq!(by_hand, 0xCBF4_3926);
    }
}
