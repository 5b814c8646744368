//! Paying refunds that are on record. The provider pays each refund once, however often it gets the
//! request.

use super::BookingService;
use crate::{
    clock::Deadline,
    error::{Error, Result},
    metrics::{self, Metric},
    payment::{Gateway, ProviderError, RefundRequest, RefundState},
    store::{
        provider_reports::ProviderReport,
        refunds::{Refund, RefundStatus},
        tx::Failure,
    },
};
use std::time::Duration;
use tracing::{error, warn};

/// How many refunds a run has in flight.
const MAX_REFUNDS_IN_FLIGHT: usize = 16;
/// How long a process keeps a refund that it asks about. After that, the process counts as dead.
const REFUND_LEASE_TTL: Duration = Duration::from_secs(60);
/// The longest time between two requests about a refund.
const MAX_PAUSE: Duration = Duration::from_secs(6 * 3_600);
/// How long a worker waits after the provider has responded with 429.
const BUSY_PAUSE: Duration = Duration::from_secs(1);
/// A provider remembers an idempotency key for longer than this.
const KEY_LIFE: Duration = Duration::from_secs(20 * 3_600);
/// No refund is taken with less time left, because it may take this long.
const MIN_TIME_FOR_REFUND: Duration = Duration::from_secs(8);

/// The outcome of asking a provider about a refund.
enum RefundInquiry {
    Responded,
    /// The provider responded with 429 and did nothing.
    TooManyRequests,
}

impl BookingService {
    /// Pays the refunds that are due, until none is left or the time is up. Returns how many
    /// it has asked about.
    ///
    /// # Errors
    /// The database failed. The refunds stay on record.
    pub async fn pay_refunds(&self) -> Result<u64> {
        let workers = (0..MAX_REFUNDS_IN_FLIGHT).map(|_| self.pay_refunds_one_by_one());
        let counts = futures_util::future::try_join_all(workers).await?;
        Ok(counts.into_iter().sum())
    }

    async fn pay_refunds_one_by_one(&self) -> Result<u64> {
        let mut asked = 0;
        while Deadline::current().remaining() >= MIN_TIME_FOR_REFUND {
            let Some(refund) = self.store.refunds.take(None, REFUND_LEASE_TTL).await? else {
                break;
            };
            match self.pay(&refund).await {
                Ok(RefundInquiry::Responded) => {}
                Ok(RefundInquiry::TooManyRequests) => tokio::time::sleep(BUSY_PAUSE).await,
                // The refund is requested again when its lease ends.
                Err(cause) => {
                    let refund = refund.refund_id;
                    warn!(error = %cause, refund, "a refund could not be asked for");
                }
            }
            asked += 1;
        }
        Ok(asked)
    }

