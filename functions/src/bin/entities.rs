//! `/admin/apps/{appId}/entities`: what a tenant sells, managed by the admin or the tenant's own
//! server.

use shared::{
    booking::OrganisedEntity,
    domain::EntityId,
    error::{Code, Error, Result},
    http::{self, Reply, Request},
    inputs::{CancelEntityIn, ListEntitySettingsIn, NoParameters, PatchEntityIn, PutEntityIn},
    state::State,
    store::{entities::EntitySettings, entity_cancels::NewEntityCancel},
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
    let check = |version| precondition.check(version);
    let bookings = &state.bookings;
    match input {
        Input::List(input) => {
            let (filter, limit) = (input.filter(), input.limit.get());
            let page = bookings.entity_page(&app.app_id, filter, input.cursor, limit).await?;
            Reply::ok(EntitySettingsPage::new(page), "Entities")
        }
        Input::Put(input) => {
            let id = id.map_err(|reason| Error::field("entityId", reason))?;
            let settings = |before: Option<&EntitySettings>| input.settings(before);
            written(bookings.write_entity(&app, &id, check, settings).await?)
        }
        Input::Patch(input) => {
            let settings = |before: Option<&EntitySettings>| -> Result<EntitySettings> {
                input.settings(before.ok_or(Code::EntityNotFound)?)
            };
            written(bookings.write_entity(&app, &known()?, check, settings).await?)
        }
        Input::Get => {
            let entity = bookings.organised_entity(&app.app_id, &known()?).await?;
            reply(entity, Reply::ok, "Entity")
        }
        Input::Delete => {
            let entity_id = known()?;
            bookings.delete_entity(&app.app_id, &entity_id, check).await?;
            Reply::ok(DeletedEntity { entity_id, deleted: true }, "Entity deleted")
        }
        Input::RotateFeedKey => {
            let entity_id = known()?;
            let feed_key = bookings.rotate_feed_key(&app.app_id, &entity_id).await?;
            let view = NewFeedKey { entity_id, feed_key };
            Reply::ok(view, "Feed key replaced: the old one is gone")
        }
        Input::Cancel(CancelEntityIn { refund_percent, reason }) => {
            let by = organiser.actor();
            let new = NewEntityCancel { refund_percent: refund_percent.get(), reason, by };
            let entity = bookings.cancel_entity(&app.app_id, &known()?, &new).await?;
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

fn written((entity, is_new): (OrganisedEntity, bool)) -> Result<Reply> {
    if is_new {
        reply(entity, Reply::created, "Entity created")
    } else {
        reply(entity, Reply::ok, "Entity changed")
    }
}

fn reply(
    entity: OrganisedEntity,
    answer: impl Fn(EntitySettingsView, &str) -> Result<Reply>,
    message: &str,
) -> Result<Reply> {
    let version = entity.entity.row.version;
    Ok(answer(entity.into(), message)?.with_etag(version))
}
