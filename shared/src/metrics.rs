//! Metrics in CloudWatch's [embedded format]: JSON lines on standard output, between the
//! log lines.
//!
//! Everything measured during a request or a sweep is collected and published once at its end. It
//! is published for the function (dimension `Service`) and, if there is a tenant, also for its line
//! of business (`Service`, `Domain`). Users and apps are never dimensions; the log has them.
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
        /// A metric that the service sends to CloudWatch.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric { $(#[doc = $doc] $variant),+ }

        /// The names of all metrics in CloudWatch.
        pub const NAMES: &[&str] = &[$($text),+];

        impl Metric {
            /// The metric's name in CloudWatch.
            pub fn name(self) -> &'static str { match self { $(Metric::$variant => $text),+ } }
        }

        fn describe() { $(describe_one($text, Unit::$unit, $doc);)+ }
    };
}

metrics! {
    LockAcquireMs "LockAcquireMs" Milliseconds
        "How long Redis took to grant or refuse the locks of the seats.",
    LockContended "LockContended" Count "Reservations refused because somebody else has a lock.",
    HoldsCreated "HoldsCreated" Count "New holds.",
    HoldsExpired "HoldsExpired" Count "Overdue holds that the sweeper marked as expired.",
    BookingsConfirmed "BookingsConfirmed" Count "New bookings.",
    PaymentsFailed "PaymentsFailed" Count "Payments that the provider declined.",
    RefundsDue "RefundsDue" Count "New records of payments that were taken without a sale.",
    RefundsFailed "RefundsFailed" Count "Refunds that the provider has refused or taken back.",
    ProviderReports "ProviderReports" Count
        "Refunds and disputes at a provider that this service did not make.",
    EventsDelivered "EventsDelivered" Count "Events that a webhook receiver has accepted.",
    DeliveriesFailed "DeliveriesFailed" Count "Attempts to deliver an event that failed.",
    EndpointsDisabled "EndpointsDisabled" Count "Webhook endpoints that this service has disabled.",
    EventsLate "EventsLate" Count
        "Events that waited for the deliverer for more than three minutes.",
    RedisDegraded "RedisDegraded" Count "Requests that continued without Redis.",
    UnknownOutcomes "UnknownOutcomes" Count
        "Commits whose outcome was unknown and had to be looked up.",
    RateLimited "RateLimited" Count "Requests refused by a rate limit.",
    WriteAttempts "WriteAttempts" Count "Requests to reserve, confirm and release.",
    WriteFailures "WriteFailures" Count
        "Requests to reserve, confirm and release that failed with 5xx.",
}

/// The namespace unless `METRICS_NAMESPACE` sets another.
const DEFAULT_NAMESPACE: &str = "UnifiedBooking";

/// The dimensions as the collector writes them, and as they are published. The collector itself
/// would write a second, nearly equal line for the function alone.
const BY_DOMAIN: &str = r#"[["Service","Domain"]]"#;
const BY_BOTH: &str = r#"[["Service"],["Service","Domain"]]"#;

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();

tokio::task_local! {
    static OBSERVATIONS: Mutex<Observations>;
}

/// The measurements of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observations {
    counts: Vec<(Metric, u64)>,
    /// How long Redis took to grant or refuse the locks.
    pub(crate) lock_time: Option<Duration>,
    /// The event, ride or show that the request was about.
    pub(crate) entity: Option<String>,
}

impl Observations {
    pub(crate) fn count(&mut self, metric: Metric, times: u64) {
        self.counts.push((metric, times));
    }
}

/// Starts the metrics of this process. Nothing is published before this call.
pub(crate) fn start() {
    let namespace =
        ProcessEnv.get("METRICS_NAMESPACE").unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    let service = ProcessEnv.get("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "local".to_owned());
    // In a test, a second start keeps the first collector.
    if let Ok(collector) =
        Builder::new().cloudwatch_namespace(namespace).with_dimension("Service", service).init()
    {
        // Every line of the log has a level and a time; without them Lambda treats it as plain
        // text.
        collector.set_property("level", "INFO");
        let _ = COLLECTOR.set(collector);
        describe();
    }
}

/// Publishes what was measured so far. For work that runs for minutes.
pub(crate) fn publish_so_far() {
    let mut so_far = Observations::default();
    with_current(|seen| so_far = std::mem::take(seen));
    publish(&so_far, None);
}

/// Runs `work` and returns its measurements.
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
    // Outside of a request nothing is collected.
    let _ = OBSERVATIONS
        .try_with(|seen| change(&mut seen.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// Adds 1 to a metric.
pub(crate) fn count(metric: Metric) {
    with_current(|seen| seen.count(metric, 1));
}

/// Adds `times` to a metric.
pub fn add(metric: Metric, times: u64) {
    with_current(|seen| seen.count(metric, times));
}

/// Records how long Redis took to grant or refuse the locks.
pub(crate) fn record_lock_time(after: Duration) {
    with_current(|seen| seen.lock_time = Some(after));
}

/// Sets the entity that the request is about.
pub(crate) fn set_entity(entity: &EntityId) {
    with_current(|seen| seen.entity = Some(entity.as_str().to_owned()));
}

/// Publishes the measurements, for the function and for the tenant's line of business.
pub(crate) fn publish(seen: &Observations, domain: Option<Domain>) {
    let Some(collector) = COLLECTOR.get() else { return };
    if seen.counts.is_empty() && seen.lock_time.is_none() {
        return;
    }
    for (metric, times) in &seen.counts {
        match domain {
            Some(domain) => metrics::counter!(metric.name(), "Domain" => domain.as_str()),
            None => metrics::counter!(metric.name()),
        }
        .increment(*times);
    }
    if let Some(lock) = seen.lock_time {
        match domain {
            Some(domain) => {
                metrics::histogram!(Metric::LockAcquireMs.name(), "Domain" => domain.as_str())
            }
            None => metrics::histogram!(Metric::LockAcquireMs.name()),
        }
        .record(lock.as_secs_f64() * 1000.0);
    }
    collector.set_property("timestamp", clock::now().to_rfc3339_opts(SecondsFormat::Micros, true));
    let mut lines = Vec::new();
    // In one write, because the log writes to the same stream.
    if collector.flush(&mut lines).is_ok() {
        // One line counts for the function and for the function in that line of business.
        let lines = String::from_utf8_lossy(&lines).replace(BY_DOMAIN, BY_BOTH);
        let _ = std::io::stdout().lock().write_all(lines.as_bytes());
    }
}

fn describe_one(name: &'static str, unit: Unit, what: &'static str) {
    match unit {
        Unit::Milliseconds => metrics::describe_histogram!(name, unit, what),
        _ => metrics::describe_counter!(name, unit, what),
    }
}
