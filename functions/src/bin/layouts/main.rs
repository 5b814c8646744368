//! `/admin/apps/{appId}/layouts`: the seating plans of a tenant's venues.
//!
//! Every handler reads its input first, and then finds the app. So a request with several faults
//! gets the error of the first of these steps.

mod import;

use shared::{
    auth::organiser::Organiser,
    domain::{
        LayoutId,
        layout::{Layout, LayoutDocument},
    },
    error::{Code, Error, Result},
    http::{self, LAYOUT_BODY_LIMIT, Reply, Request},
    inputs::{GetLayoutIn, ListLayoutsIn},
    state::State,
    store::layouts::StoredLayout,
    views::{LayoutPage, LayoutVersionView, LayoutView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(layouts).await
}

async fn layouts(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    match request.method() {
        "GET" if request.parameter("layoutId").is_empty() => {
            list(&state, &request, &organiser).await
        }
        "GET" => get(&state, &request, &organiser).await,
        "PUT" => put(&state, &request, &organiser).await,
        _ => import::import(&state, &request, &organiser).await,
    }
}

async fn list(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let ListLayoutsIn { limit, cursor } = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let page = state.store.layouts.page(&app.app_id, cursor, limit.get()).await?;
    Reply::ok(LayoutPage::new(page), "Layouts")
}

async fn get(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let GetLayoutIn { version } = request.query()?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    let id = LayoutId::parse(request.parameter("layoutId")).map_err(|_| Code::LayoutNotFound)?;
    let version = version.map(|version| version.get());
    let stored = state.store.layouts.find(&app.app_id, &id, version).await?;
    let view = LayoutView::new(&stored.ok_or(Code::LayoutNotFound)?)?;
    Reply::ok(view, "Layout")?.gzipped_if(request.accepts_gzip())
}

async fn put(state: &State, request: &Request, organiser: &Organiser) -> Result<Reply> {
    let document: Box<LayoutDocument> = request.json_within(LAYOUT_BODY_LIMIT)?;
    let id = new_id(request)?;
    let layout = Layout::new(*document)?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?;
    layout_reply(state.store.layouts.add(&app.app_id, &id, &layout).await?)
}

/// The id in the path, for a layout that is to be stored.
fn new_id(request: &Request) -> Result<LayoutId> {
    let id = LayoutId::parse(request.parameter("layoutId"));
    id.map_err(|reason| Error::field("layoutId", reason))
}

fn layout_reply(stored: StoredLayout) -> Result<Reply> {
    let is_first = stored.version == 1;
    let view = LayoutVersionView::from(stored);
    if is_first { Reply::created(view, "Layout stored") } else { Reply::ok(view, "Layout stored") }
}
