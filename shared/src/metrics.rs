//! Metrics, in CloudWatch's [embedded format]: JSON lines beside the log's, which CloudWatch reads
//! on their way.
//!
//! What is counted while a request (or a sweep) is worked on is gathered and published once at its
//! end, for the function (dimension `Service`) and, where there is a tenant, for its line of
//! business too (`Service`, `Domain`). No user and no app is ever a dimension: those are in the
//! log.
//!
//! [embedded format]:
//! https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

use crate::{
    clock,
    domain::{Domain, EntityId},
    env::{Env, ProcessEnv},
};
use chrono::SecondsFormat;
use metrics::Unit;
use metrics_cloudwatch_embedded::{Builder, Collector};
use std::{
    future::Future,
    io::Write,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

macro_rules! metrics {
    ($($variant:ident $text:literal $unit:ident $doc:literal),+ $(,)?) => {
        /// What is measured.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric { $(#[doc = $doc] $variant),+ }

        /// The names of all metrics, as CloudWatch has them.
        pub const NAMES: &[&str] = &[$($text),+];

        impl Metric {
            /// The metric's name.
            pub fn name(self) -> &'static str { match self { $(Metric::$variant => $text),+ } }
        }

        fn describe() { $(describe_one($text, Unit::$unit, $doc);)+ }
    };
}

metrics! {
    LockAcquireMs "LockAcquireMs" Milliseconds "How long Redis took to say whether the seats' locks could be had.",
    LockContended "LockContended" Count "Reservations that the gate refused: somebody else has a lock.",
    HoldsCreated "HoldsCreated" Count "New holds.",
    HoldsExpired "HoldsExpired" Count "Overdue holds that the sweeper marked.",
    BookingsConfirmed "BookingsConfirmed" Count "New bookings.",
    PaymentsFailed "PaymentsFailed" Count "Payments that the provider declined.",
    RefundsDue "RefundsDue" Count "Payments that were taken and bought nothing, newly recorded.",
    RedisDegraded "RedisDegraded" Count "Calls that went on without Redis.",
    UnknownOutcomes "UnknownOutcomes" Count "Commits whose outcome had to be looked for.",
    RateLimited "RateLimited" Count "Requests over a limit.",
    WriteAttempts "WriteAttempts" Count "Calls of reserve, confirm and release.",
    WriteFailures "WriteFailures" Count "Those of them that were answered with 5xx.",
}

/// The namespace that is used unless `METRICS_NAMESPACE` names another.
const NAMESPACE: &str = "UnifiedBooking";

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();

tokio::task_local! {
    static OBSERVATIONS: Mutex<Observations>;
}

/// What was seen while one request was worked on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observations {
    counts: Vec<(Metric, u64)>,
    /// How long the gate took to answer for the seats' locks.
    pub(crate) lock_time: Option<Duration>,
    /// The event, ride or show that it was about.
    pub(crate) entity: Option<String>,
}

impl Observations {
    pub(crate) fn count(&mut self, metric: Metric, times: u64) {
        self.counts.push((metric, times));
    }
}

/// Starts the metrics of this process: what is published before goes nowhere.
pub(crate) fn start() {
    let namespace = ProcessEnv.get("METRICS_NAMESPACE").unwrap_or_else(|| NAMESPACE.to_owned());
    let service = ProcessEnv.get("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "local".to_owned());
    // A second start, in a test, keeps the first one's.
    if let Ok(collector) =
        Builder::new().cloudwatch_namespace(namespace).with_dimension("Service", service).init()
    {
        // As on every line of the log: without them, Lambda takes a line for plain text.
        collector.set_property("level", "INFO");
        let _ = COLLECTOR.set(collector);
        describe();
    }
}

/// Runs `work` and tells what was seen in it.
pub(crate) async fn observe<F: Future>(work: F) -> (F::Output, Observations) {
    OBSERVATIONS
        .scope(Mutex::default(), async {
            let output = work.await;
            (
                output,
                OBSERVATIONS
                    .with(|seen| seen.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            )
        })
        .await
}

fn with_current(change: impl FnOnce(&mut Observations)) {
    // Outside of a request there is nobody to tell.
    let _ = OBSERVATIONS
        .try_with(|seen| change(&mut seen.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// Counts one.
pub(crate) fn count(metric: Metric) {
    with_current(|seen| seen.count(metric, 1));
}

/// Counts some at once.
pub fn add(metric: Metric, times: u64) {
    with_current(|seen| seen.count(metric, times));
}

/// The gate has answered for the seats' locks.
pub(crate) fn record_lock_time(after: Duration) {
    with_current(|seen| seen.lock_time = Some(after));
}

/// What the request is about.
pub(crate) fn set_entity(entity: &EntityId) {
    with_current(|seen| seen.entity = Some(entity.as_str().to_owned()));
}

/// Writes what was seen, for the function and for the tenant's line of business.
pub(crate) fn publish(seen: &Observations, domain: Option<Domain>) {
    let Some(collector) = COLLECTOR.get() else { return };
    if seen.counts.is_empty() && seen.lock_time.is_none() {
        return;
    }
    for (metric, times) in &seen.counts {
        metrics::counter!(metric.name()).increment(*times);
        if let Some(domain) = domain {
            metrics::counter!(metric.name(), "Domain" => domain.as_str()).increment(*times);
        }
    }
    if let Some(lock) = seen.lock_time {
        let ms = lock.as_secs_f64() * 1000.0;
        metrics::histogram!(Metric::LockAcquireMs.name()).record(ms);
        if let Some(domain) = domain {
            metrics::histogram!(Metric::LockAcquireMs.name(), "Domain" => domain.as_str())
                .record(ms);
        }
    }
    collector.set_property("timestamp", clock::now().to_rfc3339_opts(SecondsFormat::Micros, true));
    let mut lines = Vec::new();
    // In one piece: the log writes to the same place.
    if collector.flush(&mut lines).is_ok() {
        let _ = std::io::stdout().lock().write_all(&lines);
    }
}

fn describe_one(name: &'static str, unit: Unit, what: &'static str) {
    match unit {
        Unit::Milliseconds => metrics::describe_histogram!(name, unit, what),
        _ => metrics::describe_counter!(name, unit, what),
    }
}
