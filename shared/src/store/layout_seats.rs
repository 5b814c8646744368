//! Making all seats of an entity from a layout.
//!
//! One write marks the entity as incomplete. Then each transaction makes a batch of seats and
//! raises the entity's `seatsMade`. The last one removes the mark. So a call that was interrupted
//! leaves whole batches, a repeat continues after them, and two calls at once share the work.
//! Nobody can hold seats of an incomplete entity.

mod batch;

use super::{
    Store, StoreError,
    apps::App,
    collect,
    entities::{Entities, existing},
    tx, within_deadline,
};
use crate::{
    clock::{Backoff, Deadline},
    domain::{
        AppId, Currency, EntityId, LayoutId, Price, SeatNumber,
        layout::{CategoryKey, Layout},
    },
    error::{Code, Error, Result},
    faults::around,
};
use batch::Batch;
use mongodb::bson::{Document, doc};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// No batch is begun with less time than this. One that takes longer is aborted, and
/// a repeat makes it.
const MIN_BATCH_TIME: Duration = Duration::from_secs(1);
/// An error names this many seats at most.
const MAX_NAMED_SEATS: i64 = 100;
/// An error names this many categories at most.
const MAX_NAMED_CATEGORIES: usize = 20;

/// What an entity's document says about its seats.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitySeats {
    pub currency: Currency,
    /// The layout that its seats were made from, or are being made from.
    layout_id: Option<LayoutId>,
    layout_version: Option<i64>,
    /// Not all seats of the layout exist yet, so none is for sale.
    #[serde(default)]
    pub seats_incomplete: bool,
    /// How many seats of the layout exist, in its order.
    #[serde(default)]
    seats_made: i64,
    #[serde(default)]
    layout_prices: Vec<CategoryPrice>,
    /// Seats that were ever added.
    #[serde(default)]
    seats: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct CategoryPrice {
    category: String,
    price: i64,
}

impl EntitySeats {
    /// What changes whenever seats are added, or begin to be made.
    fn progress(&self) -> (i64, i64, bool, Option<i64>) {
        (self.seats, self.seats_made, self.seats_incomplete, self.layout_version)
    }

    fn is_of(&self, layout: &LayoutId, version: i64) -> bool {
        self.layout_id.as_ref() == Some(layout) && self.layout_version == Some(version)
    }
}

/// What a call has made.
#[derive(Clone, Copy, Debug)]
pub struct LayoutSeatsMade {
    /// Seats that this call made.
    pub created: usize,
    /// Seats of the layout.
    pub total: usize,
    /// Whether all of them exist.
    pub is_complete: bool,
}

/// A layout's seats with their prices.
struct Plan {
    id: LayoutId,
    version: i64,
    layout: Layout,
    /// Of each category that has seats.
    prices: BTreeMap<String, i64>,
}

impl Plan {
    fn stored_prices(&self) -> Vec<CategoryPrice> {
        let price = |(category, price): (&String, &i64)| CategoryPrice {
            category: category.clone(),
            price: *price,
        };
        self.prices.iter().map(price).collect()
    }
}

impl Entities {
    /// What is known about the seats of an entity, if it exists at all: with settings or
    /// only through its seats.
    pub async fn seats(
        &self,
        app: &AppId,
        id: &EntityId,
    ) -> Result<Option<EntitySeats>, StoreError> {
        let rows = self.entities.clone_with_type::<EntitySeats>();
        let fields = doc! {
            "_id": 0, "currency": 1, "layoutId": 1, "layoutVersion": 1, "seatsIncomplete": 1,
            "seatsMade": 1, "layoutPrices": 1, "seats": 1,
        };
        within_deadline(rows.find_one(existing(app, id)).projection(fields)).await
    }
}

impl Store {
    /// Makes the seats of an entity from the newest version of a layout, or from the version that
    /// an earlier call began with. A repeat makes those that are missing.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`, `LAYOUT_NOT_FOUND`, `SEAT_ALREADY_EXISTS` for an entity that has other
    /// seats, `VALIDATION_ERROR` for prices that do not go with the layout.
    pub async fn create_layout_seats(
        &self,
        app: &App,
        entity: &EntityId,
        layout: &LayoutId,
        prices: &HashMap<CategoryKey, Price>,
    ) -> Result<LayoutSeatsMade> {
        let (plan, mut state) = self.begin_layout_seats(app, entity, layout, prices).await?;
        let (mut created, total) = (0, plan.layout.len());
        while state.seats_incomplete {
            let unfinished = LayoutSeatsMade { created, total, is_complete: false };
            if Deadline::current().remaining() < MIN_BATCH_TIME {
                return Ok(unfinished);
            }
            let batch = Batch { store: self, app, entity, plan: &plan, state: &state };
            let end = batch.end();
            match tx::run(self, &batch).await {
                Ok(made) => {
                    created += made;
                    state.seats_made = end as i64;
                    state.seats_incomplete = end < total;
                }
                // Another call has changed the entity.
                Err(tx::Failure::Aborted(())) => {
                    let now = self.entities.seats(&app.app_id, entity).await?;
                    state = now
                        .filter(|now| now.is_of(&plan.id, plan.version))
                        .ok_or(Code::EntityNotFound)?;
                }
                Err(tx::Failure::Store(error)) if error.duplicate().is_some() => {
                    return Err(self.seats_exist(&app.app_id, entity).await?);
                }
                Err(tx::Failure::Store(error)) if error.is_time_limit() => return Ok(unfinished),
                Err(tx::Failure::Store(error) | tx::Failure::Unknown(error)) => {
                    return Err(Error::unavailable(error));
                }
            }
        }
        Ok(LayoutSeatsMade { created, total, is_complete: true })
    }

