//! `/admin/apps/{appId}/webhooks`: the endpoints to which a tenant's events are sent, and what was
//! sent to them.

use shared::{
    domain::{DeliveryId, WebhookId},
    error::{Code, Result},
    http::{self, Reply, Request},
    inputs::{
        CreateWebhookIn, ListDeliveriesIn, NoParameters, PatchWebhookIn, RecoverIn,
        RotateWebhookSecretIn,
    },
    state::State,
    store::{
        apps::App,
        webhooks::{Webhook, WebhookChange},
    },
    views::{
        DeletedWebhook, DeliveryPage, NewWebhookSecret, RecoveredDeliveries, StartedDelivery,
        WebhookList, WebhookView,
    },
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(webhooks).await
}

async fn webhooks(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    // The input is checked before the app is looked up.
    let input = Input::of(&request)?;
    if let Some(url) = input.url() {
        state.webhooks.parse_url(url)?;
    }
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let id = || WebhookId::parse(request.parameter("webhookId")).map_err(|_| Code::WebhookNotFound);
    match input {
        Input::List => list(&state, &app).await,
        Input::Create(input) => create(&state, &app, input).await,
        Input::Get => Reply::ok(WebhookView::from(find(&state, &app, id()?).await?), "Webhook"),
        Input::Patch(change) => patch(&state, &app, id()?, change).await,
        Input::Delete => delete(&state, &app, id()?).await,
        Input::Rotate(input) => rotate(&state, &app, id()?, input).await,
        Input::Test => test(&state, &app, id()?).await,
        Input::Deliveries(input) => deliveries(&state, &app, id()?, input).await,
        Input::Retry => {
            let delivery = DeliveryId::parse(request.parameter("deliveryId"));
            retry(&state, &app, id()?, delivery.map_err(|_| Code::DeliveryNotFound)).await
        }
        Input::Recover(input) => recover(&state, &app, id()?, input).await,
    }
}

enum Input {
    List,
    Create(CreateWebhookIn),
    Get,
    Patch(WebhookChange),
    Delete,
    Rotate(RotateWebhookSecretIn),
    Test,
    Deliveries(ListDeliveriesIn),
    Retry,
    Recover(RecoverIn),
}

impl Input {
    fn url(&self) -> Option<&str> {
        match self {
            Self::Create(input) => Some(&input.url),
            Self::Patch(change) => change.url.as_deref(),
            _ => None,
        }
    }

    fn of(request: &Request) -> Result<Self> {
        let last = request.path().rsplit('/').next().unwrap_or_default();
        Ok(match (request.method(), last) {
            ("POST", "rotate-secret") => Self::Rotate(request.optional_json()?),
            ("POST", "recover") => Self::Recover(request.json()?),
            ("POST", "test" | "retry") => {
                let NoParameters {} = request.optional_json()?;
                if last == "test" { Self::Test } else { Self::Retry }
            }
            ("POST", _) => Self::Create(request.json()?),
            ("PATCH", _) => Self::Patch(request.optional_json::<PatchWebhookIn>()?.change()?),
            ("GET", "deliveries") => Self::Deliveries(request.query()?),
            (method, _) => {
                let NoParameters {} = request.query()?;
                match (method, request.parameter("webhookId").is_empty()) {
                    ("DELETE", _) => Self::Delete,
                    (_, true) => Self::List,
                    (_, false) => Self::Get,
                }
            }
        })
    }
}

async fn find(state: &State, app: &App, id: WebhookId) -> Result<Webhook> {
    Ok(state.store.webhooks.find(&app.app_id, id).await?.ok_or(Code::WebhookNotFound)?)
}

async fn list(state: &State, app: &App) -> Result<Reply> {
    let webhooks = state.store.webhooks.of_app(&app.app_id).await?;
    let webhooks = webhooks.into_iter().map(WebhookView::from).collect();
    Reply::ok(WebhookList { webhooks }, "Webhooks")
}

async fn create(state: &State, app: &App, input: CreateWebhookIn) -> Result<Reply> {
    let (app, webhook, secret) = state.webhooks.create(&app.app_id, input.webhook()).await?;
    state.tenant_auth.publish(&app).await;
    let view = WebhookView::with_secret(webhook, &secret);
    Reply::created(view, "Webhook created: its secret is shown only once")
}

async fn patch(state: &State, app: &App, id: WebhookId, change: WebhookChange) -> Result<Reply> {
    let (app, webhook) = state.webhooks.change(&app.app_id, id, change).await?;
    state.tenant_auth.publish(&app).await;
    Reply::ok(WebhookView::from(webhook), "Webhook changed")
}

async fn delete(state: &State, app: &App, webhook_id: WebhookId) -> Result<Reply> {
    let app = state.webhooks.remove(&app.app_id, webhook_id).await?;
    state.tenant_auth.publish(&app).await;
    Reply::ok(DeletedWebhook { webhook_id, deleted: true }, "Webhook deleted")
}

async fn rotate(
    state: &State,
    app: &App,
    webhook_id: WebhookId,
    input: RotateWebhookSecretIn,
) -> Result<Reply> {
    let overlap = input.overlap_seconds.seconds();
    let secret = state.webhooks.rotate(&app.app_id, webhook_id, overlap).await?;
    Reply::ok(
        NewWebhookSecret::new(webhook_id, &secret),
        "Secret rotated: the new one is shown only once",
    )
}

async fn test(state: &State, app: &App, id: WebhookId) -> Result<Reply> {
    let webhook = find(state, app, id).await?;
    let (delivery_id, event_id) = state.webhooks.test(&webhook).await?;
    Reply::unfinished(StartedDelivery { delivery_id, event_id }, "A test event is on its way")
}

async fn deliveries(
    state: &State,
    app: &App,
    id: WebhookId,
    input: ListDeliveriesIn,
) -> Result<Reply> {
    let ListDeliveriesIn { status, limit, cursor } = input;
    find(state, app, id).await?;
    let (page, next) = state.store.deliveries.page(id, status, cursor, limit.get()).await?;
    let deliveries = page.into_iter().map(Into::into).collect();
    let next_cursor = next.map(|next| next.encode());
    Reply::ok(DeliveryPage { deliveries, next_cursor }, "Deliveries")
}

async fn retry(
    state: &State,
    app: &App,
    id: WebhookId,
    delivery: Result<DeliveryId, Code>,
) -> Result<Reply> {
    find(state, app, id).await?;
    let retried = state.webhooks.retry(id, delivery?).await?;
    let data = StartedDelivery { delivery_id: retried.id, event_id: retried.event_id };
    Reply::unfinished(data, "The delivery is sent again")
}

async fn recover(state: &State, app: &App, id: WebhookId, input: RecoverIn) -> Result<Reply> {
    find(state, app, id).await?;
    let recovered = state.webhooks.recover(id, input.since.timestamp()).await?;
    Reply::unfinished(RecoveredDeliveries { recovered }, "The deliveries are sent again")
}
