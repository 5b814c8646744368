//! The provider of the architecture: it decides by the payment's name.

use super::{Provider, Verdict};
use crate::domain::{Currency, PaymentId, ReservationToken};
use std::{future::Future, pin::Pin};

/// Declines ids that begin with `pay_fail`, cannot say for `pay_unavailable`, accepts every other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simulated;

impl Provider for Simulated {
    fn verify<'a>(
        &'a self,
        payment: &'a PaymentId,
        _amount: i64,
        _currency: &'a Currency,
        _token: ReservationToken,
    ) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        let verdict = match payment.as_str() {
            "pay_unavailable" => Verdict::Unavailable,
            id if id.starts_with("pay_fail") => Verdict::Declined,
            _ => Verdict::Accepted,
        };
        Box::pin(std::future::ready(verdict))
    }
}
