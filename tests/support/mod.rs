//! What the tests share. `docs/TESTING.md` lists the modules.

pub mod call;
pub mod clocks;
pub mod expiry;
pub mod feed;
pub mod invariants;
pub mod launch;
pub mod live;
pub mod mongodb_wire;
pub mod outbox;
pub mod people;
pub mod processor_time;
pub mod receiver;
pub mod redis_cluster;
pub mod reply;
pub mod routes;
pub mod runtime_api;
pub mod secrets_manager;
pub mod servers;
pub mod stacks;
pub mod stripe;
pub mod tokens;
pub mod trio;

pub use stack::harness::{poll, proxy, replica_set};
use uuid::Uuid;

/// A name that no other test uses: letters, digits and dashes, so it serves as app id, entity id
/// and e-mail alike.
pub fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", &Uuid::new_v4().simple().to_string()[..16])
}

/// A payment id that the simulated provider accepts.
pub fn payment() -> String {
    unique("pay_ok")
}
