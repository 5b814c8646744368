//! Whether a process went on without Redis, as its log says. Functions wait 300 ms for Redis. On a
//! busy machine that can be too short, and then a lock may stay or a page may be a second old.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// Whether the process with this log may have done without Redis after `since`.
///
/// After a call that failed, a process does not call Redis for a second, and does not log that. A
/// page that was read before may be served for one more second.
pub fn went_without_redis(log: &str, since: DateTime<Utc>) -> bool {
    let since = since - TimeDelta::seconds(2);
    log.lines().filter(|line| line.contains("going on without redis")).any(|line| {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let at = line["timestamp"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        at.is_some_and(|at| at >= since)
    })
}
