//! The fewest runs, nearest to each other, where no single run has enough seats.
//!
//! One of the runs is the centre. It has at least as many seats as the runs have on average. The
//! distance of the runs is the largest distance from the centre to another run. The centre with the
//! smallest such distance is chosen.

use super::{
    Hall, MAX_QUANTITY, Tier,
    bits::Bits,
    runs::{Run, Sizes, slots_of},
};
use std::{cmp::Reverse, collections::BinaryHeap};

/// In a large hall, only this many runs nearest to the focal point are tried as the centre. If none
/// of them leads to a choice, all runs are tried.
const MAX_CENTRES: usize = 32;

/// Which windows of a run may be taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Only those that leave no single free seat alone.
    Tidy,
    /// Also those that leave a single free seat alone.
    Any,
}

impl Rule {
    fn sizes(self, run: &Run) -> Sizes {
        match self {
            Self::Tidy => run.tidy,
            Self::Any => run.all,
        }
    }

    /// Sizes of windows with a needed seat.
    fn centre_sizes(self, run: &Run) -> Sizes {
        match self {
            Self::Tidy => run.tidy_needed,
            Self::Any => run.needed,
        }
    }
}

/// For each number of windows up to the one wanted, which sums of seats they can have.
type Sums = [Sizes; MAX_QUANTITY + 1];

/// The sums of up to `most` windows when one more run may give a window of one of `sizes`.
fn with_run(sums: &Sums, sizes: Sizes, most: usize) -> Sums {
    let mut more = *sums;
    for windows in 0..most {
        more[windows + 1] |= plus(sums[windows], sizes);
    }
    more
}

fn plus(sums: Sizes, mut sizes: Sizes) -> Sizes {
    const ALL: u32 = (1 << (MAX_QUANTITY + 1)) - 1;
    let mut all = 0;
    while sums != 0 && sizes != 0 {
        all |= ((u32::from(sums) << sizes.trailing_zeros()) & ALL) as Sizes;
        sizes &= sizes - 1;
    }
    all
}

const NO_WINDOWS: Sums = {
    let mut sums = [0; MAX_QUANTITY + 1];
    sums[0] = 1;
    sums
};

impl Hall {
    /// Slots of several windows that have `quantity` seats together.
    pub(super) fn split(&self, free: &Bits, tier: &Tier, quantity: usize) -> Option<Vec<usize>> {
        let needed = tier.needed.as_ref();
        let runs = self.eligible_runs(free, &tier.eligible, needed, quantity);
        let any = SizeCounts::new(&runs, Rule::Any);
        let windows = (1..=quantity).find(|windows| any.can_seat(quantity, *windows))?;
        let tidy = SizeCounts::new(&runs, Rule::Tidy).can_seat(quantity, windows);
        let rule = if tidy { Rule::Tidy } else { Rule::Any };
        let parts = nearest(&runs, quantity, windows, rule, needed.is_some())?;
        let centre = runs[parts[0].0].middle;
        let window = |(at, (run, size)): (usize, &(usize, usize))| {
            let needed = if at == 0 { needed } else { None };
            (self.best_start(free, &runs[*run], needed, *size, centre), *size)
        };
        Some(slots_of(&parts.iter().enumerate().map(window).collect::<Vec<_>>()))
    }
}

/// How many runs have the same pair of window sizes: those as the centre, and those as another run.
/// A hall has many runs but few such pairs.
struct SizeCounts(Vec<((Sizes, Sizes), usize)>);

impl SizeCounts {
    fn new(runs: &[Run], rule: Rule) -> Self {
        let sizes = runs.iter().map(|run| (rule.centre_sizes(run), rule.sizes(run)));
        let mut sizes: Vec<(Sizes, Sizes)> = sizes.collect();
        sizes.sort_unstable();
        let groups = sizes.chunk_by(|one, other| one == other);
        Self(groups.filter_map(|group| Some((*group.first()?, group.len()))).collect())
    }

    /// Whether a choice of this many `windows` can have `quantity` seats in total.
    fn can_seat(&self, quantity: usize, windows: usize) -> bool {
        self.0.iter().filter(|((centre, _), _)| *centre != 0).any(|(centre, _)| {
            let mut sums = NO_WINDOWS;
            for (sizes, count) in &self.0 {
                // More runs of the same sizes than there are windows change nothing.
                for _ in 0..(count - usize::from(sizes == centre)).min(windows - 1) {
                    sums = with_run(&sums, sizes.1, windows - 1);
                }
            }
            plus(sums[windows - 1], centre.0) >> quantity & 1 == 1
        })
    }
}

