//! The collection `bookings`: sales, declined payments and payments to refund.

use super::{
    Store, StoreError,
    cancellations::{Cancellation, Terms},
    collect,
    disputes::{Dispute, DisputeStatus},
    entity_cancels::CANCELLED_INDEX,
    held_seats::HeldSeat,
    history::{HistoryEntry, appended},
    linearizable_options,
    outbox::{StoredEvent, Subscriptions},
    refunds::Refund,
    reservations::{Hold, Settle},
    server_time_limit, time_range, tx, within_deadline,
};
use crate::{
    domain::{
        AppId, BookingId, Currency, Cursor, EntityId, EventType, PaymentId, PaymentProvider,
        ReservationToken, Timestamp, UserId,
    },
    error::Error,
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

/// A booking as stored.
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
    /// What about the payment differed from the hold, if that is why it is due back.
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
    pub terms: Option<Terms>,
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
    /// The outcome of paying for `hold` with `payment`.
    pub(crate) fn from_hold(
        hold: &Hold,
        payment: &Payment,
        status: BookingStatus,
        at: Timestamp,
    ) -> Self {
        Self {
            id: ObjectId::new(),
            booking_id: BookingId::generate(at),
            user_id: hold.user_id,
            app_id: hold.app_id.clone(),
            entity_id: hold.entity_id.clone(),
            seat_ids: hold.seat_ids.clone(),
            seats: hold.seats.clone(),
            reservation_token: hold.reservation_token,
            payment_status: Stored::Known(if status == BookingStatus::Failed {
                PaymentStatus::Failed
            } else {
                PaymentStatus::Success
            }),
            payment_id: payment.id.clone(),
            provider: payment.provider.map(Stored::Known),
            account: payment.account,
            mismatch: payment.mismatch.map(str::to_owned),
            amount: payment.amount,
            currency: payment.currency.clone(),
            status: Stored::Known(status),
            version: 0,
            terms: hold.terms.clone(),
            cancellations: Vec::new(),
            history: Vec::new(),
            disputes: Vec::new(),
            refunded: 0,
            refunds: Vec::new(),
            booking_date: at,
            created_at: at,
            updated_at: at,
            events: Vec::new(),
            unsent: None,
        }
    }

    /// The booking to insert, with the event of its change if an endpoint wants it.
    fn with_event(mut self, subscriptions: &Subscriptions, event: EventType) -> Self {
        if subscriptions.wants(&self.app_id, event) {
            self.events.push(StoredEvent::of_new(self.id, event, self.updated_at));
            self.unsent = Some(true);
        }
        self
    }
}

impl Booking {
    /// What the provider took, in the currency's minor unit.
    pub fn paid_amount(&self) -> i64 {
        if self.payment_status == PaymentStatus::Success { self.amount } else { 0 }
    }

    /// Whether somebody disputes its payment, or has won. Such a payment is not refunded.
    pub(crate) fn is_disputed(&self) -> bool {
        self.disputes.iter().any(|dispute| dispute.status != DisputeStatus::Won)
    }

    /// Whether it may have refunds. Most bookings never change, and need not be asked about.
    pub(super) fn may_have_refunds(&self) -> bool {
        self.version > 0 || self.status == BookingStatus::RefundDue
    }
}

/// What changes in a booking when its refunds change.
#[derive(Debug, Default)]
pub(super) struct RefundNote {
    /// Added to what was paid back.
    pub paid_back: i64,
    /// For the history.
    pub entry: Option<Document>,
    /// All its disputes, if they have changed.
    pub disputes: Option<Vec<Document>>,
}

/// A payment as a booking records it.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub id: PaymentId,
    /// What was taken, in the currency's minor unit. What would have been taken if it was declined.
    pub amount: i64,
    pub currency: Currency,
    /// `None` if nothing had to be paid.
    pub provider: Option<PaymentProvider>,
    pub account: Option<ObjectId>,
    pub mismatch: Option<&'static str>,
}

/// Which bookings the admin wants to see. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct BookingFilter {
    pub app: Option<AppId>,
    pub booking: Option<BookingId>,
    pub payment: Option<PaymentId>,
    pub entity: Option<EntityId>,
    /// Any of these seats.
    pub seats: Option<Vec<ObjectId>>,
    pub user: Option<UserId>,
    pub status: Option<BookingStatus>,
    pub payment_status: Option<PaymentStatus>,
    /// The earliest time, inclusive.
    pub from: Option<Timestamp>,
    /// The latest time, exclusive.
    pub to: Option<Timestamp>,
}