    /// Marks the entity as incomplete, unless an earlier call has done so, or its seats exist.
    /// Returns the plan, and the state of the seats after that.
    async fn begin_layout_seats(
        &self,
        app: &App,
        entity: &EntityId,
        layout: &LayoutId,
        prices: &HashMap<CategoryKey, Price>,
    ) -> Result<(Plan, EntitySeats)> {
        let app = &app.app_id;
        let mut backoff = Backoff::default();
        loop {
            let mut state = self.entities.seats(app, entity).await?.ok_or(Code::EntityNotFound)?;
            let begun = state
                .layout_version
                .filter(|version| state.seats_incomplete && state.is_of(layout, *version));
            let plan = self.layout_plan(app, layout, begun, prices).await?;
            if begun.is_some() {
                if state.layout_prices == plan.stored_prices() {
                    return Ok((plan, state));
                }
                let reason = "must be the same as in the call that began to make these seats";
                return Err(Error::field("prices", reason));
            }
            let exists = self.first_numbers(app, entity, 1).await?;
            if state.seats_incomplete || !exists.is_empty() {
                if !state.seats_incomplete && state.is_of(layout, plan.version) {
                    return Ok((plan, state));
                }
                // Another call may have made the seats after the entity was read.
                let now = self.entities.seats(app, entity).await?.ok_or(Code::EntityNotFound)?;
                if now.progress() == state.progress() || !backoff.pause().await {
                    return Err(self.seats_exist(app, entity).await?);
                }
                continue;
            }
            if self.mark_incomplete(app, entity, &plan, &state).await? {
                (state.seats_incomplete, state.seats_made) = (true, 0);
                return Ok((plan, state));
            }
            if !backoff.pause().await {
                return Err(Error::unavailable("the entity changed at every attempt"));
            }
        }
    }

    /// Marks the entity as incomplete. `false` if it has changed: seats were added, or another call
    /// has begun.
    async fn mark_incomplete(
        &self,
        app: &AppId,
        entity: &EntityId,
        plan: &Plan,
        state: &EntitySeats,
    ) -> Result<bool, StoreError> {
        let mut filter = existing(app, entity);
        filter.extend(doc! {"seats": state.seats, "seatsIncomplete": {"$exists": false}});
        let price = |price: CategoryPrice| doc! {"category": price.category, "price": price.price};
        let prices: Vec<Document> = plan.stored_prices().into_iter().map(price).collect();
        let update = doc! {
            "$set": {
                "layoutId": plan.id.as_str(), "layoutVersion": plan.version,
                "layoutPrices": prices, "seatsIncomplete": true, "seatsMade": 0_i64,
            },
            "$inc": {"seatsVersion": 1_i64},
        };
        let update = within_deadline(self.entities.documents.update_one(filter, update));
        Ok(around("layout_seats.begin", update).await?.matched_count == 1)
    }

    /// The layout with a price for each category that has seats.
    async fn layout_plan(
        &self,
        app: &AppId,
        id: &LayoutId,
        version: Option<i64>,
        prices: &HashMap<CategoryKey, Price>,
    ) -> Result<Plan> {
        let stored = self.layouts.find(app, id, version).await?.ok_or(Code::LayoutNotFound)?;
        let layout = stored.layout()?;
        let given: HashMap<&str, i64> = prices
            .iter()
            .map(|(category, price)| (category.as_str(), price.minor_units()))
            .collect();
        let used: Vec<&str> = layout.used_categories().collect();
        let missing = used.iter().filter(|category| !given.contains_key(**category));
        let missing = missing.map(|category| (*category, "is required: seats have this category"));
        let is_known = |category: &&&str| {
            layout.document().categories.iter().any(|known| known.key.as_str() == **category)
        };
        let mut unknown: Vec<_> = given.keys().filter(|category| !is_known(category)).collect();
        unknown.sort_unstable();
        let unknown = unknown.into_iter().map(|category| (*category, "is not in the layout"));
        let faults: Vec<_> = missing
            .chain(unknown)
            .take(MAX_NAMED_CATEGORIES)
            .map(|(category, reason)| (format!("prices.{category}"), reason.to_owned()))
            .collect();
        if !faults.is_empty() {
            return Err(Error::fields(faults));
        }
        let priced = |category: &&str| Some(((*category).to_owned(), *given.get(*category)?));
        let prices = used.iter().filter_map(priced).collect();
        Ok(Plan { id: id.clone(), version: stored.version, layout, prices })
    }

    /// The numbers of an entity's first seats that are not removed, in natural order.
    async fn first_numbers(
        &self,
        app: &AppId,
        entity: &EntityId,
        limit: i64,
    ) -> Result<Vec<SeatNumber>, StoreError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Row {
            #[serde(deserialize_with = "SeatNumber::stored")]
            seat_number: SeatNumber,
        }
        let filter = doc! {
            "appId": app.as_str(), "entityId": entity.as_str(),
            "status": {"$in": ["AVAILABLE", "BOOKED"]}, "removed": {"$exists": false},
        };
        let rows = self.seats.documents().clone_with_type::<Row>();
        let find = rows.find(filter).projection(doc! {"_id": 0, "seatNumber": 1});
        let rows = collect(find.sort(doc! {"seatOrder": 1}).limit(limit)).await?;
        Ok(rows.into_iter().map(|row| row.seat_number).collect())
    }

    async fn seats_exist(&self, app: &AppId, entity: &EntityId) -> Result<Error, StoreError> {
        let numbers = self.first_numbers(app, entity, MAX_NAMED_SEATS).await?;
        let error = Error::new(Code::SeatAlreadyExists, "The entity already has other seats");
        Ok(error.with_details(json!({"seatNumbers": numbers})))
    }
}
