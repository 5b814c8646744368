//! The collections `seats` and `entities`. An entity is the event, ride or show that seats belong
//! to.

use super::{
    Store, StoreError, apps::App, collect, idempotency::KeyedResponse, tx,
    wanted_seats::WantedSeat, within_deadline,
};
use crate::{
    domain::{AppId, Currency, Domain, EntityId, Metadata, NewSeat, SeatNumber, Timestamp, UserId},
    error::{Code, Error, Result},
    faults::{around, flawed},
};
use mongodb::{
    ClientSession, Collection, Database,
    bson::{Document, RawDocumentBuf, doc, oid::ObjectId},
    options::{CollectionOptions, Hint, ReturnDocument},
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The index of the seats that have no key.
pub(super) const UNKEYED_INDEX: &str = "unkeyed_appId_entityId";

/// Whether a seat is sold. Holds are not stored here, but in `reservations` and in Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SeatStatus {
    Available,
    Booked,
    /// A status of a later version. Such a seat is not for sale.
    #[serde(other)]
    Unknown,
}

/// A seat as stored.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seat {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    pub app_id: AppId,
    pub domain: Domain,
    pub entity_id: EntityId,
    pub seat_number: SeatNumber,
    /// The seat number as it is compared. The first versions did not store it.
    pub seat_key: String,
    /// Its byte order is the natural order of seat numbers.
    pub seat_order: String,
    pub status: SeatStatus,
    pub price: i64,
    pub currency: Currency,
    pub metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booked_by: Option<ObjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<ObjectId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Seat {
    /// A new, available seat, created now.
    pub fn new(app: &App, entity: &EntityId, currency: &Currency, new: NewSeat) -> Self {
        let now = Timestamp::now();
        Self {
            id: ObjectId::new(),
            app_id: app.app_id.clone(),
            domain: app.domain,
            entity_id: entity.clone(),
            seat_key: new.seat_number.key(),
            seat_order: new.seat_number.natural_order(),
            seat_number: new.seat_number,
            status: SeatStatus::Available,
            price: new.price.minor_units(),
            currency: currency.clone(),
            metadata: new.metadata,
            booked_by: None,
            booking_id: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// The part of a seat that a listing shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedSeat {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    #[serde(deserialize_with = "SeatNumber::stored")]
    pub seat_number: SeatNumber,
    /// Its byte order is the natural order of seat numbers.
    pub seat_order: String,
    pub status: SeatStatus,
    pub price: i64,
    pub currency: Currency,
    pub metadata: StoredMetadata,
}

/// A seat's [`Metadata`] as MongoDB sent it. It is shown without being parsed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredMetadata(RawDocumentBuf);

#[derive(Debug, Deserialize)]
struct Entity {
    currency: Currency,
}

/// A seat that the first versions wrote.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnkeyedSeat {
    #[serde(deserialize_with = "SeatNumber::stored")]
    seat_number: SeatNumber,
}

/// Access to the collections.
#[derive(Debug)]
pub struct Seats {
    seats: Collection<Seat>,
    pub(super) majority: Collection<WantedSeat>,
    listing: Collection<ListedSeat>,
    entities: Collection<Entity>,
    unkeyed: Collection<UnkeyedSeat>,
}

impl Seats {
    pub(super) fn new(
        database: &Database,
        majority: CollectionOptions,
        listing: CollectionOptions,
    ) -> Self {
        Self {
            seats: database.collection("seats"),
            majority: database.collection_with_options("seats", majority),
            listing: database.collection_with_options("seats", listing),
            entities: database.collection("entities"),
            unkeyed: database.collection("seats"),
        }
    }

    /// Whether the entity exists with this currency.
    pub async fn has_currency(
        &self,
        app: &AppId,
        entity: &EntityId,
        currency: &Currency,
    ) -> Result<bool, StoreError> {
        let filter = doc! {"appId": app.as_str(), "entityId": entity.as_str()};
        let found = within_deadline(self.entities.find_one(filter)).await?;
        Ok(found.is_some_and(|entity| entity.currency == *currency))
    }

    /// Inside a transaction: whether a seat of the entity that has no key is one of `seats`.
    ///
    /// The unique index on the keys does not see such a seat. After a migration there are few: those
    /// that a function of the previous version has created since, and those that equal another one.
    async fn has_unkeyed(
        &self,
        session: &mut ClientSession,
        seats: &[Seat],
    ) -> Result<bool, mongodb::error::Error> {
        let Some(first) = seats.first() else { return Ok(false) };
        let keys: HashSet<&str> = seats.iter().map(|seat| seat.seat_key.as_str()).collect();
        let filter = doc! {
            "appId": first.app_id.as_str(), "entityId": first.entity_id.as_str(), "seatKey": null,
        };
        // For a small entity the planner takes any index of its seats, and remembers its choice.
        let index = Hint::Name(UNKEYED_INDEX.to_owned());
        let find =
            self.unkeyed.find(filter).projection(doc! {"_id": 0, "seatNumber": 1}).hint(index);
        let mut found = find.session(&mut *session).await?;
        while let Some(seat) = found.next(session).await.transpose()? {
            if keys.contains(seat.seat_number.key().as_str()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The seats as listings read them, for counts.
    pub(super) fn listing_documents(&self) -> Collection<Document> {
        self.listing.clone_with_type()
    }

    /// The seats of any kind, for changes of many at once.
    pub(super) fn documents(&self) -> Collection<Document> {
        self.seats.clone_with_type()
    }

    /// The ids of all seats with this number, of one app or entity or of all, removed ones too.
    ///
    /// The conditions that match everything let the index on seat numbers skip from entity to
    /// entity.
    pub async fn with_number(
        &self,
        app: Option<&AppId>,
        entity: Option<&EntityId>,
        number: &SeatNumber,
    ) -> Result<Vec<ObjectId>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(rename = "_id")]
            id: ObjectId,
        }
        let any = || mongodb::bson::Bson::from(doc! {"$gte": ""});
        let filter = doc! {
            "appId": app.map_or_else(any, |app| app.as_str().into()),
            "entityId": entity.map_or_else(any, |entity| entity.as_str().into()),
            "seatKey": number.key(),
        };
        let rows = self.seats.clone_with_type::<Row>();
        let rows = collect(rows.find(filter).projection(doc! {"_id": 1})).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Up to `limit` seats of an entity in natural order, after the seat with this `seatOrder`.
    pub(crate) async fn list(
        &self,
        app: &AppId,
        entity: &EntityId,
        only: Option<SeatStatus>,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ListedSeat>, StoreError> {
        let mut filter = doc! {"appId": app.as_str(), "entityId": entity.as_str()};
        // The whole map names both statuses, so that the index on the status can return it in
        // order.
        match only {
            None => filter.insert("status", doc! {"$in": ["AVAILABLE", "BOOKED"]}),
            Some(SeatStatus::Available) => filter.insert("status", "AVAILABLE"),
            Some(SeatStatus::Booked) => filter.insert("status", "BOOKED"),
            Some(SeatStatus::Unknown) => return Ok(Vec::new()),
        };
        filter.insert("removed", doc! {"$exists": false});
        if let Some(after) = after {
            filter.insert("seatOrder", doc! {"$gt": after});
        }
        // The driver's first batch has 101 rows. One batch for the whole page saves round trips.
        let batch = u32::try_from(limit).unwrap_or(u32::MAX);
        let fields = doc! {"seatNumber": 1, "seatOrder": 1, "status": 1, "price": 1, "currency": 1, "metadata": 1};
        let find = self.listing.find(filter).projection(fields).sort(doc! {"seatOrder": 1});
        collect(find.limit(limit).batch_size(batch)).await
    }

    /// Inside a transaction: marks all of `ids` as sold. `false` unless every seat
    /// exists and was available.
    pub(crate) async fn mark_booked(
        &self,
        session: &mut ClientSession,
        app: &AppId,
        ids: &[ObjectId],
        buyer: UserId,
        booking: ObjectId,
    ) -> Result<bool, mongodb::error::Error> {
        let mut filter = doc! {"_id": {"$in": ids}, "appId": app.as_str(), "status": "AVAILABLE"};
        if flawed("no-guard") {
            filter.remove("status");
        }
        let sold = doc! {"$set": {"status": "BOOKED", "bookedBy": buyer.object_id(), "bookingId": booking, "updatedAt": "$$NOW"}};
        // A seat that was removed while somebody held it is sold all the same.
        let restored = doc! {"$unset": "removed"};
        let update = self.seats.update_many(filter, vec![sold, restored]).session(session);
        let result = around("seats.book", update).await?;
        Ok(result.modified_count == ids.len() as u64)
    }
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
                Err(failure) => return Err(failure.into()),
                Ok(()) => return Ok(()),
            }
        }
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
            .find_one_and_update(
                doc! {"appId": first.app_id.as_str(), "entityId": first.entity_id.as_str()},
                vec![entity_update(first, seats.len())],
            )
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
        if store.seats.has_unkeyed(session, seats).await? {
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
        "createdAt": {"$ifNull": ["$createdAt", "$$NOW"]},
        "updatedAt": "$$NOW",
    }}
}
