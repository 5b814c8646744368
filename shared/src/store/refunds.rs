//! The collection `refunds`: money that goes back to buyers. A row is on record before its provider
//! is asked, and its id is the provider's idempotency key.

use super::{
    Store, StoreError,
    booking_status::Stored,
    bookings::Booking,
    cancellations::CancelledBy,
    collect,
    outbox::{StoredEvent, Subscriptions},
    tx, within_deadline,
};
use crate::{
    domain::{
        AppId, BookingId, Currency, EntityId, EventType, PaymentId, PaymentProvider,
        ReservationToken, Timestamp,
    },
    faults::around,
};
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, doc, oid::ObjectId},
    options::{CollectionOptions, Hint, ReturnDocument},
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, time::Duration};

/// The index of refunds of bookings that were cancelled with their entity.
pub(super) const FAILED_INDEX: &str = "appId_cancelledEntity_status";
/// The index of refunds that are not paid yet.
const OPEN_INDEX: &str = "open_askAt";

/// How far a refund is. `PENDING`: on record. `SUBMITTED`: the provider was asked. `SUCCEEDED`: paid.
/// `FAILED`: not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RefundStatus {
    Pending,
    Submitted,
    Succeeded,
    Failed,
}

/// A refund as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// The id that clients and the provider see.
    pub refund_id: String,
    pub app_id: AppId,
    /// The document's id of the booking.
    pub booking: ObjectId,
    /// The booking's id that clients see.
    pub booking_id: BookingId,
    pub reservation_token: ReservationToken,
    #[serde(deserialize_with = "PaymentId::stored")]
    pub payment_id: PaymentId,
    /// Who took the payment. Absent: an earlier version recorded it, and the app's current account
    /// pays it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Stored<PaymentProvider>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<ObjectId>,
    /// In the currency's minor unit.
    pub amount: i64,
    pub currency: Currency,
    pub status: Stored<RefundStatus>,
    /// When to ask the provider next. Absent when there is nothing to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_at: Option<Timestamp>,
    /// How often the provider was asked.
    #[serde(default)]
    pub asked: i64,
    /// The refund that replaced this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retried_by: Option<String>,
    /// Rises with every event about it.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub version: i64,
    /// The entity, if the booking was cancelled with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_entity: Option<EntityId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Only to insert them. The relay reads and removes them.
    #[serde(skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    events: Vec<StoredEvent>,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    unsent: Option<bool>,
}

impl Refund {
    /// A refund of a booking's payment that is to be made.
    pub(crate) fn new(id: ObjectId, booking: &Booking, amount: i64, at: Timestamp) -> Self {
        Self {
            id,
            refund_id: format!("RF-{}", id.to_hex()),
            app_id: booking.app_id.clone(),
            booking: booking.id,
            booking_id: booking.booking_id.clone(),
            reservation_token: booking.reservation_token,
            payment_id: booking.payment_id.clone(),
            provider: booking.provider.clone(),
            account: booking.account,
            amount,
            currency: booking.currency.clone(),
            status: Stored::Known(RefundStatus::Pending),
            ask_at: Some(at),
            asked: 0,
            retried_by: None,
            version: 0,
            cancelled_entity: None,
            created_at: at,
            updated_at: at,
            events: Vec::new(),
            unsent: None,
        }
    }

    /// The refund to insert, with the event of its change if an endpoint wants it.
    pub(super) fn with_event(mut self, subscriptions: &Subscriptions, event: EventType) -> Self {
        if subscriptions.wants(&self.app_id, event) {
            self.events.push(StoredEvent::of_new(self.id, event, self.updated_at));
            self.unsent = Some(true);
        }
        self
    }

    /// The refund of a booking that was cancelled with its entity has the entity.
    pub(super) fn of_cancelled_entity(self, by: CancelledBy, booking: &Booking) -> Self {
        let cancelled_entity = (by == CancelledBy::Entity).then(|| booking.entity_id.clone());
        Self { cancelled_entity, ..self }
    }

