//! At every deploy: collections, validators and indexes as the functions rely on them. Safe to repeat.

use serde::Serialize;
use shared::{error::Result, http, scheduled, state::State};
use tracing::info;

#[derive(Serialize)]
struct MigrateOut {
    changes: Vec<String>,
}

#[tokio::main]
async fn main() -> http::Exit {
    scheduled::serve(migrate).await
}

async fn migrate(state: State) -> Result<MigrateOut> {
    let changes = state.store.migrate().await?;
    info!(?changes, "migrated");
    Ok(MigrateOut { changes })
}
