//! The collection `reservations`. A document is one hold on 1 to 10 seats of one entity.
//!
//! A hold has `claimed: true` while it is ACTIVE or CONFIRMED. A unique partial index on `{appId,
//! seatIds}` where `claimed` is true prevents two claimed documents from sharing a seat. Only the
//! database's clock (`$$NOW`) decides whether a hold has expired.

use super::{Store, StoreError, collect, linearizable_options, server_time_limit, within_deadline};
use crate::{
    domain::{AppId, Currency, EntityId, ReservationToken, Timestamp, UserId},
    error::{Error, Result},
    faults::{around, flawed},
};
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, doc, oid::ObjectId},
    error::Error as DriverError,
    options::{CollectionOptions, ReturnDocument},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many overdue holds the sweeper marks with one command.
const SWEEP_BATCH_SIZE: i64 = 500;
/// How long a reservation waits for another request's transaction on an overdue hold.
const MARK_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HoldStatus {
    /// Live, or overdue and not yet marked.
    Active,
    Expired,
    Confirmed,
    /// Released by the user, or ended because the payment was declined.
    Released,
}

/// A hold as stored, with its remaining time by the database's clock.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    pub reservation_token: ReservationToken,
    pub user_id: ObjectId,
    pub app_id: AppId,
    pub entity_id: EntityId,
    /// In the order of the request.
    pub seat_ids: Vec<ObjectId>,
    /// Sum of the seats' prices when they were held, in the currency's minor unit.
    pub amount: i64,
    pub currency: Currency,
    pub status: HoldStatus,
    pub expires_at: Timestamp,
    /// Decides which of two holds is older.
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Milliseconds left when it was read, by the database's clock. The result of a write does not
    /// have it.
    #[serde(default, rename = "remainingMs")]
    left_ms: Option<i64>,
}

impl Hold {
    /// Milliseconds left when it was read or written, by the database's clock. Zero or negative if
    /// it is overdue.
    pub fn remaining_ms(&self) -> i64 {
        // The result of a write has no time of reading: a retried command returns only the document.
        self.left_ms.unwrap_or_else(|| self.expires_at.as_millis() - self.updated_at.as_millis())
    }

    /// Whether it is active and not overdue, so that nobody else can have its seats.
    pub(crate) fn is_live(&self) -> bool {
        self.status == HoldStatus::Active && self.remaining_ms() > 0
    }
}

/// The part of a hold that a listing needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedHold {
    pub user_id: ObjectId,
    pub seat_ids: Vec<ObjectId>,
    /// Milliseconds left when it was read, by the database's clock.
    pub remaining_ms: i64,
}

/// The part of a live hold that the limit per user needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CountedHold {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// Decides which of two holds is older.
    pub created_at: Timestamp,
    pub seat_ids: Vec<ObjectId>,
}

/// A hold to be written.
#[derive(Debug)]
pub(crate) struct NewHold<'a> {
    pub token: ReservationToken,
    pub user: UserId,
    pub app: &'a AppId,
    pub entity: &'a EntityId,
    pub seats: Vec<ObjectId>,
    /// Sum of the seats' prices.
    pub amount: i64,
    pub currency: &'a Currency,
    pub ttl: Duration,
}

/// Access to the collection.
#[derive(Debug)]
pub struct Reservations {
    holds: Collection<Hold>,
    majority: Collection<Hold>,
    counted: Collection<CountedHold>,
    linearizable: Collection<Hold>,
    listing: Collection<ListedHold>,
}

impl Reservations {
    pub(super) fn new(
        database: &Database,
        majority: CollectionOptions,
        listing: CollectionOptions,
    ) -> Self {
        Self {
            holds: database.collection("reservations"),
            majority: database.collection_with_options("reservations", majority.clone()),
            counted: database.collection_with_options("reservations", majority),
            linearizable: database.collection_with_options("reservations", linearizable_options()),
            listing: database.collection_with_options("reservations", listing),
        }
    }

