//! The address of an entity's public feed.

use super::parsed;
use rand::{RngCore as _, TryRngCore as _, rngs::OsRng};
use serde::Serialize;
use utoipa::ToSchema;

/// 62^22 is the first power of 62 above 2^128.
const LENGTH: usize = 22;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The key of an entity's public seat feed: 128 random bits. It is part of a URL and no secret:
/// whoever has it can read the states of the seats.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Key of an entity's public seat feed: 22 letters and digits.",
    pattern = "^[0-9A-Za-z]{22}$",
    examples("1kPq3vXz8RtBw5YdN0aJcE")
)]
pub struct FeedKey(String);

impl FeedKey {
    /// Parses a key. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        if raw.len() == LENGTH && raw.bytes().all(|c| c.is_ascii_alphanumeric()) {
            Ok(Self(raw.to_owned()))
        } else {
            Err(format!("must be {LENGTH} letters and digits"))
        }
    }

    /// A new key, from the operating system's generator.
    pub fn generate() -> Self {
        let mut bytes = [0; 16];
        OsRng.unwrap_err().fill_bytes(&mut bytes);
        Self::from_bits(u128::from_ne_bytes(bytes))
    }

    fn from_bits(mut bits: u128) -> Self {
        let mut digits = [ALPHABET[0]; LENGTH];
        for digit in digits.iter_mut().rev() {
            *digit = ALPHABET[(bits % 62) as usize];
            bits /= 62;
        }
        Self(digits.into_iter().map(char::from).collect())
    }

    /// The key as it is written in a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(FeedKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_22_letters_and_digits() {
        for bits in [0, 1, u128::MAX] {
            let key = FeedKey::from_bits(bits);
            assert_eq!(FeedKey::parse(key.as_str()).unwrap(), key);
        }
        assert_eq!(FeedKey::from_bits(61).as_str(), format!("{}z", "0".repeat(21)));
        assert_ne!(FeedKey::generate(), FeedKey::generate());
        let good = FeedKey::generate().as_str().to_owned();
        for bad in ["", "a", &good[1..], &format!("{good}0"), &good.replace(&good[..1], "-")] {
            assert!(FeedKey::parse(bad).is_err(), "{bad}");
        }
    }
}
