//! The `payments` of an app: its account at a payment provider, and the accounts that it had
//! before. Open payments and bookings refer to an account by its id.

use super::{
    StoreError,
    apps::{App, Apps},
    booking_status::Stored,
};
use crate::{
    domain::{PaymentProvider, Timestamp},
    secrets::Sealed,
};
use mongodb::bson::{doc, oid::ObjectId, serialize_to_bson};
use serde::{Deserialize, Serialize};

/// How many replaced accounts an app keeps.
pub(crate) const MAX_REPLACED_ACCOUNTS: usize = 50;

/// The accounts of an app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppPayments {
    /// New payments are made here.
    pub current: PaymentAccount,
    /// Earlier payments were made here, and can still be asked about and refunded. The
    /// latest is the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<PaymentAccount>,
}

impl AppPayments {
    /// The current account, then the replaced ones, the latest first.
    pub fn all(&self) -> impl Iterator<Item = &PaymentAccount> {
        std::iter::once(&self.current).chain(self.replaced.iter().rev())
    }
}

/// An account at a payment provider. The simulation has no keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentAccount {
    pub id: ObjectId,
    pub provider: Stored<PaymentProvider>,
    /// Stripe's publishable key, or Razorpay's key id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<Sealed>,
    /// Whether it takes real money.
    pub is_live: bool,
    pub created_at: Timestamp,
}

impl Apps {
    /// Stores the accounts of an app; `None` if the app has changed since it was read.
    pub(crate) async fn set_payments(
        &self,
        app: &App,
        payments: &AppPayments,
    ) -> Result<Option<App>, StoreError> {
        let payments = serialize_to_bson(payments).map_err(mongodb::error::Error::from)?;
        let filter = doc! {"appId": app.app_id.as_str(), "version": app.version};
        self.update(filter, vec![doc! {"$set": {"payments": {"$literal": payments}}}]).await
    }
}