/// The windows as run and size, the centre first.
fn nearest(
    runs: &[Run],
    quantity: usize,
    windows: usize,
    rule: Rule,
    needed: bool,
) -> Option<Vec<(usize, usize)>> {
    let search = Search { runs, needed, quantity, windows, rule, grid: Grid::new(runs) };
    search.best_choice(MAX_CENTRES).or_else(|| search.best_choice(runs.len()))
}

struct Search<'a> {
    runs: &'a [Run],
    /// Whether the centre must have a needed seat.
    needed: bool,
    quantity: usize,
    windows: usize,
    rule: Rule,
    grid: Grid,
}

impl Search<'_> {
    /// The best choice with one of the `count` centres nearest to the focal point.
    fn best_choice(&self, count: usize) -> Option<Vec<(usize, usize)>> {
        let mut best: Option<(f64, Vec<(usize, usize)>)> = None;
        let average = self.quantity.div_ceil(self.windows);
        let can_be_centre = |centre: &usize| {
            let run = &self.runs[*centre];
            self.rule.centre_sizes(run) != 0 && (self.needed || run.length >= average)
        };
        for centre in (0..self.runs.len()).filter(can_be_centre).take(count) {
            let limit = best.as_ref().map_or(f64::INFINITY, |best| best.0);
            if let Some(found) = self.windows_around(centre, limit) {
                best = Some(found);
            }
        }
        best.map(|(_, parts)| parts)
    }

    /// The nearest windows around this centre, if they are nearer than `limit`.
    fn windows_around(&self, centre: usize, limit: f64) -> Option<(f64, Vec<(usize, usize)>)> {
        let own = self.rule.centre_sizes(&self.runs[centre]);
        let mut steps: Vec<(usize, Sums)> = Vec::new();
        // More runs of the same sizes than there are windows change nothing.
        let mut alike = [0_u8; 1 << (MAX_QUANTITY + 1)];
        let mut sums = NO_WINDOWS;
        let mut others = Nearest::new(&self.grid, self.runs, centre);
        while let Some((distance, run)) = others.next(limit) {
            let sizes = self.rule.sizes(&self.runs[run]);
            let seen = &mut alike[usize::from(sizes)];
            if sizes == 0 || usize::from(*seen) >= self.windows - 1 {
                continue;
            }
            *seen += 1;
            let before = sums;
            sums = with_run(&sums, sizes, self.windows - 1);
            steps.push((run, before));
            let sum = plus(sums[self.windows - 1], own);
            if sum >> self.quantity & 1 == 1 {
                return Some((distance, self.parts(centre, own, &steps, &sums)));
            }
        }
        None
    }

    /// How many seats each run of the choice gives.
    fn parts(
        &self,
        centre: usize,
        own: Sizes,
        steps: &[(usize, Sums)],
        sums: &Sums,
    ) -> Vec<(usize, usize)> {
        let has = |sums: Sizes, seats: usize| sums >> seats & 1 == 1;
        let sizes = |sizes: Sizes| (1..=MAX_QUANTITY).rev().filter(move |size| has(sizes, *size));
        let mut windows = self.windows - 1;
        let fits =
            |size: &usize| *size <= self.quantity && has(sums[windows], self.quantity - size);
        let Some(first) = sizes(own).find(fits) else { return Vec::new() };
        let mut parts = vec![(centre, first)];
        let mut left = self.quantity - first;
        for (run, before) in steps.iter().rev() {
            if windows == 0 || has(before[windows], left) {
                continue;
            }
            let all = self.rule.sizes(&self.runs[*run]);
            let fits = |size: &usize| *size <= left && has(before[windows - 1], left - size);
            if let Some(size) = sizes(all).find(fits) {
                parts.push((*run, size));
                (left, windows) = (left - size, windows - 1);
            }
        }
        parts
    }
}

/// Runs by their place, so that the runs near a place are found without a search through all runs.
struct Grid {
    origin: (f64, f64),
    cell: f64,
    columns: usize,
    rows: usize,
    cells: Vec<Vec<u32>>,
}

