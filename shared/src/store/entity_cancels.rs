//! Cancelling an entity: a job on its document. A worker ends its holds and cancels its bookings
//! until none of its seats is held or sold.
//!
//! A call that began before the entity was CANCELLED may still be running, and hold or sell seats.
//! Every call ends by its deadline, so the job is done when a read finds no claim at least
//! [`SETTLING_TIME`] after CANCELLED. After that the job checks again now and then, and continues
//! if a claim has appeared.

use super::{
    Store, StoreError, after_now,
    bookings::Booking,
    collect,
    entities::{Entities, Entity, fields, of_entity, with_settings},
    history::ActorAndReason,
    hold_filters::{self, end_unsold, live},
    reservations::{Hold, MARK_TIMEOUT, Reservations},
    server_time_limit, within_deadline,
};
use crate::{
    domain::{Actor, AppId, EntityId, EventType, Reason, Timestamp},
    faults::around,
};
use futures_util::TryStreamExt as _;
use mongodb::{
    bson::{Document, doc, oid::ObjectId},
    options::{Hint, ReturnDocument},
};
use serde::Deserialize;
use std::time::Duration;

/// The index of entities whose cancellation has something to do.
pub(super) const WORK_INDEX: &str = "cancel_workAt";
/// The index of cancelled bookings of cancelled entities, and of their refunds.
pub(super) const CANCELLED_INDEX: &str = "entityCancelled_appId_entityId";
/// No call that began before an entity was CANCELLED is still running after this time.
const SETTLING_TIME: Duration = Duration::from_secs(120);
/// The pause before the job continues, if a claim could not be ended.
const RETRY_PAUSE: Duration = Duration::from_secs(10);
/// A job that found nothing runs again after its age divided by this number.
const RECHECK_PART: u32 = 4;
/// The shortest pause before that run.
const MIN_RECHECK: Duration = Duration::from_secs(60);
/// A job of this age that found nothing never runs again.
const LAST_RECHECK: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How many holds or sold seats are read at once.
const BATCH: i64 = 200;

/// An organiser's request to cancel an entity.
#[derive(Clone, Debug)]
pub struct NewEntityCancel {
    /// Part of the price that goes back, in percent.
    pub refund_percent: i64,
    pub reason: Reason,
    pub by: Actor,
}

/// The job of cancelling an entity, as its document keeps it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityCancel {
    pub refund_percent: i64,
    pub reason: String,
    /// The [`Actor`] who has cancelled, as text.
    pub by: String,
    /// When the entity became CANCELLED, by the database's clock.
    pub at: Timestamp,
    /// When the job runs next. Absent when there is nothing left to do.
    pub work_at: Option<Timestamp>,
}

/// How far the cancellation of an entity is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cancelling {
    /// Bookings that the cancellation concerns.
    pub bookings: i64,
    /// Bookings that it has cancelled.
    pub done: i64,
    /// Their refunds that have failed, and were neither made again nor paid by hand.
    pub refunds_failed: i64,
}

/// A job that a worker has taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelJob {
    pub app_id: AppId,
    pub entity_id: EntityId,
    pub cancel: EntityCancel,
    /// The database's time when it was taken.
    now: Timestamp,
}

impl CancelJob {
    /// Who has cancelled the entity, and why, for the history of its bookings. `None`: a later
    /// version stored the actor in another form.
    pub(crate) fn act(&self) -> Option<ActorAndReason> {
        let actor = Actor::parse(&self.cancel.by)?;
        Some(ActorAndReason { actor, reason: Reason::parse(&self.cancel.reason).ok() })
    }

    /// The time since the entity became CANCELLED.
    fn age(&self) -> Duration {
        let age = self.now.as_millis() - self.cancel.at.as_millis();
        Duration::from_millis(u64::try_from(age).unwrap_or(0))
    }
}

/// What a run of a job has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CancelProgress {
    /// Claims that could not be ended, or for which there was no time.
    ClaimsLeft,
    /// No claim, by a read after the job was taken.
    NoClaim,
}

/// The pause before the next run. `None`: the job never runs again.
fn next_run(age: Duration, progress: CancelProgress) -> Option<Duration> {
    match progress {
        CancelProgress::ClaimsLeft => Some(RETRY_PAUSE),
        CancelProgress::NoClaim if age < SETTLING_TIME => Some(SETTLING_TIME - age),
        CancelProgress::NoClaim if age < LAST_RECHECK => {
            Some((age / RECHECK_PART).max(MIN_RECHECK))
        }
        CancelProgress::NoClaim => None,
    }
}

