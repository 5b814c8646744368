//! `GET /health`: whether seats can be sold (MongoDB), and at full speed (Redis).

use shared::{
    error::{Error, Result},
    http::{self, Reply, Request},
    inputs::NoParameters,
    state::State,
    views::HealthView,
};
use std::time::Duration;

/// Shorter than the timeout of common load balancers.
const MONGODB_TIMEOUT: Duration = Duration::from_secs(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    // It must report that MongoDB is down, so it must start without MongoDB.
    http::serve_unreachable(health).await
}

async fn health(state: State, request: Request) -> Result<Reply> {
    let NoParameters {} = request.query()?;
    let (mongo, redis) = tokio::join!(state.store.ping_primary(MONGODB_TIMEOUT), state.gate.ping());
    let health = HealthView::new(mongo.is_ok(), redis);
    match mongo {
        Ok(()) => Reply::ok(health, "Health"),
        Err(cause) => Err(Error::unavailable(cause).with_details(serde_json::json!(health))),
    }
}
