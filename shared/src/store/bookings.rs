//! The collection `bookings`: sales, declined payments and payments to refund.

use super::{
    StoreError,
    cancellations::{Cancellation, CancellationTerms},
    collect,
    disputes::{Dispute, DisputeStatus},
    entity_cancels::CANCELLED_INDEX,
    held_seats::HeldSeat,
    history::{HistoryEntry, appended},
    linearizable_options,
    outbox::{StoredEvent, Subscriptions},
    refunds::Refund,
    reservations::Hold,
    server_time_limit, within_deadline,
};
use crate::{
    domain::{
        AppId, BookingId, Currency, EntityId, PaymentId, PaymentProvider, ReservationToken,
        Timestamp, UserId,
    },
    faults::around,
};
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, doc, oid::ObjectId},
    options::{CollectionOptions, Hint, ReturnDocument},
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

pub use super::booking_status::{BookingStatus, PaymentStatus, Stored};

/// The unique index that allows a payment in one booking only.
pub(crate) const PAYMENT_INDEX: &str = "payment_unique";

/// The unique index that allows a seat in one confirmed booking only. It is the last guard against
/// selling a seat twice.
pub(crate) const SEATS_INDEX: &str = "confirmed_seats_unique";

/// A document of the collection `bookings`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Booking {
    /// The document's id, which seats refer to as `bookingId`.
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// The id that clients see.
    pub booking_id: BookingId,
    pub user_id: ObjectId,
    pub app_id: AppId,
    pub entity_id: EntityId,
    pub seat_ids: Vec<ObjectId>,
    /// The seats with their prices. Empty on bookings of earlier versions:
    /// [`fill_seats`](super::Store::fill_seats) fills them in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<HeldSeat>,
    pub reservation_token: ReservationToken,
    pub payment_status: Stored<PaymentStatus>,
    #[serde(deserialize_with = "PaymentId::stored")]
    pub payment_id: PaymentId,
    /// Who took the payment. Absent if nothing was paid, and on bookings of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Stored<PaymentProvider>>,
    /// The app's account at the provider. Refunds go through it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<ObjectId>,
    /// What about the payment differed from the hold, if that is why it is refunded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mismatch: Option<String>,
    /// In the currency's minor unit.
    pub amount: i64,
    pub currency: Currency,
    pub status: Stored<BookingStatus>,
    /// Rises with every cancellation and every change of its refunds.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub version: i64,
    /// On what terms its buyer may cancel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<CancellationTerms>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancellations: Vec<Cancellation>,
    /// What admins did to it and its refunds, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryEntry>,
    /// Disputes of its payment, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<Dispute>,
    /// What was paid back, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub refunded: i64,
    /// What the provider had given back of the payment before this was recorded, in the currency's
    /// minor unit. It is no part of `amount`, so those refunds are not recorded.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub returned_before: i64,
    /// Its refunds, which have documents of their own:
    /// [`fill_refunds`](super::Store::fill_refunds) fills them in.
    #[serde(skip)]
    pub refunds: Vec<Refund>,
    /// When it was made. A sale uses the database's clock.
    pub booking_date: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Only to insert them. The relay reads and removes them.
    #[serde(skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    pub(super) events: Vec<StoredEvent>,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(super) unsent: Option<bool>,
}

impl Booking {
    /// What the provider took, in the currency's minor unit.
    pub(crate) fn paid_amount(&self) -> i64 {
        if self.payment_status == PaymentStatus::Success { self.amount } else { 0 }
    }

    /// Whether somebody disputes its payment, or has won. Such a payment is not refunded.
    pub(crate) fn is_disputed(&self) -> bool {
        self.disputes.iter().any(|dispute| dispute.status != DisputeStatus::Won)
    }

    /// Whether this refund is what the buyer got back through a dispute.
    pub(super) fn is_of_dispute(&self, refund: &Refund) -> bool {
        let id = refund.provider_id.as_ref();
        self.disputes.iter().any(|dispute| Some(&dispute.dispute_id) == id)
    }

    /// Whether it may have refunds. Most bookings never change, so their refunds are not read.
    pub(super) fn may_have_refunds(&self) -> bool {
        self.version > 0 || self.status == BookingStatus::RefundDue
    }
}

/// What changes in a booking when its refunds change.
#[derive(Debug, Default)]
pub(super) struct RefundNote {
    /// Added to what was paid back.
    pub paid_back: i64,
    /// A new entry of the booking's history.
    pub entry: Option<Document>,
    /// All its disputes, if they have changed.
    pub disputes: Option<Vec<Document>>,
}

/// Reads and writes the collection `bookings`.
#[derive(Debug)]
pub struct Bookings {
    bookings: Collection<Booking>,
    majority: Collection<Booking>,
    linearizable: Collection<Booking>,
    pub(super) subscriptions: Arc<Subscriptions>,
}

impl Bookings {
    pub(super) fn new(
        database: &Database,
        subscriptions: Arc<Subscriptions>,
        majority: CollectionOptions,
    ) -> Self {
        Self {
            subscriptions,
            bookings: database.collection("bookings"),
            majority: database.collection_with_options("bookings", majority),
            linearizable: database.collection_with_options("bookings", linearizable_options()),
        }
    }

    /// The confirmed booking of a hold. A majority read.
    pub(crate) async fn find_by_hold(&self, hold: &Hold) -> Result<Option<Booking>, StoreError> {
        let filter = doc! {
            "reservationToken": hold.reservation_token.to_string(),
            "appId": hold.app_id.as_str(), "status": "CONFIRMED",
        };
        within_deadline(self.majority.find_one(filter)).await
    }

