//! `GET /admin/bookings`: bookings of all tenants, or of the secret key's own, newest first.

use shared::{
    domain::Instant,
    error::Result,
    http::{self, Reply, Request},
    inputs::ListAllBookingsIn,
    state::State,
    store::booking_pages::BookingFilter,
    views::{BookingPage, BookingView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    let input: ListAllBookingsIn = request.query()?;
    let app = organiser.app_filter(input.app_id)?;
    let seats = match &input.seat_number {
        Some(number) => {
            let entity = input.entity_id.as_ref();
            Some(state.store.seats.with_number(app.as_ref(), entity, number).await?)
        }
        None => None,
    };
    let filter = BookingFilter {
        app,
        booking: input.booking_id,
        payment: input.payment_id,
        entity: input.entity_id,
        seats,
        user: input.user_id,
        status: input.status,
        payment_status: input.payment_status,
        from: input.from.map(Instant::timestamp),
        to: input.to.map(Instant::timestamp),
    };
    let mut page = state.store.bookings.list_all(filter, input.cursor, input.limit.get()).await?;
    state.store.fill_seats_and_refunds(&mut page.0).await?;
    Reply::ok(BookingPage::new(page, BookingView::for_admin), "Bookings")
}
