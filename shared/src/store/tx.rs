//! The only transaction loop.
//!
//! The driver's convenient API retries for 120 s and hides which step failed; this one ends with
//! the request, aborts explicitly, and tells an unknown commit from a failed one.

use super::{StoreError, majority_write_concern, with_timeout};
use crate::{
    clock::{Backoff, Deadline},
    error::Error,
    faults::around,
};
use mongodb::{
    Client, ClientSession,
    error::{Error as DriverError, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT},
    options::{ReadConcern, ReadPreference, SelectionCriteria},
};
use std::{future::Future, time::Duration};

/// What an abort may take beyond the deadline; the reserve of the deadline covers it.
const ABORT_TIMEOUT: Duration = Duration::from_millis(200);

/// Without as much time a commit is not begun: nobody could wait for it, and what was committed
/// cannot be aborted.
const MIN_COMMIT_TIME: Duration = Duration::from_millis(50);

/// What is kept back of the deadline to look for what a commit of unknown outcome has done.
const OUTCOME_LOOKUP_TIME: Duration = Duration::from_millis(300);

/// How a transaction's body ended.
#[derive(Debug)]
pub enum Step<T, A = Error> {
    /// All its guards matched: commit.
    Commit(T),
    /// A guard did not match: abort, for this reason.
    Abort(A),
}

/// Why there was no commit, or none that is known of.
#[derive(Debug)]
pub enum Failure<A = Error> {
    /// The body said so; nothing was written.
    Aborted(A),
    /// The database failed before the commit; nothing was written.
    Store(StoreError),
    /// The commit was sent and its outcome is not known.
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

/// What is done in a transaction. It may be done several times: only the last one counts.
///
/// A trait and not a closure: an async closure that borrows is not `Send` for every lifetime, as
/// the runtime needs.
pub trait Body: Sync {
    /// What it comes to.
    type Value: Send;
    /// Why it did not want to be committed.
    type Reason: Send;

    /// Reads and writes with `session`. Hands the driver's errors on: they tell whether another try
    /// makes sense.
    fn run(
        &self,
        session: &mut ClientSession,
    ) -> impl Future<Output = Result<Step<Self::Value, Self::Reason>, DriverError>> + Send;
}

/// Runs `body` in a transaction (snapshot reads, majority commit), again after transient errors,
/// within the request's deadline.
pub async fn run<B: Body>(client: &Client, body: &B) -> Result<B::Value, Failure<B::Reason>> {
    let deadline = Deadline::current();
    let mut session =
        with_timeout(deadline.remaining(), client.start_session()).await.map_err(Failure::Store)?;
    let mut backoff = Backoff::default();
    loop {
        begin(&mut session, deadline).await.map_err(Failure::Store)?;
        let error = match with_timeout(deadline.remaining(), body.run(&mut session)).await {
            // A commit that cannot be waited for would leave the transaction open, and the hold
            // with it.
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
        if !transient(&error) || !backoff.pause().await {
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

/// Commits; `Store` when nothing was written and another try makes sense, `Unknown` when nobody can
/// say.
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
        // The server aborts it by itself at the end of its transaction lifetime limit.
        tracing::warn!(error = %error, "a transaction could not be aborted");
    }
}

fn transient(error: &StoreError) -> bool {
    matches!(error, StoreError::Driver(error) if error.contains_label(TRANSIENT_TRANSACTION_ERROR))
}
