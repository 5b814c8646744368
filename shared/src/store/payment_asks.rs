//! When the provider is asked about the payment of a hold without a request from a client: once
//! before the hold ends, and several times after it has ended unsold. `askAt` is the time of the
//! next question. A hold whose payment is simulated has none.

use super::{
    StoreError, after_now,
    booking_status::Stored,
    hold_payments::HoldPayment,
    reservations::{HoldStatus, Reservations},
    within_deadline,
};
use crate::{
    domain::{AppId, PaymentProvider, ReservationToken, Timestamp},
    faults::around,
};
use mongodb::{
    bson::{Bson, Document, deserialize_from_document, doc, oid::ObjectId},
    options::{Hint, ReturnDocument},
};
use serde::Deserialize;
use std::time::Duration;

/// The index of holds that have a time for the next question.
pub(super) const ASK_INDEX: &str = "askAt";
/// How long before the end of its hold a payment is asked about: early enough to sell the seats.
const BEFORE_END_MS: i64 = 30 * 1000;
/// After the end of a hold that was not sold: 1 minute, 15 minutes, 2 hours, 24 hours, 73 hours.
/// Razorpay authorises payments up to three days late.
const AFTER_END_MINUTES: [i64; 5] = [1, 15, 2 * 60, 24 * 60, LAST_MINUTES];
const LAST_MINUTES: i64 = 73 * 60;
const MINUTE_MS: i64 = 60 * 1000;
/// A failed question is repeated after the time since the hold's end divided by this number, but
/// within the two limits below.
const RETRY_PART: i64 = 8;
const MIN_RETRY_MS: i64 = 20 * 1000;
const MAX_RETRY_MS: i64 = 6 * 60 * MINUTE_MS;

/// A hold whose payment is to be asked about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DueHold {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    pub reservation_token: ReservationToken,
    pub user_id: ObjectId,
    pub app_id: AppId,
    pub status: HoldStatus,
    /// Absent if it was recorded for a refund and taken from the hold.
    pub payment: Option<HoldPayment>,
    /// The end of the lease. The question was due before.
    ask_at: Timestamp,
}

/// What [`Reservations::take_to_ask`] has found.
#[derive(Debug)]
pub(crate) enum TakenHold {
    Due(Box<DueHold>),
    /// A document that cannot be read. It waits until the lease ends.
    Unreadable(String),
    Nothing,
}

/// The outcome of asking a provider about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaymentInquiry {
    Responded,
    Failed,
}

/// Whether a payment of this provider is asked about. The simulation reports every payment as
/// taken, so its response proves nothing.
pub(crate) fn is_asked(provider: &Stored<PaymentProvider>) -> bool {
    match provider.known() {
        Some(PaymentProvider::Stripe | PaymentProvider::Razorpay) => true,
        Some(PaymentProvider::Simulated) | None => false,
    }
}

/// The time of the question before the end, as an expression on a hold whose payment was started.
pub(super) fn before_end() -> Document {
    doc! {"$subtract": ["$expiresAt", BEFORE_END_MS]}
}

/// The time of the first question after a hold has ended unsold, as an expression: at once, which
/// also cancels what was never paid.
pub(super) fn at_end() -> Document {
    doc! {"$cond": [is_asked_expression(), "$$NOW", "$$REMOVE"]}
}

fn is_asked_expression() -> Document {
    doc! {"$in": ["$payment.provider", ["stripe", "razorpay"]]}
}

/// The time of the next question after `asked_at`, as an expression. Removes the field if none is
/// left.
fn next_time(asked_at: i64) -> Document {
    let asked_at = Timestamp::from_millis(asked_at);
    let end = doc! {"$min": ["$expiresAt", "$updatedAt"]};
    let times: Vec<Bson> = AFTER_END_MINUTES
        .iter()
        .map(|minutes| doc! {"$add": [end.clone(), minutes * MINUTE_MS]}.into())
        .collect();
    let later = doc! {"$filter": {
        "input": times, "as": "time", "cond": {"$gt": ["$$time", asked_at]},
    }};
    let branches = vec![
        doc! {"case": {"$eq": ["$status", "ACTIVE"]}, "then": "$expiresAt"},
        doc! {"case": {"$in": ["$status", ["CONFIRMED", "CANCELLED"]]}, "then": "$$REMOVE"},
    ];
    let default = doc! {"$ifNull": [{"$min": later}, "$$REMOVE"]};
    doc! {"$switch": {"branches": branches, "default": default}}
}

