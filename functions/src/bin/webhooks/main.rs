//! `/admin/apps/{appId}/webhooks`: the endpoints to which a tenant's events are sent, and what
//! was sent to them.
//!
//! Every handler reads its input first, then finds the app, then the endpoint. So a request with
//! several faults gets the error of the first of these steps.

mod deliveries;
mod endpoints;

use shared::{
    domain::WebhookId,
    error::{Code, Result},
    http::{self, Reply, Request},
    state::State,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(webhooks).await
}

async fn webhooks(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    let last = request.path().rsplit('/').next().unwrap_or_default();
    match (request.method(), last) {
        ("GET", "deliveries") => deliveries::list(&state, &request, &organiser).await,
        ("POST", "test") => deliveries::test(&state, &request, &organiser).await,
        ("POST", "retry") => deliveries::retry(&state, &request, &organiser).await,
        ("POST", "recover") => deliveries::recover(&state, &request, &organiser).await,
        ("POST", "rotate-secret") => endpoints::rotate_secret(&state, &request, &organiser).await,
        ("POST", _) => endpoints::create(&state, &request, &organiser).await,
        ("PATCH", _) => endpoints::patch(&state, &request, &organiser).await,
        ("DELETE", _) => endpoints::delete(&state, &request, &organiser).await,
        _ if request.parameter("webhookId").is_empty() => {
            endpoints::list(&state, &request, &organiser).await
        }
        _ => endpoints::get(&state, &request, &organiser).await,
    }
}

/// The id of the endpoint in the path. An id of another form names no endpoint.
fn known_id(request: &Request) -> Result<WebhookId, Code> {
    WebhookId::parse(request.parameter("webhookId")).map_err(|_| Code::WebhookNotFound)
}
