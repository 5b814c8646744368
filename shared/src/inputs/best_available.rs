//! What a buyer who names no seats asks for.

use crate::{
    booking::best_available::{Adjacency, SeatRequest},
    domain::{EntityId, Price, Quantity, layout::Text, null_as_default, read_objects},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// How many seats to hold, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
#[schema(as = BestAvailable)]
pub struct BestAvailableIn {
    /// The entity that sells the seats.
    pub entity_id: EntityId,
    /// How many seats to hold.
    pub quantity: Quantity,
    /// Only seats of this section.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    section: Option<Text<64>>,
    /// Only seats of this category.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    category: Option<Text<64>>,
    /// Only seats that cost at most this, in the currency's minor unit.
    max_price: Option<Price>,
    /// Whether a place for a wheelchair is needed. Only then are such places and the seats of
    /// companions used, unless the entity releases them.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<bool>, default = false)]
    accessible: bool,
    /// Whether the seats must be side by side.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<AdjacentIn>)]
    adjacent: AdjacentIn,
}

/// Whether seats must be side by side in one row, with no gap and no aisle between them.
/// `REQUIRED`: other choices are refused. `PREFERRED`: if possible, else in as few groups as
/// possible. `NO`: it does not matter.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = Adjacent)]
pub enum AdjacentIn {
    /// Seats that are not beside each other are refused.
    Required,
    /// Seats beside each other if possible, else in as few groups as possible.
    #[default]
    Preferred,
    /// Seats anywhere: it does not matter whether they are beside each other.
    No,
}

read_objects!(BestAvailableIn);

impl BestAvailableIn {
    /// The request for the search.
    pub fn request(&self) -> SeatRequest<'_> {
        SeatRequest {
            quantity: usize::try_from(self.quantity.get()).unwrap_or(usize::MAX),
            section: self.section.as_ref().map(Text::as_str),
            category: self.category.as_ref().map(Text::as_str),
            max_price: self.max_price.map(Price::minor_units),
            accessible: self.accessible,
            release_accessible: false,
            adjacent: match self.adjacent {
                AdjacentIn::Required => Adjacency::Required,
                AdjacentIn::Preferred => Adjacency::Preferred,
                AdjacentIn::No => Adjacency::No,
            },
        }
    }
}
