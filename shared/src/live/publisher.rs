//! The publisher: one process at a time that sends the feeds' bodies while anybody watches.

use super::{LiveService, PUBLISHER_LEASE, api::Posted, pace::Pace};
use crate::{
    clock::Deadline,
    domain::{FeedKey, Timestamp},
    error::{Code, Result},
    store::live_connections::LiveConnection,
    views::FeedView,
};
use futures_util::{StreamExt as _, stream};
use hyper::body::Bytes;
use serde::Serialize;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{debug, info, warn};
use uuid::Uuid;

/// If a publisher has not renewed its lease for this long, another one takes over.
const LEASE_TTL: Duration = Duration::from_secs(5);
const LEASE_POLL: Duration = Duration::from_millis(250);
/// How often each feed is read, and how far apart two messages to one viewer are.
const ROUND: Duration = Duration::from_secs(1);
/// How long the database may take in a round.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(4);
/// What is left of the invocation when the next publisher is started.
const HANDOVER: Duration = Duration::from_secs(5);
/// API Gateway responds with 410 while a handshake is not over. The function `live` ends within
/// this time.
const HANDSHAKE_MS: i64 = 5_000;
const PARALLEL_READS: usize = 8;
const PARALLEL_POSTS: usize = 64;

/// How much one invocation of the publisher did.
#[derive(Debug, Default, Serialize)]
pub struct Published {
    /// The rounds with the lease.
    pub rounds: u64,
    /// The bodies that were sent.
    pub sent: u64,
}

/// A connection that has to be sent to.
struct Due {
    connection: LiveConnection,
    message: Arc<Message>,
}

/// What a feed's connections get.
enum Message {
    Body {
        digest: String,
        json: Bytes,
    },
    /// No entity has the key any more: it was replaced, or the entity was deleted.
    End,
}

/// Whether a publisher does another round.
#[derive(PartialEq, Eq)]
enum Next {
    Round,
    /// Nobody watches, or another process has the lease.
    End,
}

struct Run {
    holder: String,
    pace: Pace,
    /// When each connection got its last message from this process.
    last: HashMap<String, Instant>,
    published: Published,
}

impl LiveService {
    /// Sends the feeds' bodies for as long as anybody watches and the invocation lasts. Ends at
    /// once if nobody watches or if another publisher is alive.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` if MongoDB cannot be queried at the start.
    pub async fn publish(&self) -> Result<Published> {
        let most = usize::try_from(self.settings.max_posts_per_second).unwrap_or(usize::MAX);
        let mut run = Run {
            holder: Uuid::new_v4().to_string(),
            pace: Pace::new(most),
            last: HashMap::new(),
            published: Published::default(),
        };
        if !self.store.live.any().await? || !self.wait_for_lease(&run.holder).await? {
            return Ok(run.published);
        }
        loop {
            let began = Instant::now();
            match self.round(&mut run).await {
                Ok(Next::Round) => {}
                Ok(Next::End) => break,
                // The lease ends by itself if this goes on.
                Err(failure) => warn!(cause = failure.chain(), "a round of the publisher failed"),
            }
            if Deadline::current().remaining() < HANDOVER {
                run.pace.settle().await;
                self.hand_over(&run.holder).await;
                break;
            }
            sleep_until(began + ROUND).await;
        }
        info!(rounds = run.published.rounds, sent = run.published.sent, "published");
        Ok(run.published)
    }

    /// Waits for as long as a dead publisher's lease may last.
    async fn wait_for_lease(&self, holder: &str) -> Result<bool> {
        let began = Instant::now();
        loop {
            if self.store.leases.take(PUBLISHER_LEASE, holder, LEASE_TTL).await?.is_some() {
                return Ok(true);
            }
            if began.elapsed() > LEASE_TTL || Deadline::current().remaining() < HANDOVER {
                return Ok(false);
            }
            sleep(LEASE_POLL).await;
        }
    }