    /// Writes a hold; `None` if another claim has one of its seats.
    ///
    /// It is an upsert by token, so a repeated command creates no second hold. It sets fields only
    /// if the document is new, so a replay never revives or extends a hold.
    pub(crate) async fn claim(&self, new: &NewHold<'_>) -> Result<Option<Hold>, StoreError> {
        let token = new.token.to_string();
        let fresh = doc! {
            "_id": {"$ifNull": ["$_id", ObjectId::new()]},
            "reservationToken": {"$literal": &token},
            "userId": new.user.object_id(),
            "appId": {"$literal": new.app.as_str()},
            "entityId": {"$literal": new.entity.as_str()},
            "seatIds": {"$literal": &new.seats},
            "amount": {"$literal": new.amount},
            "currency": {"$literal": new.currency.as_str()},
            "status": "ACTIVE",
            "claimed": true,
            "expiresAt": {"$add": ["$$NOW", new.ttl.as_millis() as i64]},
            "createdAt": "$$NOW",
            "updatedAt": "$$NOW",
        };
        let is_new = doc! {"$eq": [{"$type": "$status"}, "missing"]};
        let stages = vec![doc! {"$replaceWith": {"$cond": [is_new, fresh, "$$ROOT"]}}];
        let upsert = self
            .holds
            .find_one_and_update(doc! {"reservationToken": &token}, stages)
            .upsert(true)
            .return_document(ReturnDocument::After)
            .max_time(server_time_limit());
        match around("reservations.claim", within_deadline(upsert)).await {
            Err(error) if error.duplicate().is_some() => Ok(None),
            result => result,
        }
    }

    /// The claims (live, overdue or confirmed) on any of `seats`.
    ///
    /// A local read, as fresh as the unique index. It is good enough to refuse a reservation, but
    /// not to grant one.
    pub(crate) async fn claims(
        &self,
        app: &AppId,
        seats: &[ObjectId],
    ) -> Result<Vec<Hold>, StoreError> {
        let filter = doc! {"appId": app.as_str(), "seatIds": {"$in": seats}, "claimed": true};
        collect(self.holds.find(filter).projection(fields())).await
    }

    /// Marks overdue holds on any of `seats` as expired.
    pub(crate) async fn expire_overdue_on(
        &self,
        app: &AppId,
        seats: &[ObjectId],
    ) -> Result<Overdue, StoreError> {
        let filter = doc! {"appId": app.as_str(), "seatIds": {"$in": seats}, "claimed": true, "status": "ACTIVE", "$expr": overdue()};
        let mut marked = 0;
        loop {
            // One by one, because only a find-and-modify can carry a time limit. Without a limit, a
            // command that hits an open transaction would keep waiting at the server.
            let update = self.holds.find_one_and_update(filter.clone(), unclaim("EXPIRED"));
            let update = within_deadline(update.max_time(MARK_TIMEOUT.min(server_time_limit())));
            match around("reservations.expire_on", update).await {
                Ok(Some(_)) => marked += 1,
                Ok(None) => return Ok(Overdue::Marked(marked)),
                Err(error) if error.is_time_limit() => return Ok(Overdue::Busy),
                Err(error) => return Err(error),
            }
        }
    }

    /// The user's hold with this token. A majority read.
    pub(crate) async fn find(
        &self,
        app: &AppId,
        user: UserId,
        token: ReservationToken,
    ) -> Result<Option<Hold>, StoreError> {
        within_deadline(self.majority.find_one(own(app, user, token)).projection(fields())).await
    }

    /// The user's hold with this token. A linearizable read, so that `None` is proved.
    pub(crate) async fn find_linearizable(
        &self,
        app: &AppId,
        user: UserId,
        token: ReservationToken,
    ) -> Result<Option<Hold>, StoreError> {
        let find = self.linearizable.find_one(own(app, user, token)).projection(fields());
        within_deadline(find.max_time(server_time_limit())).await
    }

