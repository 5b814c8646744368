//! Rate limits of one process, for when Redis is unavailable. A process counts
//! only its own requests.

use super::Quota;
use crate::config::{Rate, RateLimit};
use governor::{
    Quota as Allowance, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};
use std::{
    fmt,
    num::NonZeroU32,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

type Limiter =
    RateLimiter<String, HashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// How many clients a limit remembers. Beyond that, clients with a full quota are forgotten.
const MAX_CLIENTS: usize = 10_000;

/// One limiter for each limit and rate, created on first use.
#[derive(Default)]
pub(super) struct LocalLimits(RwLock<Vec<(RateLimit, Rate, Arc<Limiter>)>>);

impl fmt::Debug for LocalLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalLimits").finish_non_exhaustive()
    }
}

impl LocalLimits {
    /// Counts a request of `client` against a limit.
    pub(super) fn admit(&self, limit: RateLimit, rate: Rate, client: String) -> Quota {
        let count = NonZeroU32::new(rate.count).unwrap_or(NonZeroU32::MIN);
        let step = Duration::from_secs(rate.seconds.into())
            .div_f64(count.get().into())
            .max(Duration::from_nanos(1));
        let limiter = self.limiter(limit, rate, count, step);
        if limiter.len() > MAX_CLIENTS {
            limiter.retain_recent();
        }
        let (admitted, remaining, wait) = match limiter.check_key(&client) {
            Ok(state) => (true, state.remaining_burst_capacity(), Duration::ZERO),
            Err(refusal) => (false, 0, refusal.wait_time_from(limiter.clock().now())),
        };
        let reset = step * count.get().saturating_sub(remaining);
        let seconds = |time: Duration| time.as_secs_f64().ceil() as u64;
        Quota {
            limit,
            rate,
            admitted,
            remaining: remaining.into(),
            reset_seconds: seconds(reset),
            retry_seconds: seconds(wait).max(1),
        }
    }

    fn limiter(
        &self,
        limit: RateLimit,
        rate: Rate,
        count: NonZeroU32,
        step: Duration,
    ) -> Arc<Limiter> {
        let known = |list: &[(RateLimit, Rate, Arc<Limiter>)]| {
            list.iter()
                .find(|known| (known.0, known.1) == (limit, rate))
                .map(|(.., limiter)| limiter.clone())
        };
        if let Some(limiter) = known(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return limiter;
        }
        let mut list = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known(&list).unwrap_or_else(|| {
            let allowance = Allowance::with_period(step)
                .unwrap_or(Allowance::per_second(count))
                .allow_burst(count);
            let limiter = Arc::new(
                RateLimiter::hashmap(allowance).with_middleware::<StateInformationMiddleware>(),
            );
            list.push((limit, rate, limiter.clone()));
            limiter
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_keeps_to_a_limit_by_itself() {
        let limits = LocalLimits::default();
        let rate = Rate { count: 3, seconds: 60 };
        let ask = |client: &str| limits.admit(RateLimit::Login, rate, client.to_owned());
        let left: Vec<_> =
            (0..3).map(|_| ask("ann")).map(|quota| (quota.admitted, quota.remaining)).collect();
        assert_eq!(left, [(true, 2), (true, 1), (true, 0)]);
        let refused = ask("ann");
        assert!(!refused.admitted && (1..=20).contains(&refused.retry_seconds), "{refused:?}");
        assert!((41..=60).contains(&refused.reset_seconds), "{refused:?}");
        assert!(ask("bob").admitted);
        assert!(limits.admit(RateLimit::Signup, rate, "ann".to_owned()).admitted);
    }
}
