//! Time: the function's clock, and the deadline of the request that is being answered.
//!
//! Whether a hold has expired is never judged here: that is the database's clock (`$$NOW`).

use chrono::{DateTime, Utc};
use rand::Rng;
use std::{
    future::Future,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What is kept back of an invocation's time to answer with, and to abort a transaction.
pub const RESERVE: Duration = Duration::from_millis(500);

/// What a request gets where the platform names no deadline (cargo-lambda sends one in 1970).
const DEFAULT_BUDGET: Duration = Duration::from_secs(10);

/// When a deadline is an emulator's placeholder, not a time: before 2001.
const PLACEHOLDER_MS: u64 = 1_000_000_000_000;

tokio::task_local! {
    static DEADLINE: Deadline;
}

/// The instant, by the wall clock, by which the work on a request must have ended.
///
/// The wall clock, because the monotonic one may stand still while a function is frozen.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(SystemTime);

impl Deadline {
    /// The deadline of an invocation whose platform gives it until `epoch_ms` (milliseconds since
    /// 1970).
    pub fn of_invocation(epoch_ms: u64) -> Self {
        if epoch_ms < PLACEHOLDER_MS {
            return Self(SystemTime::now() + DEFAULT_BUDGET);
        }
        Self(UNIX_EPOCH + Duration::from_millis(epoch_ms).saturating_sub(RESERVE))
    }

    /// The deadline of the request that this task works on.
    pub fn current() -> Self {
        DEADLINE
            .try_with(|deadline| *deadline)
            .unwrap_or_else(|_| Self(SystemTime::now() + DEFAULT_BUDGET))
    }

    /// Runs `work` under this deadline: [`Deadline::current`] is this one inside.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        DEADLINE.scope(self, work).await
    }

    /// How much time is left; zero when it has passed.
    pub fn remaining(self) -> Duration {
        self.0.duration_since(SystemTime::now()).unwrap_or_default()
    }
}

/// Pauses between attempts that collided with others: 1 to 50 ms, longer each time, within the
/// request's deadline.
#[derive(Debug, Default)]
pub struct Backoff(u32);

impl Backoff {
    /// Waits before the next attempt; `false` when there is no time for one.
    pub async fn pause(&mut self) -> bool {
        let left = Deadline::current().remaining();
        if left.is_zero() {
            return false;
        }
        self.0 += 1;
        let most = (4_u64 << self.0.min(4)).min(50);
        // Those who collided must not meet again.
        let pause = Duration::from_millis(rand::rng().random_range(1..=most));
        tokio::time::sleep(pause.min(left)).await;
        true
    }
}

/// Now, by this machine's clock.
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Whether something that happened `then` is less than `time` ago by the wall clock, which goes on
/// while a function is frozen. A clock that was set back makes a memory look younger than it is; it
/// never makes one from the future fresh.
pub fn is_within(then: SystemTime, time: Duration) -> bool {
    SystemTime::now().duration_since(then).is_ok_and(|age| age < time)
}

/// Whole seconds of one's own remaining time: rounded down.
pub fn own_seconds(remaining_ms: i64) -> u64 {
    u64::try_from(remaining_ms).unwrap_or(0) / 1000
}

/// Whole seconds of another's remaining time: rounded up, at least 1.
pub fn others_seconds(remaining_ms: i64) -> u64 {
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
        assert!(left > Duration::from_secs(2) && left <= Duration::from_millis(2_501));
    }

    #[test]
    fn seconds_are_rounded_against_the_reader() {
        assert_eq!((own_seconds(1_999), own_seconds(-5)), (1, 0));
        assert_eq!((others_seconds(1_001), others_seconds(0), others_seconds(-5)), (2, 1, 1));
    }
}
