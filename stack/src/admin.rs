//! The administrator and the signing secrets of a fresh stack.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{Rng, distr::Alphanumeric};
use serde::{Deserialize, Serialize};

/// The settings that replace `SECRET_ID` locally.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// The administrator's e-mail address (`ADMIN_EMAIL`).
    pub email: String,
    /// The administrator's password, which the functions never see.
    pub password: String,
    /// The password's bcrypt hash, cost 10 (`ADMIN_PASSWORD_HASH`).
    pub password_hash: String,
    /// The key that signs admin tokens (`ADMIN_JWT_SECRET`).
    pub admin_jwt_secret: String,
    /// The key that signs user tokens (`USER_JWT_SECRET`).
    pub user_jwt_secret: String,
    /// The key that seals payment credentials (`SEALING_KEY`). Absent in files of earlier versions.
    #[serde(default)]
    pub sealing_key: String,
}

impl Credentials {
    /// New credentials, from the system's random generator.
    ///
    /// # Errors
    /// When the password cannot be hashed.
    pub fn generate() -> anyhow::Result<Self> {
        let password: String =
            rand::rng().sample_iter(Alphanumeric).take(24).map(char::from).collect();
        Ok(Self {
            email: "admin@booking.example".to_owned(),
            password_hash: hash(&password)?,
            password,
            admin_jwt_secret: secret(),
            user_jwt_secret: secret(),
            sealing_key: secret(),
        })
    }

    /// Adds what files of earlier versions lack; `false` if they lack nothing.
    pub fn complete(&mut self) -> bool {
        let is_incomplete = self.sealing_key.is_empty();
        if is_incomplete {
            self.sealing_key = secret();
        }
        is_incomplete
    }

    /// The settings for the functions, without the password.
    #[must_use]
    pub fn env(&self) -> BTreeMap<String, String> {
        [
            ("ADMIN_EMAIL", &self.email),
            ("ADMIN_PASSWORD_HASH", &self.password_hash),
            ("ADMIN_JWT_SECRET", &self.admin_jwt_secret),
            ("USER_JWT_SECRET", &self.user_jwt_secret),
            ("SEALING_KEY", &self.sealing_key),
        ]
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .into()
    }
}

/// The hash of an administrator's password, as `ADMIN_PASSWORD_HASH` wants it.
///
/// # Errors
/// When the password is longer than 71 bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "once at the start, where nothing waits for the thread"
)]
pub fn hash(password: &str) -> anyhow::Result<String> {
    Ok(bcrypt::non_truncating_hash(password, 10)?)
}

/// 48 random bytes, in characters that need no quoting anywhere.
fn secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 48]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "nothing waits for this thread")]
    fn the_hash_is_the_passwords_and_the_functions_never_see_the_password() {
        let made = Credentials::generate().unwrap();
        assert!(bcrypt::verify(&made.password, &made.password_hash).unwrap());
        assert!(made.password_hash.contains("$10$"));
        assert!(!made.env().values().any(|value| *value == made.password));
        assert_ne!(made.admin_jwt_secret, made.user_jwt_secret);
    }
}
