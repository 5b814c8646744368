//! `POST /admin/seats`: the seats of an entity, all or none.

use serde::{Deserialize, Serialize};
use shared::{
    domain::{AppId, Currency, EntityId, Metadata, Price, SeatNumber},
    error::{Code, Error, Result},
    http::{self, Reply, Request, SEATS_BODY_LIMIT},
    state::State,
    store::seats::Seat,
    views::SeatView,
};
use std::collections::HashSet;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateIn {
    app_id: AppId,
    entity_id: EntityId,
    currency: Currency,
    seats: Vec<SeatIn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeatIn {
    seat_number: SeatNumber,
    price: Price,
    #[serde(default)]
    metadata: Metadata,
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
        let input: CreateIn = request.json_within(SEATS_BODY_LIMIT)?;
        check_list(&input.seats)?;
        let app = state.store.apps.find(&input.app_id).await?.ok_or(Code::AppNotFound)?;
        let CreateIn { entity_id, currency, seats, .. } = input;
        let seats: Vec<_> = seats
            .into_iter()
            .map(|seat| Seat::new(&app, &entity_id, seat.seat_number, seat.price, &currency, seat.metadata))
            .collect();
        state.store.create_seats(&seats).await?;
        let seats: Vec<_> = seats.into_iter().map(SeatView::from).collect();
        Reply::created(CreateOut { created: seats.len(), seats }, "Seats created")
    })
    .await
}

fn check_list(seats: &[SeatIn]) -> Result<()> {
    if !(1..=1000).contains(&seats.len()) {
        return Err(Error::field("seats", "must have 1 to 1000 seats"));
    }
    let mut numbers = HashSet::new();
    match seats.iter().position(|seat| !numbers.insert(&seat.seat_number)) {
        Some(twice) => Err(Error::field(format!("seats[{twice}].seatNumber"), "stands in the request twice")),
        None => Ok(()),
    }
}
