//! One secret in AWS Secrets Manager. A process reads it at start, and again when it is due.

use super::{EarlierKeys, Secrets};
use crate::env::SettingError;
use aws_config::{BehaviorVersion, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{Client, error::ProvideErrorMetadata as _};
use std::{fmt, time::Duration};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const CALL_TIMEOUT: Duration = Duration::from_secs(3);
/// The error code for a version that the secret does not have.
const NO_SUCH_VERSION: &str = "ResourceNotFoundException";

/// A client for one secret.
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

/// Why the secret's current version cannot be used.
#[derive(Debug)]
pub(crate) enum SecretError {
    /// It cannot be read.
    Unreachable(SettingError),
    /// It was read and is malformed.
    Malformed(SettingError),
}

impl From<SecretError> for SettingError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Unreachable(error) | SecretError::Malformed(error) => error,
        }
    }
}

impl SecretsManager {
    pub(super) async fn new(id: String, max_age: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .timeout_config(timeouts)
            .load()
            .await;
        Self { client: Client::new(&config), id, max_age }
    }

    /// How long a version is used before it is read again.
    pub(crate) fn max_age(&self) -> Duration {
        self.max_age
    }

    /// Reads the secret's current version.
    ///
    /// # Errors
    /// Says what is wrong, and never quotes the secret.
    pub(crate) async fn current(&self) -> Result<Secrets, SecretError> {
        let wrong = |problem: String| SettingError::new("SECRET_ID", problem);
        let response =
            self.client.get_secret_value().secret_id(&self.id).send().await.map_err(|error| {
                let reason = error.code().unwrap_or("unreachable");
                SecretError::Unreachable(wrong(format!("the secret cannot be read ({reason})")))
            })?;
        let text = response
            .secret_string()
            .ok_or_else(|| SecretError::Malformed(wrong("the secret has no text".into())))?;
        Secrets::from_json(text).map_err(SecretError::Malformed)
    }

    /// Reads the token keys of the previous version. Without such a version there are none. `Err`
    /// says why it cannot be read.
    pub async fn earlier_keys(&self) -> Result<EarlierKeys, String> {
        let read = self.client.get_secret_value().secret_id(&self.id).version_stage("AWSPREVIOUS");
        match read.send().await {
            Ok(response) => {
                // Only its keys are used, so no other field can be wrong.
                let text = response.secret_string().unwrap_or_default();
                serde_json::from_str(text).map_err(|_| "it is malformed".to_owned())
            }
            Err(error) => match error.code() {
                Some(NO_SUCH_VERSION) => Ok(EarlierKeys::default()),
                code => Err(code.unwrap_or("unreachable").to_owned()),
            },
        }
    }
}
