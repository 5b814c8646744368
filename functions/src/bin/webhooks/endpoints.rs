//! The endpoints: creates, reads, changes and deletes them, and rotates their secrets.

use super::known_id;
use shared::{
    auth::organiser::Organiser,
    error::Result,
    http::{Reply, Request},
    inputs::{CreateWebhookIn, NoParameters, PatchWebhookIn, RotateWebhookSecretIn},
    state::State,
    views::{DeletedWebhook, NewWebhookSecret, WebhookList, WebhookView},
};

pub async fn create(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let new = request.json::<CreateWebhookIn>()?.webhook();
    state.webhooks.parse_url(&new.url)?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let (app, webhook, secret) = state.webhooks.create(&app.app_id, new).await?;
    state.tenant_auth.publish(&app).await;
    let view = WebhookView::with_secret(webhook, &secret);
    Reply::created(view, "Webhook created: its secret is shown only once")
}

pub async fn list(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let NoParameters {} = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    Reply::ok(WebhookList::new(state.webhooks.all(&app.app_id).await?), "Webhooks")
}

pub async fn get(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let NoParameters {} = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let webhook = state.webhooks.find(&app.app_id, known_id(request)?).await?;
    Reply::ok(WebhookView::from(webhook), "Webhook")
}

pub async fn patch(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let change = request.optional_json::<PatchWebhookIn>()?.change()?;
    if let Some(url) = &change.url {
        state.webhooks.parse_url(url)?;
    }
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let (app, webhook) = state.webhooks.change(&app.app_id, known_id(request)?, change).await?;
    state.tenant_auth.publish(&app).await;
    Reply::ok(WebhookView::from(webhook), "Webhook changed")
}

pub async fn rotate_secret(
    state: &State,
    request: &Request,
    organiser: &Organiser,
) -> Result<Reply> {
    let RotateWebhookSecretIn { overlap_seconds } = request.optional_json()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let id = known_id(request)?;
    let secret = state.webhooks.rotate(&app.app_id, id, overlap_seconds.seconds()).await?;
    let view = NewWebhookSecret::new(id, &secret);
    Reply::ok(view, "Secret rotated: the new one is shown only once")
}

pub async fn delete(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let NoParameters {} = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let webhook_id = known_id(request)?;
    state.tenant_auth.publish(&state.webhooks.remove(&app.app_id, webhook_id).await?).await;
    Reply::ok(DeletedWebhook { webhook_id, deleted: true }, "Webhook deleted")
}
