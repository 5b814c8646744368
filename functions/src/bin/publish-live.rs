//! Every minute, and when the first viewer connects: sends the seat feed to the viewers' WebSockets
//! while there are any. One process at a time does it.

use shared::{error::Result, http, live::Published, scheduled, state::State};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    scheduled::serve(publish).await
}

async fn publish(state: State) -> Result<Published> {
    state.live.publish().await
}
