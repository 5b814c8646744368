//! One delivery: it is taken and sent, and the outcome is recorded.

use super::{
    WebhookService,
    schedule::{self, JITTER},
    sealing_context,
    sender::{ATTEMPT_TIMEOUT, Message, SendOutcome},
};
use crate::{
    clock::Deadline,
    domain::{Timestamp, WebhookId},
    error::Result,
    metrics::{self, Metric},
    store::{
        deliveries::{Attempt, Delivery},
        delivery_work::Verdict,
        webhooks::Webhook,
    },
};
use hyper::StatusCode;
use rand::Rng as _;
use secrecy::SecretString;
use std::time::Duration;
use tracing::{error, warn};

/// How long the database may take before an attempt, and again after it.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a process keeps a delivery. If it has not recorded the outcome by then, it counts as
/// dead.
const DELIVERY_LEASE_TTL: Duration = Duration::from_secs(45);

const GONE: &str = "The receiver responded with 410 Gone";
const GIVEN_UP: &str = "Every attempt over five days failed";
const UNREADABLE: &str = "the secret of this endpoint cannot be read: rotate it";

/// The outcome of one attempt for an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AttemptResult {
    /// Nothing was sent: no delivery was due, or its endpoint is gone or disabled.
    Nothing,
    Delivered,
    Failed,
}

impl WebhookService {
    /// Attempts the delivery of an endpoint that is due longest.
    pub(super) async fn attempt(&self, webhook: WebhookId) -> Result<AttemptResult> {
        let taken = within(STORE_TIMEOUT, self.take(webhook)).await?;
        let Some((delivery, webhook)) = taken else { return Ok(AttemptResult::Nothing) };
        let outcome = self.send(&delivery, &webhook).await;
        within(STORE_TIMEOUT, self.record(&delivery, &webhook, outcome)).await
    }

    /// Takes a delivery. One to an endpoint that is gone or disabled is not sent.
    async fn take(&self, id: WebhookId) -> Result<Option<(Delivery, Webhook)>> {
        let Some(delivery) = self.store.deliveries.take(id, DELIVERY_LEASE_TTL).await? else {
            return Ok(None);
        };
        match self.store.webhooks.find(&delivery.app_id, id).await? {
            Some(webhook) if webhook.enabled => Ok(Some((delivery, webhook))),
            Some(_) => {
                self.store.deliveries.fail_all(id, taken_at(&delivery)).await?;
                Ok(None)
            }
            None => {
                self.store.deliveries.delete_all(id).await?;
                Ok(None)
            }
        }
    }

    async fn send(&self, delivery: &Delivery, webhook: &Webhook) -> SendOutcome {
        let at = taken_at(delivery);
        let secrets = match self.secrets(webhook, at).await {
            Ok(secrets) => secrets,
            // This must not end the deliveries of others. A new secret for the endpoint solves it.
            Err(cause) => {
                let app = webhook.app_id.as_str();
                let cause = cause.chain();
                error!(app, webhook = %webhook.id, cause, "the secret of an endpoint is unreadable");
                return SendOutcome { error: Some(UNREADABLE.into()), ..SendOutcome::default() };
            }
        };
        let message = Message {
            url: &webhook.url,
            event_id: &delivery.event_id,
            body: &delivery.body,
            secrets: &secrets,
            at,
        };
        self.sender.send(&message).await
    }

    /// The secrets that sign at this time, the newest first.
    async fn secrets(&self, webhook: &Webhook, at: Timestamp) -> Result<Vec<SecretString>> {
        let mut secrets = Vec::new();
        for secret in &webhook.secrets {
            if secret.until.is_none_or(|until| until > at) {
                let context = sealing_context(&webhook.app_id, webhook.id);
                secrets.push(self.credentials.open(&secret.sealed, &context).await?);
            }
        }
        Ok(secrets)
    }

