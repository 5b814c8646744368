//! Every minute: pays the refunds that are on record. A cancellation also tries at once.

use serde::Serialize;
use shared::{error::Result, http, scheduled, state::State};
use tracing::info;

#[derive(Serialize)]
struct RefundsOut {
    asked: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    scheduled::serve(pay).await
}

async fn pay(state: State) -> Result<RefundsOut> {
    let asked = state.bookings.pay_refunds().await?;
    info!(asked, "refunds");
    Ok(RefundsOut { asked })
}
