//! At every deploy: collections, validators and indexes as the functions rely on them. Safe to
//! repeat.
//!
//! CloudFormation invokes it as a custom resource and waits for what comes of it; anybody else's
//! event, `{}`, is answered with the changes.

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
    match stack::Request::read(event)? {
        Some(request) => Ok(MigrateOut { changes: request.answer(migrate).await? }),
        None => Ok(MigrateOut { changes: migrate().await? }),
    }
}

async fn migrate() -> Result<Vec<String>> {
    let state = scheduled::start().await?;
    let changes = state.store.migrate().await?;
    info!(?changes, "migrated");
    Ok(changes)
}
