//! `/admin/apps/{appId}/payments`: who takes the payments of an app.

use shared::{
    domain::PaymentProvider,
    error::Result,
    http::{self, Reply, Request},
    inputs::{NoParameters, PutPaymentsIn},
    state::State,
    store::apps::App,
    views::PaymentSetupView,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(payment_setup).await
}

async fn payment_setup(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    if request.method() == "PUT" {
        let account = request.json::<PutPaymentsIn>()?.account()?;
        let app = organiser.app(&state.store, request.parameter("appId")).await?;
        let changed = state.payment_accounts.configure(&app.app_id, &account).await?;
        state.tenant_auth.publish(&changed).await;
        return Reply::ok(view(&state, &request, &changed), "Payment provider set");
    }
    let NoParameters {} = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    Reply::ok(view(&state, &request, &app), "Payment provider")
}

fn view(state: &State, request: &Request, app: &App) -> PaymentSetupView {
    let provider = state.payment_accounts.provider_of(app);
    let name = match provider {
        Some(PaymentProvider::Stripe) => "stripe",
        Some(PaymentProvider::Razorpay) => "razorpay",
        Some(PaymentProvider::Simulated) | None => "",
    };
    let url = request.url_of(&format!("/payment-events/{name}/{}", app.app_id.as_str()));
    PaymentSetupView::new(app, provider, url)
}
