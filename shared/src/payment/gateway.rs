//! The calls to a payment provider, and its responses. [`super::Stripe`] and [`super::Razorpay`]
//! implement them.

#![expect(missing_docs, reason = "the names of most fields say it")]

use super::ProviderError;
use crate::domain::{AppId, Currency, PaymentId, ReservationToken};
use hyper::HeaderMap;
use secrecy::SecretString;
use std::{fmt::Debug, future::Future, pin::Pin, time::SystemTime};

/// A call to a provider.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

/// One account at a payment provider. Every call takes at most three seconds and is
/// made outside any transaction.
pub trait Gateway: Debug + Send + Sync {
    /// Creates the payment of a hold. The same charge again creates no second one
    /// that could be paid.
    fn start<'a>(&'a self, charge: &'a AmountDue) -> Call<'a, StartedPayment>;

    /// Reads the payment, and compares it with what it has to pay for.
    fn check<'a>(
        &'a self,
        payment: &'a PaymentRef,
        charge: &'a AmountDue,
    ) -> Call<'a, PaymentOutcome>;

    /// Cancels a started payment that nobody has paid, where the provider supports it. Returns the
    /// state of the payment after that.
    fn cancel<'a>(
        &'a self,
        payment: &'a PaymentRef,
        charge: &'a AmountDue,
    ) -> Call<'a, PaymentOutcome>;

    /// Gives money back. The provider carries out one refund for each `refund_id`, for as long as
    /// it remembers the id: Stripe for 24 hours.
    fn refund<'a>(&'a self, refund: &'a RefundRequest) -> Call<'a, ProviderRefund>;

    /// Every refund of a payment, also those that were made elsewhere.
    fn refunds<'a>(
        &'a self,
        payment: &'a PaymentId,
        currency: &'a Currency,
    ) -> Call<'a, Vec<ProviderRefund>>;

    /// The disputes of a payment. Razorpay cannot list them by payment, so only the one that an
    /// event has `named` is fetched there.
    fn disputes<'a>(
        &'a self,
        payment: &'a PaymentId,
        currency: &'a Currency,
        named: Option<&'a str>,
    ) -> Call<'a, Vec<ProviderDispute>>;

    /// Verifies the signature of a webhook request, and returns its event.
    ///
    /// # Errors
    /// When the signature is wrong, missing or too old, or the body has no known form.
    fn event(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<ProviderEvent, InvalidEvent>;
}

/// What a payment has to pay for: one version of a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountDue {
    pub app_id: AppId,
    pub token: ReservationToken,
    /// The hold's version. A changed hold needs another payment.
    pub version: i64,
    /// In the minor unit of ISO 4217.
    pub amount: i64,
    pub currency: Currency,
}

/// A payment that a buyer can now make. `Debug` does not show the client's secret.
#[derive(Clone, Debug)]
pub enum StartedPayment {
    /// A PaymentIntent of Stripe.
    Intent { payment_id: PaymentId, client_secret: SecretString, status: String },
    /// An order of Razorpay. Its payment exists only after the checkout.
    Order { order_id: String, status: String },
    /// A payment of the simulation.
    Simulated { payment_id: PaymentId },
}

/// How a started payment is found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentRef {
    /// A PaymentIntent of Stripe.
    Intent(PaymentId),
    /// An order of Razorpay. With a payment's id, that payment must belong to the order.
    Order { order_id: String, payment_id: Option<PaymentId> },
    /// A payment of the simulation.
    Simulated(PaymentId),
}

impl PaymentRef {
    /// The id that was stored when the payment was started: of the intent, or of the order.
    #[must_use]
    pub(crate) fn started_id(&self) -> &str {
        match self {
            Self::Intent(id) | Self::Simulated(id) => id.as_str(),
            Self::Order { order_id, .. } => order_id,
        }
    }
}

/// The state of a payment at the provider, for one hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentOutcome {
    /// The whole amount was taken for this hold. `others` are further payments of the same order
    /// that were taken too. They are refunded.
    Taken { payment: TakenPayment, others: Vec<TakenPayment> },
    /// It may still succeed. `status` is the provider's name for its state.
    Pending { status: String },
    /// It can never succeed.
    Declined,
    /// It does not pay for this hold.
    Mismatch(Mismatch),
}

/// Money that a provider has taken, less what it has given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenPayment {
    pub payment_id: PaymentId,
    /// What is left of it, in the minor unit of ISO 4217.
    pub amount: i64,
    /// What was given back before, in the same unit.
    pub returned: i64,
    pub currency: Currency,
}

/// How a payment differs from the hold that it should pay for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It was made for another hold.
    Reservation,
    /// It was made for another app.
    App,
    /// A test payment for a live account, or the reverse.
    Mode,
    /// It was taken for this hold, but not this amount. An amount that was partly given back counts
    /// as what is left. The list has further payments of the order, which are refunded too.
    Amount(TakenPayment, Vec<TakenPayment>),
    /// It was taken for this hold in another currency. The list is as in [`Self::Amount`].
    Currency(TakenPayment, Vec<TakenPayment>),
}

impl Mismatch {
    /// The `field` of the error's details.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Reservation => "reservation",
            Self::App => "app",
            Self::Mode => "mode",
            Self::Amount(..) => "amount",
            Self::Currency(..) => "currency",
        }
    }
}

/// A refund to make. Both providers want the amount in their own steps: [`super::Units::round_up`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// Our own id: 10 to 40 letters, digits, hyphens and underscores. It is the idempotency key.
    pub refund_id: String,
    pub payment_id: PaymentId,
    /// In the minor unit of ISO 4217.
    pub amount: i64,
    pub currency: Currency,
    /// Whether the payment has no earlier refund. Only the simulation uses it.
    pub is_first: bool,
}

/// A refund at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRefund {
    /// The id at the provider.
    pub provider_id: String,
    /// Our id. `None` if we did not make this refund.
    pub refund_id: Option<String>,
    /// In the minor unit of ISO 4217.
    pub amount: i64,
    pub state: RefundState,
}

/// The state of a refund at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// The provider has accepted it.
    Submitted,
    /// It was paid. It may still fail later.
    Succeeded,
    /// It was not paid.
    Failed,
}

/// A buyer's dispute of a payment, at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderDispute {
    /// The id at the provider.
    pub provider_id: String,
    /// What is disputed, or what was lost, in the minor unit of ISO 4217.
    pub amount: i64,
    pub state: DisputeState,
}

/// The state of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeState {
    /// It is not decided yet.
    Open,
    /// The money is ours.
    Won,
    /// The money is the buyer's.
    Lost,
}

/// The event in a verified webhook request. It proves nothing: fetch the payment that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The same for every delivery of one event. Razorpay sends it in a header that may be absent.
    pub event_id: Option<String>,
    /// The provider's name for it, such as `payment_intent.succeeded`.
    pub kind: String,
    pub payment_id: Option<PaymentId>,
    pub order_id: Option<String>,
    /// The hold that the payment was started for, if the event says so.
    pub token: Option<ReservationToken>,
    /// Whether it is about a refund, or about a dispute.
    pub is_about_money_back: bool,
    /// The dispute that it names.
    pub dispute_id: Option<String>,
}

/// Why a webhook request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// The signature is missing, wrong or too old.
    #[error("the signature is missing, wrong or too old")]
    Signature,
    /// The signature is good, but the body has no form that we know.
    #[error("the body is not an event")]
    Body,
}
