//! Every minute: ends the holds of cancelled entities, and cancels and refunds their bookings.

use serde::Serialize;
use shared::{error::Result, http, scheduled, state::State};
use tracing::info;

#[derive(Serialize)]
struct CancelsOut {
    entities: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    scheduled::serve(cancel).await
}

async fn cancel(state: State) -> Result<CancelsOut> {
    let entities = state.bookings.cancel_entities().await?;
    info!(entities, "cancelled entities");
    Ok(CancelsOut { entities })
}
