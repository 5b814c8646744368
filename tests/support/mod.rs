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
pub mod redis_log;
pub mod reply;
pub mod routes;
pub mod runtime_api;
pub mod secrets_manager;
pub mod servers;
pub mod stacks;
pub mod stripe;
pub mod tokens;
pub mod trio;

use serde_json::{Value, json};
pub use stack::harness::{poll, proxy, replica_set};
use std::time::Duration;
use uuid::Uuid;

/// How long a test waits for something that comes soon on an idle machine.
pub const WAIT_TIMEOUT: Duration = Duration::from_secs(60);

/// A name that no other test uses: letters, digits and dashes, so it serves as app id, entity
/// id and e-mail alike.
pub fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", &Uuid::new_v4().simple().to_string()[..16])
}

/// A seating plan of one row, all in the category `gold`.
pub fn one_row_plan(seats: u32) -> Value {
    json!({
        "name": "Hall", "size": {"width": 10, "height": 10}, "focalPoint": {"x": 1, "y": 1},
        "categories": [{"key": "gold", "label": "Gold", "color": "red", "mark": "G"}],
        "sections": [{"key": "A", "label": "A", "rows": [
            {"label": "1", "run": {"first": 1, "count": seats, "x": 1, "y": 1, "dx": 1, "dy": 0}},
        ]}],
    })
}

/// A payment id that the simulated provider accepts.
pub fn payment() -> String {
    unique("pay_ok")
}
