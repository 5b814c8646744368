//! `GET /seats`: the seats of an entity that can be reserved now, or with `include=all` the whole map.

use shared::{
    domain::Cursor,
    error::Result,
    http::{self, Reply, Request},
    inputs::ListSeatsIn,
    state::State,
    views::{SeatPage, SeatView},
};

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(None).await?;
    let ListSeatsIn { entity_id, include, limit, cursor } = request.query()?;
    let all = include.is_some();
    let after = cursor.map(|Cursor(order)| order);
    let listing = state.bookings.list(&caller, &entity_id, all, after, limit.get()).await?;
    let seats = listing.seats.into_iter().map(|(seat, standing)| {
        let view = SeatView::from(seat);
        if all { view.with_state(standing) } else { view }
    });
    let next_cursor = listing.next.map(|order| Cursor(order).encode());
    Reply::ok(SeatPage { entity_id, seats: seats.collect(), next_cursor }, "Seats")
}
