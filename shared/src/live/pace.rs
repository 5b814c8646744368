//! Limits how many posts begin in a second.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

const SECOND: Duration = Duration::from_secs(1);

/// Spaces posts so that no second has more of them than the limit.
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
    /// When the latest posts begin, the earliest first.
    begins: Mutex<VecDeque<Instant>>,
}

impl Pace {
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), begins: Mutex::default() }
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Waits until one more post may begin.
    pub(super) async fn wait(&self) {
        sleep_until(self.next(Instant::now())).await;
    }

    /// Waits until the latest post is a second ago: then another process may begin.
    pub(super) async fn settle(&self) {
        let latest = self.begins.lock().unwrap_or_else(PoisonError::into_inner).back().copied();
        if let Some(latest) = latest {
            sleep_until(latest + SECOND).await;
        }
    }

    fn next(&self, now: Instant) -> Instant {
        let mut begins = self.begins.lock().unwrap_or_else(PoisonError::into_inner);
        let full = begins.len() >= self.most;
        let earliest = if full { begins.pop_front().map(|begin| begin + SECOND) } else { None };
        let begin = earliest.map_or(now, |earliest| earliest.max(now));
        begins.push_back(begin);
        begin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_has_more_posts_than_the_limit() {
        let (pace, began) = (Pace::new(3), Instant::now());
        let begins: Vec<_> = (0..12).map(|_| pace.next(began)).collect();
        for (first, fourth) in begins.iter().zip(&begins[3..]) {
            assert!(*fourth - *first >= SECOND);
        }
        assert_eq!(begins[2], began);
        assert_eq!(begins[11], began + 3 * SECOND);
        // After a pause there is no debt, and no credit beyond the limit.
        let later = began + 10 * SECOND;
        let begins: Vec<_> = (0..4).map(|_| pace.next(later)).collect();
        assert_eq!(begins, [later, later, later, later + SECOND]);
    }
}
