//! When a delivery is tried again, and when an endpoint is given up.

use crate::domain::Timestamp;
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The delays from one attempt to the next. The first attempt comes at once, so there are ten.
const DELAYS: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * MINUTE),
    Duration::from_secs(30 * MINUTE),
    Duration::from_secs(2 * HOUR),
    Duration::from_secs(5 * HOUR),
    Duration::from_secs(10 * HOUR),
    Duration::from_secs(14 * HOUR),
    Duration::from_secs(20 * HOUR),
    Duration::from_secs(24 * HOUR),
];

/// The largest random change of a delay, as a fraction. It spreads retries of deliveries that
/// failed at the same time.
pub(super) const JITTER: f64 = 0.2;

/// The pause before the next attempt after `tries` attempts; `None` after the last. `jitter` is
/// between -[`JITTER`] and [`JITTER`]. A receiver may ask for up to twice the delay.
pub(super) fn pause(tries: i64, asked: Option<Duration>, jitter: f64) -> Option<Duration> {
    let index = usize::try_from(tries).ok()?.checked_sub(1)?;
    let delay = DELAYS.get(index)?;
    let asked = asked.unwrap_or_default().min(*delay * 2);
    Some(delay.mul_f64(1.0 + jitter.clamp(-JITTER, JITTER)).max(asked))
}

/// The shortest time between two noted failures. [`is_dead`] only needs to know their days.
const NOTE_EVERY_MS: i64 = 60 * 60 * 1000;

/// Whether to note a failure now. `failed_at` are the failures that were noted before.
pub(super) fn is_worth_a_note(failed_at: &[Timestamp], now: Timestamp) -> bool {
    failed_at.last().is_none_or(|last| now.as_millis() - last.as_millis() >= NOTE_EVERY_MS)
}

/// Whether an endpoint that fails now is given up. `failed_at` are the failures since its last
/// success, so every attempt since the first of them failed. One of them must be on the day on
/// which the last five days began.
pub(super) fn is_dead(failed_at: &[Timestamp], now: Timestamp) -> bool {
    failed_at.iter().any(|failed| {
        let age = now.as_millis() - failed.as_millis();
        (5 * DAY_MS..=6 * DAY_MS).contains(&age)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that jumps to the next attempt: the times of all attempts of one delivery.
    fn attempts(jitter: f64, asked: Option<Duration>) -> Vec<Duration> {
        let mut times = vec![Duration::ZERO];
        while let Some(pause) = pause(times.len() as i64, asked, jitter) {
            times.push(times[times.len() - 1] + pause);
        }
        times
    }

    #[test]
    fn ten_attempts_end_after_76_hours() {
        let hours = |at: &Duration| (at.as_secs_f64() / 360.0).round() / 10.0;
        let times = attempts(0.0, None);
        assert_eq!(
            times.iter().map(hours).collect::<Vec<_>>(),
            [0.0, 0.0, 0.1, 0.6, 2.6, 7.6, 17.6, 31.6, 51.6, 75.6]
        );
        let end = |jitter| attempts(jitter, None)[9].as_secs_f64() / 3_600.0;
        assert!((end(-1.0) - 75.585 * 0.8).abs() < 0.01, "{}", end(-1.0));
        assert!((end(1.0) - 75.585 * 1.2).abs() < 0.01, "{}", end(1.0));
    }

    #[test]
    fn a_receiver_may_ask_for_up_to_twice_the_delay() {
        let seconds = |asked| pause(1, Some(Duration::from_secs(asked)), 0.0).unwrap().as_secs();
        assert_eq!((seconds(0), seconds(7), seconds(10), seconds(3_600)), (5, 7, 10, 10));
        assert_eq!(pause(10, Some(Duration::from_secs(60)), 0.0), None);
        assert_eq!(pause(0, None, 0.0), None);
    }

    /// Fails at these hours. Returns the hour at which the endpoint is given up.
    fn given_up(hours: impl IntoIterator<Item = i64>) -> Option<i64> {
        let mut noted = Vec::new();
        for hour in hours {
            let now = Timestamp::from_millis(hour * 60 * 60 * 1000);
            if is_dead(&noted, now) {
                return Some(hour);
            }
            if is_worth_a_note(&noted, now) {
                noted.push(now);
            }
        }
        None
    }

    #[test]
    fn an_endpoint_is_given_up_after_five_days_of_failures() {
        assert_eq!(given_up(0..200), Some(120));
        assert_eq!(given_up((0..20).map(|day| day * 23)), Some(138), "once a day");
        assert_eq!(given_up(0..120), None);
        assert_eq!(given_up([0, 1, 2, 240, 241]), None, "nothing was sent in between");
        assert_eq!(given_up([0, 240, 300, 361]), Some(361));
        assert_eq!(given_up([]), None);
    }

    #[test]
    fn failures_are_noted_once_an_hour() {
        let at = |minutes: i64| Timestamp::from_millis(minutes * 60 * 1000);
        assert!(is_worth_a_note(&[], at(0)));
        assert!(!is_worth_a_note(&[at(0)], at(59)));
        assert!(is_worth_a_note(&[at(0)], at(60)));
    }
}
