//! The id of a payment. The provider makes it. In the simulation, the client makes it.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{ReservationToken, parsed, stored};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The prefix of the payment ids of bookings that cost nothing. The token of the hold follows.
const FREE_PREFIX: &str = "free:";

/// Id of a payment at the payment provider: `^[A-Za-z0-9_-][A-Za-z0-9._:=+/-]{0,254}$`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Id of a payment at the payment provider: 1–255 letters, digits and `._:=+/-`, \
                   beginning with a letter, a digit, `_` or `-`. Not `free:` with a UUID.",
    pattern = "^[A-Za-z0-9_-][A-Za-z0-9._:=+/-]{0,254}$",
    examples("pay_7Hq2")
)]
pub struct PaymentId(String);

impl PaymentId {
    /// Parses a payment id. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let first = |c: u8| c.is_ascii_alphanumeric() || b"_-".contains(&c);
        let good = |c: u8| first(c) || b".:=+/".contains(&c);
        // Such an id would pass for a booking that cost nothing.
        if raw.strip_prefix(FREE_PREFIX).is_some_and(|rest| Uuid::try_parse(rest).is_ok()) {
            Err("must not be free: with a UUID".into())
        } else if (1..=255).contains(&raw.len())
            && first(raw.as_bytes()[0])
            && raw.bytes().all(good)
        {
            Ok(Self(raw.to_owned()))
        } else {
            Err("must be 1 to 255 letters, digits or any of ._:=+/- \
                 and begin with a letter, a digit, _ or -"
                .into())
        }
    }

    /// The payment id of a booking that cost nothing. It differs from booking to booking, because a
    /// payment can be used only once.
    pub(crate) fn free(token: ReservationToken) -> Self {
        Self(format!("{FREE_PREFIX}{token}"))
    }

    /// Whether it stands for "nothing was paid" on the booking of that hold.
    pub(crate) fn is_free(&self, token: ReservationToken) -> bool {
        *self == Self::free(token)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(PaymentId);
stored!(PaymentId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_ids_of_every_provider_are_read() {
        let token = "67e55044-10b1-426f-9247-bb680e5fe0c8";
        for good in
            ["pay_1", "-", "a.b:c=d+e/f-g", "free:abc", "free:", "freedom", &"p".repeat(255)]
        {
            assert!(PaymentId::parse(good).is_ok(), "{good}");
        }
        let (free, upper) = (format!("free:{token}"), format!("free:{}", token.to_uppercase()));
        for bad in
            ["", ".a", ":a", "=a", "+a", "/a", "a b", "é", "a$", &"p".repeat(256), &free, &upper]
        {
            assert!(PaymentId::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(PaymentId::free(ReservationToken::parse(token).unwrap()).as_str(), free);
    }
}
