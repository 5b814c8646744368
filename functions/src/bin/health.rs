//! `GET /health`: whether anything can be sold (MongoDB) and as fast as it should be (Redis).

use shared::{
    error::{Error, Result},
    http::{self, Reply, Request},
    inputs::NoParameters,
    state::State,
    views::HealthView,
};
use std::time::Duration;

/// Less than any load balancer waits.
const PATIENCE: Duration = Duration::from_secs(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    // It must say that MongoDB is down, not be down with it.
    http::serve_unreachable(health).await
}

async fn health(state: State, request: Request) -> Result<Reply> {
    let NoParameters {} = request.query()?;
    let (mongo, redis) = tokio::join!(state.store.ping_primary(PATIENCE), state.gate.ping());
    let health = HealthView::new(mongo.is_ok(), redis);
    match mongo {
        Ok(()) => Reply::ok(health, "Health"),
        Err(cause) => Err(Error::unavailable(cause).with_details(serde_json::json!(health))),
    }
}
