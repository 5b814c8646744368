//! `POST /payments`: starts the payment of a hold, so that the buyer's browser can make it.

use shared::{
    config::RateLimit,
    error::Result,
    http::{self, Reply, Request},
    inputs::StartPaymentIn,
    state::State,
    views::PaymentView,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(start_payment).await
}

async fn start_payment(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(RateLimit::Payments).await?;
    http::idempotent(&state, &request, &caller.scope(), async {
        let StartPaymentIn { reservation_token } = request.json()?;
        let started = state.bookings.start_payment(&caller, reservation_token).await?;
        if started.is_new {
            Reply::created(PaymentView::from(started), "Payment started")
        } else {
            Reply::ok(PaymentView::from(started), "Payment started before")
        }
    })
    .await
}
