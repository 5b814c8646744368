//! `/admin/apps/{appId}/entities`: what a tenant sells, managed by the admin or the tenant's own
//! server.

use shared::{
    clock::Backoff,
    domain::{EntityId, Instant},
    error::{Code, Error, Result},
    http::{self, Precondition, Reply, Request},
    inputs::{CancelEntityIn, ListEntitySettingsIn, NoParameters, PatchEntityIn, PutEntityIn},
    state::State,
    store::{
        apps::App,
        entities::{Entity, EntityFilter, EntitySettings},
        entity_cancels::NewEntityCancel,
    },
    views::{DeletedEntity, EntitySettingsPage, EntitySettingsView, NewFeedKey},
};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(entities).await
}

async fn entities(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    let precondition = request.if_match();
    // The input is checked before the app is looked up.
    let input = Input::of(&request)?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let id = request.parameter("entityId");
    match input {
        Input::List(input) => list(&state, &app, input).await,
        Input::Put(input) => {
            let id = EntityId::parse(id).map_err(|reason| Error::field("entityId", reason))?;
            let settings = |before: Option<&EntitySettings>| input.settings(before);
            write(&state, &app, &id, &precondition, settings).await
        }
        Input::Patch(input) => {
            let id = EntityId::parse(id).map_err(|_| Code::EntityNotFound)?;
            let settings = |before: Option<&EntitySettings>| -> Result<EntitySettings> {
                input.settings(before.ok_or(Code::EntityNotFound)?)
            };
            write(&state, &app, &id, &precondition, settings).await
        }
        Input::Get => {
            let id = EntityId::parse(id).map_err(|_| Code::EntityNotFound)?;
            let entity = state.store.entities.find(&app.app_id, &id).await?;
            let entity = entity.ok_or(Code::EntityNotFound)?;
            reply(&state, &app, entity, 200, "Entity").await
        }
        Input::Delete => {
            let id = EntityId::parse(id).map_err(|_| Code::EntityNotFound)?;
            delete(&state, &app, id, &precondition).await
        }
        Input::RotateFeedKey => {
            let id = EntityId::parse(id).map_err(|_| Code::EntityNotFound)?;
            rotate_feed_key(&state, &app, id).await
        }
        Input::Cancel(input) => {
            let id = EntityId::parse(id).map_err(|_| Code::EntityNotFound)?;
            let CancelEntityIn { refund_percent, reason } = input;
            let by = organiser.actor();
            let new = NewEntityCancel { refund_percent: refund_percent.get(), reason, by };
            let entity = state.bookings.cancel_entity(&app.app_id, &id, &new).await?;
            reply(&state, &app, entity, 202, "Entity cancelled").await
        }
    }
}

enum Input {
    List(ListEntitySettingsIn),
    Put(Box<PutEntityIn>),
    Patch(Box<PatchEntityIn>),
    Get,
    Delete,
    RotateFeedKey,
    Cancel(CancelEntityIn),
}

impl Input {
    fn of(request: &Request) -> Result<Self> {
        let nothing = || request.query().map(|NoParameters {}| ());
        Ok(match request.method() {
            "PUT" => Self::Put(request.json()?),
            "PATCH" => {
                let patch: Box<PatchEntityIn> = request.optional_json()?;
                patch.check()?;
                Self::Patch(patch)
            }
            "POST" if request.path().ends_with("/cancel") => Self::Cancel(request.json()?),
            "POST" => {
                let NoParameters {} = request.optional_json()?;
                Self::RotateFeedKey
            }
            "DELETE" => {
                nothing()?;
                Self::Delete
            }
            _ if request.parameter("entityId").is_empty() => Self::List(request.query()?),
            _ => {
                nothing()?;
                Self::Get
            }
        })
    }
}

