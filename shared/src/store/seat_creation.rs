//! Creating seats: all or none, in one transaction with their entity.

use super::{
    Store, StoreError, collect,
    idempotency::KeyedResponse,
    seats::{Seat, UNKEYED_INDEX},
    tx,
};
use crate::{
    domain::{FeedKey, SeatNumber},
    error::{Code, Error, Result},
    faults::around,
};
use mongodb::{
    ClientSession,
    bson::{Bson, Document, doc},
    options::{Hint, ReturnDocument},
};
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;

/// An error names this many seats at most.
const MAX_NAMED_SEATS: usize = 100;

/// A seat that may be in the way of a new one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExistingSeat {
    #[serde(deserialize_with = "SeatNumber::stored")]
    seat_number: SeatNumber,
}

impl Store {
    /// Inserts seats of one entity, all or none, together with the response for the request's
    /// idempotency key. So a repeat after a crash finds either both or neither.
    ///
    /// # Errors
    /// `SEAT_ALREADY_EXISTS` if a number exists. `VALIDATION_ERROR` if the entity's currency is
    /// a different one.
    pub async fn create_seats(
        &self,
        seats: &[Seat],
        response: Option<KeyedResponse>,
    ) -> Result<()> {
        let Some(first) = seats.first() else { return Ok(()) };
        loop {
            match tx::run(
                self,
                &Creation { store: self, first, seats, response: response.as_ref() },
            )
            .await
            {
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

    /// The numbers of new seats that the entity already has, in the order of the request.
    async fn existing_numbers<'a>(
        &self,
        first: &Seat,
        seats: &'a [Seat],
    ) -> Result<Vec<&'a str>, StoreError> {
        let mut filter = entity_of(first);
        let keys: Vec<&str> = seats.iter().map(|seat| seat.seat_key.as_str()).collect();
        filter.insert("seatKey", doc! {"$in": keys, "$type": "string"});
        let rows = self.seats.seats.clone_with_type::<ExistingSeat>();
        let fields = doc! {"_id": 0, "seatNumber": 1};
        let keyed = rows.find(filter).projection(fields.clone());
        let mut found = collect(keyed).await?;
        let mut filter = entity_of(first);
        filter.insert("seatKey", Bson::Null);
        let index = Hint::Name(UNKEYED_INDEX.to_owned());
        found.extend(collect(rows.find(filter).projection(fields).hint(index)).await?);
        let found: HashSet<String> = found.iter().map(|seat| seat.seat_number.key()).collect();
        let exists = |seat: &&Seat| found.contains(&seat.seat_key);
        let numbers = seats.iter().filter(exists).map(|seat| seat.seat_number.as_str());
        Ok(numbers.take(MAX_NAMED_SEATS).collect())
    }
}

struct Creation<'a> {
    store: &'a Store,
    first: &'a Seat,
    seats: &'a [Seat],
    response: Option<&'a KeyedResponse>,
}

impl tx::Body for Creation<'_> {
    type Value = ();
    type Reason = Error;

    async fn run(
        &self,
        session: &mut ClientSession,
    ) -> Result<tx::Step<()>, mongodb::error::Error> {
        let Self { store, first, seats, response } = *self;
        // Both of two concurrent requests update the entity, so they conflict and cannot use
        // different currencies.
        let touch = store
            .seats
            .entities
            .find_one_and_update(entity_of(first), vec![entity_update(first, seats.len())])
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
        if has_unkeyed(store, session, seats).await? {
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
    doc! {"$set": {
        "domain": {"$ifNull": ["$domain", {"$literal": seat.domain.as_str()}]},
        "currency": {"$ifNull": ["$currency", {"$literal": seat.currency.as_str()}]},
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

/// Inside a transaction: whether a seat of the entity that has no key is one of `seats`.
///
/// The unique index on the keys does not see such a seat. After a migration there are few: those
/// that a function of the previous version has created since, and those that equal another one.
async fn has_unkeyed(
    store: &Store,
    session: &mut ClientSession,
    seats: &[Seat],
) -> Result<bool, mongodb::error::Error> {
    let Some(first) = seats.first() else { return Ok(false) };
    let keys: HashSet<&str> = seats.iter().map(|seat| seat.seat_key.as_str()).collect();
    let mut filter = entity_of(first);
    filter.insert("seatKey", Bson::Null);
    // For a small entity the planner takes any index of its seats, and remembers its choice.
    let index = Hint::Name(UNKEYED_INDEX.to_owned());
    let rows = store.seats.seats.clone_with_type::<ExistingSeat>();
    let find = rows.find(filter).projection(doc! {"_id": 0, "seatNumber": 1}).hint(index);
    let mut found = find.session(&mut *session).await?;
    while let Some(seat) = found.next(session).await.transpose()? {
        if keys.contains(seat.seat_number.key().as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}
