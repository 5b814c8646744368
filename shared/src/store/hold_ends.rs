//! How holds end: by release, by expiry, or inside the transaction that sells or records a payment.

use super::{
    StoreError,
    hold_filters::{
        claims_on, end_unsold, live_own, live_version, overdue, overdue_own, own, with_status,
        without_payment,
    },
    reservations::{Hold, MARK_TIMEOUT, Reservations},
    server_time_limit, within_deadline,
};
use crate::{
    domain::{AppId, EventType, ReservationToken, UserId},
    faults::{around, flawed},
};
use mongodb::{
    ClientSession,
    bson::{Document, deserialize_from_document, doc, oid::ObjectId},
    error::Error as DriverError,
    options::ReturnDocument,
};
use serde::Deserialize;

/// A hold that was kept for a payment and has ended unpaid.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnpaidHold {
    pub user_id: ObjectId,
    pub seat_ids: Vec<ObjectId>,
}

impl UnpaidHold {
    fn of(hold: Document) -> Option<Self> {
        let is_extended = hold.get_bool("extended").unwrap_or(false);
        is_extended.then(|| deserialize_from_document(hold).ok()).flatten()
    }
}

/// The result of marking overdue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// This many were marked, and none is left.
    Marked(u64),
    /// Another request has one of them in a transaction, which may or may not sell it.
    Busy,
}

/// How a hold changes inside a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HoldTransition {
    /// From live to CONFIRMED.
    Confirmed,
    /// From live to RELEASED, because the payment was declined.
    Declined,
    /// From live to RELEASED for another reason.
    Released,
    /// The hold stays live and loses its payment, so that another one can be started.
    Unpaid,
    /// From overdue to EXPIRED.
    Expired,
}

impl Reservations {
    /// Releases a live hold; `None` if there is no such live hold.
    pub(crate) async fn release(
        &self,
        app: &AppId,
        user: UserId,
        token: ReservationToken,
    ) -> Result<Option<Hold>, StoreError> {
        let update = |limit| {
            let filter = live_own(app, user, token);
            let stages = end_unsold("RELEASED", self.event(app, EventType::HoldReleased));
            let update = self.holds.find_one_and_update(filter, stages);
            let update = update.return_document(ReturnDocument::After).max_time(limit);
            around("reservations.release", within_deadline(update))
        };
        self.orphans.unblocked(update).await
    }

    /// Marks an overdue hold as expired; `false` if there is no such overdue hold.
    pub(crate) async fn expire(
        &self,
        app: &AppId,
        user: UserId,
        token: ReservationToken,
    ) -> Result<bool, StoreError> {
        let update = |limit| {
            let filter = overdue_own(app, user, token);
            let stages = end_unsold("EXPIRED", self.event(app, EventType::HoldExpired));
            let update = self.holds.find_one_and_update(filter, stages);
            around("reservations.expire", within_deadline(update.max_time(limit)))
        };
        Ok(self.orphans.unblocked(update).await?.is_some())
    }

    /// Marks overdue holds on any of `seats` as expired. Returns also those that were
    /// kept for a payment.
    pub(crate) async fn expire_overdue_on(
        &self,
        app: &AppId,
        seats: &[ObjectId],
    ) -> Result<(Overdue, Vec<UnpaidHold>), StoreError> {
        let mut filter = claims_on(app, seats);
        filter.extend(doc! {"status": "ACTIVE", "$expr": overdue()});
        // Read as plain documents: a hold that cannot be deserialized must end, too.
        let holds = self.holds.clone_with_type::<Document>();
        let (mut marked, mut unpaid) = (0, Vec::new());
        loop {
            // One by one, because only a find-and-modify can carry a time limit. Without a limit, a
            // command that hits an open transaction would keep waiting at the server.
            let stages = end_unsold("EXPIRED", self.event(app, EventType::HoldExpired));
            let update = holds.find_one_and_update(filter.clone(), stages);
            let update = within_deadline(update.max_time(MARK_TIMEOUT.min(server_time_limit())));
            match around("reservations.expire_on", update).await {
                Ok(Some(hold)) => {
                    marked += 1;
                    unpaid.extend(UnpaidHold::of(hold));
                }
                Ok(None) => return Ok((Overdue::Marked(marked), unpaid)),
                Err(error) if error.is_server_time_limit() && self.orphans.end().await > 0 => {}
                Err(error) if error.is_time_limit() => return Ok((Overdue::Busy, unpaid)),
                Err(error) => return Err(error),
            }
        }
    }

    /// Inside a transaction: makes a live hold CONFIRMED or RELEASED, an overdue one EXPIRED, or
    /// removes the payment of a live one. `None` if the hold has changed since `hold` was read: a
    /// payment is for one version.
    pub(crate) async fn settle(
        &self,
        session: &mut ClientSession,
        hold: &Hold,
        transition: HoldTransition,
    ) -> Result<Option<Hold>, DriverError> {
        let (app, user) = (&hold.app_id, UserId::from(hold.user_id));
        let (filter, stages) = match transition {
            HoldTransition::Confirmed if flawed("no-guard") => (
                own(app, user, hold.reservation_token),
                vec![with_status("CONFIRMED", self.no_event(app))],
            ),
            HoldTransition::Confirmed => (
                live_version(hold),
                vec![with_status("CONFIRMED", self.no_event(app)), doc! {"$unset": "askAt"}],
            ),
            HoldTransition::Declined => {
                (live_version(hold), end_unsold("RELEASED", self.no_event(app)))
            }
            HoldTransition::Released => {
                let event = self.event(app, EventType::HoldReleased);
                (live_version(hold), end_unsold("RELEASED", event))
            }
            HoldTransition::Unpaid => {
                (live_version(hold), without_payment(hold, self.changed(hold)))
            }
            HoldTransition::Expired => (
                overdue_own(app, user, hold.reservation_token),
                end_unsold("EXPIRED", self.event(app, EventType::HoldExpired)),
            ),
        };
        let update = self
            .holds
            .find_one_and_update(filter, stages)
            .return_document(ReturnDocument::After)
            // Without a limit, the transaction's first command could keep its locks after we have
            // stopped waiting, and nothing would abort it.
            .max_time(server_time_limit())
            .session(session);
        around("reservations.settle", update).await
    }
}
