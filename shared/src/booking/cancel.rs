//! Cancelling seats of a booking: one transaction frees them and puts the refund on record. The
//! provider gets the request for the refund after the commit.

use super::BookingService;
use crate::{
    auth::Caller,
    clock::Backoff,
    domain::{BookingId, CancellationRefusal, Currency, ObjectId, Rate, SeatId, Shares, Timestamp},
    error::{Code, Error, Result},
    metrics,
    store::{
        bookings::{Booking, BookingStatus},
        cancellations::{CancelledBy, NewCancellation, shares_of},
        entities::Entity,
        tx::Failure,
    },
};
use serde_json::json;

/// What a user wants to cancel.
#[derive(Clone, Debug)]
pub struct CancelRequest {
    /// The booking's public id.
    pub booking: BookingId,
    /// Some of its seats. `None`: all that are left.
    pub seats: Option<Vec<SeatId>>,
    /// The refund that the user was shown, in the currency's minor unit.
    pub expected_refund: Option<i64>,
}

/// What a cancellation would give back now.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The seats that would be cancelled.
    pub seats: Vec<ObjectId>,
    /// Why they cannot be cancelled. `None`: they can.
    pub refusal: Option<CancellationRefusal>,
    /// How their price would be divided. All parts are zero if they cannot be cancelled.
    pub shares: Shares,
    /// The currency of the booking, in which the amounts are.
    pub currency: Currency,
    /// From this time on less goes back, or nothing. `None`: that never happens.
    pub changes_at: Option<Timestamp>,
}

