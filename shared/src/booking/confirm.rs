//! Confirming: call the payment provider outside any transaction, sell in one transaction of three
//! guarded writes, and delete the locks only after its commit.
//!
//! No payment is lost. One that was taken and bought nothing is recorded as REFUND_DUE before the
//! caller gets an error.

use super::BookingService;
use crate::{
    auth::Caller,
    clock::{Backoff, Deadline},
    domain::{ObjectId, PaymentId, ReservationToken},
    error::{Code, Conflict, Error, Result},
    faults::{around, flawed},
    metrics::{self, Metric},
    payment::Verdict,
    store::{
        bookings::{Booking, BookingStatus, NotSold},
        reservations::{Hold, HoldStatus, Settle},
        seats::SeatStatus,
        tx::Failure,
    },
};
use std::time::Duration;
use tracing::{error, warn};

/// Time kept for the sale while the provider is called.
const SALE_TIME: Duration = Duration::from_secs(2);

/// The outcome of a confirmation.
#[derive(Debug)]
pub enum Confirmation {
    /// This call sold the seats.
    New(Booking),
    /// An earlier call with the same payment sold them.
    Already(Booking),
}

impl BookingService {
    /// Turns the caller's hold into a booking, paid by `payment`. The same call again
    /// returns the same booking.
    ///
    /// # Errors
    /// For the hold: `RESERVATION_NOT_FOUND`, `RESERVATION_EXPIRED`, `RESERVATION_RELEASED` or
    /// `RESERVATION_ALREADY_CONFIRMED`. For the payment: `PAYMENT_FAILED` or
    /// `PAYMENT_ALREADY_USED`. The details have `refundDue` if the payment was taken and recorded
    /// for a refund.
    pub async fn confirm(
        &self,
        caller: &Caller,
        token: ReservationToken,
        payment: Option<&PaymentId>,
    ) -> Result<Confirmation> {
        let mut outcome = self.settle(caller, token, payment).await?;
        let (Confirmation::New(booking) | Confirmation::Already(booking)) = &mut outcome;
        // After a sale, only this may fail, because repeating the call is safe.
        self.store.fill_seats(std::slice::from_mut(booking)).await?;
        Ok(outcome)
    }

    async fn settle(
        &self,
        caller: &Caller,
        token: ReservationToken,
        payment: Option<&PaymentId>,
    ) -> Result<Confirmation> {
        let free = PaymentId::free(token);
        // Of the record of a refund, if this call writes one.
        let record = ObjectId::new();
        let mut verified = None;
        let mut backoff = Backoff::default();
        loop {
            let hold = self.own_hold(caller, token).await?;
            let payment = match payment {
                Some(payment) => payment,
                None if hold.amount == 0 => &free,
                None => return Err(Error::field("paymentId", "is required")),
            };
            if hold.status == HoldStatus::Confirmed {
                let booking = self.store.bookings.find_by_hold(&hold).await?;
                // One transaction writes hold and booking. To see only one of them, the two reads
                // must have come from different primaries.
                let booking = booking.ok_or_else(|| {
                    Error::unavailable("the booking of a confirmed hold cannot be read yet")
                })?;
                if booking.payment_id == *payment {
                    self.unlock(&hold).await;
                    return Ok(Confirmation::Already(booking));
                }
            }
            if hold.status == HoldStatus::Released
                && self.store.bookings.was_declined(&hold, payment).await?
            {
                self.unlock(&hold).await;
                return Err(Code::PaymentFailed.into());
            }
            // A payment is verified for the amount of one version of the hold.
            let verdict = match verified {
                Some((version, verdict)) if version == hold.version => verdict,
                _ => {
                    let verdict = self.verify(&hold, payment).await?;
                    verified = Some((hold.version, verdict));
                    verdict
                }
            };
            let attempt = match (hold.is_live(), verdict) {
                (true, Verdict::Declined) => self.decline(&hold, payment).await,
                (true, _) => self.sell(&hold, payment).await,
                (false, _) => self.reject_late_payment(&hold, payment, verdict, record).await,
            };
            if let Some(outcome) = attempt.transpose() {
                return outcome;
            }
            // The guard sees a commit at once. The majority read that explains it may see it a
            // moment later.
            if !backoff.pause().await {
                return Err(Error::unavailable("the hold changed at every attempt to confirm it"));
            }
        }
    }

