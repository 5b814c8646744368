//! The payment of a hold, as stored in it.

use super::booking_status::Stored;
use crate::domain::PaymentProvider;
use mongodb::bson::oid::ObjectId;
use serde::{Deserialize, Serialize};

/// The payment that was started for a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldPayment {
    pub provider: Stored<PaymentProvider>,
    /// The app's account. Absent for the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<ObjectId>,
    /// Of a payment intent, an order, or a payment of the simulation.
    pub id: String,
    /// The version of the hold for which it was started.
    pub version: i64,
}
