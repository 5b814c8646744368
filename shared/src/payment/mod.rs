//! Payment: what a provider must be able to say. The provider here is simulated; a real one is one
//! new file.

mod simulated;

pub use simulated::Simulated;

use crate::domain::{Currency, PaymentId, ReservationToken};
use std::{fmt::Debug, future::Future, pin::Pin};

/// What the provider says of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The money was taken.
    Accepted,
    /// It was not.
    Declined,
    /// The provider cannot say just now: ask again.
    Unavailable,
}

/// A payment provider. Asked outside of any transaction, and asked again when a call is repeated.
pub trait Provider: Debug + Send + Sync {
    /// Whether that payment was taken for that reservation, in that amount (minor units) and
    /// currency.
    fn verify<'a>(
        &'a self,
        payment: &'a PaymentId,
        amount: i64,
        currency: &'a Currency,
        token: ReservationToken,
    ) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;
}
