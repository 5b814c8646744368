//! `/admin/apps/{appId}/entities/{entityId}/seats`: an entity's seats, managed by the admin or the
//! tenant's own server.

use shared::{
    domain::{Cursor, EntityId},
    error::{Code, Result},
    http::{self, Reply, Request, SEATS_BODY_LIMIT},
    inputs::{ListEntitySeatsIn, PatchSeatsIn, RemoveSeatsIn},
    state::State,
    store::entity_seats::{SeatChange, SeatPageQuery, SeatSelection},
    views::{ChangedSeats, EntitySeatPage, RemovedSeats, SeatView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(entity_seats).await
}

async fn entity_seats(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    // The input is checked before the app is looked up.
    let input = Input::of(&request)?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let app = &app.app_id;
    let entity =
        EntityId::parse(request.parameter("entityId")).map_err(|_| Code::EntityNotFound)?;
    if state.store.entities.currency(app, &entity).await?.is_none() {
        return Err(Code::EntityNotFound.into());
    }
    match input {
        Input::List(query) => {
            let (rows, next) = state.store.organiser_seats(app, &entity, &query).await?;
            let seats = rows.iter().map(SeatView::from).collect();
            let next_cursor = next.map(|order| Cursor(order).encode());
            Reply::ok(EntitySeatPage { entity_id: entity, seats, next_cursor }, "Seats")
        }
        Input::Patch(selection, change) => {
            let done = state.store.change_seats(app, &entity, &selection, &change).await?;
            state.gate.seats_changed(app, &entity).await;
            Reply::ok(ChangedSeats::from(done), "Seats changed")
        }
        Input::Remove(selection) => {
            let (removed, skipped) = state.store.remove_seats(app, &entity, &selection).await?;
            state.gate.seats_changed(app, &entity).await;
            Reply::ok(RemovedSeats::new(removed, skipped), "Seats removed")
        }
    }
}

enum Input {
    List(SeatPageQuery),
    Patch(SeatSelection, SeatChange),
    Remove(SeatSelection),
}

impl Input {
    fn of(request: &Request) -> Result<Self> {
        Ok(match request.method() {
            "PATCH" => {
                let PatchSeatsIn { r#where, set } = request.json_within(SEATS_BODY_LIMIT)?;
                Self::Patch(r#where.selection()?, set.change()?)
            }
            "POST" => {
                let RemoveSeatsIn { r#where } = request.json_within(SEATS_BODY_LIMIT)?;
                Self::Remove(r#where.selection()?)
            }
            _ => {
                let ListEntitySeatsIn { status, section, limit, cursor } = request.query()?;
                Self::List(SeatPageQuery {
                    state: status.map(Into::into),
                    section,
                    after: cursor.map(|Cursor(order)| order),
                    limit: limit.get(),
                })
            }
        })
    }
}
