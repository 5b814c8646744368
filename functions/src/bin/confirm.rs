//! `POST /confirm-booking`: turns a hold and a payment into a booking.

use shared::{
    booking::Confirmation,
    config::RateLimit,
    error::Result,
    http::{self, Reply, Request},
    inputs::ConfirmIn,
    state::State,
    views::BookingView,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(confirm).await
}

async fn confirm(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(RateLimit::Confirm).await?;
    http::idempotent(&state, &request, &caller.scope(), async {
        let ConfirmIn { reservation_token, payment_id } = request.json()?;
        match state.bookings.confirm(&caller, reservation_token, payment_id.as_ref()).await? {
            Confirmation::New(booking) => {
                Reply::created(BookingView::from(booking), "Booking confirmed")
            }
            Confirmation::Already(booking) => {
                Reply::ok(BookingView::from(booking), "Booking confirmed")
            }
        }
    })
    .await
}
