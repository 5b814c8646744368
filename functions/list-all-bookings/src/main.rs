//! `GET /admin/bookings`: bookings of all tenants, newest first.

use serde::Deserialize;
use shared::{
    domain::{AppId, Instant, Limit, UserId},
    error::Result,
    http::{self, Reply, Request},
    state::State,
    store::bookings::{BookingCursor, BookingFilter, BookingStatus, PaymentStatus},
    views::{BookingPage, BookingView},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListIn {
    app_id: Option<AppId>,
    user_id: Option<UserId>,
    status: Option<BookingStatus>,
    payment_status: Option<PaymentStatus>,
    from: Option<Instant>,
    to: Option<Instant>,
    #[serde(default)]
    limit: Limit<100, 20>,
    cursor: Option<BookingCursor>,
}

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    request.admin()?;
    let input: ListIn = request.query()?;
    let filter = BookingFilter {
        app: input.app_id,
        user: input.user_id,
        status: input.status,
        payment_status: input.payment_status,
        from: input.from.map(Instant::bson),
        to: input.to.map(Instant::bson),
    };
    let page = state.store.bookings.page_all(filter, input.cursor, input.limit.get()).await?;
    Reply::ok(BookingPage::new(page, BookingView::for_admin), "Bookings")
}