    /// The user's live holds in the app, oldest first.
    pub async fn live_for_user(&self, app: &AppId, user: UserId) -> Result<Vec<Hold>, StoreError> {
        let mut holds =
            collect(self.majority.find(live_of(app, user)).projection(fields())).await?;
        // Sorted here: they are few, and the server could not return the first before it has all.
        holds.sort_by_key(|hold| (hold.created_at, hold.id));
        Ok(holds)
    }

    /// The user's live holds in the app, in no order and without the fields that counting does not
    /// need. Every new hold may call this.
    pub(crate) async fn live_to_count(
        &self,
        app: &AppId,
        user: UserId,
    ) -> Result<Vec<CountedHold>, StoreError> {
        let fields = doc! {"createdAt": 1, "seatIds": 1};
        collect(self.counted.find(live_of(app, user)).projection(fields)).await
    }

    /// The live holds of an entity, for listings.
    pub(crate) async fn live_for_entity(
        &self,
        app: &AppId,
        entity: &EntityId,
    ) -> Result<Vec<ListedHold>, StoreError> {
        let filter = doc! {
            "appId": app.as_str(), "entityId": entity.as_str(), "status": "ACTIVE", "claimed": true, "$expr": live(),
        };
        let fields = doc! {"_id": 0, "userId": 1, "seatIds": 1, "remainingMs": remaining()};
        collect(self.listing.find(filter).projection(fields)).await
    }

    /// Releases a live hold; `None` if there is no such live hold.
    pub(crate) async fn release(
        &self,
        app: &AppId,
        user: UserId,
        token: ReservationToken,
    ) -> Result<Option<Hold>, StoreError> {
        let update =
            self.holds.find_one_and_update(live_own(app, user, token), unclaim("RELEASED"));
        let update = update.return_document(ReturnDocument::After).max_time(server_time_limit());
        around("reservations.release", within_deadline(update)).await
    }

    /// Marks an overdue hold as expired; `false` if there is no such overdue hold.
    pub(crate) async fn expire(
        &self,
        app: &AppId,
        user: UserId,
        token: ReservationToken,
    ) -> Result<bool, StoreError> {
        let update =
            self.holds.find_one_and_update(overdue_own(app, user, token), unclaim("EXPIRED"));
        Ok(around("reservations.expire", within_deadline(update.max_time(server_time_limit())))
            .await?
            .is_some())
    }

