//! The clock of this machine, and the deadline of the current request.
//!
//! Only the database's clock (`$$NOW`) decides whether a hold has expired.

use chrono::{DateTime, Utc};
use rand::Rng;
use std::{
    future::Future,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The part of an invocation's time that is kept for the response and for aborting a transaction.
pub const RESERVE: Duration = Duration::from_millis(500);

/// A request's time where the platform names no real deadline: cargo-lambda sends one in 1970.
const DEFAULT_BUDGET: Duration = Duration::from_secs(10);

/// A deadline before 2001 is an emulator's placeholder.
const MIN_DEADLINE_MS: u64 = 1_000_000_000_000;

tokio::task_local! {
    static DEADLINE: Deadline;
}

/// The time by which the work on a request must end.
///
/// By the wall clock, because the monotonic clock may stand still while a function is frozen.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(SystemTime);

impl Deadline {
    /// The deadline of an invocation that the platform ends at
    /// `epoch_ms` (milliseconds since 1970).
    pub(crate) fn of_invocation(epoch_ms: u64) -> Self {
        if epoch_ms < MIN_DEADLINE_MS {
            return Self(SystemTime::now() + DEFAULT_BUDGET);
        }
        Self(UNIX_EPOCH + Duration::from_millis(epoch_ms).saturating_sub(RESERVE))
    }

    /// The deadline of an invocation that runs for minutes. Where the platform names no real
    /// deadline, it is `budget` from now.
    pub(crate) fn of_long_invocation(epoch_ms: u64, budget: Duration) -> Self {
        if epoch_ms < MIN_DEADLINE_MS {
            return Self(SystemTime::now() + budget);
        }
        Self::of_invocation(epoch_ms)
    }

    /// The current deadline, or `time` from now if that is earlier.
    pub(crate) fn within(time: Duration) -> Self {
        Self(Self::current().0.min(SystemTime::now() + time))
    }

    /// The deadline of the current task's request.
    pub fn current() -> Self {
        DEADLINE
            .try_with(|deadline| *deadline)
            .unwrap_or_else(|_| Self(SystemTime::now() + DEFAULT_BUDGET))
    }

    /// This deadline, or `limit` from now if that is earlier.
    pub(crate) fn at_most(self, limit: Duration) -> Self {
        Self(self.0.min(SystemTime::now() + limit))
    }

    /// Runs `work` under this deadline: inside, [`Deadline::current`] returns it.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        DEADLINE.scope(self, work).await
    }

    /// The time that is left; zero after the deadline.
    pub fn remaining(self) -> Duration {
        self.0.duration_since(SystemTime::now()).unwrap_or_default()
    }
}

/// Pauses between attempts that collided with others: up to 50 ms, longer each time, and
/// within the request's deadline.
#[derive(Debug, Default)]
pub(crate) struct Backoff(u32);

impl Backoff {
    /// Waits before the next attempt; `false` if no time is left for one.
    pub async fn pause(&mut self) -> bool {
        let left = Deadline::current().remaining();
        if left.is_zero() {
            return false;
        }
        self.0 += 1;
        let max_ms = (4_u64 << self.0.min(4)).min(50);
        // The pause is random, so that the same attempts do not collide again.
        let pause = Duration::from_millis(rand::rng().random_range(1..=max_ms));
        tokio::time::sleep(pause.min(left)).await;
        true
    }
}

/// This machine's time. Only MongoDB's clock decides whether a hold has ended.
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Whether `then` is less than `ttl` ago.
///
/// By the wall clock, which goes on while a function is frozen. A time in the future, after the
/// clock was set back, is not within the TTL.
pub(crate) fn is_within(then: SystemTime, ttl: Duration) -> bool {
    SystemTime::now().duration_since(then).is_ok_and(|age| age < ttl)
}

/// The seconds left of the caller's own hold, rounded down.
pub(crate) fn own_seconds(remaining_ms: i64) -> u64 {
    u64::try_from(remaining_ms).unwrap_or(0) / 1000
}

/// The seconds left of another user's hold, rounded up and at least 1.
pub(crate) fn others_seconds(remaining_ms: i64) -> u64 {
    u64::try_from(remaining_ms).unwrap_or(0).div_ceil(1000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_deadline_gives_the_default_budget() {
        let left = Deadline::of_invocation(600_000).remaining();
        assert!(left > Duration::from_secs(9) && left <= DEFAULT_BUDGET);
    }

    #[test]
    fn a_real_deadline_keeps_half_a_second_back() {
        let in_three =
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(3);
        let left = Deadline::of_invocation(in_three.as_millis() as u64).remaining();
        assert!(left <= Duration::from_millis(2_501), "{left:?}");
        let at_least = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let at_least = in_three.saturating_sub(at_least + Duration::from_millis(501));
        assert!(left >= at_least, "{left:?}");
    }

    #[test]
    fn seconds_are_rounded_against_the_reader() {
        assert_eq!((own_seconds(1_999), own_seconds(-5)), (1, 0));
        assert_eq!((others_seconds(1_001), others_seconds(0), others_seconds(-5)), (2, 1, 1));
    }
}
