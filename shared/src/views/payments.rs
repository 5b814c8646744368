//! Payments in responses.

use super::TimestampView;
use crate::{domain::PaymentProvider, store::apps::App};
use serde::Serialize;
use utoipa::ToSchema;

/// Who takes an app's payments. Its secrets are never shown.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentSetup)]
pub struct PaymentSetupView {
    /// The provider, or `none`.
    provider: ShownProvider,
    /// `live` if real money is taken; absent without a provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<PaymentMode>,
    /// Stripe's publishable key.
    #[serde(skip_serializing_if = "Option::is_none")]
    publishable_key: Option<String>,
    /// Razorpay's key id.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    /// The URL to register at the provider for its webhooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<String>,
    /// When the keys were set; absent if the app uses the deployment's default provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    configured_at: Option<TimestampView>,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ShownProvider {
    None,
    Stripe,
    Razorpay,
    Simulated,
}

/// `live` takes real money, `test` does not.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PaymentMode {
    Live,
    Test,
}

impl PaymentSetupView {
    /// The provider that an app uses, with the URL of its webhooks.
    pub fn new(app: &App, provider: Option<PaymentProvider>, webhook_url: Option<String>) -> Self {
        let account = app.payments.as_ref().map(|payments| &payments.current);
        let public_key = || account.and_then(|account| account.public_key.clone());
        let of = |wanted| provider.filter(|provider| *provider == wanted);
        let mode = match account {
            Some(account) if account.is_live => PaymentMode::Live,
            Some(_) | None => PaymentMode::Test,
        };
        let is_real = matches!(provider, Some(PaymentProvider::Stripe | PaymentProvider::Razorpay));
        Self {
            provider: match provider {
                None => ShownProvider::None,
                Some(PaymentProvider::Stripe) => ShownProvider::Stripe,
                Some(PaymentProvider::Razorpay) => ShownProvider::Razorpay,
                Some(PaymentProvider::Simulated) => ShownProvider::Simulated,
            },
            mode: provider.map(|_| mode),
            publishable_key: of(PaymentProvider::Stripe).and_then(|_| public_key()),
            key_id: of(PaymentProvider::Razorpay).and_then(|_| public_key()),
            webhook_url: webhook_url.filter(|_| is_real),
            configured_at: account.map(|account| account.created_at.into()),
        }
    }
}
