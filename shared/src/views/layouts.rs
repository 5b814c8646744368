//! Seating plans in responses.

use super::TimestampView;
use crate::{
    domain::{
        LayoutId,
        layout::{LayoutDocument, Text},
    },
    error::{Error, Result},
    store::layouts::{LayoutCursor, StoredCounts, StoredLayout},
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One version of a layout, without the plan itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LayoutVersion)]
pub struct LayoutVersionView {
    /// Id of the layout.
    layout_id: LayoutId,
    /// 1 for the first version. Each PUT and each import makes the next one.
    version: i64,
    /// Name of the plan.
    #[schema(value_type = String)]
    name: Text<200>,
    /// How many seats, rows, sections and categories the plan has.
    counts: LayoutCountsView,
    /// When this version was stored.
    created_at: TimestampView,
}

/// How many seats, rows, sections and categories a plan has.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LayoutCounts)]
struct LayoutCountsView {
    /// Number of seats in all rows.
    seats: i64,
    /// Number of rows, counted in each section.
    rows: i64,
    /// Number of sections, with or without seats.
    sections: i64,
    /// Number of categories, used or not.
    categories: i64,
}

impl From<StoredCounts> for LayoutCountsView {
    fn from(counts: StoredCounts) -> Self {
        let StoredCounts { seats, rows, sections, categories } = counts;
        Self { seats, rows, sections, categories }
    }
}

impl From<StoredLayout> for LayoutVersionView {
    fn from(stored: StoredLayout) -> Self {
        Self {
            layout_id: stored.layout_id,
            version: stored.version,
            name: stored.name,
            counts: stored.counts.into(),
            created_at: stored.created_at.into(),
        }
    }
}

/// One version of a layout with its plan. It can be sent back with PUT.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Layout)]
pub struct LayoutView {
    /// Id of the layout.
    layout_id: LayoutId,
    /// 1 for the first version.
    version: i64,
    /// How many seats, rows, sections and categories the plan has.
    counts: LayoutCountsView,
    /// When this version was stored.
    created_at: TimestampView,
    /// The plan. Its parts are shown as they are stored.
    #[serde(flatten)]
    #[schema(value_type = LayoutDocument)]
    plan: BTreeMap<String, Box<RawValue>>,
}

impl LayoutView {
    /// The layout with its plan.
    ///
    /// # Errors
    /// The stored plan cannot be read.
    pub fn new(stored: &StoredLayout) -> Result<Self> {
        Ok(Self {
            layout_id: stored.layout_id.clone(),
            version: stored.version,
            counts: stored.counts.into(),
            created_at: stored.created_at.into(),
            plan: serde_json::from_str(&stored.json()?).map_err(Error::internal)?,
        })
    }
}

/// A page of an app's layouts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LayoutPage {
    /// The layouts in the order of their ids, each with its newest version.
    layouts: Vec<LayoutVersionView>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<LayoutCursor>)]
    next_cursor: Option<String>,
}

impl LayoutPage {
    /// A page of layouts and the cursor of the next one.
    pub fn new((layouts, next): (Vec<StoredLayout>, Option<LayoutCursor>)) -> Self {
        let layouts = layouts.into_iter().map(LayoutVersionView::from).collect();
        Self { layouts, next_cursor: next.map(|next| next.encode()) }
    }
}
