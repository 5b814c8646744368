//! `GET /bookings`: the caller's own in this app, newest first.

use serde::Deserialize;
use shared::{
    domain::Limit,
    error::Result,
    http::{self, Reply, Request},
    state::State,
    store::bookings::BookingCursor,
    views::{BookingPage, BookingView},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListIn {
    #[serde(default)]
    limit: Limit<100, 20>,
    cursor: Option<BookingCursor>,
}

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(None).await?;
    let ListIn { limit, cursor } = request.query()?;
    let page = state.store.bookings.page_of(caller.app_id(), caller.user, cursor, limit.get()).await?;
    Reply::ok(BookingPage::new(page, BookingView::from), "Your bookings")
}
