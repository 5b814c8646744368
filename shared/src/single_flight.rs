//! One at a time for the same thing: a page opens with many requests at once, and a process that is
//! new to its app would check one key for each of them.

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

/// From how many on those that nobody is at are forgotten.
const MAX_KEYS: usize = 1_000;

/// Who is at what.
#[derive(Debug)]
pub struct SingleFlight<K>(Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>);

impl<K> Default for SingleFlight<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq> SingleFlight<K> {
    /// Waits until nobody else is at `key`, for as long as the request has. Others wait until the
    /// guard is dropped.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when the time is over.
    pub async fn lock(&self, key: K) -> Result<OwnedMutexGuard<()>> {
        let flight = {
            let mut single_flight = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if single_flight.len() >= MAX_KEYS {
                single_flight.retain(|_, flight| Arc::strong_count(flight) > 1);
            }
            Arc::clone(single_flight.entry(key).or_default())
        };
        let alone = timeout(Deadline::current().remaining(), flight.lock_owned()).await;
        alone.map_err(|_| Error::unavailable("others were at the same until the deadline"))
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
