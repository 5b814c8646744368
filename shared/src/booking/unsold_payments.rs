//! Payments that buy nothing: declined ones, and those that were taken and will be refunded. A
//! taken payment is recorded before the caller gets an error.

use super::{
    BookingService, Confirmation,
    payment_check::{AskedAccount, PaymentClaim},
};
use crate::{
    clock::Backoff,
    domain::{ObjectId, PaymentId},
    error::{Code, Conflict, Error, Result},
    metrics::{self, Metric},
    payment::TakenPayment,
    store::{
        bookings::{Booking, BookingStatus},
        hold_ends::HoldTransition,
        reservations::{Hold, HoldStatus},
        sales::{NotSold, Payment},
        seats::SeatStatus,
        tx::Failure,
    },
};
use tracing::{error, warn};

/// Whether a payment is on record.
enum Recorded {
    /// As REFUND_DUE: it will be refunded.
    Due,
    /// As a booking, or as another outcome.
    Otherwise,
    /// The hold has changed.
    HoldGone,
}

/// The error for a hold that has ended.
fn ended_code(hold: &Hold) -> Code {
    match hold.status {
        HoldStatus::Confirmed | HoldStatus::Cancelled => Code::ReservationAlreadyConfirmed,
        HoldStatus::Released | HoldStatus::Unknown => Code::ReservationReleased,
        HoldStatus::Expired | HoldStatus::Active => Code::ReservationExpired,
    }
}

/// What is still to be written about the end of a hold that is not live.
fn unwritten_end(hold: &Hold) -> Option<HoldTransition> {
    (hold.status == HoldStatus::Active).then_some(HoldTransition::Expired)
}

impl BookingService {
    /// Ends a hold for which no payment was taken, and fails. `None`: read the hold again.
    pub(super) async fn end_unpaid(&self, hold: &Hold) -> Result<Option<Confirmation>> {
        if unwritten_end(hold).is_some() && !self.expire(hold).await? {
            return Ok(None);
        }
        self.unlock_unless_sold(hold).await;
        Err(ended_code(hold).into())
    }

    /// The record of this hold's payment, if it must be refunded.
    pub(super) async fn recorded_as_due(
        &self,
        hold: &Hold,
        claim: PaymentClaim<'_>,
    ) -> Result<Option<Booking>> {
        let Some(id) = claim.payment_id(hold) else { return Ok(None) };
        let recorded = self.store.bookings.find_by_payment(&hold.app_id, &id).await?;
        Ok(recorded.filter(|booking| {
            booking.status == BookingStatus::RefundDue
                && booking.reservation_token == hold.reservation_token
        }))
    }

    /// The error for a payment whose record says REFUND_DUE. Its money may have gone back
    /// since, and its hold may have another payment or have ended. The caller gets the
    /// same error as before.
    pub(super) async fn refuse_given_back(
        &self,
        hold: &Hold,
        due: &Booking,
    ) -> Result<Option<Confirmation>> {
        if hold.is_live() {
            let field = due.mismatch.as_deref().unwrap_or("amount");
            return Err(Error::payment_mismatch(field).with_refund_due(true));
        }
        self.end_unpaid(hold).await.map_err(|error| match error.code().status() {
            500.. => error,
            _ => error.with_refund_due(true),
        })
    }

    /// Releases the hold of a declined payment, records the failed booking, and fails. `None`: read
    /// the hold again.
    pub(super) async fn decline(
        &self,
        hold: &Hold,
        payment: &Payment,
    ) -> Result<Option<Confirmation>> {
        match self.release_with_record(hold, payment, BookingStatus::Failed).await {
            Ok(_) => {
                metrics::count(Metric::PaymentsFailed);
                self.unlock_unsold(hold).await;
                Err(Code::PaymentFailed.into())
            }
            Err(Failure::Aborted(_)) => Ok(None),
            Err(Failure::Store(cause)) => Err(cause.into()),
            Err(Failure::Unknown(cause)) => Err(Error::unavailable(cause)),
        }
    }

    /// Releases the hold and records its payment, in one transaction.
    async fn release_with_record(
        &self,
        hold: &Hold,
        payment: &Payment,
        status: BookingStatus,
    ) -> Result<Booking, Failure<NotSold>> {
        let is_declined = status == BookingStatus::Failed;
        let transition =
            Some(if is_declined { HoldTransition::Declined } else { HoldTransition::Released });
        self.store.record_payment(hold, transition, payment, status, ObjectId::new()).await
    }

    /// Records a payment that came after its hold had ended, or after another payment had bought
    /// the seats, and fails. `None`: read the hold again.
    pub(super) async fn reject_late_payment(
        &self,
        hold: &Hold,
        payment: &Payment,
        record: ObjectId,
    ) -> Result<Option<Confirmation>> {
        let refund_due = match self.record_due(hold, unwritten_end(hold), payment, record).await? {
            Recorded::HoldGone => return Ok(None),
            Recorded::Due => true,
            Recorded::Otherwise => false,
        };
        self.unlock_unless_sold(hold).await;
        Err(Error::from(ended_code(hold)).with_refund_due(refund_due))
    }

