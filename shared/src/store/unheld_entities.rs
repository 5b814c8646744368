//! What an entity allows only while none of its seats was ever held: another currency, and to be
//! deleted.

use super::{
    Store, StoreError,
    entities::{SETTINGS, own},
    tx, within_deadline,
};
use crate::{
    domain::{AppId, Currency, EntityId, ObjectId, Timestamp},
    error::{Error, Result},
};
use mongodb::{
    ClientSession,
    bson::{Document, doc},
    error::Error as DriverError,
};
use serde::Deserialize;

/// How far the clocks of the database's servers may be apart.
const CLOCK_MARGIN_MS: i64 = 60 * 60 * 1000;
/// What is stored of the layout from which an entity's seats are made.
const PLAN: [&str; 5] =
    ["layoutId", "layoutVersion", "layoutPrices", "seatsIncomplete", "seatsMade"];

/// What came of a change that an entity allows only while none of its seats was ever held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unheld {
    Changed,
    /// The entity is not what it was when it was read.
    Stale,
    /// A seat was held.
    WasHeld,
}

impl Store {
    /// Changes the currency of an entity and of all its seats at once. Seats that are being added at
    /// the same time conflict with it. `version`: of the entity when it was read, if it had
    /// settings.
    pub(crate) async fn change_currency(
        &self,
        app: &AppId,
        id: &EntityId,
        version: Option<i64>,
        currency: &Currency,
    ) -> Result<Unheld> {
        let set = doc! {"currency": currency.as_str()};
        let change = doc! {"$set": &set, "$inc": {"seatsVersion": 1_i64}};
        self.change_unheld(app, id, version, change, doc! {"$set": set}).await
    }

    /// Removes the settings of an entity and all its seats at once. A hold that is being made just
    /// now may still be sold, so the seats are only marked.
    ///
    /// A call that makes seats from a layout then stops.
    pub(crate) async fn delete_entity(
        &self,
        app: &AppId,
        id: &EntityId,
        version: i64,
    ) -> Result<Unheld> {
        let gone = SETTINGS.into_iter().chain(["cancel", "feedKey"]).chain(PLAN);
        let unset: Document = gone.map(|name| (name.to_owned(), "".into())).collect();
        let change = doc! {"$unset": unset, "$inc": {"version": 1_i64, "seatsVersion": 1_i64}};
        let removed = doc! {"$set": {"removed": true}};
        self.change_unheld(app, id, Some(version), change, removed).await
    }

    async fn change_unheld(
        &self,
        app: &AppId,
        id: &EntityId,
        version: Option<i64>,
        change: Document,
        seats_change: Document,
    ) -> Result<Unheld> {
        let Some(since) = self.first_hold_after(app, id).await? else { return Ok(Unheld::Stale) };
        let together = Together { store: self, app, id, version, since, change, seats_change };
        match tx::run(self, &together).await {
            Ok(()) => Ok(Unheld::Changed),
            Err(tx::Failure::Aborted(outcome)) => Ok(outcome),
            Err(tx::Failure::Store(error)) => Err(error.into()),
            Err(tx::Failure::Unknown(error)) => Err(Error::unavailable(error)),
        }
    }

    /// A time before the first hold of the entity, if it has one. `None`: there is no such entity.
    ///
    /// No index has the holds of an entity that have ended, because every hold would pay for it.
    /// An entity's holds are not older than the entity, so few documents are read for a new one.
    async fn first_hold_after(
        &self,
        app: &AppId,
        id: &EntityId,
    ) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            /// Made by the server, so by the clock of the database.
            #[serde(rename = "_id")]
            id: ObjectId,
        }
        let rows = self.entities.entities.clone_with_type::<Row>();
        let find = rows.find_one(own(app, id)).projection(doc! {"_id": 1});
        let made = within_deadline(find).await?.map(|row| row.id.timestamp().timestamp_millis());
        Ok(made.map(|made| Timestamp::from_millis(made - CLOCK_MARGIN_MS)))
    }
}

/// A change of an entity and of its seats, in one transaction.
struct Together<'a> {
    store: &'a Store,
    app: &'a AppId,
    id: &'a EntityId,
    version: Option<i64>,
    since: Timestamp,
    change: Document,
    seats_change: Document,
}

impl tx::Body for Together<'_> {
    type Value = ();
    type Reason = Unheld;

    /// Holds first: the sale of one that is made after this read changes a seat, so it conflicts.
    async fn run(&self, session: &mut ClientSession) -> Result<tx::Step<(), Unheld>, DriverError> {
        let Self { store, app, id, .. } = *self;
        if store.reservations.exist_since(session, app, id, self.since).await? {
            return Ok(tx::Step::Abort(Unheld::WasHeld));
        }
        let mut entity = own(app, id);
        entity.extend(self.version.map(|version| ("version".to_owned(), version.into())));
        let change = store.entities.documents.update_one(entity, self.change.clone());
        if change.session(&mut *session).await?.matched_count == 0 {
            return Ok(tx::Step::Abort(Unheld::Stale));
        }
        let seats = store.seats.documents();
        seats.update_many(own(app, id), self.seats_change.clone()).session(session).await?;
        Ok(tx::Step::Commit(()))
    }
}
