//! `POST /admin/seats`: creates the seats of an entity, all or none.

use shared::{
    error::{Code, Error, Result},
    http::{self, Reply, Request, SEATS_BODY_LIMIT},
    inputs::CreateSeatsIn,
    state::State,
    store::seats::Seat,
    views::{CreatedSeats, SeatView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(create).await
}

async fn create(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    http::idempotent(&state, &request, &organiser.scope(), async {
        let CreateSeatsIn { app_id, entity_id, currency, seats } =
            request.json_within(SEATS_BODY_LIMIT)?;
        organiser.check_manages(&app_id)?;
        let is_usable = currency.is_in_use()
            || state.store.seats.has_currency(&app_id, &entity_id, &currency).await?;
        if !is_usable {
            return Err(Error::field("currency", "must be an ISO 4217 code in use, such as INR"));
        }
        let app = state.store.apps.find(&app_id).await?.ok_or(Code::AppNotFound)?;
        let seats =
            seats.into_vec().into_iter().map(|seat| Seat::new(&app, &entity_id, &currency, seat));
        let new = state.store.new_seats(seats.collect()).await?;
        let views: Vec<_> = new.seats.iter().map(SeatView::from).collect();
        let reply =
            Reply::created(CreatedSeats { created: views.len(), seats: views }, "Seats created")?;
        state.store.create_seats(&new, request.response_to_store(&reply)).await?;
        state.gate.seats_changed(&app_id, &entity_id).await;
        Ok(reply)
    })
    .await
}
