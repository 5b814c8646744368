//! Seats in responses: as buyers see them, and as organisers do.

use super::TimestampView;
use crate::{
    booking::SeatState,
    domain::{
        BookingId, Currency, Cursor, EntityId, Metadata, Price, SeatCategory, SeatCursor,
        SeatFlags, SeatId, SeatNumber, SeatRow, SeatSection,
    },
    store::{
        entity_seats::{OrganiserSeat, SeatFilter, SeatsChanged, SkippedSeat},
        seats::{self, ListedSeat, Seat, StoredMetadata},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// A seat. `status` is present only in a listing with `include=all`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Seat)]
pub struct SeatView<'a> {
    /// Id of the seat.
    seat_id: SeatId,
    /// The seat number as printed on the ticket.
    #[schema(value_type = SeatNumber)]
    seat_number: &'a SeatNumber,
    /// Price in the currency's minor unit (cents, paise).
    #[schema(value_type = Price)]
    price: i64,
    /// Currency of the price, an ISO 4217 code.
    #[schema(value_type = Currency)]
    currency: &'a Currency,
    /// The tenant's own data about the seat.
    #[schema(value_type = Metadata)]
    metadata: MetadataView<'a>,
    /// Key of the seat's section.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SeatSection>)]
    section: Option<&'a str>,
    /// Label of the section, for people; absent if the section has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    section_label: Option<&'a str>,
    /// Label of the seat's row.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SeatRow>)]
    row: Option<&'a str>,
    /// Label of the seat, for people; absent if the seat has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    label: Option<&'a str>,
    /// Key of the seat's category.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SeatCategory>)]
    category: Option<&'a str>,
    /// What a buyer should know about the seat; absent if there is nothing.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Option<SeatFlags>)]
    flags: &'a [String],
    /// Whether the seat can be reserved now.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<SeatStatus>,
    /// Seconds until the seat's hold expires; present only while the seat is `LOCKED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    /// Whether the hold is the caller's own; present only while the seat is `LOCKED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    mine: Option<bool>,
    /// The booking that sold the seat; present only for organisers.
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<BookingId>,
    /// When the seat's hold expires; present only for organisers.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<TimestampView>,
}

/// A seat's [`Metadata`]: parsed from a request, or as MongoDB sent it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum MetadataView<'a> {
    Given(&'a Metadata),
    Stored(&'a StoredMetadata),
}

/// Whether a seat can be reserved: `AVAILABLE` now, `LOCKED` while somebody holds it,
/// `BOOKED` once it is sold, `NOT_FOR_SALE` while the organiser does not sell it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum SeatStatus {
    Available,
    Locked,
    Booked,
    NotForSale,
}

impl SeatView<'_> {
    /// The seat with its `status`, and with `expiresIn` and `mine` while it is held.
    #[must_use]
    pub fn with_state(mut self, state: SeatState) -> Self {
        self.status = Some(match state {
            SeatState::Available => SeatStatus::Available,
            SeatState::Locked { .. } => SeatStatus::Locked,
            SeatState::Booked => SeatStatus::Booked,
            SeatState::NotForSale => SeatStatus::NotForSale,
        });
        if let SeatState::Locked { expires_in, mine } = state {
            (self.expires_in, self.mine) = (Some(expires_in), Some(mine));
        }
        self
    }
}

impl<'a> From<&'a ListedSeat> for SeatView<'a> {
    fn from(seat: &'a ListedSeat) -> Self {
        Self {
            seat_id: seat.id.into(),
            seat_number: &seat.seat_number,
            price: seat.price,
            currency: &seat.currency,
            metadata: MetadataView::Stored(&seat.metadata),
            section: seat.section.as_deref(),
            section_label: seat.section_label.as_deref(),
            row: seat.row.as_deref(),
            label: seat.label.as_deref(),
            category: seat.category.as_deref(),
            flags: &seat.flags,
            status: None,
            expires_in: None,
            mine: None,
            booking_id: None,
            expires_at: None,
        }
    }
}

