//! `GET /admin/analytics`: holds, sales and declined payments, by tenant and by line of business.

use shared::{
    domain::Instant,
    error::Result,
    http::{self, Reply, Request},
    inputs::AnalyticsIn,
    report::{Report, Seats},
    state::State,
    store::reports::ReportFilter,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(analytics).await
}

async fn analytics(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    let AnalyticsIn { app_id, entity_id, from, to } = request.query()?;
    let filter = ReportFilter {
        app: organiser.app_filter(app_id)?,
        entity: entity_id,
        from: from.map(Instant::timestamp),
        to: to.map(Instant::timestamp),
    };
    let mut apps = state.store.apps.list().await?;
    apps.retain(|app| filter.app.as_ref().is_none_or(|id| app.app_id == *id));
    let counts = state.store.counts(&filter).await?;
    let mut seats = Seats::new();
    if filter.is_per_entity() {
        for app in &apps {
            let counts = state.store.seats_of(&app.app_id, filter.entity.as_ref()).await?;
            seats.insert(app.app_id.clone(), counts);
        }
    }
    let seats = filter.is_per_entity().then_some(&seats);
    Reply::ok(Report::new(&apps, counts, seats), "Analytics")
}
