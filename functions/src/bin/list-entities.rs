//! `GET /entities` and `GET /entities/{entityId}`: what a tenant sells, for its frontend. No user
//! need be signed in.

use shared::{
    config::RateLimit,
    domain::{EntityId, Instant},
    error::{Code, Result},
    http::{self, Reply, Request},
    inputs::{ListEntitiesIn, NoParameters},
    state::State,
    store::{
        apps::App,
        entities::{EntityFilter, Until},
    },
    views::{EntityPage, EntityView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(entities).await
}

async fn entities(state: State, request: Request) -> Result<Reply> {
    let app = request.app(Some(RateLimit::Read)).await?;
    match request.parameter("entityId") {
        "" => list(&state, &app, request.query()?).await,
        id => {
            let NoParameters {} = request.query()?;
            let id = EntityId::parse(id).map_err(|_| Code::EntityNotFound)?;
            get(&state, &app, &id).await
        }
    }
}

async fn list(state: &State, app: &App, input: ListEntitiesIn) -> Result<Reply> {
    let ListEntitiesIn { from, to, limit, cursor } = input;
    let until = from.map_or(Until::Now, |from| Until::At(from.timestamp()));
    let to = to.map(Instant::timestamp);
    let filter = EntityFilter { until: Some(until), to, ..Default::default() };
    let page = state.bookings.entity_page(&app.app_id, filter, cursor, limit.get()).await?;
    let (entities, next) = page;
    let view = |(entity, counts)| EntityView::new(entity, &counts);
    let entities = entities.into_iter().map(view).collect();
    Reply::ok(EntityPage { entities, next_cursor: next.map(|next| next.encode()) }, "Entities")
}

async fn get(state: &State, app: &App, id: &EntityId) -> Result<Reply> {
    let (entity, counts) = state.bookings.counted_entity(&app.app_id, id).await?;
    let entity = EntityView::new(entity, &counts).with_sections(&counts);
    Reply::ok(entity.with_live_url(|key| state.live.url(key)), "Entity")
}
