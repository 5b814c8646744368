//! `bookings`: what was sold, and every payment that came to nothing.

use super::{
    Store, StoreError, collect, linearizable_options,
    reservations::{Hold, Settle},
    server_time_limit, time_range, tx, within_deadline,
};
use crate::{
    domain::{
        AppId, BookingId, Currency, Cursor, EntityId, PaymentId, ReservationToken, Timestamp,
        UserId,
    },
    error::Error,
    faults::around,
};
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, doc, oid::ObjectId},
    options::CollectionOptions,
};
use serde::{Deserialize, Serialize};

/// The unique index that keeps a payment to one booking.
pub(crate) const PAYMENT_INDEX: &str = "payment_unique";

/// The unique index that is the last line: a seat is in one confirmed booking.
pub(crate) const SEATS_INDEX: &str = "confirmed_seats_unique";

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PaymentStatus {
    /// Not known yet.
    Pending,
    /// Taken.
    Success,
    /// Declined.
    Failed,
}

/// Where a booking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BookingStatus {
    /// The seats are sold.
    Confirmed,
    /// The payment was declined; nothing is sold.
    Failed,
    /// The payment was taken and nothing is sold: it is to be given back.
    RefundDue,
    /// Given back later.
    Cancelled,
}

/// A booking as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Booking {
    /// What its seats name it by.
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// What people name it by.
    pub booking_id: BookingId,
    /// Who paid.
    pub user_id: ObjectId,
    /// In which tenant.
    pub app_id: AppId,
    /// Of what.
    pub entity_id: EntityId,
    /// Which seats.
    pub seat_ids: Vec<ObjectId>,
    /// The hold that it came from.
    pub reservation_token: ReservationToken,
    /// What became of the payment.
    pub payment_status: PaymentStatus,
    /// The provider's id of it.
    pub payment_id: PaymentId,
    /// In minor units.
    pub amount: i64,
    /// Of the amount.
    pub currency: Currency,
    /// Where it stands.
    pub status: BookingStatus,
    /// When it was made, by the database's clock where it sold something.
    pub booking_date: Timestamp,
    /// The same.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Booking {
    /// What `hold` and `payment` came to, at that time.
    pub(crate) fn from_hold(
        hold: &Hold,
        payment: &PaymentId,
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
            reservation_token: hold.reservation_token,
            payment_status: if status == BookingStatus::Failed {
                PaymentStatus::Failed
            } else {
                PaymentStatus::Success
            },
            payment_id: payment.clone(),
            amount: hold.amount,
            currency: hold.currency.clone(),
            status,
            booking_date: at,
            created_at: at,
            updated_at: at,
        }
    }
}

/// Which bookings the admin asks for.
#[derive(Clone, Debug, Default)]
pub struct BookingFilter {
    /// Of one tenant.
    pub app: Option<AppId>,
    /// Of one user.
    pub user: Option<UserId>,
    /// With that status.
    pub status: Option<BookingStatus>,
    /// With that payment status.
    pub payment_status: Option<PaymentStatus>,
    /// Made at this time or later.
    pub from: Option<Timestamp>,
    /// Made before this time.
    pub to: Option<Timestamp>,
}

/// After which booking a page begins: its date in milliseconds since 1970, and its document's id.
pub type BookingCursor = Cursor<(i64, String)>;

/// Why [`Store::sell`] sold nothing.
#[derive(Debug)]
pub(crate) enum NotSold {
    /// There is no such live hold any more.
    HoldGone,
    /// A seat is sold already, although the hold is live: this cannot happen.
    SeatGone,
    /// The payment has its booking already.
    PaymentUsed,
    /// The hold has its booking already.
    HoldSold,
}

/// The collection.
#[derive(Debug)]
pub struct Bookings {
    bookings: Collection<Booking>,
    majority: Collection<Booking>,
    linearizable: Collection<Booking>,
}

impl Bookings {
    pub(super) fn new(database: &Database, majority: CollectionOptions) -> Self {
        Self {
            bookings: database.collection("bookings"),
            majority: database.collection_with_options("bookings", majority),
            linearizable: database.collection_with_options("bookings", linearizable_options()),
        }
    }

    /// The booking that a hold became, in a majority read.
    pub async fn find_by_hold(&self, hold: &Hold) -> Result<Option<Booking>, StoreError> {
        let filter = doc! {
            "reservationToken": hold.reservation_token.to_string(), "appId": hold.app_id.as_str(), "status": "CONFIRMED",
        };
        within_deadline(self.majority.find_one(filter)).await
    }

