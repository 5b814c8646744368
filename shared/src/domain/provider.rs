//! The payment providers, and the simulation in their place.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;

/// Who takes a payment. `simulated` moves no money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PaymentProvider {
    /// Stripe, with its PaymentIntents.
    Stripe,
    /// Razorpay, with its orders.
    Razorpay,
    /// Decides by the payment's id.
    Simulated,
}

impl FromStr for PaymentProvider {
    type Err = ();

    fn from_str(raw: &str) -> Result<Self, ()> {
        match raw {
            "stripe" => Ok(Self::Stripe),
            "razorpay" => Ok(Self::Razorpay),
            "simulated" => Ok(Self::Simulated),
            _ => Err(()),
        }
    }
}
