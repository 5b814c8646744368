//! An organiser's view of an entity's seats: listing, changing and removing them. Every condition
//! is in the filter of the write, so holds and sales at the same time are decided by the database.

use super::{
    Store, StoreError, collect,
    entities::of_entity,
    hold_filters::live_in,
    paging::cut,
    seats::{ListedSeat, SeatStatus, listed_fields},
    server_time_limit, within_deadline,
};
use crate::{
    domain::{
        AppId, BookingId, EntityId, Metadata, ObjectId, SeatId, SeatNumber, SeatSection, Timestamp,
    },
    faults::around,
};
use mongodb::{
    Collection,
    bson::{Bson, Document, deserialize_from_document, doc, serialize_to_bson},
};
use serde::Deserialize;
use std::collections::HashMap;

/// The state of a seat as the organiser sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatFilter {
    Available,
    Locked,
    Booked,
    NotForSale,
}

/// Which seats of an entity a change is for.
#[derive(Clone, Debug)]
pub enum SeatSelection {
    Ids(Vec<SeatId>),
    Numbers(Vec<SeatNumber>),
    Section(String),
    Category(String),
}

impl SeatSelection {
    fn filter(&self, app: &AppId, entity: &EntityId) -> Document {
        let mut filter = doc! {
            "appId": app.as_str(), "entityId": entity.as_str(),
            "status": {"$in": ["AVAILABLE", "BOOKED"]}, "removed": {"$exists": false},
        };
        match self {
            Self::Ids(ids) => {
                let ids: Vec<_> = ids.iter().map(|id| id.object_id()).collect();
                filter.insert("_id", doc! {"$in": ids});
            }
            Self::Numbers(numbers) => {
                let keys: Vec<_> = numbers.iter().map(SeatNumber::key).collect();
                let numbers: Vec<_> = numbers.iter().map(SeatNumber::as_str).collect();
                // The first versions did not write the key.
                let by_number = doc! {"seatNumber": {"$in": numbers}};
                let by_key = doc! {"seatKey": {"$in": keys, "$type": "string"}};
                filter.insert("$or", vec![by_number, by_key]);
            }
            Self::Section(section) => {
                filter.insert("section", section.as_str());
            }
            Self::Category(category) => {
                filter.insert("category", category.as_str());
            }
        }
        filter
    }
}

/// New values of seats: the fields to write, and those to remove.
#[derive(Clone, Debug, Default)]
pub struct SeatChange {
    set: Document,
    unset: Document,
}

impl SeatChange {
    /// Writes a field, or removes it.
    pub fn text(&mut self, name: &str, value: Option<&str>) {
        self.put(name, value.map(Bson::from));
    }

    /// Sets the price of later holds.
    pub fn price(&mut self, minor_units: i64) {
        self.set.insert("price", minor_units);
    }

    /// Sets the flags; none removes the field.
    pub fn flags(&mut self, names: Vec<String>) {
        self.put("flags", (!names.is_empty()).then(|| names.into()));
    }

    /// Replaces the tenant's own data.
    pub fn metadata(&mut self, metadata: &Metadata) -> Result<(), StoreError> {
        let value = serialize_to_bson(metadata).map_err(mongodb::error::Error::from)?;
        self.set.insert("metadata", value);
        Ok(())
    }

    /// Puts seats on sale, or takes them off sale.
    pub fn for_sale(&mut self, for_sale: bool) {
        self.put("notForSale", (!for_sale).then_some(Bson::Boolean(true)));
    }

    fn put(&mut self, name: &str, value: Option<Bson>) {
        match value {
            Some(value) => self.set.insert(name, value),
            None => self.unset.insert(name, ""),
        };
    }

    fn has(&self, name: &str) -> bool {
        self.set.contains_key(name) || self.unset.contains_key(name)
    }

    /// Whether the change applies only to unsold seats. Sold seats keep their price, and are
    /// neither on sale nor off sale.
    fn is_for_unsold(&self) -> bool {
        self.has("price") || self.has("notForSale")
    }

    /// Whether the change shows in the list of seats that buyers get.
    fn changes_list(&self) -> bool {
        ["price", "category", "section", "row", "flags"].into_iter().any(|name| self.has(name))
    }

    /// Seats that do not have all of the values yet.
    fn differs(&self) -> Vec<Document> {
        let other = self.set.iter().map(|(name, value)| doc! {name: {"$ne": value}});
        let present = self.unset.keys().map(|name| doc! {name: {"$exists": true}});
        other.chain(present).collect()
    }

    fn update(&self) -> Vec<Document> {
        let value =
            |(name, value): (&String, &Bson)| (name.clone(), Bson::from(doc! {"$literal": value}));
        let mut set: Document = self.set.iter().map(value).collect();
        set.extend(self.unset.keys().map(|name| (name.clone(), "$$REMOVE".into())));
        set.insert("updatedAt", "$$NOW");
        if self.has("section") {
            // A seat that leaves its section loses that section's label.
            let section = self.set.get("section").cloned().unwrap_or(Bson::Null);
            let stays = doc! {"$eq": ["$section", {"$literal": section}]};
            set.insert("sectionLabel", doc! {"$cond": [stays, "$sectionLabel", "$$REMOVE"]});
        }
        vec![doc! {"$set": set}]
    }
}

