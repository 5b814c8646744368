//! `POST /auth/login`: a user signs in.

use shared::{
    config::RateLimit,
    error::Result,
    http::{self, Reply, Request},
    inputs::SignIn,
    state::State,
    views::TokenView,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(login).await
}

async fn login(state: State, request: Request) -> Result<Reply> {
    let app = request.app(Some(RateLimit::Login)).await?;
    let SignIn { email, password } = request.json()?;
    let check = state.user_auth.sign_in(&email, password);
    let user = state.sign_in_guard.run(RateLimit::Login, &email, request.network(), check).await?;
    let token = state.credentials.sign_user(user.id.into(), &app.app_id).await?;
    Reply::ok(TokenView::user(token, &user), "Signed in")
}
