//! Asking providers about payments whose event may be lost: shortly before a hold ends, and after
//! it has ended unsold. The response settles the hold by the same steps as a confirmation.

use super::{BookingService, payment_check::NamedPayment, start_payment::reference};
use crate::{
    clock::{self, Deadline},
    error::{Error, Result},
    store::{
        payment_asks::{DueHold, PaymentInquiry, TakenHold},
        reservations::HoldStatus,
    },
};
use std::time::Duration;
use tracing::{error, warn};

/// How many providers a run asks at once.
const MAX_ASKS_IN_FLIGHT: usize = 8;
/// How long a process keeps a hold that it asks about. After that, the process counts as dead.
const ASK_LEASE_TTL: Duration = Duration::from_secs(60);
/// How long a run lasts at most: the schedule starts the next one then.
const MAX_RUN_TIME: Duration = Duration::from_secs(60);
/// No request to a provider is started with less time left, because it may take this long.
const MIN_TIME_FOR_ASK: Duration = Duration::from_secs(8);

impl BookingService {
    /// Asks about the payments that are due, and waits for those that become due within the run.
    /// Without the wait, one run a minute would be too coarse for the request shortly before a hold
    /// ends. Returns how many payments it asked about.
    ///
    /// # Errors
    /// The database failed. The next run asks again.
    pub async fn ask_payments(&self) -> Result<u64> {
        let began = clock::now();
        let mut asked = 0;
        loop {
            let workers = (0..MAX_ASKS_IN_FLIGHT).map(|_| self.ask_one_by_one());
            let counts = futures_util::future::try_join_all(workers).await?;
            asked += counts.into_iter().sum::<u64>();
            let age = (clock::now() - began).to_std().unwrap_or_default();
            let left = MAX_RUN_TIME.saturating_sub(age).min(Deadline::current().remaining());
            let left = left.saturating_sub(MIN_TIME_FOR_ASK);
            match self.store.reservations.next_ask().await? {
                Some(wait) if wait < left => tokio::time::sleep(wait).await,
                _ => return Ok(asked),
            }
        }
    }

    async fn ask_one_by_one(&self) -> Result<u64> {
        let mut asked = 0;
        while Deadline::current().remaining() >= MIN_TIME_FOR_ASK {
            match self.store.reservations.take_to_ask(ASK_LEASE_TTL).await? {
                TakenHold::Due(due) => {
                    self.ask(&due).await?;
                    asked += 1;
                }
                TakenHold::Unreadable(id) => error!(hold = id, "a paid hold cannot be read"),
                TakenHold::Nothing => break,
            }
        }
        Ok(asked)
    }

    /// Asks about the payment of a hold that this process has taken.
    async fn ask(&self, due: &DueHold) -> Result<()> {
        let inquiry = match self.ask_provider(due).await {
            Ok(()) => PaymentInquiry::Responded,
            Err(cause) => {
                warn!(error = %cause, hold = %due.id, "a payment is asked about again");
                PaymentInquiry::Failed
            }
        };
        Ok(self.store.reservations.ask_next(due, ASK_LEASE_TTL, inquiry).await?)
    }

    async fn ask_provider(&self, due: &DueHold) -> Result<()> {
        let Some(payment) = &due.payment else { return Ok(()) };
        match due.status {
            HoldStatus::Confirmed | HoldStatus::Cancelled => return Ok(()),
            HoldStatus::Active
            | HoldStatus::Expired
            | HoldStatus::Released
            | HoldStatus::Unknown => {}
        }
        let app = self.store.apps.find(&due.app_id).await?;
        let app = app.ok_or_else(|| Error::internal("the app of a hold does not exist"))?;
        let reference = reference(payment)?;
        let named = NamedPayment { account: payment.account, reference, cancels: true };
        let user = due.user_id.into();
        self.settle_named(&app, user, due.reservation_token, &named, "asked").await
    }
}
