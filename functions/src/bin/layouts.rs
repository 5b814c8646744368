//! `/admin/apps/{appId}/layouts`: the seating plans of a tenant's venues.

use shared::{
    domain::{
        LayoutId,
        layout::{Layout, LayoutDocument, PretixPlan, Text, csv_layout, pretix_layout},
    },
    error::{Code, Error, Result},
    http::{self, IMPORT_BODY_LIMIT, LAYOUT_BODY_LIMIT, Reply, Request},
    inputs::{GetLayoutIn, ImportLayoutIn, ListLayoutsIn, PlanFormat},
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
    let id = request.parameter("layoutId");
    // The input is checked before the app is looked up.
    let input = Input::of(&request, id)?;
    let app = organiser.app(&state.store, request.parameter("appId")).await?.app_id.clone();
    let layouts = &state.store.layouts;
    match input {
        Input::List(ListLayoutsIn { limit, cursor }) => {
            let page = layouts.page(&app, cursor, limit.get()).await?;
            Reply::ok(LayoutPage::new(page), "Layouts")
        }
        Input::Get(input) => {
            let id = LayoutId::parse(id).map_err(|_| Code::LayoutNotFound)?;
            let version = input.version.map(|version| version.get());
            let stored = layouts.find(&app, &id, version).await?;
            let view = LayoutView::new(&stored.ok_or(Code::LayoutNotFound)?)?;
            Reply::ok(view, "Layout")?.gzipped_if(request.accepts_gzip())
        }
        Input::Put(id, layout) => stored(layouts.add(&app, &id, &layout).await?),
        Input::ImportCsv(id, layout) => stored(layouts.add_unnamed(&app, &id, *layout).await?),
    }
}

enum Input {
    List(ListLayoutsIn),
    Get(GetLayoutIn),
    Put(LayoutId, Box<Layout>),
    ImportCsv(LayoutId, Box<Layout>),
}

impl Input {
    fn of(request: &Request, id: &str) -> Result<Self> {
        let new_id = || LayoutId::parse(id).map_err(|reason| Error::field("layoutId", reason));
        Ok(match request.method() {
            "GET" if id.is_empty() => Self::List(request.query()?),
            "GET" => Self::Get(request.query()?),
            "PUT" => {
                let document: Box<LayoutDocument> = request.json_within(LAYOUT_BODY_LIMIT)?;
                Self::Put(new_id()?, Box::new(Layout::new(*document)?))
            }
            _ => match request.query()? {
                ImportLayoutIn { format: PlanFormat::Pretix } => {
                    let plan: Box<PretixPlan> = request.json_beside_query(IMPORT_BODY_LIMIT)?;
                    Self::Put(new_id()?, Box::new(pretix_layout(*plan)?))
                }
                ImportLayoutIn { format: PlanFormat::Csv } => {
                    let bytes = request.bytes("text/csv", IMPORT_BODY_LIMIT)?;
                    let id = new_id()?;
                    let name = Text::parse(id.as_str()).map_err(Error::internal)?;
                    Self::ImportCsv(id, Box::new(csv_layout(name, bytes)?))
                }
            },
        })
    }
}

fn stored(stored: StoredLayout) -> Result<Reply> {
    let is_first = stored.version == 1;
    let view = LayoutVersionView::from(stored);
    if is_first { Reply::created(view, "Layout stored") } else { Reply::ok(view, "Layout stored") }
}