/// The part of a live hold that the organiser's list needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedClaim {
    seat_ids: Vec<ObjectId>,
    expires_at: Timestamp,
}

/// A seat that a change left as it was.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SkippedSeat {
    #[serde(deserialize_with = "SeatNumber::stored")]
    pub seat_number: SeatNumber,
    pub status: SeatStatus,
    /// It was sold, and its booking was cancelled.
    #[serde(default)]
    pub was_sold: bool,
}

/// How many seats a change of seats has matched and changed, and which it left alone.
#[derive(Debug)]
pub struct SeatsChanged {
    pub matched: u64,
    pub changed: u64,
    pub skipped: Vec<SkippedSeat>,
}

/// A seat for the organiser.
#[derive(Debug)]
pub struct OrganiserSeat {
    pub seat: ListedSeat,
    pub state: SeatFilter,
    pub booking: Option<BookingId>,
    /// When its live hold ends.
    pub held_until: Option<Timestamp>,
}

/// Which seats a page has.
#[derive(Debug)]
pub struct SeatPageQuery {
    pub state: Option<SeatFilter>,
    pub section: Option<SeatSection>,
    /// The order key of the last seat of the previous page.
    pub after: Option<String>,
    pub limit: i64,
    /// Not all seats of the entity exist yet, so none is for sale.
    pub incomplete: bool,
}

/// The filter of a page, where these seats are held. `None`: no seat can be on it.
fn organiser_filter(
    app: &AppId,
    entity: &EntityId,
    query: &SeatPageQuery,
    held: Vec<ObjectId>,
) -> Option<Document> {
    let mut filter = of_entity(app, entity);
    let status = match query.state {
        None => doc! {"$in": ["AVAILABLE", "BOOKED"]},
        Some(SeatFilter::Booked) => doc! {"$eq": "BOOKED"},
        Some(_) => doc! {"$eq": "AVAILABLE"},
    };
    filter.insert("status", status);
    filter.insert("removed", doc! {"$exists": false});
    match query.state {
        None | Some(SeatFilter::Booked) => {}
        Some(SeatFilter::Locked) => {
            filter.insert("_id", doc! {"$in": held});
        }
        Some(SeatFilter::Available) if query.incomplete => return None,
        Some(SeatFilter::NotForSale) if query.incomplete => {
            filter.insert("_id", doc! {"$nin": held});
        }
        Some(state @ (SeatFilter::Available | SeatFilter::NotForSale)) => {
            filter.insert("_id", doc! {"$nin": held});
            let off_sale = state == SeatFilter::NotForSale;
            filter.insert("notForSale", doc! {"$exists": off_sale});
        }
    }
    if let Some(section) = &query.section {
        filter.insert("section", section.as_str());
    }
    if let Some(after) = &query.after {
        filter.insert("seatOrder", doc! {"$gt": after});
    }
    Some(filter)
}

impl Store {
    /// A page of an entity's seats in natural order, and the order key after which the next begins.
    ///
    /// Holds are read before seats. So a hold that is sold in between shows as sold seats.
    pub(crate) async fn organiser_seats(
        &self,
        app: &AppId,
        entity: &EntityId,
        query: &SeatPageQuery,
    ) -> Result<(Vec<OrganiserSeat>, Option<String>), StoreError> {
        let held = held_until(&self.reservations.listing_of(), app, entity).await?;
        let held_ids: Vec<ObjectId> = held.keys().copied().collect();
        let Some(filter) = organiser_filter(app, entity, query, held_ids) else {
            return Ok((Vec::new(), None));
        };
        let mut fields = listed_fields();
        fields.insert("bookingId", 1);
        let rows = self.seats.listing_documents().clone_with_type::<ListedSeat>();
        let find = rows.find(filter).projection(fields).sort(doc! {"seatOrder": 1});
        let batch = u32::try_from(query.limit + 1).unwrap_or(u32::MAX);
        let mut page = collect(find.limit(query.limit + 1).batch_size(batch)).await?;
        let next = cut(&mut page, query.limit, |seat| seat.seat_order.clone());
        let booked: Vec<ObjectId> = page.iter().filter_map(|seat| seat.booking_id).collect();
        let bookings = self.bookings.public_ids(app, &booked).await?;
        let row = |seat: ListedSeat| {
            let held_until = held.get(&seat.id).copied();
            let state = state_of(&seat, held_until.is_some(), query.incomplete);
            let is_sold = state == SeatFilter::Booked;
            let booking = seat.booking_id.filter(|_| is_sold);
            OrganiserSeat {
                booking: booking.and_then(|id| bookings.get(&id).cloned()),
                held_until: held_until.filter(|_| state == SeatFilter::Locked),
                state,
                seat,
            }
        };
        Ok((page.into_iter().map(row).collect(), next))
    }

