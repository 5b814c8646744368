//! Secrets, from AWS Secrets Manager (`SECRET_ID`) or, for local use, from the environment.

mod manager;
mod sealing;

pub(crate) use manager::SecretError;
pub use manager::SecretsManager;
pub use sealing::{Sealed, Sealer, SealingError, SealingKey};

use crate::{
    env::{Env, SettingError},
    invalid::Invalid,
};
use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;
use tracing::warn;

/// How long a secret is used before it is read again: the default, and the most that may be set.
const MAX_AGE_SECONDS: u64 = 300;
/// The least that may be set.
const MIN_AGE_SECONDS: u64 = 10;

/// One signing key of the secret.
#[derive(Clone, Debug, Deserialize)]
pub struct JwtKey {
    /// The key's name in a token's header.
    pub kid: String,
    /// At least 32 bytes.
    pub secret: SecretString,
}

/// The secrets of a deployment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Secrets {
    /// The admin's e-mail address.
    pub admin_email: String,
    /// bcrypt of the admin's password.
    pub admin_password_hash: SecretString,
    /// Keys for the admin's tokens. The first signs.
    pub admin_jwt_keys: Vec<JwtKey>,
    /// Keys for users' tokens. The first signs.
    pub user_jwt_keys: Vec<JwtKey>,
    /// The address of MongoDB. The environment overrides it.
    pub mongodb_uri: Option<SecretString>,
    /// The address of Redis. The environment overrides it.
    pub redis_url: Option<SecretString>,
    /// Keys for the payment providers' credentials in MongoDB. The first seals, all of them open.
    /// Without one, no app can have a provider other than the simulation.
    #[serde(default)]
    pub sealing_keys: Vec<SealingKey>,
    #[serde(skip)]
    is_from_env: bool,
}

/// The token keys of the secret's previous version. They still verify, so a
/// rotation ends no session.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EarlierKeys {
    /// Keys that only verify the admin's tokens.
    #[serde(default)]
    pub admin_jwt_keys: Vec<JwtKey>,
    /// Keys that only verify users' tokens.
    #[serde(default)]
    pub user_jwt_keys: Vec<JwtKey>,
}

/// The secrets as read at start, and where they can be read again.
#[derive(Debug)]
pub struct LoadedSecrets {
    /// The secret's current version (`AWSCURRENT`).
    pub secrets: Secrets,
    /// The keys of the previous version.
    pub earlier: EarlierKeys,
    /// `None` if the secrets came from the environment.
    pub source: Option<SecretsManager>,
}

/// The name of each setting at its source, for error messages: a variable, or a field of the
/// secret.
pub(crate) struct SettingNames {
    pub admin_email: &'static str,
    pub admin_password_hash: &'static str,
    pub admin_jwt: &'static str,
    pub user_jwt: &'static str,
    pub mongodb_uri: &'static str,
    pub redis_url: &'static str,
    pub sealing_keys: &'static str,
}

impl LoadedSecrets {
    /// Reads the secrets: from Secrets Manager if `SECRET_ID` is set, else from the environment.
    ///
    /// # Errors
    /// Names the setting that is missing, malformed or unreachable. It is no error if the previous
    /// version cannot be read.
    pub async fn load(env: &impl Env) -> Result<Self, SettingError> {
        let Some(id) = env.get("SECRET_ID") else {
            return Ok(Self {
                secrets: Secrets::from_env(env)?,
                earlier: EarlierKeys::default(),
                source: None,
            });
        };
        let source = SecretsManager::new(id, max_age(env)?).await;
        let (secrets, earlier) = tokio::join!(source.current(), source.earlier_keys());
        let earlier = earlier.unwrap_or_else(|reason| {
            warn!(
                reason,
                "the previous version of the secret cannot be read: its keys verify nothing"
            );
            EarlierKeys::default()
        });
        Ok(Self { secrets: secrets?, earlier, source: Some(source) })
    }
}

fn max_age(env: &impl Env) -> Result<Duration, SettingError> {
    const NAME: &str = "SECRET_MAX_AGE_SECONDS";
    let seconds = env.parse(NAME, MAX_AGE_SECONDS, "a whole number from 10 to 300")?;
    if !(MIN_AGE_SECONDS..=MAX_AGE_SECONDS).contains(&seconds) {
        return Err(SettingError::new(NAME, "must be a whole number from 10 to 300"));
    }
    Ok(Duration::from_secs(seconds))
}

