//! One secret in AWS Secrets Manager, read again for as long as the process lives.

use super::{EarlierKeys, Secrets};
use crate::env::SettingError;
use aws_config::{BehaviorVersion, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{Client, error::ProvideErrorMetadata as _};
use std::{fmt, time::Duration};

const CONNECT: Duration = Duration::from_secs(1);
const CALL: Duration = Duration::from_secs(3);
/// What Secrets Manager answers when the secret has no such version.
const NO_SUCH_VERSION: &str = "ResourceNotFoundException";

/// Where the secret is.
pub struct SecretsManager {
    client: Client,
    id: String,
    max_age: Duration,
}

impl fmt::Debug for SecretsManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretsManager").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why the secret's present version cannot be used.
#[derive(Debug)]
pub enum SecretError {
    /// It cannot be read now.
    Unreachable(SettingError),
    /// It can, and is wrong.
    Malformed(SettingError),
}

impl From<SecretError> for SettingError {
    fn from(trouble: SecretError) -> Self {
        match trouble {
            SecretError::Unreachable(error) | SecretError::Malformed(error) => error,
        }
    }
}

impl SecretsManager {
    pub(super) async fn new(id: String, max_age: Duration) -> Self {
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(CALL).build();
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .timeout_config(timeouts)
            .load()
            .await;
        Self { client: Client::new(&config), id, max_age }
    }

    /// How old what was read may become before it has to be read again.
    pub fn max_age(&self) -> Duration {
        self.max_age
    }

    /// Reads the secret's present version.
    ///
    /// # Errors
    /// Says what is wrong, and never with the secret's own words.
    pub async fn current(&self) -> Result<Secrets, SecretError> {
        let wrong = |problem: String| SettingError::new("SECRET_ID", problem);
        let answer =
            self.client.get_secret_value().secret_id(&self.id).send().await.map_err(|error| {
                let reason = error.code().unwrap_or("out of reach");
                SecretError::Unreachable(wrong(format!("the secret cannot be read ({reason})")))
            })?;
        let text = answer
            .secret_string()
            .ok_or_else(|| SecretError::Malformed(wrong("the secret has no text".into())))?;
        Secrets::from_json(text).map_err(SecretError::Malformed)
    }

    /// Reads the token keys of the version before; none where there is none. `Err` says why it
    /// cannot be told.
    pub async fn earlier_keys(&self) -> Result<EarlierKeys, String> {
        let read = self.client.get_secret_value().secret_id(&self.id).version_stage("AWSPREVIOUS");
        match read.send().await {
            Ok(answer) => {
                // Nothing but its keys is of use, so nothing else can be wrong with it.
                let text = answer.secret_string().unwrap_or_default();
                serde_json::from_str(text).map_err(|_| "it is malformed".to_owned())
            }
            Err(error) => match error.code() {
                Some(NO_SUCH_VERSION) => Ok(EarlierKeys::default()),
                code => Err(code.unwrap_or("out of reach").to_owned()),
            },
        }
    }
}
