//! `/admin/apps/{appId}/secret-keys`: the keys of a tenant's own servers. Only the admin creates,
//! lists and deletes them.

use shared::{
    auth::api_key::SecretKey,
    domain::{AppId, SecretKeyId},
    error::{Code, Error, Result},
    http::{self, Reply, Request},
    inputs::{CreateSecretKeyIn, NoParameters},
    state::State,
    store::secret_keys::{Added, MAX_SECRET_KEYS, StoredSecretKey},
    views::{DeletedSecretKey, NewSecretKey, SecretKeyList, SecretKeyView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(secret_keys).await
}

async fn secret_keys(state: State, request: Request) -> Result<Reply> {
    request.admin().await?;
    let app = AppId::parse(request.parameter("appId")).map_err(|_| Code::AppNotFound);
    match request.method() {
        "POST" => create(&state, request.json()?, app?).await,
        "DELETE" => {
            let NoParameters {} = request.query()?;
            let key = SecretKeyId::parse(request.parameter("keyId"));
            delete(&state, app?, key.map_err(|_| Code::SecretKeyNotFound)).await
        }
        _ => {
            let NoParameters {} = request.query()?;
            list(&state, app?).await
        }
    }
}

async fn create(state: &State, input: CreateSecretKeyIn, app: AppId) -> Result<Reply> {
    let key = SecretKey::generate();
    let stored = StoredSecretKey::new(input.name, key.hash());
    match state.store.apps.add_secret_key(&app, &stored).await? {
        Added::Done(app) => {
            state.tenant_auth.publish(&app).await;
            let (key_id, name) = (stored.id.into(), &stored.name);
            let data = NewSecretKey { key_id, name, secret_key: key.expose() };
            Reply::created(data, "Secret key created: it is shown only once")
        }
        Added::UnknownApp => Err(Code::AppNotFound.into()),
        Added::LimitReached => {
            let message = format!("An app can have at most {MAX_SECRET_KEYS} secret keys");
            Err(Error::limit_reached(message, MAX_SECRET_KEYS))
        }
    }
}

async fn list(state: &State, app: AppId) -> Result<Reply> {
    let app = state.store.apps.find(&app).await?.ok_or(Code::AppNotFound)?;
    let secret_keys = app.secret_keys.into_iter().map(SecretKeyView::from).collect();
    Reply::ok(SecretKeyList { secret_keys }, "Secret keys")
}

async fn delete(state: &State, app: AppId, key: Result<SecretKeyId, Code>) -> Result<Reply> {
    let known = state.store.apps.find(&app).await?.ok_or(Code::AppNotFound)?;
    let key_id = key?;
    let deleted = state.store.apps.delete_secret_key(&known.app_id, key_id).await?;
    state.tenant_auth.publish(&deleted.ok_or(Code::SecretKeyNotFound)?).await;
    Reply::ok(DeletedSecretKey { key_id, deleted: true }, "Secret key deleted")
}
