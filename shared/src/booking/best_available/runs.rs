//! Runs of eligible seats, as parts of a choice that no single run can hold.

use super::{Hall, MAX_QUANTITY, bits::Bits};

/// A set of sizes: bit `n` stands for a window of `n` seats.
pub(super) type Sizes = u16;

/// Only this many starts of a window at each end of a run are tried.
const MAX_STARTS: usize = 12;

/// A run of eligible seats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) length: usize,
    /// The middle of the run on the plan.
    pub(super) middle: (f64, f64),
    /// How far the run is from the focal point.
    pub(super) score: u64,
    /// Sizes that can be taken.
    pub(super) all: Sizes,
    /// Sizes that can be taken without leaving a single free seat alone.
    pub(super) tidy: Sizes,
    /// Like `all`, with a needed seat in the window.
    pub(super) needed: Sizes,
    /// Like `tidy`, with a needed seat in the window.
    pub(super) tidy_needed: Sizes,
}

/// Starts of windows of `size` seats in a run.
fn starts(start: usize, length: usize, size: usize) -> impl Iterator<Item = usize> {
    let last = start + length - size;
    let near = start..=last.min(start + MAX_STARTS);
    let far = (start + MAX_STARTS + 1).max(last.saturating_sub(MAX_STARTS))..=last;
    near.chain(far)
}

fn window_lonely(free: &Bits, start: usize, size: usize) -> u32 {
    let before = free.get(start - 1) && !(start > 1 && free.get(start - 2));
    let after = free.get(start + size) && !free.get(start + size + 1);
    u32::from(before) + u32::from(after)
}

fn has_needed(needed: Option<&Bits>, start: usize, size: usize) -> bool {
    needed.is_none_or(|needed| (start..start + size).any(|slot| needed.get(slot)))
}

/// A shorter run cannot be one of the fewest windows that have `quantity` seats together.
fn shortest_of_use(runs: &[(usize, usize)], quantity: usize) -> usize {
    let mut of_length = [0_usize; MAX_QUANTITY + 1];
    runs.iter().for_each(|(_, length)| of_length[(*length).min(quantity)] += 1);
    let longest = (1..=quantity).rev().find(|length| of_length[*length] > 0).unwrap_or(0);
    let lengths = (1..=quantity).rev();
    let longest_first =
        lengths.flat_map(|length| std::iter::repeat_n(length, of_length[length].min(quantity)));
    let (mut windows, mut seats) = (0, 0);
    for length in longest_first {
        (windows, seats) = (windows + 1, seats + length);
        if seats >= quantity {
            return quantity.saturating_sub((windows - 1) * longest).max(1);
        }
    }
    1
}

impl Hall {
    /// The runs of eligible seats that can be part of the fewest windows of `quantity` seats, those
    /// nearest to the focal point first.
    pub(super) fn eligible_runs(
        &self,
        free: &Bits,
        eligible: &Bits,
        needed: Option<&Bits>,
        quantity: usize,
    ) -> Vec<Run> {
        let found = eligible.runs();
        // With a needed seat, a short run may be the only one that has it.
        let shortest = if needed.is_some() { 1 } else { shortest_of_use(&found, quantity) };
        let of_use = found.into_iter().filter(|(_, length)| *length >= shortest);
        let mut runs: Vec<Run> = of_use
            .map(|(start, length)| {
                let score = self.score_of(start + length / 2);
                let run = Run::new(start, length, self.middle(start, length), score);
                run.with_sizes(free, needed, quantity)
            })
            .collect();
        runs.sort_by_cached_key(|run| (run.score, self.seat_at(run.start)));
        runs
    }

    /// The best start of a window of `size` seats in a run: one that leaves the fewest seats alone,
    /// and of these the one nearest to the point `near`.
    pub(super) fn best_start(
        &self,
        free: &Bits,
        run: &Run,
        needed: Option<&Bits>,
        size: usize,
        near: (f64, f64),
    ) -> usize {
        let wanted = |start: &usize| has_needed(needed, *start, size);
        let rank = |start: usize| {
            let middle = self.middle(start, size);
            let distance = (middle.0 - near.0).hypot(middle.1 - near.1);
            (window_lonely(free, start, size), distance)
        };
        starts(run.start, run.length, size)
            .filter(wanted)
            .map(|start| (rank(start), start))
            .min_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
            .map_or(run.start, |(_, start)| start)
    }
}

impl Run {
    fn new(start: usize, length: usize, middle: (f64, f64), score: u64) -> Self {
        Self { start, length, middle, score, all: 0, tidy: 0, needed: 0, tidy_needed: 0 }
    }

    fn with_sizes(mut self, free: &Bits, needed: Option<&Bits>, quantity: usize) -> Self {
        for size in 1..=self.length.min(quantity - 1) {
            for start in starts(self.start, self.length, size) {
                let tidy = window_lonely(free, start, size) == 0;
                let needed = has_needed(needed, start, size);
                let bit = |yes: bool| if yes { 1 << size } else { 0 };
                self.all |= bit(true);
                self.tidy |= bit(tidy);
                self.needed |= bit(needed);
                self.tidy_needed |= bit(tidy && needed);
            }
        }
        self
    }
}

/// The slots of several windows.
pub(super) fn slots_of(windows: &[(usize, usize)]) -> Vec<usize> {
    windows.iter().flat_map(|(start, size)| *start..*start + *size).collect()
}
