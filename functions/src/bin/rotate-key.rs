//! `POST /admin/apps/{appId}/rotate-key`: a new API key. The old one works for `overlapSeconds`
//! more. Without an overlap, every older key ends.

use shared::{
    auth::api_key::ApiKey,
    domain::AppId,
    error::{Code, Result},
    http::{self, Reply, Request},
    inputs::RotateIn,
    state::State,
    views::NewKey,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(rotate).await
}

async fn rotate(state: State, request: Request) -> Result<Reply> {
    request.admin().await?;
    let id = AppId::parse(request.parameter("appId")).map_err(|_| Code::AppNotFound)?;
    let RotateIn { overlap_seconds } = request.optional_json()?;
    // Checked before the hash, so that an unknown app costs no bcrypt.
    state.store.apps.find(&id).await?.ok_or(Code::AppNotFound)?;
    let key = ApiKey::generate();
    let stored = state.passwords.hash_key(&key).await?;
    let rotated = state.store.apps.rotate_key(&id, stored, overlap_seconds.seconds()).await?;
    let app = rotated.ok_or(Code::AppNotFound)?;
    state.tenant_auth.publish(&app).await;
    Reply::ok(NewKey { api_key: key.expose() }, "Key rotated: the new one is shown only once")
}
