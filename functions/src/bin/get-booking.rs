//! `GET /bookings/{bookingId}`: one of the caller's bookings in this app.

use shared::{
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
    let caller = request.caller(None).await?;
    let NoParameters {} = request.query()?;
    let id = BookingId::parse(request.parameter("bookingId")).map_err(|_| Code::BookingNotFound)?;
    let booking = state.store.bookings.find(caller.app_id(), caller.user, &id).await?;
    Reply::ok(BookingView::from(booking.ok_or(Code::BookingNotFound)?), "Your booking")
}