    /// Calls the provider. If it does not respond in time, the hold stays as it is.
    async fn verify(&self, hold: &Hold, payment: &PaymentId) -> Result<Verdict> {
        if hold.amount == 0 && payment.is_free(hold.reservation_token) {
            return Ok(Verdict::Accepted);
        }
        let verify =
            self.payments.verify(payment, hold.amount, &hold.currency, hold.reservation_token);
        // The rest of the time is for the sale.
        let timeout = Deadline::current().remaining().saturating_sub(SALE_TIME);
        match tokio::time::timeout(timeout, around("payment.verify", verify)).await {
            Ok(Verdict::Unavailable) => {
                Err(Error::unavailable("the payment provider is unavailable"))
            }
            Ok(verdict) => Ok(verdict),
            Err(_) => Err(Error::unavailable("the payment provider did not answer in time")),
        }
    }

    /// Sells the seats. `None`: the hold has changed, read it again.
    async fn sell(&self, hold: &Hold, payment: &PaymentId) -> Result<Option<Confirmation>> {
        if flawed("unlock-before-commit") {
            self.unlock(hold).await;
        }
        match self.store.sell(hold, payment).await {
            Ok(booking) => {
                metrics::count(Metric::BookingsConfirmed);
                self.unlock(hold).await;
                Ok(Some(Confirmation::New(booking)))
            }
            Err(Failure::Aborted(NotSold::HoldGone | NotSold::HoldSold)) => Ok(None),
            Err(Failure::Aborted(NotSold::PaymentUsed)) => {
                self.resolve_used_payment(hold, payment).await
            }
            Err(Failure::Aborted(NotSold::SeatGone)) => {
                self.refund_sold_seat(hold, payment).await.map(Some)
            }
            Err(Failure::Store(error)) => Err(error.into()),
            Err(Failure::Unknown(cause)) => {
                metrics::count(Metric::UnknownOutcomes);
                warn!(error = %cause, "the outcome of a commit is unknown");
                self.find_sale(hold, payment)
                    .await
                    .map(Some)
                    .ok_or_else(|| Error::unavailable(cause))
            }
        }
    }

    /// Looks for a sale whose commit got no response. A booking proves the sale.
    /// No booking proves nothing.
    async fn find_sale(&self, hold: &Hold, payment: &PaymentId) -> Option<Confirmation> {
        let mut backoff = Backoff::default();
        loop {
            match self.store.bookings.find_by_hold(hold).await {
                Ok(Some(booking)) if booking.payment_id == *payment => {
                    metrics::count(Metric::BookingsConfirmed);
                    self.unlock(hold).await;
                    return Some(Confirmation::New(booking));
                }
                _ if backoff.pause().await => {}
                _ => return None,
            }
        }
    }

    /// The payment has bought something else. The live hold stays.
    async fn resolve_used_payment(
        &self,
        hold: &Hold,
        payment: &PaymentId,
    ) -> Result<Option<Confirmation>> {
        match self.store.bookings.find_by_payment(&hold.app_id, payment).await? {
            // This is our own sale.
            Some(booking)
                if booking.reservation_token == hold.reservation_token
                    && booking.status == BookingStatus::Confirmed =>
            {
                Ok(None)
            }
            Some(booking) => {
                let refund_due = booking.status == BookingStatus::RefundDue;
                Err(Error::from(Code::PaymentAlreadyUsed).with_refund_due(refund_due))
            }
            // The index sees a commit before a majority read does.
            None => Ok(None),
        }
    }

