//! The inputs of cancellations.

use crate::{
    booking::CancelRequest,
    domain::{BookingId, Price, SeatId, SeatIds},
    error::{Error, Result},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// The query of `GET /bookings/{bookingId}/cancellation`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuoteCancellationIn {
    /// Ids of the booking's seats, separated by commas. Omit it for all that are left.
    #[schema(min_length = 24)]
    seat_ids: Option<String>,
}

/// The body of `POST /cancel-booking`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelBookingIn {
    /// Id of the caller's own booking.
    booking_id: BookingId,
    /// Some of its seats. Omit it for all that are left.
    seat_ids: Option<SeatIds>,
    /// The refund that the user was shown, in the currency's minor unit. If it has changed, nothing
    /// is cancelled.
    expected_refund: Option<Price>,
}

impl QuoteCancellationIn {
    /// The seats that are meant. `None`: all that are left.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`.
    pub fn seats(&self) -> Result<Option<SeatIds>> {
        let Some(seats) = &self.seat_ids else { return Ok(None) };
        let ids: std::result::Result<Vec<SeatId>, _> =
            seats.split(',').map(SeatId::parse).collect();
        let ids = ids.map_err(|reason| Error::field("seatIds", reason.to_string()))?;
        SeatIds::new(ids).map(Some).map_err(|reason| Error::field("seatIds", reason))
    }
}

impl From<CancelBookingIn> for CancelRequest {
    fn from(body: CancelBookingIn) -> Self {
        Self {
            booking: body.booking_id,
            seats: body.seat_ids.map(|seats| seats.as_slice().to_vec()),
            expected_refund: body.expected_refund.map(Price::minor_units),
        }
    }
}
