//! Bodies and queries of the webhooks' routes.

use crate::{
    domain::{
        Change, EventTypes, Instant, Overlap, PageSize, WebhookDescription, not_null,
        null_as_default,
    },
    error::{Error, Result},
    store::{
        deliveries::{DeliveryCursor, DeliveryStatus},
        webhooks::WebhookChange,
    },
    webhooks::NewWebhook,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// The body of `POST /admin/apps/{appId}/webhooks`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhookIn {
    /// Where events are sent: https on port 443 or 8443, without a user name, at a host whose
    /// addresses are all public.
    #[schema(max_length = 2048, format = "uri")]
    pub url: String,
    /// The types of events to send. Omit it for all.
    pub types: Option<EventTypes>,
    /// A note about the endpoint.
    pub description: Option<WebhookDescription>,
}

impl CreateWebhookIn {
    /// The endpoint to create.
    #[must_use]
    pub fn webhook(self) -> NewWebhook {
        let Self { url, types, description } = self;
        NewWebhook { url, types: types.unwrap_or_else(EventTypes::all), description }
    }
}

/// The body of `PATCH /admin/apps/{appId}/webhooks/{webhookId}`. Send at least one field. Omitted
/// fields stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct PatchWebhookIn {
    /// Where events are sent from now on.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(max_length = 2048, format = "uri")]
    pub url: Option<String>,
    /// The types of events to send. `null` stands for all.
    #[serde(default)]
    #[schema(value_type = Option<EventTypes>)]
    pub types: Change<EventTypes>,
    /// A note about the endpoint. `null` removes it.
    #[serde(default)]
    #[schema(value_type = Option<WebhookDescription>)]
    pub description: Change<WebhookDescription>,
    /// `false` stops the sending, and `true` begins it again.
    #[serde(default, deserialize_with = "not_null")]
    pub enabled: Option<bool>,
}

impl PatchWebhookIn {
    /// The fields to change.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` if nothing would change.
    pub fn change(self) -> Result<WebhookChange> {
        let Self { url, types, description, enabled } = self;
        let is_empty =
            url.is_none() && types.is_keep() && description.is_keep() && enabled.is_none();
        if is_empty {
            return Err(Error::field("body", "must have at least one field"));
        }
        let types = match types {
            Change::Keep => None,
            Change::Clear => Some(EventTypes::all()),
            Change::Set(types) => Some(types),
        };
        let description = match description {
            Change::Keep => None,
            Change::Clear => Some(None),
            Change::Set(text) => Some(Some(text)),
        };
        Ok(WebhookChange { url, types, description, enabled })
    }
}

/// The body of `POST …/webhooks/{webhookId}/rotate-secret`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateWebhookSecretIn {
    /// Seconds for which the present secret keeps signing, 0–86,400. With 0, all older secrets end
    /// at once.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<Overlap>)]
    pub overlap_seconds: Overlap,
}

/// The query of `GET …/webhooks/{webhookId}/deliveries`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListDeliveriesIn {
    /// Only deliveries with this status.
    pub status: Option<DeliveryStatus>,
    /// Number of deliveries on a page, 1–100.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<100, 20>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<DeliveryCursor>,
}

/// The body of `POST …/webhooks/{webhookId}/recover`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoverIn {
    /// Send what was created at this time or later and is not delivered.
    pub since: Instant,
}
