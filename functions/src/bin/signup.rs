//! `POST /auth/signup`: creates a user and signs the user in.

use shared::{
    config::RateLimit,
    error::Result,
    http::{self, Reply, Request},
    inputs::SignupIn,
    state::State,
    views::TokenView,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(signup).await
}

async fn signup(state: State, request: Request) -> Result<Reply> {
    let app = request.app(Some(RateLimit::Signup)).await?;
    let SignupIn { email, password, name, phone } = request.json()?;
    let user = state.user_auth.sign_up(email, password, name, phone).await?;
    let token = state.credentials.sign_user(user.id.into(), &app.app_id).await?;
    Reply::created(TokenView::user(token, &user), "Signed up")
}