    /// Whether its money is gone or will go.
    pub(crate) fn counts(&self) -> bool {
        self.status != RefundStatus::Failed
    }
}

/// Access to the collection.
#[derive(Debug)]
pub struct Refunds {
    refunds: Collection<Refund>,
    majority: Collection<Refund>,
}

impl Refunds {
    pub(super) fn new(database: &Database, majority: CollectionOptions) -> Self {
        Self {
            refunds: database.collection("refunds"),
            majority: database.collection_with_options("refunds", majority),
        }
    }

    /// The refunds of bookings, by the bookings' document ids, oldest first. A majority read.
    async fn of(&self, bookings: &[ObjectId]) -> Result<Vec<Refund>, StoreError> {
        let mut refunds = collect(self.majority.find(doc! {"booking": {"$in": bookings}})).await?;
        refunds.sort_by_key(|refund| (refund.created_at, refund.id));
        Ok(refunds)
    }

    /// Inside a transaction: the refunds of a booking.
    pub(super) async fn of_in(
        &self,
        session: &mut ClientSession,
        booking: ObjectId,
    ) -> mongodb::error::Result<Vec<Refund>> {
        use futures_util::TryStreamExt as _;
        let mut cursor =
            self.refunds.find(doc! {"booking": booking}).session(&mut *session).await?;
        cursor.stream(session).try_collect().await
    }

    /// Inside a transaction: puts a refund on record.
    pub(super) async fn insert(
        &self,
        session: &mut ClientSession,
        refund: &Refund,
    ) -> mongodb::error::Result<()> {
        around("refunds.insert", self.refunds.insert_one(refund).session(session)).await.map(|_| ())
    }

    /// Takes a refund that is due to be asked about, and keeps it from others for `lease`. The
    /// refund is SUBMITTED before its provider is asked. `only`: this one.
    pub(crate) async fn take(
        &self,
        only: Option<ObjectId>,
        lease: Duration,
    ) -> Result<Option<Refund>, StoreError> {
        let mut filter = doc! {
            "status": {"$in": ["PENDING", "SUBMITTED"]}, "$expr": {"$lte": ["$askAt", "$$NOW"]},
        };
        filter.extend(only.map(|id| ("_id".to_owned(), id.into())));
        let later = doc! {"$add": ["$$NOW", lease.as_millis() as i64]};
        let update = vec![doc! {"$set": {
            "status": "SUBMITTED", "askAt": later, "asked": {"$add": ["$asked", 1_i64]},
            "updatedAt": "$$NOW",
        }}];
        let mut take = self.refunds.find_one_and_update(filter, update);
        if only.is_none() {
            take = take.hint(Hint::Name(OPEN_INDEX.to_owned()));
        }
        let take = take.return_document(ReturnDocument::After);
        around("refunds.take", within_deadline(take)).await
    }

    /// How many refunds of a cancelled entity's bookings have failed, and were neither made again
    /// nor paid by hand.
    pub(super) async fn count_failed_of(
        &self,
        app: &AppId,
        entity: &EntityId,
    ) -> Result<i64, StoreError> {
        let filter = doc! {
            "appId": app.as_str(), "cancelledEntity": entity.as_str(), "status": "FAILED",
            "retriedBy": null,
        };
        let count = self.majority.count_documents(filter);
        let count = count.hint(Hint::Name(FAILED_INDEX.to_owned()));
        Ok(within_deadline(count).await? as i64)
    }

    /// Asks again after `pause`.
    pub(crate) async fn ask_later(&self, id: ObjectId, pause: Duration) -> Result<(), StoreError> {
        let later = doc! {"$add": ["$$NOW", pause.as_millis() as i64]};
        let update = vec![doc! {"$set": {"askAt": later, "updatedAt": "$$NOW"}}];
        let filter = doc! {"_id": id, "status": "SUBMITTED"};
        within_deadline(self.refunds.update_one(filter, update)).await.map(|_| ())
    }

