//! What an entity allows only while none of its seats was ever held: another currency, and to be
//! deleted.

use super::{
    Store, StoreError,
    entities::{SETTINGS, own},
    tx, within_deadline,
};
use crate::{
    domain::{AppId, Currency, EntityId, ObjectId, Timestamp},
    error::Error,
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
    pub async fn was_ever_held(&self, app: &AppId, id: &EntityId) -> Result<bool, StoreError> {
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
    pub async fn change_currency(
        &self,
        app: &AppId,
        id: &EntityId,
        currency: &Currency,
    ) -> Result<(), tx::Failure> {
        tx::run(self, &CurrencyChange { store: self, entity: own(app, id), currency }).await
    }

    /// Removes the settings of an entity and all its seats, none of which was ever held. A hold
    /// that is being made just now may still be sold, so the seats are only marked.
    pub async fn delete_entity(&self, app: &AppId, id: &EntityId) -> Result<(), StoreError> {
        // A call that makes seats from a layout then stops.
        let forget = doc! {"$unset": names(PLAN)};
        within_deadline(self.entities.documents.update_one(own(app, id), forget)).await?;
        let remove = doc! {"$set": {"removed": true}};
        within_deadline(self.seats.documents().update_many(own(app, id), remove)).await?;
        let unset = names(SETTINGS.into_iter().chain(["cancel", "feedKey"]));
        let update = doc! {"$unset": unset, "$inc": {"version": 1_i64, "seatsVersion": 1_i64}};
        within_deadline(self.entities.documents.update_one(own(app, id), update)).await.map(|_| ())
    }
}

/// Names of fields to remove.
fn names(fields: impl IntoIterator<Item = &'static str>) -> Document {
    fields.into_iter().map(|name| (name.to_owned(), "".into())).collect()
}

struct CurrencyChange<'a> {
    store: &'a Store,
    entity: Document,
    currency: &'a Currency,
}

impl tx::Body for CurrencyChange<'_> {
    type Value = ();
    type Reason = Error;

    async fn run(&self, session: &mut ClientSession) -> Result<tx::Step<()>, DriverError> {
        let Self { store, entity, currency } = self;
        let set = doc! {"$set": {"currency": currency.as_str()}};
        let mut update = set.clone();
        update.insert("$inc", doc! {"seatsVersion": 1_i64});
        let entities = &store.entities.documents;
        entities.update_one(entity.clone(), update).session(&mut *session).await?;
        store.seats.documents().update_many(entity.clone(), set).session(session).await?;
        Ok(tx::Step::Commit(()))
    }
}
