//! The counts of an entity's seats. The API lets them be 2 s old, so a process remembers them for
//! less.

use super::BookingService;
use crate::{
    bounded_map::BoundedMap,
    clock,
    domain::{AppId, EntityId},
    error::Result,
    store::{entities::Entity, seat_counts::EntityCounts},
};
use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

const COUNTS_TTL: Duration = Duration::from_millis(1_500);
const MAX_ENTITIES: usize = 10_000;

/// The counts that a process remembers, each with the time at which it was read.
#[derive(Debug)]
pub(super) struct CountsCache(BoundedMap<(AppId, EntityId), (EntityCounts, SystemTime)>);

impl Default for CountsCache {
    fn default() -> Self {
        Self(BoundedMap::new(MAX_ENTITIES))
    }
}

impl CountsCache {
    fn get(&self, app: &AppId, entity: &EntityId) -> Option<EntityCounts> {
        let found = self.0.get(&(app.clone(), entity.clone()));
        found.filter(|(_, at)| clock::is_within(*at, COUNTS_TTL)).map(|(counts, _)| counts)
    }
}

impl BookingService {
    /// The counts of these entities' seats, in their order.
    pub(crate) async fn seat_counts(
        &self,
        app: &AppId,
        entities: &[Entity],
    ) -> Result<Vec<EntityCounts>> {
        let ids = || entities.iter().map(|entity| &entity.row.entity_id);
        let known: Vec<_> = ids().map(|id| self.counts.get(app, id)).collect();
        let pairs = ids().zip(&known);
        let missing: Vec<&EntityId> =
            pairs.filter(|(_, known)| known.is_none()).map(|(id, _)| id).collect();
        let mut read = HashMap::new();
        if !missing.is_empty() {
            let read_at = SystemTime::now();
            read = self.store.seat_counts(app, &missing).await?;
            for id in missing {
                // An entity without seats is not remembered. Its organiser may be creating them
                // right now, and would read that there are none.
                if let Some(counts) = read.get(id.as_str()) {
                    self.counts.0.insert((app.clone(), id.clone()), (counts.clone(), read_at));
                }
            }
        }
        let counts = entities.iter().zip(known).map(|(entity, known)| {
            let id = entity.row.entity_id.as_str();
            let counts = known.or_else(|| read.remove(id)).unwrap_or_default();
            if entity.row.seats_incomplete { counts.off_sale() } else { counts }
        });
        Ok(counts.collect())
    }
}
