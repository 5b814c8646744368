//! Idempotency keys: the same key gives the same response for 24 hours.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    http::{Call, Reply},
    world::{Account, Provider},
};

/// How long a key is remembered.
const MEMORY_SECONDS: i64 = 24 * 3600;

/// An idempotency key, which belongs to one account of one provider.
pub(super) type Key = (Provider, Account, String);

struct Saved {
    request: String,
    reply: Reply,
    at: i64,
}

#[derive(Default)]
pub(super) struct Memory {
    saved: BTreeMap<Key, Saved>,
    in_use: BTreeSet<Key>,
}

/// What is known about a key.
pub(super) enum Known {
    /// The key is new, or forgotten.
    Nothing,
    /// The same request was answered before.
    Same(Reply),
    /// Another request used the key.
    Other,
    /// A request with this key is being carried out.
    InUse,
}

impl Memory {
    pub(super) fn look_up(&mut self, key: &Key, call: &Call, now: i64) -> Known {
        self.saved.retain(|_, saved| now - saved.at < MEMORY_SECONDS);
        if self.in_use.contains(key) {
            return Known::InUse;
        }
        match self.saved.get(key) {
            None => Known::Nothing,
            Some(saved) if saved.request == fingerprint(call) => Known::Same(saved.reply.clone()),
            Some(_) => Known::Other,
        }
    }

    pub(super) fn begin(&mut self, key: &Key) {
        self.in_use.insert(key.clone());
    }

    /// Ends the use of a key. Requests that were refused before they began are not remembered.
    pub(super) fn end(&mut self, key: Key, call: &Call, reply: &Reply, now: i64) {
        self.in_use.remove(&key);
        if reply.status < 400 || reply.status >= 500 {
            let saved = Saved { request: fingerprint(call), reply: reply.clone(), at: now };
            self.saved.insert(key, saved);
        }
    }

    /// Ends the use of a key for a request that never began.
    pub(super) fn abandon(&mut self, key: &Key) {
        self.in_use.remove(key);
    }
}

fn fingerprint(call: &Call) -> String {
    format!("{} {:?} {}", call.method, call.path, String::from_utf8_lossy(&call.body))
}
