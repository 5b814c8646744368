//! Creating seats: all or none, in one transaction with their entity.

use super::{
    Store, StoreError, collect,
    idempotency::KeyedResponse,
    seats::{KEY_INDEX, Seat, Seats, UNKEYED_INDEX},
    tx,
};
use crate::{
    domain::{FeedKey, ObjectId, SeatNumber},
    error::{Code, Error, Result},
    faults::around,
};
use mongodb::{
    ClientSession,
    bson::{Bson, Document, doc},
    error::Error as DriverError,
    options::{Hint, ReturnDocument},
};
use serde::Deserialize;
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// An error names this many seats at most.
const MAX_NAMED_SEATS: usize = 100;

/// An existing seat that may have the number of a new one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExistingSeat {
    #[serde(rename = "_id")]
    id: ObjectId,
    #[serde(deserialize_with = "SeatNumber::stored")]
    seat_number: SeatNumber,
    #[serde(default)]
    removed: bool,
}

/// Seats of one entity that are to be created.
#[derive(Debug)]
pub struct NewSeats {
    pub seats: Vec<Seat>,
    /// The ids of those that were removed before. They come back with their ids, because somebody
    /// may still hold them.
    removed: Vec<ObjectId>,
}

impl Store {
    /// Gives each new seat the id of the removed seat with the same number, if there is one.
    pub async fn new_seats(&self, mut seats: Vec<Seat>) -> Result<NewSeats, StoreError> {
        let Some(first) = seats.first() else { return Ok(NewSeats { seats, removed: Vec::new() }) };
        // If two removed seats have the same number, the one with a key comes last and is used.
        let mut existing = self.unkeyed_seats(first).await?;
        existing.extend(self.keyed_seats(first, &seats).await?);
        existing.retain(|seat| seat.removed);
        let ids: HashMap<String, ObjectId> =
            existing.into_iter().map(|seat| (seat.seat_number.key(), seat.id)).collect();
        let mut removed = Vec::new();
        for seat in &mut seats {
            if let Some(id) = ids.get(&seat.seat_key) {
                seat.id = *id;
                removed.push(*id);
            }
        }
        Ok(NewSeats { seats, removed })
    }

    /// Inserts seats of one entity, all or none, together with the response for the request's
    /// idempotency key. So a repeat after a crash finds either both or neither.
    ///
    /// # Errors
    /// `SEAT_ALREADY_EXISTS` if a number exists. `VALIDATION_ERROR` if the entity's currency is
    /// a different one.
    pub async fn create_seats(
        &self,
        new: &NewSeats,
        response: Option<KeyedResponse>,
    ) -> Result<()> {
        let NewSeats { seats, removed } = new;
        let Some(first) = seats.first() else { return Ok(()) };
        let response = response.as_ref();
        let creation = Creation { store: self, first, seats, removed, response };
        loop {
            match tx::run(self, &creation).await {
                // Two requests created the entity at once: the loser finds it on the next attempt.
                Err(tx::Failure::Store(error)) if error.duplicate().is_some() => {}
                Err(tx::Failure::Aborted(error)) if error.code() == Code::SeatAlreadyExists => {
                    let numbers = self.existing_numbers(first, seats).await?;
                    return Err(error.with_details(json!({"seatNumbers": numbers})));
                }
                Err(failure) => return Err(failure.into()),
                Ok(()) => return Ok(()),
            }
        }
    }

    /// Seats of the entity with these numbers, removed ones too.
    async fn keyed_seats(
        &self,
        first: &Seat,
        seats: &[Seat],
    ) -> Result<Vec<ExistingSeat>, StoreError> {
        let mut filter = entity_of(first);
        let keys: Vec<&str> = seats.iter().map(|seat| seat.seat_key.as_str()).collect();
        filter.insert("seatKey", doc! {"$in": keys, "$type": "string"});
        let rows = self.seats.seats.clone_with_type::<ExistingSeat>();
        // Without the hint, the planner may choose another index for a small entity, and remember
        // that choice.
        let index = Hint::Name(KEY_INDEX.to_owned());
        collect(rows.find(filter).projection(existing_fields()).hint(index)).await
    }

    /// The entity's seats without a key, with those that were removed. See [`has_unkeyed`].
    async fn unkeyed_seats(&self, first: &Seat) -> Result<Vec<ExistingSeat>, StoreError> {
        let rows = self.seats.seats.clone_with_type::<ExistingSeat>();
        let find = rows.find(unkeyed_of(first)).projection(existing_fields());
        collect(find.hint(Hint::Name(UNKEYED_INDEX.to_owned()))).await
    }

    /// The numbers of new seats that the entity already has, in the order of the request.
    async fn existing_numbers<'a>(
        &self,
        first: &Seat,
        seats: &'a [Seat],
    ) -> Result<Vec<&'a str>, StoreError> {
        let mut found = self.keyed_seats(first, seats).await?;
        found.extend(self.unkeyed_seats(first).await?);
        found.retain(|seat| !seat.removed);
        let found: HashSet<String> = found.iter().map(|seat| seat.seat_number.key()).collect();
        let exists = |seat: &&Seat| found.contains(&seat.seat_key);
        let numbers = seats.iter().filter(exists).map(|seat| seat.seat_number.as_str());
        Ok(numbers.take(MAX_NAMED_SEATS).collect())
    }
}

