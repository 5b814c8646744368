//! Bodies of the calls that start payments and store accounts at providers.

use crate::{
    booking::accounts::NewAccount,
    domain::{PaymentProvider, ReservationToken},
    error::{Error, Result},
};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// The longest key that a provider has. Restricted keys of Stripe have about 110 characters.
const MAX_KEY_CHARS: usize = 255;

/// The body of `PUT /admin/apps/{appId}/payments`. Which keys are required depends on the provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutPaymentsIn {
    /// Who takes the app's payments.
    pub provider: PaymentProvider,
    /// Stripe: the secret key, or a restricted key.
    #[schema(value_type = Option<String>, max_length = 255)]
    pub secret_key: Option<SecretString>,
    /// Stripe: the publishable key, of the same mode as the secret key.
    #[schema(max_length = 255)]
    pub publishable_key: Option<String>,
    /// Razorpay: the key id.
    #[schema(max_length = 255)]
    pub key_id: Option<String>,
    /// Razorpay: the key secret.
    #[schema(value_type = Option<String>, max_length = 255)]
    pub key_secret: Option<SecretString>,
    /// Stripe and Razorpay: the secret that signs the events.
    #[schema(value_type = Option<String>, max_length = 255)]
    pub webhook_secret: Option<SecretString>,
}

/// The body of `POST /payments`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartPaymentIn {
    /// Token of the caller's own hold, from `POST /reserve-seat`.
    pub reservation_token: ReservationToken,
}

impl PutPaymentsIn {
    /// The account that the keys belong to.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a key that is missing, malformed, or of another provider.
    pub fn account(self) -> Result<NewAccount> {
        let Self { provider, secret_key, publishable_key, key_id, key_secret, webhook_secret } =
            self;
        let publishable_key = publishable_key.map(SecretString::from);
        let key_id = key_id.map(SecretString::from);
        let others = match provider {
            PaymentProvider::Stripe => vec![("keyId", &key_id), ("keySecret", &key_secret)],
            PaymentProvider::Razorpay => {
                vec![("secretKey", &secret_key), ("publishableKey", &publishable_key)]
            }
            PaymentProvider::Simulated => vec![
                ("secretKey", &secret_key),
                ("publishableKey", &publishable_key),
                ("keyId", &key_id),
                ("keySecret", &key_secret),
                ("webhookSecret", &webhook_secret),
            ],
        };
        if let Some((name, _)) = others.iter().find(|(_, key)| key.is_some()) {
            return Err(Error::field(*name, "is not a key of this provider"));
        }
        Ok(match provider {
            PaymentProvider::Stripe => NewAccount::Stripe {
                secret_key: required("secretKey", secret_key)?,
                publishable_key: required_text("publishableKey", publishable_key)?,
                webhook_secret: required("webhookSecret", webhook_secret)?,
            },
            PaymentProvider::Razorpay => NewAccount::Razorpay {
                key_id: required_text("keyId", key_id)?,
                key_secret: required("keySecret", key_secret)?,
                webhook_secret: required("webhookSecret", webhook_secret)?,
            },
            PaymentProvider::Simulated => NewAccount::Simulated,
        })
    }
}

/// A required key, trimmed: people paste keys with spaces around them.
fn required(name: &str, key: Option<SecretString>) -> Result<SecretString> {
    required_text(name, key).map(SecretString::from)
}

fn required_text(name: &str, key: Option<SecretString>) -> Result<String> {
    use secrecy::ExposeSecret;
    let key = key.ok_or_else(|| Error::field(name, "is required"))?;
    let key = key.expose_secret().trim();
    if key.is_empty() || key.len() > MAX_KEY_CHARS || !key.bytes().all(|c| c.is_ascii_graphic()) {
        let reason = format!("must be 1 to {MAX_KEY_CHARS} visible ASCII characters");
        return Err(Error::field(name, reason));
    }
    Ok(key.to_owned())
}
