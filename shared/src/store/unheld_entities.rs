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

impl Store {
    /// Whether a seat of the entity was ever held.
    ///
    /// No index has the holds of an entity that have ended, because every hold would pay for it.
    /// An entity's holds are not older than the entity, so few documents are read for a new one.
    pub(crate) async fn was_ever_held(
        &self,
        app: &AppId,
        id: &EntityId,
    ) -> Result<bool, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            /// Made by the server, so by the clock of the database.
            #[serde(rename = "_id")]
            id: ObjectId,
        }
        let rows = self.entities.entities.clone_with_type::<Row>();
        let find = rows.find_one(own(app, id)).projection(doc! {"_id": 1});
        let Some(Row { id: made }) = within_deadline(find).await? else { return Ok(false) };
        let since = Timestamp::from_millis(made.timestamp().timestamp_millis() - CLOCK_MARGIN_MS);
        self.reservations.exist_since(app, id, since).await
    }

    /// Changes the currency of an entity and of all its seats, none of which was ever held, at
    /// once. Seats that are being added at the same time conflict with it.
    pub(crate) async fn change_currency(
        &self,
        app: &AppId,
        id: &EntityId,
        currency: &Currency,
    ) -> Result<()> {
        let set = doc! {"currency": currency.as_str()};
        let change = doc! {"$set": &set, "$inc": {"seatsVersion": 1_i64}};
        let (entity, seats) = (own(app, id), own(app, id));
        let change =
            Together { store: self, entity, change, seats, seats_change: doc! {"$set": set} };
        change.commit().await.map(|_| ())
    }

    /// Removes the settings of an entity and all its seats, none of which was ever held, at once. A
    /// hold that is being made just now may still be sold, so the seats are only marked. `false` if
    /// the entity has another version.
    ///
    /// A call that makes seats from a layout then stops.
    pub(crate) async fn delete_entity(
        &self,
        app: &AppId,
        id: &EntityId,
        version: i64,
    ) -> Result<bool> {
        let (mut entity, seats) = (own(app, id), own(app, id));
        entity.insert("version", version);
        let gone = SETTINGS.into_iter().chain(["cancel", "feedKey"]).chain(PLAN);
        let unset: Document = gone.map(|name| (name.to_owned(), "".into())).collect();
        let change = doc! {"$unset": unset, "$inc": {"version": 1_i64, "seatsVersion": 1_i64}};
        let seats_change = doc! {"$set": {"removed": true}};
        Together { store: self, entity, change, seats, seats_change }.commit().await
    }
}

/// A change of an entity and of its seats, in one transaction.
struct Together<'a> {
    store: &'a Store,
    entity: Document,
    change: Document,
    seats: Document,
    seats_change: Document,
}

impl Together<'_> {
    /// `false` if there is no such entity.
    async fn commit(&self) -> Result<bool> {
        match tx::run(self.store, self).await {
            Ok(()) => Ok(true),
            Err(tx::Failure::Aborted(())) => Ok(false),
            Err(tx::Failure::Store(error)) => Err(error.into()),
            Err(tx::Failure::Unknown(error)) => Err(Error::unavailable(error)),
        }
    }
}

impl tx::Body for Together<'_> {
    type Value = ();
    type Reason = ();

    async fn run(&self, session: &mut ClientSession) -> Result<tx::Step<(), ()>, DriverError> {
        let entities = &self.store.entities.documents;
        let change = entities.update_one(self.entity.clone(), self.change.clone());
        if change.session(&mut *session).await?.matched_count == 0 {
            return Ok(tx::Step::Abort(()));
        }
        let seats = self.store.seats.documents();
        let change = seats.update_many(self.seats.clone(), self.seats_change.clone());
        change.session(session).await?;
        Ok(tx::Step::Commit(()))
    }
}
