//! Cancelling seats of a booking: one transaction frees the seats and puts the refund on record.

use super::{
    Store,
    bookings::{Booking, BookingStatus, Stored},
    history::{Act, appended},
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
pub struct Terms {
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
    /// Before what is left of the payment limits the refund.
    pub shares: Shares,
    pub by: CancelledBy,
    /// For the history. `None`: the buyer cancels.
    pub act: Option<&'a Act>,
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
    (booking.paid_amount() - gone(refunds)).max(0)
}

/// What went back of a payment, or will.
pub(super) fn gone(refunds: &[Refund]) -> i64 {
    refunds.iter().filter(|refund| refund.counts()).map(|refund| refund.amount).sum()
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

/// What becomes of the money when seats are cancelled.
pub(crate) fn shares_of(booking: &Booking, refunds: &[Refund], by_policy: Shares) -> Shares {
    let rounded = by_policy.with_refund(round_up(booking, by_policy.refund));
    Shares { refund: refundable(booking, refunds, rounded.refund), ..rounded }
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
    /// Takes seats from a booking and notes the cancellation; `None` if the booking has changed.
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
        set.extend(self.cancelled(booking));
        if by == CancelledBy::Entity {
            set.insert("entityCancelled", true);
        }
        if let Some(act) = act {
            let refund = refund_id.map(|id| (id, shares.refund));
            let entry = act.entry(AdminAction::Cancel, refund, seats)?;
            set.insert("history", appended("history", entry));
        }
        if left.is_empty() {
            // The seats stay for those who look. Neither index counts a cancelled booking.
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
    /// The fields that record a cancellation. Earlier events tell what the booking was.
    fn cancelled(&self, booking: &Booking) -> Document {
        let was = doc! {
            "status": "$status", "version": {"$ifNull": ["$version", 0_i64]},
            "seatIds": "$seatIds", "cancellations": {"$ifNull": ["$cancellations", []]},
        };
        let (event, version) = (EventType::BookingCancelled, booking.version + 1);
        self.subscriptions.fields(&booking.app_id, event, Some(version.into()), was)
    }
}

impl super::reservations::Reservations {
    /// Takes seats from the hold of a booking, and its claim when none is left. `false` if the hold
    /// is not CONFIRMED with these seats.
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
            doc! {"$set": {"status": "AVAILABLE", "updatedAt": "$$NOW"}},
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
mod tests {
    use super::*;
    use crate::{
        domain::{CancellationPolicyIn, Rate},
        store::refunds::RefundStatus,
    };
    use mongodb::bson::{DateTime, deserialize_from_document};
    use proptest::prelude::*;
    use serde_json::json;

    /// A provider, a currency, and the smallest amount that the provider can pay in it.
    const TILLS: [(&str, &str, i64); 7] = [
        ("stripe", "USD", 1),
        ("stripe", "JPY", 1),
        ("stripe", "KWD", 10),
        ("stripe", "MGA", 100),
        ("razorpay", "INR", 1),
        ("razorpay", "KWD", 10),
        ("simulated", "KWD", 1),
    ];

    /// What happens to the money of a booking.
    #[derive(Clone, Debug)]
    enum Step {
        /// Some of the seats that are left are cancelled, by the policy.
        ByPolicy(u8),
        /// The organiser gives everything back.
        Full(u8),
        /// The organiser gives nothing back.
        Nothing(u8),
        /// The organiser gives this part of the price back, in percent.
        Amount(u8, i64),
        /// The organiser gives this part of what is left back, in percent, and cancels nothing.
        Refund(i64),
        /// One of the refunds fails.
        Fails(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => any::<u8>().prop_map(Step::ByPolicy),
            1 => any::<u8>().prop_map(Step::Full),
            1 => any::<u8>().prop_map(Step::Nothing),
            1 => (any::<u8>(), 0..=100_i64).prop_map(|(seats, part)| Step::Amount(seats, part)),
            2 => (1..=100_i64).prop_map(Step::Refund),
            1 => any::<usize>().prop_map(Step::Fails),
        ]
    }

    /// A booking that was paid, with a seat for each price.
    fn booking(provider: &str, currency: &str, prices: &[i64]) -> Booking {
        let seat =
            |price: &i64| doc! {"seatId": ObjectId::new(), "seatNumber": "A1", "price": price};
        let seats: Vec<Document> = prices.iter().map(seat).collect();
        let ids: Vec<Bson> = seats.iter().filter_map(|seat| seat.get("seatId").cloned()).collect();
        let now = DateTime::from_millis(0);
        deserialize_from_document(doc! {
            "_id": ObjectId::new(), "bookingId": "BK-20260101-AAAAAAAAAA",
            "userId": ObjectId::new(), "appId": "shop", "entityId": "show", "seatIds": ids,
            "seats": seats, "reservationToken": "6fa459ea-ee8a-4ca4-894e-db77e160355e",
            "paymentStatus": "SUCCESS", "paymentId": "pay_1", "provider": provider,
            "amount": prices.iter().sum::<i64>(), "currency": currency, "status": "CONFIRMED",
            "bookingDate": now, "createdAt": now, "updatedAt": now,
        })
        .unwrap()
    }

    /// The best rate of a policy with one tier.
    fn rate(percent: i64, fee: i64) -> Rate {
        let tier = json!({"hoursBefore": 0, "refundPercent": percent});
        let policy = json!({"tiers": [tier], "feePerSeat": fee}).to_string();
        let policy: CancellationPolicyIn = serde_json::from_str(&policy).unwrap();
        CancellationPolicy::from(policy).rate(None, Timestamp::MIN).unwrap()
    }

    fn till() -> impl Strategy<Value = (&'static str, &'static str, i64)> {
        proptest::sample::select(&TILLS[..])
    }

    /// Prices in steps: 1 is the smallest price that can be paid.
    fn prices() -> impl Strategy<Value = Vec<i64>> {
        prop::collection::vec(prop_oneof![Just(0_i64), Just(1), 0..2_000_i64], 1..8)
    }

    /// Takes the seats from those that are left whose bit is set.
    fn take(left: &mut Vec<i64>, bits: u8) -> Vec<i64> {
        let mut index = 0;
        let is_taken = |_: &mut i64| {
            index += 1;
            bits >> (index - 1) & 1 == 1
        };
        left.extract_if(.., is_taken).collect()
    }

    proptest! {
        #[test]
        fn users_and_admins_never_give_back_more_than_was_paid_nor_what_a_provider_cannot_pay(
            (provider, code, least) in till(), prices in prices(), percent in 0..=100_i64,
            fee in 0..3_000_i64, steps in prop::collection::vec(step(), 1..16),
        ) {
            let mut left: Vec<i64> = prices.iter().map(|price| price * least).collect();
            let (booking, rate) = (booking(provider, code, &left), rate(percent, fee));
            let mut refunds: Vec<Refund> = Vec::new();
            for step in steps {
                let paid_back = gone(&refunds);
                let rest = booking.paid_amount() - paid_back;
                let shares = match step {
                    Step::ByPolicy(seats) => rate.shares(take(&mut left, seats)),
                    Step::Full(seats) => Rate::ALL.shares(take(&mut left, seats)),
                    Step::Nothing(seats) => Rate::NOTHING.shares(take(&mut left, seats)),
                    Step::Amount(seats, part) => {
                        let shares = Rate::NOTHING.shares(take(&mut left, seats));
                        shares.with_refund(shares.paid * part / 100)
                    }
                    Step::Refund(part) => {
                        let amount = refundable(&booking, &refunds, rest * part / 100);
                        prop_assert!(amount >= rest * part / 100 && amount <= rest);
                        Shares { refund: amount, ..Shares::default() }
                    }
                    Step::Fails(index) => {
                        let count = refunds.len().max(1);
                        if let Some(refund) = refunds.get_mut(index % count) {
                            refund.status = Stored::Known(RefundStatus::Failed);
                        }
                        continue;
                    }
                };
                let refund = match step {
                    Step::Refund(_) => shares.refund,
                    _ => {
                        let limited = shares_of(&booking, &refunds, shares);
                        let Shares { paid, fee, kept, refund } = limited;
                        prop_assert!(fee >= 0 && kept >= 0 && refund >= 0, "{limited:?}");
                        prop_assert!(fee + kept + refund <= paid, "{limited:?}");
                        // Only what is left of the payment makes it less than its price.
                        prop_assert!(fee + kept + refund == paid || refund == rest, "{limited:?}");
                        refund
                    }
                };
                prop_assert_eq!(refund % least, 0);
                if refund > 0 {
                    refunds.push(Refund::new(ObjectId::new(), &booking, refund, Timestamp::MIN));
                }
                prop_assert!(gone(&refunds) <= booking.paid_amount());
            }
        }

        #[test]
        fn partial_cancellations_add_up_to_the_whole_one_but_for_the_providers_steps(
            (provider, code, least) in till(), prices in prices(), percent in 0..=100_i64,
            fee in 0..3_000_i64, bits in any::<u8>(),
        ) {
            let mut left: Vec<i64> = prices.iter().map(|price| price * least).collect();
            let (booking, rate) = (booking(provider, code, &left), rate(percent, fee));
            let whole = shares_of(&booking, &[], rate.shares(left.clone())).refund;
            let mut refunds: Vec<Refund> = Vec::new();
            for seats in [take(&mut left, bits), left] {
                let refund = shares_of(&booking, &refunds, rate.shares(seats)).refund;
                refunds.push(Refund::new(ObjectId::new(), &booking, refund, Timestamp::MIN));
            }
            let parts = gone(&refunds);
            prop_assert!(whole <= parts && parts < whole + 2 * least, "{parts} of {whole}");
            prop_assert!(least > 1 || parts == whole);
        }
    }
}
