//! Queries of the layouts' routes. The body of a PUT is a
//! [`LayoutDocument`](crate::domain::layout::LayoutDocument).

use crate::{domain::PageSize, store::layouts::LayoutCursor};
use serde::{Deserialize, Deserializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// The query of `GET /admin/apps/{appId}/layouts/{layoutId}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GetLayoutIn {
    /// The version to read. Omit it for the newest.
    #[schema(inline)]
    pub version: Option<VersionNumber>,
}

/// A version as a query carries it.
#[derive(Clone, Copy, Debug)]
pub struct VersionNumber(i64);

impl VersionNumber {
    /// The number of the version, from 1.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for VersionNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        match raw.parse() {
            Ok(version) if version >= 1 && raw.bytes().all(|c| c.is_ascii_digit()) => {
                Ok(Self(version))
            }
            _ => Err(de::Error::custom("must be a whole number from 1")),
        }
    }
}

impl PartialSchema for VersionNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).into()
    }
}

impl ToSchema for VersionNumber {}

/// The query of `GET /admin/apps/{appId}/layouts`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListLayoutsIn {
    /// Number of layouts on a page, 1–100.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<100, 20>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<LayoutCursor>,
}

/// The query of `POST /admin/apps/{appId}/layouts/{layoutId}/import`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportLayoutIn {
    /// What the body is.
    pub format: PlanFormat,
}

/// A file with a seating plan: `pretix`, a seating plan of pretix as `application/json`; or `csv`,
/// a spreadsheet as `text/csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlanFormat {
    /// A seating plan of pretix.
    Pretix,
    /// A spreadsheet, saved as CSV.
    Csv,
}
