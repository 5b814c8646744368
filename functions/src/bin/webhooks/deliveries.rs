//! The deliveries to an endpoint: lists them, sends a test event, and repeats deliveries.

use super::known_id;
use shared::{
    auth::organiser::Organiser,
    domain::DeliveryId,
    error::Result,
    http::{Reply, Request},
    inputs::{ListDeliveriesIn, NoParameters, RecoverIn},
    state::State,
    views::{DeliveryPage, RecoveredDeliveries, StartedDelivery},
};

pub async fn list(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let ListDeliveriesIn { status, limit, cursor } = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let (app, id) = (&app.app_id, known_id(request)?);
    let page = state.webhooks.deliveries(app, id, status, cursor, limit.get()).await?;
    Reply::ok(DeliveryPage::new(page), "Deliveries")
}

pub async fn test(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let NoParameters {} = request.optional_json()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let sent = state.webhooks.test(&app.app_id, known_id(request)?).await?;
    delivery_reply(sent, "A test event is on its way")
}

pub async fn retry(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let NoParameters {} = request.optional_json()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let (id, delivery) = (known_id(request)?, request.parameter("deliveryId"));
    let sent = state.webhooks.retry(&app.app_id, id, delivery).await?;
    delivery_reply(sent, "The delivery is sent again")
}

fn delivery_reply((delivery_id, event_id): (DeliveryId, String), message: &str) -> Result<Reply> {
    Reply::accepted(StartedDelivery { delivery_id, event_id }, message)
}

pub async fn recover(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let RecoverIn { since } = request.json()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let (app, id) = (&app.app_id, known_id(request)?);
    let recovered = state.webhooks.recover(app, id, since.timestamp()).await?;
    Reply::accepted(RecoveredDeliveries { recovered }, "The deliveries are sent again")
}
