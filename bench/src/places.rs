//! Pages of entities that are asked for, and how a page is kept from being answered from memory.

use std::{sync::Arc, time::Duration};

use redis::Pipeline;
use shared::domain::{Cursor, SeatNumber};
use tokio::sync::mpsc;

use crate::world::{World, seat_number};

/// A page of an entity.
#[derive(Debug)]
pub struct Place {
    /// Of which.
    pub entity: String,
    /// After the seat with that order key.
    pub after: Option<String>,
}

impl Place {
    /// Every full page of these entities of so many seats: the same page of each, then the next.
    #[must_use]
    pub fn all(entities: &[String], seats: usize, limit: i64) -> Vec<Arc<Self>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let pages = (seats / limit).saturating_sub(1).max(1);
        let mut places = Vec::with_capacity(pages * entities.len());
        for page in 0..pages {
            // The order key of the seat before it.
            let after = (page * limit)
                .checked_sub(1)
                .and_then(|last| SeatNumber::parse(&seat_number(last)).ok());
            let after = after.map(|number| number.natural_order());
            places.extend(
                entities
                    .iter()
                    .map(|entity| Arc::new(Self { entity: entity.clone(), after: after.clone() })),
            );
        }
        places
    }

    /// What is asked for it.
    #[must_use]
    pub fn target(&self, limit: i64) -> String {
        let cursor =
            self.after.as_ref().map(|after| format!("&cursor={}", Cursor(after.clone()).encode()));
        format!("/seats?entityId={}&limit={limit}{}", self.entity, cursor.unwrap_or_default())
    }
}

/// Counts entities' versions up, as whatever changes a seat does: a page that was read before is
/// not used again. It happens beside what is measured, and beside the floor too.
#[derive(Clone)]
pub struct Outdater(mpsc::UnboundedSender<String>);

impl Outdater {
    /// Starts it.
    #[must_use]
    pub fn start(world: &World) -> Self {
        let (sender, mut changed) = mpsc::unbounded_channel();
        let mut locks = world.locks.clone();
        let app = world.tenant.app_id.as_str().to_owned();
        tokio::spawn(async move {
            let mut entities: Vec<String> = Vec::new();
            while changed.recv_many(&mut entities, 100).await > 0 {
                let mut pipe = Pipeline::new();
                for entity in entities.drain(..) {
                    let key = format!("seats:version:{{{app}}}:{entity}");
                    pipe.incr(&key, 1).ignore().pexpire(&key, FORGOTTEN_MS).ignore();
                }
                // Redis that is gone ends the run elsewhere.
                let _ = tokio::time::timeout(PATIENCE, pipe.query_async::<()>(&mut locks)).await;
            }
        });
        Self(sender)
    }

    /// A seat of that page's entity has changed.
    pub fn tell(&self, place: &Place) {
        let _ = self.0.send(place.entity.clone());
    }
}

const PATIENCE: Duration = Duration::from_secs(5);
/// When a version is forgotten, as in `seat_changes.lua`.
const FORGOTTEN_MS: i64 = 10_000;

/// What each event of a window's lanes lists, and who is told when it is answered.
pub struct Outdate {
    outdater: Outdater,
    listed: Arc<Vec<Vec<Arc<Place>>>>,
}

impl Outdate {
    /// Of a window.
    #[must_use]
    pub fn new(outdater: Outdater, listed: Arc<Vec<Vec<Arc<Place>>>>) -> Self {
        Self { outdater, listed }
    }

    /// That event of the lane was answered.
    pub fn listed(&self, lane: usize, job: usize) {
        if let Some(place) = self.listed.get(lane).and_then(|places| places.get(job)) {
            self.outdater.tell(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_pages_are_asked_for() {
        let entities = ["a".to_owned(), "b".to_owned()];
        let starts = |seats, limit| Place::all(&entities, seats, limit).len();
        assert_eq!((starts(500, 1_000), starts(5_000, 1_000), starts(50_000, 100)), (2, 8, 998));
        let places = Place::all(&entities, 5_000, 1_000);
        assert_eq!(
            (places[0].target(1_000).as_str(), places[1].entity.as_str()),
            ("/seats?entityId=a&limit=1000", "b")
        );
        assert!(places[2].target(1_000).starts_with("/seats?entityId=a&limit=1000&cursor="));
    }
}