    /// Inside a transaction: makes a live hold CONFIRMED or RELEASED; `None` if there is no such
    /// live hold.
    pub(crate) async fn settle(
        &self,
        session: &mut ClientSession,
        hold: &Hold,
        outcome: Settle,
    ) -> Result<Option<Hold>, DriverError> {
        let user = UserId::from(hold.user_id);
        let (filter, stages) = match outcome {
            Settle::Confirmed if flawed("no-guard") => (
                own(&hold.app_id, user, hold.reservation_token),
                vec![doc! {"$set": {"status": "CONFIRMED", "updatedAt": "$$NOW"}}],
            ),
            Settle::Confirmed => (
                live_own(&hold.app_id, user, hold.reservation_token),
                vec![doc! {"$set": {"status": "CONFIRMED", "updatedAt": "$$NOW"}}],
            ),
            Settle::Released => {
                (live_own(&hold.app_id, user, hold.reservation_token), unclaim("RELEASED"))
            }
            Settle::Expired => {
                (overdue_own(&hold.app_id, user, hold.reservation_token), unclaim("EXPIRED"))
            }
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

    /// Marks up to a batch of overdue holds as expired and returns how many. Zero means that none is
    /// left.
    async fn expire_batch(&self) -> Result<u64, StoreError> {
        #[derive(Deserialize)]
        struct Id {
            #[serde(rename = "_id")]
            id: ObjectId,
        }
        let filter = doc! {"claimed": true, "status": "ACTIVE", "$expr": overdue()};
        let holds = self.holds.clone_with_type::<Id>();
        let ids =
            collect(holds.find(filter).projection(doc! {"_id": 1}).limit(SWEEP_BATCH_SIZE)).await?;
        let ids: Vec<ObjectId> = ids.into_iter().map(|row| row.id).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        #[derive(Deserialize)]
        struct Updated {
            #[serde(rename = "nModified")]
            modified: u64,
        }
        let filter = doc! {"_id": {"$in": ids}, "status": "ACTIVE", "$expr": overdue()};
        // A raw command, because the driver's own update cannot carry a time limit.
        let update = doc! {
            "update": self.holds.name(),
            "updates": [{"q": filter, "u": unclaim("EXPIRED"), "multi": true}],
            "maxTimeMS": i64::try_from(server_time_limit().as_millis()).unwrap_or(i64::MAX),
            "writeConcern": {"w": "majority"},
        };
        let database = self.holds.client().database(&self.holds.namespace().db);
        let updated =
            around("reservations.expire_batch", within_deadline(database.run_command(update)))
                .await?;
        let updated: Updated =
            mongodb::bson::deserialize_from_document(updated).map_err(DriverError::from)?;
        Ok(updated.modified)
    }
}

impl Store {
    /// Marks overdue holds as expired until none is left or the time is up, and returns how many. Two
    /// sweeps at once do no harm: each marks what the other has not.
    pub async fn expire_overdue(&self) -> Result<u64> {
        let mut total = 0;
        loop {
            let marked = self.reservations.expire_batch().await.map_err(Error::from)?;
            total += marked;
            if marked == 0 || crate::clock::Deadline::current().remaining() < MARK_TIMEOUT {
                return Ok(total);
            }
        }
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

/// How a hold ends inside a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settle {
    /// Live → CONFIRMED.
    Confirmed,
    /// Live → RELEASED.
    Released,
    /// Overdue → EXPIRED.
    Expired,
}

fn live_of(app: &AppId, user: UserId) -> Document {
    doc! {"userId": user.object_id(), "status": "ACTIVE", "appId": app.as_str(), "$expr": live()}
}

fn live() -> Document {
    if flawed("own-clock") {
        return doc! {"$gt": ["$expiresAt", Timestamp::now()]};
    }
    doc! {"$gt": ["$expiresAt", "$$NOW"]}
}

fn overdue() -> Document {
    doc! {"$lte": ["$expiresAt", "$$NOW"]}
}

fn own(app: &AppId, user: UserId, token: ReservationToken) -> Document {
    doc! {"reservationToken": token.to_string(), "userId": user.object_id(), "appId": app.as_str()}
}

fn live_own(app: &AppId, user: UserId, token: ReservationToken) -> Document {
    let mut filter = own(app, user, token);
    filter.extend(doc! {"status": "ACTIVE", "$expr": live()});
    filter
}

fn overdue_own(app: &AppId, user: UserId, token: ReservationToken) -> Document {
    let mut filter = own(app, user, token);
    filter.extend(doc! {"status": "ACTIVE", "$expr": overdue()});
    filter
}

/// Ends a hold and removes its claim, so that others can have the seats.
fn unclaim(status: &str) -> Vec<Document> {
    vec![doc! {"$set": {"status": status, "updatedAt": "$$NOW"}}, doc! {"$unset": "claimed"}]
}

/// The projection for [`Hold`].
fn fields() -> Document {
    doc! {
        "reservationToken": 1, "userId": 1, "appId": 1, "entityId": 1, "seatIds": 1, "amount": 1, "currency": 1,
        "status": 1, "expiresAt": 1, "createdAt": 1, "updatedAt": 1,
        "remainingMs": remaining(),
    }
}

fn remaining() -> Document {
    doc! {"$subtract": ["$expiresAt", "$$NOW"]}
}
