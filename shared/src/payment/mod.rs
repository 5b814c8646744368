//! Payment providers. Confirm calls [`Provider`], which is simulated. [`Gateway`] is the whole
//! life of a payment at a real provider, [`Stripe`] or [`Razorpay`]; no endpoint calls it yet.

mod error;
mod gateway;
mod razorpay;
mod signature;
mod simulated;
mod stripe;
mod transport;
mod units;

pub use error::{Cause, ProviderError, Refusal};
pub use gateway::{
    Call, Charge, Gateway, InvalidEvent, Mismatch, Outcome, PaymentRef, ProviderEvent,
    ProviderRefund, RefundRequest, RefundState, StartedPayment, TakenPayment,
};
pub use razorpay::{RAZORPAY_API_BASE, Razorpay};
pub use stripe::{STRIPE_API_BASE, Stripe};
pub use transport::ProviderHttp;
pub use units::Units;

pub(crate) use simulated::Simulated;

use crate::domain::{Currency, PaymentId, ReservationToken};
use std::{fmt::Debug, future::Future, pin::Pin};

/// The provider's decision about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The money was taken.
    Accepted,
    /// No money was taken.
    Declined,
    /// The provider is unavailable. Call it again later.
    Unavailable,
}

/// A payment provider. It is called outside any transaction, and again when a request is repeated.
pub(crate) trait Provider: Debug + Send + Sync {
    /// Whether the payment was taken for this reservation, amount (in minor units) and currency.
    fn verify<'a>(
        &'a self,
        payment: &'a PaymentId,
        amount: i64,
        currency: &'a Currency,
        token: ReservationToken,
    ) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;
}
