//! Brings what earlier versions stored into the form in which it is compared today.
//! Part of a migration.
//!
//! Readers accept both forms, so it may stop at any time and go on in the next run. Two documents
//! that have become equal are reported by their ids: only people can decide which one stays.

use super::{Store, StoreError, entities::deleted, seats::UNKEYED_INDEX};
use crate::{
    clock::Deadline,
    domain::{Email, FeedKey, SeatNumber},
};
use mongodb::{
    Collection,
    bson::{Bson, Document, doc, oid::ObjectId},
    options::Hint,
};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use tracing::warn;

const BATCH: u32 = 1_000;
/// A longer report would help nobody, and a function's response is limited.
const MAX_COLLISIONS: usize = 100;
const DUPLICATE_KEY: i32 = super::DUPLICATE_KEY;

/// Two documents that earlier versions treated as different, and that compare as equal today.
#[derive(Clone, Debug, Serialize)]
pub struct Collision {
    pub collection: &'static str,
    /// The document that has the form of today, and the one that was left as it is.
    pub ids: [String; 2],
}

/// What a run has done.
#[derive(Debug, Default)]
pub(super) struct Normalized {
    pub(super) changes: Vec<String>,
    pub(super) collisions: Vec<Collision>,
}

/// A seat without a key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldSeat {
    #[serde(rename = "_id")]
    id: ObjectId,
    app_id: String,
    entity_id: String,
    #[serde(deserialize_with = "SeatNumber::stored")]
    seat_number: SeatNumber,
}

#[derive(Debug, Deserialize)]
struct OldUser {
    #[serde(rename = "_id")]
    id: ObjectId,
    email: String,
}

#[derive(Debug, Deserialize)]
struct OldEntity {
    #[serde(rename = "_id")]
    id: ObjectId,
}

/// The response of the command `update`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Updated {
    n_modified: i64,
    #[serde(default)]
    write_errors: Vec<UpdateError>,
}

#[derive(Debug, Deserialize)]
struct UpdateError {
    index: usize,
    code: i32,
}

/// When a run has to stop, so that it can still report.
struct Budget(Instant);

impl Budget {
    /// Half of the time that is left. A deployment waits for the report.
    fn new() -> Self {
        Self(Instant::now() + Deadline::current().remaining() / 2)
    }

    fn is_spent(&self) -> bool {
        self.0.saturating_duration_since(Instant::now()) == Duration::ZERO
    }
}

impl Store {
    /// Normalizes users, entities and seats, as many as the time allows.
    pub(super) async fn normalize(&self) -> Result<Normalized, StoreError> {
        let (budget, mut done) = (Budget::new(), Normalized::default());
        let is_complete = self.normalize_emails(&budget, &mut done).await?
            && self.add_feed_keys(&budget, &mut done).await?
            && self.add_seat_keys(&budget, &mut done).await?;
        if !is_complete {
            done.changes.push("normalized a part: run it again for the rest".to_owned());
        }
        Ok(done)
    }