    /// Asks the provider for a refund that was just put on record. Best effort: the
    /// worker does it otherwise.
    pub(super) async fn begin_refund(&self, refund: &Refund) {
        let paid = async {
            if let Some(refund) = self.store.refunds.take(Some(refund.id), REFUND_LEASE_TTL).await?
            {
                self.pay(&refund).await?;
            }
            Ok::<(), Error>(())
        };
        match tokio::time::timeout(Deadline::current().remaining() / 2, paid).await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => warn!(error = %cause, "a refund waits for the worker"),
            Err(_) => warn!("a refund waits for the worker: its provider is slow"),
        }
    }

    /// Looks up a refund that was requested before. The provider may have forgotten its idempotency
    /// key, or may have refunds that we did not make. `None`: the provider does not know it, so
    /// request it.
    async fn look_up(
        &self,
        refund: &Refund,
        gateway: &dyn Gateway,
    ) -> Result<Option<RefundInquiry>> {
        let later = self.store.refunds.ask_later(refund.id, pause(refund.asked));
        let refunds = match gateway.refunds(&refund.payment_id, &refund.currency).await {
            Ok(refunds) => refunds,
            Err(cause) => {
                warn!(error = %cause, refund = refund.refund_id, "a refund is looked up again");
                if let ProviderError::Busy(_) = cause {
                    self.store.refunds.ask_soon(refund.id).await?;
                    return Ok(Some(RefundInquiry::TooManyRequests));
                }
                later.await?;
                return Ok(Some(RefundInquiry::Responded));
            }
        };
        let listed =
            refunds.iter().find(|listed| refund.matches_report(listed)).map(|listed| listed.state);
        let report = ProviderReport { refunds, disputes: Vec::new() };
        if !report.refunds.is_empty() {
            self.record(refund.booking, &refund.booking_id, &report).await?;
        }
        match listed {
            Some(RefundState::Succeeded | RefundState::Failed) => {
                Ok(Some(RefundInquiry::Responded))
            }
            None if refund.provider_id.is_none() => Ok(None),
            Some(RefundState::Submitted) | None => {
                later.await?;
                Ok(Some(RefundInquiry::Responded))
            }
        }
    }

    /// Asks the provider to pay a refund that this process has taken, or for its state.
    async fn pay(&self, refund: &Refund) -> Result<RefundInquiry> {
        let app = self.store.apps.find(&refund.app_id).await?;
        let app = app.ok_or_else(|| Error::internal("the app of a refund does not exist"))?;
        let account = self.accounts.find(&app, refund.account).await?;
        let is_known = refund.asked > 1 || refund.age() >= KEY_LIFE;
        if is_known && let Some(asked) = self.look_up(refund, &*account.gateway).await? {
            return Ok(asked);
        }
        let booking = self.store.bookings.find_document(&refund.app_id, refund.booking).await?;
        if booking.is_some_and(|booking| booking.is_disputed()) {
            let refund_id = &refund.refund_id;
            warn!(refund = refund_id, "a refund is not asked for: its payment is disputed");
            return self.end_refund(refund, RefundStatus::Failed).await;
        }
        let refunds = self.store.refunds_of(refund.booking).await?;
        let request = RefundRequest {
            refund_id: refund.refund_id.clone(),
            payment_id: refund.payment_id.clone(),
            amount: refund.amount,
            currency: refund.currency.clone(),
            is_first: refunds.first().is_none_or(|first| first.id == refund.id),
        };
        let status = match account.gateway.refund(&request).await {
            Ok(made) => match made.state {
                RefundState::Succeeded => RefundStatus::Succeeded,
                RefundState::Failed => RefundStatus::Failed,
                RefundState::Submitted => RefundStatus::Submitted,
            },
            // The provider will never pay this refund.
            Err(cause @ (ProviderError::Refused(_) | ProviderError::NotPayable(_))) => {
                warn!(error = %cause, refund = refund.refund_id, "a provider refuses a refund");
                RefundStatus::Failed
            }
            Err(cause) => {
                warn!(error = %cause, refund = refund.refund_id, "a refund is asked for again");
                if let ProviderError::Busy(_) = cause {
                    self.store.refunds.ask_soon(refund.id).await?;
                    return Ok(RefundInquiry::TooManyRequests);
                }
                RefundStatus::Submitted
            }
        };
        if status == RefundStatus::Submitted {
            self.store.refunds.ask_later(refund.id, pause(refund.asked)).await?;
            return Ok(RefundInquiry::Responded);
        }
        self.end_refund(refund, status).await
    }

    /// Records that a refund was paid, or will not be.
    async fn end_refund(&self, refund: &Refund, status: RefundStatus) -> Result<RefundInquiry> {
        let settled = self.store.settle_refund(refund, status).await;
        // The process that has settled a refund counts it. After a commit with an unknown outcome,
        // this process may be the one that settled it, and no other process would count it.
        if status == RefundStatus::Failed && matches!(settled, Ok(()) | Err(Failure::Unknown(_))) {
            metrics::count(Metric::RefundsFailed);
            error!(alarm = "REFUND_FAILED", refund = refund.refund_id, "a refund failed");
        }
        match settled {
            // Another process has settled it.
            Ok(()) | Err(Failure::Aborted(())) => Ok(RefundInquiry::Responded),
            Err(Failure::Store(cause) | Failure::Unknown(cause)) => Err(cause.into()),
        }
    }
}

/// The pause after this many requests: a minute at first, then twice as long each time.
fn pause(asked: i64) -> Duration {
    let doublings = u32::try_from(asked.clamp(1, 16)).unwrap_or(1) - 1;
    Duration::from_secs(60).saturating_mul(1 << doublings).min(MAX_PAUSE)
}
