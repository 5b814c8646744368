//! `GET /bookings`: the caller's bookings in this app, newest first.

use shared::{
    config::RateLimit,
    error::Result,
    http::{self, Reply, Request},
    inputs::ListBookingsIn,
    state::State,
    views::{BookingPage, BookingView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(RateLimit::Read).await?;
    let ListBookingsIn { limit, cursor } = request.query()?;
    let mut page = state
        .store
        .bookings
        .list_for_user(caller.app_id(), caller.user, cursor, limit.get())
        .await?;
    state.store.fill_seats_and_refunds(&mut page.0).await?;
    Reply::ok(BookingPage::new(page, BookingView::from), "Your bookings")
}
