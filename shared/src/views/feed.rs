//! The public seat feed. Its responses have no envelope.

use super::TimestampView;
use crate::{
    domain::{Currency, Price, SeatCategory, SeatFlags, SeatId, SeatNumber, SeatRow, layout},
    error::{Error, Result},
    feed::{Feed, FeedSeats},
    store::feeds::FeedSeat,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// The states of an entity's seats.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Feed)]
pub struct FeedView {
    /// Rises when the service was restored from a backup. Then replace what you have with this
    /// response.
    epoch: i64,
    /// Rises with every change of the states. Drop a response with the same `epoch` and a smaller
    /// `seq`.
    seq: i64,
    /// The version of the list of seats that `states` belongs to.
    seats_version: i64,
    /// The time at which the states were first seen.
    as_of: TimestampView,
    /// Two bits per seat in the order of the list of seats, in base64. The first seat is in the
    /// lowest bits of the first byte. 0 free, 1 held, 2 sold, 3 not for sale.
    #[schema(content_encoding = "base64")]
    states: String,
    /// Poll again after this many milliseconds plus a random delay.
    refresh_ms: i64,
}

impl From<&Feed> for FeedView {
    fn from(feed: &Feed) -> Self {
        Self {
            epoch: feed.epoch,
            seq: feed.seq,
            seats_version: feed.seats_version,
            as_of: feed.as_of.into(),
            states: STANDARD.encode(&feed.states),
            refresh_ms: feed.refresh_ms,
        }
    }
}

/// An entity's seats, in the order of the feed's states.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FeedSeats)]
pub struct FeedSeatsView<'a> {
    /// The version of this list.
    seats_version: i64,
    /// Currency of all prices.
    #[schema(value_type = Currency)]
    currency: &'a Currency,
    /// The seating plan, if the seats were made from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<layout::LayoutDocument>)]
    layout: Option<Box<RawValue>>,
    /// The seats, in the order of the states.
    seats: Vec<FeedSeatView<'a>>,
}

/// A seat of the feed's list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FeedSeat)]
struct FeedSeatView<'a> {
    /// Id of the seat.
    seat_id: SeatId,
    /// The seat number as printed on the ticket.
    #[schema(value_type = SeatNumber)]
    seat_number: &'a SeatNumber,
    /// Label of the seat, for people; absent if the seat has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    label: Option<&'a str>,
    /// Key of the seat's section.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::domain::SeatSection>)]
    section: Option<&'a str>,
    /// Label of the seat's row.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SeatRow>)]
    row: Option<&'a str>,
    /// Key of the seat's category.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SeatCategory>)]
    category: Option<&'a str>,
    /// What a buyer should know about the seat; absent if there is nothing.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Option<SeatFlags>)]
    flags: &'a [String],
    /// Price in the currency's minor unit (cents, paise).
    #[schema(value_type = Price)]
    price: i64,
}

impl<'a> From<&'a FeedSeat> for FeedSeatView<'a> {
    fn from(seat: &'a FeedSeat) -> Self {
        Self {
            seat_id: seat.id.into(),
            seat_number: &seat.seat_number,
            label: seat.label.as_deref(),
            section: seat.section.as_deref(),
            row: seat.row.as_deref(),
            category: seat.category.as_deref(),
            flags: &seat.flags,
            price: seat.price,
        }
    }
}

impl<'a> FeedSeatsView<'a> {
    /// The list, with its plan.
    ///
    /// # Errors
    /// `INTERNAL` if the stored plan is no JSON.
    pub fn new(list: &'a FeedSeats) -> Result<Self> {
        let plan = |json: &String| RawValue::from_string(json.clone()).map_err(Error::internal);
        Ok(Self {
            seats_version: list.seats_version,
            currency: &list.currency,
            layout: list.layout.as_ref().map(plan).transpose()?,
            seats: list.seats.iter().map(FeedSeatView::from).collect(),
        })
    }
}
