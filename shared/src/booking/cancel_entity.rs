//! Cancelling an entity: its holds end, and every booking is cancelled. Each cancellation puts a
//! refund on record, which `pay-refunds` pays.

use super::{
    BookingService, OrganisedEntity,
    cancel::{prices, seats_left},
};
use crate::{
    clock::{Backoff, Deadline},
    domain::{AppId, EntityId, ObjectId, Rate, SeatId},
    error::{Code, Error, Result},
    store::{
        bookings::BookingStatus,
        cancellations::{CancelledBy, NewCancellation},
        entity_cancels::{CancelJob, CancelProgress, NewEntityCancel},
        reservations::Hold,
        tx::Failure,
    },
};
use futures_util::{FutureExt as _, Stream, StreamExt as _, future, stream};
use std::time::Duration;
use tracing::{info, warn};

/// How many holds or bookings a run changes at once.
const AT_ONCE: usize = 8;
/// How long a process keeps an entity that it works on. Each batch extends the lease.
const CANCEL_LEASE_TTL: Duration = Duration::from_secs(60);
/// No batch is started with less time left, because it may take this long.
const MIN_TIME_FOR_BATCH: Duration = Duration::from_secs(5);

/// Whether a hold or a booking was ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Yes,
    /// The next run tries again to end this document.
    No(ObjectId),
}

impl BookingService {
    /// Makes an entity CANCELLED and ends its holds. The worker does the rest. Repeating
    /// the call is safe.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`, or `VALIDATION_ERROR` if an earlier call had another `refundPercent`.
    pub async fn cancel_entity(
        &self,
        app: &AppId,
        id: &EntityId,
        new: &NewEntityCancel,
    ) -> Result<OrganisedEntity> {
        let entities = &self.store.entities;
        let entity = match entities.begin_cancel(app, id, new).await? {
            Some(entity) => entity,
            None => {
                let entity = entities.find(app, id).await?.ok_or(Code::EntityNotFound)?;
                let begun = entity.row.cancel.as_ref();
                let begun =
                    begun.ok_or_else(|| Error::unavailable("the entity changes just now"))?;
                if begun.refund_percent != new.refund_percent {
                    let reason = format!("must be {}, as in the first call", begun.refund_percent);
                    return Err(Error::field("refundPercent", reason));
                }
                entities.reopen_cancel(app, id).await?;
                entity
            }
        };
        self.gate.seats_changed(app, id).await;
        // A confirm that begins now then finds no live hold. Best effort.
        let ended = self.end_holds(app, id);
        match tokio::time::timeout(Deadline::current().remaining() / 2, ended).await {
            Ok(Ok(_)) => {}
            Ok(Err(cause)) => warn!(error = %cause, "the holds are left to the worker"),
            Err(_) => warn!("some holds are left to the worker"),
        }
        self.organised(app, entity).await
    }

    /// Continues the cancellation of entities until the time is up. Returns how many entities it
    /// worked on.
    ///
    /// # Errors
    /// The database failed. The next run continues.
    pub async fn cancel_entities(&self) -> Result<u64> {
        self.store.refresh_subscriptions().await?;
        let mut worked = 0;
        while has_time() {
            let Some(mut job) = self.store.entities.take_cancel(CANCEL_LEASE_TTL).await? else {
                break;
            };
            worked += 1;
            let found = self.work_on(&mut job).await?;
            self.store.entities.plan_cancel(&job, found).await?;
        }
        Ok(worked)
    }

    async fn work_on(&self, job: &mut CancelJob) -> Result<CancelProgress> {
        let (app, entity) = (job.app_id.clone(), job.entity_id.clone());
        self.end_holds(&app, &entity).await?;
        let mut failed = Vec::new();
        let mut cancelled = 0;
        while has_time() {
            let bookings = self.store.sold_of(&app, &entity, &failed).await?;
            if bookings.is_empty() {
                break;
            }
            let current = &*job;
            let ended = bookings.into_iter().map(|id| self.cancel_for_entity(current, id).boxed());
            let ended = in_time(ended).buffer_unordered(AT_ONCE).collect::<Vec<Ended>>().await;
            cancelled += ended.iter().filter(|ended| **ended == Ended::Yes).count();
            failed.extend(failures(ended));
            self.gate.seats_changed(&app, &entity).await;
            if !self.store.entities.keep_cancel(job, CANCEL_LEASE_TTL).await? {
                // Another worker has the job now.
                return Ok(CancelProgress::ClaimsLeft);
            }
        }
        info!(cancelled, failed = failed.len(), entity = entity.as_str(), "bookings cancelled");
        let is_claimed = self.store.is_claimed(&app, &entity).await?;
        Ok(if is_claimed { CancelProgress::ClaimsLeft } else { CancelProgress::NoClaim })
    }

