//! Cancelling seats of a booking: one transaction frees the seats and puts the refund on record.

use super::{
    Store,
    bookings::{Booking, BookingStatus, Stored},
    history::{ActorAndReason, appended},
    refunds::Refund,
    tx,
};
use crate::{
    domain::{AdminAction, CancellationPolicy, EventType, PaymentProvider, Shares, Timestamp},
    faults::around,
    payment::Units,
};
use mongodb::{
    ClientSession,
    bson::{Bson, Document, doc, oid::ObjectId, serialize_to_bson},
    error::Error as DriverError,
    options::ReturnDocument,
};
use serde::{Deserialize, Serialize};

/// On what terms a buyer may cancel: frozen when the seats were held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancellationTerms {
    pub policy: CancellationPolicy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
}

/// Who has cancelled seats: their buyer, an admin, or the cancellation of the whole entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum CancelledBy {
    User,
    Admin,
    Entity,
}

/// A cancellation, as its booking keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancellation {
    pub at: Timestamp,
    pub by: CancelledBy,
    pub seat_ids: Vec<ObjectId>,
    #[serde(flatten)]
    pub shares: Shares,
}

/// Which seats of a booking are cancelled, by whom, and what goes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCancellation<'a> {
    pub seats: &'a [ObjectId],
    /// The shares before the refund is limited to what is left of the payment.
    pub shares: Shares,
    pub by: CancelledBy,
    /// For the history. `None`: the buyer cancels.
    pub act: Option<&'a ActorAndReason>,
}

/// The booking is not what it was when it was read.
#[derive(Debug)]
pub(crate) struct BookingChanged;

/// What a refund of this much of a booking's payment comes to: rounded up to the provider's step,
/// and at most what is left of the payment.
pub(crate) fn refundable(booking: &Booking, refunds: &[Refund], wanted: i64) -> i64 {
    round_up(booking, wanted).min(left_of(booking, refunds))
}

/// What is left of a booking's payment.
pub(super) fn left_of(booking: &Booking, refunds: &[Refund]) -> i64 {
    (booking.paid_amount() - refunded_or_due(refunds)).max(0)
}

/// What was paid back of a payment, or will be.
pub(super) fn refunded_or_due(refunds: &[Refund]) -> i64 {
    refunds.iter().filter(|refund| refund.is_paid_or_due()).map(|refund| refund.amount).sum()
}

/// The amount that the provider of a booking's payment can pay back. The simulation has no steps.
fn round_up(booking: &Booking, amount: i64) -> i64 {
    let units = match booking.provider.as_ref().and_then(Stored::known) {
        Some(PaymentProvider::Stripe) => Units::Stripe,
        Some(PaymentProvider::Razorpay) => Units::Razorpay,
        Some(PaymentProvider::Simulated) | None => return amount,
    };
    units.round_up(amount, &booking.currency)
}

/// How the price of cancelled seats is divided. Money that already went back in another way, such
/// as by a dispute, counts against the seats that are cancelled first. So the organiser does not
/// keep it.
pub(crate) fn shares_of(booking: &Booking, refunds: &[Refund], by_policy: Shares) -> Shares {
    let rounded = by_policy.with_refund(round_up(booking, by_policy.refund));
    let refund = refundable(booking, refunds, rounded.refund);
    let not_kept =
        |before: &Cancellation| before.shares.paid - before.shares.fee - before.shares.kept;
    let cancelled: i64 = booking.cancellations.iter().map(not_kept).sum();
    let rest = (cancelled + rounded.paid - refunded_or_due(refunds) - refund).max(0);
    let fee = rounded.fee.min(rest);
    Shares { refund, fee, kept: rounded.kept.min(rest - fee), paid: rounded.paid }
}

impl Store {
    /// Cancels seats of a confirmed booking: the seats become AVAILABLE, the hold and the booking
    /// lose them, and the refund is on record. Aborts if the booking has changed since it was read.
    ///
    /// `booking` has all its seats, see [`fill_seats`](Store::fill_seats).
    pub(crate) async fn cancel(
        &self,
        booking: &Booking,
        new: NewCancellation<'_>,
    ) -> Result<(Booking, Option<Refund>), tx::Failure<BookingChanged>> {
        tx::run(self, &Cancel { store: self, booking, new, id: ObjectId::new() }).await
    }
}

struct Cancel<'a> {
    store: &'a Store,
    booking: &'a Booking,
    new: NewCancellation<'a>,
    /// The id of the refund's document.
    id: ObjectId,
}

impl tx::Body for Cancel<'_> {
    type Value = (Booking, Option<Refund>);
    type Reason = BookingChanged;

    async fn run(
        &self,
        session: &mut ClientSession,
    ) -> Result<tx::Step<(Booking, Option<Refund>), BookingChanged>, DriverError> {
        let refunds = self.store.refunds.of_in(session, self.booking.id).await?;
        let shares = shares_of(self.booking, &refunds, self.new.shares);
        let new = NewCancellation { shares, ..self.new };
        let refund_id = (shares.refund > 0).then(|| Refund::public_id(self.id));
        let cancelled =
            self.store.bookings.cancel(session, self.booking, new, refund_id.as_deref());
        let Some(booking) = cancelled.await? else {
            return Ok(tx::Step::Abort(BookingChanged));
        };
        let holds = &self.store.reservations;
        if !holds.cancel(session, &booking, new.seats).await? {
            return Ok(tx::Step::Abort(BookingChanged));
        }
        if !self.store.seats.free(session, booking.id, new.seats).await? {
            return Ok(tx::Step::Abort(BookingChanged));
        }
        let refund = (shares.refund > 0)
            .then(|| Refund::new(self.id, &booking, shares.refund, booking.updated_at));
        let refund = refund.map(|refund| refund.of_cancelled_entity(new.by, &booking));
        if let Some(refund) = &refund {
            self.store.refunds.insert(session, refund).await?;
        }
        Ok(tx::Step::Commit((booking, refund)))
    }
}

