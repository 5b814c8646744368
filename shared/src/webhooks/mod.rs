//! Webhooks: a tenant's endpoints, and what is sent to them.

mod address;
mod deliver;
mod deliverer;
mod event_data;
mod queues;
mod relay;
mod schedule;
mod secret;
mod sender;

use crate::{
    auth::credentials::Credentials,
    domain::{
        AllowedHosts, AppId, DeliveryId, EventType, EventTypes, Timestamp, WebhookDescription,
        WebhookId, WebhookUrl,
    },
    error::{Code, Error, Result},
    secrets::Sealed,
    store::{
        Store,
        apps::App,
        deliveries::{Delivery, DeliveryCursor, DeliveryStatus, NewDelivery},
        tx::Failure,
        webhooks::{
            Edit, Edited, MAX_WEBHOOK_SECRETS, MAX_WEBHOOKS, NotEdited, Rotated, Webhook,
            WebhookChange, WebhookSecret,
        },
    },
};
use address::SystemResolver;
use secrecy::SecretString;
use secret::SigningSecret;
use sender::Sender;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

/// The endpoints of all apps.
#[derive(Debug)]
pub struct WebhookService {
    store: Arc<Store>,
    credentials: Arc<Credentials>,
    hosts: AllowedHosts,
    sender: Sender<SystemResolver>,
}

/// An endpoint to create.
#[derive(Debug)]
pub struct NewWebhook {
    /// Where events are sent.
    pub url: String,
    /// The types of events that it gets.
    pub types: EventTypes,
    /// The tenant's own note about the endpoint.
    pub description: Option<WebhookDescription>,
}

impl WebhookService {
    pub(crate) fn new(
        store: Arc<Store>,
        credentials: Arc<Credentials>,
        hosts: AllowedHosts,
    ) -> Self {
        let sender = Sender::new(SystemResolver, hosts.clone());
        Self { store, credentials, hosts, sender }
    }

    /// Creates an endpoint with its first secret.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a URL that may not be called, `LIMIT_REACHED`, `APP_NOT_FOUND`.
    pub async fn create(
        &self,
        app: &AppId,
        new: NewWebhook,
    ) -> Result<(App, Webhook, SecretString)> {
        let url = self.checked_url(&new.url).await?;
        let id = WebhookId::generate();
        let secret = SigningSecret::generate();
        let sealed = self.seal(app, id, &secret).await?;
        // Events are compared with it, and their times are MongoDB's.
        let now = self.store.time().await?;
        let webhook = Webhook {
            id,
            app_id: app.clone(),
            url,
            types: new.types,
            description: new.description,
            enabled: true,
            disabled_reason: None,
            failed_at: Vec::new(),
            secrets: vec![WebhookSecret { sealed, until: None }],
            created_at: now,
            updated_at: now,
        };
        let edited = self.edit(app, &Edit::Add(Box::new(webhook.clone()))).await?;
        Ok((edited.app, webhook, secret.into_text()))
    }

    /// Changes the URL, the types or the description of an endpoint, or switches it on or off.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a URL that may not be called, `WEBHOOK_NOT_FOUND`.
    pub async fn change(
        &self,
        app: &AppId,
        id: WebhookId,
        mut change: WebhookChange,
    ) -> Result<(App, Webhook)> {
        if let Some(url) = &change.url {
            change.url = Some(self.checked_url(url).await?);
        }
        let is_disabled = change.enabled == Some(false);
        let Edited { app, webhook } = self.edit(app, &Edit::Change(id, change)).await?;
        let webhook = webhook.ok_or(Code::WebhookNotFound)?;
        if is_disabled {
            self.store.deliveries.fail_all(id, webhook.updated_at).await?;
        }
        Ok((app, webhook))
    }

    /// Deletes an endpoint and what is on its way to it.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_FOUND`.
    pub async fn remove(&self, app: &AppId, id: WebhookId) -> Result<App> {
        let edited = self.edit(app, &Edit::Remove(id)).await?;
        self.store.deliveries.delete_all(id).await?;
        Ok(edited.app)
    }

    /// Gives an endpoint a new secret. The current one signs for `overlap_seconds` more.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_FOUND`; `LIMIT_REACHED` if as many secrets sign as may.
    pub async fn rotate(
        &self,
        app: &AppId,
        id: WebhookId,
        overlap_seconds: i64,
    ) -> Result<SecretString> {
        let secret = SigningSecret::generate();
        let sealed = self.seal(app, id, &secret).await?;
        match self.store.webhooks.rotate(app, id, &sealed, overlap_seconds).await? {
            Rotated::Done => Ok(secret.into_text()),
            Rotated::UnknownWebhook => Err(Code::WebhookNotFound.into()),
            Rotated::LimitReached => {
                let message = format!("At most {MAX_WEBHOOK_SECRETS} secrets can be valid");
                Err(Error::limit_reached(message, MAX_WEBHOOK_SECRETS))
            }
        }
    }

