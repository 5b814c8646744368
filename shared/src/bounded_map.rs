//! What a process remembers between requests, with a maximum size.
//!
//! A cache crate measures age with the monotonic clock, which may stand still while a function is
//! frozen. So values carry their own time, by the wall clock, and callers check it with
//! [`clock::is_within`](crate::clock::is_within).

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{PoisonError, RwLock},
};

/// A map that starts over when it is full. That is rare, and costs one lookup for
/// each entry in use.
#[derive(Debug)]
pub(crate) struct BoundedMap<K, V> {
    entries: RwLock<HashMap<K, V>>,
    max_entries: usize,
}

impl<K: Hash + Eq, V: Clone> BoundedMap<K, V> {
    pub(crate) fn new(max_entries: usize) -> Self {
        Self { entries: RwLock::default(), max_entries }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.max_entries {
            entries.clear();
        }
        entries.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_map_starts_over() {
        let map = BoundedMap::new(2);
        map.insert("a", 1);
        map.insert("b", 2);
        assert_eq!((map.get(&"a"), map.get(&"b")), (Some(1), Some(2)));
        map.insert("c", 3);
        assert_eq!((map.get(&"a"), map.get(&"b"), map.get(&"c")), (None, None, Some(3)));
    }
}
