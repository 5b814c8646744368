//! The seats of an entity, arranged so that choosing among them is fast.
//!
//! Each seat has a *slot*. Adjacent seats have consecutive slots, and an unused slot separates
//! seats that are not adjacent. So a run of adjacent free seats is a run of ones in a bit set.

use super::{
    SeatRequest,
    bits::Bits,
    rows::{self, Kind, RowSeats},
};
use crate::domain::layout::{Flag, Flags, PlacedSeat};
use std::{collections::HashMap, ops::Range};

/// One seat of an entity.
#[derive(Clone, Copy, Debug)]
pub struct HallSeat<'a> {
    /// The number, from which a seat without a row gets one.
    pub number: &'a str,
    /// The seat's section, for the filter.
    pub section: Option<&'a str>,
    /// The seat's row. Without it, a seat that has no place gets its row from its number.
    pub row: Option<&'a str>,
    /// The seat's category, for the filter.
    pub category: Option<&'a str>,
    /// Flags that say who may have the seat, and where an aisle is.
    pub flags: Flags,
    /// The seat's price in minor units.
    pub price: i64,
    /// Where the seat is in the layout.
    pub place: Option<SeatPlace>,
}

/// Where a seat is in a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatPlace {
    /// The row, counted over all sections.
    pub row_index: u32,
    /// The place on the plan.
    pub x: u32,
    /// The place on the plan.
    pub y: u32,
    /// The position in a run, gaps counted.
    pub position: Option<u32>,
}

impl From<&PlacedSeat<'_>> for SeatPlace {
    fn from(seat: &PlacedSeat<'_>) -> Self {
        let PlacedSeat { row_index, x, y, position, .. } = *seat;
        Self { row_index, x, y, position }
    }
}

/// The arranged seats of an entity. The arrangement does not depend on which seats are free. So it
/// can be kept until a seat is added, removed or changed.
#[derive(Debug)]
pub struct Hall {
    /// The seat of each slot; `None` separates seats that are not adjacent.
    seats: Vec<Option<u32>>,
    /// The slot of each seat.
    slots: Vec<usize>,
    /// Sums of the coordinates of all slots before each slot.
    sums: Vec<(i64, i64)>,
    /// Segments in the order of their bound.
    segments: Vec<Segment>,
    /// The segment of each slot.
    segment_of: Vec<u32>,
    focal_point: (i64, i64),
    prices: Vec<i64>,
    /// The slots of all seats.
    all: Bits,
    sections: HashMap<String, Bits>,
    categories: HashMap<String, Bits>,
    accessible: Bits,
    wheelchairs: Bits,
}

/// A sequence of adjacent seats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) start: usize,
    pub(super) end: usize,
    kind: Kind,
    /// A lower bound: no window of the segment has a score below `bound` times its size squared.
    bound: u64,
}

