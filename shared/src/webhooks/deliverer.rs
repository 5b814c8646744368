//! The deliverer: it stays while there is work, and shares its attempts among the tenants.

use super::{
    WebhookService,
    deliver::{Done, LONGEST_ATTEMPT},
    queues::Queues,
    relay::relay,
};
use crate::{
    clock::Deadline,
    domain::{DeliveryId, WebhookId},
    error::{Error, Result},
    store::delivery_lease::Taken,
};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use tracing::warn;

const LEASE_NAME: &str = "deliver-webhooks";
/// A deliverer that has not renewed its lease for so long is dead.
const LEASE_TTL: Duration = Duration::from_secs(15);
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How often it looks for what is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The schedule starts the next deliverer once a minute. If the present one ends within this time,
/// the next one waits for it, so that events need not wait for the one after.
const HANDOVER: Duration = Duration::from_secs(62);
/// How often the database may fail in a row.
const MAX_FAILURES: u32 = 10;

/// One deliverer's work.
struct Deliverer<'a> {
    service: &'a WebhookService,
    owner: String,
    queues: Queues,
    flights: FuturesUnordered<BoxFuture<'a, (WebhookId, Result<Done>)>>,
    attempts: u64,
    worked: bool,
    failures: u32,
}

impl WebhookService {
    /// Delivers what is due, and returns how many attempts were made. It stays until there was
    /// nothing to do for `stay`, or the time of the invocation is up. If another process is at it,
    /// it returns at once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn deliver(&self, stay: Duration) -> Result<u64> {
        let owner = DeliveryId::generate().to_string();
        let Some(idle) = self.take_lease(&owner).await? else { return Ok(0) };
        let mut deliverer = Deliverer {
            service: self,
            owner,
            queues: Queues::default(),
            flights: FuturesUnordered::new(),
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

    /// Takes the lease, and returns how long ago there was work. `None`: another process has it.
    async fn take_lease(&self, owner: &str) -> Result<Option<Option<Duration>>> {
        let began = Instant::now();
        loop {
            let run = run_time();
            match self.store.delivery_lease.take(LEASE_NAME, owner, LEASE_TTL, run).await? {
                Taken::Ours(lease) => return Ok(Some(lease.idle())),
                Taken::Others(Some(lease)) if lease.remaining() > HANDOVER => return Ok(None),
                Taken::Others(_) if began.elapsed() > HANDOVER || run.is_zero() => {
                    return Ok(None);
                }
                Taken::Others(_) => sleep(LOOK_EVERY).await,
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
        let mut active = stays.then(Instant::now);
        let (mut renewed, mut looked) = (Instant::now(), None::<Instant>);
        loop {
            let is_over = run_time().is_zero();
            if !is_over && looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
                looked = Some(Instant::now());
                self.look().await?;
            }
            if !is_over {
                self.start_flights();
            }
            if !self.flights.is_empty() {
                active = Some(Instant::now());
                self.worked = true;
            }
            let is_idle = active.is_none_or(|at| at.elapsed() >= stay);
            if self.flights.is_empty()
                && (is_over || (is_idle && self.queues.is_empty() && self.failures == 0))
            {
                return self.note_work().await;
            }
            if renewed.elapsed() >= RENEW_EVERY {
                renewed = Instant::now();
                if !self.renew().await? {
                    warn!("another process has taken over the deliveries");
                    return self.land().await;
                }
            }
            self.wait(looked).await?;
        }
    }

    /// Copies new events to deliveries, and reads which endpoints have one that is due.
    async fn look(&mut self) -> Result<()> {
        let store = &self.service.store;
        // Boxed, because otherwise every caller's future would contain this whole one.
        let relayed = Deadline::within(RENEW_EVERY).scope(relay(store).boxed()).await;
        let due = Deadline::within(RENEW_EVERY).scope(store.deliveries.due()).await;
        match due {
            Ok(due) => self.queues.update(due),
            Err(error) => return self.tolerate(error.into()),
        }
        if let Err(error) = relayed {
            return self.tolerate(error);
        }
        self.failures = 0;
        Ok(())
    }

    /// A failure of the database passes, unless it lasts.
    fn tolerate(&mut self, error: Error) -> Result<()> {
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            return Err(error);
        }
        warn!(error = %error.chain(), "the database failed the deliverer");
        Ok(())
    }

    fn start_flights(&mut self) {
        while let Some(webhook) = self.queues.next() {
            let service = self.service;
            let flight = async move { (webhook, service.attempt(webhook).await) };
            self.flights.push(flight.boxed());
        }
    }

    /// Waits for the end of an attempt, or until it is time to look again.
    async fn wait(&mut self, looked: Option<Instant>) -> Result<()> {
        let rest = looked.map_or(LOOK_EVERY, |at| LOOK_EVERY.saturating_sub(at.elapsed()));
        let rest = rest.max(Duration::from_millis(10));
        if self.flights.is_empty() {
            sleep(rest).await;
            return Ok(());
        }
        match timeout(rest, self.flights.next()).await {
            Ok(Some((webhook, done))) => self.ended(webhook, done),
            Ok(None) | Err(_) => Ok(()),
        }
    }

    fn ended(&mut self, webhook: WebhookId, done: Result<Done>) -> Result<()> {
        match done {
            Ok(done) => {
                self.attempts += u64::from(done != Done::Nothing);
                self.queues.ended(webhook, done);
                Ok(())
            }
            // It is due again when its lease ends.
            Err(error) => {
                self.queues.ended(webhook, Done::Failed);
                self.tolerate(error)
            }
        }
    }

    /// Lets the attempts end that are under way.
    async fn land(&mut self) -> Result<()> {
        while let Some((webhook, done)) = self.flights.next().await {
            self.ended(webhook, done)?;
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
