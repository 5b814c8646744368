//! Selling the seats of a hold, and recording a payment that bought nothing: one transaction each.

use super::{
    Store,
    bookings::{
        Booking, BookingStatus, Bookings, PAYMENT_INDEX, PaymentStatus, SEATS_INDEX, Stored,
    },
    hold_ends::HoldTransition,
    outbox::{StoredEvent, Subscriptions},
    refunds::Refund,
    reservations::Hold,
    tx,
};
use crate::{
    domain::{BookingId, Currency, EventType, PaymentId, PaymentProvider, Timestamp},
    faults::around,
};
use mongodb::{ClientSession, bson::oid::ObjectId};

/// A payment as a booking records it.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub id: PaymentId,
    /// What was taken, in the currency's minor unit. For a declined payment, what would have been
    /// taken.
    pub amount: i64,
    /// What the provider had given back before, in the same unit. It is no part of `amount`.
    pub returned: i64,
    pub currency: Currency,
    /// `None` if nothing had to be paid.
    pub provider: Option<PaymentProvider>,
    pub account: Option<ObjectId>,
    pub mismatch: Option<&'static str>,
}

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

impl Booking {
    /// The outcome of paying for `hold` with `payment`.
    fn from_hold(hold: &Hold, payment: &Payment, status: BookingStatus, at: Timestamp) -> Self {
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
            returned_before: payment.returned,
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

impl Bookings {
    async fn insert(
        &self,
        session: &mut ClientSession,
        booking: &Booking,
    ) -> mongodb::error::Result<()> {
        around("bookings.insert", self.collection().insert_one(booking).session(session))
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
    /// amount stays. An overdue hold whose payment was taken becomes EXPIRED. Without a
    /// `transition` the hold has already ended. The record gets this `id`, so that its caller
    /// recognizes it after a commit without a response.
    pub(crate) async fn record_payment(
        &self,
        hold: &Hold,
        transition: Option<HoldTransition>,
        payment: &Payment,
        status: BookingStatus,
        id: ObjectId,
    ) -> Result<Booking, tx::Failure<NotSold>> {
        let record = PaymentRecord { store: self, hold, transition, payment, status, id };
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

    async fn run(&self, session: &mut ClientSession) -> SaleStep {
        let Some(held) =
            self.store.reservations.settle(session, self.hold, HoldTransition::Confirmed).await?
        else {
            return Ok(tx::Step::Abort(NotSold::HoldGone));
        };
        let booking =
            Booking::from_hold(&held, self.payment, BookingStatus::Confirmed, held.updated_at)
                .with_event(&self.store.subscriptions, EventType::BookingConfirmed);
        if !self.store.seats.mark_booked(session, &held, booking.id).await? {
            return Ok(tx::Step::Abort(NotSold::SeatGone));
        }
        self.store.bookings.insert(session, &booking).await?;
        Ok(tx::Step::Commit(booking))
    }
}

struct PaymentRecord<'a> {
    store: &'a Store,
    hold: &'a Hold,
    transition: Option<HoldTransition>,
    payment: &'a Payment,
    status: BookingStatus,
    id: ObjectId,
}

impl tx::Body for PaymentRecord<'_> {
    type Value = Booking;
    type Reason = NotSold;

    async fn run(&self, session: &mut ClientSession) -> SaleStep {
        // A function's clock may be wrong, and a refund that is due in an hour waits for an hour.
        let mut at = self.hold.as_of();
        if let Some(transition) = self.transition {
            match self.store.reservations.settle(session, self.hold, transition).await? {
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

type SaleStep = Result<tx::Step<Booking, NotSold>, mongodb::error::Error>;

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
