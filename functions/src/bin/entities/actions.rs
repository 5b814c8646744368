//! Actions on an entity that are not changes of its settings: a new feed key, and its cancellation.

use shared::{
    auth::organiser::Organiser,
    error::Result,
    http::{self, Reply, Request},
    inputs::{CancelEntityIn, NoParameters},
    state::State,
    views::{EntitySettingsView, NewFeedKey},
};

pub async fn rotate_feed_key(
    state: &State,
    request: &Request,
    organiser: &Organiser,
) -> Result<Reply> {
    let NoParameters {} = request.optional_json()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let entity_id = request.entity_id()?;
    let feed_key = state.bookings.rotate_feed_key(&app.app_id, &entity_id).await?;
    Reply::ok(NewFeedKey { entity_id, feed_key }, "Feed key replaced: the old one is gone")
}

pub async fn cancel(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    http::idempotent(state, request, &organiser.scope(), async {
        let wanted = request.json::<CancelEntityIn>()?.into_request(organiser.actor());
        let app = organiser.app(&state.store, request.parameter("appId")).await?;
        let id = request.entity_id()?;
        let entity = state.bookings.cancel_entity(&app.app_id, &id, &wanted).await?;
        let view = EntitySettingsView::from(entity);
        Ok(Reply::accepted(&view, "Entity cancelled")?.with_etag(view.version()))
    })
    .await
}
