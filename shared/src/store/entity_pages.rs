//! Lists of entities with settings, page by page, by their start.

use super::{
    StoreError, collect,
    entities::{Entities, Entity, fields},
    paging::cut,
};
use crate::domain::{AppId, Cursor, EntityState, Timestamp};
use mongodb::bson::doc;

/// A page of entities begins after this one: its start in milliseconds since 1970, and its id.
pub type EntityCursor = Cursor<(i64, String)>;

/// Which entities a list has.
#[derive(Debug, Default)]
pub struct EntityFilter {
    pub state: Option<EntityState>,
    /// Only entities that start at or after this time.
    pub from: Option<Timestamp>,
    /// Only entities that start before this time.
    pub to: Option<Timestamp>,
    /// Only entities that end at or after this time. Without an end, the start counts.
    pub not_over_at: Option<NotOverAt>,
}

/// The time at which entities must not be over.
#[derive(Clone, Copy, Debug)]
pub enum NotOverAt {
    Time(Timestamp),
    /// Now, by the database's clock.
    Now,
}

impl Entities {
    /// Up to `limit` entities with settings, by start, those without a date last.
    pub(crate) async fn page(
        &self,
        app: &AppId,
        filter: EntityFilter,
        after: Option<EntityCursor>,
        limit: i64,
    ) -> Result<(Vec<Entity>, Option<EntityCursor>), StoreError> {
        let EntityFilter { state, from, to, not_over_at } = filter;
        let mut start = doc! {"$gte": from.unwrap_or(Timestamp::MIN)};
        start.extend(to.map(|to| ("$lt".to_owned(), to.into())));
        let mut wanted = doc! {"appId": app.as_str(), "startOrder": start};
        wanted.extend(state.map(|state| ("state".to_owned(), state.as_str().into())));
        match not_over_at {
            Some(NotOverAt::Time(time)) => wanted.insert("shownUntil", doc! {"$gte": time}),
            Some(NotOverAt::Now) => wanted.insert("$expr", doc! {"$gte": ["$shownUntil", "$$NOW"]}),
            None => None,
        };
        if let Some(Cursor((ms, id))) = after {
            let at = Timestamp::from_millis(ms);
            wanted.insert(
                "$or",
                vec![
                    doc! {"startOrder": {"$gt": at}},
                    doc! {"startOrder": at, "entityId": {"$gt": id}},
                ],
            );
        }
        let find = self.entities.find(wanted).projection(fields());
        let find = find.sort(doc! {"startOrder": 1, "entityId": 1}).limit(limit + 1);
        let mut page = collect(find).await?;
        let next = cut(&mut page, limit, |Entity { row, .. }| {
            Cursor((row.start_order.as_millis(), row.entity_id.as_str().to_owned()))
        });
        Ok((page, next))
    }
}
