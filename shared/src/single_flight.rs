//! One task at a time for the same key. A page opens with many requests at once, and each would
//! otherwise repeat the same work.

use crate::{
    clock::Deadline,
    error::{Error, Result},
};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{sync::OwnedMutexGuard, time::timeout};

/// How many keys are kept. Beyond that, keys without a task are removed.
const MAX_KEYS: usize = 1_000;

/// One lock for each key.
#[derive(Debug)]
pub(crate) struct SingleFlight<K>(Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>);

impl<K> Default for SingleFlight<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq> SingleFlight<K> {
    /// Waits for the lock of `key` until the request's deadline. Others wait until the guard is
    /// dropped. Fails with `SERVICE_UNAVAILABLE` at the deadline.
    pub(crate) async fn lock(&self, key: K) -> Result<OwnedMutexGuard<()>> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if locks.len() >= MAX_KEYS {
                locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            }
            Arc::clone(locks.entry(key).or_default())
        };
        let guard = timeout(Deadline::current().remaining(), lock.lock_owned()).await;
        guard.map_err(|_| Error::unavailable("the same work was running until the deadline"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn the_same_waits_and_another_does_not() {
        let single_flight = SingleFlight::default();
        let first = single_flight.lock("a").await.unwrap();
        assert!(timeout(Duration::from_millis(20), single_flight.lock("a")).await.is_err());
        let _other = single_flight.lock("b").await.unwrap();
        drop(first);
        let _second = single_flight.lock("a").await.unwrap();
    }
}
