//! Functions that no HTTP request starts. Most run on a schedule, `migrate` runs at a deployment,
//! and `live` serves WebSocket events.

use crate::{
    clock::Deadline,
    error::{Error, Result},
    faults, http, metrics,
    state::State,
    telemetry,
};
use futures_util::FutureExt as _;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use std::{future::Future, process::ExitCode, time::Duration};

/// How long a function may keep running where the platform names no real deadline. The local stack
/// waits for two minutes.
const LONG_BUDGET: Duration = Duration::from_secs(100);

/// Serves a function that ignores its event. The platform retries it after a failure.
pub async fn serve<F, R, T>(work: F) -> ExitCode
where
    F: Fn(State) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T>> + Send + 'static,
    T: Serialize + Send + Sync + 'static,
{
    serve_with_event(move |state, _| work(state)).await
}

/// Serves a function whose work depends on its event.
pub async fn serve_with_event<F, R, T>(work: F) -> ExitCode
where
    F: Fn(State, Value) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T>> + Send + 'static,
    T: Serialize + Send + Sync + 'static,
{
    serve_within(Deadline::of_invocation, work).await
}

/// Serves a function that may keep running for minutes. Its event says for how long.
pub async fn serve_long<F, R, T>(work: F) -> ExitCode
where
    F: Fn(State, Value) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T>> + Send + 'static,
    T: Serialize + Send + Sync + 'static,
{
    serve_within(|epoch_ms| Deadline::of_long_invocation(epoch_ms, LONG_BUDGET), work).await
}

/// `deadline` computes the deadline of the work from the invocation's deadline.
async fn serve_within<F, R, T>(deadline: fn(u64) -> Deadline, work: F) -> ExitCode
where
    F: Fn(State, Value) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T>> + Send + 'static,
    T: Serialize + Send + Sync + 'static,
{
    begin();
    let state = match State::start_with_mongodb().await {
        Ok(state) => state,
        Err(problem) => return http::refuse(&problem),
    };
    run_within(deadline, move |event| work(state.clone(), event)).await
}

/// Serves a function whose event names the receiver of its outcome. It starts even with wrong
/// settings, because a process that exits here could not report them. `work` creates its
/// own [`State`] with [`start`].
pub async fn serve_events<F, R, T>(work: F) -> ExitCode
where
    F: Fn(Value) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T>> + Send + 'static,
    T: Serialize + Send + Sync + 'static,
{
    begin();
    run(work).await
}

/// Creates the [`State`] of a function that must report its outcome even without one.
///
/// # Errors
/// `INTERNAL`; its cause names the wrong setting.
pub async fn start() -> Result<State> {
    // Boxed, because otherwise the caller's future would contain this whole one.
    State::start_with_mongodb().boxed().await.map_err(Error::internal)
}

fn begin() {
    telemetry::start();
    faults::arm();
}

async fn run<F, R, T>(work: F) -> ExitCode
where
    F: Fn(Value) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T>> + Send + 'static,
    T: Serialize + Send + Sync + 'static,
{
    run_within(Deadline::of_invocation, work).await
}

/// `deadline` computes the deadline of the work from the invocation's deadline.
async fn run_within<F, R, T>(deadline: fn(u64) -> Deadline, work: F) -> ExitCode
where
    F: Fn(Value) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T>> + Send + 'static,
    T: Serialize + Send + Sync + 'static,
{
    let service = service_fn(move |event: LambdaEvent<Value>| {
        let work = work.clone();
        async move {
            let (event, context) = event.into_parts();
            let work = deadline(context.deadline).scope(work(event));
            let (outcome, seen) = metrics::observe(work).await;
            metrics::publish(&seen, None);
            outcome.map_err(|failure| {
                let cause = failure.chain();
                tracing::error!(cause, "the function failed");
                // Only operators invoke these functions, and the runtime logs what it gets here:
                // the chain names the setting or the index, and quotes no driver.
                lambda_runtime::Error::from(cause)
            })
        }
    });
    http::ended(lambda_runtime::run_concurrent(service).await)
}