    /// A live hold was paid with another amount or currency. The payment is recorded for a refund
    /// and leaves the hold, so that another one can be started. `None`: read the hold again.
    pub(super) async fn reject_mismatch(
        &self,
        hold: &Hold,
        payment: &Payment,
        record: ObjectId,
    ) -> Result<Option<Confirmation>> {
        let refund_due =
            match self.record_due(hold, Some(HoldTransition::Unpaid), payment, record).await? {
                Recorded::HoldGone => return Ok(None),
                Recorded::Due => true,
                Recorded::Otherwise => false,
            };
        let field = payment.mismatch.unwrap_or("amount");
        Err(Error::payment_mismatch(field).with_refund_due(refund_due))
    }

    /// Records a taken payment for a refund, once, together with the change of its hold.
    async fn record_due(
        &self,
        hold: &Hold,
        transition: Option<HoldTransition>,
        payment: &Payment,
        record: ObjectId,
    ) -> Result<Recorded> {
        match self
            .store
            .record_payment(hold, transition, payment, BookingStatus::RefundDue, record)
            .await
        {
            Ok(_) => {
                count_refund();
                Ok(Recorded::Due)
            }
            Err(Failure::Aborted(NotSold::HoldGone)) => Ok(Recorded::HoldGone),
            Err(Failure::Aborted(_)) => {
                // The payment was recorded before. That aborted the whole transaction, so the end
                // of the hold is still to be written.
                if transition == Some(HoldTransition::Expired) && !self.expire(hold).await? {
                    return Ok(Recorded::HoldGone);
                }
                let recorded =
                    self.store.bookings.find_by_payment(&hold.app_id, &payment.id).await?;
                // The index sees a commit before a majority read does.
                let Some(recorded) = recorded else { return Ok(Recorded::HoldGone) };
                if recorded.id == record {
                    // Our own commit got no response.
                    count_refund();
                }
                let is_due = recorded.status == BookingStatus::RefundDue;
                Ok(if is_due { Recorded::Due } else { Recorded::Otherwise })
            }
            Err(Failure::Unknown(cause)) => {
                metrics::count(Metric::UnknownOutcomes);
                if !self.finds_record(hold, &payment.id, record).await {
                    return Err(Error::unavailable(cause));
                }
                count_refund();
                Ok(Recorded::Due)
            }
            Err(Failure::Store(cause)) => Err(Error::unavailable(cause)),
        }
    }

    /// Looks for this call's record of a payment, whose commit got no response.
    async fn finds_record(&self, hold: &Hold, payment: &PaymentId, record: ObjectId) -> bool {
        let mut backoff = Backoff::default();
        loop {
            match self.store.bookings.find_by_payment(&hold.app_id, payment).await {
                Ok(Some(booking)) if booking.id == record => return true,
                _ if backoff.pause().await => {}
                _ => return false,
            }
        }
    }

    /// Records further payments that were taken for a hold that is sold or has ended.
    ///
    /// # Errors
    /// One could not be recorded. Repeating the call is safe.
    pub(super) async fn record_others(
        &self,
        hold: &Hold,
        by: &AskedAccount,
        others: &[TakenPayment],
    ) -> Result<()> {
        for payment in others {
            self.record_due(hold, None, &by.taken(payment), ObjectId::new()).await?;
        }
        Ok(())
    }

    /// A seat is sold although a live hold claims it. The indexes make this impossible. If it still
    /// happens, the payment is recorded for a refund, the hold is released, and an alarm is raised.
    pub(super) async fn refund_sold_seat(
        &self,
        hold: &Hold,
        payment: &Payment,
    ) -> Result<Confirmation> {
        error!(alarm = "SEAT_GUARD", seats = ?hold.seat_ids, "a live hold claims a sold seat");
        match self.release_with_record(hold, payment, BookingStatus::RefundDue).await {
            Ok(_) => {
                metrics::count(Metric::RefundsDue);
                self.unlock(hold).await;
                let seats = self.store.seats.find_any(&hold.seat_ids).await?;
                let sold = seats.iter().filter(|seat| seat.status == SeatStatus::Booked);
                let sold: Vec<_> = sold.map(|seat| Conflict::booked(seat.id)).collect();
                Err(Error::conflicts(Code::SeatAlreadyBooked, &sold).with_refund_due(true))
            }
            Err(Failure::Aborted(_)) => {
                Err(Error::unavailable("the hold changed while a seat guard failed"))
            }
            Err(Failure::Store(cause) | Failure::Unknown(cause)) => Err(Error::unavailable(cause)),
        }
    }

    async fn unlock_unless_sold(&self, hold: &Hold) {
        if hold.status != HoldStatus::Confirmed {
            self.unlock(hold).await;
        }
    }
}

fn count_refund() {
    metrics::count(Metric::RefundsDue);
    warn!("a payment was taken and has bought nothing");
}
