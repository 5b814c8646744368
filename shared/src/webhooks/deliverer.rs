//! The deliverer: it keeps running while there is work, and shares its attempts among the tenants.

use super::{
    WebhookService,
    deliver::{AttemptResult, LONGEST_ATTEMPT},
    queues::Queues,
    relay::relay,
};
use crate::{
    clock::Deadline,
    domain::{DeliveryId, WebhookId},
    error::{Error, Result},
    metrics,
    store::{delivery_lease::LeaseOutcome, delivery_work::DueWebhook},
};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use tracing::warn;

const LEASE_NAME: &str = "deliver-webhooks";
/// A deliverer that has not renewed its lease within this time is dead.
const LEASE_TTL: Duration = Duration::from_secs(15);
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How often metrics are published: an alarm must not wait for the end of the invocation.
const PUBLISH_EVERY: Duration = Duration::from_secs(60);
/// How often the deliverer polls for new events and due deliveries.
const POLL_EVERY: Duration = Duration::from_millis(500);
/// A poll that is late must not make the deliverer spin.
const MIN_PAUSE: Duration = Duration::from_millis(10);
/// The schedule starts the next deliverer once a minute. If the current one ends within this time,
/// the next one waits for it. Otherwise events would wait for the one after that.
const HANDOVER: Duration = Duration::from_secs(62);
/// After this many failures of the database in a row, the deliverer ends.
const MAX_FAILURES: u32 = 10;

/// The state of one deliverer while it has the lease.
struct Deliverer<'a> {
    service: &'a WebhookService,
    owner: String,
    queues: Queues,
    /// The attempts, and at most one poll.
    tasks: FuturesUnordered<BoxFuture<'a, Finished>>,
    /// When the last poll began.
    polled_at: Option<Instant>,
    is_polling: bool,
    attempts: u64,
    worked: bool,
    failures: u32,
}

/// Who has the lease after an attempt to take it.
enum TakenLease {
    /// This process has it.
    Ours {
        /// How long ago there was work. `None`: there never was.
        idle: Option<Duration>,
    },
    OfAnother,
}

/// What a poll has found.
struct PollResult {
    /// How many events were copied to deliveries.
    relayed: Result<u64>,
    /// The endpoints with a delivery that is due.
    due: Result<Vec<DueWebhook>>,
}

/// The result of one of the tasks that run at the same time: a poll, or an attempt.
enum Finished {
    Poll(PollResult),
    Attempt(WebhookId, Result<AttemptResult>),
}

impl WebhookService {
    /// Delivers what is due, and returns how many attempts were made. It runs until there was
    /// nothing to do for `stay`, or the time of the invocation is up. If another process has the
    /// lease for much longer, it returns at once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn deliver(&self, stay: Duration) -> Result<u64> {
        let owner = DeliveryId::generate().to_string();
        let TakenLease::Ours { idle } = self.take_lease(&owner).await? else { return Ok(0) };
        let mut deliverer = Deliverer {
            service: self,
            owner,
            queues: Queues::default(),
            tasks: FuturesUnordered::new(),
            polled_at: None,
            is_polling: false,
            attempts: 0,
            worked: false,
            failures: 0,
        };
        let stays = idle.is_some_and(|idle| idle < stay);
        let outcome = deliverer.run(stay, stays).await;
        let released = self.store.delivery_lease.release(LEASE_NAME, &deliverer.owner).await;
        outcome?;
        released?;
        Ok(deliverer.attempts)
    }

    async fn take_lease(&self, owner: &str) -> Result<TakenLease> {
        let began = Instant::now();
        loop {
            let run = run_time();
            match self.store.delivery_lease.take(LEASE_NAME, owner, LEASE_TTL, run).await? {
                LeaseOutcome::Ours(lease) => return Ok(TakenLease::Ours { idle: lease.idle() }),
                LeaseOutcome::Others(Some(lease)) if lease.remaining() > HANDOVER => {
                    return Ok(TakenLease::OfAnother);
                }
                LeaseOutcome::Others(_) if began.elapsed() > HANDOVER || run.is_zero() => {
                    return Ok(TakenLease::OfAnother);
                }
                LeaseOutcome::Others(_) => sleep(POLL_EVERY).await,
            }
        }
    }
}

/// For how long attempts can be started.
fn run_time() -> Duration {
    Deadline::current().remaining().saturating_sub(LONGEST_ATTEMPT)
}

