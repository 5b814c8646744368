//! The collection `layouts`: one document for each version of a seating plan. No document changes
//! after it was written.
//!
//! The plan is stored as JSON with gzip. 50,000 listed seats are several megabytes as text, and a
//! tenth of that with gzip: it is read fast, and stays far below the 16 MiB of a document.

use super::{StoreError, collect, paging::cut, within_deadline};
use crate::{
    clock::Backoff,
    domain::{
        AppId, Cursor, LayoutId, ObjectId, Timestamp,
        layout::{Layout, LayoutDocument, Text},
    },
    error::{Error, Result},
    gzip,
};
use futures_util::TryStreamExt as _;
use mongodb::{
    Collection, Database,
    bson::{Binary, Document, doc, spec::BinarySubtype},
    options::CollectionOptions,
};
use serde::Deserialize;

/// A page of layouts begins after the one with this id.
pub type LayoutCursor = Cursor<String>;

/// One version of a layout.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredLayout {
    pub layout_id: LayoutId,
    /// 1 for the first one.
    pub version: i64,
    pub name: Text<200>,
    pub counts: StoredCounts,
    pub created_at: Timestamp,
    /// The plan. Only [`Layouts::find`] reads it.
    document: Option<Binary>,
}

/// How much a layout has.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct StoredCounts {
    pub seats: i64,
    pub rows: i64,
    pub sections: i64,
    pub categories: i64,
}

impl StoredCounts {
    fn of(layout: &Layout) -> Self {
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let document = layout.document();
        Self {
            seats: count(layout.len()),
            rows: document.sections.iter().map(|section| count(section.rows.len())).sum(),
            sections: count(document.sections.len()),
            categories: count(document.categories.len()),
        }
    }
}

impl StoredLayout {
    /// The plan as JSON.
    ///
    /// # Errors
    /// The stored bytes are no text with gzip.
    pub fn json(&self) -> Result<String> {
        let bytes = self.document.as_ref().map_or(&[][..], |document| &document.bytes);
        gzip::unpack(bytes).map_err(Error::internal)
    }

    /// The plan with all its seats.
    ///
    /// # Errors
    /// The stored plan is not valid any more.
    pub fn layout(&self) -> Result<Layout> {
        let document: LayoutDocument =
            serde_json::from_str(&self.json()?).map_err(Error::internal)?;
        Layout::new(document).map_err(|faults| Error::internal(format!("{faults:?}")))
    }
}

/// Reads and writes the collection `layouts`.
#[derive(Debug)]
pub struct Layouts {
    documents: Collection<Document>,
    layouts: Collection<StoredLayout>,
}

impl Layouts {
    pub(super) fn new(database: &Database, majority: CollectionOptions) -> Self {
        Self {
            documents: database.collection("layouts"),
            layouts: database.collection_with_options("layouts", majority),
        }
    }

    /// The newest version, or the wanted one. A majority read.
    pub async fn find(
        &self,
        app: &AppId,
        id: &LayoutId,
        version: Option<i64>,
    ) -> Result<Option<StoredLayout>, StoreError> {
        let mut filter = own(app, id);
        filter.extend(version.map(|version| ("version".to_owned(), version.into())));
        let find = self.layouts.find_one(filter).sort(doc! {"version": -1});
        within_deadline(find).await
    }

    /// The newest version, without its plan. A majority read.
    pub async fn newest(
        &self,
        app: &AppId,
        id: &LayoutId,
    ) -> Result<Option<StoredLayout>, StoreError> {
        let find = self.layouts.find_one(own(app, id)).sort(doc! {"version": -1});
        within_deadline(find.projection(doc! {"_id": 0, "document": 0})).await
    }

