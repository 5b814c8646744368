//! `GET /reservations`: the caller's live holds in this app. A page needs them after a reload.

use shared::{
    error::Result,
    http::{self, Reply, Request},
    inputs::NoParameters,
    state::State,
    views::{HoldList, HoldView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(None).await?;
    let NoParameters {} = request.query()?;
    let holds = state.store.reservations.live_for_user(caller.app_id(), caller.user).await?;
    let reservations = holds.into_iter().map(HoldView::with_entity).collect();
    Reply::ok(HoldList { reservations }, "Your live reservations")
}