impl Entities {
    /// Makes an entity CANCELLED and begins its job, unless it has one; `None` if there is no such
    /// entity, or it has a job.
    pub(crate) async fn begin_cancel(
        &self,
        app: &AppId,
        id: &EntityId,
        new: &NewEntityCancel,
    ) -> Result<Option<Entity>, StoreError> {
        let mut filter = with_settings(app, id);
        filter.insert("cancel", doc! {"$exists": false});
        let cancel = doc! {
            "refundPercent": new.refund_percent, "reason": {"$literal": new.reason.as_str()},
            "by": {"$literal": new.by.to_string()}, "at": "$$NOW", "workAt": "$$NOW",
        };
        let mut set = doc! {
            "state": "CANCELLED", "cancel": cancel, "version": {"$add": ["$version", 1_i64]},
            "updatedAt": "$$NOW",
        };
        set.extend(self.changed(app, EventType::EntityCancelled));
        let stages = vec![doc! {"$set": set}];
        let update = self.entities.find_one_and_update(filter, stages);
        within_deadline(update.return_document(ReturnDocument::After).projection(fields())).await
    }

    /// Makes the job of a cancelled entity due now.
    pub(crate) async fn reopen_cancel(&self, app: &AppId, id: &EntityId) -> Result<(), StoreError> {
        let mut filter = of_entity(app, id);
        filter.insert("cancel", doc! {"$exists": true});
        let update = vec![doc! {"$set": {"cancel.workAt": "$$NOW"}}];
        within_deadline(self.documents.update_one(filter, update)).await.map(|_| ())
    }

    /// Takes the job that waits longest, and keeps it from others for `lease`.
    pub(crate) async fn take_cancel(
        &self,
        lease: Duration,
    ) -> Result<Option<CancelJob>, StoreError> {
        let filter = doc! {
            "cancel.workAt": {"$exists": true}, "$expr": {"$lte": ["$cancel.workAt", "$$NOW"]},
        };
        let jobs = self.documents.clone_with_type::<CancelJob>();
        let take = jobs
            .find_one_and_update(filter, lease_of(lease))
            .hint(Hint::Name(WORK_INDEX.to_owned()))
            .projection(job_fields())
            .return_document(ReturnDocument::After);
        around("entities.take_cancel", within_deadline(take)).await
    }

    /// Keeps a taken job for another `lease`; `false` if another worker has it now.
    pub(crate) async fn keep_cancel(
        &self,
        job: &mut CancelJob,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        let jobs = self.documents.clone_with_type::<CancelJob>();
        let keep = jobs
            .find_one_and_update(taken_job(job), lease_of(lease))
            .projection(job_fields())
            .return_document(ReturnDocument::After);
        let kept = around("entities.keep_cancel", within_deadline(keep)).await?;
        Ok(kept.map(|kept| *job = kept).is_some())
    }

    /// Plans the next run of a taken job.
    pub(crate) async fn plan_cancel(
        &self,
        job: &CancelJob,
        progress: CancelProgress,
    ) -> Result<(), StoreError> {
        let work_at = match next_run(job.age(), progress) {
            Some(pause) => after_now(pause).into(),
            None => mongodb::bson::Bson::from("$$REMOVE"),
        };
        let update = vec![doc! {"$set": {"cancel.workAt": work_at}}];
        let update = self.documents.update_one(taken_job(job), update);
        around("entities.plan_cancel", within_deadline(update)).await.map(|_| ())
    }
}

fn lease_of(lease: Duration) -> Vec<Document> {
    let until = after_now(lease);
    vec![doc! {"$set": {"cancel.workAt": until}}]
}

/// The filter of a taken job. It matches only until another worker takes the job.
fn taken_job(job: &CancelJob) -> Document {
    let mut filter = of_entity(&job.app_id, &job.entity_id);
    filter.extend(job.cancel.work_at.map(|at| ("cancel.workAt".to_owned(), at.into())));
    filter
}

fn job_fields() -> Document {
    doc! {"_id": 0, "appId": 1, "entityId": 1, "cancel": 1, "now": "$$NOW"}
}

impl Reservations {
    /// Some holds of an entity that are neither sold nor marked as ended.
    pub(crate) async fn active_of(
        &self,
        app: &AppId,
        entity: &EntityId,
        skip: &[ObjectId],
    ) -> Result<Vec<Hold>, StoreError> {
        let find = self.majority().find(active(app, entity, skip)).limit(BATCH);
        collect(find.projection(hold_filters::fields())).await
    }

    /// Releases a live hold of a cancelled entity; `None` if it has ended or was sold.
    pub(crate) async fn end_of_entity(&self, hold: &Hold) -> Result<Option<Hold>, StoreError> {
        let filter = doc! {
            "_id": hold.id, "status": "ACTIVE", "claimed": true, "$expr": live(),
        };
        let event = self.event(&hold.app_id, EventType::HoldReleased);
        let update = self.holds.find_one_and_update(filter, end_unsold("RELEASED", event));
        let update = update
            .return_document(ReturnDocument::After)
            .max_time(MARK_TIMEOUT.min(server_time_limit()));
        around("reservations.end_of_entity", within_deadline(update)).await
    }
}

