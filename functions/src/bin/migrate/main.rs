//! At every deploy: creates or updates the collections, validators and indexes. Safe to repeat.
//!
//! CloudFormation invokes it as a custom resource and waits for the outcome. Any other event, such
//! as `{}`, gets the list of changes as its response.

mod stack;

use serde::Serialize;
use serde_json::Value;
use shared::{error::Result, http, scheduled};
use tracing::info;

#[derive(Serialize)]
struct MigrateOut {
    changes: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    scheduled::serve_events(|event| async move { handle(&event).await }).await
}

async fn handle(event: &Value) -> Result<MigrateOut> {
    match stack::Request::parse(event)? {
        Some(request) => Ok(MigrateOut { changes: request.run_and_report(migrate).await? }),
        None => Ok(MigrateOut { changes: migrate().await? }),
    }
}

async fn migrate() -> Result<Vec<String>> {
    let state = scheduled::start().await?;
    let changes = state.store.migrate().await?;
    info!(?changes, "migrated");
    Ok(changes)
}
