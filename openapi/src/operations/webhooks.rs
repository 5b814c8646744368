//! The operations of webhook endpoints.

use super::{RequestInput, Row, shape, success};
use crate::examples;
use shared::{
    error::Code,
    inputs::{CreateWebhookIn, ListDeliveriesIn, PatchWebhookIn, RecoverIn, RotateWebhookSecretIn},
    views::{
        DeletedWebhook, DeliveryPage, NewWebhookSecret, RecoveredDeliveries, StartedDelivery,
        WebhookList, WebhookView,
    },
};

/// The operations on webhook endpoints and deliveries.
pub(super) const ALL: &[Row] = &[
    Row {
        operation: "create-webhook",
        description: "Events are sent as [Standard Webhooks](https://www.standardwebhooks.com). \
             The secret is shown only in this response. An app has at most 10 endpoints. A host \
             name that does not resolve is accepted, but a name of a private address is not.",
        input: RequestInput::Body(shape::<CreateWebhookIn>(), examples::create_webhook),
        success: super::with_required(
            success::<WebhookView>(&[(201, "The new endpoint")], examples::new_webhook),
            "NewWebhook",
            &["secret"],
        ),
        codes: &[Code::AppNotFound, Code::LimitReached],
    },
    Row {
        operation: "list-webhooks",
        description: "Oldest first. Secrets are not shown.",
        input: RequestInput::Nothing,
        success: success::<WebhookList>(&[(200, "The endpoints")], examples::webhooks),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "get-webhook",
        description: "`disabledReason` says why the service has disabled it.",
        input: RequestInput::Nothing,
        success: success::<WebhookView>(&[(200, "The endpoint")], examples::webhook),
        codes: &[Code::AppNotFound, Code::WebhookNotFound],
    },
    Row {
        operation: "patch-webhook",
        description: "Send at least one field. While an endpoint is disabled, its events are \
             recorded as FAILED. `recover` sends them later.",
        input: RequestInput::Body(shape::<PatchWebhookIn>(), examples::patch_webhook),
        success: success::<WebhookView>(&[(200, "The endpoint")], examples::webhook),
        codes: &[Code::AppNotFound, Code::WebhookNotFound],
    },
    Row {
        operation: "delete-webhook",
        description: "Deliveries that are pending for the endpoint are dropped.",
        input: RequestInput::Nothing,
        success: success::<DeletedWebhook>(&[(200, "Deleted")], examples::deleted_webhook),
        codes: &[Code::AppNotFound, Code::WebhookNotFound],
    },
    Row {
        operation: "rotate-webhook-secret",
        description: "The current secret signs for `overlapSeconds` more, and each earlier secret \
             until its own end. Attempts then have several signatures. At most three secrets sign \
             at a time: a fourth is refused with 409 `LIMIT_REACHED`. Without an overlap, all \
             older secrets end at once.",
        input: RequestInput::OptionalBody(
            shape::<RotateWebhookSecretIn>(),
            examples::rotate_webhook_secret,
        ),
        success: success::<NewWebhookSecret<'static>>(
            &[(200, "The new secret")],
            examples::new_webhook_secret,
        ),
        codes: &[Code::AppNotFound, Code::WebhookNotFound, Code::LimitReached],
    },
    Row {
        operation: "test-webhook",
        description: "Sends an event of the type `webhook.test`, whatever types the endpoint \
            wants.",
        input: RequestInput::Nothing,
        success: success::<StartedDelivery>(
            &[(202, "It is on its way")],
            examples::started_delivery,
        ),
        codes: &[Code::AppNotFound, Code::WebhookNotFound],
    },
    Row {
        operation: "list-deliveries",
        description: "Newest first. A delivery is kept for 30 days.",
        input: RequestInput::Query(shape::<ListDeliveriesIn>(), examples::page_query),
        success: success::<DeliveryPage>(&[(200, "A page of deliveries")], examples::deliveries),
        codes: &[Code::AppNotFound, Code::WebhookNotFound],
    },
    Row {
        operation: "retry-delivery",
        description: "Sends a delivery again, even one that arrived. The receiver gets the same \
             event with the same `webhook-id`.",
        input: RequestInput::Nothing,
        success: success::<StartedDelivery>(
            &[(202, "It is on its way")],
            examples::started_delivery,
        ),
        codes: &[Code::AppNotFound, Code::WebhookNotFound, Code::DeliveryNotFound],
    },
    Row {
        operation: "recover-webhook",
        description: "Sends again all deliveries that were recorded at `since` or later and are \
             not recorded as delivered. Enable the endpoint first.",
        input: RequestInput::Body(shape::<RecoverIn>(), examples::recover_webhook),
        success: success::<RecoveredDeliveries>(
            &[(202, "They are on their way")],
            examples::recovered_deliveries,
        ),
        codes: &[Code::AppNotFound, Code::WebhookNotFound],
    },
];