/// A page begins after this booking: its date in milliseconds since 1970 and its document's id.
pub type BookingCursor = Cursor<(i64, String)>;

/// Why [`Store::sell`] sold nothing.
#[derive(Debug)]
pub(crate) enum NotSold {
    /// The hold is not live any more.
    HoldGone,
    /// A seat is already sold although the hold is live. This should be impossible.
    SeatGone,
    /// The payment already has a booking.
    PaymentUsed,
    /// The hold already has a booking.
    HoldSold,
}

/// Access to the collection.
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
            "reservationToken": hold.reservation_token.to_string(), "appId": hold.app_id.as_str(), "status": "CONFIRMED",
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
    pub(super) async fn find_document(
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

    /// The booking with this public id: of any app, or of this one. `None` as in
    /// [`find`](Self::find).
    pub async fn find_for_admin(
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

    /// Up to `limit` of the user's bookings in the app, newest first.
    pub async fn list_for_user(
        &self,
        app: &AppId,
        user: UserId,
        after: Option<BookingCursor>,
        limit: i64,
    ) -> Result<(Vec<Booking>, Option<BookingCursor>), Error> {
        self.page(doc! {"userId": user.object_id(), "appId": app.as_str()}, after, limit).await
    }

    /// Up to `limit` of the bookings that match the filter, newest first.
    pub async fn list_all(
        &self,
        filter: BookingFilter,
        after: Option<BookingCursor>,
        limit: i64,
    ) -> Result<(Vec<Booking>, Option<BookingCursor>), Error> {
        let mut query = Document::new();
        let mut equal = |name: &str, value: Option<mongodb::bson::Bson>| {
            query.extend(value.map(|value| (name.to_owned(), value)));
        };
        equal("appId", filter.app.map(|app| app.as_str().into()));
        equal("bookingId", filter.booking.map(|booking| booking.as_str().into()));
        equal("paymentId", filter.payment.map(|payment| payment.as_str().into()));
        equal("entityId", filter.entity.map(|entity| entity.as_str().into()));
        equal("seatIds", filter.seats.map(|seats| doc! {"$in": seats}.into()));
        equal("userId", filter.user.map(|user| user.object_id().into()));
        equal("status", filter.status.map(|status| stored_name(&status)));
        equal("paymentStatus", filter.payment_status.map(|status| stored_name(&status)));
        equal("bookingDate", time_range(filter.from, filter.to).map(Into::into));
        self.page(query, after, limit).await
    }

    async fn page(
        &self,
        mut filter: Document,
        after: Option<BookingCursor>,
        limit: i64,
    ) -> Result<(Vec<Booking>, Option<BookingCursor>), Error> {
        // MongoDB considers the index on dates only if the query has a condition on the date.
        filter.entry("bookingDate").or_insert_with(|| doc! {"$gte": Timestamp::MIN}.into());
        if let Some(Cursor((ms, id))) = after {
            let at = Timestamp::from_millis(ms);
            let id = ObjectId::parse_str(id).map_err(|_| {
                Error::field("cursor", "must be the nextCursor of an earlier response")
            })?;
            // The condition on the date alone is the bound of the index scan. With only the `$or`,
            // MongoDB would scan the index from its beginning.
            let older = doc! {
                "bookingDate": {"$lte": at}, "$or": [{"bookingDate": {"$lt": at}}, {"_id": {"$lt": id}}],
            };
            filter = doc! {"$and": [filter, older]};
        }
        let find =
            self.majority.find(filter).sort(doc! {"bookingDate": -1, "_id": -1}).limit(limit + 1);
        let mut page = collect(find).await?;
        let more = page.len() as i64 > limit;
        page.truncate(limit as usize);
        let next = page
            .last()
            .filter(|_| more)
            .map(|last| Cursor((last.booking_date.as_millis(), last.id.to_hex())));
        Ok((page, next))
    }

    pub(super) fn collection(&self) -> &Collection<Booking> {
        &self.bookings
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

    async fn insert(
        &self,
        session: &mut ClientSession,
        booking: &Booking,
    ) -> mongodb::error::Result<()> {
        around("bookings.insert", self.bookings.insert_one(booking).session(session))
            .await
            .map(|_| ())
    }
}

impl Store {
    /// Sells the seats of a live hold in one transaction: the hold becomes CONFIRMED, the seats
    /// BOOKED, and the booking is inserted.
    pub(crate) async fn sell(
        &self,
        hold: &Hold,
        payment: &Payment,
    ) -> Result<Booking, tx::Failure<NotSold>> {
        name_index_refusal(tx::run(self, &Sale { store: self, hold, payment }).await)
    }

    /// Records a payment that bought nothing and what becomes of its hold, in one transaction.
    ///
    /// A live hold whose payment was declined becomes RELEASED, and one that was paid with another
    /// amount stays. An overdue hold whose payment was taken becomes EXPIRED. With `settle` `None` the hold has already ended. The record gets this
    /// `id`, so that its caller recognizes it after a commit without a response.
    pub(crate) async fn record_payment(
        &self,
        hold: &Hold,
        settle: Option<Settle>,
        payment: &Payment,
        status: BookingStatus,
        id: ObjectId,
    ) -> Result<Booking, tx::Failure<NotSold>> {
        let record = PaymentRecord { store: self, hold, settle, payment, status, id };
        name_index_refusal(tx::run(self, &record).await)
    }
}

struct Sale<'a> {
    store: &'a Store,
    hold: &'a Hold,
    payment: &'a Payment,
}

impl tx::Body for Sale<'_> {
    type Value = Booking;
    type Reason = NotSold;

    async fn run(&self, session: &mut ClientSession) -> Outcome {
        let Some(held) =
            self.store.reservations.settle(session, self.hold, Settle::Confirmed).await?
        else {
            return Ok(tx::Step::Abort(NotSold::HoldGone));
        };
        let booking =
            Booking::from_hold(&held, self.payment, BookingStatus::Confirmed, held.updated_at)
                .with_event(&self.store.subscriptions, EventType::BookingConfirmed);
        let buyer = UserId::from(held.user_id);
        if !self
            .store
            .seats
            .mark_booked(session, &held.app_id, &held.seat_ids, buyer, booking.id)
            .await?
        {
            return Ok(tx::Step::Abort(NotSold::SeatGone));
        }
        self.store.bookings.insert(session, &booking).await?;
        Ok(tx::Step::Commit(booking))
    }
}

