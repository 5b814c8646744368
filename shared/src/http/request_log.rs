//! Facts about a request, for its log line and for the headers of its response.

use crate::{domain::Domain, locks::Quota};
use std::sync::{Mutex, PoisonError};

/// Shared between the endpoint and the code that finishes its response: that code also runs
/// when the endpoint panics.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<RequestFacts>);

#[derive(Clone, Debug, Default)]
pub(super) struct RequestFacts {
    pub(super) app: Option<String>,
    pub(super) domain: Option<Domain>,
    pub(super) user: Option<String>,
    pub(super) origin_granted: bool,
    quotas: Vec<Quota>,
}

impl RequestLog {
    pub(super) fn update(&self, change: impl FnOnce(&mut RequestFacts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn facts(&self) -> RequestFacts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn add_quotas(&self, quotas: &[Quota]) {
        self.update(|facts| facts.quotas.extend_from_slice(quotas));
    }

    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), if the request
    /// counted against a limit.
    pub(super) fn rate_limit_headers(&self) -> Option<(String, String)> {
        let quotas = self.facts().quotas;
        if quotas.is_empty() {
            return None;
        }
        let list = |item: &dyn Fn(&Quota) -> String| {
            quotas.iter().map(item).collect::<Vec<_>>().join(", ")
        };
        Some((
            list(&|quota| {
                format!(
                    "\"{}\";q={};w={}",
                    quota.limit.name(),
                    quota.rate.count,
                    quota.rate.seconds
                )
            }),
            list(&|quota| {
                format!(
                    "\"{}\";r={};t={}",
                    quota.limit.name(),
                    quota.remaining,
                    quota.reset_seconds
                )
            }),
        ))
    }
}
