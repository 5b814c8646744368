//! `GET /admin/bookings`: bookings of all tenants, or of the secret key's own, newest first.

use shared::{
    domain::Instant,
    error::Result,
    http::{self, Reply, Request},
    inputs::ListAllBookingsIn,
    state::State,
    store::bookings::BookingFilter,
    views::{BookingPage, BookingView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    let input: ListAllBookingsIn = request.query()?;
    let filter = BookingFilter {
        app: organiser.narrowed(input.app_id)?,
        user: input.user_id,
        status: input.status,
        payment_status: input.payment_status,
        from: input.from.map(Instant::timestamp),
        to: input.to.map(Instant::timestamp),
    };
    let mut page = state.store.bookings.list_all(filter, input.cursor, input.limit.get()).await?;
    state.store.fill_seats(&mut page.0).await?;
    Reply::ok(BookingPage::new(page, BookingView::for_admin), "Bookings")
}
