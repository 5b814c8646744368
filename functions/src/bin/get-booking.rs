//! `GET /bookings/{bookingId}`: one of the caller's bookings in this app.

use shared::{
    config::RateLimit,
    domain::BookingId,
    error::{Code, Result},
    http::{self, Reply, Request},
    inputs::NoParameters,
    state::State,
    views::BookingView,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(get).await
}

async fn get(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(RateLimit::Read).await?;
    let NoParameters {} = request.query()?;
    let id = BookingId::parse(request.parameter("bookingId")).map_err(|_| Code::BookingNotFound)?;
    let booking = state.store.bookings.find(caller.app_id(), caller.user, &id).await?;
    let mut booking = [booking.ok_or(Code::BookingNotFound)?];
    state.store.fill_seats_and_refunds(&mut booking).await?;
    let [booking] = booking;
    Reply::ok(BookingView::from(booking), "Your booking")
}
