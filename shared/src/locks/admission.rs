//! What every request asks of Redis at once: the app's version, and whether it is within its limits.

use super::{ADMIT, Gate};
use crate::{
    config::{Limit, Rate},
    domain::{AppId, UserId},
};
use std::net::{IpAddr, Ipv6Addr};

/// Who is counted.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A whole app.
    App(AppId),
    /// A user in an app.
    User(AppId, UserId),
    /// A client's address as the gateway saw it.
    Address(IpAddr),
}

impl Subject {
    fn key(&self, limit: Limit) -> String {
        let limit = limit.name();
        match self {
            // The braces put all of an app's keys into one slot of a cluster.
            Subject::App(app) => format!("rate:{limit}:{{{}}}", app.as_str()),
            Subject::User(app, user) => format!("rate:{limit}:{{{}}}:{user}", app.as_str()),
            Subject::Address(IpAddr::V4(address)) => format!("rate:{limit}:{{{address}}}"),
            // One household has a /64: its 2^64 addresses are one client.
            Subject::Address(IpAddr::V6(address)) => {
                let network = Ipv6Addr::from(u128::from(*address) & (u128::MAX << 64));
                format!("rate:{limit}:{{{network}}}")
            }
        }
    }
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Which limit.
    pub limit: Limit,
    /// What it allows.
    pub rate: Rate,
    /// Whether the request is within it.
    pub admitted: bool,
    /// How many more requests would be, just now.
    pub remaining: u64,
    /// Seconds until it is whole again.
    pub reset_seconds: u64,
    /// Seconds until the next request is admitted.
    pub retry_seconds: u64,
}

/// What Redis says of a request.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The newest version of the app that anybody has published; 0 if no app was asked about.
    pub version: i64,
    /// The limits, in the order asked.
    pub quotas: Vec<Quota>,
}

impl Gate {
    /// Counts a request against `limits` and, for an app, publishes the version that the caller knows and learns the
    /// newest. All keys must be of one app, or of one address. `None` when Redis cannot be asked.
    pub async fn admit(&self, app: Option<(&AppId, i64)>, limits: &[(Limit, Rate, Subject)]) -> Option<Admission> {
        let mut script = ADMIT.prepare_invoke();
        script.arg(app.map(|(_, version)| version.to_string()).unwrap_or_default());
        for (limit, rate, subject) in limits {
            script.key(subject.key(*limit)).arg(rate.count).arg(rate.seconds);
        }
        if let Some((id, _)) = app {
            script.key(format!("app:version:{{{}}}", id.as_str()));
        }
        let answer: Vec<i64> = self.run("admit", &script).await?;
        let (version, rows) = answer.split_first()?;
        let seconds = |ms: i64| u64::try_from(ms).unwrap_or(0).div_ceil(1000);
        let quotas = limits
            .iter()
            .zip(rows.chunks_exact(4))
            .map(|((limit, rate, _), row)| Quota {
                limit: *limit,
                rate: *rate,
                admitted: row[0] == 1,
                remaining: u64::try_from(row[1]).unwrap_or(0),
                reset_seconds: seconds(row[2]),
                retry_seconds: seconds(row[3]).max(1),
            })
            .collect();
        Some(Admission { version: *version, quotas })
    }
}
