//! Which seats of a row are side by side.

use super::hall::HallSeat;
use crate::domain::{layout::Flag, natural_order};
use std::ops::Range;

/// Seats further apart than this many usual distances have a gap between them.
const GAP: f64 = 1.5;

/// A row in its physical order. `breaks[i]` says that a gap or an aisle follows seat `i`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) order: Vec<usize>,
    pub(super) breaks: Vec<bool>,
}

impl Chain {
    /// The pieces without a gap or an aisle, as ranges of `order`.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut start = 0;
        (1..=self.order.len()).filter_map(move |end| {
            let ends = self.breaks.get(end - 1).copied().unwrap_or(true);
            ends.then(|| std::mem::replace(&mut start, end)..end)
        })
    }
}

/// Puts the seats of one layout row into their physical order. `section_pitch` is the usual
/// distance in the section, for a row that is too short to show its own.
pub(super) fn placed_chain(row: &[HallSeat<'_>], section_pitch: f64) -> Chain {
    let positions: Option<Vec<u32>> =
        row.iter().map(|seat| seat.place.and_then(|place| place.position)).collect();
    let (order, gaps) = match positions {
        Some(positions) => {
            let mut order: Vec<usize> = (0..row.len()).collect();
            order.sort_by_key(|index| positions[*index]);
            let far = |pair: &[usize]| positions[pair[1]] > positions[pair[0]] + 1;
            let gaps: Vec<bool> = order.windows(2).map(far).collect();
            (order, gaps)
        }
        None => {
            let order = shortest_path(row);
            let distances = distances(row, &order);
            let pitch = pitch(&distances).unwrap_or(section_pitch);
            let far = |distance: &f64| pitch > 0.0 && *distance > GAP * pitch;
            (order, distances.iter().map(far).collect())
        }
    };
    let breaks = with_aisles(row, &order, &gaps);
    Chain { order, breaks }
}

/// The usual distance of neighbours, if the row is long enough to tell it from an aisle.
fn pitch(distances: &[f64]) -> Option<f64> {
    (distances.len() >= 3).then(|| lower_median(distances.to_vec()))
}

/// The usual distance of neighbours in several rows.
pub(super) fn section_pitch<'a>(rows: impl Iterator<Item = &'a [HallSeat<'a>]>) -> f64 {
    lower_median(rows.flat_map(|row| distances(row, &shortest_path(row))).collect())
}

fn lower_median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

fn at(seat: &HallSeat<'_>) -> (f64, f64) {
    seat.place.map_or((0.0, 0.0), |place| (f64::from(place.x), f64::from(place.y)))
}

fn distances(row: &[HallSeat<'_>], order: &[usize]) -> Vec<f64> {
    let distance = |pair: &[usize]| {
        let ((x, y), (next_x, next_y)) = (at(&row[pair[0]]), at(&row[pair[1]]));
        (next_x - x).hypot(next_y - y)
    };
    order.windows(2).map(distance).collect()
}

/// A file may list the seats of a row in any order (1, 10, 11, 2). The physical order is the one
/// with the shortest way from seat to seat: as listed, along the row's direction, or by number.
fn shortest_path(row: &[HallSeat<'_>]) -> Vec<usize> {
    let listed: Vec<usize> = (0..row.len()).collect();
    let mut along = listed.clone();
    let axis = axis(row);
    along.sort_by(|a, b| {
        let way = |index: usize| at(&row[index]).0 * axis.0 + at(&row[index]).1 * axis.1;
        way(*a).total_cmp(&way(*b))
    });
    let mut numbered = listed.clone();
    numbered.sort_by_cached_key(|index| natural_order(row[*index].number));
    let length = |order: &Vec<usize>| distances(row, order).iter().sum::<f64>();
    let mut best = (length(&listed), listed);
    for order in [along, numbered] {
        let length = length(&order);
        if length < best.0 - 1e-6 {
            best = (length, order);
        }
    }
    best.1
}

/// The direction in which the seats spread most.
fn axis(row: &[HallSeat<'_>]) -> (f64, f64) {
    let n = row.len().max(1) as f64;
    let (x, y) = row.iter().map(at).fold((0.0, 0.0), |sum, at| (sum.0 + at.0, sum.1 + at.1));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for seat in row {
        let (dx, dy) = (at(seat).0 - x / n, at(seat).1 - y / n);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    (angle.cos(), angle.sin())
}

/// Adds the aisles to the gaps. Two neighbours with the flag `aisle` have an aisle between them,
/// unless each has a gap on its other side, which explains its flag.
fn with_aisles(row: &[HallSeat<'_>], order: &[usize], gaps: &[bool]) -> Vec<bool> {
    let aisle = |index: usize| row[order[index]].flags.contains(Flag::Aisle);
    let before = |index: usize| index > 0 && gaps[index - 1];
    let after = |index: usize| gaps.get(index).copied().unwrap_or(false);
    (0..gaps.len())
        .map(|index| {
            let both = aisle(index) && aisle(index + 1);
            gaps[index] || both && !(before(index) && after(index + 1))
        })
        .collect()
}

/// Puts the seats of a row without a layout into the order of their numbers. Where most numbers
/// follow each other, a number left out is a gap.
pub(super) fn numbered_chain(row: &[HallSeat<'_>]) -> Chain {
    let mut order: Vec<usize> = (0..row.len()).collect();
    order.sort_by_cached_key(|index| natural_order(row[*index].number));
    let ordinal = |index: &usize| split_number(row[*index].number).1;
    let ordinals: Option<Vec<u64>> = order.iter().map(ordinal).collect();
    let gaps = match ordinals {
        Some(ordinals) => {
            let steps = ordinals.windows(2).map(|pair| pair[1].abs_diff(pair[0]));
            let steps: Vec<f64> = steps.map(|step| step as f64).collect();
            let usual = lower_median(steps.clone()).max(1.0);
            steps.into_iter().map(|step| step > usual).collect()
        }
        None => vec![false; row.len().saturating_sub(1)],
    };
    let breaks = with_aisles(row, &order, &gaps);
    Chain { order, breaks }
}

/// Splits a seat number into its row and its place in it: `A12` is 12 in `A`, `7C` is 3 in `7`.
pub(super) fn split_number(number: &str) -> (&str, Option<u64>) {
    let row = number.trim_end_matches(|c: char| c.is_ascii_digit());
    if row.len() < number.len() {
        return (row, number[row.len()..].parse().ok());
    }
    match number.char_indices().next_back() {
        Some((at, letter)) if letter.is_ascii_alphabetic() => {
            let row = &number[..at];
            match row.ends_with(|c: char| c.is_ascii_digit()) {
                true => (row, Some(u64::from(letter.to_ascii_uppercase() as u8 - b'A') + 1)),
                false => ("", None),
            }
        }
        _ => ("", None),
    }
}
