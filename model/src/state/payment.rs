//! A payment of a user: what the provider says about it, and what is recorded of it.

use super::Seats;

/// What the provider says about a payment. It never changes its mind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verdict {
    #[default]
    Unknown,
    Taken,
    /// Taken, but with another amount than the payment was made for.
    TakenOtherAmount,
    Declined,
}

impl Verdict {
    pub fn taken(self) -> bool {
        matches!(self, Self::Taken | Self::TakenOtherAmount)
    }
}

/// A payment of a user, and its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Payment {
    pub verdict: Verdict,
    /// CONFIRMED bookings that it paid.
    pub sales: u8,
    /// How many payments are recorded for a refund.
    pub refunds_due: u8,
    /// The holds for which it was recorded as FAILED, one bit each.
    pub failed: u8,
    /// A confirm with it had a 2xx or 4xx response.
    pub answered: bool,
    /// What it pays for.
    pub amount: Seats,
    /// The idempotency key with which a payment start created it.
    pub key: Option<PaymentKey>,
    /// The client has been given it, so it may pay.
    pub shown: bool,
    /// The seats whose price the refund rows of cancellations give back.
    pub refunded: Seats,
}

impl Payment {
    /// Correct, and except for a sale nothing about it matters any more.
    pub(super) fn is_settled(&self) -> bool {
        match self.verdict {
            Verdict::Unknown => false,
            Verdict::Taken | Verdict::TakenOtherAmount => {
                self.sales == 0
                    && self.refunds_due <= 1
                    && (self.refunds_due == 1 || !self.answered)
            }
            Verdict::Declined => self.sales + self.refunds_due == 0,
        }
    }
}

/// `token:version`, the idempotency key of a payment at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaymentKey {
    pub token: u8,
    pub version: u8,
}
