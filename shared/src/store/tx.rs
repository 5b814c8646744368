//! The only transaction loop.
//!
//! The driver's own transaction loop retries for 120 s and hides which step failed. This one
//! ends by the request's deadline, aborts explicitly, and distinguishes an unknown commit
//! from a failed one.

use super::{Store, StoreError, majority_write_concern, with_timeout};
use crate::{
    clock::{Backoff, Deadline},
    error::Error,
    faults::around,
};
use mongodb::{
    ClientSession,
    error::{Error as DriverError, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT},
    options::{ReadConcern, ReadPreference, SelectionCriteria},
};
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// An abort may take this long beyond the deadline. The deadline's reserve covers it.
const ABORT_TIMEOUT: Duration = Duration::from_millis(200);

/// A commit is not started with less time than this, because a commit cannot be undone and nobody
/// could wait for its result.
const MIN_COMMIT_TIME: Duration = Duration::from_millis(50);

/// Time kept in reserve to look up the result of a commit whose outcome is unknown.
const OUTCOME_LOOKUP_TIME: Duration = Duration::from_millis(300);

/// After conflicts for this long, an orphaned transaction is suspected: live ones end sooner.
const CONFLICT_TIMEOUT: Duration = Duration::from_millis(500);

/// How the body of a transaction ended.
#[derive(Debug)]
pub enum Step<T, A = Error> {
    /// All guards matched: commit.
    Commit(T),
    /// A guard did not match: abort for this reason.
    Abort(A),
}

/// Why a transaction did not commit, or may not have.
#[derive(Debug)]
pub enum Failure<A = Error> {
    /// The body aborted it; nothing was written.
    Aborted(A),
    /// The database failed before the commit; nothing was written.
    Store(StoreError),
    /// The commit was sent and its outcome is unknown.
    Unknown(StoreError),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Aborted(error) => error,
            Failure::Store(error) => error.into(),
            Failure::Unknown(error) => Error::unavailable(error),
        }
    }
}

/// The work of a transaction. It may run several times; only the last run counts.
///
/// This is a trait because an async closure that borrows is not `Send` for every lifetime,
/// which the runtime requires.
pub trait Body: Sync {
    /// The result of a commit.
    type Value: Send;
    /// The reason for an abort.
    type Reason: Send;

    /// Reads and writes with `session`. It must return the driver's errors unchanged, because their
    /// labels say whether a retry makes sense.
    fn run(
        &self,
        session: &mut ClientSession,
    ) -> impl Future<Output = Result<Step<Self::Value, Self::Reason>, DriverError>> + Send;
}

/// Runs `body` in a transaction with snapshot reads and a majority commit. It retries after
/// transient errors until the request's deadline.
///
/// What blocks it for longer than [`CONFLICT_TIMEOUT`] may be an orphaned transaction,
/// which is then ended.
pub async fn run<B: Body>(store: &Store, body: &B) -> Result<B::Value, Failure<B::Reason>> {
    let deadline = Deadline::current();
    let began = Instant::now();
    let mut session = with_timeout(deadline.remaining(), store.client.start_session())
        .await
        .map_err(Failure::Store)?;
    let mut backoff = Backoff::default();
    loop {
        begin(&mut session, deadline).await.map_err(Failure::Store)?;
        let error = match with_timeout(deadline.remaining(), body.run(&mut session)).await {
            // If we stopped waiting for the commit, the transaction would stay open and block the
            // hold.
            Ok(Step::Commit(_))
                if deadline.remaining() <= OUTCOME_LOOKUP_TIME + MIN_COMMIT_TIME =>
            {
                abort(&mut session).await;
                return Err(Failure::Store(StoreError::Deadline));
            }
            Ok(Step::Commit(value)) => match commit(&mut session, deadline).await {
                Ok(()) => return Ok(value),
                Err(Failure::Store(error)) => error,
                Err(failure) => return Err(failure),
            },
            Ok(Step::Abort(reason)) => {
                abort(&mut session).await;
                return Err(Failure::Aborted(reason));
            }
            Err(error) => {
                abort(&mut session).await;
                error
            }
        };
        if !is_transient(&error) {
            return Err(Failure::Store(error));
        }
        if began.elapsed() > CONFLICT_TIMEOUT {
            store.orphans.end().await;
        }
        if !backoff.pause().await {
            return Err(Failure::Store(error));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the only transaction loop")]
async fn begin(session: &mut ClientSession, deadline: Deadline) -> Result<(), StoreError> {
    let start = session
        .start_transaction()
        .read_concern(ReadConcern::snapshot())
        .write_concern(majority_write_concern())
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .max_commit_time(deadline.remaining().max(Duration::from_millis(1)));
    with_timeout(deadline.remaining(), start).await
}

/// Commits. `Store` means that nothing was written and a retry makes sense; `Unknown` means that
/// the outcome is unknown.
async fn commit<A>(session: &mut ClientSession, deadline: Deadline) -> Result<(), Failure<A>> {
    let mut backoff = Backoff::default();
    loop {
        let timeout = deadline.remaining().saturating_sub(OUTCOME_LOOKUP_TIME);
        match around("tx.commit", with_timeout(timeout, session.commit_transaction())).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Driver(error))
                if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) =>
            {
                if !backoff.pause().await {
                    return Err(Failure::Unknown(error.into()));
                }
            }
            Err(StoreError::Driver(error)) if error.contains_label(TRANSIENT_TRANSACTION_ERROR) => {
                return Err(Failure::Store(error.into()));
            }
            Err(error) => return Err(Failure::Unknown(error)),
        }
    }
}

async fn abort(session: &mut ClientSession) {
    if let Err(error) = with_timeout(ABORT_TIMEOUT, session.abort_transaction()).await {
        // The server aborts it by itself after its transaction lifetime limit.
        tracing::warn!(error = %error, "a transaction could not be aborted");
    }
}

fn is_transient(error: &StoreError) -> bool {
    matches!(error, StoreError::Driver(error) if error.contains_label(TRANSIENT_TRANSACTION_ERROR))
}
