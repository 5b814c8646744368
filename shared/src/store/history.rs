//! What admins did to a booking and its refunds. The booking's document keeps it.

use super::booking_status::Stored;
use crate::domain::{Actor, AdminAction, ObjectId, Reason, Timestamp};
use mongodb::bson::{Bson, Document, doc, serialize_to_bson};
use serde::{Deserialize, Serialize};

/// One action, as its booking keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    pub at: Timestamp,
    /// `admin`, or the id of a secret key.
    pub actor: String,
    pub action: Stored<AdminAction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
    /// In the currency's minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seat_ids: Vec<ObjectId>,
}

/// Who acts, and why.
#[derive(Clone, Debug)]
pub struct ActorAndReason {
    pub actor: Actor,
    pub reason: Option<Reason>,
}

impl ActorAndReason {
    /// The entry of a booking's history, as an expression that is evaluated when it is written.
    pub(super) fn entry(
        &self,
        action: AdminAction,
        refund: Option<(&str, i64)>,
        seats: &[ObjectId],
    ) -> Result<Document, mongodb::error::Error> {
        let mut entry = doc! {
            "at": "$$NOW", "actor": self.actor.to_string(), "action": serialize_to_bson(&action)?,
        };
        if let Some(reason) = &self.reason {
            // A text that begins with `$` is no expression.
            entry.insert("reason", doc! {"$literal": reason.as_str()});
        }
        if let Some((refund_id, amount)) = refund {
            entry.extend(doc! {"refundId": refund_id, "amount": amount});
        }
        if !seats.is_empty() {
            entry.insert("seatIds", doc! {"$literal": seats.to_vec()});
        }
        Ok(entry)
    }
}

/// An expression: a list field with one more element.
pub(super) fn appended(field: &str, element: impl Into<Bson>) -> Document {
    doc! {"$concatArrays": [{"$ifNull": [format!("${field}"), []]}, [element.into()]]}
}