    /// Whether this payment was declined for this hold. A majority read.
    pub(crate) async fn was_declined(
        &self,
        hold: &Hold,
        payment: &PaymentId,
    ) -> Result<bool, StoreError> {
        let filter = doc! {
            "reservationToken": hold.reservation_token.to_string(), "paymentId": payment.as_str(),
            "appId": hold.app_id.as_str(), "status": "FAILED",
        };
        Ok(within_deadline(self.majority.find_one(filter)).await?.is_some())
    }

    /// The ids that clients see, by the documents' ids.
    pub(super) async fn public_ids(
        &self,
        app: &AppId,
        ids: &[ObjectId],
    ) -> Result<HashMap<ObjectId, BookingId>, StoreError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Row {
            #[serde(rename = "_id")]
            id: ObjectId,
            booking_id: BookingId,
        }
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self.bookings.clone_with_type::<Row>();
        let filter = doc! {"_id": {"$in": ids}, "appId": app.as_str()};
        let found = collect(rows.find(filter).projection(doc! {"bookingId": 1})).await?;
        Ok(found.into_iter().map(|row| (row.id, row.booking_id)).collect())
    }

    /// The booking of a payment that was taken. A majority read.
    pub(crate) async fn find_by_payment(
        &self,
        app: &AppId,
        payment: &PaymentId,
    ) -> Result<Option<Booking>, StoreError> {
        let filter =
            doc! {"appId": app.as_str(), "paymentId": payment.as_str(), "paymentStatus": "SUCCESS"};
        within_deadline(self.majority.find_one(filter)).await
    }

    /// The booking with this document's id. A majority read.
    pub(crate) async fn find_document(
        &self,
        app: &AppId,
        id: ObjectId,
    ) -> Result<Option<Booking>, StoreError> {
        let filter = doc! {"_id": id, "appId": app.as_str()};
        within_deadline(self.majority.find_one(filter)).await
    }

    /// How many bookings were cancelled with their entity.
    pub(super) async fn count_cancelled_of(
        &self,
        app: &AppId,
        entity: &EntityId,
    ) -> Result<i64, StoreError> {
        let filter = doc! {
            "entityCancelled": true, "appId": app.as_str(), "entityId": entity.as_str(),
        };
        let count = self.majority.count_documents(filter);
        let count = count.hint(Hint::Name(CANCELLED_INDEX.to_owned()));
        Ok(within_deadline(count).await? as i64)
    }

    /// The user's booking with this public id.
    ///
    /// `None` comes from a linearizable read: a former primary must not tell a buyer that the
    /// booking does not exist.
    pub async fn find(
        &self,
        app: &AppId,
        user: UserId,
        id: &BookingId,
    ) -> Result<Option<Booking>, StoreError> {
        self.find_one(
            doc! {"bookingId": id.as_str(), "appId": app.as_str(), "userId": user.object_id()},
        )
        .await
    }

    /// The booking with this public id. Without `app`, it may be of any app. `None` as in
    /// [`find`](Self::find).
    pub(crate) async fn find_for_admin(
        &self,
        app: Option<&AppId>,
        id: &BookingId,
    ) -> Result<Option<Booking>, StoreError> {
        let mut filter = doc! {"bookingId": id.as_str()};
        filter.extend(app.map(|app| ("appId".to_owned(), app.as_str().into())));
        self.find_one(filter).await
    }

    async fn find_one(&self, filter: Document) -> Result<Option<Booking>, StoreError> {
        match within_deadline(self.majority.find_one(filter.clone())).await? {
            None => {
                within_deadline(self.linearizable.find_one(filter).max_time(server_time_limit()))
                    .await
            }
            found => Ok(found),
        }
    }

    pub(super) fn collection(&self) -> &Collection<Booking> {
        &self.bookings
    }

    /// The bookings as a majority has them.
    pub(super) fn majority(&self) -> &Collection<Booking> {
        &self.majority
    }

    /// Inside a transaction: the booking with this document's id.
    pub(super) async fn find_in(
        &self,
        session: &mut ClientSession,
        id: ObjectId,
    ) -> mongodb::error::Result<Option<Booking>> {
        self.bookings.find_one(doc! {"_id": id}).session(session).await
    }

    /// Inside a transaction: notes a change of a booking's refunds, whatever its version is, and
    /// adds to what was paid back and to the history.
    pub(super) async fn note_refund(
        &self,
        session: &mut ClientSession,
        id: ObjectId,
        note: RefundNote,
    ) -> mongodb::error::Result<Option<Booking>> {
        let plus = |field: &str, more: i64| {
            doc! {"$add": [{"$ifNull": [format!("${field}"), 0_i64]}, more]}
        };
        let mut set = doc! {"version": plus("version", 1), "updatedAt": "$$NOW"};
        if note.paid_back != 0 {
            set.insert("refunded", plus("refunded", note.paid_back));
        }
        set.extend(note.disputes.map(|all| ("disputes".to_owned(), doc! {"$literal": all}.into())));
        set.extend(
            note.entry.map(|entry| ("history".to_owned(), appended("history", entry).into())),
        );
        let update = self.bookings.find_one_and_update(doc! {"_id": id}, vec![doc! {"$set": set}]);
        let update = update.return_document(ReturnDocument::After).session(session);
        around("bookings.update", update).await
    }
}
