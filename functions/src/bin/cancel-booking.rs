//! `GET /bookings/{bookingId}/cancellation` and `POST /cancel-booking`: quotes what a cancellation
//! would give back, and cancels seats.

use shared::{
    config::RateLimit,
    domain::BookingId,
    error::{Code, Result},
    http::{self, Reply, Request},
    inputs::{CancelBookingIn, QuoteCancellationIn},
    state::State,
    views::{BookingView, QuoteView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(cancellation).await
}

async fn cancellation(state: State, request: Request) -> Result<Reply> {
    if request.method() == "GET" {
        quote(state, request).await
    } else {
        cancel(state, request).await
    }
}

async fn quote(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(RateLimit::Read).await?;
    let seats = request.query::<QuoteCancellationIn>()?.seats()?;
    let id = BookingId::parse(request.parameter("bookingId")).map_err(|_| Code::BookingNotFound)?;
    let seats = seats.as_ref().map(|seats| seats.as_slice());
    let quote = state.bookings.quote_cancellation(&caller, &id, seats).await?;
    Reply::ok(QuoteView::from(quote), "What a cancellation gives back")
}

async fn cancel(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(RateLimit::Release).await?;
    http::idempotent(&state, &request, &caller.scope(), async {
        let wanted: CancelBookingIn = request.json()?;
        let booking = state.bookings.cancel(&caller, &wanted.into()).await?;
        Reply::ok(BookingView::from(booking), "Cancelled")
    })
    .await
}
