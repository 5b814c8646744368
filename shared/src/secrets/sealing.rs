//! Sealing: small secrets that MongoDB keeps, encrypted with keys that it does not have.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    hkdf::{HKDF_SHA256, Salt},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The length of an AES-256 key.
const MIN_KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
/// Makes these keys differ from any other use of the same text.
const PURPOSE: &[u8] = b"seat-booking sealing v1";

/// One entry of `sealingKeys` in the deployment's secret.
#[derive(Clone, Debug, Deserialize)]
pub struct SealingKey {
    /// The key's name. It is stored with what it sealed.
    pub kid: String,
    /// Random text of at least 32 bytes, such as 32 random bytes in base64 or hexadecimal.
    pub key: SecretString,
}

/// A sealed secret, as MongoDB keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The key that sealed it.
    pub kid: String,
    /// Base64 of the nonce, the ciphertext and the tag.
    pub data: String,
}

/// Why a sealed secret cannot be opened, or a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// There is no key to seal with.
    #[error("sealingKeys is empty")]
    NoKey,
    /// A key of the deployment's secret cannot be used.
    #[error("sealingKeys[{0}] {1}")]
    Key(usize, &'static str),
    /// The key that sealed it has left the deployment's secret.
    #[error("no sealing key has the kid {0}")]
    UnknownKey(String),
    /// It was changed, belongs to another context, or another key of the same name sealed it.
    #[error("the sealed secret cannot be opened")]
    Damaged,
}

/// The keys of `sealingKeys`. The first seals, all of them open.
pub struct Sealer(Vec<(String, RandomizedNonceKey)>);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(kid, _)| kid)).finish()
    }
}

impl Sealer {
    /// Derives an encryption key from each entry.
    ///
    /// # Errors
    /// Names the key that is too short or has the name of an earlier one.
    pub fn new(keys: &[SealingKey]) -> Result<Self, SealingError> {
        let mut all: Vec<(String, RandomizedNonceKey)> = Vec::new();
        for (index, SealingKey { kid, key }) in keys.iter().enumerate() {
            if all.iter().any(|(earlier, _)| earlier == kid) {
                return Err(SealingError::Key(index, "has the kid of an earlier key"));
            }
            let key = derive(key.expose_secret())
                .ok_or(SealingError::Key(index, "needs a key of at least 32 bytes"))?;
            all.push((kid.clone(), key));
        }
        if all.is_empty() { Err(SealingError::NoKey) } else { Ok(Self(all)) }
    }

    /// Encrypts a secret. It opens only with the same `context`, such as the app's id and the
    /// field's name, so nobody can move it elsewhere.
    ///
    /// # Errors
    /// Only if the system has no randomness.
    pub fn seal(&self, secret: &SecretString, context: &str) -> Result<Sealed, SealingError> {
        let (kid, key) = self.0.first().ok_or(SealingError::NoKey)?;
        let mut text = secret.expose_secret().as_bytes().to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut text)
            .map_err(|_| SealingError::Damaged)?;
        let data = [nonce.as_ref().as_slice(), &text].concat();
        Ok(Sealed { kid: kid.clone(), data: BASE64_STANDARD.encode(data) })
    }

    /// Decrypts a secret that was sealed for `context`.
    ///
    /// # Errors
    /// When its key is gone, or it was not sealed for this context.
    pub fn open(&self, sealed: &Sealed, context: &str) -> Result<SecretString, SealingError> {
        let (_, key) = self
            .0
            .iter()
            .find(|(kid, _)| *kid == sealed.kid)
            .ok_or_else(|| SealingError::UnknownKey(sealed.kid.clone()))?;
        let mut data = BASE64_STANDARD.decode(&sealed.data).map_err(|_| SealingError::Damaged)?;
        let (nonce, text) = data.split_at_mut_checked(NONCE_BYTES).ok_or(SealingError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::Damaged)?;
        let secret = key
            .open_in_place(nonce, Aad::from(context.as_bytes()), text)
            .map_err(|_| SealingError::Damaged)?;
        let secret = std::str::from_utf8(secret).map_err(|_| SealingError::Damaged)?;
        Ok(secret.into())
    }
}