    /// Stores a layout as the next version. Of two calls at once, each gets a version of its own.
    pub async fn add(&self, app: &AppId, id: &LayoutId, layout: &Layout) -> Result<StoredLayout> {
        let plan = Binary { subtype: BinarySubtype::Generic, bytes: packed(layout)? };
        let mut backoff = Backoff::default();
        loop {
            let newest = self.newest(app, id).await?;
            let version = newest.map_or(1, |newest| newest.version.saturating_add(1));
            let added = StoredLayout {
                layout_id: id.clone(),
                version,
                name: layout.document().name.clone(),
                counts: StoredCounts::of(layout),
                created_at: Timestamp::now(),
                document: None,
            };
            match self.insert(app, &added, &plan).await {
                Ok(()) => return Ok(added),
                Err(error) if error.duplicate().is_some() && backoff.pause().await => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Stores a layout from a file without a name. A layout that exists keeps its name.
    pub async fn add_unnamed(
        &self,
        app: &AppId,
        id: &LayoutId,
        layout: Layout,
    ) -> Result<StoredLayout> {
        let layout = match self.newest(app, id).await? {
            Some(before) => layout.named(before.name),
            None => layout,
        };
        self.add(app, id, &layout).await
    }

    async fn insert(
        &self,
        app: &AppId,
        added: &StoredLayout,
        plan: &Binary,
    ) -> Result<(), StoreError> {
        let StoredCounts { seats, rows, sections, categories } = added.counts;
        let document = doc! {
            "_id": ObjectId::new(), "appId": app.as_str(), "layoutId": added.layout_id.as_str(),
            "version": added.version, "name": added.name.as_str(),
            "counts": {
                "seats": seats, "rows": rows, "sections": sections, "categories": categories,
            },
            "document": plan.clone(), "createdAt": added.created_at,
            "updatedAt": added.created_at,
        };
        within_deadline(self.documents.insert_one(document)).await.map(|_| ())
    }

    /// Up to `limit` layouts in the order of their ids, each with its newest version.
    pub async fn page(
        &self,
        app: &AppId,
        after: Option<LayoutCursor>,
        limit: i64,
    ) -> Result<(Vec<StoredLayout>, Option<LayoutCursor>), StoreError> {
        #[derive(Deserialize)]
        struct Newest {
            #[serde(rename = "_id")]
            id: String,
            version: i64,
        }
        let mut wanted = doc! {"appId": app.as_str()};
        wanted.extend(after.map(|after| ("layoutId".to_owned(), doc! {"$gt": after.0}.into())));
        // By the index alone: the plans are not read.
        let newest = [
            doc! {"$match": wanted},
            doc! {"$sort": {"layoutId": 1, "version": -1}},
            doc! {"$group": {"_id": "$layoutId", "version": {"$first": "$version"}}},
            doc! {"$sort": {"_id": 1}},
            doc! {"$limit": limit + 1},
        ];
        let newest = self.layouts.aggregate(newest).with_type::<Newest>();
        let mut newest: Vec<Newest> =
            within_deadline(async { newest.await?.try_collect().await }).await?;
        let next = cut(&mut newest, limit, |last| Cursor(last.id.clone()));
        if newest.is_empty() {
            return Ok((Vec::new(), None));
        }
        let each = newest.iter().map(|row| {
            doc! {"appId": app.as_str(), "layoutId": &row.id, "version": row.version}
        });
        let find = self.layouts.find(doc! {"$or": each.collect::<Vec<_>>()});
        let find = find.projection(doc! {"_id": 0, "document": 0});
        let mut page = collect(find.batch_size(1_000)).await?;
        page.sort_by(|one, two| one.layout_id.as_str().cmp(two.layout_id.as_str()));
        Ok((page, next))
    }
}

fn own(app: &AppId, id: &LayoutId) -> Document {
    doc! {"appId": app.as_str(), "layoutId": id.as_str()}
}

/// The plan as it is stored.
fn packed(layout: &Layout) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(layout.document()).map_err(Error::internal)?;
    gzip::pack(&text).map_err(Error::internal)
}