    async fn record(
        &self,
        delivery: &Delivery,
        webhook: &Webhook,
        outcome: SendOutcome,
    ) -> Result<AttemptResult> {
        let (at, is_gone) = (taken_at(delivery), outcome.status == Some(StatusCode::GONE));
        let verdict = self.delivery_outcome(delivery, webhook, &outcome).await?;
        let attempt = Attempt {
            at,
            status: outcome.status.map(|status| status.as_u16().into()),
            error: outcome.error,
            duration_ms: i64::try_from(outcome.duration.as_millis()).unwrap_or(i64::MAX),
            response: outcome.response,
        };
        let is_recorded = self.store.deliveries.settle(delivery, &attempt, verdict).await?;
        if verdict == Verdict::Delivered {
            // Otherwise the process that has taken it since counts the event.
            if is_recorded {
                metrics::count(Metric::EventsDelivered);
            }
            self.note_success(webhook).await?;
            return Ok(AttemptResult::Delivered);
        }
        metrics::count(Metric::DeliveriesFailed);
        if !is_gone {
            self.note_failure(webhook, at).await?;
        }
        Ok(AttemptResult::Failed)
    }

    /// What becomes of a delivery. A receiver that responded with 410 gets nothing more, unless its
    /// endpoint has another URL by now.
    async fn delivery_outcome(
        &self,
        delivery: &Delivery,
        webhook: &Webhook,
        outcome: &SendOutcome,
    ) -> Result<Verdict> {
        if outcome.error.is_none() {
            return Ok(Verdict::Delivered);
        }
        let is_gone = outcome.status == Some(StatusCode::GONE);
        if is_gone && self.disable(webhook, GONE, None).await? {
            return Ok(Verdict::Failed);
        }
        let jitter = rand::rng().random_range(-JITTER..=JITTER);
        let pause = schedule::pause(delivery.tries + 1, outcome.retry_after, jitter);
        Ok(pause.map_or(Verdict::Failed, Verdict::Again))
    }

    async fn note_success(&self, webhook: &Webhook) -> Result<()> {
        if !webhook.failed_at.is_empty() {
            self.store.webhooks.forget_failures(webhook.id).await?;
        }
        Ok(())
    }

    async fn note_failure(&self, webhook: &Webhook, at: Timestamp) -> Result<()> {
        if schedule::is_dead(&webhook.failed_at, at) {
            let first = webhook.failed_at.first().copied();
            return self.disable(webhook, GIVEN_UP, first).await.map(|_| ());
        }
        if schedule::is_worth_a_note(&webhook.failed_at, at) {
            self.store.webhooks.note_failure(webhook, at).await?;
        }
        Ok(())
    }

    /// Disables an endpoint and ends its deliveries. `false`, without a change, if the endpoint has
    /// changed since it was read.
    async fn disable(
        &self,
        webhook: &Webhook,
        reason: &str,
        failing_since: Option<Timestamp>,
    ) -> Result<bool> {
        let disabled_at = self.store.webhooks.disable(webhook, reason, failing_since).await?;
        let Some(disabled_at) = disabled_at else { return Ok(false) };
        let app = webhook.app_id.as_str();
        warn!(app, webhook = %webhook.id, reason, "a webhook endpoint is disabled");
        metrics::count(Metric::EndpointsDisabled);
        self.store.deliveries.fail_all(webhook.id, disabled_at).await?;
        Ok(true)
    }
}

/// When a delivery was taken, by the database's clock: when its attempt begins.
fn taken_at(delivery: &Delivery) -> Timestamp {
    delivery.updated_at
}

/// Runs work on the database under a deadline of its own. The deliverer's is minutes away.
async fn within<T>(time: Duration, work: impl Future<Output = T>) -> T {
    Deadline::within(time).scope(work).await
}

/// The longest time from the start of an attempt to its record. With less time left, none is
/// started.
pub(super) const LONGEST_ATTEMPT: Duration =
    Duration::from_secs(ATTEMPT_TIMEOUT.as_secs() + 2 * STORE_TIMEOUT.as_secs());