    /// Ends the holds of a cancelled entity, except those that cannot be ended now.
    async fn end_holds(&self, app: &AppId, entity: &EntityId) -> Result<()> {
        let mut failed = Vec::new();
        while has_time() {
            let holds = self.store.reservations.active_of(app, entity, &failed).await?;
            if holds.is_empty() {
                break;
            }
            let ended = holds.into_iter().map(|hold| self.end_for_entity(hold).boxed());
            let ended = in_time(ended).buffer_unordered(AT_ONCE).collect::<Vec<Ended>>().await;
            failed.extend(failures(ended));
        }
        Ok(())
    }

    async fn end_for_entity(&self, hold: Hold) -> Ended {
        let ended = async {
            match self.store.reservations.end_of_entity(&hold).await? {
                Some(hold) => self.unlock(&hold).await,
                // It was sold, or has ended by itself.
                None => _ = self.expire(&hold).await?,
            }
            Ok::<(), Error>(())
        };
        match ended.await {
            Ok(()) => Ended::Yes,
            Err(cause) => {
                warn!(error = %cause, hold = %hold.id, "a hold cannot be ended now");
                Ended::No(hold.id)
            }
        }
    }

    /// Cancels what is left of a booking.
    async fn cancel_for_entity(&self, job: &CancelJob, id: ObjectId) -> Ended {
        match self.try_cancel_for_entity(job, id).await {
            Ok(()) => Ended::Yes,
            Err(cause) => {
                warn!(error = %cause, booking = %id, "a booking cannot be cancelled now");
                Ended::No(id)
            }
        }
    }

    async fn try_cancel_for_entity(&self, job: &CancelJob, id: ObjectId) -> Result<()> {
        let act = job.act();
        let mut backoff = Backoff::default();
        loop {
            let booking = self.store.booking_to_cancel(&job.app_id, id).await?;
            let booking = booking.ok_or_else(|| Error::internal("a sold seat has no booking"))?;
            if booking.status != BookingStatus::Confirmed {
                return Ok(());
            }
            let seats = seats_left(&booking, None)?;
            // Money that somebody disputes must not go back twice.
            let rate = match booking.is_disputed() {
                true => Rate::NOTHING,
                false => Rate::of(job.cancel.refund_percent),
            };
            let shares = rate.shares(prices(&booking, &seats));
            let by = CancelledBy::Entity;
            let new = NewCancellation { seats: &seats, shares, by, act: act.as_ref() };
            match self.store.cancel(&booking, new).await {
                Ok(_) => {
                    let ids: Vec<SeatId> = seats.into_iter().map(Into::into).collect();
                    let token = booking.reservation_token;
                    let (app, entity) = (&booking.app_id, &booking.entity_id);
                    self.gate.release_locks(app, entity, &ids, token, None).await;
                    return Ok(());
                }
                Err(Failure::Aborted(_) | Failure::Unknown(_)) => {}
                Err(Failure::Store(cause)) => return Err(cause.into()),
            }
            if !backoff.pause().await {
                return Err(Error::unavailable("the booking changed at every attempt"));
            }
        }
    }
}

fn failures(ended: Vec<Ended>) -> impl Iterator<Item = ObjectId> {
    ended.into_iter().filter_map(|ended| match ended {
        Ended::Yes => None,
        Ended::No(id) => Some(id),
    })
}

/// Whether there is time to begin another step.
fn has_time() -> bool {
    Deadline::current().remaining() >= MIN_TIME_FOR_BATCH
}

/// The steps of a batch, until the time is up. The next run finds the others again.
fn in_time<F: Future>(steps: impl Iterator<Item = F>) -> impl Stream<Item = F> {
    stream::iter(steps).take_while(|_| future::ready(has_time()))
}