impl Hall {
    /// Arranges the seats of an entity. Without a focal point, the places of seats do not count.
    pub fn new<'a>(
        seats: impl IntoIterator<Item = HallSeat<'a>>,
        focal_point: Option<(u32, u32)>,
    ) -> Self {
        let rows = rows::arrange_rows(seats, focal_point.is_some());
        let focal_point = focal_point.unwrap_or_default();
        let mut hall = Self::empty((i64::from(focal_point.0), i64::from(focal_point.1)));
        hall.fill(&rows);
        hall
    }

    fn empty(focal_point: (i64, i64)) -> Self {
        Self {
            seats: Vec::new(),
            slots: Vec::new(),
            sums: vec![(0, 0)],
            segments: Vec::new(),
            segment_of: Vec::new(),
            focal_point,
            prices: Vec::new(),
            all: Bits::new(0),
            sections: HashMap::new(),
            categories: HashMap::new(),
            accessible: Bits::new(0),
            wheelchairs: Bits::new(0),
        }
    }

    fn fill(&mut self, rows: &[RowSeats<'_>]) {
        let mut pieces: Vec<(u64, usize, Range<usize>)> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let pieces_of_row = row.chain.pieces();
            pieces.extend(pieces_of_row.map(|piece| (self.bound(row, &piece), number, piece)));
        }
        pieces.sort_by_key(|piece| piece.0);
        let slots = pieces.iter().map(|(_, _, piece)| piece.len() + 1).sum::<usize>() + 2;
        let none = || Bits::new(slots);
        (self.all, self.accessible, self.wheelchairs) = (none(), none(), none());
        self.add_slot(None, (0, 0));
        for (bound, number, piece) in pieces {
            let (row, start) = (&rows[number], self.seats.len());
            for at in piece {
                let (index, seat) = row.seats[row.chain.order[at]];
                self.add_slot(Some((index, &seat)), row.place(at));
            }
            self.segments.push(Segment { start, end: self.seats.len(), kind: row.kind, bound });
            self.add_slot(None, (0, 0));
        }
        self.add_slot(None, (0, 0));
        let mut slots: Vec<(u32, usize)> =
            (0..).zip(&self.seats).filter_map(|(slot, seat)| Some(((*seat)?, slot))).collect();
        slots.sort_unstable();
        self.slots = slots.into_iter().map(|(_, slot)| slot).collect();
    }

    fn add_slot(&mut self, seat: Option<(u32, &HallSeat<'_>)>, (x, y): (i64, i64)) {
        let slot = self.seats.len();
        let (sum_x, sum_y) = self.sums[slot];
        self.sums.push((sum_x + x, sum_y + y));
        self.seats.push(seat.map(|(index, _)| index));
        self.segment_of.push(self.segments.len() as u32);
        self.prices.push(seat.map_or(0, |(_, seat)| seat.price));
        let Some((_, seat)) = seat else { return };
        self.all.set(slot);
        let named = [(&mut self.sections, seat.section), (&mut self.categories, seat.category)];
        for (slots, name) in named {
            if let Some(name) = name {
                let empty = || Bits::new(self.all.limit());
                slots.entry(name.to_owned()).or_insert_with(empty).set(slot);
            }
        }
        if seat.flags.is_accessible() {
            self.accessible.set(slot);
        }
        if seat.flags.contains(Flag::Wheelchair) {
            self.wheelchairs.set(slot);
        }
    }

    /// The squared distance of the focal point to the box around a piece of a row.
    fn bound(&self, row: &RowSeats<'_>, piece: &Range<usize>) -> u64 {
        if let Kind::Ranked(rank) = row.kind {
            return rows::ranked_score(rank, 0);
        }
        let outside = |value: i64, (min, max): (i64, i64)| (min - value).max(value - max).max(0);
        let none = (i64::MAX, i64::MIN);
        let (xs, ys) =
            piece.clone().map(|at| row.place(at)).fold((none, none), |(xs, ys), (x, y)| {
                ((xs.0.min(x), xs.1.max(x)), (ys.0.min(y), ys.1.max(y)))
            });
        let (x, y) = (outside(self.focal_point.0, xs), outside(self.focal_point.1, ys));
        (x * x + y * y).unsigned_abs()
    }

    /// The score of the window of `size` seats that begins at this slot. Windows nearer to where
    /// buyers want to be have lower scores. Compare only scores of windows of the same size.
    pub(super) fn score(&self, segment: &Segment, start: usize, size: usize) -> u64 {
        let ((x0, y0), (x1, y1)) = (self.sums[start], self.sums[start + size]);
        match segment.kind {
            Kind::Placed => {
                let x = x1 - x0 - size as i64 * self.focal_point.0;
                let y = y1 - y0 - size as i64 * self.focal_point.1;
                (x * x + y * y).unsigned_abs()
            }
            Kind::Ranked(rank) => rows::ranked_score(rank, (x1 - x0).unsigned_abs()),
        }
    }

    /// The score of one seat.
    pub(super) fn score_of(&self, slot: usize) -> u64 {
        let segment = self.segment_of[slot];
        self.score(&self.segments[segment as usize], slot, 1)
    }

    /// No window of `size` seats in the segment has a lower score.
    pub(super) fn lowest_score(&self, segment: &Segment, size: usize) -> u64 {
        match segment.kind {
            Kind::Placed => segment.bound * (size * size) as u64,
            Kind::Ranked(_) => segment.bound,
        }
    }

    /// The middle of a window.
    pub(super) fn middle(&self, start: usize, size: usize) -> (f64, f64) {
        let ((x0, y0), (x1, y1)) = (self.sums[start], self.sums[start + size]);
        ((x1 - x0) as f64 / size as f64, (y1 - y0) as f64 / size as f64)
    }

    /// Segments, those with the lowest bound first.
    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub(super) fn seat_at(&self, slot: usize) -> usize {
        self.seats[slot].map_or(usize::MAX, |seat| seat as usize)
    }

    pub(super) fn accessible(&self) -> &Bits {
        &self.accessible
    }

    pub(super) fn wheelchairs(&self) -> &Bits {
        &self.wheelchairs
    }

    /// The slots of a set of seats.
    pub(super) fn slots_of(&self, seats: &Bits) -> Bits {
        // Loop over the smaller part: the seats of the set, or those outside it.
        if seats.count() * 2 < self.slots.len() {
            let mut slots = Bits::new(self.seats.len());
            seats.iter().filter_map(|seat| self.slots.get(seat)).for_each(|slot| slots.set(*slot));
            return slots;
        }
        let mut slots = self.all.clone();
        let others = Bits::all(self.slots.len()).and_not(seats);
        others.iter().for_each(|seat| slots.clear(self.slots[seat]));
        slots
    }

    /// The slots that pass the filters of a request and that rule 1 allows it to use.
    pub(super) fn allowed(&self, request: &SeatRequest<'_>) -> Bits {
        let mut allowed = self.all.clone();
        let named = [(&self.sections, request.section), (&self.categories, request.category)];
        for (slots, name) in named {
            if let Some(name) = name {
                let none = || Bits::new(self.all.limit());
                allowed = allowed.and(&slots.get(name).cloned().unwrap_or_else(none));
            }
        }
        if let Some(max) = request.max_price {
            let is_above = |slot: &usize| self.prices[*slot] > max;
            let too_dear: Vec<usize> = allowed.iter().filter(is_above).collect();
            too_dear.into_iter().for_each(|slot| allowed.clear(slot));
        }
        if !(request.accessible || request.release_accessible) {
            allowed = allowed.and_not(&self.accessible);
        }
        allowed
    }
}
