//! `GET /seats`: the seats of an entity that can be reserved now, or with `include=all` the whole map.

use serde::{Deserialize, Serialize};
use shared::{
    domain::{Cursor, EntityId, Limit},
    error::Result,
    http::{self, Reply, Request},
    state::State,
    views::SeatView,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListIn {
    entity_id: EntityId,
    include: Option<Include>,
    #[serde(default)]
    limit: Limit<1000, 1000>,
    cursor: Option<Cursor<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Include {
    All,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListOut {
    entity_id: EntityId,
    seats: Vec<SeatView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(None).await?;
    let ListIn { entity_id, include, limit, cursor } = request.query()?;
    let all = include.is_some();
    let after = cursor.map(|Cursor(order)| order);
    let listing = state.bookings.list(&caller, &entity_id, all, after, limit.get()).await?;
    let seats = listing.seats.into_iter().map(|(seat, standing)| {
        let view = SeatView::from(seat);
        if all { view.with_state(standing) } else { view }
    });
    let next_cursor = listing.next.map(|order| Cursor(order).encode());
    Reply::ok(ListOut { entity_id, seats: seats.collect(), next_cursor }, "Seats")
}