    /// Starts the next publisher. If that fails, the schedule starts it within a minute.
    async fn hand_over(&self, holder: &str) {
        if let Err(failure) = self.store.leases.release(PUBLISHER_LEASE, holder).await {
            warn!(cause = %failure, "the lease was not given back");
        }
        if let Err(cause) = self.api.start_publisher().await {
            warn!(cause, "the next publisher was not started");
        }
    }

    async fn round(&self, run: &mut Run) -> Result<Next> {
        let asked = Instant::now();
        let deadline = Deadline::current();
        let database = || deadline.at_most(DATABASE_TIMEOUT);
        let (now, due) = match database().scope(self.find_due(&run.holder)).await? {
            RoundWork::Nobody => return Ok(Next::End),
            RoundWork::Due { now, due } => (now, due),
        };
        run.published.rounds += 1;
        let lease_end = asked + LEASE_TTL;
        let due = longest_waiting(due, run.pace.most());
        run.last.retain(|_, last| last.elapsed() < ROUND);
        let (last, pace) = (&run.last, &run.pace);
        let posts = due.into_iter().map(|due| async move {
            let posted =
                self.deliver(&due, earliest(&due, last, now, asked), lease_end, pace).await;
            (due, posted, Instant::now())
        });
        let done: Vec<_> = stream::iter(posts).buffer_unordered(PARALLEL_POSTS).collect().await;
        for (due, posted, at) in &done {
            if *posted == Posted::Sent {
                run.last.insert(due.connection.connection_id.clone(), *at);
                run.published.sent += 1;
            }
        }
        let failed = done.iter().filter(|(_, posted, _)| *posted == Posted::Failed).count();
        if failed > 0 {
            warn!(failed, "messages were not sent in this round");
        }
        database().scope(self.note(&done, now)).await?;
        Ok(Next::Round)
    }

    /// Renews the lease and finds the connections whose last message is not the current body of
    /// their feed.
    async fn find_due(&self, holder: &str) -> Result<RoundWork> {
        let lease = self.store.leases.take(PUBLISHER_LEASE, holder, LEASE_TTL).await?;
        let Some(now) = lease else { return Ok(RoundWork::Nobody) };
        let keys = self.store.live.watched().await?;
        if keys.is_empty() {
            self.store.leases.release(PUBLISHER_LEASE, holder).await?;
            // A viewer who came before the release has seen the lease and relies on it.
            if !self.store.live.any().await? {
                return Ok(RoundWork::Nobody);
            }
        }
        let reads = keys.into_iter().map(|key| async move { (self.due(&key).await, key) });
        let mut reads = stream::iter(reads).buffer_unordered(PARALLEL_READS);
        let mut due = Vec::new();
        while let Some((read, key)) = reads.next().await {
            match read {
                Ok(found) => due.extend(found),
                // The other feeds are still sent.
                Err(failure) => {
                    warn!(feed = key.as_str(), cause = failure.chain(), "the feed cannot be sent");
                }
            }
        }
        Ok(RoundWork::Due { now, due })
    }

    async fn due(&self, key: &FeedKey) -> Result<Vec<Due>> {
        let (message, digest) = match self.feed.states(key).await {
            Ok(feed) => {
                let json =
                    Bytes::copy_from_slice(feed.json(|feed| FeedView::from(feed))?.as_bytes());
                (Message::Body { digest: feed.digest.clone(), json }, feed.digest.clone())
            }
            Err(failure) if failure.code() == Code::FeedNotFound => (Message::End, String::new()),
            Err(failure) => return Err(failure),
        };
        let message = Arc::new(message);
        let behind = self.store.live.behind(key, &digest).await?;
        let due = |connection| Due { connection, message: message.clone() };
        Ok(behind.into_iter().map(due).collect())
    }