impl Deliverer<'_> {
    /// `stays`: there was work shortly before.
    async fn run(&mut self, stay: Duration, stays: bool) -> Result<()> {
        let (mut active, mut renewed) = (stays.then(Instant::now), Instant::now());
        let mut published = Instant::now();
        loop {
            if run_time().is_zero() {
                return self.hand_over().await;
            }
            self.start_attempts();
            if self.in_flight() > 0 {
                active = Some(Instant::now());
                self.worked = true;
            }
            let is_idle = active.is_none_or(|at| at.elapsed() >= stay);
            if is_idle && self.has_nothing_to_do() {
                return self.note_work().await;
            }
            self.start_poll();
            if renewed.elapsed() >= RENEW_EVERY {
                renewed = Instant::now();
                if !self.renew().await? {
                    warn!("another process has taken over the deliveries");
                    return self.drain().await;
                }
            }
            if published.elapsed() >= PUBLISH_EVERY {
                published = Instant::now();
                metrics::publish_so_far();
            }
            self.wait().await?;
        }
    }

    fn in_flight(&self) -> usize {
        self.tasks.len() - usize::from(self.is_polling)
    }

    fn has_nothing_to_do(&self) -> bool {
        self.polled_at.is_some()
            && self.tasks.is_empty()
            && self.queues.is_empty()
            && self.failures == 0
    }

    /// Starts to copy new events to deliveries, and to read which endpoints have one that is due.
    /// Attempts continue while it runs.
    fn start_poll(&mut self) {
        if self.is_polling || self.polled_at.is_some_and(|at| at.elapsed() < POLL_EVERY) {
            return;
        }
        (self.is_polling, self.polled_at) = (true, Some(Instant::now()));
        let service = self.service;
        self.tasks.push(async move { Finished::Poll(poll(service).await) }.boxed());
    }

    /// Tolerates a failure of the database until there are [`MAX_FAILURES`] in a row.
    fn tolerate(&mut self, error: Error) -> Result<()> {
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            return Err(error);
        }
        warn!(error = %error.chain(), "the database failed the deliverer");
        Ok(())
    }

    fn start_attempts(&mut self) {
        while let Some(webhook) = self.queues.next() {
            let service = self.service;
            let attempt = async move { Finished::Attempt(webhook, service.attempt(webhook).await) };
            self.tasks.push(attempt.boxed());
        }
    }

    /// Waits for the end of an attempt or of a poll, or until it is time to poll again.
    async fn wait(&mut self) -> Result<()> {
        let rest = self.polled_at.map_or(POLL_EVERY, |at| POLL_EVERY.saturating_sub(at.elapsed()));
        let rest = if self.is_polling { POLL_EVERY } else { rest.max(MIN_PAUSE) };
        if self.tasks.is_empty() {
            sleep(rest).await;
            return Ok(());
        }
        match timeout(rest, self.tasks.next()).await {
            Ok(Some(finished)) => self.handle_finished(finished),
            Ok(None) | Err(_) => Ok(()),
        }
    }

    fn handle_finished(&mut self, finished: Finished) -> Result<()> {
        match finished {
            Finished::Poll(PollResult { relayed, due }) => {
                self.is_polling = false;
                // Deliveries continue even if events cannot be copied.
                let due = due.map(|due| self.queues.update(due));
                match due.and(relayed) {
                    Ok(_) => self.failures = 0,
                    Err(error) => return self.tolerate(error),
                }
            }
            Finished::Attempt(webhook, Ok(done)) => {
                self.attempts += u64::from(done != AttemptResult::Nothing);
                self.queues.ended(webhook, done);
            }
            // An error at one endpoint must not end the deliveries to all. If the database is down,
            // the next poll fails too. The delivery is due again when its lease ends.
            Finished::Attempt(webhook, Err(error)) => {
                warn!(webhook = %webhook, error = %error.chain(), "an attempt could not be made");
                self.queues.ended(webhook, AttemptResult::Nothing);
            }
        }
        Ok(())
    }

    /// Ends this deliverer when its time is up. It gives the lease back before its last attempts
    /// end, because their receivers may hang.
    async fn hand_over(&mut self) -> Result<()> {
        self.note_work().await?;
        let leases = &self.service.store.delivery_lease;
        if let Err(error) = leases.release(LEASE_NAME, &self.owner).await {
            warn!(error = %error, "the lease was not given back");
        }
        self.drain().await
    }

    /// Waits until all tasks have ended.
    async fn drain(&mut self) -> Result<()> {
        while let Some(finished) = self.tasks.next().await {
            self.handle_finished(finished)?;
        }
        Ok(())
    }

    async fn renew(&mut self) -> Result<bool> {
        let worked = std::mem::take(&mut self.worked);
        let leases = &self.service.store.delivery_lease;
        let renew = leases.renew(LEASE_NAME, &self.owner, LEASE_TTL, worked);
        match Deadline::within(RENEW_EVERY).scope(renew).await {
            Ok(is_ours) => Ok(is_ours),
            Err(error) => self.tolerate(error.into()).map(|()| true),
        }
    }

    /// The next deliverer stays if there was work now.
    async fn note_work(&mut self) -> Result<()> {
        if self.worked { self.renew().await.map(|_| ()) } else { Ok(()) }
    }
}

/// Copies new events to deliveries, and reads which endpoints have one that is due.
async fn poll(service: &WebhookService) -> PollResult {
    let store = &service.store;
    let relayed = Deadline::within(RENEW_EVERY).scope(relay(store)).await;
    let due = Deadline::within(RENEW_EVERY).scope(store.deliveries.due()).await;
    PollResult { relayed, due: due.map_err(Error::from) }
}
