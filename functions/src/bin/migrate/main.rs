//! At every deploy: creates or updates the collections, validators and indexes, and brings stored
//! values into today's form. Safe to repeat.
//!
//! CloudFormation invokes it as a custom resource and waits for the outcome. For any other event,
//! such as `{}`, the response lists the changes. It also lists stored documents that today's rules
//! treat as equal.

mod stack;

use serde_json::Value;
use shared::{error::Result, http, scheduled, store::migrate::Migrated};
use tracing::info;

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    scheduled::serve_events(|event| async move { handle(&event).await }).await
}

async fn handle(event: &Value) -> Result<Migrated> {
    match stack::Request::parse(event)? {
        Some(request) => request.run_and_report(migrate).await,
        None => migrate().await,
    }
}

async fn migrate() -> Result<Migrated> {
    let state = scheduled::start().await?;
    let migrated = state.store.migrate().await?;
    info!(changes = ?migrated.changes, collisions = ?migrated.collisions, "migrated");
    Ok(migrated)
}