    /// Asks again within seconds, as if the provider had not been asked: it had too many requests.
    pub(crate) async fn ask_soon(&self, id: ObjectId) -> Result<(), StoreError> {
        // Spread, so that not all come back at once.
        let pause = doc! {"$add": [1_000_i64, {"$toLong": {"$multiply": [{"$rand": {}}, 4_000]}}]};
        let update = vec![doc! {"$set": {
            "askAt": {"$add": ["$$NOW", pause]}, "asked": {"$subtract": ["$asked", 1_i64]},
            "updatedAt": "$$NOW",
        }}];
        let filter = doc! {"_id": id, "status": "SUBMITTED"};
        within_deadline(self.refunds.update_one(filter, update)).await.map(|_| ())
    }
}

impl Store {
    /// The refunds of a booking, oldest first.
    pub(crate) async fn refunds_of(&self, booking: ObjectId) -> Result<Vec<Refund>, StoreError> {
        self.refunds.of(&[booking]).await
    }

    /// Adds to bookings what other documents have: seats of those of earlier versions, and refunds.
    pub async fn complete(&self, bookings: &mut [Booking]) -> Result<(), StoreError> {
        self.fill_seats(bookings).await?;
        self.fill_refunds(bookings).await
    }

    /// Adds their refunds to bookings that may have some.
    pub(crate) async fn fill_refunds(&self, bookings: &mut [Booking]) -> Result<(), StoreError> {
        let with_refunds = bookings.iter().filter(|booking| booking.may_have_refunds());
        let ids: Vec<ObjectId> = with_refunds.map(|booking| booking.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut by_booking: HashMap<ObjectId, Vec<Refund>> = HashMap::new();
        for refund in self.refunds.of(&ids).await? {
            by_booking.entry(refund.booking).or_default().push(refund);
        }
        for booking in bookings {
            booking.refunds = by_booking.remove(&booking.id).unwrap_or_default();
        }
        Ok(())
    }

    /// Records that a provider has paid a refund, or will not. Repeating the call is safe.
    pub(crate) async fn settle_refund(
        &self,
        refund: &Refund,
        status: RefundStatus,
    ) -> Result<(), tx::Failure<()>> {
        tx::run(self, &Settlement { store: self, refund, status }).await
    }
}

impl Store {
    /// The fields that record a change of a refund.
    fn refund_event(&self, app: &AppId, event: EventType) -> Document {
        if !self.subscriptions.wants(app, event) {
            return Document::new();
        }
        let version = doc! {"$add": [{"$ifNull": ["$version", 0_i64]}, 1_i64]};
        // A refund's type tells its status, and nothing else about it changes.
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
        let (name, from, event) = match self.status {
            RefundStatus::Succeeded => ("SUCCEEDED", "SUBMITTED", EventType::RefundSucceeded),
            _ => ("FAILED", "SUBMITTED", EventType::RefundFailed),
        };
        let filter = doc! {"_id": self.refund.id, "status": from};
        let mut set = doc! {"status": name, "updatedAt": "$$NOW"};
        set.extend(self.store.refund_event(&self.refund.app_id, event));
        let update = vec![doc! {"$set": set}, doc! {"$unset": "askAt"}];
        let refunds = &self.store.refunds.refunds;
        let update = refunds.update_one(filter, update).session(&mut *session);
        if around("refunds.settle", update).await?.matched_count == 0 {
            return Ok(tx::Step::Abort(()));
        }
        let change: Document = match self.status {
            RefundStatus::Succeeded => {
                doc! {"$inc": {"version": 1_i64, "refunded": self.refund.amount}}
            }
            _ => doc! {"$inc": {"version": 1_i64}},
        };
        self.store.bookings.update_in(session, self.refund.booking, change).await?;
        Ok(tx::Step::Commit(()))
    }
}
