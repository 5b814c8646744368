//! Every minute: sends tenants' events to their webhook endpoints. It keeps running while there is
//! work, and for a while after.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{error::Result, http, scheduled, state::State};
use std::time::Duration;
use tracing::info;

/// The longest time that an event can keep the function running without work.
const MAX_STAY_SECONDS: u64 = 840;

/// The scheduled event. Its other fields are ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DeliverIn {
    /// How long to keep running when there is nothing to do.
    stay_seconds: u64,
}

#[derive(Serialize)]
struct DeliverOut {
    attempts: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    scheduled::serve_long(deliver).await
}

async fn deliver(state: State, event: Value) -> Result<DeliverOut> {
    let DeliverIn { stay_seconds } = serde_json::from_value(event).unwrap_or_default();
    let stay = Duration::from_secs(stay_seconds.min(MAX_STAY_SECONDS));
    let attempts = state.webhooks.deliver(stay).await?;
    info!(attempts, "webhooks");
    Ok(DeliverOut { attempts })
}
