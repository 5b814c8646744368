//! An entity's settings: listing, reading, writing and deleting them.

use shared::{
    auth::organiser::Organiser,
    booking::OrganisedEntity,
    domain::EntityId,
    error::{Error, Result},
    http::{Reply, Request},
    inputs::{ListEntitySettingsIn, NoParameters, PatchEntityIn, PutEntityIn},
    state::State,
    views::{DeletedEntity, EntitySettingsPage, EntitySettingsView},
};

pub async fn list(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let input: ListEntitySettingsIn = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let (filter, limit) = (input.filter(), input.limit.get());
    let page = state.bookings.entity_page(&app.app_id, filter, input.cursor, limit).await?;
    Reply::ok(EntitySettingsPage::new(page), "Entities")
}

pub async fn get(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let NoParameters {} = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let entity = state.bookings.organised_entity(&app.app_id, &request.entity_id()?).await?;
    let view = EntitySettingsView::from(entity);
    Ok(Reply::ok(&view, "Entity")?.with_etag(view.version()))
}

pub async fn put(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let input: PutEntityIn = request.json()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let id = EntityId::parse(request.parameter("entityId"));
    let id = id.map_err(|reason| Error::field("entityId", reason))?;
    let (bookings, precondition) = (&state.bookings, request.if_match());
    let settings = |before: Option<&_>| input.settings(before);
    entity_reply(bookings.write_entity(&app, &id, &precondition, settings).await?)
}

pub async fn patch(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let input: PatchEntityIn = request.optional_json()?;
    input.check()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let id = request.entity_id()?;
    let (bookings, precondition) = (&state.bookings, request.if_match());
    let settings = |before: Option<&_>| input.settings(before);
    entity_reply(bookings.write_entity(&app, &id, &precondition, settings).await?)
}

fn entity_reply((entity, is_new): (OrganisedEntity, bool)) -> Result<Reply> {
    let view = EntitySettingsView::from(entity);
    let reply = if is_new {
        Reply::created(&view, "Entity created")
    } else {
        Reply::ok(&view, "Entity changed")
    };
    Ok(reply?.with_etag(view.version()))
}

pub async fn delete(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let NoParameters {} = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let entity_id = request.entity_id()?;
    state.bookings.delete_entity(&app.app_id, &entity_id, &request.if_match()).await?;
    Reply::ok(DeletedEntity { entity_id, deleted: true }, "Entity deleted")
}