/// An AES key from text in any encoding. `None`: the text is too short.
fn derive(text: &str) -> Option<RandomizedNonceKey> {
    if text.len() < MIN_KEY_BYTES {
        return None;
    }
    let mut key = [0; MIN_KEY_BYTES];
    let secret = Salt::new(HKDF_SHA256, &[]).extract(text.as_bytes());
    secret.expand(&[PURPOSE], HKDF_SHA256).ok()?.fill(&mut key).ok()?;
    RandomizedNonceKey::new(&AES_256_GCM, &key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: &str = "app-1/secretKey";

    fn keys(pairs: &[(&str, &str)]) -> Vec<SealingKey> {
        pairs
            .iter()
            .map(|(kid, key)| SealingKey { kid: (*kid).into(), key: (*key).into() })
            .collect()
    }

    fn sealer(kids: &[&str]) -> Sealer {
        let text = |kid: &str| kid.repeat(32);
        let pairs: Vec<_> = kids.iter().map(|kid| (*kid, text(kid))).collect();
        let pairs: Vec<_> = pairs.iter().map(|(kid, key)| (*kid, key.as_str())).collect();
        Sealer::new(&keys(&pairs)).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_and_is_never_the_same_twice() {
        let sealer = sealer(&["a"]);
        let secret: SecretString = "sk_test_häßlich".into();
        let (first, second) =
            (sealer.seal(&secret, CONTEXT).unwrap(), sealer.seal(&secret, CONTEXT).unwrap());
        assert_ne!(first.data, second.data);
        assert!(!first.data.contains("sk_test"));
        assert_eq!(sealer.open(&first, CONTEXT).unwrap().expose_secret(), "sk_test_häßlich");
    }

    #[test]
    fn a_new_first_key_seals_and_the_older_ones_still_open() {
        let old = sealer(&["a"]).seal(&"s".into(), CONTEXT).unwrap();
        let rotated = sealer(&["b", "a"]);
        assert_eq!(rotated.seal(&"s".into(), CONTEXT).unwrap().kid, "b");
        assert_eq!(rotated.open(&old, CONTEXT).unwrap().expose_secret(), "s");
        let gone = sealer(&["b"]).open(&old, CONTEXT).unwrap_err();
        assert_eq!(gone, SealingError::UnknownKey("a".into()));
    }

    #[test]
    fn a_sealed_secret_opens_only_where_it_belongs_and_unchanged() {
        let sealer = sealer(&["a"]);
        let sealed = sealer.seal(&"secret".into(), CONTEXT).unwrap();
        assert_eq!(sealer.open(&sealed, "app-2/secretKey").unwrap_err(), SealingError::Damaged);
        let raw = BASE64_STANDARD.decode(&sealed.data).unwrap();
        for index in 0..raw.len() {
            let mut changed = raw.clone();
            changed[index] ^= 1;
            let data = BASE64_STANDARD.encode(changed);
            let opened = sealer.open(&Sealed { data, ..sealed.clone() }, CONTEXT);
            assert_eq!(opened.unwrap_err(), SealingError::Damaged, "byte {index}");
        }
        for data in ["", "AAAA", "not base64!"] {
            let damaged = Sealed { kid: "a".into(), data: data.into() };
            assert_eq!(sealer.open(&damaged, CONTEXT).unwrap_err(), SealingError::Damaged);
        }
    }

    #[test]
    fn unusable_keys_are_named_and_no_key_is_shown() {
        let error = |pairs: &[(&str, &str)]| Sealer::new(&keys(pairs)).unwrap_err().to_string();
        let long = "0123456789abcdef0123456789abcdef";
        assert_eq!(error(&[]), "sealingKeys is empty");
        assert_eq!(
            error(&[("a", long), ("b", "short")]),
            "sealingKeys[1] needs a key of at least 32 bytes"
        );
        assert_eq!(
            error(&[("a", long), ("a", long)]),
            "sealingKeys[1] has the kid of an earlier key"
        );
        let shown = format!("{:?} {:?}", sealer(&["a"]), keys(&[("a", long)]));
        assert!(!shown.contains("0123") && !shown.contains("aaaa"), "{shown}");
    }
}
