//! `GET /seats`: the seats of an entity that can be reserved now. With
//! `include=all`, all its seats.

use shared::{
    booking::{Page, PageKey, SeatState},
    config::RateLimit,
    domain::{Cursor, EntityId, UserId},
    error::Result,
    http::{self, Reply, Request},
    inputs::ListSeatsIn,
    state::State,
    views::{SeatPage, SeatView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(RateLimit::Read).await?;
    let ListSeatsIn { entity_id, include, limit, cursor } = request.query()?;
    let all = include.is_some();
    let after = cursor.map(|Cursor(order)| order);
    let key = PageKey {
        app: caller.app_id().clone(),
        entity: entity_id.clone(),
        all,
        after,
        limit: limit.get(),
    };
    let page = state.bookings.list(&caller, key).await?;
    if all {
        // Each caller sees different seats as `mine`, so the JSON cannot be shared.
        return Reply::ok(view(&page, entity_id, Some(caller.user)), "Seats");
    }
    Reply::ok(page.cached_json(|| view(&page, entity_id, None))?, "Seats")
}

/// The page as `user` sees it. Without a user, as every caller sees it.
fn view(page: &Page, entity_id: EntityId, user: Option<UserId>) -> SeatPage<'_> {
    let seats = page.seats.iter().map(|(seat, availability)| match user {
        Some(user) => SeatView::from(seat).with_state(SeatState::of(*availability, user)),
        None => SeatView::from(seat),
    });
    let next_cursor = page.next.clone().map(|order| Cursor(order).encode());
    SeatPage { entity_id, seats: seats.collect(), next_cursor }
}
