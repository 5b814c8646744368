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
    store::webhooks::WebhookChange,
    views::{
        DeletedWebhook, DeliveryPage, NewWebhookSecret, RecoveredDeliveries, StartedDelivery,
        WebhookList, WebhookView,
    },
    webhooks::{NewWebhook, WebhookService},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(webhooks).await
}

async fn webhooks(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    let webhooks = &state.webhooks;
    // The input is checked before the app is looked up.
    let input = Input::of(&request, webhooks)?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?.app_id.clone();
    let id = || WebhookId::parse(request.parameter("webhookId")).map_err(|_| Code::WebhookNotFound);
    match input {
        Input::List => Reply::ok(WebhookList::new(webhooks.all(&app).await?), "Webhooks"),
        Input::Create(new) => {
            let (app, webhook, secret) = webhooks.create(&app, new).await?;
            state.tenant_auth.publish(&app).await;
            let view = WebhookView::with_secret(webhook, &secret);
            Reply::created(view, "Webhook created: its secret is shown only once")
        }
        Input::Get => Reply::ok(WebhookView::from(webhooks.find(&app, id()?).await?), "Webhook"),
        Input::Patch(change) => {
            let (app, webhook) = webhooks.change(&app, id()?, change).await?;
            state.tenant_auth.publish(&app).await;
            Reply::ok(WebhookView::from(webhook), "Webhook changed")
        }
        Input::Delete => {
            let webhook_id = id()?;
            state.tenant_auth.publish(&webhooks.remove(&app, webhook_id).await?).await;
            Reply::ok(DeletedWebhook { webhook_id, deleted: true }, "Webhook deleted")
        }
        Input::Rotate(RotateWebhookSecretIn { overlap_seconds }) => {
            let id = id()?;
            let secret = webhooks.rotate(&app, id, overlap_seconds.seconds()).await?;
            let view = NewWebhookSecret::new(id, &secret);
            Reply::ok(view, "Secret rotated: the new one is shown only once")
        }
        Input::Test => started(webhooks.test(&app, id()?).await?, "A test event is on its way"),
        Input::Deliveries(ListDeliveriesIn { status, limit, cursor }) => {
            let page = webhooks.deliveries(&app, id()?, status, cursor, limit.get()).await?;
            Reply::ok(DeliveryPage::new(page), "Deliveries")
        }
        Input::Retry => {
            let retried = webhooks.retry(&app, id()?, request.parameter("deliveryId")).await?;
            started(retried, "The delivery is sent again")
        }
        Input::Recover(RecoverIn { since }) => {
            let recovered = webhooks.recover(&app, id()?, since.timestamp()).await?;
            Reply::unfinished(RecoveredDeliveries { recovered }, "The deliveries are sent again")
        }
    }
}

fn started((delivery_id, event_id): (DeliveryId, String), message: &str) -> Result<Reply> {
    Reply::unfinished(StartedDelivery { delivery_id, event_id }, message)
}

enum Input {
    List,
    Create(NewWebhook),
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
    fn of(request: &Request, webhooks: &WebhookService) -> Result<Self> {
        let last = request.path().rsplit('/').next().unwrap_or_default();
        Ok(match (request.method(), last) {
            ("POST", "rotate-secret") => Self::Rotate(request.optional_json()?),
            ("POST", "recover") => Self::Recover(request.json()?),
            ("POST", "test" | "retry") => {
                let NoParameters {} = request.optional_json()?;
                if last == "test" { Self::Test } else { Self::Retry }
            }
            ("POST", _) => {
                let new = request.json::<CreateWebhookIn>()?.webhook();
                webhooks.parse_url(&new.url)?;
                Self::Create(new)
            }
            ("PATCH", _) => {
                let change = request.optional_json::<PatchWebhookIn>()?.change()?;
                if let Some(url) = &change.url {
                    webhooks.parse_url(url)?;
                }
                Self::Patch(change)
            }
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
