//! Seating plans that other programs made, imported as layouts.

use super::{layout_reply, new_id};
use shared::{
    auth::organiser::Organiser,
    domain::layout::{PretixPlan, Text, csv_layout, pretix_layout},
    error::{Error, Result},
    http::{IMPORT_BODY_LIMIT, Reply, Request},
    inputs::{ImportLayoutIn, PlanFormat},
    state::State,
};

pub async fn import(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    match request.query::<ImportLayoutIn>()?.format {
        PlanFormat::Pretix => pretix(state, request, organiser).await,
        PlanFormat::Csv => csv(state, request, organiser).await,
    }
}

async fn pretix(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let plan: Box<PretixPlan> = request.json_beside_query(IMPORT_BODY_LIMIT)?;
    let id = new_id(request)?;
    let layout = pretix_layout(*plan)?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    layout_reply(state.store.layouts.add(&app.app_id, &id, &layout).await?)
}

async fn csv(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let bytes = request.bytes("text/csv", IMPORT_BODY_LIMIT)?;
    let id = new_id(request)?;
    let name = Text::parse(id.as_str()).map_err(Error::internal)?;
    let layout = csv_layout(name, bytes)?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    layout_reply(state.store.layouts.add_unnamed(&app.app_id, &id, layout).await?)
}
