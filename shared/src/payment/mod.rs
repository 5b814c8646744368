//! Payment providers: [`Stripe`], [`Razorpay`] and a simulation, behind [`Gateway`].

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
    AmountDue, Call, DisputeState, Gateway, InvalidEvent, Mismatch, PaymentOutcome, PaymentRef,
    ProviderDispute, ProviderEvent, ProviderRefund, RefundRequest, RefundState, StartedPayment,
    TakenPayment,
};
pub use razorpay::{RAZORPAY_API_BASE, Razorpay};
pub use stripe::{STRIPE_API_BASE, Stripe};
pub use transport::ProviderHttp;
pub use units::Units;

pub use simulated::Simulated;
