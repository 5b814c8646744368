//! The states of bookings and payments.

use serde::{Deserialize, Serialize};

/// Whether the payment provider took the payment. `PENDING`: not known yet.
/// `SUCCESS`: it was taken. `FAILED`: it was declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PaymentStatus {
    Pending,
    Success,
    Failed,
}

/// The state of a booking. `CONFIRMED`: the seats are sold. `FAILED`: the payment was declined and
/// nothing is sold. `REFUND_DUE`: the payment was taken but nothing is sold; refund it.
/// `CANCELLED`: the booking was cancelled after the sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BookingStatus {
    Confirmed,
    Failed,
    RefundDue,
    Cancelled,
}

/// A status as stored. A later version may have written one that this version does not know. It is
/// shown as it is, and equals no known one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Stored<T> {
    Known(T),
    Other(String),
}

impl<T: Copy> Stored<T> {
    /// The status, if this version knows it.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(status) => Some(*status),
            Self::Other(_) => None,
        }
    }
}

impl<T: PartialEq> PartialEq<T> for Stored<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Known(status) if status == other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_a_later_version_is_kept_and_equals_no_other() {
        let read =
            |text: &str| serde_json::from_value::<Stored<BookingStatus>>(text.into()).unwrap();
        assert!(read("REFUND_DUE") == BookingStatus::RefundDue);
        let later = read("HALF_CANCELLED");
        assert!(later.known().is_none() && later != BookingStatus::Confirmed);
        assert_eq!(serde_json::to_value(later).unwrap(), "HALF_CANCELLED");
        assert!(serde_json::from_str::<Stored<PaymentStatus>>("1").is_err());
    }
}
