//! Confirming: call the payment provider outside any transaction, sell in one transaction of three
//! guarded writes, and delete the locks only after its commit.
//!
//! No payment is lost: see `unsold_payments`.

use super::{
    BookingService,
    payment_check::{AskedAccount, PaymentCheck, PaymentClaim, free_payment, pending},
};
use crate::{
    auth::Caller,
    clock::Backoff,
    domain::{ObjectId, PaymentId, ReservationToken, UserId},
    error::{Code, Error, Result},
    faults::flawed,
    metrics::{self, Metric},
    payment::{Mismatch, PaymentOutcome},
    store::{
        apps::App,
        bookings::{Booking, BookingStatus},
        reservations::{Hold, HoldStatus},
        sales::{NotSold, Payment},
        tx::Failure,
    },
};
use tracing::warn;

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
    /// `RESERVATION_ALREADY_CONFIRMED`. For the payment: `PAYMENT_FAILED`, `PAYMENT_PENDING`,
    /// `PAYMENT_MISMATCH`, `PAYMENT_ALREADY_USED` or `PAYMENTS_NOT_CONFIGURED`. The details have
    /// `refundDue` if the payment was taken and recorded for a refund.
    pub async fn confirm(
        &self,
        caller: &Caller,
        token: ReservationToken,
        payment: Option<&PaymentId>,
    ) -> Result<Confirmation> {
        let mut outcome =
            self.settle(&caller.app, caller.user, token, PaymentClaim::Given(payment)).await?;
        let (Confirmation::New(booking) | Confirmation::Already(booking)) = &mut outcome;
        // After a sale, only this may fail, because repeating the call is safe.
        self.store.fill_seats_and_refunds(std::slice::from_mut(booking)).await?;
        Ok(outcome)
    }

    /// Settles a hold by a payment: sells its seats, ends it, or leaves it as it is.
    pub(super) async fn settle(
        &self,
        app: &App,
        user: UserId,
        token: ReservationToken,
        claim: PaymentClaim<'_>,
    ) -> Result<Confirmation> {
        // The id for the record of a refund, if this call writes one.
        let record = ObjectId::new();
        let mut verified: Option<(i64, PaymentCheck)> = None;
        let mut backoff = Backoff::default();
        loop {
            let hold = self.hold_of(&app.app_id, user, token).await?;
            let claim = self.effective_claim(app, &hold, claim);
            if let Some(outcome) = self.settled_before(&hold, claim).await? {
                return Ok(outcome);
            }
            // A payment is verified for the amount of one version of the hold.
            let checked = match verified.take() {
                Some((version, checked)) if version == hold.version => checked,
                _ => self.check(app, &hold, claim).await?,
            };
            if let Some(outcome) = self.apply(&hold, claim, &checked, record).await.transpose() {
                return outcome;
            }
            verified = Some((hold.version, checked));
            // The guard sees a commit at once. The majority read that explains it may see it a
            // moment later.
            if !backoff.pause().await {
                return Err(Error::unavailable("the hold changed at every attempt to confirm it"));
            }
        }
    }

    /// What an earlier call with the same payment has decided.
    async fn settled_before(
        &self,
        hold: &Hold,
        claim: PaymentClaim<'_>,
    ) -> Result<Option<Confirmation>> {
        match (hold.status, claim) {
            (HoldStatus::Confirmed, _) => {
                let Some(booking) = self.store.bookings.find_by_hold(hold).await? else {
                    return self.cancelled_meanwhile(hold, claim).await;
                };
                if claim.is_of(hold, &booking.payment_id) {
                    self.unlock(hold).await;
                    return Ok(Some(Confirmation::Already(booking)));
                }
            }
            (HoldStatus::Released, PaymentClaim::Given(Some(payment)))
                if self.store.bookings.was_declined(hold, payment).await? =>
            {
                self.unlock(hold).await;
                return Err(Code::PaymentFailed.into());
            }
            (
                HoldStatus::Active
                | HoldStatus::Expired
                | HoldStatus::Released
                | HoldStatus::Unknown,
                _,
            ) => {}
            (HoldStatus::Cancelled, _) => return self.cancelled_sale(hold, claim).await,
        }
        Ok(None)
    }

    /// The cancelled booking of a hold, if this claim paid for it.
    async fn cancelled_sale(
        &self,
        hold: &Hold,
        claim: PaymentClaim<'_>,
    ) -> Result<Option<Confirmation>> {
        let Some(id) = claim.payment_id(hold) else { return Ok(None) };
        Ok(self.sale_by(hold, &id).await?.map(Confirmation::Already))
    }

    /// The booking that this payment bought with the hold, even if it was cancelled since.
    async fn sale_by(&self, hold: &Hold, payment: &PaymentId) -> Result<Option<Booking>> {
        let booking = self.store.bookings.find_by_payment(&hold.app_id, payment).await?;
        Ok(booking.filter(|booking| {
            booking.reservation_token == hold.reservation_token
                && booking.status != BookingStatus::RefundDue
        }))
    }

    /// A hold that was read as CONFIRMED has no CONFIRMED booking: a cancellation came
    /// between the two reads.
    async fn cancelled_meanwhile(
        &self,
        hold: &Hold,
        claim: PaymentClaim<'_>,
    ) -> Result<Option<Confirmation>> {
        let hold = self.hold_of(&hold.app_id, hold.user_id.into(), hold.reservation_token).await?;
        if hold.status == HoldStatus::Cancelled {
            return self.cancelled_sale(&hold, claim).await;
        }
        // One transaction writes hold and booking. So two reads that show only one of them came
        // from different primaries.
        Err(Error::unavailable("the booking of a confirmed hold cannot be read yet"))
    }

    /// Acts on what is known about the payment: sells the seats, ends the hold, or fails. `None`:
    /// read the hold again.
    async fn apply(
        &self,
        hold: &Hold,
        claim: PaymentClaim<'_>,
        checked: &PaymentCheck,
        record: ObjectId,
    ) -> Result<Option<Confirmation>> {
        match checked {
            PaymentCheck::Judged { by, outcome } => {
                self.apply_judged(hold, claim, by, outcome, record).await
            }
            PaymentCheck::Free | PaymentCheck::Foreign | PaymentCheck::NotConfigured
                if !hold.is_live() =>
            {
                match self.recorded_as_due(hold, claim).await? {
                    Some(due) => self.refuse_given_back(hold, &due).await,
                    None => self.end_unpaid(hold).await,
                }
            }
            PaymentCheck::Free => self.sell(hold, &free_payment(hold)).await,
            PaymentCheck::Foreign => self.refuse_foreign(hold, claim).await,
            PaymentCheck::NotConfigured => Err(Code::PaymentsNotConfigured.into()),
        }
    }

    /// Acts on the provider's response about the payment. `None`: read the hold again.
    async fn apply_judged(
        &self,
        hold: &Hold,
        claim: PaymentClaim<'_>,
        by: &AskedAccount,
        outcome: &PaymentOutcome,
        record: ObjectId,
    ) -> Result<Option<Confirmation>> {
        let is_live = hold.is_live();
        if is_live && claim.is_stray(hold) {
            return self.refuse_stray(hold, by, outcome).await;
        }
        let names_another = claim.names_another_than(outcome);
        if (is_unpaid(outcome) || names_another)
            && let Some(due) = self.recorded_as_due(hold, claim).await?
        {
            return self.refuse_given_back(hold, &due).await;
        }
        let (settled, others) = match outcome {
            PaymentOutcome::Taken { payment, others } => {
                let payment = by.taken(payment);
                let settled = if is_live {
                    self.sell(hold, &payment).await
                } else if names_another && let Some(sale) = self.sale_by(hold, &payment.id).await? {
                    Ok(Some(Confirmation::Already(sale)))
                } else {
                    self.reject_late_payment(hold, &payment, record).await
                };
                (settled, others)
            }
            PaymentOutcome::Mismatch(
                mismatch @ (Mismatch::Amount(taken, others) | Mismatch::Currency(taken, others)),
            ) => {
                let payment = Payment { mismatch: Some(mismatch.field()), ..by.taken(taken) };
                let settled = if is_live {
                    self.reject_mismatch(hold, &payment, record).await
                } else {
                    self.reject_late_payment(hold, &payment, record).await
                };
                (settled, others)
            }
            PaymentOutcome::Pending { .. }
            | PaymentOutcome::Declined
            | PaymentOutcome::Mismatch(Mismatch::Reservation | Mismatch::App | Mismatch::Mode)
                if !is_live =>
            {
                return self.end_unpaid(hold).await;
            }
            PaymentOutcome::Pending { status } => return Err(pending(status)),
            PaymentOutcome::Declined => return self.decline_claimed(hold, claim, by).await,
            PaymentOutcome::Mismatch(mismatch) => {
                return Err(Error::payment_mismatch(mismatch.field()));
            }
        };
        // Whatever this payment has bought, the others are due back. If the hold is to be read
        // again, the next attempt records them.
        if !matches!(settled, Ok(None)) {
            self.record_others(hold, by, others).await?;
        }
        settled
    }

    /// Releases a live hold whose claimed payment was declined. `None`: read the hold again.
    async fn decline_claimed(
        &self,
        hold: &Hold,
        claim: PaymentClaim<'_>,
        by: &AskedAccount,
    ) -> Result<Option<Confirmation>> {
        let id = match claim {
            PaymentClaim::Given(None) => return Ok(None),
            PaymentClaim::Given(Some(id)) => id.clone(),
            PaymentClaim::Named(named) => {
                PaymentId::parse(named.reference.started_id()).map_err(Error::internal)?
            }
        };
        self.decline(hold, &by.declined(hold, &id)).await
    }

    /// Sells the seats. `None`: the hold has changed, read it again.
    async fn sell(&self, hold: &Hold, payment: &Payment) -> Result<Option<Confirmation>> {
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
    async fn find_sale(&self, hold: &Hold, payment: &Payment) -> Option<Confirmation> {
        let mut backoff = Backoff::default();
        loop {
            match self.store.bookings.find_by_hold(hold).await {
                Ok(Some(booking)) if booking.payment_id == payment.id => {
                    metrics::count(Metric::BookingsConfirmed);
                    self.unlock(hold).await;
                    return Some(Confirmation::New(booking));
                }
                _ if backoff.pause().await => {}
                _ => return None,
            }
        }
    }

    /// Handles a payment that already has a booking. Fails if it bought something else; the live
    /// hold stays. `None`: read the hold again, because the booking is its own, or not visible yet.
    async fn resolve_used_payment(
        &self,
        hold: &Hold,
        payment: &Payment,
    ) -> Result<Option<Confirmation>> {
        match self.store.bookings.find_by_payment(&hold.app_id, &payment.id).await? {
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
}

/// Whether the payment can never pay for the hold, and no money was taken for it.
fn is_unpaid(outcome: &PaymentOutcome) -> bool {
    match outcome {
        PaymentOutcome::Declined
        | PaymentOutcome::Mismatch(Mismatch::Reservation | Mismatch::App | Mismatch::Mode) => true,
        PaymentOutcome::Taken { .. }
        | PaymentOutcome::Pending { .. }
        | PaymentOutcome::Mismatch(Mismatch::Amount(..) | Mismatch::Currency(..)) => false,
    }
}
