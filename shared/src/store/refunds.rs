//! The collection `refunds`: money that goes back to buyers. A row is on record before its provider
//! is asked, and its id is the provider's idempotency key.

use super::{
    Store, StoreError,
    booking_status::Stored,
    bookings::Booking,
    cancellations::CancelledBy,
    collect,
    outbox::{StoredEvent, Subscriptions},
    paging::{Position, narrow, newest_first, stored_name},
    time_range, within_deadline,
};
use crate::{
    domain::{
        AppId, BookingId, Currency, EntityId, EventType, PaymentId, PaymentProvider,
        ReservationToken, Timestamp,
    },
    error::Error,
    faults::around,
    payment::ProviderRefund,
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

/// The state of a refund. `PENDING`: on record. `SUBMITTED`: the provider was asked. `SUCCEEDED`:
/// paid. `FAILED`: not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RefundStatus {
    Pending,
    Submitted,
    Succeeded,
    Failed,
}

/// Who made a refund. `API`: this service. `PROVIDER`: somebody at the provider, or a buyer
/// who won a dispute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RefundSource {
    #[default]
    Api,
    Provider,
}

/// A document of the collection `refunds`.
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
    /// Who took the payment. Absent: an earlier version recorded it, which
    /// knew only the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Stored<PaymentProvider>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<ObjectId>,
    /// In the currency's minor unit.
    pub amount: i64,
    pub currency: Currency,
    pub status: Stored<RefundStatus>,
    /// Absent: we made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Stored<RefundSource>>,
    /// The provider's id of a refund that we did not make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
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
    /// The refund that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// Set if an admin has paid it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Only to insert them. The relay reads and removes them.
    #[serde(skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    pub(super) events: Vec<StoredEvent>,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(super) unsent: Option<bool>,
}

impl Refund {
    /// The id that clients and the provider see, by the document's id.
    pub(crate) fn public_id(id: ObjectId) -> String {
        format!("RF-{}", id.to_hex())
    }

    /// A refund of a booking's payment that is to be made.
    pub(crate) fn new(id: ObjectId, booking: &Booking, amount: i64, at: Timestamp) -> Self {
        Self {
            id,
            refund_id: Self::public_id(id),
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
            source: None,
            provider_id: None,
            ask_at: Some(at),
            asked: 0,
            retried_by: None,
            version: 0,
            cancelled_entity: None,
            retry_of: None,
            settled: None,
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

    /// Sets the entity on a refund whose booking was cancelled with its entity.
    pub(super) fn of_cancelled_entity(self, by: CancelledBy, booking: &Booking) -> Self {
        let cancelled_entity = (by == CancelledBy::Entity).then(|| booking.entity_id.clone());
        Self { cancelled_entity, ..self }
    }

    /// Whether this is the refund that a provider lists.
    pub(crate) fn matches_report(&self, listed: &ProviderRefund) -> bool {
        match &self.provider_id {
            Some(id) => *id == listed.provider_id,
            None => listed.refund_id.as_ref() == Some(&self.refund_id),
        }
    }

    /// How long it was on record when it last changed.
    pub(crate) fn age(&self) -> Duration {
        let age = self.updated_at.as_millis() - self.created_at.as_millis();
        Duration::from_millis(u64::try_from(age).unwrap_or(0))
    }

    /// Whether its money was paid back, or will be.
    pub(crate) fn is_paid_or_due(&self) -> bool {
        self.status != RefundStatus::Failed
    }
}

/// The record that an admin has paid a refund by hand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settled {
    pub at: Timestamp,
    /// `admin`, or the id of a secret key.
    pub actor: String,
    pub note: String,
}

/// Which refunds an admin wants to see. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct RefundFilter {
    pub app: Option<AppId>,
    pub booking: Option<BookingId>,
    pub status: Option<RefundStatus>,
    /// The earliest time, inclusive.
    pub from: Option<Timestamp>,
    /// The latest time, exclusive.
    pub to: Option<Timestamp>,
}

/// A page begins after this refund: when it was put on record, in milliseconds since 1970,
/// and its document's id.
pub type RefundCursor = Position;

/// Reads and writes the collection `refunds`.
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

    pub(super) fn collection(&self) -> &Collection<Refund> {
        &self.refunds
    }

    /// The refund with this id. Without `app`, it may be of any app. A majority read.
    pub(crate) async fn find(
        &self,
        app: Option<&AppId>,
        refund_id: &str,
    ) -> Result<Option<Refund>, StoreError> {
        let mut filter = doc! {"refundId": refund_id};
        filter.extend(app.map(|app| ("appId".to_owned(), app.as_str().into())));
        within_deadline(self.majority.find_one(filter)).await
    }

    /// The refunds of bookings, by the bookings' document ids, oldest first. A majority read.
    async fn of_bookings(&self, bookings: &[ObjectId]) -> Result<Vec<Refund>, StoreError> {
        let mut refunds = collect(self.majority.find(doc! {"booking": {"$in": bookings}})).await?;
        refunds.sort_by_key(|refund| (refund.created_at, refund.id));
        Ok(refunds)
    }

    /// Up to `limit` of the refunds that match the filter, newest first. A majority read.
    pub async fn page(
        &self,
        filter: RefundFilter,
        after: Option<RefundCursor>,
        limit: i64,
    ) -> Result<(Vec<Refund>, Option<RefundCursor>), Error> {
        let mut query = Document::new();
        narrow(
            &mut query,
            [
                ("appId", filter.app.map(|app| app.as_str().into())),
                ("bookingId", filter.booking.map(|booking| booking.as_str().into())),
                ("status", filter.status.map(|status| stored_name(&status))),
                ("createdAt", time_range(filter.from, filter.to).map(Into::into)),
            ],
        );
        let position = |refund: &Refund| (refund.created_at, refund.id);
        newest_first(&self.majority, query, "createdAt", after, limit, position).await
    }

    /// Inside a transaction: changes a refund that has FAILED and was not retried. `None`: there
    /// is none (any more).
    pub(super) async fn change_failed(
        &self,
        session: &mut ClientSession,
        id: ObjectId,
        set: Document,
    ) -> mongodb::error::Result<Option<Refund>> {
        let filter = doc! {"_id": id, "status": "FAILED", "retriedBy": null};
        let update = self.refunds.find_one_and_update(filter, vec![doc! {"$set": set}]);
        let update = update.return_document(ReturnDocument::After).session(session);
        around("refunds.change_failed", update).await
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
}

impl Store {
    /// The refunds of a booking, oldest first.
    pub(crate) async fn refunds_of(&self, booking: ObjectId) -> Result<Vec<Refund>, StoreError> {
        self.refunds.of_bookings(&[booking]).await
    }

    /// Adds to bookings what other documents hold: refunds, and the seats of bookings of earlier
    /// versions.
    pub async fn fill_seats_and_refunds(&self, bookings: &mut [Booking]) -> Result<(), StoreError> {
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
        for refund in self.refunds.of_bookings(&ids).await? {
            by_booking.entry(refund.booking).or_default().push(refund);
        }
        for booking in bookings {
            booking.refunds = by_booking.remove(&booking.id).unwrap_or_default();
        }
        Ok(())
    }
}
