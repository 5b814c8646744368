//! Logs: JSON lines on standard output, each with its time (without one, Lambda takes a line for INFO).

use tracing_subscriber::{EnvFilter, fmt};

/// Starts the log. `AWS_LAMBDA_LOG_LEVEL` sets the level; INFO without.
pub fn start() {
    crate::metrics::start();
    use crate::config::{Env, ProcessEnv};
    let level = ProcessEnv.get("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default().to_lowercase();
    let filter = match level.as_str() {
        // Ours alone: at these levels the runtime logs whole events, credentials and all.
        "debug" | "trace" => format!("info,shared={level}"),
        "warn" | "error" => level,
        "fatal" => "error".to_owned(),
        _ => "info".to_owned(),
    };
    // A second start, in a test, keeps the first one's log.
    let _ = fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(EnvFilter::new(filter))
        .try_init();
}
