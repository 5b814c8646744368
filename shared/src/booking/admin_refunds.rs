//! What an organiser does to the money of a booking: cancel seats whatever the policy says,
//! or give money back.

use super::{
    BookingService,
    cancel::{prices, refuse_disputed, seats_left},
};
use crate::{
    clock::Backoff,
    domain::{AppId, BookingId, ObjectId, Rate, RefundChoice, RefundResolution, SeatId, Shares},
    error::{Code, Error, Result},
    metrics,
    store::{
        admin_refunds::{NotRefunded, Response},
        bookings::{Booking, BookingStatus},
        cancellations::{CancelledBy, NewCancellation},
        history::ActorAndReason,
        refunds::Refund,
        tx::Failure,
    },
};
use serde_json::json;

/// What an organiser wants to cancel.
#[derive(Clone, Debug)]
pub struct AdminCancelRequest {
    /// Some of the booking's seats. `None`: all that are left.
    pub seats: Option<Vec<SeatId>>,
    /// How much of their price goes back.
    pub refund: RefundChoice,
    /// Who cancels, and why.
    pub act: ActorAndReason,
}

impl BookingService {
    /// A booking with its seats and refunds. Without `app`, it may be of any app.
    ///
    /// # Errors
    /// `BOOKING_NOT_FOUND`.
    pub async fn booking_for_admin(&self, app: Option<&AppId>, id: &BookingId) -> Result<Booking> {
        let found = self.store.bookings.find_for_admin(app, id).await?;
        let mut booking = found.ok_or(Code::BookingNotFound)?;
        metrics::set_entity(&booking.entity_id);
        self.store.fill_seats_and_refunds(std::slice::from_mut(&mut booking)).await?;
        Ok(booking)
    }

    /// Cancels seats of a booking, whatever its policy says. Repeating the call is safe.
    ///
    /// # Errors
    /// `BOOKING_NOT_FOUND`, `BOOKING_NOT_CONFIRMED`, `SEAT_NOT_FOUND`, `PAYMENT_DISPUTED`, or
    /// `VALIDATION_ERROR` for an amount above the price of the seats.
    pub async fn cancel_for_admin(
        &self,
        app: Option<&AppId>,
        id: &BookingId,
        request: &AdminCancelRequest,
    ) -> Result<Booking> {
        let mut backoff = Backoff::default();
        loop {
            let found = self.store.bookings.find_for_admin(app, id).await?;
            let booking = self.require_sold(found.ok_or(Code::BookingNotFound)?).await?;
            self.load_subscriptions(&booking.app_id).await?;
            let seats = seats_left(&booking, request.seats.as_deref())?;
            if seats.is_empty() {
                return Ok(booking);
            }
            let shares = self.shares_by_choice(&booking, &seats, request.refund).await?;
            refuse_disputed(&booking, shares)?;
            let (by, act) = (CancelledBy::Admin, Some(&request.act));
            let new = NewCancellation { seats: &seats, shares, by, act };
            if let Some(booking) = self.cancel_seats(&booking, new).await? {
                return Ok(booking);
            }
            if !backoff.pause().await {
                return Err(Error::unavailable("the booking changed at every attempt"));
            }
        }
    }

    /// How an organiser's choice divides the price of the seats into refund, fee and kept part.
    pub(super) async fn shares_by_choice(
        &self,
        booking: &Booking,
        seats: &[ObjectId],
        choice: RefundChoice,
    ) -> Result<Shares> {
        let rate = match choice {
            RefundChoice::Policy => self.rate_of(booking).await?.unwrap_or(Rate::NOTHING),
            RefundChoice::Full => Rate::ALL,
            RefundChoice::None | RefundChoice::Amount(_) => Rate::NOTHING,
        };
        let shares = rate.shares(prices(booking, seats));
        let RefundChoice::Amount(amount) = choice else { return Ok(shares) };
        if amount > shares.paid {
            let reason = format!("must be at most {}, the price of the seats", shares.paid);
            return Err(Error::field("refund.amount", reason));
        }
        Ok(shares.with_refund(amount))
    }

    /// Gives back a part of a booking's payment, without a cancellation. Only an idempotency key
    /// makes a repeat safe: `response` is stored with the refund.
    ///
    /// # Errors
    /// `BOOKING_NOT_FOUND`, `BOOKING_NOT_CONFIRMED` if nothing was paid, or `VALIDATION_ERROR` for
    /// more than is left of the payment.
    pub async fn refund_for_admin(
        &self,
        app: Option<&AppId>,
        id: &BookingId,
        amount: i64,
        act: &ActorAndReason,
        response: Response<'_>,
    ) -> Result<Refund> {
        let found = self.store.bookings.find_for_admin(app, id).await?;
        let booking = found.ok_or(Code::BookingNotFound)?;
        self.load_subscriptions(&booking.app_id).await?;
        metrics::set_entity(&booking.entity_id);
        if booking.status == BookingStatus::Failed {
            return Err(Code::BookingNotConfirmed.into());
        }
        match self.store.refund(&booking, amount, act, response).await {
            Err(Failure::Aborted(NotRefunded::TooMuch { left })) => {
                let reason = format!("must be at most {left}, what is left of the payment");
                Err(Error::field("amount", reason))
            }
            outcome => Ok(self.start_and_reload(outcome.map_err(refund_error)?).await),
        }
    }

    /// Reads the app, since an admin's token names none. Only this tells the store which events the
    /// app's endpoints want.
    async fn load_subscriptions(&self, app: &AppId) -> Result<()> {
        self.store.apps.find(app).await?;
        Ok(())
    }

    /// Makes a failed refund again, as a new refund, or records that it was paid by hand.
    /// `response` is stored with it.
    ///
    /// # Errors
    /// `REFUND_NOT_FOUND`, or `REFUND_NOT_FAILED`.
    pub async fn resolve_failed_refund(
        &self,
        app: Option<&AppId>,
        id: &str,
        how: RefundResolution,
        act: &ActorAndReason,
        response: Response<'_>,
    ) -> Result<Refund> {
        let found = self.store.refunds.find(app, id).await?;
        let failed_refund = found.ok_or(Code::RefundNotFound)?;
        self.load_subscriptions(&failed_refund.app_id).await?;
        let refund = self.store.resolve_failed_refund(&failed_refund, how, act, response).await;
        let refund = refund.map_err(refund_error)?;
        match how {
            RefundResolution::Retry => Ok(self.start_and_reload(refund).await),
            RefundResolution::Settle => Ok(refund),
        }
    }

    /// Asks the provider for a new refund, and reads its status.
    async fn start_and_reload(&self, refund: Refund) -> Refund {
        self.begin_refund(&refund).await;
        // The refund is on record even if this read fails.
        let now = self.store.refunds.find(None, &refund.refund_id).await;
        now.ok().flatten().unwrap_or(refund)
    }
}

fn refund_error(failure: Failure<NotRefunded>) -> Error {
    match failure {
        Failure::Aborted(NotRefunded::TooMuch { left }) => {
            let message = "Less than this refund is left of the payment";
            Error::new(Code::RefundNotFailed, message).with_details(json!({"left": left}))
        }
        Failure::Aborted(NotRefunded::Disputed) => Code::PaymentDisputed.into(),
        Failure::Aborted(NotRefunded::NotFailed) => Code::RefundNotFailed.into(),
        Failure::Aborted(NotRefunded::KeyLost) => {
            Error::unavailable("another request has taken the idempotency key")
        }
        Failure::Store(cause) => cause.into(),
        Failure::Unknown(cause) => Error::unavailable(cause),
    }
}