impl super::bookings::Bookings {
    /// Removes seats from a booking and records the cancellation. `None` if the booking has
    /// changed.
    async fn cancel(
        &self,
        session: &mut ClientSession,
        booking: &Booking,
        new: NewCancellation<'_>,
        refund_id: Option<&str>,
    ) -> Result<Option<Booking>, DriverError> {
        let NewCancellation { seats, shares, by, act } = new;
        let left: Vec<ObjectId> =
            booking.seat_ids.iter().copied().filter(|id| !seats.contains(id)).collect();
        let entry = doc! {
            "at": "$$NOW", "by": serialize_to_bson(&by)?, "seatIds": {"$literal": seats.to_vec()},
            "paid": shares.paid, "fee": shares.fee, "kept": shares.kept, "refund": shares.refund,
        };
        let mut set = doc! {
            "version": booking.version + 1, "updatedAt": "$$NOW",
            // An earlier version stored no prices.
            "seats": {"$literal": serialize_to_bson(&booking.seats)?},
            "cancellations": appended("cancellations", entry),
        };
        set.extend(self.cancelled_event(booking));
        if by == CancelledBy::Entity {
            set.insert("entityCancelled", true);
        }
        if let Some(act) = act {
            let refund = refund_id.map(|id| (id, shares.refund));
            let entry = act.entry(AdminAction::Cancel, refund, seats)?;
            set.insert("history", appended("history", entry));
        }
        if left.is_empty() {
            // `seatIds` stays, so that readers still see the seats. The unique indexes do not
            // contain cancelled bookings.
            set.insert("status", serialize_to_bson(&BookingStatus::Cancelled)?);
        } else {
            set.insert("seatIds", doc! {"$literal": left});
        }
        let filter = doc! {
            "_id": booking.id, "status": "CONFIRMED", "version": stored_version(booking.version),
        };
        let update = self.collection().find_one_and_update(filter, vec![doc! {"$set": set}]);
        let update = update.return_document(ReturnDocument::After).session(session);
        around("bookings.cancel", update).await
    }
}

impl super::bookings::Bookings {
    /// The fields that record the event of a cancellation. Events that were not copied yet keep the
    /// booking's state before it.
    fn cancelled_event(&self, booking: &Booking) -> Document {
        let was = doc! {
            "status": "$status", "version": {"$ifNull": ["$version", 0_i64]},
            "seatIds": "$seatIds", "cancellations": {"$ifNull": ["$cancellations", []]},
        };
        let (event, version) = (EventType::BookingCancelled, booking.version + 1);
        self.subscriptions.fields(&booking.app_id, event, Some(version.into()), was)
    }
}

impl super::reservations::Reservations {
    /// Removes seats from the hold of a booking, and the hold's claim when no seat is left. `false`
    /// if the hold is not CONFIRMED with these seats.
    async fn cancel(
        &self,
        session: &mut ClientSession,
        booking: &Booking,
        seats: &[ObjectId],
    ) -> Result<bool, DriverError> {
        let filter = doc! {
            "reservationToken": booking.reservation_token.to_string(),
            "appId": booking.app_id.as_str(), "status": "CONFIRMED",
            "seatIds": {"$all": seats.to_vec()},
        };
        let update: Vec<Document> = if booking.status == BookingStatus::Cancelled {
            super::hold_filters::unclaim("CANCELLED", Document::new())
        } else {
            let left: Bson = booking.seat_ids.clone().into();
            vec![doc! {"$set": {"seatIds": {"$literal": left}, "updatedAt": "$$NOW"}}]
        };
        let update = self.holds.update_one(filter, update).session(session);
        Ok(around("reservations.cancel", update).await?.matched_count == 1)
    }
}

impl super::seats::Seats {
    /// Makes sold seats of a booking available again; `false` if one is not sold to it.
    async fn free(
        &self,
        session: &mut ClientSession,
        booking: ObjectId,
        seats: &[ObjectId],
    ) -> Result<bool, DriverError> {
        let filter = doc! {"_id": {"$in": seats}, "status": "BOOKED", "bookingId": booking};
        let update = vec![
            // A seat that was sold once is never removed.
            doc! {"$set": {"status": "AVAILABLE", "wasSold": true, "updatedAt": "$$NOW"}},
            doc! {"$unset": ["bookedBy", "bookingId"]},
        ];
        let seats_of_booking = self.documents();
        let update = seats_of_booking.update_many(filter, update).session(session);
        Ok(around("seats.free", update).await?.matched_count == seats.len() as u64)
    }
}

/// The condition for a version: bookings that never changed have none.
fn stored_version(version: i64) -> Document {
    if version == 0 {
        doc! {"$in": [null, 0_i64]}
    } else {
        doc! {"$eq": version}
    }
}

#[cfg(test)]
mod tests;
