//! The WebSocket API's routes `$connect`, `$disconnect` and `$default`: who watches a seat feed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{error::Result, http, scheduled, state::State};
use std::collections::HashMap;
use tracing::{error, info};

/// API Gateway's event about a connection.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LiveEvent {
    request_context: LiveContext,
    /// Absent without a query string.
    query_string_parameters: Option<HashMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LiveContext {
    route_key: String,
    connection_id: String,
}

/// API Gateway accepts the WebSocket only if this status is 200.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LiveOut {
    status_code: u16,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    scheduled::serve_with_event(live).await
}

async fn live(state: State, event: Value) -> Result<LiveOut> {
    // An event of another kind has no connection id, so nothing is done.
    let LiveEvent { request_context, query_string_parameters } =
        serde_json::from_value(event).unwrap_or_default();
    let LiveContext { route_key, connection_id } = request_context;
    let outcome = match route_key.as_str() {
        "$connect" if !connection_id.is_empty() => {
            let query = query_string_parameters.unwrap_or_default();
            let key = query.get("feed").map(String::as_str).unwrap_or_default();
            state.live.connect(&connection_id, key).await
        }
        "$disconnect" => state.live.disconnect(&connection_id).await,
        // Messages from clients are ignored.
        _ => Ok(()),
    };
    let (status, code) = match &outcome {
        Ok(()) => (200, None),
        Err(failure) => (failure.code().status(), Some(failure.code().as_str())),
    };
    match outcome.err().filter(|_| status >= 500).map(|failure| failure.chain()) {
        Some(cause) => error!(route_key, status, code, cause, "live"),
        None => info!(route_key, status, code, "live"),
    }
    Ok(LiveOut { status_code: status })
}