    /// The provider declined. Releases the hold and records the failed booking. `None`:
    /// read the hold again.
    async fn decline(&self, hold: &Hold, payment: &PaymentId) -> Result<Option<Confirmation>> {
        match self
            .store
            .record_payment(
                hold,
                Some(Settle::Released),
                payment,
                BookingStatus::Failed,
                ObjectId::new(),
            )
            .await
        {
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

    /// The hold has ended, or another payment has bought its seats. `None`: read the hold again.
    async fn reject_late_payment(
        &self,
        hold: &Hold,
        payment: &PaymentId,
        verdict: Verdict,
        record: ObjectId,
    ) -> Result<Option<Confirmation>> {
        let (code, settle) = match hold.status {
            HoldStatus::Confirmed => (Code::ReservationAlreadyConfirmed, None),
            HoldStatus::Released | HoldStatus::Unknown => (Code::ReservationReleased, None),
            HoldStatus::Expired => (Code::ReservationExpired, None),
            HoldStatus::Active => (Code::ReservationExpired, Some(Settle::Expired)),
        };
        // No money was taken by a declined payment, nor where there was nothing to pay.
        if verdict == Verdict::Declined || payment.is_free(hold.reservation_token) {
            if settle.is_some() && !self.expire(hold).await? {
                return Ok(None);
            }
            self.unlock_unless_sold(hold).await;
            return Err(code.into());
        }
        let refund_due = match self
            .store
            .record_payment(hold, settle, payment, BookingStatus::RefundDue, record)
            .await
        {
            Ok(_) => {
                count_refund();
                true
            }
            Err(Failure::Aborted(NotSold::HoldGone)) => return Ok(None),
            Err(Failure::Aborted(_)) => {
                // The payment was recorded before. That aborted the whole transaction, so the end
                // of the hold is still to be written.
                if settle.is_some() && !self.expire(hold).await? {
                    return Ok(None);
                }
                let recorded = self.store.bookings.find_by_payment(&hold.app_id, payment).await?;
                // The index sees a commit before a majority read does.
                let Some(recorded) = recorded else { return Ok(None) };
                if recorded.id == record {
                    // Our own commit got no response.
                    count_refund();
                }
                recorded.status == BookingStatus::RefundDue
            }
            Err(Failure::Unknown(cause)) => {
                metrics::count(Metric::UnknownOutcomes);
                if !self.finds_record(hold, payment, record).await {
                    return Err(Error::unavailable(cause));
                }
                count_refund();
                true
            }
            Err(Failure::Store(cause)) => return Err(Error::unavailable(cause)),
        };
        self.unlock_unless_sold(hold).await;
        Err(Error::from(code).with_refund_due(refund_due))
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

    /// A seat is sold although a live hold claims it. The indexes make this impossible. If it still
    /// happens, the payment is recorded for a refund, the hold is released, and an alarm is raised.
    async fn refund_sold_seat(&self, hold: &Hold, payment: &PaymentId) -> Result<Confirmation> {
        error!(alarm = "SEAT_GUARD", seats = ?hold.seat_ids, "a live hold claims a sold seat");
        match self
            .store
            .record_payment(
                hold,
                Some(Settle::Released),
                payment,
                BookingStatus::RefundDue,
                ObjectId::new(),
            )
            .await
        {
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

    /// Marks an overdue hold as expired; `false` if it has changed.
    async fn expire(&self, hold: &Hold) -> Result<bool> {
        Ok(self
            .store
            .reservations
            .expire(&hold.app_id, hold.user_id.into(), hold.reservation_token)
            .await?)
    }

    async fn unlock_unless_sold(&self, hold: &Hold) {
        if hold.status != HoldStatus::Confirmed {
            self.unlock(hold).await;
        }
    }
}

fn count_refund() {
    metrics::count(Metric::RefundsDue);
    warn!("a payment was taken for a hold that had ended");
}