/// Writes what `settings` makes of the stored settings. Another change in between is read again.
async fn write(
    state: &State,
    app: &App,
    id: &EntityId,
    precondition: &Precondition,
    settings: impl Fn(Option<&EntitySettings>) -> Result<EntitySettings> + Send + Sync,
) -> Result<Reply> {
    let mut backoff = Backoff::default();
    loop {
        let before = state.store.entities.find(&app.app_id, id).await?;
        precondition.check(before.as_ref().map(|entity| entity.row.version))?;
        let after = settings(before.as_ref().map(|entity| &entity.settings))?;
        change_currency(state, app, id, &after).await?;
        let put =
            state.store.entities.put(&app.app_id, app.domain, id, &after, before.as_ref()).await?;
        if let Some(entity) = put {
            state.gate.seats_changed(&app.app_id, id).await;
            let (status, message) =
                if before.is_some() { (200, "Entity changed") } else { (201, "Entity created") };
            return reply(state, app, entity, status, message).await;
        }
        if !backoff.pause().await {
            return Err(Error::unavailable("the entity changed at every attempt to change it"));
        }
    }
}

/// Changes the currency of the entity's seats, if none was ever held.
async fn change_currency(
    state: &State,
    app: &App,
    id: &EntityId,
    after: &EntitySettings,
) -> Result<()> {
    let (store, app) = (&state.store, &app.app_id);
    let before = store.entities.currency(app, id).await?;
    if before.as_ref() == Some(&after.currency) {
        return Ok(());
    }
    if !after.currency.is_in_use() {
        return Err(Error::field("currency", "must be an ISO 4217 code in use, such as INR"));
    }
    if before.is_none() {
        return Ok(());
    }
    if store.was_ever_held(app, id).await? {
        let reason = "must stay as it is, because seats were held or sold in it";
        return Err(Error::field("currency", reason));
    }
    Ok(store.change_currency(app, id, &after.currency).await?)
}

async fn delete(
    state: &State,
    app: &App,
    entity_id: EntityId,
    precondition: &Precondition,
) -> Result<Reply> {
    let store = &state.store;
    let entity = store.entities.find(&app.app_id, &entity_id).await?.ok_or(Code::EntityNotFound)?;
    precondition.check(Some(entity.row.version))?;
    if store.was_ever_held(&app.app_id, &entity_id).await? {
        return Err(Code::EntityInUse.into());
    }
    store.delete_entity(&app.app_id, &entity_id).await?;
    state.gate.seats_changed(&app.app_id, &entity_id).await;
    Reply::ok(DeletedEntity { entity_id, deleted: true }, "Entity deleted")
}

async fn rotate_feed_key(state: &State, app: &App, entity_id: EntityId) -> Result<Reply> {
    let rotated = state.store.entities.rotate_feed_key(&app.app_id, &entity_id).await?;
    let feed_key = rotated.ok_or(Code::EntityNotFound)?;
    state.gate.seats_changed(&app.app_id, &entity_id).await;
    Reply::ok(NewFeedKey { entity_id, feed_key }, "Feed key replaced: the old one is gone")
}

async fn list(state: &State, app: &Arc<App>, input: ListEntitySettingsIn) -> Result<Reply> {
    let ListEntitySettingsIn { state: wanted, from, to, limit, cursor } = input;
    let (from, to) = (from.map(Instant::timestamp), to.map(Instant::timestamp));
    let filter = EntityFilter { state: wanted, from, to, until: None };
    let page = state.store.entities.page(&app.app_id, filter, cursor, limit.get()).await?;
    let (entities, next) = page;
    let counts = state.bookings.seat_counts(&app.app_id, &entities).await?;
    let views = entities.into_iter().zip(&counts);
    let entities = views.map(|(entity, counts)| EntitySettingsView::new(entity, counts)).collect();
    let next_cursor = next.map(|next| next.encode());
    Reply::ok(EntitySettingsPage { entities, next_cursor }, "Entities")
}

async fn reply(
    state: &State,
    app: &App,
    entity: Entity,
    status: u16,
    message: &str,
) -> Result<Reply> {
    let entities = [entity];
    let counts = state.bookings.seat_counts(&app.app_id, &entities).await?;
    let [entity] = entities;
    let version = entity.row.version;
    let counts = counts.into_iter().next().unwrap_or_default();
    let cancelling = state.store.cancelling(&app.app_id, &entity).await?;
    let view = EntitySettingsView::new(entity, &counts).with_cancelling(cancelling);
    let reply = match status {
        201 => Reply::created(view, message)?,
        202 => Reply::unfinished(view, message)?,
        _ => Reply::ok(view, message)?,
    };
    Ok(reply.with_etag(version))
}