impl BookingService {
    /// What a cancellation of the caller's seats would give back now.
    ///
    /// # Errors
    /// `BOOKING_NOT_FOUND`, `BOOKING_NOT_CONFIRMED`, or `SEAT_NOT_FOUND` for a seat of another
    /// booking.
    pub async fn quote_cancellation(
        &self,
        caller: &Caller,
        booking: &BookingId,
        seats: Option<&[SeatId]>,
    ) -> Result<Quote> {
        let booking = self.booking_to_cancel(caller, booking).await?;
        let seats = seats_left(&booking, seats)?;
        let currency = booking.currency.clone();
        let refused = |refusal| Quote {
            seats: seats.clone(),
            refusal: Some(refusal),
            shares: Shares::default(),
            currency: currency.clone(),
            changes_at: None,
        };
        if seats.is_empty() {
            return Ok(refused(CancellationRefusal::AlreadyCancelled));
        }
        let rate = match self.buyers_rate(&booking).await? {
            Ok(rate) => rate,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let by_policy = rate.shares(prices(&booking, &seats));
        let shares = shares_of(&booking, &booking.refunds, by_policy);
        Ok(Quote { seats, refusal: None, shares, currency, changes_at: rate.changes_at })
    }

    /// Cancels seats of the caller's booking. Repeating the call is safe.
    ///
    /// # Errors
    /// `BOOKING_NOT_FOUND`, `BOOKING_NOT_CONFIRMED`, `SEAT_NOT_FOUND`, `CANCELLATION_NOT_ALLOWED`,
    /// `REFUND_CHANGED` or `PAYMENT_DISPUTED`.
    pub async fn cancel(&self, caller: &Caller, request: &CancelRequest) -> Result<Booking> {
        let mut backoff = Backoff::default();
        loop {
            let booking = self.booking_to_cancel(caller, &request.booking).await?;
            let seats = seats_left(&booking, request.seats.as_deref())?;
            if seats.is_empty() {
                return Ok(booking);
            }
            let rate = self.buyers_rate(&booking).await?.map_err(not_allowed)?;
            let by_policy = rate.shares(prices(&booking, &seats));
            let refund = shares_of(&booking, &booking.refunds, by_policy).refund;
            if request.expected_refund.is_some_and(|expected| expected != refund) {
                let details = json!({"refund": refund});
                return Err(Error::from(Code::RefundChanged).with_details(details));
            }
            refuse_disputed(&booking, by_policy)?;
            let (shares, by) = (by_policy, CancelledBy::User);
            let new = NewCancellation { seats: &seats, shares, by, act: None };
            if let Some(booking) = self.cancel_seats(&booking, new).await? {
                return Ok(booking);
            }
            if !backoff.pause().await {
                return Err(Error::unavailable("the booking changed at every attempt"));
            }
        }
    }

    /// Cancels these seats, and begins the refund. `None`: the booking has changed, or the outcome
    /// is unknown; read it again.
    pub(super) async fn cancel_seats(
        &self,
        booking: &Booking,
        new: NewCancellation<'_>,
    ) -> Result<Option<Booking>> {
        match self.store.cancel(booking, new).await {
            Ok((mut cancelled, refund)) => {
                let (app, entity) = (&cancelled.app_id, &cancelled.entity_id);
                let ids: Vec<SeatId> = new.seats.iter().copied().map(Into::into).collect();
                // Sold seats have no locks. This call only invalidates cached listings.
                let token = cancelled.reservation_token;
                self.gate.release_locks(app, entity, &ids, token, None).await;
                if let Some(refund) = refund {
                    self.begin_refund(&refund).await;
                }
                // Repeating the call is safe.
                self.store.fill_seats_and_refunds(std::slice::from_mut(&mut cancelled)).await?;
                Ok(Some(cancelled))
            }
            Err(Failure::Aborted(_) | Failure::Unknown(_)) => Ok(None),
            Err(Failure::Store(cause)) => Err(cause.into()),
        }
    }

    /// The caller's booking with its seats and refunds. Fails if its seats were never sold.
    async fn booking_to_cancel(&self, caller: &Caller, id: &BookingId) -> Result<Booking> {
        let found = self.store.bookings.find(caller.app_id(), caller.user, id).await?;
        self.require_sold(found.ok_or(Code::BookingNotFound)?).await
    }

    /// The booking with its seats and refunds. Fails if its seats were never sold.
    pub(super) async fn require_sold(&self, mut booking: Booking) -> Result<Booking> {
        metrics::set_entity(&booking.entity_id);
        match booking.status.known() {
            Some(BookingStatus::Confirmed | BookingStatus::Cancelled) => {}
            Some(BookingStatus::Failed | BookingStatus::RefundDue) => {
                return Err(Code::BookingNotConfirmed.into());
            }
            None => return Err(Error::unavailable("a later version has changed the booking")),
        }
        self.store.fill_seats_and_refunds(std::slice::from_mut(&mut booking)).await?;
        Ok(booking)
    }

    /// What the booking's terms give back now.
    pub(super) async fn rate_of(
        &self,
        booking: &Booking,
    ) -> Result<std::result::Result<Rate, CancellationRefusal>> {
        Ok(rate_by_terms(booking, self.entity_of(booking).await?.as_ref()))
    }

    /// The rate for a buyer who cancels now. If the organiser has cancelled the entity, it is at
    /// least the rate that the worker will use.
    async fn buyers_rate(
        &self,
        booking: &Booking,
    ) -> Result<std::result::Result<Rate, CancellationRefusal>> {
        let entity = self.entity_of(booking).await?;
        let rate = rate_by_terms(booking, entity.as_ref());
        let cancel = entity.and_then(|entity| entity.row.cancel);
        Ok(rate.map(|rate| cancel.map_or(rate, |cancel| rate.or_percent(cancel.refund_percent))))
    }

    async fn entity_of(&self, booking: &Booking) -> Result<Option<Entity>> {
        Ok(self.store.entities.find(&booking.app_id, &booking.entity_id).await?)
    }
}

/// What the booking's terms give back now. If the organiser has moved the entity, the later of the
/// two starts counts, which is the better one for the buyer.
fn rate_by_terms(
    booking: &Booking,
    entity: Option<&Entity>,
) -> std::result::Result<Rate, CancellationRefusal> {
    let terms = booking.terms.as_ref().ok_or(CancellationRefusal::NoPolicy)?;
    let now = entity.map_or_else(Timestamp::now, Entity::now);
    let moved_to = entity.map_or(terms.starts_at, |entity| entity.settings.starts_at);
    // Without a start, nothing is ever too late.
    let start = terms.starts_at.zip(moved_to).map(|(sold, moved)| sold.max(moved));
    terms.policy.rate(start, now)
}

/// Fails if money would go back although the payment is disputed, or the buyer has won the dispute.
/// Otherwise the money could go back twice.
pub(super) fn refuse_disputed(booking: &Booking, shares: Shares) -> Result<()> {
    if booking.is_disputed() && shares_of(booking, &booking.refunds, shares).refund > 0 {
        return Err(Code::PaymentDisputed.into());
    }
    Ok(())
}

/// The wanted seats that are not cancelled. Without `wanted`, all seats that are left.
pub(super) fn seats_left(booking: &Booking, wanted: Option<&[SeatId]>) -> Result<Vec<ObjectId>> {
    let left: &[ObjectId] =
        if booking.status == BookingStatus::Confirmed { &booking.seat_ids } else { &[] };
    let Some(wanted) = wanted else { return Ok(left.to_vec()) };
    let wanted: Vec<ObjectId> = wanted.iter().map(|seat| seat.object_id()).collect();
    let is_known = |id: &ObjectId| {
        booking.seat_ids.contains(id) || booking.seats.iter().any(|seat| seat.seat_id == *id)
    };
    if !wanted.iter().all(is_known) {
        return Err(Code::SeatNotFound.into());
    }
    Ok(left.iter().copied().filter(|id| wanted.contains(id)).collect())
}

/// The prices at which seats of the booking were sold.
pub(super) fn prices<'a>(
    booking: &'a Booking,
    seats: &'a [ObjectId],
) -> impl Iterator<Item = i64> + 'a {
    booking.seats.iter().filter(|seat| seats.contains(&seat.seat_id)).map(|seat| seat.price)
}

fn not_allowed(refusal: CancellationRefusal) -> Error {
    Error::from(Code::CancellationNotAllowed).with_details(json!({"reason": refusal}))
}
