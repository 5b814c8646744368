//! `/admin/apps/{appId}/entities/{entityId}/seats`: an entity's seats, made and managed by the
//! admin or the tenant's own server.
//!
//! Every handler reads its input first, then finds the app, then the entity. So a request with
//! several faults gets the error of the first of these steps.

use shared::{
    auth::organiser::Organiser,
    error::Result,
    http::{self, Reply, Request, SEATS_BODY_LIMIT},
    inputs::{CreateLayoutSeatsIn, ListEntitySeatsIn, PatchSeatsIn, RemoveSeatsIn},
    state::State,
    store::layout_seats::LayoutSeatsMade,
    views::{ChangedSeats, CreatedLayoutSeats, EntitySeatPage, RemovedSeats},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(entity_seats).await
}

async fn entity_seats(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    match request.method() {
        "PATCH" => patch(&state, &request, &organiser).await,
        "POST" if request.path().ends_with("/seats") => create(&state, &request, &organiser).await,
        "POST" => remove(&state, &request, &organiser).await,
        _ => list(&state, &request, &organiser).await,
    }
}

async fn list(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let query = request.query::<ListEntitySeatsIn>()?.page();
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let entity = request.entity_id()?;
    let (seats, next) = state.bookings.organiser_seats(&app.app_id, &entity, query).await?;
    Reply::ok(EntitySeatPage::new(entity, &seats, next), "Seats")
}

async fn create(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let input: CreateLayoutSeatsIn = request.json_within(SEATS_BODY_LIMIT)?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let entity = request.entity_id()?;
    let make = state.store.create_layout_seats(&app, &entity, &input.layout_id, &input.prices);
    let made = state.bookings.edit_seats(&app.app_id, &entity, make).await?;
    let LayoutSeatsMade { created, total, is_complete } = made;
    let view = CreatedLayoutSeats { created, total };
    match (is_complete, created) {
        (false, _) => Reply::accepted(view, "Some seats are missing: repeat the call"),
        (true, 0) => Reply::ok(view, "The seats exist"),
        (true, _) => Reply::created(view, "Seats created"),
    }
}

async fn patch(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let PatchSeatsIn { r#where, set } = request.json_within(SEATS_BODY_LIMIT)?;
    let (selection, change) = (r#where.selection()?, set.change()?);
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let (app, entity) = (&app.app_id, request.entity_id()?);
    let change = state.store.change_seats(app, &entity, &selection, &change);
    let changed = state.bookings.edit_seats(app, &entity, change).await?;
    Reply::ok(ChangedSeats::from(changed), "Seats changed")
}

async fn remove(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let selection = request.json_within::<RemoveSeatsIn>(SEATS_BODY_LIMIT)?.r#where.selection()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let (app, entity) = (&app.app_id, request.entity_id()?);
    let remove = state.store.remove_seats(app, &entity, &selection);
    let (removed, skipped) = state.bookings.edit_seats(app, &entity, remove).await?;
    Reply::ok(RemovedSeats::new(removed, skipped), "Seats removed")
}
