//! What is stored, as one value to compare: all of MongoDB, and what Redis has to remember.

use mongodb::{
    Database,
    bson::{Document, doc},
};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};

use crate::support::stacks::Stack;

/// What a refused request may leave in Redis: that it was counted, and which version of the app it met.
const MAY_CHANGE: &[&str] = &["rate:", "signin:", "app:version:"];

#[derive(Debug, PartialEq)]
pub struct Digest {
    /// By collection, MongoDB's own hash over all its documents and indexes.
    collections: Document,
    /// Each key with its value as Redis would save it.
    keys: Vec<(String, Vec<u8>)>,
}

pub struct Watch {
    database: Database,
    redis: MultiplexedConnection,
}

impl Watch {
    pub async fn new(stack: &Stack) -> Self {
        let client = mongodb::Client::with_uri_str(&stack.mongodb_uri).await.expect("a client");
        Self { database: client.database(&stack.database), redis: stack.redis().await }
    }

    pub async fn digest(&mut self) -> Digest {
        let hashes = self.database.run_command(doc! {"dbHash": 1}).await.expect("dbHash");
        let collections = hashes.get_document("collections").expect("collections").clone();
        assert!(collections.contains_key("bookings"), "nothing is watched: {collections}");
        let mut names: Vec<String> = self.redis.keys("*").await.expect("KEYS");
        names.retain(|name| !MAY_CHANGE.iter().any(|prefix| name.starts_with(prefix)));
        names.sort();
        let mut keys = Vec::new();
        for name in names {
            let mut dump = redis::Cmd::new();
            dump.arg("DUMP").arg(&name);
            let value: Option<Vec<u8>> = dump.query_async(&mut self.redis).await.expect("DUMP");
            keys.push((name, value.unwrap_or_default()));
        }
        Digest { collections, keys }
    }
}
