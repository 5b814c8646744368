//! `POST /admin/apps`: registers a tenant. Only this response shows its API key.

use shared::{
    auth::api_key::ApiKey,
    domain::{AppId, OriginEntry},
    error::{Code, Error, Result},
    http::{self, Reply, Request},
    inputs::RegisterIn,
    state::State,
    store::apps::App,
    views::AppView,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(register).await
}

async fn register(state: State, request: Request) -> Result<Reply> {
    let admin = request.admin().await?;
    let input: RegisterIn = request.json()?;
    let allowed_domains = OriginEntry::list(&input.allowed_domains, input.allow_server_requests)
        .map_err(|reason| Error::field("allowedDomains", reason))?;
    let key = ApiKey::generate();
    let app = App::new(
        input.app_id.unwrap_or_else(AppId::generate),
        input.name,
        input.domain,
        allowed_domains,
        input.allow_server_requests,
        state.passwords.hash_key(&key).await?,
        admin.email,
    );
    if !state.store.apps.insert(&app).await? {
        return Err(Code::AppAlreadyExists.into());
    }
    Reply::created(
        AppView::from(app).with_key(&key),
        "App registered: the API key is shown only once",
    )
}
