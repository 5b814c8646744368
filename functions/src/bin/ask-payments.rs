//! Every minute: asks the providers about payments of which no event has come, shortly before their
//! holds end and after they have ended unsold.

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
