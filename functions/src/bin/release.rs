//! `POST /release-seat`: gives a hold back before it expires.

use shared::{
    config::RateLimit,
    error::Result,
    http::{self, Reply, Request},
    inputs::ReleaseIn,
    state::State,
    views::Released,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(release).await
}

async fn release(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(RateLimit::Release).await?;
    http::idempotent(&state, &request, &caller.scope(), async {
        let ReleaseIn { reservation_token } = request.json()?;
        state.bookings.release(&caller, reservation_token).await?;
        Reply::ok(Released { released: true }, "Seats released")
    })
    .await
}
