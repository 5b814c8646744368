//! `POST /auth/login`: a user signs in.

use shared::{
    config::Limit,
    error::{Code, Result},
    http::{self, Reply, Request},
    inputs::SignIn,
    state::State,
    views::TokenView,
};

#[tokio::main]
async fn main() -> http::Exit {
    http::serve(login).await
}

async fn login(state: State, request: Request) -> Result<Reply> {
    let app = request.app().await?;
    request.limit_by_address(Limit::Login).await?;
    let SignIn { email, password } = request.json()?;
    let user = state.store.users.find(&email).await?;
    // Without a user the same work is done, so that the time does not tell whether there is one.
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = state.passwords.verify(password.0, hash).await?;
    let user = user.filter(|_| right).ok_or(Code::InvalidCredentials)?;
    let token = state.settings.user_jwt.sign_user(user.id.into(), &app.app_id)?;
    Reply::ok(TokenView::user(token, &user), "Signed in")
}
