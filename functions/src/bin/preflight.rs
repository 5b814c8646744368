//! `OPTIONS` on every path, and every request that matches no route.

use shared::{
    error::{Code, Error, Result},
    http::{self, Reply, Request, routes},
    state::State,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(preflight).await
}

async fn preflight(_state: State, request: Request) -> Result<Reply> {
    if request.method() == "OPTIONS" {
        return Ok(Reply::no_content());
    }
    match routes::methods(request.path()).as_slice() {
        [] => Err(Code::RouteNotFound.into()),
        // The gateway would have sent a route's own path to the route's function. So this path only
        // ends like a route.
        methods if methods.contains(&request.method()) => Err(Code::RouteNotFound.into()),
        methods => Err(Error::method_not_allowed(format!("{}, OPTIONS", methods.join(", ")))),
    }
}