impl Seats {
    /// Inside a transaction: deletes removed seats whose ids new seats take over. `false` if one of
    /// these ids belongs to a seat that is no longer removed.
    pub(super) async fn delete_removed(
        &self,
        session: &mut ClientSession,
        removed: &[ObjectId],
    ) -> Result<bool, DriverError> {
        if removed.is_empty() {
            return Ok(true);
        }
        let filter = doc! {"_id": {"$in": removed.to_vec()}, "removed": true};
        let delete = self.seats.delete_many(filter).session(session);
        let deleted = around("seats.make_way", delete).await?.deleted_count;
        Ok(deleted == removed.len() as u64)
    }
}

fn existing_fields() -> Document {
    doc! {"seatNumber": 1, "removed": 1}
}

struct Creation<'a> {
    store: &'a Store,
    first: &'a Seat,
    seats: &'a [Seat],
    removed: &'a [ObjectId],
    response: Option<&'a KeyedResponse>,
}

impl tx::Body for Creation<'_> {
    type Value = ();
    type Reason = Error;

    async fn run(&self, session: &mut ClientSession) -> Result<tx::Step<()>, DriverError> {
        let Self { store, first, seats, removed, response } = *self;
        let added = seats.len() - removed.len();
        // Both of two concurrent requests update the entity, so they conflict and cannot use
        // different currencies.
        let touch = store
            .seats
            .entities
            .find_one_and_update(entity_of(first), vec![entity_update(first, added)])
            .upsert(true)
            .return_document(ReturnDocument::After)
            .session(&mut *session);
        let entity = around("entities.touch", touch).await?;
        if entity.is_none_or(|entity| entity.currency != first.currency) {
            return Ok(tx::Step::Abort(Error::field(
                "currency",
                "must be the currency of the entity's other seats",
            )));
        }
        if has_unkeyed(store, session, seats).await?
            || !store.seats.delete_removed(session, removed).await?
        {
            return Ok(tx::Step::Abort(Code::SeatAlreadyExists.into()));
        }
        match around("seats.insert", store.seats.seats.insert_many(seats).session(&mut *session))
            .await
        {
            Err(error) if super::duplicate(&error).is_some() => {
                return Ok(tx::Step::Abort(Code::SeatAlreadyExists.into()));
            }
            result => result?,
        };
        match response {
            Some(response) if !store.idempotency.finish_in(session, response).await? => {
                Ok(tx::Step::Abort(Error::from(Code::IdempotencyKeyInUse).retry_after(1)))
            }
            _ => Ok(tx::Step::Commit(())),
        }
    }
}

fn entity_update(seat: &Seat, added: usize) -> Document {
    let currency = doc! {"$literal": seat.currency.as_str()};
    let missing = |field: &str| doc! {"$eq": [{"$type": field}, "missing"]};
    let is_deleted = [missing("$title"), missing("$feedKey"), doc! {"$gt": ["$version", 0_i64]}];
    doc! {"$set": {
        "domain": {"$ifNull": ["$domain", {"$literal": seat.domain.as_str()}]},
        "currency": {"$cond": [
            {"$and": is_deleted.to_vec()}, &currency, {"$ifNull": ["$currency", &currency]},
        ]},
        "seats": {"$add": [{"$ifNull": ["$seats", 0_i64]}, added as i64]},
        "seatsVersion": {"$add": [{"$ifNull": ["$seatsVersion", 0_i64]}, 1_i64]},
        "feedKey": {"$ifNull": ["$feedKey", FeedKey::generate().as_str()]},
        "createdAt": {"$ifNull": ["$createdAt", "$$NOW"]},
        "updatedAt": "$$NOW",
    }}
}

fn entity_of(seat: &Seat) -> Document {
    doc! {"appId": seat.app_id.as_str(), "entityId": seat.entity_id.as_str()}
}

fn unkeyed_of(seat: &Seat) -> Document {
    let mut filter = entity_of(seat);
    filter.insert("seatKey", Bson::Null);
    filter
}

/// Inside a transaction: whether the entity has one of `seats` without a key. A removed seat does
/// not count, because it comes back with its id.
///
/// The unique index on the keys does not see such a seat. After a migration there are few: those
/// that a function of the previous version has created since, and those that equal another one.
async fn has_unkeyed(
    store: &Store,
    session: &mut ClientSession,
    seats: &[Seat],
) -> Result<bool, DriverError> {
    let Some(first) = seats.first() else { return Ok(false) };
    let keys: HashSet<&str> = seats.iter().map(|seat| seat.seat_key.as_str()).collect();
    // Without the hint, the planner may choose another index for a small entity, and remember that
    // choice.
    let index = Hint::Name(UNKEYED_INDEX.to_owned());
    let rows = store.seats.seats.clone_with_type::<ExistingSeat>();
    let find = rows.find(unkeyed_of(first)).projection(existing_fields()).hint(index);
    let mut found = find.session(&mut *session).await?;
    while let Some(seat) = found.next(session).await.transpose()? {
        if !seat.removed && keys.contains(seat.seat_number.key().as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}
