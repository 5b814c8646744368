//! All stored data as one value to compare: MongoDB, and the part of Redis that must not change.

use std::collections::{BTreeMap, BTreeSet};

use mongodb::{Database, bson::doc};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};

use crate::support::stacks::Stack;

/// What a refused request may change in Redis: rate limits, wrong sign-ins, the user's hold
/// cycles, locked seats and token cutoff, the versions of app and entities, and verified keys.
const MAY_CHANGE: &[&str] = &[
    "rate:",
    "signin:",
    "seat:turns:",
    "seat:taken:",
    "seat:known:",
    "seats:version:",
    "app:version:",
    "app:proof:",
    "user:standing:",
];

/// For each collection, MongoDB's hash over all documents. For each key, its value as
/// Redis would save it.
#[derive(Debug, PartialEq)]
pub struct Snapshot(BTreeMap<String, Vec<u8>>);

impl Snapshot {
    /// The collections and keys that have changed.
    pub fn changes(&self, before: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.0.keys().chain(before.0.keys()).collect();
        names.into_iter().filter(|name| self.0.get(*name) != before.0.get(*name)).cloned().collect()
    }
}

pub struct StateReader {
    database: Database,
    redis: MultiplexedConnection,
}

impl StateReader {
    pub async fn new(stack: &Stack) -> Self {
        let client = mongodb::Client::with_uri_str(&stack.mongodb_uri).await.expect("a client");
        Self { database: client.database(&stack.database), redis: stack.redis().await }
    }

    pub async fn snapshot(&mut self) -> Snapshot {
        let hashes = self.database.run_command(doc! {"dbHash": 1}).await.expect("dbHash");
        let collections = hashes.get_document("collections").expect("collections").clone();
        assert!(collections.contains_key("bookings"), "nothing is watched: {collections}");
        let mut all: BTreeMap<String, Vec<u8>> = collections
            .into_iter()
            .map(|(name, hash)| (name, hash.to_string().into_bytes()))
            .collect();
        let mut names: Vec<String> = self.redis.keys("*").await.expect("KEYS");
        names.retain(|name| !MAY_CHANGE.iter().any(|prefix| name.starts_with(prefix)));
        for name in names {
            let mut dump = redis::Cmd::new();
            dump.arg("DUMP").arg(&name);
            let value: Option<Vec<u8>> = dump.query_async(&mut self.redis).await.expect("DUMP");
            all.insert(name, value.unwrap_or_default());
        }
        Snapshot(all)
    }

    /// Fails if anything has changed.
    pub async fn assert_unchanged(&mut self, before: &Snapshot, who: &str) {
        let changes = self.snapshot().await.changes(before);
        assert!(changes.is_empty(), "{who} has changed {changes:?}");
    }
}
