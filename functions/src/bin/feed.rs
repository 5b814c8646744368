//! `GET /feed/{feedKey}` and `GET /feed/{feedKey}/seats`: the public seat feed. It needs no
//! credentials, and caches keep the responses.

use shared::{
    domain::FeedKey,
    error::{Code, Result},
    http::{self, Reply, Request},
    inputs::FeedSeatsIn,
    state::State,
    views::{FeedSeatsView, FeedView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(feed).await
}

async fn feed(state: State, request: Request) -> Result<Reply> {
    let key = FeedKey::parse(request.parameter("feedKey")).map_err(|_| Code::FeedNotFound)?;
    if request.path().ends_with("/seats") {
        seats(&state, &request, &key).await
    } else {
        states(&state, &request, &key).await
    }
}

async fn states(state: &State, request: &Request, key: &FeedKey) -> Result<Reply> {
    let feed = state.feed.states(key).await?;
    Ok(Reply::feed_states(feed.json(|feed| FeedView::from(feed))?, &feed.digest, request))
}

async fn seats(state: &State, request: &Request, key: &FeedKey) -> Result<Reply> {
    let FeedSeatsIn { v } = FeedSeatsIn::parse(&request.query_values("v"))?;
    let list = state.feed.seats(key, v).await?;
    Reply::feed_seats(&FeedSeatsView::new(&list)?, request)
}
