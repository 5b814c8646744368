//! Runs every minute. For payments that no provider's event has settled, it asks the provider:
//! shortly before the hold ends, and again after it has ended unsold.

use serde::Serialize;
use shared::{error::Result, http, scheduled, state::State};
use tracing::info;

#[derive(Serialize)]
struct AsksOut {
    asked: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    scheduled::serve(ask).await
}

async fn ask(state: State) -> Result<AsksOut> {
    let asked = state.bookings.ask_payments().await?;
    info!(asked, "payments");
    Ok(AsksOut { asked })
}
