//! Payments in responses: how to pay for a hold, and a tenant's accounts at the providers.

use super::TimestampView;
use crate::{
    booking::PaymentStart,
    domain::{Currency, PaymentProvider},
    store::apps::App,
};
use secrecy::ExposeSecret;
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
    /// Stripe's publishable key; absent for other providers.
    #[serde(skip_serializing_if = "Option::is_none")]
    publishable_key: Option<String>,
    /// Razorpay's key id; absent for other providers.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    /// The URL to register at the provider for its webhooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<String>,
    /// When the keys were set; absent if the app uses the deployment's default provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    configured_at: Option<TimestampView>,
}

/// A started payment, with what the buyer's browser needs to make it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Payment)]
pub struct PaymentView {
    /// Id of the payment, for `POST /confirm-booking`. Absent for Razorpay, whose payment gets its
    /// id in the checkout.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<String>,
    /// Who takes the payment.
    provider: PaymentProvider,
    /// The provider's own status of the payment, such as `requires_payment_method`.
    status: String,
    /// Amount to pay in the currency's minor unit.
    #[schema(minimum = 0)]
    amount: i64,
    /// Currency of the amount, an ISO 4217 code.
    currency: Currency,
    /// When the hold expires now, by the server's clock.
    hold_expires_at: TimestampView,
    /// Stripe: the secret with which the buyer's browser makes the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Stripe: the publishable key.
    #[serde(skip_serializing_if = "Option::is_none")]
    publishable_key: Option<String>,
    /// Razorpay: the order that the buyer pays in the checkout.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    /// Razorpay: the key id.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
}

impl std::fmt::Debug for PaymentView {
    /// Leaves out the client's secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PaymentView").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl From<PaymentStart> for PaymentView {
    fn from(start: PaymentStart) -> Self {
        let PaymentStart { hold, provider, id, status, client_secret, public_key, .. } = start;
        let is_razorpay = provider == PaymentProvider::Razorpay;
        let (payment_id, order_id) = if is_razorpay { (None, Some(id)) } else { (Some(id), None) };
        let (key_id, publishable_key) =
            if is_razorpay { (public_key, None) } else { (None, public_key) };
        Self {
            payment_id,
            provider,
            status,
            amount: hold.amount,
            currency: hold.currency,
            hold_expires_at: hold.expires_at.into(),
            client_secret: client_secret.map(|secret| secret.expose_secret().to_owned()),
            publishable_key,
            order_id,
            key_id,
        }
    }
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

/// The event of a provider was handled.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventHandled {
    /// Always `true`: the provider need not send the event again.
    pub handled: bool,
}
