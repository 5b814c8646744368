//! Logs: JSON lines on standard output. Each has a time, because Lambda treats a line
//! without one as INFO.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

/// Starts the log. `AWS_LAMBDA_LOG_LEVEL` sets the level; the default is INFO.
pub fn start() {
    crate::metrics::start();
    use crate::env::{Env, ProcessEnv};
    let level = ProcessEnv.get("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default().to_lowercase();
    let (all, ours) = match level.as_str() {
        // Only for this crate: at these levels the Lambda runtime logs whole events, including
        // credentials.
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
    // In a test, a second start keeps the first log.
    let _ = registry().with(lines.with_filter(filter)).try_init();
}
