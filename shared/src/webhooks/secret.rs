//! The secrets of endpoints, in the form of Standard Webhooks.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use rand::{RngCore, TryRngCore, rngs::OsRng};
use secrecy::{ExposeSecret, SecretString};

const PREFIX: &str = "whsec_";
/// Standard Webhooks wants 24 to 64 bytes. With a multiple of three, the text has no padding.
const SECRET_BYTES: usize = 24;

/// A secret that signs what an endpoint gets.
#[derive(Debug)]
pub(super) struct SigningSecret(SecretString);

impl SigningSecret {
    /// A new secret of 24 random bytes.
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

/// The signature of a message in Standard Webhooks' form; `None` if the secret is malformed.
pub(super) fn sign(
    secret: &SecretString,
    event_id: &str,
    timestamp: u64,
    body: &str,
) -> Option<String> {
    let key = BASE64_STANDARD.decode(secret.expose_secret().strip_prefix(PREFIX)?).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{event_id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", BASE64_STANDARD.encode(tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn a_message_is_signed_as_the_specification_says() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into();
        let signature =
            sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signature.as_deref(), Some(expected));
        assert_eq!(sign(&"secret".into(), "msg", 1, ""), None);
    }
}
