//! Logs: JSON lines on standard output, each with its time (without one, Lambda takes a line for
//! INFO).

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

/// Starts the log. `AWS_LAMBDA_LOG_LEVEL` sets the level; INFO without.
pub fn start() {
    crate::metrics::start();
    use crate::env::{Env, ProcessEnv};
    let level = ProcessEnv.get("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default().to_lowercase();
    let (all, ours) = match level.as_str() {
        // Ours alone: at these levels the runtime logs whole events, credentials and all.
        "debug" => (LevelFilter::INFO, LevelFilter::DEBUG),
        "trace" => (LevelFilter::INFO, LevelFilter::TRACE),
        "warn" => (LevelFilter::WARN, LevelFilter::WARN),
        "error" | "fatal" => (LevelFilter::ERROR, LevelFilter::ERROR),
        _ => (LevelFilter::INFO, LevelFilter::INFO),
    };
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false);
    let filter = Targets::new().with_default(all).with_target("shared", ours);
    // A second start, in a test, keeps the first one's log.
    let _ = registry().with(lines.with_filter(filter)).try_init();
}
