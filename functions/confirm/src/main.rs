//! `POST /confirm-booking`: a hold and a payment become a booking.

use serde::Deserialize;
use shared::{
    booking::Confirmation,
    config::Limit,
    domain::{PaymentId, ReservationToken},
    error::Result,
    http::{self, Reply, Request},
    state::State,
    views::BookingView,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConfirmIn {
    reservation_token: ReservationToken,
    payment_id: PaymentId,
}

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(confirm).await
}

async fn confirm(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(Some(Limit::Confirm)).await?;
    http::once(&state, &request, &caller.scope(), async {
        let ConfirmIn { reservation_token, payment_id } = request.json()?;
        match state.bookings.confirm(&caller, reservation_token, &payment_id).await? {
            Confirmation::New(booking) => Reply::created(BookingView::from(booking), "Booking confirmed"),
            Confirmation::Already(booking) => Reply::ok(BookingView::from(booking), "Booking confirmed"),
        }
    })
    .await
}
