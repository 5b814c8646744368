//! Logs: JSON lines on standard output, each with its time (without one, Lambda takes a line for INFO).

use tracing_subscriber::{EnvFilter, fmt};

/// Starts the log. `AWS_LAMBDA_LOG_LEVEL` or `RUST_LOG` set the level; INFO without.
pub fn start() {
    use crate::config::{Env, ProcessEnv};
    let level = ProcessEnv.get("RUST_LOG").or_else(|| ProcessEnv.get("AWS_LAMBDA_LOG_LEVEL"));
    let filter = EnvFilter::try_new(level.unwrap_or_default().to_lowercase())
        .unwrap_or_default()
        // The runtime's own span would put the whole event, with its credentials, into debug lines.
        .add_directive(tracing::level_filters::LevelFilter::INFO.into());
    // A second start, in a test, keeps the first one's log.
    let _ = fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(filter)
        .try_init();
}
