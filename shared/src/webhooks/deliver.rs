//! One delivery: it is taken, sent, and what came of it is recorded.

use super::{
    WebhookService, place,
    schedule::{self, JITTER},
    sender::{ATTEMPT_TIMEOUT, Message, Outcome},
};
use crate::{
    clock::Deadline,
    domain::{Timestamp, WebhookId},
    error::Result,
    store::{
        deliveries::{Attempt, Delivery},
        delivery_work::Verdict,
        webhooks::Webhook,
    },
};
use rand::Rng as _;
use secrecy::SecretString;
use std::time::Duration;
use tracing::warn;

/// What the database may take before and after an attempt.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);
/// A process that has taken a delivery has recorded what came of it by then, or it is dead.
const LEASE: Duration = Duration::from_secs(45);

const GONE: &str = "The receiver answered 410 Gone";
const GIVEN_UP: &str = "Every attempt over five days failed";

/// What came of a look at an endpoint's deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// None was due.
    Nothing,
    Delivered,
    Failed,
}

impl WebhookService {
    /// Attempts the delivery of an endpoint that is due longest.
    pub(super) async fn attempt(&self, webhook: WebhookId) -> Result<Done> {
        let taken = within(STORE_TIMEOUT, self.take(webhook)).await?;
        let Some((delivery, webhook)) = taken else { return Ok(Done::Nothing) };
        let secrets = self.secrets(&webhook).await?;
        let message = Message {
            url: &webhook.url,
            event_id: &delivery.event_id,
            body: &delivery.body,
            secrets: &secrets,
        };
        let at = Timestamp::now();
        let outcome = self.sender.send(&message).await;
        within(STORE_TIMEOUT, self.record(&delivery, &webhook, at, outcome)).await
    }

    /// Takes a delivery. One to an endpoint that is gone or disabled is not sent.
    async fn take(&self, id: WebhookId) -> Result<Option<(Delivery, Webhook)>> {
        let Some(delivery) = self.store.deliveries.take(id, LEASE).await? else { return Ok(None) };
        match self.store.webhooks.find(&delivery.app_id, id).await? {
            Some(webhook) if webhook.enabled => Ok(Some((delivery, webhook))),
            Some(_) => {
                self.store.deliveries.fail_all(id).await?;
                Ok(None)
            }
            None => {
                self.store.deliveries.delete_all(id).await?;
                Ok(None)
            }
        }
    }

    /// The secrets that sign now, the newest first.
    async fn secrets(&self, webhook: &Webhook) -> Result<Vec<SecretString>> {
        let now = Timestamp::now();
        let mut secrets = Vec::new();
        for secret in &webhook.secrets {
            if secret.until.is_none_or(|until| until > now) {
                let place = place(&webhook.app_id, webhook.id);
                secrets.push(self.credentials.open(&secret.sealed, &place).await?);
            }
        }
        Ok(secrets)
    }

    async fn record(
        &self,
        delivery: &Delivery,
        webhook: &Webhook,
        at: Timestamp,
        outcome: Outcome,
    ) -> Result<Done> {
        let is_delivered = outcome.error.is_none();
        let is_gone = outcome.status.is_some_and(|status| status.as_u16() == 410);
        let jitter = rand::rng().random_range(-JITTER..=JITTER);
        let verdict = if is_delivered {
            Verdict::Delivered
        } else if is_gone {
            Verdict::Failed
        } else {
            let pause = schedule::pause(delivery.tries + 1, outcome.retry_after, jitter);
            pause.map_or(Verdict::Failed, Verdict::Again)
        };
        let attempt = Attempt {
            at,
            status: outcome.status.map(|status| status.as_u16().into()),
            error: outcome.error,
            duration_ms: i64::try_from(outcome.duration.as_millis()).unwrap_or(i64::MAX),
            response: outcome.response,
        };
        self.store.deliveries.settle(delivery, &attempt, verdict).await?;
        if is_delivered {
            self.note_success(webhook).await?;
            return Ok(Done::Delivered);
        }
        if is_gone {
            self.disable(webhook, GONE).await?;
        } else {
            self.note_failure(webhook, at).await?;
        }
        Ok(Done::Failed)
    }

    async fn note_success(&self, webhook: &Webhook) -> Result<()> {
        if !webhook.failed_at.is_empty() {
            self.store.webhooks.forget_failures(webhook.id).await?;
        }
        Ok(())
    }

    async fn note_failure(&self, webhook: &Webhook, at: Timestamp) -> Result<()> {
        if schedule::is_dead(&webhook.failed_at, at) {
            return self.disable(webhook, GIVEN_UP).await;
        }
        if schedule::is_worth_a_note(&webhook.failed_at, at) {
            self.store.webhooks.note_failure(webhook.id, at).await?;
        }
        Ok(())
    }

    async fn disable(&self, webhook: &Webhook, reason: &str) -> Result<()> {
        let app = webhook.app_id.as_str();
        warn!(app, webhook = %webhook.id, reason, "a webhook endpoint is disabled");
        self.store.webhooks.disable(webhook, reason).await?;
        Ok(self.store.deliveries.fail_all(webhook.id).await?)
    }
}

/// Runs work on the database under a deadline of its own. The deliverer's is minutes away.
async fn within<T>(time: Duration, work: impl Future<Output = T>) -> T {
    Deadline::within(time).scope(work).await
}

/// What is started later than this before the end of the invocation may not end.
pub(super) const LONGEST_ATTEMPT: Duration =
    Duration::from_secs(ATTEMPT_TIMEOUT.as_secs() + 2 * STORE_TIMEOUT.as_secs());
