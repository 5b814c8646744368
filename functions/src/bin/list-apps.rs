//! `GET /admin/apps`: all tenants, without keys and hashes.

use shared::{
    error::Result,
    http::{self, Reply, Request},
    inputs::NoParameters,
    state::State,
    views::{AppList, AppView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    request.admin().await?;
    let NoParameters {} = request.query()?;
    let apps = state.store.apps.list().await?.into_iter().map(AppView::from).collect();
    Reply::ok(AppList { apps }, "Apps")
}
