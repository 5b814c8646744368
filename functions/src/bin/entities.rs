//! `/admin/apps/{appId}/entities`: what a tenant sells, managed by the admin or the tenant's own
//! server.

use shared::{
    booking::OrganisedEntity,
    domain::{AppId, EntityId, Instant},
    error::{Code, Error, Result},
    http::{self, Precondition, Reply, Request},
    inputs::{CancelEntityIn, ListEntitySettingsIn, NoParameters, PatchEntityIn, PutEntityIn},
    state::State,
    store::{
        apps::App,
        entities::{EntityFilter, EntitySettings},
        entity_cancels::NewEntityCancel,
    },
    views::{DeletedEntity, EntitySettingsPage, EntitySettingsView, NewFeedKey},
};

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
    let id = EntityId::parse(request.parameter("entityId"));
    let known = || id.clone().map_err(|_| Code::EntityNotFound);
    let bookings = &state.bookings;
    match input {
        Input::List(input) => list(&state, &app.app_id, input).await,
        Input::Put(input) => {
            let id = id.map_err(|reason| Error::field("entityId", reason))?;
            let settings = |before: Option<&EntitySettings>| input.settings(before);
            write(&state, &app, &id, &precondition, settings).await
        }
        Input::Patch(input) => {
            let settings = |before: Option<&EntitySettings>| -> Result<EntitySettings> {
                input.settings(before.ok_or(Code::EntityNotFound)?)
            };
            write(&state, &app, &known()?, &precondition, settings).await
        }
        Input::Get => {
            let entity = bookings.organised_entity(&app.app_id, &known()?).await?;
            reply(entity, Reply::ok, "Entity")
        }
        Input::Delete => {
            let id = known()?;
            bookings.delete_entity(&app.app_id, &id, |version| precondition.check(version)).await?;
            Reply::ok(DeletedEntity { entity_id: id, deleted: true }, "Entity deleted")
        }
        Input::RotateFeedKey => {
            let id = known()?;
            let feed_key = bookings.rotate_feed_key(&app.app_id, &id).await?;
            let view = NewFeedKey { entity_id: id, feed_key };
            Reply::ok(view, "Feed key replaced: the old one is gone")
        }
        Input::Cancel(CancelEntityIn { refund_percent, reason }) => {
            let by = organiser.actor();
            let new = NewEntityCancel { refund_percent: refund_percent.get(), reason, by };
            let entity = bookings.cancel_entity(&app.app_id, &known()?, &new).await?;
            let entity = bookings.organised(&app.app_id, entity).await?;
            reply(entity, Reply::unfinished, "Entity cancelled")
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

async fn write(
    state: &State,
    app: &App,
    id: &EntityId,
    precondition: &Precondition,
    settings: impl Fn(Option<&EntitySettings>) -> Result<EntitySettings> + Send + Sync,
) -> Result<Reply> {
    let check = |version| precondition.check(version);
    let (entity, is_new) = state.bookings.write_entity(app, id, check, settings).await?;
    let entity = state.bookings.organised(&app.app_id, entity).await?;
    if is_new {
        reply(entity, Reply::created, "Entity created")
    } else {
        reply(entity, Reply::ok, "Entity changed")
    }
}

async fn list(state: &State, app: &AppId, input: ListEntitySettingsIn) -> Result<Reply> {
    let ListEntitySettingsIn { state: wanted, from, to, limit, cursor } = input;
    let (from, to) = (from.map(Instant::timestamp), to.map(Instant::timestamp));
    let filter = EntityFilter { state: wanted, from, to, until: None };
    let (entities, next) = state.bookings.entity_page(app, filter, cursor, limit.get()).await?;
    let view = |(entity, counts)| EntitySettingsView::new(entity, &counts);
    let entities = entities.into_iter().map(view).collect();
    let next_cursor = next.map(|next| next.encode());
    Reply::ok(EntitySettingsPage { entities, next_cursor }, "Entities")
}

fn reply(
    organised: OrganisedEntity,
    answer: impl Fn(EntitySettingsView, &str) -> Result<Reply>,
    message: &str,
) -> Result<Reply> {
    let OrganisedEntity { entity, counts, cancelling } = organised;
    let version = entity.row.version;
    let view = EntitySettingsView::new(entity, &counts).with_cancelling(cancelling);
    Ok(answer(view, message)?.with_etag(version))
}
