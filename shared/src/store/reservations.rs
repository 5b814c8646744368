//! `reservations`: the holds. One document is one hold on 1 to 10 seats of one entity.
//!
//! `claimed: true` stands on it while it is ACTIVE or CONFIRMED, and a unique partial index on
//! `{appId, seatIds}` where `claimed` is true lets no two claimed documents share a seat. Expiry is
//! judged by `$$NOW` alone.

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

/// How many overdue holds one sweep step marks.
const SWEEP_BATCH_SIZE: i64 = 500;
/// How long a reservation may wait for somebody who is at what is overdue in its way.
const MARK_TIMEOUT: Duration = Duration::from_secs(1);

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HoldStatus {
    /// Held, unless overdue.
    Active,
    /// Ran out.
    Expired,
    /// Became a booking.
    Confirmed,
    /// Given back, or its payment was declined.
    Released,
}

/// A hold as stored, with the time it has left by the database's clock.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// The document's own id.
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// The hold's handle.
    pub reservation_token: ReservationToken,
    /// Whose it is.
    pub user_id: ObjectId,
    /// In which tenant.
    pub app_id: AppId,
    /// What the seats belong to.
    pub entity_id: EntityId,
    /// The seats, in the order asked for.
    pub seat_ids: Vec<ObjectId>,
    /// The seats' prices when they were held, summed, in minor units.
    pub amount: i64,
    /// Of the amount.
    pub currency: Currency,
    /// Where it stands.
    pub status: HoldStatus,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// When it was made; says which of two is older.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Milliseconds left when it was read, by the database's clock; absent from the answer to a
    /// write.
    #[serde(default, rename = "remainingMs")]
    left_ms: Option<i64>,
}

impl Hold {
    /// Milliseconds left when it was read or written, by the database's clock; not above zero when
    /// overdue.
    pub fn remaining_ms(&self) -> i64 {
        // The answer to a write has no time of reading: a retried command is answered with the
        // document alone.
        self.left_ms.unwrap_or_else(|| self.expires_at.as_millis() - self.updated_at.as_millis())
    }

    /// Whether it keeps others out: active and not overdue.
    pub fn is_live(&self) -> bool {
        self.status == HoldStatus::Active && self.remaining_ms() > 0
    }
}

/// What a listing needs of a hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedHold {
    /// Whose it is.
    pub user_id: ObjectId,
    /// The seats that it keeps from others.
    pub seat_ids: Vec<ObjectId>,
    /// Milliseconds left when it was read, by the database's clock.
    pub remaining_ms: i64,
}

/// A live hold as a limit counts it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CountedHold {
    /// The document's own id.
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// When it was made; says which of two is older.
    pub created_at: Timestamp,
    /// The seats that count.
    pub seat_ids: Vec<ObjectId>,
}

/// What a new hold is made of.
#[derive(Debug)]
pub struct NewHold<'a> {
    /// Its handle.
    pub token: ReservationToken,
    /// Whose.
    pub user: UserId,
    /// In which tenant.
    pub app: &'a AppId,
    /// Of what.
    pub entity: &'a EntityId,
    /// Which seats.
    pub seats: Vec<ObjectId>,
    /// Sum of the prices.
    pub amount: i64,
    /// Of the amount.
    pub currency: &'a Currency,
    /// How long.
    pub ttl: Duration,
}

/// The collection.
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

    /// Writes a hold; `None` if a claim on one of its seats is in the way.
    ///
    /// An upsert by token, so that a repeat of the command by the driver or the network makes no
    /// second hold; its fields are set only where the document is new, so that a replay revives and
    /// extends nothing.
    pub async fn claim(&self, new: &NewHold<'_>) -> Result<Option<Hold>, StoreError> {
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

    /// The claims (live, overdue or confirmed) on any of `seats`, as fresh as the index that
    /// refuses: enough to say no by, not to say yes.
    pub async fn claims(&self, app: &AppId, seats: &[ObjectId]) -> Result<Vec<Hold>, StoreError> {
        let filter = doc! {"appId": app.as_str(), "seatIds": {"$in": seats}, "claimed": true};
        collect(self.holds.find(filter).projection(fields())).await
    }

    /// Marks overdue holds on any of `seats` as expired.
    pub async fn expire_overdue_on(
        &self,
        app: &AppId,
        seats: &[ObjectId],
    ) -> Result<Overdue, StoreError> {
        let filter = doc! {"appId": app.as_str(), "seatIds": {"$in": seats}, "claimed": true, "status": "ACTIVE", "$expr": overdue()};
        let mut marked = 0;
        loop {
            // One by one: only a find-and-modify takes a time limit with it, and one that met an
            // open transaction would go on waiting at the server for long after us.
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

    /// The user's hold with that token, in a majority read.
    pub async fn find(
        &self,
        app: &AppId,
        user: UserId,
        token: ReservationToken,
    ) -> Result<Option<Hold>, StoreError> {
        within_deadline(self.majority.find_one(own(app, user, token)).projection(fields())).await
    }

    /// The same, in a linearizable read: `None` is proved.
    pub async fn find_linearizable(
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
        // Here, since they are few and the server would have to gather them all before it gives the
        // first.
        holds.sort_by_key(|hold| (hold.created_at, hold.id));
        Ok(holds)
    }

    /// The same, in no order, as far as they have to be known to be counted: every new hold asks
    /// for them.
    pub async fn live_to_count(
        &self,
        app: &AppId,
        user: UserId,
    ) -> Result<Vec<CountedHold>, StoreError> {
        let fields = doc! {"createdAt": 1, "seatIds": 1};
        collect(self.counted.find(live_of(app, user)).projection(fields)).await
    }

    /// The live holds of an entity, as listings see them.
    pub async fn live_for_entity(
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

    /// Gives a live hold back; `None` if there is no such live hold.
    pub async fn release(
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
    pub async fn expire(
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
            // A first command that nobody waits for any more would hold its locks, and nothing
            // would abort it.
            .max_time(server_time_limit())
            .session(session);
        around("reservations.settle", update).await
    }

    /// Marks up to a batch of overdue holds as expired. How many there were; none means: all are.
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
        // As a command, since the driver's own update takes no time limit to the server.
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
    /// Marks overdue holds as expired, batch by batch, until none is left or the time is up. How
    /// many there were. Two at once do no harm: each marks what the other has not.
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

/// What came of marking overdue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// So many were marked, and none is left.
    Marked(u64),
    /// Somebody else is at one of them, in a transaction that may sell it or not.
    Busy,
}

/// What a hold becomes inside a transaction.
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

/// Takes the claim off a hold: it stops keeping others out.
fn unclaim(status: &str) -> Vec<Document> {
    vec![doc! {"$set": {"status": status, "updatedAt": "$$NOW"}}, doc! {"$unset": "claimed"}]
}

/// All fields of [`Hold`].
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
