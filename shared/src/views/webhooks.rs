//! Webhook endpoints and deliveries in responses.

use super::TimestampView;
use crate::{
    domain::{DeliveryId, EventType, EventTypes, WebhookDescription, WebhookId},
    store::{
        bookings::Stored,
        deliveries::{Attempt, Delivery, DeliveryCursor, DeliveryStatus},
        webhooks::Webhook,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

/// A URL to which a tenant's events are sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub struct WebhookView {
    /// Id of the endpoint.
    webhook_id: WebhookId,
    /// Where events are sent.
    url: String,
    /// The types of events that are sent.
    types: EventTypes,
    /// A note about the endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<WebhookDescription>,
    /// Whether events are sent. While this is `false`, deliveries are recorded as FAILED.
    enabled: bool,
    /// Why the service has disabled it. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
    /// When the endpoint was created.
    created_at: TimestampView,
    /// When the endpoint was last changed.
    updated_at: TimestampView,
    /// The secret that signs what is sent. It is shown only when the endpoint is
    /// created; store it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^whsec_[A-Za-z0-9+/]{32}$")]
    secret: Option<String>,
}

impl WebhookView {
    /// An endpoint with its new secret.
    #[must_use]
    pub fn with_secret(webhook: Webhook, secret: &SecretString) -> Self {
        Self { secret: Some(secret.expose_secret().to_owned()), ..webhook.into() }
    }
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            webhook_id: webhook.id,
            url: webhook.url,
            types: webhook.types,
            description: webhook.description,
            enabled: webhook.enabled,
            disabled_reason: webhook.disabled_reason,
            created_at: webhook.created_at.into(),
            updated_at: webhook.updated_at.into(),
            secret: None,
        }
    }
}

/// The webhook endpoints of an app.
#[derive(Serialize, ToSchema)]
pub struct WebhookList {
    /// The endpoints, oldest first.
    webhooks: Vec<WebhookView>,
}

impl WebhookList {
    /// The endpoints, without their secrets.
    pub fn new(webhooks: Vec<Webhook>) -> Self {
        Self { webhooks: webhooks.into_iter().map(WebhookView::from).collect() }
    }
}

/// A new secret of an endpoint.
// No `Debug`: it holds the secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewWebhookSecret<'a> {
    /// Id of the endpoint.
    webhook_id: WebhookId,
    /// The new secret. It is shown only in this response; store it now.
    #[schema(pattern = "^whsec_[A-Za-z0-9+/]{32}$")]
    secret: &'a str,
}

impl<'a> NewWebhookSecret<'a> {
    /// The new secret of an endpoint.
    #[must_use]
    pub fn new(webhook_id: WebhookId, secret: &'a SecretString) -> Self {
        Self { webhook_id, secret: secret.expose_secret() }
    }
}

/// A webhook endpoint was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedWebhook {
    /// Id of the endpoint.
    pub webhook_id: WebhookId,
    /// Always `true`: nothing is sent to it any more.
    pub deleted: bool,
}

/// A delivery that is about to be sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StartedDelivery {
    /// Id of the delivery.
    pub delivery_id: DeliveryId,
    /// Id of the event, which the receiver gets as `webhook-id`.
    pub event_id: String,
}

/// Deliveries that are about to be sent again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoveredDeliveries {
    /// Number of deliveries that are sent again.
    #[schema(minimum = 0)]
    pub recovered: u64,
}

/// An event on its way to an endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub struct DeliveryView {
    /// Id of the delivery.
    delivery_id: DeliveryId,
    /// Id of the event, which the receiver gets as `webhook-id`.
    event_id: String,
    /// Type of the event.
    #[serde(rename = "type")]
    #[schema(value_type = EventType)]
    kind: String,
    /// Whether the event has reached the endpoint.
    #[schema(value_type = DeliveryStatus)]
    status: Stored<DeliveryStatus>,
    /// The attempts, oldest first. Only the latest are kept.
    attempts: Vec<AttemptView>,
    /// When the next attempt is due. Absent if none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<TimestampView>,
    /// When the delivery was recorded.
    created_at: TimestampView,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            delivery_id: delivery.id,
            event_id: delivery.event_id,
            kind: delivery.kind,
            status: delivery.status,
            attempts: delivery.attempts.into_iter().map(AttemptView::from).collect(),
            next_attempt_at: delivery.next_attempt_at.map(TimestampView::from),
            created_at: delivery.created_at.into(),
        }
    }
}

/// An attempt to deliver an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliveryAttempt)]
pub struct AttemptView {
    /// When the attempt began.
    at: TimestampView,
    /// The status of the response. Absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 100, maximum = 999)]
    status: Option<i64>,
    /// Why it failed. Absent if it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// How long it took, in milliseconds.
    #[schema(minimum = 0)]
    duration_ms: i64,
    /// The first KiB of the response's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<String>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at.into(),
            status: attempt.status,
            error: attempt.error,
            duration_ms: attempt.duration_ms,
            response: attempt.response,
        }
    }
}

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPage {
    /// The deliveries, newest first.
    deliveries: Vec<DeliveryView>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DeliveryCursor>)]
    next_cursor: Option<String>,
}

impl DeliveryPage {
    /// A page of deliveries and the cursor of the next one.
    pub fn new((deliveries, next): (Vec<Delivery>, Option<DeliveryCursor>)) -> Self {
        let deliveries = deliveries.into_iter().map(DeliveryView::from).collect();
        Self { deliveries, next_cursor: next.map(|next| next.encode()) }
    }
}
