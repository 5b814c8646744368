//! Replica sets of three members. A test gives its set back, because a start takes longer than
//! most tests.

use std::{
    ops::{Deref, DerefMut},
    sync::Mutex,
    time::Duration,
};

use mongodb::bson::doc;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{poll::eventually, replica_set::ReplicaSet, servers::forever};

/// How long an election may take on a busy machine.
const ELECTION: Duration = Duration::from_secs(60);

/// Longer than any test, so no member starts an election by itself. Otherwise a slow primary on a
/// busy machine would be replaced in the middle of a test.
pub const NEVER_MS: i32 = 3_600_000;

/// How many tests may have a set at once. Their elections are mostly waiting.
static PERMITS: Semaphore = Semaphore::const_new(2);
/// The sets that no test has.
static FREE: Mutex<Vec<ReplicaSet>> = Mutex::new(Vec::new());

/// A set, as one test has it. A test that fails does not give it back: a later one starts another.
pub struct Trio {
    set: Option<ReplicaSet>,
    _permit: SemaphorePermit<'static>,
}

impl Trio {
    /// Waits until there is a set for this test. A primary stays one until `another_leads`.
    pub async fn alone() -> Self {
        let permit = PERMITS.acquire().await.expect("it is never closed");
        let free = FREE.lock().unwrap().pop();
        let set = match free {
            Some(set) => set,
            None => forever(ReplicaSet::start(3)).await,
        };
        let trio = Self { set: Some(set), _permit: permit };
        trio.all_in_service().await;
        trio.election_timeout(NEVER_MS).await;
        trio
    }

    /// How long a member waits without a primary before it starts an election.
    pub async fn election_timeout(&self, ms: i32) {
        let configured = || async {
            let primary = self.primary().await;
            let reply = self.admin(primary, doc! {"replSetGetConfig": 1}).await.ok()?;
            let mut config = reply.get_document("config").ok()?.clone();
            let version = config.get_i32("version").ok()?;
            config.insert("version", version + 1);
            let settings = config.get_document_mut("settings").ok()?;
            settings.insert("electionTimeoutMillis", ms);
            // A new primary waits for each member that it believes to be running, but not for a
            // frozen one.
            settings.insert("heartbeatTimeoutSecs", 2);
            settings.insert("catchUpTimeoutMillis", 500);
            self.admin(primary, doc! {"replSetReconfig": config}).await.ok()
        };
        eventually("the set takes its configuration", ELECTION, configured).await;
        let known = || async {
            for member in 0..self.members.len() {
                let reply = self.admin(member, doc! {"replSetGetConfig": 1}).await.ok()?;
                let settings = reply.get_document("config").ok()?.get_document("settings").ok()?;
                settings.get_i32("electionTimeoutMillis").ok().filter(|now| *now == ms)?;
            }
            Some(())
        };
        eventually("every member has its configuration", ELECTION, known).await;
    }

    /// Makes another member than `old` the primary, and returns its number. It does not matter
    /// whether `old` still runs.
    pub async fn another_leads(&self, old: usize) -> usize {
        let successor = (old + 1) % self.members.len();
        // It may refuse while it has not caught up, or an election is under way.
        let stepped_up = || async { self.admin(successor, doc! {"replSetStepUp": 1}).await.ok() };
        eventually("another member stands for election", ELECTION, stepped_up).await;
        self.primary_but(old).await
    }
}

impl Deref for Trio {
    type Target = ReplicaSet;

    fn deref(&self) -> &ReplicaSet {
        self.set.as_ref().expect("the set is given back only at the end")
    }
}

impl DerefMut for Trio {
    fn deref_mut(&mut self) -> &mut ReplicaSet {
        self.set.as_mut().expect("the set is given back only at the end")
    }
}

impl Drop for Trio {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            FREE.lock().unwrap().extend(self.set.take());
        }
    }
}
