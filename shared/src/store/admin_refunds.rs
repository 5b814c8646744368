//! Refunds that an admin asks for. The refund, the booking's history and the response for the
//! request's idempotency key are written in one transaction.

use super::{
    Store,
    bookings::{Booking, RefundNote},
    cancellations::{left_of, refundable},
    history::ActorAndReason,
    idempotency::KeyedResponse,
    refunds::Refund,
    tx,
};
use crate::domain::{AdminAction, EventType, Reason, RefundResolution};
use mongodb::{
    ClientSession,
    bson::{Document, doc, oid::ObjectId},
    error::Error as DriverError,
};

/// The response of a request, which is stored under its idempotency key with the refund.
pub(crate) type Response<'a> = &'a (dyn Fn(&Refund) -> Option<KeyedResponse> + Send + Sync);

/// Why nothing was given back.
#[derive(Debug)]
pub(crate) enum NotRefunded {
    /// Only this much of the payment is left.
    TooMuch { left: i64 },
    /// Somebody disputes the payment.
    Disputed,
    /// Another request has taken the idempotency key.
    KeyLost,
    /// The refund has not failed, it was retried, or it belongs to a dispute that the tenant won.
    NotFailed,
}

type RefundStep = Result<tx::Step<Refund, NotRefunded>, DriverError>;

impl Store {
    /// Puts a refund of this much of a booking's payment on record.
    pub(crate) async fn refund(
        &self,
        booking: &Booking,
        amount: i64,
        act: &ActorAndReason,
        response: Response<'_>,
    ) -> Result<Refund, tx::Failure<NotRefunded>> {
        let id = ObjectId::new();
        tx::run(self, &NewRefund { store: self, booking, amount, act, response, id }).await
    }

    /// Makes a failed refund again, as a new refund with a link from each of the two to the other.
    /// Or records that it was paid by hand.
    pub(crate) async fn resolve_failed_refund(
        &self,
        failed: &Refund,
        how: RefundResolution,
        act: &ActorAndReason,
        response: Response<'_>,
    ) -> Result<Refund, tx::Failure<NotRefunded>> {
        let new = (how == RefundResolution::Retry).then(ObjectId::new);
        tx::run(self, &FailedRefund { store: self, failed, act, response, new }).await
    }
}

/// What an admin does to a failed refund.
struct FailedRefund<'a> {
    store: &'a Store,
    failed: &'a Refund,
    act: &'a ActorAndReason,
    response: Response<'a>,
    /// The id of the refund that replaces it. `None`: it was paid by hand.
    new: Option<ObjectId>,
}

impl FailedRefund<'_> {
    fn change(&self) -> Document {
        let mut set = doc! {"updatedAt": "$$NOW"};
        match self.new {
            Some(id) => {
                set.insert("retriedBy", Refund::public_id(id));
            }
            None => {
                let note = self.act.reason.as_ref().map_or("", Reason::as_str);
                let actor = self.act.actor.to_string();
                set.insert("status", "SUCCEEDED");
                set.insert(
                    "settled",
                    doc! {"at": "$$NOW", "actor": actor, "note": {"$literal": note}},
                );
                let event = EventType::RefundSucceeded;
                set.extend(self.store.refund_event(&self.failed.app_id, event));
            }
        }
        set
    }
}

impl tx::Body for FailedRefund<'_> {
    type Value = Refund;
    type Reason = NotRefunded;

    async fn run(&self, session: &mut ClientSession) -> RefundStep {
        let Self { store, failed, act, .. } = *self;
        let before = store.refunds.of_in(session, failed.booking).await?;
        let Some(changed) = store.refunds.change_failed(session, failed.id, self.change()).await?
        else {
            return Ok(tx::Step::Abort(NotRefunded::NotFailed));
        };
        let (action, refund_id, paid_back) = match self.new {
            Some(id) => (AdminAction::Retry, Refund::public_id(id), 0),
            None => (AdminAction::Settle, changed.refund_id.clone(), changed.amount),
        };
        let entry = act.entry(action, Some((&refund_id, changed.amount)), &[])?;
        let note = RefundNote { paid_back, entry: Some(entry), ..RefundNote::default() };
        let bookings = &store.bookings;
        let noted = bookings.note_refund(session, changed.booking, note).await?;
        let Some(booking) = noted else { return Ok(tx::Step::Abort(NotRefunded::NotFailed)) };
        if booking.is_of_dispute(&changed) {
            // The tenant has won the dispute after all. Nothing is due to the buyer.
            return Ok(tx::Step::Abort(NotRefunded::NotFailed));
        }
        if booking.is_disputed() {
            return Ok(tx::Step::Abort(NotRefunded::Disputed));
        }
        let left = left_of(&booking, &before);
        if changed.amount > left {
            // It went back another way in the meantime.
            return Ok(tx::Step::Abort(NotRefunded::TooMuch { left }));
        }
        let refund = match self.new {
            Some(id) => {
                let new = Refund::new(id, &booking, changed.amount, booking.updated_at);
                let new = Refund {
                    retry_of: Some(changed.refund_id),
                    cancelled_entity: changed.cancelled_entity,
                    ..new
                };
                let new = new.with_event(&store.subscriptions, EventType::RefundDue);
                store.refunds.insert(session, &new).await?;
                new
            }
            None => changed,
        };
        respond(store, session, &refund, self.response).await
    }
}

/// Stores the response with the refund.
async fn respond(
    store: &Store,
    session: &mut ClientSession,
    refund: &Refund,
    response: Response<'_>,
) -> RefundStep {
    if let Some(response) = response(refund)
        && !store.idempotency.finish_in(session, &response).await?
    {
        return Ok(tx::Step::Abort(NotRefunded::KeyLost));
    }
    Ok(tx::Step::Commit(refund.clone()))
}

struct NewRefund<'a> {
    store: &'a Store,
    booking: &'a Booking,
    amount: i64,
    act: &'a ActorAndReason,
    response: Response<'a>,
    id: ObjectId,
}

impl tx::Body for NewRefund<'_> {
    type Value = Refund;
    type Reason = NotRefunded;

    async fn run(&self, session: &mut ClientSession) -> RefundStep {
        let Self { store, booking, act, .. } = *self;
        let refunds = store.refunds.of_in(session, booking.id).await?;
        let left = left_of(booking, &refunds);
        if self.amount > left {
            return Ok(tx::Step::Abort(NotRefunded::TooMuch { left }));
        }
        let amount = refundable(booking, &refunds, self.amount);
        let refund_id = Refund::public_id(self.id);
        let entry = act.entry(AdminAction::Refund, Some((&refund_id, amount)), &[])?;
        // Every change of a booking's money writes the booking, so no two of them overlap.
        let note = RefundNote { entry: Some(entry), ..RefundNote::default() };
        let Some(booking) = store.bookings.note_refund(session, booking.id, note).await? else {
            return Ok(tx::Step::Abort(NotRefunded::TooMuch { left: 0 }));
        };
        if booking.is_disputed() {
            return Ok(tx::Step::Abort(NotRefunded::Disputed));
        }
        let refund = Refund::new(self.id, &booking, amount, booking.updated_at)
            .with_event(&store.subscriptions, EventType::RefundDue);
        store.refunds.insert(session, &refund).await?;
        respond(store, session, &refund, self.response).await
    }
}