impl Secrets {
    fn from_env(env: &impl Env) -> Result<Self, SettingError> {
        let key = |name: &str| -> Result<_, SettingError> {
            Ok(vec![JwtKey { kid: "env".into(), secret: env.require(name)?.into() }])
        };
        Ok(Self {
            admin_email: env.require("ADMIN_EMAIL")?,
            admin_password_hash: env.require("ADMIN_PASSWORD_HASH")?.into(),
            admin_jwt_keys: key("ADMIN_JWT_SECRET")?,
            user_jwt_keys: key("USER_JWT_SECRET")?,
            mongodb_uri: None,
            redis_url: None,
            sealing_keys: env
                .get("SEALING_KEY")
                .map(|key| SealingKey { kid: "env".into(), key: key.into() })
                .into_iter()
                .collect(),
            is_from_env: true,
        })
    }

    fn from_json(text: &str) -> Result<Self, SettingError> {
        let mut json = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let problem = match Invalid::of(error) {
                Invalid::Missing { field } => format!("the secret lacks the field {field}"),
                Invalid::Unknown { field: path } | Invalid::Value { path, .. } => {
                    format!(
                        "the secret is malformed at {}",
                        if path.is_empty() { "." } else { path.as_str() }
                    )
                }
            };
            SettingError::new("SECRET_ID", problem)
        })
    }

    pub(crate) fn names(&self) -> SettingNames {
        if self.is_from_env {
            SettingNames {
                admin_email: "ADMIN_EMAIL",
                admin_password_hash: "ADMIN_PASSWORD_HASH",
                admin_jwt: "ADMIN_JWT_SECRET",
                user_jwt: "USER_JWT_SECRET",
                mongodb_uri: "MONGODB_URI",
                redis_url: "REDIS_URL",
                sealing_keys: "SEALING_KEY",
            }
        } else {
            SettingNames {
                admin_email: "SECRET_ID: adminEmail",
                admin_password_hash: "SECRET_ID: adminPasswordHash",
                admin_jwt: "SECRET_ID: adminJwtKeys",
                user_jwt: "SECRET_ID: userJwtKeys",
                mongodb_uri: "SECRET_ID: mongodbUri",
                redis_url: "SECRET_ID: redisUrl",
                sealing_keys: "SECRET_ID",
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"adminEmail": "a@b.c", "adminPasswordHash": "h", "redisUrl": "redis://r",
        "adminJwtKeys": [{"kid": "2", "secret": "s"}], "userJwtKeys": [{"kid": "1", "secret": "hidden"}]}"#;

    #[test]
    fn a_whole_secret_is_read() {
        let secrets = Secrets::from_json(WHOLE).unwrap();
        assert_eq!(
            (secrets.admin_jwt_keys[0].kid.as_str(), secrets.mongodb_uri.is_none()),
            ("2", true)
        );
        assert!(!format!("{secrets:?}").contains("hidden"));
    }

    #[test]
    fn the_keys_of_an_earlier_secret_are_read_whatever_else_is_wrong_with_it() {
        let keys: EarlierKeys =
            serde_json::from_str(&WHOLE.replace("adminJwtKeys", "adminKeys")).unwrap();
        assert_eq!((keys.admin_jwt_keys.len(), keys.user_jwt_keys[0].kid.as_str()), (0, "1"));
        assert!(!format!("{keys:?}").contains("hidden"));
    }

    #[test]
    fn what_is_wrong_is_named_and_never_quoted() {
        let complaint = |text: &str| Secrets::from_json(text).unwrap_err().to_string();
        assert_eq!(
            complaint(&WHOLE.replace("userJwtKeys", "userKeys")),
            "SECRET_ID: the secret lacks the field userJwtKeys"
        );
        let keyless = complaint(&WHOLE.replace(r#", "secret": "hidden""#, ""));
        assert_eq!(keyless, "SECRET_ID: the secret lacks the field userJwtKeys[0].secret");
        let wrong =
            complaint(&WHOLE.replace(r#"[{"kid": "1", "secret": "hidden"}]"#, r#""hidden""#));
        assert_eq!(wrong, "SECRET_ID: the secret is malformed at userJwtKeys");
    }
}