impl Grid {
    fn new(runs: &[Run]) -> Self {
        /// How many runs a cell has on average.
        const PER_CELL: f64 = 2.0;
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        let range = |axis: fn(&Run) -> f64| {
            runs.iter().map(axis).fold(start, |(min, max), at| (min.min(at), max.max(at)))
        };
        let (xs, ys) = (range(|run| run.middle.0), range(|run| run.middle.1));
        let (width, height) = ((xs.1 - xs.0).max(1.0), (ys.1 - ys.0).max(1.0));
        let wanted = (width * height * PER_CELL / runs.len() as f64).sqrt();
        // A long thin plan must not get more cells than runs.
        let cell = wanted.max(width.max(height) / runs.len() as f64).max(1e-3);
        let cells_on = |length: f64| (length / cell) as usize + 1;
        let (columns, rows) = (cells_on(width), cells_on(height));
        let cells = vec![Vec::new(); columns * rows];
        let mut grid = Self { origin: (xs.0, ys.0), cell, columns, rows, cells };
        for (index, run) in (0..).zip(runs) {
            let (column, row) = grid.cell_of(run.middle);
            grid.cells[row * columns + column].push(index);
        }
        grid
    }

    fn cell_of(&self, (x, y): (f64, f64)) -> (usize, usize) {
        let on = |at: f64, origin: f64, cells: usize| {
            (((at - origin) / self.cell) as usize).min(cells - 1)
        };
        (on(x, self.origin.0, self.columns), on(y, self.origin.1, self.rows))
    }

    /// Runs in the cells whose distance to the cell of `centre` is `ring`.
    fn ring(&self, centre: (f64, f64), ring: usize) -> impl Iterator<Item = usize> + '_ {
        let (column, row) = self.cell_of(centre);
        let rows = row.saturating_sub(ring)..=(row + ring).min(self.rows - 1);
        rows.flat_map(move |at| {
            let edge = at.abs_diff(row) == ring;
            let step = if edge || ring == 0 { 1 } else { 2 * ring };
            let columns = (0..=2 * ring).step_by(step);
            columns.filter_map(move |offset| {
                let column = (column + offset).checked_sub(ring)?;
                (column < self.columns).then_some(at * self.columns + column)
            })
        })
        .flat_map(|cell| self.cells[cell].iter().map(|run| *run as usize))
    }
}

/// Runs in the order of their distance to a centre.
struct Nearest<'a> {
    grid: &'a Grid,
    runs: &'a [Run],
    centre: usize,
    ring: usize,
    /// Found runs by the bits of their distance, which sort like the distances themselves. Of
    /// equally near runs, the one nearer to the focal point comes first.
    found: BinaryHeap<Reverse<(u64, usize)>>,
}

impl<'a> Nearest<'a> {
    fn new(grid: &'a Grid, runs: &'a [Run], centre: usize) -> Self {
        Self { grid, runs, centre, ring: 0, found: BinaryHeap::new() }
    }

    /// The next run, if it is nearer than `limit`.
    fn next(&mut self, limit: f64) -> Option<(f64, usize)> {
        let last_ring = self.grid.columns.max(self.grid.rows);
        loop {
            // Runs outside of the rings searched so far are at least this far away.
            let searched = self.ring.saturating_sub(1) as f64 * self.grid.cell;
            let all = self.ring > last_ring;
            let first = self.found.peek().map(|Reverse((bits, run))| (f64::from_bits(*bits), *run));
            match first {
                Some((distance, _)) if distance >= limit => return None,
                Some(first) if all || (self.ring > 0 && first.0 <= searched) => {
                    self.found.pop();
                    return Some(first);
                }
                None if all => return None,
                _ if self.ring > 0 && searched >= limit => return None,
                _ => self.search(),
            }
        }
    }

    fn search(&mut self) {
        let middle = self.runs[self.centre].middle;
        let distance = |run: usize| {
            let other = self.runs[run].middle;
            (other.0 - middle.0).hypot(other.1 - middle.1)
        };
        let ring = self.grid.ring(middle, self.ring).filter(|run| *run != self.centre);
        self.found.extend(ring.map(|run| Reverse((distance(run).to_bits(), run))));
        self.ring += 1;
    }
}