impl<'a> From<&'a Seat> for SeatView<'a> {
    fn from(seat: &'a Seat) -> Self {
        Self {
            seat_id: seat.id.into(),
            seat_number: &seat.seat_number,
            price: seat.price,
            currency: &seat.currency,
            metadata: MetadataView::Given(&seat.metadata),
            section: seat.section.as_deref(),
            section_label: seat.section_label.as_deref(),
            row: seat.row.as_deref(),
            label: seat.label.as_deref(),
            category: seat.category.as_deref(),
            flags: &seat.flags,
            status: None,
            expires_in: None,
            mine: None,
            booking_id: None,
            expires_at: None,
        }
    }
}

/// The seats that were created.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedSeats<'a> {
    /// Number of seats created.
    pub created: usize,
    /// The new seats, in the order of the request.
    pub seats: Vec<SeatView<'a>>,
}

/// The seats that were made from a layout.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedLayoutSeats {
    /// Seats that this call made.
    pub created: usize,
    /// Seats of the layout.
    pub total: usize,
}

/// A page of an entity's seats, in natural order of their numbers (A2 before A10).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatPage<'a> {
    /// The event, ride or show that the seats belong to.
    pub entity_id: EntityId,
    /// The available seats, or every seat with `include=all`.
    pub seats: Vec<SeatView<'a>>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SeatCursor>)]
    pub next_cursor: Option<String>,
}

/// A page of an entity's seats for the organiser, in natural order of their numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntitySeatPage<'a> {
    /// The entity that the seats belong to.
    entity_id: EntityId,
    /// The seats, each with its `status`.
    seats: Vec<SeatView<'a>>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SeatCursor>)]
    next_cursor: Option<String>,
}

impl<'a> EntitySeatPage<'a> {
    /// A page of seats. `next` is the `seatOrder` after which the next page begins.
    pub fn new(entity_id: EntityId, seats: &'a [OrganiserSeat], next: Option<String>) -> Self {
        Self {
            entity_id,
            seats: seats.iter().map(SeatView::from).collect(),
            next_cursor: next.map(|order| Cursor(order).encode()),
        }
    }
}

impl<'a> From<&'a OrganiserSeat> for SeatView<'a> {
    fn from(row: &'a OrganiserSeat) -> Self {
        let status = match row.state {
            SeatFilter::Available => SeatStatus::Available,
            SeatFilter::Locked => SeatStatus::Locked,
            SeatFilter::Booked => SeatStatus::Booked,
            SeatFilter::NotForSale => SeatStatus::NotForSale,
        };
        Self {
            status: Some(status),
            booking_id: row.booking.clone(),
            expires_at: row.held_until.map(TimestampView::from),
            ..Self::from(&row.seat)
        }
    }
}

/// What a change of seats did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedSeats {
    /// Seats that `where` selects.
    matched: u64,
    /// Seats that were changed. Those that had the new values already are not counted.
    changed: u64,
    /// Seats that could not be changed, each with the reason.
    skipped: Vec<SkippedSeatView>,
}

impl From<SeatsChanged> for ChangedSeats {
    fn from(done: SeatsChanged) -> Self {
        Self {
            matched: done.matched,
            changed: done.changed,
            skipped: done.skipped.into_iter().map(SkippedSeatView::from).collect(),
        }
    }
}

/// What a removal of seats did.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedSeats {
    /// Seats that were removed.
    removed: u64,
    /// Seats that stay, because they are held or were sold.
    skipped: Vec<SkippedSeatView>,
}

impl RemovedSeats {
    /// The outcome of a removal.
    pub fn new(removed: u64, skipped: Vec<SkippedSeat>) -> Self {
        Self { removed, skipped: skipped.into_iter().map(SkippedSeatView::from).collect() }
    }
}

/// A seat that stays as it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SkippedSeat)]
pub struct SkippedSeatView {
    /// Number of the seat in its entity.
    seat_number: SeatNumber,
    /// Why: it is sold, or somebody holds it.
    reason: SkipReason,
}

/// Why a seat stays as it is: `BOOKED` if it is or was sold, `LOCKED` if somebody holds it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum SkipReason {
    Booked,
    Locked,
}

impl From<SkippedSeat> for SkippedSeatView {
    fn from(seat: SkippedSeat) -> Self {
        let reason = match seat.status {
            seats::SeatStatus::Available if !seat.was_sold => SkipReason::Locked,
            seats::SeatStatus::Available
            | seats::SeatStatus::Booked
            | seats::SeatStatus::Unknown => SkipReason::Booked,
        };
        Self { seat_number: seat.seat_number, reason }
    }
}
