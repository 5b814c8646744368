//! What every request asks of Redis at once: the app's version, and whether it is within its
//! limits.

use super::{ADMIT, Gate, proofs};
use crate::{
    config::{Rate, RateLimit},
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
    /// A client's network as the gateway saw it.
    Network(Network),
}

impl Subject {
    pub(super) fn key(&self, limit: RateLimit) -> String {
        let limit = limit.name();
        match self {
            // The braces put all of an app's keys into one slot of a cluster.
            Subject::App(app) => format!("rate:{limit}:{{{}}}", app.as_str()),
            Subject::User(app, user) => format!("rate:{limit}:{{{}}}:{user}", app.as_str()),
            Subject::Network(network) => format!("rate:{limit}:{{{}}}", network.name()),
        }
    }
}

/// Where a request comes from, as far as it is told apart: an IPv4 address, or an IPv6 network of
/// 64 bits, since one household has a /64, and its 2^64 addresses are one client. `None`: the
/// gateway did not say; such requests are one client together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(Option<IpAddr>);

impl Network {
    /// The network of an address.
    pub fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            v4 @ IpAddr::V4(_) => v4,
            IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & (u128::MAX << 64)).into(),
        }))
    }

    /// Its name in keys.
    pub(super) fn name(self) -> String {
        self.0.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
    }
}

/// One request to be counted: against which limit, at which rate, as whose.
pub type Charge = (RateLimit, Rate, Subject);

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Which limit.
    pub limit: RateLimit,
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

/// A tenant's request.
#[derive(Clone, Copy, Debug)]
pub struct Requester<'a> {
    /// The tenant.
    pub app: &'a AppId,
    /// Its version, as far as the caller knows: published if it is the newest.
    pub version: i64,
    /// The user whose standing is asked for.
    pub user: Option<UserId>,
}

/// What is said of a request.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The newest version of the app that anybody has published; 0 if it cannot be known or no app
    /// was asked about.
    pub version: i64,
    /// What somebody kept of the user's standing. Whoever can write to Redis can write it: it must
    /// prove itself.
    pub token_cutoff: Option<String>,
    /// The limits, in the order asked.
    pub quotas: Vec<Quota>,
    /// Whether Redis said so: if not, this process has counted by itself, and counts nobody else's
    /// requests.
    pub counted_by_redis: bool,
}

impl Gate {
    /// Counts a request against its limits and, for an app, publishes the version that the caller
    /// knows and learns the newest. All keys must be of one app, or of one network.
    pub async fn admit(&self, requester: Option<Requester<'_>>, charges: &[Charge]) -> Admission {
        match self.run_admit(requester, charges, 1).await {
            Some(admission) => admission,
            None => {
                let mut quotas = Vec::new();
                for (limit, rate, subject) in charges {
                    let quota = self.local_limits.admit(*limit, *rate, subject.key(*limit));
                    quotas.push(quota);
                    if !quota.admitted {
                        break;
                    }
                }
                Admission { version: 0, token_cutoff: None, quotas, counted_by_redis: false }
            }
        }
    }

    /// Whether `network` may have a key checked that is not known to be right. Wrong ones are
    /// counted afterwards ([`Gate::count_wrong_key`]), so that right ones, however many, keep nobody
    /// out. Without Redis that cannot be counted together, and every such check counts, at `alone`.
    pub async fn may_check_key(&self, network: Network, rate: Rate, alone: Rate) -> Quota {
        let charge = (RateLimit::KeyFailures, rate, Subject::Network(network));
        let answer = self.run_admit(None, std::slice::from_ref(&charge), 0).await;
        match answer.and_then(|admission| admission.quotas.first().copied()) {
            Some(quota) => quota,
            None => self.local_limits.admit(
                RateLimit::KeyFailures,
                alone,
                charge.2.key(RateLimit::KeyFailures),
            ),
        }
    }

    /// Counts a wrong key against `network`.
    pub async fn count_wrong_key(&self, network: Network, rate: Rate) {
        let _ = self
            .run_admit(None, &[(RateLimit::KeyFailures, rate, Subject::Network(network))], 1)
            .await;
    }

    /// `cost`: 1 counts the request, 0 only looks.
    async fn run_admit(
        &self,
        requester: Option<Requester<'_>>,
        charges: &[Charge],
        cost: u8,
    ) -> Option<Admission> {
        let mut script = ADMIT.prepare_invoke();
        script
            .arg(requester.map(|requester| requester.version.to_string()).unwrap_or_default())
            .arg(cost);
        for (limit, rate, subject) in charges {
            script.key(subject.key(*limit)).arg(rate.count).arg(rate.seconds);
        }
        if let Some(Requester { app, user, .. }) = requester {
            script.key(format!("app:version:{{{}}}", app.as_str()));
            if let Some(user) = user {
                script.key(proofs::token_cutoff_key(app, user));
            }
        }
        let (version, token_cutoff, rows): (i64, Option<String>, Vec<i64>) =
            self.run("admit", &script).await?;
        let seconds = |ms: i64| u64::try_from(ms).unwrap_or(0).div_ceil(1000);
        let quotas = charges
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
        Some(Admission { version, token_cutoff, quotas, counted_by_redis: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_client_however_many_addresses_it_has() {
        let network = |address: &str| Network::of(address.parse().ok()).name();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
        assert_eq!(network("not an address"), "unknown");
    }
}
