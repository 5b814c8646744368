//! Pages of listed seats, and how to prevent that a page comes from the cache.

use std::{sync::Arc, time::Duration};

use redis::Pipeline;
use shared::domain::{Cursor, SeatNumber};
use tokio::sync::mpsc;

use crate::world::{World, seat_number};

/// A page of an entity's seats.
#[derive(Debug)]
pub struct SeatPage {
    pub entity: String,
    /// The order key of the last seat before the page.
    pub after: Option<String>,
    pub limit: i64,
}

impl SeatPage {
    /// Every full page of these entities of `seats` seats: the first page of each, then the second.
    pub fn all(entities: &[String], seats: usize, limit: i64) -> Vec<Arc<Self>> {
        let length = usize::try_from(limit).unwrap_or(usize::MAX);
        let count = (seats / length).saturating_sub(1).max(1);
        let mut pages = Vec::with_capacity(count * entities.len());
        for number in 0..count {
            let last = (number * length).checked_sub(1);
            let last = last.and_then(|last| SeatNumber::parse(&seat_number(last)).ok());
            let after = last.map(|last| last.natural_order());
            let page =
                |entity: &String| Self { entity: entity.clone(), after: after.clone(), limit };
            pages.extend(entities.iter().map(page).map(Arc::new));
        }
        pages
    }

    /// The path and query of a request for it.
    pub fn target(&self) -> String {
        let cursor = |after: &String| format!("&cursor={}", Cursor(after.clone()).encode());
        let cursor = self.after.as_ref().map(cursor).unwrap_or_default();
        format!("/seats?entityId={}&limit={}{cursor}", self.entity, self.limit)
    }
}

/// Increments entities' versions, as every change of a seat does, so that no cached page is used
/// again. It does that beside the functions and beside the floor, so both bear its cost.
#[derive(Clone)]
pub struct VersionBumper(mpsc::UnboundedSender<String>);

impl VersionBumper {
    pub fn start(world: &World) -> Self {
        let (sender, mut changed) = mpsc::unbounded_channel();
        let mut redis = world.redis_client.clone();
        let app = world.tenant.app_id.as_str().to_owned();
        tokio::spawn(async move {
            let mut entities: Vec<String> = Vec::new();
            while changed.recv_many(&mut entities, 100).await > 0 {
                let mut pipe = Pipeline::new();
                for entity in entities.drain(..) {
                    let key = format!("seats:version:{{{app}}}:{entity}");
                    pipe.incr(&key, 1).ignore().pexpire(&key, VERSION_TTL_MS).ignore();
                }
                // If Redis is gone, the run fails elsewhere.
                let sent = pipe.query_async::<()>(&mut redis);
                let _ = tokio::time::timeout(REDIS_TIMEOUT, sent).await;
            }
        });
        Self(sender)
    }

    /// A seat of that page's entity has changed.
    pub fn bump(&self, page: &SeatPage) {
        let _ = self.0.send(page.entity.clone());
    }
}

const REDIS_TIMEOUT: Duration = Duration::from_secs(5);
/// How long Redis keeps an entity's version, as in `seats_changed.lua`.
const VERSION_TTL_MS: i64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_pages_are_listed() {
        let entities = ["a".to_owned(), "b".to_owned()];
        let count = |seats, limit| SeatPage::all(&entities, seats, limit).len();
        assert_eq!((count(500, 1_000), count(5_000, 1_000), count(50_000, 100)), (2, 8, 998));
        let pages = SeatPage::all(&entities, 5_000, 1_000);
        assert_eq!(pages[1].target(), "/seats?entityId=b&limit=1000");
        assert!(pages[2].target().starts_with("/seats?entityId=a&limit=1000&cursor="));
    }
}