struct PaymentRecord<'a> {
    store: &'a Store,
    hold: &'a Hold,
    settle: Option<Settle>,
    payment: &'a Payment,
    status: BookingStatus,
    id: ObjectId,
}

impl tx::Body for PaymentRecord<'_> {
    type Value = Booking;
    type Reason = NotSold;

    async fn run(&self, session: &mut ClientSession) -> Outcome {
        // A function's clock may be wrong, and a refund that is due in an hour waits for an hour.
        let mut at = self.hold.as_of();
        if let Some(settle) = self.settle {
            match self.store.reservations.settle(session, self.hold, settle).await? {
                Some(ended) => at = ended.updated_at,
                None => return Ok(tx::Step::Abort(NotSold::HoldGone)),
            }
        }
        let booking = Booking::from_hold(self.hold, self.payment, self.status, at);
        let mut booking = Booking { id: self.id, ..booking };
        if self.status == BookingStatus::Failed {
            booking = booking.with_event(&self.store.subscriptions, EventType::PaymentFailed);
        }
        self.store.bookings.insert(session, &booking).await?;
        if self.status == BookingStatus::RefundDue && booking.amount > 0 {
            // It has the record's id, so there is only one.
            let refund = Refund::new(self.id, &booking, booking.amount, at)
                .with_event(&self.store.subscriptions, EventType::RefundDue);
            self.store.refunds.insert(session, &refund).await?;
        }
        Ok(tx::Step::Commit(booking))
    }
}

type Outcome = Result<tx::Step<Booking, NotSold>, mongodb::error::Error>;

/// Turns a refusal by a unique index into the reason why nothing was sold.
fn name_index_refusal<T>(
    result: Result<T, tx::Failure<NotSold>>,
) -> Result<T, tx::Failure<NotSold>> {
    match result {
        Err(tx::Failure::Store(error)) => match error.duplicate() {
            Some(PAYMENT_INDEX) => Err(tx::Failure::Aborted(NotSold::PaymentUsed)),
            Some(SEATS_INDEX) => Err(tx::Failure::Aborted(NotSold::SeatGone)),
            Some(_) => Err(tx::Failure::Aborted(NotSold::HoldSold)),
            None => Err(tx::Failure::Store(error)),
        },
        result => result,
    }
}

/// A status as it is stored.
fn stored_name(status: &impl Serialize) -> mongodb::bson::Bson {
    mongodb::bson::serialize_to_bson(status).unwrap_or_default()
}
