//! Pages of a collection, newest first.

use super::collect;
use crate::{
    domain::{Cursor, Timestamp},
    error::Error,
};
use mongodb::{
    Collection,
    bson::{Bson, Document, doc, oid::ObjectId, serialize_to_bson},
};
use serde::{Serialize, de::DeserializeOwned};

/// A page begins after this document: its time in milliseconds since 1970, and its id.
pub(super) type Position = Cursor<(i64, String)>;

/// Up to `limit` of the documents that match `filter`, newest first by the field `time`. Also where
/// the next page begins, if there is one.
pub(super) async fn newest_first<T: DeserializeOwned + Send + Sync>(
    documents: &Collection<T>,
    mut filter: Document,
    time: &str,
    after: Option<Position>,
    limit: i64,
    position: impl Fn(&T) -> (Timestamp, ObjectId),
) -> Result<(Vec<T>, Option<Position>), Error> {
    // MongoDB considers the index on times only if the query has a condition on the time.
    filter.entry(time.to_owned()).or_insert_with(|| doc! {"$gte": Timestamp::MIN}.into());
    if let Some(Cursor((ms, id))) = after {
        let at = Timestamp::from_millis(ms);
        let id = ObjectId::parse_str(id)
            .map_err(|_| Error::field("cursor", "must be the nextCursor of an earlier response"))?;
        // The condition on the time alone is the bound of the index scan. With only the `$or`,
        // MongoDB would scan the index from its beginning.
        let older = doc! {
            time: {"$lte": at}, "$or": [{time: {"$lt": at}}, {"_id": {"$lt": id}}],
        };
        filter = doc! {"$and": [filter, older]};
    }
    let find = documents.find(filter).sort(doc! {time: -1, "_id": -1}).limit(limit + 1);
    let mut page = collect(find).await?;
    let next = cut(&mut page, limit, |last| {
        let (at, id) = position(last);
        Cursor((at.as_millis(), id.to_hex()))
    });
    Ok((page, next))
}

/// Cuts a page that was read with one document more than `limit`. Returns where the next page
/// begins, if there is one.
pub(super) fn cut<T, C>(page: &mut Vec<T>, limit: i64, cursor: impl Fn(&T) -> C) -> Option<C> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = page.len() > limit;
    page.truncate(limit);
    page.last().filter(|_| has_more).map(cursor)
}

/// Adds conditions to a filter. `None` does not filter.
pub(super) fn narrow<const N: usize>(filter: &mut Document, conditions: [(&str, Option<Bson>); N]) {
    let wanted = conditions.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    filter.extend(wanted);
}

/// A status as it is stored.
pub(super) fn stored_name(status: &impl Serialize) -> Bson {
    serialize_to_bson(status).unwrap_or_default()
}
