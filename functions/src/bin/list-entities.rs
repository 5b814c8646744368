//! `GET /entities` and `GET /entities/{entityId}`: what a tenant sells, for its frontend. They
//! need no user's token.

use shared::{
    config::RateLimit,
    domain::EntityId,
    error::Result,
    http::{self, Reply, Request},
    inputs::{ListEntitiesIn, NoParameters},
    state::State,
    store::apps::App,
    views::{EntityPage, EntityView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(entities).await
}

async fn entities(state: State, request: Request) -> Result<Reply> {
    let app = request.app(Some(RateLimit::Read)).await?;
    if request.parameter("entityId").is_empty() {
        return list(&state, &app, request.query()?).await;
    }
    let NoParameters {} = request.query()?;
    get(&state, &app, &request.entity_id()?).await
}

async fn list(state: &State, app: &App, input: ListEntitiesIn) -> Result<Reply> {
    let (filter, limit) = (input.filter(), input.limit.get());
    let page = state.bookings.entity_page(&app.app_id, filter, input.cursor, limit).await?;
    Reply::ok(EntityPage::new(page), "Entities")
}

async fn get(state: &State, app: &App, id: &EntityId) -> Result<Reply> {
    let (entity, counts) = state.bookings.counted_entity(&app.app_id, id).await?;
    let entity = EntityView::new(entity, &counts).with_sections(&counts);
    Reply::ok(entity.with_live_url(|key| state.live.url(key)), "Entity")
}
