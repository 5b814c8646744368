//! The collection `reservations`. A document is one hold on 1 to 10 seats of one entity.
//!
//! A hold has `claimed: true` while it is ACTIVE or CONFIRMED. A unique partial index on `{appId,
//! seatIds}` where `claimed` is true prevents two claimed documents from sharing a seat. Only the
//! database's clock (`$$NOW`) decides whether a hold has expired.

use super::{
    StoreError, after_now,
    cancellations::CancellationTerms,
    held_seats::{Basket, HeldSeat},
    hold_filters::{live_version, state_for_events},
    hold_payments::HoldPayment,
    hold_reads::{CountedHold, ListedHold},
    linearizable_options,
    orphans::Orphans,
    outbox::{StoredEvent, Subscriptions},
    payment_asks::{before_end, is_asked},
    within_deadline,
};
use crate::{
    domain::{AppId, Currency, EntityId, EventType, ReservationToken, Timestamp, UserId},
    faults::around,
};
use mongodb::{
    Collection, Database,
    bson::{Document, doc, oid::ObjectId, serialize_to_bson},
    error::Error as DriverError,
    options::{CollectionOptions, ReturnDocument},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// A write that takes longer may have been repeated.
const SLOW_WRITE: Duration = Duration::from_millis(500);
/// How long a reservation waits for another request's transaction on an overdue hold.
pub(super) const MARK_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HoldStatus {
    /// Live, or overdue and not yet marked.
    Active,
    Expired,
    Confirmed,
    /// Released by the user, or ended because the payment was declined.
    Released,
    /// Every seat of its booking was cancelled.
    Cancelled,
    /// A status of a later version. Such a hold is neither live nor sold.
    #[serde(other)]
    Unknown,
}

/// A hold as stored, with its remaining time by the database's clock.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    pub reservation_token: ReservationToken,
    pub user_id: ObjectId,
    pub app_id: AppId,
    pub entity_id: EntityId,
    /// In the order of the request.
    pub seat_ids: Vec<ObjectId>,
    /// The same seats with their prices. Empty on holds of earlier versions; see
    /// [`fill_seats`](super::Store::fill_seats).
    #[serde(default)]
    pub seats: Vec<HeldSeat>,
    /// Sum of the seats' prices when they were held, in the currency's minor unit.
    pub amount: i64,
    pub currency: Currency,
    pub status: HoldStatus,
    /// Rises with every change of seats, price or payment. A sale is for the version
    /// whose amount was paid.
    #[serde(default)]
    pub version: i64,
    /// Whether the seats are side by side, if they were chosen for the user.
    pub adjacent: Option<bool>,
    /// The idempotency key of the request that made it, if that named no seats.
    pub request_key: Option<String>,
    /// On what terms its buyer may cancel later.
    pub terms: Option<CancellationTerms>,
    /// The payment that was started for it, if any.
    #[serde(default)]
    pub payment: Option<HoldPayment>,
    /// Whether its end was postponed for a payment. That is done once.
    #[serde(default)]
    pub extended: bool,
    pub expires_at: Timestamp,
    /// Decides which of two holds is older.
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Milliseconds left when it was read, by the database's clock. The result of a write
    /// does not have it.
    #[serde(default, rename = "remainingMs")]
    left_ms: Option<i64>,
}

impl Hold {
    /// Milliseconds left when it was read or written, by the database's clock. Zero or negative
    /// if it is overdue.
    pub fn remaining_ms(&self) -> i64 {
        // The result of a write has no time of reading: a retried command returns only the
        // document.
        self.left_ms.unwrap_or_else(|| self.expires_at.as_millis() - self.updated_at.as_millis())
    }

    /// The database's time when it was read or written.
    pub(super) fn as_of(&self) -> Timestamp {
        Timestamp::from_millis(self.expires_at.as_millis() - self.remaining_ms())
    }

    /// How old it was when it was read or written, by the database's clock.
    pub(crate) fn age(&self) -> Duration {
        let ms = self.as_of().as_millis() - self.created_at.as_millis();
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }

    /// Subtracts the time that the write, or the checks after it, took from the time that the
    /// hold has left, if that was long. A write that was repeated finds the hold that the first
    /// attempt made, so part of the hold's time has passed.
    pub(crate) fn after_write(mut self, took: Duration) -> Self {
        if took >= SLOW_WRITE {
            let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
            self.left_ms = Some(self.remaining_ms().saturating_sub(took));
        }
        self
    }

