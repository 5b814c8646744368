//! Functions that no request starts: `expire-reservations` on a schedule, `migrate` at a deploy.

use crate::{clock::Deadline, error::Result, faults, http, state::State, telemetry};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use std::{future::Future, process::ExitCode};

/// Serves a function whose event says nothing that matters; a failure is the platform's to retry.
pub async fn serve<F, R, T>(work: F) -> ExitCode
where
    F: Fn(State) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T>> + Send + 'static,
    T: Serialize + Send + Sync + 'static,
{
    telemetry::start();
    faults::arm();
    let state = match State::start().await {
        Ok(state) => state,
        Err(problem) => return http::refuse(&problem),
    };
    let service = service_fn(move |event: LambdaEvent<serde_json::Value>| {
        let (state, work) = (state.clone(), work.clone());
        async move {
            let outcome = Deadline::of_invocation(event.context.deadline).scope(work(state)).await;
            outcome.map_err(|failure| {
                tracing::error!(cause = failure.chain(), "the function failed");
                lambda_runtime::Error::from(failure)
            })
        }
    });
    http::ended(lambda_runtime::run_concurrent(service).await)
}