    /// The endpoints of an app, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn all(&self, app: &AppId) -> Result<Vec<Webhook>> {
        Ok(self.store.webhooks.of_app(app).await?)
    }

    /// The app's endpoint with this id.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_FOUND`.
    pub async fn find(&self, app: &AppId, id: WebhookId) -> Result<Webhook> {
        Ok(self.store.webhooks.find(app, id).await?.ok_or(Code::WebhookNotFound)?)
    }

    /// A page of what was sent to an endpoint, newest first, and where the next one begins.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_FOUND`; `VALIDATION_ERROR` for a cursor that no page gave.
    pub async fn deliveries(
        &self,
        app: &AppId,
        id: WebhookId,
        status: Option<DeliveryStatus>,
        after: Option<DeliveryCursor>,
        limit: i64,
    ) -> Result<(Vec<Delivery>, Option<DeliveryCursor>)> {
        self.find(app, id).await?;
        self.store.deliveries.page(id, status, after, limit).await
    }

    /// Sends a test event to an endpoint, and returns the ids of the delivery and of the event.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_FOUND`.
    pub async fn test(&self, app: &AppId, id: WebhookId) -> Result<(DeliveryId, String)> {
        let webhook = self.find(app, id).await?;
        let event_id = DeliveryId::generate().to_string();
        let data = json!({"appId": webhook.app_id, "version": 1, "webhookId": webhook.id});
        let (kind, now) = (EventType::WebhookTest, self.store.time().await?);
        let new = NewDelivery {
            event_id: event_id.clone(),
            webhook_id: webhook.id,
            app_id: webhook.app_id.clone(),
            kind,
            at: now,
            body: event_body(kind, now, &data)?,
            is_enabled: webhook.enabled,
        };
        let inserted = self.store.deliveries.insert(vec![new]).await?;
        let id = inserted.first().ok_or_else(|| Error::internal("a new event exists already"))?;
        Ok((*id, event_id))
    }

    /// Starts a delivery again, even one that arrived. Returns the ids of the delivery
    /// and of the event.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_FOUND`, or `DELIVERY_NOT_FOUND` also for what is not an id.
    pub async fn retry(
        &self,
        app: &AppId,
        webhook: WebhookId,
        delivery: &str,
    ) -> Result<(DeliveryId, String)> {
        self.find(app, webhook).await?;
        let id = DeliveryId::parse(delivery).map_err(|_| Code::DeliveryNotFound)?;
        let retried = self.store.deliveries.retry(webhook, id).await?;
        let Delivery { id, event_id, .. } = retried.ok_or(Code::DeliveryNotFound)?;
        Ok((id, event_id))
    }

    /// Starts all deliveries again that were created at `since` or later and are not
    /// delivered. Returns how many.
    ///
    /// # Errors
    /// `WEBHOOK_NOT_FOUND`.
    pub async fn recover(&self, app: &AppId, webhook: WebhookId, since: Timestamp) -> Result<u64> {
        self.find(app, webhook).await?;
        Ok(self.store.deliveries.recover(webhook, since).await?)
    }

    /// The URL of an endpoint, if its form is right. Where it leads is checked later.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`.
    pub fn parse_url(&self, raw: &str) -> Result<WebhookUrl> {
        WebhookUrl::parse(raw, &self.hosts).map_err(|reason| Error::field("url", reason))
    }

    /// A URL that may be called, trimmed. A name that does not resolve yet is accepted.
    async fn checked_url(&self, raw: &str) -> Result<String> {
        let url = self.parse_url(raw)?;
        self.sender.check(&url).await.map_err(|reason| Error::field("url", reason))?;
        Ok(raw.trim().to_owned())
    }

    async fn edit(&self, app: &AppId, edit: &Edit) -> Result<Edited> {
        self.store.edit_webhooks(app, edit).await.map_err(|failure| match failure {
            Failure::Aborted(NotEdited::UnknownApp) => Code::AppNotFound.into(),
            Failure::Aborted(NotEdited::UnknownWebhook) => Code::WebhookNotFound.into(),
            Failure::Aborted(NotEdited::LimitReached) => {
                let message = format!("An app can have at most {MAX_WEBHOOKS} webhook endpoints");
                Error::limit_reached(message, MAX_WEBHOOKS)
            }
            Failure::Store(error) => error.into(),
            Failure::Unknown(error) => Error::unavailable(error),
        })
    }

    async fn seal(&self, app: &AppId, id: WebhookId, secret: &SigningSecret) -> Result<Sealed> {
        let sealed = self.credentials.seal(secret.as_text(), &sealing_context(app, id)).await;
        sealed.map_err(|error| match error.code() {
            Code::PaymentsNotConfigured => {
                Error::unavailable("the deployment's secret has no sealingKeys")
            }
            _ => error,
        })
    }
}

/// The whole body of an event.
pub(crate) fn event_body(kind: EventType, at: Timestamp, data: &impl Serialize) -> Result<String> {
    #[derive(Serialize)]
    struct Body<'a, T> {
        #[serde(rename = "type")]
        kind: EventType,
        timestamp: String,
        data: &'a T,
    }
    let body = Body { kind, timestamp: at.to_rfc3339(), data };
    serde_json::to_string(&body).map_err(Error::internal)
}

/// The context of a sealed secret. It can be decrypted only with the same context.
fn sealing_context(app: &AppId, id: WebhookId) -> String {
    format!("{}/{id}/webhookSecret", app.as_str())
}
