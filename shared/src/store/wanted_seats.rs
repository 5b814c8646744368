//! Seats as a reservation needs them, with what their entity allows.

use super::{
    StoreError,
    cancellations::CancellationTerms,
    collect,
    entities::{Sales, known_state, on_sale},
    seats::{SeatStatus, Seats},
    within_deadline,
};
use crate::domain::{
    AppId, CancellationPolicy, Currency, EntityId, EntityState, SeatNumber, Timestamp,
};
use futures_util::TryStreamExt as _;
use mongodb::bson::{doc, oid::ObjectId};
use serde::Deserialize;
use std::time::Duration;

/// The part of a seat that a reservation needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WantedSeat {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    pub entity_id: EntityId,
    #[serde(deserialize_with = "SeatNumber::stored")]
    pub seat_number: SeatNumber,
    pub status: SeatStatus,
    pub price: i64,
    pub currency: Currency,
    pub label: Option<String>,
    pub section: Option<String>,
    pub row: Option<String>,
    #[serde(default)]
    pub not_for_sale: bool,
    /// The rules of its entity, until they are moved to [`WantedSeats`].
    #[serde(default)]
    rules: Vec<SalesRules>,
}

/// What the entity of wanted seats allows, by the database's clock.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SalesRules {
    #[serde(default = "on_sale", deserialize_with = "known_state")]
    state: EntityState,
    sales_open_at: Option<Timestamp>,
    sales_close_at: Option<Timestamp>,
    hold_seconds: Option<u64>,
    pub max_seats_per_user: Option<usize>,
    /// Not all seats of its layout exist yet, so none is for sale.
    #[serde(default)]
    pub seats_incomplete: bool,
    starts_at: Option<Timestamp>,
    cancellation_policy: Option<CancellationPolicy>,
    now: Timestamp,
}

impl SalesRules {
    pub fn sales(&self) -> Sales {
        Sales::of(self.state, self.sales_open_at, self.sales_close_at, self.now)
    }

    /// On what terms a buyer may cancel.
    pub fn terms(&self) -> Option<CancellationTerms> {
        let policy = self.cancellation_policy.clone()?;
        Some(CancellationTerms { policy, starts_at: self.starts_at })
    }

    /// How long a hold lasts, where the entity says so.
    pub fn hold_ttl(&self) -> Option<Duration> {
        self.hold_seconds.map(Duration::from_secs)
    }
}

/// Wanted seats of one entity.
#[derive(Clone, Debug)]
pub(crate) struct WantedSeats {
    pub seats: Vec<WantedSeat>,
    rules: Option<SalesRules>,
}

impl WantedSeats {
    /// The entity's rules; `None` where the entity has no document.
    pub fn rules(&self) -> Option<&SalesRules> {
        self.rules.as_ref()
    }

    /// The seats by entity.
    fn grouped(seats: Vec<WantedSeat>) -> Vec<Self> {
        let mut entities: Vec<Self> = Vec::new();
        for mut seat in seats {
            let rules = seat.rules.pop();
            let same = |known: &&mut Self| known.seats[0].entity_id == seat.entity_id;
            match entities.iter_mut().find(same) {
                Some(known) => known.seats.push(seat),
                None => entities.push(Self { seats: vec![seat], rules }),
            }
        }
        entities
    }
}

impl Seats {
    /// The seats with these ids that exist in the app, by entity, with the entity's rules. A
    /// majority read of both, so that a change of the rules is in force at once.
    pub(crate) async fn wanted(
        &self,
        app: &AppId,
        ids: &[ObjectId],
    ) -> Result<Vec<WantedSeats>, StoreError> {
        // A removed seat cannot be held any more. A hold that was made before may still be
        // confirmed.
        let filter = doc! {
            "_id": {"$in": ids}, "appId": app.as_str(), "removed": {"$exists": false},
        };
        // Each stage, and each field that is computed, costs the server more than a few bytes that
        // are sent and not read. So only what may be large is left out.
        let large = ["description", "metadata", "layoutPrices"];
        let mut rules = doc! {"now": "$$NOW"};
        rules.extend(large.map(|field| (field.to_owned(), "$$REMOVE".into())));
        let pipeline = [
            doc! {"$match": filter},
            doc! {"$unset": "metadata"},
            doc! {"$lookup": {
                "from": "entities", "localField": "entityId", "foreignField": "entityId",
                "pipeline": [{"$match": {"appId": app.as_str()}}, {"$set": rules}],
                "as": "rules",
            }},
        ];
        let rows = self.majority.aggregate(pipeline).with_type::<WantedSeat>();
        let seats = within_deadline(async { rows.await?.try_collect().await }).await?;
        Ok(WantedSeats::grouped(seats))
    }

    /// The seats with these ids, removed ones too. A majority read.
    pub(crate) async fn find_any(&self, ids: &[ObjectId]) -> Result<Vec<WantedSeat>, StoreError> {
        collect(self.majority.find(doc! {"_id": {"$in": ids}})).await
    }
}