    /// Whether it is active and not overdue, so that nobody else can have its seats.
    pub(crate) fn is_live(&self) -> bool {
        self.status == HoldStatus::Active && self.remaining_ms() > 0
    }
}

/// A hold to be written.
#[derive(Debug)]
pub(crate) struct NewHold<'a> {
    pub token: ReservationToken,
    pub user: UserId,
    pub app: &'a AppId,
    pub entity: &'a EntityId,
    pub basket: Basket,
    pub currency: &'a Currency,
    pub ttl: Duration,
    /// Whether the seats are side by side, if they were chosen for the user.
    pub adjacent: Option<bool>,
    /// The idempotency key of a request that named no seats.
    pub request_key: Option<&'a str>,
    /// On what terms its buyer may cancel later.
    pub terms: Option<CancellationTerms>,
}

/// The outcome of [`Reservations::change`].
#[derive(Debug)]
pub(crate) enum Changed {
    /// The hold has the new seats.
    Done(Box<Hold>),
    /// The hold is not what it was: it ended, or another call changed it.
    HoldGone,
    /// Another claim has one of the seats.
    SeatTaken,
}

/// Reads and writes the collection `reservations`.
#[derive(Debug)]
pub struct Reservations {
    pub(super) holds: Collection<Hold>,
    pub(super) orphans: Arc<Orphans>,
    pub(super) subscriptions: Arc<Subscriptions>,
    pub(super) majority: Collection<Hold>,
    pub(super) counted: Collection<CountedHold>,
    pub(super) linearizable: Collection<Hold>,
    pub(super) listing: Collection<ListedHold>,
}

impl Reservations {
    pub(super) fn new(
        database: &Database,
        orphans: Arc<Orphans>,
        subscriptions: Arc<Subscriptions>,
        majority: CollectionOptions,
        listing: CollectionOptions,
    ) -> Self {
        Self {
            holds: database.collection("reservations"),
            orphans,
            subscriptions,
            majority: database.collection_with_options("reservations", majority.clone()),
            counted: database.collection_with_options("reservations", majority),
            linearizable: database.collection_with_options("reservations", linearizable_options()),
            listing: database.collection_with_options("reservations", listing),
        }
    }

    /// Writes a hold; `None` if another claim has one of its seats.
    ///
    /// It is an upsert by token, so a repeated command creates no second hold. It sets fields only
    /// if the document is new, so a replay never revives or extends a hold.
    pub(crate) async fn claim(&self, new: &NewHold<'_>) -> Result<Option<Hold>, StoreError> {
        let token = new.token.to_string();
        let id = ObjectId::new();
        let mut fresh = doc! {
            "_id": {"$ifNull": ["$_id", id]},
            "reservationToken": {"$literal": &token},
            "userId": new.user.object_id(),
            "appId": {"$literal": new.app.as_str()},
            "entityId": {"$literal": new.entity.as_str()},
            "currency": {"$literal": new.currency.as_str()},
            "status": "ACTIVE",
            "claimed": true,
            "expiresAt": after_now(new.ttl),
            "createdAt": "$$NOW",
            "updatedAt": "$$NOW",
        };
        fresh.extend(new.basket.fields());
        fresh.extend(new.adjacent.map(|adjacent| ("adjacent".to_owned(), adjacent.into())));
        fresh.extend(
            new.request_key.map(|key| ("requestKey".to_owned(), doc! {"$literal": key}.into())),
        );
        if let Some(terms) = &new.terms {
            let terms = serialize_to_bson(terms).map_err(DriverError::from)?;
            fresh.insert("terms", doc! {"$literal": terms});
        }
        if self.subscriptions.wants(new.app, EventType::HoldCreated) {
            fresh.extend(StoredEvent::fields_of_upsert(id, EventType::HoldCreated));
        }
        let is_new = doc! {"$eq": [{"$type": "$status"}, "missing"]};
        let stages = vec![doc! {"$replaceWith": {"$cond": [is_new, fresh, "$$ROOT"]}}];
        let upsert = |limit| {
            let filter = doc! {"reservationToken": &token};
            let upsert = self.holds.find_one_and_update(filter, stages.clone()).upsert(true);
            let upsert = upsert.return_document(ReturnDocument::After).max_time(limit);
            around("reservations.claim", within_deadline(upsert))
        };
        match self.orphans.unblocked(upsert).await {
            Err(error) if error.duplicate().is_some() => Ok(None),
            result => result,
        }
    }

