//! `GET /admin/apps`: a page of the tenants, without keys and hashes.

use shared::{
    error::Result,
    http::{self, Reply, Request},
    inputs::ListAppsIn,
    state::State,
    views::{AppList, AppView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(list).await
}

async fn list(state: State, request: Request) -> Result<Reply> {
    request.admin().await?;
    let ListAppsIn { limit, cursor } = request.query()?;
    let (apps, next) = state.store.apps.page(cursor, limit.get()).await?;
    let apps = apps.into_iter().map(AppView::from).collect();
    Reply::ok(AppList { apps, next_cursor: next.map(|next| next.encode()) }, "Apps")
}
