//! Orphaned transactions: their client is gone, and they still block what they have written.
//!
//! The server ends one only after `transactionLifetimeLimitSeconds`, which is 60 by default. Until
//! then the hold in it can be neither sold nor released. So a blocked request looks for
//! transactions of our functions that have been open for too long, and ends their sessions.
//!
//! Nothing has to be written down beforehand: `$currentOp` shows the sessions. A user may read and
//! kill their own sessions without further rights. Ending a transaction that is alive after all
//! does no harm: its client sees a transient error, or looks up the outcome of its commit.

use super::{StoreError, server_time_limit, with_timeout};
use crate::clock;
use futures_util::TryStreamExt as _;
use mongodb::{
    Client,
    bson::{Document, doc},
};
use serde::Deserialize;
use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};
use tracing::warn;

/// How long a write may be blocked at the server before an orphaned transaction is suspected.
pub(super) const BLOCKED_TIMEOUT: Duration = Duration::from_secs(2);
/// A transaction that has been open for longer is orphaned. A confirm takes milliseconds, and
/// seconds only while a primary is being elected.
const MAX_TRANSACTION_AGE: Duration = Duration::from_secs(5);
/// At most one lookup per process in this time: it visits every session of the server.
const LOOKUP_INTERVAL: Duration = Duration::from_secs(1);
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(1);

/// Finds and ends orphaned transactions of one database's functions.
#[derive(Debug)]
pub(super) struct Orphans {
    client: Client,
    /// The prefix of the names by which the server lists our connections.
    app_name: String,
    last_lookup: Mutex<Option<SystemTime>>,
}

#[derive(Deserialize)]
struct OpenTransaction {
    lsid: SessionId,
}

#[derive(Deserialize)]
struct SessionId {
    id: mongodb::bson::Bson,
}

impl Orphans {
    pub(super) fn new(client: Client, app_name: String) -> Self {
        Self { client, app_name, last_lookup: Mutex::default() }
    }

    /// Ends the orphaned transactions, and returns how many there were. Best effort: where it
    /// fails, the server ends them by its own limit.
    pub(super) async fn end(&self) -> usize {
        {
            let mut last_lookup = self.last_lookup.lock().unwrap_or_else(PoisonError::into_inner);
            if last_lookup.is_some_and(|at| clock::is_within(at, LOOKUP_INTERVAL)) {
                return 0;
            }
            *last_lookup = Some(SystemTime::now());
        }
        match self.find_and_kill().await {
            Ok(0) => 0,
            Ok(ended) => {
                warn!(ended, "ended transactions whose client is gone");
                ended
            }
            Err(error) => {
                warn!(error = %error, "orphaned transactions cannot be looked for");
                0
            }
        }
    }

    /// Runs a guarded write that may be repeated, with a time limit for the server. What blocks it
    /// for long may be an orphaned transaction: that is ended before the next attempt.
    pub(super) async fn unblocked<T, F: Future<Output = Result<T, StoreError>>>(
        &self,
        write: impl Fn(Duration) -> F,
    ) -> Result<T, StoreError> {
        loop {
            let (began, left) = (Instant::now(), server_time_limit());
            match write(BLOCKED_TIMEOUT.min(left)).await {
                Err(error)
                    if error.is_server_time_limit()
                        && began.elapsed() >= BLOCKED_TIMEOUT
                        && left > BLOCKED_TIMEOUT =>
                {
                    self.end().await;
                }
                result => return result,
            }
        }
    }

    async fn find_and_kill(&self) -> Result<usize, StoreError> {
        let age = i64::try_from(MAX_TRANSACTION_AGE.as_micros()).unwrap_or(i64::MAX);
        let admin = self.client.database("admin");
        let stages = [
            doc! {"$currentOp": {"allUsers": false, "idleSessions": true}},
            doc! {"$match": {
                "transaction.timeOpenMicros": {"$gt": age},
                "$expr": {"$eq": [{"$indexOfBytes": ["$appName", {"$literal": &self.app_name}]}, 0]},
            }},
            doc! {"$project": {"lsid": 1}},
        ];
        with_timeout(LOOKUP_TIMEOUT, async {
            let open: Vec<OpenTransaction> =
                admin.aggregate(stages).with_type().await?.try_collect().await?;
            if open.is_empty() {
                return Ok(0);
            }
            let sessions: Vec<Document> =
                open.iter().map(|transaction| doc! {"id": transaction.lsid.id.clone()}).collect();
            let ended = sessions.len();
            admin.run_command(doc! {"killSessions": sessions}).await?;
            Ok(ended)
        })
        .await
    }
}
