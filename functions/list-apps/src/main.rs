//! `GET /admin/apps`: all tenants, without any key or hash.

use serde::Serialize;
use shared::{
    error::Result,
    http::{self, NoParameters, Reply, Request},
    state::State,
    views::AppView,
};

#[derive(Serialize)]
struct ListOut {
    apps: Vec<AppView>,
}

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    request.admin()?;
    let NoParameters {} = request.query()?;
    let apps = state.store.apps.list().await?.into_iter().map(AppView::from).collect();
    Reply::ok(ListOut { apps }, "Apps")
}
