//! What an entity allows only while none of its seats was ever held: a change of its currency,
//! and its deletion.

use super::{
    Store, StoreError,
    entities::{Entity, EntitySettings, SETTINGS, fields, of_entity},
    read_document, tx, within_deadline,
};
use crate::{
    domain::{AppId, Domain, EntityId, ObjectId, Timestamp},
    error::{Error, Result},
};
use mongodb::{
    ClientSession,
    bson::{Document, doc},
    error::Error as DriverError,
    options::{ReturnDocument, UpdateModifications},
};
use serde::Deserialize;

/// How far the clocks of the database's servers may be apart.
const CLOCK_MARGIN_MS: i64 = 60 * 60 * 1000;
/// What is stored of the layout from which an entity's seats are made.
const PLAN: [&str; 5] =
    ["layoutId", "layoutVersion", "layoutPrices", "seatsIncomplete", "seatsMade"];

/// Why a change was not made that an entity allows only while none of its seats was ever held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotChanged {
    /// The entity has changed since it was read.
    Stale,
    /// A seat was held.
    WasHeld,
}

impl Store {
    /// Writes settings with another currency, and gives it to all seats of the entity in the same
    /// transaction. A request that adds seats at the same time conflicts with it. `before` is the
    /// entity when it was read, if it had settings.
    pub(crate) async fn put_with_currency(
        &self,
        app: &AppId,
        domain: Domain,
        id: &EntityId,
        settings: &EntitySettings,
        before: Option<&Entity>,
    ) -> Result<std::result::Result<Entity, NotChanged>> {
        let version = before.map(|entity| entity.row.version);
        let mut set = self.entities.settings_update(app, domain, settings);
        set.insert("seatsVersion", doc! {"$add": [{"$ifNull": ["$seatsVersion", 0_i64]}, 1_i64]});
        let seats_change = doc! {"$set": {"currency": settings.currency.as_str()}};
        let change = UpdateModifications::Pipeline(vec![doc! {"$set": set}]);
        match self.change_unheld(app, id, version, change, seats_change).await? {
            Ok(entity) => Ok(Ok(read_document(&entity)?)),
            Err(why) => Ok(Err(why)),
        }
    }

    /// Removes the settings of an entity and all its seats at once. A hold that is being made just
    /// now may still be sold, so the seats are only marked.
    ///
    /// A call that is making seats from a layout stops then.
    pub(crate) async fn delete_entity(
        &self,
        app: &AppId,
        id: &EntityId,
        version: i64,
    ) -> Result<std::result::Result<(), NotChanged>> {
        let gone = SETTINGS.into_iter().chain(["cancel", "feedKey"]).chain(PLAN);
        let unset: Document = gone.map(|name| (name.to_owned(), "".into())).collect();
        let change = doc! {"$unset": unset, "$inc": {"version": 1_i64, "seatsVersion": 1_i64}};
        let removed = doc! {"$set": {"removed": true}};
        let changed = self.change_unheld(app, id, Some(version), change.into(), removed).await?;
        Ok(changed.map(|_| ()))
    }

    async fn change_unheld(
        &self,
        app: &AppId,
        id: &EntityId,
        version: Option<i64>,
        change: UpdateModifications,
        seats_change: Document,
    ) -> Result<std::result::Result<Document, NotChanged>> {
        let Some(since) = self.first_hold_after(app, id).await? else {
            return Ok(Err(NotChanged::Stale));
        };
        let body = UnheldChange { store: self, app, id, version, since, change, seats_change };
        match tx::run(self, &body).await {
            Ok(entity) => Ok(Ok(entity)),
            Err(tx::Failure::Aborted(why)) => Ok(Err(why)),
            Err(tx::Failure::Store(error)) => Err(error.into()),
            Err(tx::Failure::Unknown(error)) => Err(Error::unavailable(error)),
        }
    }

    /// A time before the first hold of the entity, if it has one. `None`: there is no such entity.
    ///
    /// No index has the holds of an entity that have ended: every hold would have to update it.
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
        let find = rows.find_one(of_entity(app, id)).projection(doc! {"_id": 1});
        let made = within_deadline(find).await?.map(|row| row.id.timestamp().timestamp_millis());
        Ok(made.map(|made| Timestamp::from_millis(made - CLOCK_MARGIN_MS)))
    }
}

/// A change of an entity and of its seats, in one transaction.
struct UnheldChange<'a> {
    store: &'a Store,
    app: &'a AppId,
    id: &'a EntityId,
    /// The entity's version when it was read. `None`: it had no settings.
    version: Option<i64>,
    since: Timestamp,
    change: UpdateModifications,
    seats_change: Document,
}

impl tx::Body for UnheldChange<'_> {
    /// The entity's document after the change.
    type Value = Document;
    type Reason = NotChanged;

    /// Reads the holds first. The sale of a hold that is made after this read changes a seat, so it
    /// conflicts with this transaction.
    async fn run(
        &self,
        session: &mut ClientSession,
    ) -> Result<tx::Step<Document, NotChanged>, DriverError> {
        let Self { store, app, id, .. } = *self;
        if store.reservations.exist_since(session, app, id, self.since).await? {
            return Ok(tx::Step::Abort(NotChanged::WasHeld));
        }
        let mut entity = of_entity(app, id);
        match self.version {
            Some(version) => entity.insert("version", version),
            None => entity.insert("title", doc! {"$exists": false}),
        };
        let change = store.entities.documents.find_one_and_update(entity, self.change.clone());
        let change = change.return_document(ReturnDocument::After).projection(fields());
        let Some(changed) = change.session(&mut *session).await? else {
            return Ok(tx::Step::Abort(NotChanged::Stale));
        };
        let seats = store.seats.documents();
        seats.update_many(of_entity(app, id), self.seats_change.clone()).session(session).await?;
        Ok(tx::Step::Commit(changed))
    }
}
