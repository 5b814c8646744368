//! `/admin/apps/{appId}/entities`: what a tenant sells, for the admin and the tenant's own server.
//!
//! Every handler reads its input first, then finds the app, then the entity. So a request with
//! several faults gets the error of the first of these steps.

mod actions;
mod settings;

use shared::{
    error::Result,
    http::{self, Reply, Request},
    state::State,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(entities).await
}

async fn entities(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    match request.method() {
        "PUT" => settings::put(&state, &request, &organiser).await,
        "PATCH" => settings::patch(&state, &request, &organiser).await,
        "DELETE" => settings::delete(&state, &request, &organiser).await,
        "POST" if request.path().ends_with("/cancel") => {
            actions::cancel(&state, &request, &organiser).await
        }
        "POST" => actions::rotate_feed_key(&state, &request, &organiser).await,
        _ if request.parameter("entityId").is_empty() => {
            settings::list(&state, &request, &organiser).await
        }
        _ => settings::get(&state, &request, &organiser).await,
    }
}
