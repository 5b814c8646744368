//! What the worker does with refunds: it takes those that are due, plans the next
//! question, and ends them.

use super::{
    Store, StoreError, after_now,
    bookings::RefundNote,
    parsed,
    refunds::{Refund, RefundStatus, Refunds},
    tx, within_deadline,
};
use crate::{
    domain::{AppId, EventType},
    faults::around,
};
use mongodb::{
    ClientSession,
    bson::{Document, doc, oid::ObjectId, serialize_to_bson},
    options::{Hint, ReturnDocument},
};
use std::time::Duration;
use tracing::error;

/// The index of refunds that are not paid yet.
const OPEN_INDEX: &str = "open_askAt";

impl Refunds {
    /// Takes a refund that is due to be asked about, and keeps it from others for `lease`. The
    /// refund is SUBMITTED before its provider is asked. With `only`, takes only this refund.
    pub(crate) async fn take(
        &self,
        only: Option<ObjectId>,
        lease: Duration,
    ) -> Result<Option<Refund>, StoreError> {
        let mut filter = doc! {
            "status": {"$in": ["PENDING", "SUBMITTED"]}, "$expr": {"$lte": ["$askAt", "$$NOW"]},
        };
        filter.extend(only.map(|id| ("_id".to_owned(), id.into())));
        let later = after_now(lease);
        let update = vec![doc! {"$set": {
            "status": "SUBMITTED", "askAt": later, "asked": {"$add": [asked(), 1_i64]},
            "updatedAt": "$$NOW",
        }}];
        let refunds = self.collection().clone_with_type::<Document>();
        loop {
            let mut take = refunds.find_one_and_update(filter.clone(), update.clone());
            if only.is_none() {
                take = take.hint(Hint::Name(OPEN_INDEX.to_owned()));
            }
            let take = take.return_document(ReturnDocument::After);
            let Some(taken) = around("refunds.take", within_deadline(take)).await? else {
                return Ok(None);
            };
            let id = taken.get_object_id("_id").map(ObjectId::to_hex).unwrap_or_default();
            match parsed(taken) {
                Ok(refund) => return Ok(Some(refund)),
                // The refund waits until its lease ends, and blocks no other refund.
                Err(error) => error!(error, refund = id, "a refund cannot be read"),
            }
        }
    }

    /// Plans the next question about a refund for after `pause`.
    pub(crate) async fn ask_later(&self, id: ObjectId, pause: Duration) -> Result<(), StoreError> {
        let later = after_now(pause);
        let update = vec![doc! {"$set": {"askAt": later, "updatedAt": "$$NOW"}}];
        let filter = doc! {"_id": id, "status": "SUBMITTED"};
        within_deadline(self.collection().update_one(filter, update)).await.map(|_| ())
    }

    /// Plans the next question within seconds, and does not count the last one: the provider had
    /// too many requests.
    pub(crate) async fn ask_soon(&self, id: ObjectId) -> Result<(), StoreError> {
        // Spread, so that not all come back at once.
        let pause = doc! {"$add": [1_000_i64, {"$toLong": {"$multiply": [{"$rand": {}}, 4_000]}}]};
        let update = vec![doc! {"$set": {
            "askAt": {"$add": ["$$NOW", pause]}, "asked": {"$subtract": [asked(), 1_i64]},
            "updatedAt": "$$NOW",
        }}];
        let filter = doc! {"_id": id, "status": "SUBMITTED"};
        within_deadline(self.collection().update_one(filter, update)).await.map(|_| ())
    }
}

/// How often the provider was asked, as an expression.
fn asked() -> Document {
    doc! {"$ifNull": ["$asked", 0_i64]}
}

impl Store {
    /// Records that a provider has paid a refund, or will not. Repeating the call is safe.
    pub(crate) async fn settle_refund(
        &self,
        refund: &Refund,
        status: RefundStatus,
    ) -> Result<(), tx::Failure<()>> {
        tx::run(self, &Settlement { store: self, refund, status }).await
    }

    /// Inside a transaction: ends a refund that has this status. `false` if it has another, or if
    /// an admin has settled it by hand.
    pub(super) async fn end_refund(
        &self,
        session: &mut ClientSession,
        refund: &Refund,
        from: &str,
        to: RefundStatus,
    ) -> mongodb::error::Result<bool> {
        let event = match to {
            RefundStatus::Succeeded => EventType::RefundSucceeded,
            _ => EventType::RefundFailed,
        };
        let filter = doc! {"_id": refund.id, "status": from, "settled": null};
        let mut set = doc! {"status": serialize_to_bson(&to)?, "updatedAt": "$$NOW"};
        set.extend(self.refund_event(&refund.app_id, event));
        let update = vec![doc! {"$set": set}, doc! {"$unset": "askAt"}];
        let update = self.refunds.collection().update_one(filter, update).session(session);
        Ok(around("refunds.settle", update).await?.matched_count == 1)
    }

    /// The fields that record a change of a refund.
    pub(super) fn refund_event(&self, app: &AppId, event: EventType) -> Document {
        if !self.subscriptions.wants(app, event) {
            return Document::new();
        }
        let version = doc! {"$add": [{"$ifNull": ["$version", 0_i64]}, 1_i64]};
        // The type of the event shows the refund's status, and nothing else about a refund changes.
        let was = doc! {"version": {"$ifNull": ["$version", 0_i64]}};
        let mut fields = self.subscriptions.fields(app, event, Some(version.clone().into()), was);
        fields.insert("version", version);
        fields
    }
}

/// The refund's end, and what its booking has given back.
struct Settlement<'a> {
    store: &'a Store,
    refund: &'a Refund,
    status: RefundStatus,
}

impl tx::Body for Settlement<'_> {
    type Value = ();
    type Reason = ();

    async fn run(
        &self,
        session: &mut ClientSession,
    ) -> Result<tx::Step<(), ()>, mongodb::error::Error> {
        if !self.store.end_refund(session, self.refund, "SUBMITTED", self.status).await? {
            return Ok(tx::Step::Abort(()));
        }
        let paid_back = match self.status {
            RefundStatus::Succeeded => self.refund.amount,
            _ => 0,
        };
        let bookings = &self.store.bookings;
        let note = RefundNote { paid_back, ..RefundNote::default() };
        bookings.note_refund(session, self.refund.booking, note).await?;
        Ok(tx::Step::Commit(()))
    }
}
