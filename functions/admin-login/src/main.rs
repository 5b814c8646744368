//! `POST /admin/login`: the platform's admin signs in.

use shared::{
    config::Limit,
    error::Result,
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
    request.limit_by_address(Limit::AdminLogin).await?;
    let SignIn { email, password } = request.json()?;
    let token = state.admins.login(&email, password).await?;
    Reply::ok(TokenView::admin(token), "Signed in")
}