    /// Only addresses beyond ASCII can have another form today. The index contains the addresses,
    /// so no other user's document is read.
    async fn normalize_emails(
        &self,
        budget: &Budget,
        done: &mut Normalized,
    ) -> Result<bool, StoreError> {
        let users = self.database.collection::<OldUser>("users");
        let find = users
            .find(doc! {"email": {"$regex": r"[^\x00-\x7f]"}})
            .projection(doc! {"email": 1})
            .hint(Hint::Name("email_unique".to_owned()))
            .batch_size(BATCH);
        let (mut found, mut changed) = (find.await?, 0);
        while found.advance().await? {
            if budget.is_spent() {
                return Ok(false);
            }
            let user = found.deserialize_current()?;
            let Ok(email) = Email::parse(&user.email) else { continue };
            if email.as_str() == user.email {
                continue;
            }
            let change = doc! {"$set": {"email": email.as_str()}};
            match users.update_one(doc! {"_id": user.id, "email": &user.email}, change).await {
                Ok(updated) => changed += updated.modified_count,
                Err(error) if super::duplicate(&error).is_some() => {
                    let filter = doc! {"email": email.as_str()};
                    collide(&self.database.collection("users"), filter, user.id, done).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        if changed > 0 {
            done.changes.push(format!("normalized e-mail addresses: {changed}"));
        }
        Ok(true)
    }

    /// Gives each entity, except deleted ones, a key of its public feed. There are few entities,
    /// so no index helps.
    async fn add_feed_keys(
        &self,
        budget: &Budget,
        done: &mut Normalized,
    ) -> Result<bool, StoreError> {
        let entities = self.database.collection::<OldEntity>("entities");
        let filter = doc! {"feedKey": null, "$nor": [deleted()]};
        let find = entities.find(filter).projection(doc! {"_id": 1});
        let (mut found, mut changed) = (find.batch_size(BATCH).await?, 0);
        let mut is_complete = true;
        while found.advance().await? {
            if budget.is_spent() {
                is_complete = false;
                break;
            }
            let filter = doc! {"_id": found.deserialize_current()?.id, "feedKey": null};
            let key = doc! {"$set": {"feedKey": FeedKey::generate().as_str()}};
            changed += entities.update_one(filter, key).await?.modified_count;
        }
        if changed > 0 {
            done.changes.push(format!("gave entities keys of their feeds: {changed}"));
        }
        Ok(is_complete)
    }

    async fn add_seat_keys(
        &self,
        budget: &Budget,
        done: &mut Normalized,
    ) -> Result<bool, StoreError> {
        let seats = self.database.collection::<OldSeat>("seats");
        // The oldest seat comes first: of seats with equal keys, it gets the key.
        let find = seats
            .find(doc! {"seatKey": null})
            .projection(doc! {"appId": 1, "entityId": 1, "seatNumber": 1})
            .sort(doc! {"appId": 1, "entityId": 1, "_id": 1})
            .hint(Hint::Name(UNKEYED_INDEX.to_owned()))
            .batch_size(BATCH);
        let (mut found, mut changed, mut is_complete) = (find.await?, 0, false);
        while !is_complete && !budget.is_spent() {
            let mut batch = Vec::new();
            while batch.len() < BATCH as usize && found.advance().await? {
                batch.push(found.deserialize_current()?);
            }
            is_complete = batch.len() < BATCH as usize;
            changed += self.add_keys_of_batch(&batch, done).await?;
        }
        if changed > 0 {
            done.changes.push(format!("stored comparison keys of seats: {changed}"));
        }
        Ok(is_complete)
    }

    /// Stores the keys of these seats; returns how many.
    async fn add_keys_of_batch(
        &self,
        seats: &[OldSeat],
        done: &mut Normalized,
    ) -> Result<i64, StoreError> {
        if seats.is_empty() {
            return Ok(0);
        }
        let update = |seat: &OldSeat| {
            let (key, order) = (seat.seat_number.key(), seat.seat_number.natural_order());
            doc! {
                "q": {"_id": seat.id, "seatNumber": seat.seat_number.as_str(), "seatKey": null},
                "u": {"$set": {"seatKey": key, "seatOrder": order}},
            }
        };
        let updates: Vec<Document> = seats.iter().map(update).collect();
        let command = doc! {
            "update": "seats", "updates": updates, "ordered": false,
            "writeConcern": {"w": "majority"},
        };
        let response = self.database.run_command(command).await?;
        let updated: Updated = mongodb::bson::deserialize_from_document(response)
            .map_err(mongodb::error::Error::from)?;
        for UpdateError { index, code } in updated.write_errors {
            let Some(seat) = seats.get(index) else { continue };
            if code == DUPLICATE_KEY {
                let filter = doc! {
                    "appId": &seat.app_id, "entityId": &seat.entity_id,
                    "seatKey": seat.seat_number.key(),
                };
                collide(&self.database.collection("seats"), filter, seat.id, done).await?;
            } else {
                warn!(seat = %seat.id, code, "a seat keeps its earlier form");
            }
        }
        Ok(updated.n_modified)
    }
}

/// Reports that the document `left` equals the one that `filter` finds.
async fn collide(
    collection: &Collection<Document>,
    filter: Document,
    left: ObjectId,
    done: &mut Normalized,
) -> Result<(), StoreError> {
    let other = collection.find_one(filter).projection(doc! {"_id": 1}).await?;
    let other = other.as_ref().and_then(|other| other.get("_id")).and_then(Bson::as_object_id);
    let ids = [other.map(|id| id.to_hex()).unwrap_or_default(), left.to_hex()];
    let collection = if collection.name() == "users" { "users" } else { "seats" };
    warn!(collection, ?ids, "two documents compare as equal today: both are left as they are");
    if done.collisions.len() < MAX_COLLISIONS {
        done.collisions.push(Collision { collection, ids });
    }
    Ok(())
}