    async fn deliver(
        &self,
        due: &Due,
        earliest: Instant,
        lease_end: Instant,
        pace: &Pace,
    ) -> Posted {
        sleep_until(earliest).await;
        pace.wait().await;
        // After a freeze, another publisher may have sent a newer body.
        if Instant::now() >= lease_end {
            return Posted::Failed;
        }
        let id = &due.connection.connection_id;
        let posted = match &*due.message {
            Message::Body { json, .. } => self.api.post(id, json.clone()).await,
            Message::End => self.api.end(id).await,
        };
        posted.unwrap_or_else(|cause| {
            debug!(cause, "a message was not sent");
            Posted::Failed
        })
    }

    /// Notes what each connection has, and forgets those that are gone.
    async fn note(&self, done: &[(Due, Posted, Instant)], now: Timestamp) -> Result<()> {
        let mut gone = Vec::new();
        let mut sent: HashMap<&str, Vec<&str>> = HashMap::new();
        for (Due { connection, message }, posted, _) in done {
            let id = connection.connection_id.as_str();
            let age = now.as_millis() - connection.created_at.as_millis();
            match (&**message, posted) {
                (Message::Body { digest, .. }, Posted::Sent) => {
                    sent.entry(digest).or_default().push(id);
                }
                (Message::End, Posted::Sent) => gone.push(id),
                (_, Posted::Gone) if age >= HANDSHAKE_MS => gone.push(id),
                (_, Posted::Gone | Posted::Failed) => {}
            }
        }
        for (digest, ids) in sent {
            self.store.live.record_sent(&ids, digest).await?;
        }
        if !gone.is_empty() {
            self.store.live.remove(&gone).await?;
        }
        Ok(())
    }
}

/// What a round has to do.
enum RoundWork {
    Nobody,
    Due { now: Timestamp, due: Vec<Due> },
}

/// At most `most` connections. The one that has waited longest comes first, so none waits for ever.
fn longest_waiting(mut due: Vec<Due>, most: usize) -> Vec<Due> {
    due.sort_by_key(|due| due.connection.sent_at.map(Timestamp::as_millis));
    due.truncate(most);
    due
}

/// When a connection may get its next message.
fn earliest(due: &Due, last: &HashMap<String, Instant>, now: Timestamp, asked: Instant) -> Instant {
    if let Some(last) = last.get(&due.connection.connection_id) {
        return *last + ROUND;
    }
    // Sent by an earlier publisher.
    let next = due.connection.sent_at.map_or(0, |sent| sent.as_millis() + 1_000 - now.as_millis());
    asked + Duration::from_millis(u64::try_from(next).unwrap_or(0).min(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(id: &str, sent_at: Option<i64>) -> Due {
        let (created_at, sent_at) =
            (Timestamp::from_millis(0), sent_at.map(Timestamp::from_millis));
        let connection = LiveConnection { connection_id: id.to_owned(), created_at, sent_at };
        Due { connection, message: Arc::new(Message::End) }
    }

    #[test]
    fn who_has_waited_longest_comes_first() {
        let all = vec![due("b", Some(2_000)), due("a", Some(1_000)), due("new", None)];
        let ids: Vec<_> =
            longest_waiting(all, 2).into_iter().map(|due| due.connection.connection_id).collect();
        assert_eq!(ids, ["new", "a"]);
    }

    #[test]
    fn two_messages_to_one_viewer_are_a_second_apart() {
        let (asked, now) = (Instant::now(), Timestamp::from_millis(10_000));
        let earliest = |due: &Due, last: &HashMap<_, _>| earliest(due, last, now, asked) - asked;
        let none = HashMap::new();
        assert_eq!(earliest(&due("a", None), &none), Duration::ZERO);
        assert_eq!(earliest(&due("a", Some(9_400)), &none), Duration::from_millis(400));
        assert_eq!(earliest(&due("a", Some(5_000)), &none), Duration::ZERO);
        let last = HashMap::from([("a".to_owned(), asked - Duration::from_millis(300))]);
        assert_eq!(earliest(&due("a", Some(5_000)), &last), Duration::from_millis(700));
    }
}
