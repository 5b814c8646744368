//! One round trip for every request: the app's newest version, the user's token cutoff,
//! and the rate limits.

use super::{ADMIT, Gate, proofs};
use crate::{
    config::{Rate, RateLimit},
    domain::{AppId, ObjectId, UserId},
};
use std::net::{IpAddr, Ipv6Addr};

/// The client or user whose requests are counted.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    App(AppId),
    User(AppId, UserId),
    SecretKey(AppId, ObjectId),
    Network(Network),
}

impl Subject {
    fn key(&self, limit: RateLimit) -> String {
        let limit = limit.name();
        match self {
            // The braces put all keys of an app into one slot of a cluster.
            Subject::App(app) => format!("rate:{limit}:{{{}}}", app.as_str()),
            Subject::User(app, user) => format!("rate:{limit}:{{{}}}:{user}", app.as_str()),
            Subject::SecretKey(app, key) => format!("rate:{limit}:{{{}}}:{key}", app.as_str()),
            Subject::Network(network) => format!("rate:{limit}:{{{}}}", network.name()),
        }
    }
}

/// The network that a request comes from: an IPv4 address or an IPv6 /64.
///
/// One household has a /64, so its 2^64 addresses count as one client. `None` means that the
/// gateway named no address. All such requests count as one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(Option<IpAddr>);

impl Network {
    pub(crate) fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            v4 @ IpAddr::V4(_) => v4,
            IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & (u128::MAX << 64)).into(),
        }))
    }

    /// The network as part of a Redis key.
    pub(super) fn name(self) -> String {
        self.0.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
    }
}

/// One limit to count a request against.
#[derive(Clone, Debug)]
pub(crate) struct QuotaCharge {
    pub(crate) limit: RateLimit,
    pub(crate) rate: Rate,
    pub(crate) subject: Subject,
}

impl QuotaCharge {
    fn key(&self) -> String {
        self.subject.key(self.limit)
    }
}

/// The state of one limit after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) limit: RateLimit,
    pub(crate) rate: Rate,
    pub(crate) admitted: bool,
    /// How many more requests would be admitted now.
    pub(crate) remaining: u64,
    /// Seconds until the full quota is available again.
    pub(crate) reset_seconds: u64,
    /// Seconds until the next request is admitted.
    pub(crate) retry_seconds: u64,
}

/// The tenant, and perhaps the user, that a request names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requester<'a> {
    pub(crate) app: &'a AppId,
    /// The version of the app that the caller knows. Published if it is the newest.
    pub(crate) version: i64,
    /// The user whose token cutoff is wanted.
    pub(crate) user: Option<UserId>,
}

/// The outcome of [`Gate::admit`].
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    /// The newest published version of the app. 0 if it is unknown or no app was named.
    pub(crate) version: i64,
    /// The user's token cutoff, as a process shared it. Anybody who can write to Redis can write
    /// it, so its signature must be checked.
    pub(crate) token_cutoff: Option<String>,
    /// In the order of the charges.
    pub(crate) quotas: Vec<Quota>,
    /// Whether Redis counted. If not, this process counted alone.
    pub(crate) counted_by_redis: bool,
}

/// Whether [`Gate::run_admit`] counts the request.
#[derive(Clone, Copy)]
enum Counting {
    Count,
    CheckOnly,
}

impl Gate {
    /// Counts a request against its limits. For an app, also publishes the version that the caller
    /// knows and returns the newest. All keys must belong to one app or to one network, because a
    /// cluster runs a script in one slot.
    pub(crate) async fn admit(
        &self,
        requester: Option<Requester<'_>>,
        charges: &[QuotaCharge],
    ) -> Admission {
        match self.run_admit(requester, charges, Counting::Count).await {
            Some(admission) => admission,
            None => self.admit_locally(charges),
        }
    }

    fn admit_locally(&self, charges: &[QuotaCharge]) -> Admission {
        let mut quotas = Vec::new();
        for charge in charges {
            let quota = self.local_limits.admit(charge.limit, charge.rate, charge.key());
            quotas.push(quota);
            if !quota.admitted {
                break;
            }
        }
        Admission { version: 0, token_cutoff: None, quotas, counted_by_redis: false }
    }

    /// Whether a key that is not known to be right may be checked for `network`.
    ///
    /// Only wrong keys count, and only afterwards ([`Gate::count_wrong_key`]). So right keys,
    /// however many, lock nobody out. Without Redis, processes cannot count together: then every
    /// check counts, at `local_rate`.
    pub(crate) async fn may_check_key(
        &self,
        network: Network,
        rate: Rate,
        local_rate: Rate,
    ) -> Quota {
        let limit = RateLimit::KeyFailures;
        let charge = QuotaCharge { limit, rate, subject: Subject::Network(network) };
        let admission =
            self.run_admit(None, std::slice::from_ref(&charge), Counting::CheckOnly).await;
        match admission.and_then(|admission| admission.quotas.first().copied()) {
            Some(quota) => quota,
            None => self.local_limits.admit(limit, local_rate, charge.key()),
        }
    }

    /// Counts a wrong API key against `network`.
    pub(crate) async fn count_wrong_key(&self, network: Network, rate: Rate) {
        let charge =
            QuotaCharge { limit: RateLimit::KeyFailures, rate, subject: Subject::Network(network) };
        let _ = self.run_admit(None, &[charge], Counting::Count).await;
    }

    async fn run_admit(
        &self,
        requester: Option<Requester<'_>>,
        charges: &[QuotaCharge],
        counting: Counting,
    ) -> Option<Admission> {
        let mut script = ADMIT.prepare_invoke();
        script.arg(requester.map(|requester| requester.version.to_string()).unwrap_or_default());
        script.arg(match counting {
            Counting::Count => 1,
            Counting::CheckOnly => 0,
        });
        for charge in charges {
            script.key(charge.key()).arg(charge.rate.count).arg(charge.rate.seconds);
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
            .map(|(charge, row)| Quota {
                limit: charge.limit,
                rate: charge.rate,
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