    /// Changes a live hold to exactly the seats of `basket`, if it is still what it was when `hold`
    /// was read. Its end stays as it is.
    pub(crate) async fn change(&self, hold: &Hold, basket: &Basket) -> Result<Changed, StoreError> {
        let filter = live_version(hold);
        let mut fields = basket.fields();
        fields.extend(doc! {
            "version": hold.version + 1, "adjacent": "$$REMOVE", "updatedAt": "$$NOW",
        });
        fields.extend(self.changed(hold));
        let update = |limit| {
            let stages = vec![doc! {"$set": fields.clone()}];
            let update = self.holds.find_one_and_update(filter.clone(), stages);
            let update = update.return_document(ReturnDocument::After).max_time(limit);
            around("reservations.change", within_deadline(update))
        };
        match self.orphans.unblocked(update).await {
            Ok(Some(hold)) => Ok(Changed::Done(Box::new(hold))),
            Ok(None) => Ok(Changed::HoldGone),
            Err(error) if error.duplicate().is_some() => Ok(Changed::SeatTaken),
            Err(error) => Err(error),
        }
    }

    /// Stores the payment that was started for a live hold, and postpones the hold's end,
    /// once in its life, to at least `window` from now. `None` if the hold has changed since
    /// `hold` was read.
    pub(crate) async fn start_payment(
        &self,
        hold: &Hold,
        payment: &HoldPayment,
        window: Duration,
    ) -> Result<Option<Hold>, StoreError> {
        let mut filter = live_version(hold);
        filter.insert("payment", doc! {"$exists": false});
        let is_asked = is_asked(&payment.provider);
        let payment = serialize_to_bson(payment).map_err(DriverError::from)?;
        let later = doc! {"$max": ["$expiresAt", after_now(window)]};
        let is_extended = doc! {"$eq": ["$extended", true]};
        let mut fields = doc! {
            "payment": {"$literal": payment},
            "version": hold.version + 1,
            "extended": true,
            "expiresAt": {"$cond": [is_extended, "$expiresAt", later]},
            "updatedAt": "$$NOW",
        };
        fields.extend(self.changed(hold));
        let mut stages = vec![doc! {"$set": fields}];
        stages.extend(is_asked.then(|| doc! {"$set": {"askAt": before_end()}}));
        let update = |limit| {
            let update = self.holds.find_one_and_update(filter.clone(), stages.clone());
            let update = update.return_document(ReturnDocument::After).max_time(limit);
            around("reservations.start_payment", within_deadline(update))
        };
        self.orphans.unblocked(update).await
    }

    /// The holds as a majority has them.
    pub(super) fn majority(&self) -> &Collection<Hold> {
        &self.majority
    }

    /// The holds as listings read them, for counts.
    pub(super) fn listing_of<T: Send + Sync>(&self) -> Collection<T> {
        self.listing.clone_with_type()
    }

    /// The fields that record an event about the end of a hold, if an endpoint wants it.
    pub(super) fn event(&self, app: &AppId, event: EventType) -> Document {
        self.subscriptions.fields(app, event, None, state_for_events())
    }

    /// The fields that record a change of a hold.
    pub(super) fn changed(&self, hold: &Hold) -> Document {
        let (event, version) = (EventType::HoldChanged, hold.version + 1);
        self.subscriptions.fields(&hold.app_id, event, Some(version.into()), state_for_events())
    }

    /// The fields for a change without an event of its own: the booking has the event. The hold's
    /// earlier events keep the state before the change.
    pub(super) fn no_event(&self, app: &AppId) -> Document {
        self.subscriptions.freeze_events(app, state_for_events())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::{DateTime, deserialize_from_document};

    fn hold(more: Document) -> Hold {
        let at = DateTime::from_millis;
        let mut hold = doc! {
            "_id": ObjectId::new(), "reservationToken": "6fa459ea-ee8a-4ca4-894e-db77e160355e",
            "userId": ObjectId::new(), "appId": "shop", "entityId": "show", "seatIds": [],
            "amount": 1_i64, "currency": "INR", "status": "ACTIVE", "expiresAt": at(9_000),
            "createdAt": at(1_000), "updatedAt": at(2_000),
        };
        hold.extend(more);
        deserialize_from_document(hold).unwrap()
    }

    #[test]
    fn a_hold_knows_the_databases_time_whatever_this_machines_clock_says() {
        assert_eq!(hold(doc! {"remainingMs": 3_500_i64}).as_of().as_millis(), 5_500);
        assert_eq!(hold(doc! {"remainingMs": -500_i64}).as_of().as_millis(), 9_500);
        assert_eq!(hold(doc! {}).as_of().as_millis(), 2_000, "it was written then");
    }
}
