//! Every minute: marks overdue holds as expired. No request waits for it, because an overdue hold
//! blocks nobody.

use serde::Serialize;
use shared::{error::Result, http, scheduled, state::State};
use tracing::info;

#[derive(Serialize)]
struct ExpireOut {
    expired: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    scheduled::serve(expire).await
}

async fn expire(state: State) -> Result<ExpireOut> {
    let expired = state.bookings.expire_overdue().await?;
    info!(expired, "swept");
    Ok(ExpireOut { expired })
}