fn active(app: &AppId, entity: &EntityId, skip: &[ObjectId]) -> Document {
    let mut filter = hold_filters::active_in(app, entity);
    if !skip.is_empty() {
        filter.insert("_id", doc! {"$nin": skip});
    }
    filter
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SoldSeat {
    booking_id: ObjectId,
}

impl Store {
    /// The document ids of some bookings that have seats of the entity, without those in `skip`.
    pub(crate) async fn sold_of(
        &self,
        app: &AppId,
        entity: &EntityId,
        skip: &[ObjectId],
    ) -> Result<Vec<ObjectId>, StoreError> {
        let mut filter = sold(app, entity);
        if !skip.is_empty() {
            filter.insert("bookingId", doc! {"$nin": skip});
        }
        let seats = self.seats.majority.clone_with_type::<SoldSeat>();
        let find = seats.find(filter).projection(doc! {"_id": 0, "bookingId": 1}).limit(BATCH);
        let mut ids: Vec<ObjectId> =
            collect(find).await?.into_iter().map(|seat| seat.booking_id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// The booking with this document's id, and with its seats. A majority read.
    pub(crate) async fn booking_to_cancel(
        &self,
        app: &AppId,
        id: ObjectId,
    ) -> Result<Option<Booking>, StoreError> {
        let Some(booking) = self.bookings.find_document(app, id).await? else { return Ok(None) };
        let mut bookings = [booking];
        self.fill_seats(&mut bookings).await?;
        let [booking] = bookings;
        Ok(Some(booking))
    }

    /// Whether seats of the entity are held or sold.
    ///
    /// It reads holds before sold seats. So it finds a hold that is sold between the two reads
    /// as a sold seat.
    pub(crate) async fn is_claimed(
        &self,
        app: &AppId,
        entity: &EntityId,
    ) -> Result<bool, StoreError> {
        let id = || doc! {"_id": 1};
        let holds = self.reservations.majority().clone_with_type::<Document>();
        let hold = holds.find_one(active(app, entity, &[])).projection(id());
        if within_deadline(hold).await?.is_some() {
            return Ok(true);
        }
        let seats = self.seats.majority.clone_with_type::<Document>();
        let seat = seats.find_one(sold(app, entity)).projection(id());
        Ok(within_deadline(seat).await?.is_some())
    }

    /// How far the cancellation of an entity is; `None` if it is not being cancelled.
    pub async fn cancelling(
        &self,
        app: &AppId,
        entity: &Entity,
    ) -> Result<Option<Cancelling>, StoreError> {
        if entity.row.cancel.is_none() {
            return Ok(None);
        }
        let id = &entity.row.entity_id;
        let done = self.bookings.count_cancelled_of(app, id).await?;
        let refunds_failed = self.refunds.count_failed_of(app, id).await?;
        let left = doc! {"$group": {"_id": "$bookingId"}};
        let pipeline = [doc! {"$match": sold(app, id)}, left, doc! {"$count": "count"}];
        #[derive(Deserialize)]
        struct Count {
            count: i64,
        }
        let rows = self.seats.majority.aggregate(pipeline).with_type::<Count>();
        let rows: Vec<Count> = within_deadline(async { rows.await?.try_collect().await }).await?;
        let left = rows.first().map_or(0, |row| row.count);
        Ok(Some(Cancelling { bookings: done + left, done, refunds_failed }))
    }
}

fn sold(app: &AppId, entity: &EntityId) -> Document {
    doc! {"appId": app.as_str(), "entityId": entity.as_str(), "status": "BOOKED"}
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_job_is_not_done_before_two_minutes_have_passed() {
        assert_eq!(next_run(seconds(0), CancelProgress::NoClaim), Some(seconds(120)));
        assert_eq!(next_run(seconds(119), CancelProgress::NoClaim), Some(seconds(1)));
        assert_eq!(next_run(seconds(120), CancelProgress::NoClaim), Some(MIN_RECHECK));
    }

    #[test]
    fn a_job_with_claims_goes_on_however_old_it_is() {
        for age in [seconds(0), SETTLING_TIME, LAST_RECHECK * 2] {
            assert_eq!(next_run(age, CancelProgress::ClaimsLeft), Some(RETRY_PAUSE));
        }
    }

    #[test]
    fn a_job_that_is_done_looks_again_less_and_less_often_for_a_week() {
        let (mut age, mut runs) = (SETTLING_TIME, 0);
        while let Some(pause) = next_run(age, CancelProgress::NoClaim) {
            age += pause;
            runs += 1;
        }
        assert!(age > LAST_RECHECK && runs < 60, "{runs} runs until {age:?}");
    }
}
