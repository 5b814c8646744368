//! `POST /payment-events/{provider}/{appId}`: the webhook of a payment provider. The
//! signature is the credential.

use shared::{
    domain::{AppId, PaymentProvider},
    error::{Code, Result},
    http::{self, Reply, Request},
    state::State,
    views::EventHandled,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(payment_event).await
}

async fn payment_event(state: State, request: Request) -> Result<Reply> {
    let (headers, body) = request.signed()?;
    let provider: Result<PaymentProvider, ()> = request.parameter("provider").parse();
    // A sender who cannot sign must not learn which apps and providers exist.
    let provider = provider.map_err(|()| Code::InvalidSignature)?;
    let app = AppId::parse(request.parameter("appId")).map_err(|_| Code::InvalidSignature)?;
    let app = state.store.apps.find(&app).await?.ok_or(Code::InvalidSignature)?;
    state.bookings.payment_event(&app, provider, headers, body).await?;
    Reply::ok(EventHandled { handled: true }, "Event handled")
}
