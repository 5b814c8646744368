//! `GET /bookings`: the caller's own in this app, newest first.

use serde::{Deserialize, Serialize};
use shared::{
    domain::Limit,
    error::Result,
    http::{self, Reply, Request},
    state::State,
    store::bookings::BookingCursor,
    views::BookingView,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListIn {
    #[serde(default)]
    limit: Limit<100, 20>,
    cursor: Option<BookingCursor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListOut {
    bookings: Vec<BookingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(None).await?;
    let ListIn { limit, cursor } = request.query()?;
    let (bookings, next) = state.store.bookings.page_of(caller.app_id(), caller.user, cursor, limit.get()).await?;
    let bookings = bookings.into_iter().map(BookingView::from).collect();
    Reply::ok(ListOut { bookings, next_cursor: next.map(|next| next.encode()) }, "Your bookings")
}
