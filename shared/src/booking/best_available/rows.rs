//! The rows of a hall: by their places in a layout, or by the labels and numbers of the seats.

use super::{
    chains::{self, Chain},
    hall::HallSeat,
};
use crate::domain::natural_order;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How the distance of seats to where buyers want to be is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By their distance to the focal point.
    Placed,
    /// By the rank of their row, then by their distance to its middle.
    Ranked(u32),
}

/// Seats without a place come after all seats with one.
const UNPLACED: u64 = 1 << 49;
/// The distance between rows on the made-up plan of seats without a place. Seats are 2 apart.
const ROW_STEP: i64 = 4;
/// The distance between sections on that plan.
const SECTION_STEP: i64 = 2_000;

/// Seats of one row, each with its index in the hall.
type Members<'a> = Vec<(u32, HallSeat<'a>)>;

/// The seats of one row, from one end to the other.
pub(super) struct RowSeats<'a> {
    pub(super) seats: Members<'a>,
    pub(super) chain: Chain,
    pub(super) kind: Kind,
    /// The made-up `y` of a row without places.
    y: i64,
}

impl RowSeats<'_> {
    /// The place of the seat that is at this position in the row's order.
    pub(super) fn place(&self, at: usize) -> (i64, i64) {
        match (self.kind, self.seats[self.chain.order[at]].1.place) {
            (Kind::Placed, Some(place)) => (i64::from(place.x), i64::from(place.y)),
            // In half seats from the row's middle.
            _ => (2 * at as i64 - (self.seats.len() as i64 - 1), self.y),
        }
    }
}

/// The score of seats without a place.
pub(super) fn ranked_score(rank: u32, from_middle: u64) -> u64 {
    UNPLACED + (u64::from(rank) << 32) + from_middle
}

/// How far one seat with this score is, in sixteenths of a unit of the plan. The distances of the
/// seats of a choice can be added.
pub(super) fn distance(score: u64) -> u64 {
    /// More than the distance of any seat with a place.
    const UNPLACED_DISTANCE: u64 = 1 << 40;
    /// More than ten seats can be from the middle of their row together: a hall has at most 50,000
    /// seats, so an earlier row always comes first.
    const ROW: u64 = 1 << 20;
    match score.checked_sub(UNPLACED) {
        None => ((score as f64).sqrt() * 16.0) as u64,
        Some(ranked) => UNPLACED_DISTANCE + (ranked >> 32) * ROW + (ranked & u64::from(u32::MAX)),
    }
}

/// The rows of these seats. Places count only with a layout.
pub(super) fn arrange_rows<'a>(
    seats: impl IntoIterator<Item = HallSeat<'a>>,
    with_layout: bool,
) -> Vec<RowSeats<'a>> {
    let mut placed: BTreeMap<u32, Members<'a>> = BTreeMap::new();
    let mut ranked: BTreeMap<RowKey, Members<'a>> = BTreeMap::new();
    for (index, seat) in (0_u32..).zip(seats) {
        match seat.place.filter(|_| with_layout) {
            Some(place) => placed.entry(place.row_index).or_default().push((index, seat)),
            None => ranked.entry(row_key(&seat)).or_default().push((index, seat)),
        }
    }
    let mut rows = placed_rows(placed);
    rows.extend(ranked_rows(ranked));
    rows
}

fn plain<'a>(row: &Members<'a>) -> Vec<HallSeat<'a>> {
    row.iter().map(|(_, seat)| *seat).collect()
}

fn placed_rows<'a>(rows: BTreeMap<u32, Members<'a>>) -> Vec<RowSeats<'a>> {
    let mut by_section: HashMap<Option<&str>, Vec<Vec<HallSeat<'a>>>> = HashMap::new();
    for row in rows.values() {
        if row.iter().any(|(_, seat)| seat.place.is_some_and(|place| place.position.is_none())) {
            by_section.entry(row[0].1.section).or_default().push(plain(row));
        }
    }
    let pitch =
        |rows: &Vec<Vec<HallSeat<'a>>>| chains::section_pitch(rows.iter().map(Vec::as_slice));
    let pitches: HashMap<_, _> =
        by_section.iter().map(|(section, rows)| (*section, pitch(rows))).collect();
    let mut made = Vec::with_capacity(rows.len());
    for seats in rows.into_values() {
        let pitch = pitches.get(&seats[0].1.section).copied().unwrap_or(0.0);
        let chain = chains::placed_chain(&plain(&seats), pitch);
        made.push(RowSeats { seats, chain, kind: Kind::Placed, y: 0 });
    }
    made
}

/// The natural order of rows: by row, then by section.
type RowKey = (String, String);

fn row_key(seat: &HallSeat<'_>) -> RowKey {
    let row = seat.row.unwrap_or_else(|| chains::split_number(seat.number).0);
    (natural_order(row), natural_order(seat.section.unwrap_or_default()))
}

fn ranked_rows<'a>(rows: BTreeMap<RowKey, Members<'a>>) -> Vec<RowSeats<'a>> {
    let sections: BTreeSet<String> = rows.keys().map(|(_, section)| section.clone()).collect();
    let sections: HashMap<String, usize> = sections.into_iter().zip(0..).collect();
    let mut made = Vec::with_capacity(rows.len());
    let mut rows_of_section = vec![0_i64; sections.len()];
    for (rank, ((_, section), seats)) in (0_u32..).zip(rows) {
        let section = sections.get(&section).copied().unwrap_or_default();
        let y = section as i64 * SECTION_STEP + rows_of_section[section] * ROW_STEP;
        rows_of_section[section] += 1;
        let chain = chains::numbered_chain(&plain(&seats));
        made.push(RowSeats { seats, chain, kind: Kind::Ranked(rank), y });
    }
    made
}
