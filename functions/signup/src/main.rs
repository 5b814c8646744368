//! `POST /auth/signup`: a new user, signed in.

use shared::{
    config::Limit,
    error::{Code, Result},
    http::{self, Reply, Request},
    inputs::SignupIn,
    state::State,
    store::users::User,
    views::TokenView,
};

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
