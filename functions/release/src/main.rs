//! `POST /release-seat`: give a hold back before it expires.

use serde::{Deserialize, Serialize};
use shared::{
    domain::ReservationToken,
    error::Result,
    http::{self, Reply, Request},
    state::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReleaseIn {
    reservation_token: ReservationToken,
}

#[derive(Serialize)]
struct ReleaseOut {
    released: bool,
}

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(release).await
}

async fn release(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(None).await?;
    http::once(&state, &request, &caller.scope(), async {
        let ReleaseIn { reservation_token } = request.json()?;
        state.bookings.release(&caller, reservation_token).await?;
        Reply::ok(ReleaseOut { released: true }, "Seats released")
    })
    .await
}
