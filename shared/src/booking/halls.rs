//! The halls that a process remembers: the arranged seats of entities. They change only when
//! an organiser changes seats.

use super::{
    BookingService,
    best_available::{Hall, HallSeat, SeatPlace, SeatSet},
};
use crate::{
    domain::{AppId, EntityId, SeatId, layout::Layout},
    error::{Code, Result},
    single_flight::SingleFlight,
    store::halls::{HallLayout, HallRow, HallVersion, TakenSeats},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

/// How many seats are remembered: some 20 MB.
const MAX_SEATS: usize = 150_000;

type Key = (AppId, EntityId);

/// The arranged seats of one entity.
#[derive(Debug)]
pub(super) struct ArrangedHall {
    version: HallVersion,
    pub(super) hall: Hall,
    ids: Vec<SeatId>,
    index_of: HashMap<SeatId, usize>,
    /// In natural order, as the seats are.
    orders: Vec<String>,
}

impl ArrangedHall {
    /// Arranges the seats of an entity. Seats of the layout get their places from it.
    fn new(version: HallVersion, rows: &[HallRow], layout: Option<&Layout>) -> Self {
        let places: HashMap<String, SeatPlace> = layout
            .into_iter()
            .flat_map(Layout::seats)
            .map(|seat| (seat.number.key(), SeatPlace::from(&seat)))
            .collect();
        let focal_point = layout.map(|layout| layout.document().focal_point);
        let focal_point = focal_point.map(|at| (at.x.get() as u32, at.y.get() as u32));
        let seats = rows.iter().map(|row| HallSeat {
            number: row.seat_number.as_str(),
            section: row.section.as_deref(),
            row: row.row.as_deref(),
            category: row.category.as_deref(),
            flags: row.flags,
            price: row.price,
            place: places.get(&row.seat_number.key()).copied(),
        });
        let hall = Hall::new(seats, focal_point);
        let ids: Vec<SeatId> = rows.iter().map(|row| row.id.into()).collect();
        let index_of = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        let orders = rows.iter().map(|row| row.seat_order.clone()).collect();
        Self { version, hall, ids, index_of, orders }
    }

    /// The seats that are neither taken nor `lost` to others by this call.
    pub(super) fn free(&self, taken: &TakenSeats, lost: &HashSet<SeatId>) -> SeatSet {
        let mut free = SeatSet::all(self.ids.len());
        let by_id = taken.by_id.iter().copied().map(SeatId::from).chain(lost.iter().copied());
        by_id.filter_map(|id| self.index_of.get(&id)).for_each(|index| free.remove(*index));
        // Both are in natural order.
        let mut index = 0;
        for order in &taken.by_order {
            let is_before = |known: &&String| *known < order;
            index += self.orders[index..].iter().take_while(is_before).count();
            if self.orders.get(index).is_some_and(|known| known == order) {
                free.remove(index);
            }
        }
        free
    }

    /// The id of a seat of the hall.
    pub(super) fn id(&self, index: usize) -> SeatId {
        self.ids[index]
    }
}

/// The halls of one process.
#[derive(Debug, Default)]
pub(super) struct Halls {
    halls: Mutex<HashMap<Key, Arc<ArrangedHall>>>,
    single_flight: SingleFlight<Key>,
}

impl Halls {
    fn get(&self, key: &Key, version: HallVersion) -> Option<Arc<ArrangedHall>> {
        let halls = self.halls.lock().unwrap_or_else(PoisonError::into_inner);
        halls.get(key).filter(|hall| hall.version == version).map(Arc::clone)
    }

    /// Lets the next call read the entity's seats again, unless another call has done so.
    pub(super) fn forget(&self, (app, entity): (&AppId, &EntityId), hall: &Arc<ArrangedHall>) {
        let mut halls = self.halls.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (app.clone(), entity.clone());
        if halls.get(&key).is_some_and(|known| Arc::ptr_eq(known, hall)) {
            halls.remove(&key);
        }
    }

    /// Drops all halls when the cache is full. That is rare, and costs one read for each entity in
    /// use.
    fn insert(&self, key: Key, hall: &Arc<ArrangedHall>) {
        let mut halls = self.halls.lock().unwrap_or_else(PoisonError::into_inner);
        halls.remove(&key);
        let seats: usize = halls.values().map(|hall| hall.ids.len()).sum();
        if seats + hall.ids.len() > MAX_SEATS {
            halls.clear();
        }
        halls.insert(key, Arc::clone(hall));
    }
}

impl BookingService {
    /// The entity's hall, and which of its seats are taken now.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`.
    pub(super) async fn hall_and_taken(
        &self,
        app: &AppId,
        entity: &EntityId,
    ) -> Result<(Arc<ArrangedHall>, TakenSeats)> {
        let taken = self.store.taken_seats(app, entity).await?.ok_or(Code::EntityNotFound)?;
        let key = (app.clone(), entity.clone());
        if let Some(hall) = self.halls.get(&key, taken.hall_version) {
            return Ok((hall, taken));
        }
        // Of several requests, one reads the seats.
        let _lock = self.halls.single_flight.lock(key.clone()).await?;
        if let Some(hall) = self.halls.get(&key, taken.hall_version) {
            return Ok((hall, taken));
        }
        let rows = self.store.hall_rows(app, entity).await?;
        let layout = match &taken.layout {
            HallLayout { layout_id: Some(id), layout_version: Some(version) } => {
                let stored = self.store.layouts.find(app, id, Some(*version)).await?;
                stored.map(|stored| stored.layout()).transpose()?
            }
            HallLayout { .. } => None,
        };
        let hall = Arc::new(ArrangedHall::new(taken.hall_version, &rows, layout.as_ref()));
        self.halls.insert(key, &hall);
        Ok((hall, taken))
    }
}