    /// Changes seats. A repeat changes nothing more.
    pub async fn change_seats(
        &self,
        app: &AppId,
        entity: &EntityId,
        selection: &SeatSelection,
        change: &SeatChange,
    ) -> Result<SeatsChanged, StoreError> {
        let seats = self.seats.documents();
        let wanted = selection.filter(app, entity);
        let count = seats.count_documents(wanted.clone()).max_time(server_time_limit());
        let matched = within_deadline(count).await?;
        let differing = doc! {"$and": [wanted, {"$or": change.differs()}]};
        let mut changing = differing.clone();
        if change.is_for_unsold() {
            changing.insert("status", "AVAILABLE");
        }
        let update = self.update_seats(changing, change.update());
        let changed = around("seats.change", update).await?;
        // Also if nothing was changed: an earlier attempt may have died before this.
        if change.changes_list() {
            self.raise_seats_version(app, entity).await?;
        }
        let skipped = self.skipped(differing).await?;
        Ok(SeatsChanged { matched, changed, skipped })
    }

    /// Removes seats that were never sold and are not held. A hold that is being made at the same
    /// time may still be sold, so the seats are only marked.
    ///
    /// Holds are read from the primary, even if listings read a secondary: a secondary may not have
    /// a new hold yet.
    pub async fn remove_seats(
        &self,
        app: &AppId,
        entity: &EntityId,
        selection: &SeatSelection,
    ) -> Result<(u64, Vec<SkippedSeat>), StoreError> {
        let holds = self.reservations.majority().clone_with_type();
        let held: Vec<ObjectId> = held_until(&holds, app, entity).await?.into_keys().collect();
        let wanted = selection.filter(app, entity);
        let removable = doc! {
            "$and": [&wanted, {"_id": {"$nin": held}}],
            "status": "AVAILABLE", "bookingId": {"$exists": false}, "wasSold": {"$exists": false},
        };
        let update = vec![doc! {"$set": {"removed": true, "updatedAt": "$$NOW"}}];
        let removed = around("seats.remove", self.update_seats(removable, update)).await?;
        self.raise_seats_version(app, entity).await?;
        Ok((removed, self.skipped(wanted).await?))
    }

    /// Raises the version of the entity's list of seats, so that readers get the new list.
    async fn raise_seats_version(&self, app: &AppId, entity: &EntityId) -> Result<(), StoreError> {
        let update = doc! {"$inc": {"seatsVersion": 1_i64}};
        let update = self.entities.documents.update_one(of_entity(app, entity), update);
        let update = within_deadline(update);
        around("entities.raise_seats_version", update).await.map(|_| ())
    }

    /// Updates seats, and returns how many it changed. The server stops when the request's time is
    /// over; a repeat changes the others. The driver's `update_many` cannot set such a limit.
    async fn update_seats(
        &self,
        filter: Document,
        update: Vec<Document>,
    ) -> Result<u64, StoreError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Done {
            n_modified: i64,
            #[serde(default)]
            write_errors: Vec<Document>,
            write_concern_error: Option<Document>,
        }
        let limit = i64::try_from(server_time_limit().as_millis()).unwrap_or(i64::MAX);
        let command = doc! {
            "update": "seats", "updates": [{"q": filter, "u": update, "multi": true}],
            "writeConcern": {"w": "majority"}, "maxTimeMS": limit,
        };
        let reply = within_deadline(self.database.run_command(command)).await?;
        let done: Done = deserialize_from_document(reply).map_err(mongodb::error::Error::from)?;
        if done.write_errors.is_empty() && done.write_concern_error.is_none() {
            return Ok(done.n_modified.unsigned_abs());
        }
        Err(mongodb::error::Error::custom("some seats were not updated, or not by a majority")
            .into())
    }

    async fn skipped(&self, filter: Document) -> Result<Vec<SkippedSeat>, StoreError> {
        let rows = self.seats.documents().clone_with_type::<SkippedSeat>();
        let fields = doc! {"_id": 0, "seatNumber": 1, "status": 1, "wasSold": 1};
        let find = rows.find(filter).projection(fields).batch_size(10_000);
        collect(find.max_time(server_time_limit())).await
    }
}

/// When the live holds of an entity end, by seat.
async fn held_until(
    holds: &Collection<ListedClaim>,
    app: &AppId,
    entity: &EntityId,
) -> Result<HashMap<ObjectId, Timestamp>, StoreError> {
    let fields = doc! {"_id": 0, "seatIds": 1, "expiresAt": 1};
    let find = holds.find(live_in(app, entity)).projection(fields);
    let holds = collect(find.batch_size(10_000)).await?;
    let seats = |hold: ListedClaim| {
        let until = hold.expires_at;
        hold.seat_ids.into_iter().map(move |seat| (seat, until))
    };
    Ok(holds.into_iter().flat_map(seats).collect())
}

fn state_of(seat: &ListedSeat, is_held: bool, incomplete: bool) -> SeatFilter {
    match seat.status {
        SeatStatus::Booked | SeatStatus::Unknown => SeatFilter::Booked,
        SeatStatus::Available if is_held => SeatFilter::Locked,
        SeatStatus::Available if seat.not_for_sale || incomplete => SeatFilter::NotForSale,
        SeatStatus::Available => SeatFilter::Available,
    }
}
