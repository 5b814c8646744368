//! A provider that decides by the payment's id.

use super::{Provider, Verdict};
use crate::domain::{Currency, PaymentId, ReservationToken};
use std::{future::Future, pin::Pin};

/// Declines ids that start with `pay_fail`, is unavailable for
/// `pay_unavailable`, accepts all others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Simulated;

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
