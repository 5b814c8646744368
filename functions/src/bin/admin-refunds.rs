//! `/admin/refunds`: lists refunds, and deals with those that failed.

use shared::{
    domain::{AppId, Instant, RefundResolution},
    error::Result,
    http::{self, Reply, Request},
    inputs::{ListRefundsIn, RetryRefundIn, SettleRefundIn},
    state::State,
    store::refunds::{Refund, RefundFilter},
    views::{RefundPage, RefundView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(admin_refunds).await
}

async fn admin_refunds(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    let id = request.parameter("refundId");
    if id.is_empty() {
        let input: ListRefundsIn = request.query()?;
        let app = organiser.app_filter(input.app_id.clone())?;
        return list(&state, app, input).await;
    }
    let (app, actor) = (organiser.app_filter(None)?, organiser.actor());
    http::idempotent(&state, &request, &organiser.scope(), async {
        let (how, act) = if request.path().ends_with("/retry") {
            (RefundResolution::Retry, request.optional_json::<RetryRefundIn>()?.into_act(actor))
        } else {
            (RefundResolution::Settle, request.json::<SettleRefundIn>()?.into_act(actor))
        };
        let stored = |refund: &Refund| request.response_to_store(&reply(how, refund.clone()).ok()?);
        let bookings = &state.bookings;
        reply(how, bookings.resolve_failed_refund(app.as_ref(), id, how, &act, &stored).await?)
    })
    .await
}

async fn list(state: &State, app: Option<AppId>, input: ListRefundsIn) -> Result<Reply> {
    let filter = RefundFilter {
        app,
        booking: input.booking_id,
        status: input.status,
        from: input.from.map(Instant::timestamp),
        to: input.to.map(Instant::timestamp),
    };
    let page = state.store.refunds.page(filter, input.cursor, input.limit.get()).await?;
    Reply::ok(RefundPage::new(page), "Refunds")
}

fn reply(how: RefundResolution, refund: Refund) -> Result<Reply> {
    let view = RefundView::from(refund);
    match how {
        RefundResolution::Retry => Reply::created(view, "Refund made again"),
        RefundResolution::Settle => Reply::ok(view, "Refund settled"),
    }
}
