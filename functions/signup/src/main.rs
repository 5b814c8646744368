//! `POST /auth/signup`: a new user, signed in.

use serde::Deserialize;
use shared::{
    config::Limit,
    domain::{Email, Name, NewPassword, Phone, present},
    error::{Code, Result},
    http::{self, Reply, Request},
    state::State,
    store::users::User,
    views::TokenView,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignupIn {
    email: Email,
    password: NewPassword,
    name: Name,
    #[serde(default, deserialize_with = "present")]
    phone: Option<Phone>,
}

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(signup).await
}

async fn signup(state: State, request: Request) -> Result<Reply> {
    let app = request.app().await?;
    request.limit_by_address(Limit::Signup).await?;
    let SignupIn { email, password, name, phone } = request.json()?;
    let user = User::new(email, state.passwords.hash(password.0).await?, name, phone);
    if !state.store.users.insert(&user).await? {
        return Err(Code::EmailTaken.into());
    }
    let token = state.settings.user_jwt.sign_user(user.id.into(), &app.app_id)?;
    Reply::created(TokenView::user(token, &user), "Signed up")
}
