//! `POST /admin/login`: the platform's admin signs in.

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
    request.limit_admin_login().await?;
    let SignIn { email, password } = request.json()?;
    let check = state.admin_auth.login(&email, password);
    let token =
        state.sign_in_guard.run(RateLimit::AdminLogin, &email, request.network(), check).await?;
    Reply::ok(TokenView::admin(token), "Signed in")
}
