//! `PATCH /admin/apps/{appId}`: renames a tenant, changes its origins, switches it off or on.

use shared::{
    domain::{AppId, OriginEntry},
    error::{Code, Error, Result},
    http::{self, Reply, Request},
    inputs::UpdateIn,
    state::State,
    store::apps::AppChange,
    views::AppView,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(update).await
}

async fn update(state: State, request: Request) -> Result<Reply> {
    request.admin().await?;
    let id = AppId::parse(request.parameter("appId")).map_err(|_| Code::AppNotFound)?;
    let input: UpdateIn = request.optional_json()?;
    let change = AppChange {
        name: input.name,
        allowed_domains: input
            .allowed_domains
            .as_deref()
            .map(OriginEntry::distinct)
            .transpose()
            .map_err(|reason| Error::field("allowedDomains", reason))?,
        allow_server_requests: input.allow_server_requests,
        is_active: input.is_active,
    };
    if change.is_empty() {
        let reason =
            "must have at least one of name, allowedDomains, allowServerRequests, isActive";
        return Err(Error::field("body", reason));
    }
    let app = state.store.apps.change(&id, change).await?.ok_or(Code::AppNotFound)?;
    state.tenant_auth.publish(&app).await;
    Reply::ok(AppView::from(app), "App changed")
}
