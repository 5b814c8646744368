//! `GET /admin/analytics`: holds, sales and declined payments, by tenant and by line of business.

use shared::{
    domain::Instant,
    error::Result,
    http::{self, Reply, Request},
    inputs::AnalyticsIn,
    report::Report,
    state::State,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(analytics).await
}

async fn analytics(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    let AnalyticsIn { app_id, from, to } = request.query()?;
    let app_id = organiser.narrowed(app_id)?;
    let mut apps = state.store.apps.list().await?;
    apps.retain(|app| app_id.as_ref().is_none_or(|id| app.app_id == *id));
    let counts = state
        .store
        .counts(app_id.as_ref(), from.map(Instant::timestamp), to.map(Instant::timestamp))
        .await?;
    Reply::ok(Report::new(&apps, counts), "Analytics")
}