/// The time to repeat a failed question, as an expression.
fn retry_time() -> Document {
    let since_end = doc! {"$subtract": ["$$NOW", {"$min": ["$expiresAt", "$updatedAt"]}]};
    let pause = doc! {"$toLong": {"$divide": [since_end, RETRY_PART]}};
    let pause = doc! {"$min": [MAX_RETRY_MS, {"$max": [MIN_RETRY_MS, pause]}]};
    doc! {"$add": ["$$NOW", pause]}
}

impl Reservations {
    /// Takes the hold whose question is due longest, and keeps it from others for `lease`.
    pub(crate) async fn take_to_ask(&self, lease: Duration) -> Result<TakenHold, StoreError> {
        let filter = doc! {
            "askAt": {"$exists": true}, "$expr": {"$lte": ["$askAt", "$$NOW"]},
        };
        let later = after_now(lease);
        let holds = self.holds.clone_with_type::<Document>();
        let take = holds
            .find_one_and_update(filter, vec![doc! {"$set": {"askAt": later}}])
            .hint(Hint::Name(ASK_INDEX.to_owned()))
            .return_document(ReturnDocument::After);
        let Some(hold) = around("reservations.take_to_ask", within_deadline(take)).await? else {
            return Ok(TakenHold::Nothing);
        };
        let id = hold.get_object_id("_id").map(ObjectId::to_hex).unwrap_or_default();
        Ok(match deserialize_from_document(hold) {
            Ok(due) => TakenHold::Due(Box::new(due)),
            Err(_) => TakenHold::Unreadable(id),
        })
    }

    /// Sets the time of the next question, unless the hold has ended since it was taken.
    pub(crate) async fn ask_next(
        &self,
        due: &DueHold,
        lease: Duration,
        inquiry: PaymentInquiry,
    ) -> Result<(), StoreError> {
        let asked_at = due.ask_at.as_millis() - lease.as_millis() as i64;
        let ask_at = match inquiry {
            PaymentInquiry::Responded => next_time(asked_at),
            PaymentInquiry::Failed => retry_time(),
        };
        let filter = doc! {"_id": due.id, "askAt": due.ask_at};
        let update = self.holds.update_one(filter, vec![doc! {"$set": {"askAt": ask_at}}]);
        around("reservations.ask_next", within_deadline(update)).await.map(|_| ())
    }

    /// The time until the next question, by the database's clock. `None`: none is planned.
    pub(crate) async fn next_ask(&self) -> Result<Option<Duration>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            wait: i64,
        }
        let rows = self.holds.clone_with_type::<Row>();
        let find = rows
            .find_one(doc! {"askAt": {"$exists": true}})
            .projection(doc! {"_id": 0, "wait": {"$subtract": ["$askAt", "$$NOW"]}})
            .sort(doc! {"askAt": 1})
            .hint(Hint::Name(ASK_INDEX.to_owned()));
        let next = within_deadline(find).await?;
        Ok(next.map(|row| Duration::from_millis(u64::try_from(row.wait).unwrap_or(0))))
    }

    /// Plans questions about the payments of holds of earlier versions that have ended lately or
    /// are still live, and counts them. A second call changes nothing.
    pub(super) async fn plan_asks(&self) -> Result<u64, StoreError> {
        let end = doc! {"$min": ["$expiresAt", "$updatedAt"]};
        let is_recent = doc! {"$gt": [{"$add": [end, LAST_MINUTES * MINUTE_MS]}, "$$NOW"]};
        let filter = doc! {
            "payment.id": {"$exists": true}, "askAt": {"$exists": false},
            "payment.provider": {"$in": ["stripe", "razorpay"]},
            "status": {"$in": ["ACTIVE", "EXPIRED", "RELEASED"]}, "$expr": is_recent,
        };
        let is_active = doc! {"$eq": ["$status", "ACTIVE"]};
        let set = doc! {"$set": {"askAt": {"$cond": [is_active, before_end(), "$$NOW"]}}};
        let hint = Hint::Name("appId_payment_id".to_owned());
        Ok(self.holds.update_many(filter, vec![set]).hint(hint).await?.modified_count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_questions_after_the_end_are_those_of_the_contract() {
        let hours: Vec<f64> = AFTER_END_MINUTES.iter().map(|m| *m as f64 / 60.0).collect();
        assert_eq!(hours, [1.0 / 60.0, 0.25, 2.0, 24.0, 73.0]);
    }

    #[test]
    fn the_simulation_is_not_asked() {
        let asked = |provider| is_asked(&Stored::Known(provider));
        assert!(asked(PaymentProvider::Stripe) && asked(PaymentProvider::Razorpay));
        assert!(!asked(PaymentProvider::Simulated));
        assert!(!is_asked(&Stored::Other("later".to_owned())));
    }
}
