//! `/admin/apps/{appId}/entities/{entityId}/seats`: an entity's seats, made and managed by the
//! admin or the tenant's own server.

use shared::{
    domain::{Cursor, EntityId},
    error::{Code, Result},
    http::{self, Reply, Request, SEATS_BODY_LIMIT},
    inputs::{CreateLayoutSeatsIn, ListEntitySeatsIn, PatchSeatsIn, RemoveSeatsIn},
    state::State,
    store::{
        entity_seats::{SeatChange, SeatPageQuery, SeatSelection},
        layout_seats::LayoutSeatsMade,
    },
    views::{ChangedSeats, CreatedLayoutSeats, EntitySeatPage, RemovedSeats, SeatView},
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
    let entity =
        EntityId::parse(request.parameter("entityId")).map_err(|_| Code::EntityNotFound)?;
    let (store, bookings, id) = (&state.store, &state.bookings, &app.app_id);
    match input {
        Input::List(query) => {
            let (rows, next) = bookings.organiser_seats(id, &entity, query).await?;
            let seats = rows.iter().map(SeatView::from).collect();
            let next_cursor = next.map(|order| Cursor(order).encode());
            Reply::ok(EntitySeatPage { entity_id: entity, seats, next_cursor }, "Seats")
        }
        Input::Create(CreateLayoutSeatsIn { layout_id, prices }) => {
            let make = store.create_layout_seats(&app, &entity, &layout_id, &prices);
            made(bookings.edit_seats(id, &entity, make).await?)
        }
        Input::Patch(selection, change) => {
            let change = store.change_seats(id, &entity, &selection, &change);
            let changed = bookings.edit_seats(id, &entity, change).await?;
            Reply::ok(ChangedSeats::from(changed), "Seats changed")
        }
        Input::Remove(selection) => {
            let remove = store.remove_seats(id, &entity, &selection);
            let (removed, skipped) = bookings.edit_seats(id, &entity, remove).await?;
            Reply::ok(RemovedSeats::new(removed, skipped), "Seats removed")
        }
    }
}

fn made(made: LayoutSeatsMade) -> Result<Reply> {
    let LayoutSeatsMade { created, total, is_complete } = made;
    let view = CreatedLayoutSeats { created, total };
    match (is_complete, created) {
        (false, _) => Reply::unfinished(view, "Some seats are missing: repeat the call"),
        (true, 0) => Reply::ok(view, "The seats exist"),
        (true, _) => Reply::created(view, "Seats created"),
    }
}

enum Input {
    Create(CreateLayoutSeatsIn),
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
            "POST" if request.path().ends_with("/seats") => {
                Self::Create(request.json_within(SEATS_BODY_LIMIT)?)
            }
            "POST" => {
                let RemoveSeatsIn { r#where } = request.json_within(SEATS_BODY_LIMIT)?;
                Self::Remove(r#where.selection()?)
            }
            _ => Self::List(request.query::<ListEntitySeatsIn>()?.page()),
        })
    }
}
