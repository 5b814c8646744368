//! Disputes of payments, which buyers raise at their banks. The booking's document keeps them.

use super::booking_status::Stored;
use crate::{
    domain::Timestamp,
    payment::{DisputeState, ProviderDispute},
};
use serde::{Deserialize, Serialize};

/// The state of a dispute. `OPEN`: it is not decided. `WON`: the money is the tenant's. `LOST`: the
/// money is the buyer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum DisputeStatus {
    Open,
    Won,
    Lost,
}

impl From<DisputeState> for DisputeStatus {
    fn from(state: DisputeState) -> Self {
        match state {
            DisputeState::Open => Self::Open,
            DisputeState::Won => Self::Won,
            DisputeState::Lost => Self::Lost,
        }
    }
}

/// A dispute, as its booking keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    /// The id of the dispute at the provider.
    pub dispute_id: String,
    /// In the currency's minor unit.
    pub amount: i64,
    pub status: Stored<DisputeStatus>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Dispute {
    /// Whether a report changes its status. Two reports may overtake each other, and what is
    /// decided is never open again.
    pub(super) fn may_become(&self, status: DisputeStatus) -> bool {
        let is_decided = self.status != DisputeStatus::Open;
        self.status != status && !(is_decided && status == DisputeStatus::Open)
    }

    /// What a provider has reported at this time.
    pub(super) fn new(reported: &ProviderDispute, now: Timestamp) -> Self {
        Self {
            dispute_id: reported.provider_id.clone(),
            amount: reported.amount,
            status: Stored::Known(reported.state.into()),
            created_at: now,
            updated_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decided_dispute_is_never_open_again_but_may_be_decided_otherwise() {
        let dispute = |status: DisputeStatus| Dispute {
            dispute_id: "dp_1".to_owned(),
            amount: 1,
            status: Stored::Known(status),
            created_at: Timestamp::MIN,
            updated_at: Timestamp::MIN,
        };
        let (open, won, lost) = (DisputeStatus::Open, DisputeStatus::Won, DisputeStatus::Lost);
        for (from, to) in [(open, won), (open, lost), (lost, won), (won, lost)] {
            assert!(dispute(from).may_become(to), "{from:?} to {to:?}");
        }
        for (from, to) in [(won, open), (lost, open), (open, open), (won, won), (lost, lost)] {
            assert!(!dispute(from).may_become(to), "{from:?} to {to:?}");
        }
    }
}
