//! `POST /admin/seats`: the seats of an entity, all or none.

use serde::{Deserialize, Serialize};
use shared::{
    domain::{AppId, Currency, EntityId, NewSeats},
    error::{Code, Result},
    http::{self, Reply, Request, SEATS_BODY_LIMIT},
    state::State,
    store::seats::Seat,
    views::SeatView,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateIn {
    app_id: AppId,
    entity_id: EntityId,
    currency: Currency,
    seats: NewSeats,
}

#[derive(Serialize)]
struct CreateOut {
    created: usize,
    seats: Vec<SeatView>,
}

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(create).await
}

async fn create(state: State, request: Request) -> Result<Reply> {
    let admin = request.admin()?;
    http::once(&state, &request, &["admin".to_owned(), admin.email], async {
        let CreateIn { app_id, entity_id, currency, seats } = request.json_within(SEATS_BODY_LIMIT)?;
        let app = state.store.apps.find(&app_id).await?.ok_or(Code::AppNotFound)?;
        let seats = seats.into_vec().into_iter().map(|seat| Seat::new(&app, &entity_id, &currency, seat));
        let seats: Vec<_> = seats.collect();
        let views: Vec<_> = seats.iter().cloned().map(SeatView::from).collect();
        let reply = Reply::created(CreateOut { created: views.len(), seats: views }, "Seats created")?;
        state.store.create_seats(&seats, request.kept(&reply)).await?;
        Ok(reply)
    })
    .await
}