    /// Whether that payment was declined for that hold, in a majority read.
    pub async fn was_declined(&self, hold: &Hold, payment: &PaymentId) -> Result<bool, StoreError> {
        let filter = doc! {
            "reservationToken": hold.reservation_token.to_string(), "paymentId": payment.as_str(),
            "appId": hold.app_id.as_str(), "status": "FAILED",
        };
        Ok(within_deadline(self.majority.find_one(filter)).await?.is_some())
    }

    /// What a payment that was taken came to, in a majority read.
    pub async fn find_by_payment(
        &self,
        app: &AppId,
        payment: &PaymentId,
    ) -> Result<Option<Booking>, StoreError> {
        let filter =
            doc! {"appId": app.as_str(), "paymentId": payment.as_str(), "paymentStatus": "SUCCESS"};
        within_deadline(self.majority.find_one(filter)).await
    }

    /// The user's booking with that public id. `None` is proved by a linearizable read: a buyer is
    /// not told on the word of a former primary that his booking does not exist.
    pub async fn find(
        &self,
        app: &AppId,
        user: UserId,
        id: &BookingId,
    ) -> Result<Option<Booking>, StoreError> {
        let filter =
            doc! {"bookingId": id.as_str(), "appId": app.as_str(), "userId": user.object_id()};
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

    /// Up to `limit` of all bookings that the filter lets through, newest first.
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
        // A date, for the index of all bookings is only thought of where its first field is asked
        // for.
        filter.entry("bookingDate").or_insert_with(|| doc! {"$gte": Timestamp::MIN}.into());
        if let Some(Cursor((ms, id))) = after {
            let at = Timestamp::from_millis(ms);
            let id = ObjectId::parse_str(id)
                .map_err(|_| Error::field("cursor", "must be a nextCursor of an earlier answer"))?;
            // The date by itself is what the index is entered by: under the `$or` alone it would be
            // read from its beginning.
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
    /// Sells the seats of a live hold: the hold CONFIRMED, the seats BOOKED, the booking written,
    /// or nothing at all.
    pub(crate) async fn sell(
        &self,
        hold: &Hold,
        payment: &PaymentId,
    ) -> Result<Booking, tx::Failure<NotSold>> {
        name_index_refusal(tx::run(&self.client, &Sale { store: self, hold, payment }).await)
    }

    /// Ends a hold without a sale, and records what its payment came to, in one: a live hold whose
    /// payment was declined is RELEASED, an overdue one whose payment was taken is EXPIRED. With
    /// `settle` `None` the hold has ended already.
    pub(crate) async fn record_payment(
        &self,
        hold: &Hold,
        settle: Option<Settle>,
        payment: &PaymentId,
        status: BookingStatus,
    ) -> Result<Booking, tx::Failure<NotSold>> {
        name_index_refusal(
            tx::run(&self.client, &PaymentRecord { store: self, hold, settle, payment, status })
                .await,
        )
    }
}

struct Sale<'a> {
    store: &'a Store,
    hold: &'a Hold,
    payment: &'a PaymentId,
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
            Booking::from_hold(&held, self.payment, BookingStatus::Confirmed, held.updated_at);
        let buyer = UserId::from(held.user_id);
        if !self.store.seats.book(session, &held.app_id, &held.seat_ids, buyer, booking.id).await? {
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
    payment: &'a PaymentId,
    status: BookingStatus,
}

impl tx::Body for PaymentRecord<'_> {
    type Value = Booking;
    type Reason = NotSold;

    async fn run(&self, session: &mut ClientSession) -> Outcome {
        let mut at = Timestamp::now();
        if let Some(settle) = self.settle {
            match self.store.reservations.settle(session, self.hold, settle).await? {
                Some(ended) => at = ended.updated_at,
                None => return Ok(tx::Step::Abort(NotSold::HoldGone)),
            }
        }
        let booking = Booking::from_hold(self.hold, self.payment, self.status, at);
        self.store.bookings.insert(session, &booking).await?;
        Ok(tx::Step::Commit(booking))
    }
}

type Outcome = Result<tx::Step<Booking, NotSold>, mongodb::error::Error>;

/// Tells a refusal by a unique index from other failures.
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

/// The word that a status is stored as.
fn stored_name(status: &impl Serialize) -> mongodb::bson::Bson {
    mongodb::bson::serialize_to_bson(status).unwrap_or_default()
}
