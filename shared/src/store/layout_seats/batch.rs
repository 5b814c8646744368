//! One transaction: it makes some seats of a layout, and records the progress in the entity.

use super::{EntitySeats, Plan};
use crate::{
    domain::{EntityId, Metadata, ObjectId, Timestamp, layout::PlacedSeat},
    faults::around,
    store::{
        Store,
        apps::App,
        seats::{Seat, SeatStatus},
        tx,
    },
};
use futures_util::TryStreamExt as _;
use mongodb::{
    ClientSession,
    bson::{Document, doc},
    error::Error as DriverError,
};
use serde::Deserialize;
use std::collections::HashMap;

/// Seats of one transaction.
const BATCH: usize = 1_000;

/// The next seats of a plan.
pub(super) struct Batch<'a> {
    pub(super) store: &'a Store,
    pub(super) app: &'a App,
    pub(super) entity: &'a EntityId,
    pub(super) plan: &'a Plan,
    pub(super) state: &'a EntitySeats,
}

/// A seat that has the number of a new one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Existing {
    #[serde(rename = "_id")]
    id: ObjectId,
    seat_key: String,
    #[serde(default)]
    removed: bool,
}

impl Batch<'_> {
    fn start(&self) -> usize {
        usize::try_from(self.state.seats_made).unwrap_or(0)
    }

    /// How many seats of the layout exist after this batch.
    pub(super) fn end(&self) -> usize {
        (self.start() + BATCH).min(self.plan.layout.len())
    }

    fn seats(&self) -> impl Iterator<Item = Seat> {
        let placed = self.plan.layout.seats().skip(self.start()).take(BATCH);
        placed.map(|placed| self.seat(&placed))
    }

    fn seat(&self, placed: &PlacedSeat<'_>) -> Seat {
        let now = Timestamp::now();
        Seat {
            id: ObjectId::new(),
            app_id: self.app.app_id.clone(),
            domain: self.app.domain,
            entity_id: self.entity.clone(),
            seat_key: placed.number.key(),
            seat_order: placed.number.natural_order(),
            seat_number: placed.number.clone(),
            status: SeatStatus::Available,
            price: self.plan.prices.get(placed.category).copied().unwrap_or_default(),
            currency: self.state.currency.clone(),
            metadata: Metadata::default(),
            section: Some(placed.section.to_owned()),
            section_label: Some(placed.section_label.to_owned()),
            row: Some(placed.row.to_owned()),
            label: Some(placed.label.to_owned()),
            category: Some(placed.category.to_owned()),
            flags: placed.flags.iter().map(|flag| flag.as_str().to_owned()).collect(),
            booked_by: None,
            booking_id: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The filter and the update that record the progress in the entity. The filter matches only
    /// the state that was read.
    fn progress(&self, added: usize) -> (Document, Document) {
        let filter = doc! {
            "appId": self.app.app_id.as_str(), "entityId": self.entity.as_str(),
            "currency": self.state.currency.as_str(), "layoutId": self.plan.id.as_str(),
            "layoutVersion": self.plan.version, "seatsIncomplete": true,
            "seatsMade": self.state.seats_made,
        };
        let mut update = doc! {"$inc": {"seats": added as i64, "seatsVersion": 1_i64}};
        if self.end() < self.plan.layout.len() {
            update.insert("$set", doc! {"seatsMade": self.end() as i64});
        } else {
            let done = doc! {"seatsIncomplete": "", "seatsMade": "", "layoutPrices": ""};
            update.insert("$unset", done);
        }
        (filter, update)
    }

    async fn existing(
        &self,
        session: &mut ClientSession,
        seats: &[Seat],
    ) -> Result<HashMap<String, Existing>, DriverError> {
        let keys: Vec<&str> = seats.iter().map(|seat| seat.seat_key.as_str()).collect();
        let filter = doc! {
            "appId": self.app.app_id.as_str(), "entityId": self.entity.as_str(),
            "seatKey": {"$in": keys, "$type": "string"},
        };
        let rows = self.store.seats.documents().clone_with_type::<Existing>();
        let fields = doc! {"seatKey": 1, "removed": 1};
        let mut found = rows.find(filter).projection(fields).session(&mut *session).await?;
        let rows: Vec<Existing> = found.stream(session).try_collect().await?;
        Ok(rows.into_iter().map(|row| (row.seat_key.clone(), row)).collect())
    }
}

impl tx::Body for Batch<'_> {
    type Value = usize;
    type Reason = ();

    /// Inserts the seats. A removed seat comes back with its id. A seat that somebody has added in
    /// the meantime stays as it is.
    async fn run(&self, session: &mut ClientSession) -> Result<tx::Step<usize, ()>, DriverError> {
        let all: Vec<Seat> = self.seats().collect();
        let existing = self.existing(session, &all).await?;
        let (mut new, mut removed) = (Vec::new(), Vec::new());
        for mut seat in all {
            match existing.get(&seat.seat_key) {
                None => new.push(seat),
                Some(row) if row.removed => {
                    seat.id = row.id;
                    removed.push(row.id);
                    new.push(seat);
                }
                Some(_) => {}
            }
        }
        let made = new.len();
        let (filter, update) = self.progress(made - removed.len());
        let entities = &self.store.entities.documents;
        let moved = entities.update_one(filter, update).session(&mut *session);
        if around("layout_seats.progress", moved).await?.matched_count == 0
            || !self.store.seats.delete_removed(session, &removed).await?
        {
            return Ok(tx::Step::Abort(()));
        }
        if !new.is_empty() {
            let insert = self.store.seats.seats.insert_many(&new).session(&mut *session);
            around("layout_seats.insert", insert).await?;
        }
        Ok(tx::Step::Commit(made))
    }
}
