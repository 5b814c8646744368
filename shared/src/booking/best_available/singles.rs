//! Seats that need not be adjacent: those that leave the fewest single free seats alone, and of
//! these the ones nearest to where buyers want to be.

use super::{Hall, MAX_QUANTITY, Tier, bits::Bits, hall::Segment, rows::distance};

/// The upper bits count the seats left alone. The lower bits are the sum of the distances.
type Cost = u64;
const LONE_SEAT_COST: Cost = 1 << 56;
const NEVER: Cost = Cost::MAX / 4;

/// The cost of taking 0, 1, 2, … seats.
type Costs = [Cost; MAX_QUANTITY + 1];

/// A state of the walk through a run: the last seat was taken.
const TAKEN: usize = 0;
/// The last seat is free, and the one before it is taken or not free.
const ALONE: usize = 1;
/// The last seat and the one before it are free.
const FREE: usize = 2;
const STATES: usize = 3;

/// The lowest cost by number of seats taken and state.
type Table = [[Cost; STATES]; MAX_QUANTITY + 1];
/// By number of seats taken and state: whether the seat was taken, and the state before it.
type Steps = [[(bool, u8); STATES]; MAX_QUANTITY + 1];

/// One maximal run of free seats.
struct FreeRun {
    start: usize,
    costs: Costs,
    steps: Vec<Steps>,
    last: [u8; MAX_QUANTITY + 1],
}

impl Hall {
    /// Slots of the best seats, adjacent or not.
    pub(super) fn choose_singles(
        &self,
        free: &Bits,
        tier: &Tier,
        quantity: usize,
    ) -> Option<Vec<usize>> {
        let mut total = [NEVER; MAX_QUANTITY + 1];
        total[0] = 0;
        let mut runs: Vec<(FreeRun, [u8; MAX_QUANTITY + 1])> = Vec::new();
        let mut nearest: Vec<Cost> = Vec::new();
        for segment in self.segments() {
            let bound = distance(self.lowest_score(segment, 1));
            // A choice with a seat of this segment or a later one costs at least this much.
            let others = nearest.iter().take(quantity - 1).map(|near| (*near).min(bound));
            if nearest.len() >= quantity && total[quantity] < bound + others.sum::<Cost>() {
                break;
            }
            for (start, length) in runs_within(free, segment) {
                let seats = start..start + length;
                let eligible = seats.filter(|slot| tier.eligible.get(*slot));
                let near: Vec<_> =
                    eligible.map(|slot| distance(self.score(segment, slot, 1))).collect();
                if near.is_empty() {
                    continue;
                }
                nearest.extend(near);
                let run = self.free_run(segment, tier, start, length, quantity);
                let taken = combine(&mut total, &run.costs, quantity);
                runs.push((run, taken));
            }
            nearest.sort_unstable();
            nearest.truncate(quantity);
        }
        (total[quantity] < NEVER).then(|| collect(&runs, quantity))
    }

    /// The cheapest way to take each number of seats from a run.
    fn free_run(
        &self,
        segment: &Segment,
        tier: &Tier,
        start: usize,
        length: usize,
        quantity: usize,
    ) -> FreeRun {
        let mut now: Table = [[NEVER; STATES]; MAX_QUANTITY + 1];
        now[0][TAKEN] = 0;
        let mut steps = Vec::with_capacity(length);
        for slot in start..start + length {
            let cost = distance(self.score(segment, slot, 1));
            let cost = tier.eligible.get(slot).then_some(cost);
            let (next, step) = with_seat(&now, cost, quantity);
            steps.push(step);
            now = next;
        }
        let mut run =
            FreeRun { start, costs: [NEVER; MAX_QUANTITY + 1], steps, last: [0; MAX_QUANTITY + 1] };
        for (taken, states) in now.iter().enumerate() {
            for (state, so_far) in states.iter().enumerate() {
                // The last seat of the run may be left alone, unless nothing was taken.
                let lonely = if state == ALONE && taken > 0 { LONE_SEAT_COST } else { 0 };
                if so_far + lonely < run.costs[taken] {
                    (run.costs[taken], run.last[taken]) = (so_far + lonely, state as u8);
                }
            }
        }
        run
    }
}

/// The table after one more free seat. `cost` is the cost of taking the seat; `None` if it must not
/// be taken.
fn with_seat(now: &Table, cost: Option<Cost>, quantity: usize) -> (Table, Steps) {
    let mut next: Table = [[NEVER; STATES]; MAX_QUANTITY + 1];
    let mut steps: Steps = [[(false, 0); STATES]; MAX_QUANTITY + 1];
    for (taken, states) in now.iter().enumerate().take(quantity + 1) {
        for (state, so_far) in states.iter().enumerate().filter(|(_, cost)| **cost < NEVER) {
            let mut improve = |taken: usize, to: usize, took: bool, cost: Cost| {
                if cost < next[taken][to] {
                    next[taken][to] = cost;
                    steps[taken][to] = (took, state as u8);
                }
            };
            improve(taken, if state == TAKEN { ALONE } else { FREE }, false, *so_far);
            if let Some(cost) = cost.filter(|_| taken < quantity) {
                let lonely = if state == ALONE { LONE_SEAT_COST } else { 0 };
                improve(taken + 1, TAKEN, true, so_far + cost + lonely);
            }
        }
    }
    (next, steps)
}

fn runs_within(free: &Bits, segment: &Segment) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for slot in free.within(segment.start, segment.end) {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == slot => *length += 1,
            _ => runs.push((slot, 1)),
        }
    }
    runs
}

/// Adds a run to the totals. Returns how many of its seats each total takes.
fn combine(total: &mut Costs, run: &Costs, quantity: usize) -> [u8; MAX_QUANTITY + 1] {
    let before = *total;
    let mut taken = [0; MAX_QUANTITY + 1];
    for seats in 1..=quantity {
        for from_run in 1..=seats {
            let cost = before[seats - from_run].saturating_add(run[from_run]);
            if cost < total[seats] {
                (total[seats], taken[seats]) = (cost, from_run as u8);
            }
        }
    }
    taken
}

/// The slots of the cheapest choice.
fn collect(runs: &[(FreeRun, [u8; MAX_QUANTITY + 1])], quantity: usize) -> Vec<usize> {
    let mut slots = Vec::with_capacity(quantity);
    let mut left = quantity;
    for (run, taken) in runs.iter().rev() {
        let mut from_run = usize::from(taken[left]);
        left -= from_run;
        let mut state = usize::from(run.last[from_run]);
        for (at, step) in run.steps.iter().enumerate().rev() {
            let (took, before) = step[from_run][state];
            if took {
                slots.push(run.start + at);
                from_run -= 1;
            }
            state = usize::from(before);
        }
    }
    slots
}
