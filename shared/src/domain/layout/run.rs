//! Where the seats of a run are, and which numbers they have.

use super::document::Run;

/// One seat of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RunSeat {
    /// The position in the run, gaps counted.
    pub(super) position: u32,
    /// The number on the seat. It is negative if the run counts down too far.
    pub(super) number: i64,
    /// The place, which may be outside of the plan.
    pub(super) x: i64,
    pub(super) y: i64,
}

impl Run {
    /// How many seats the run has, if its gaps are valid.
    pub(super) fn len(&self) -> usize {
        (self.count.get() as usize).saturating_sub(self.gaps.len())
    }

    /// The first gap that is outside of the run or named twice.
    pub(super) fn wrong_gap(&self) -> Option<(usize, &'static str)> {
        let mut seen = std::collections::HashSet::new();
        self.gaps.iter().enumerate().find_map(|(index, gap)| {
            if gap.get() >= self.count.get() {
                Some((index, "must be below count; positions count from 0"))
            } else if !seen.insert(gap.get()) {
                Some((index, "appears twice"))
            } else {
                None
            }
        })
    }

    /// The seats. A gap takes a position, but no number.
    pub(super) fn seats(&self) -> impl Iterator<Item = RunSeat> + '_ {
        let gaps: std::collections::HashSet<i32> = self.gaps.iter().map(|gap| gap.get()).collect();
        let step = i64::from(self.step.map_or(1, |step| step.get()));
        (0..self.count.get()).filter(move |position| !gaps.contains(position)).zip(0_i64..).map(
            move |(position, index)| {
                let (x, y) = self.place(position);
                let number = i64::from(self.first.get()) + index * step;
                RunSeat { position: position as u32, number, x, y }
            },
        )
    }

    /// A bend is a parabola: 0 at both ends and `bend` in the middle, at right angles to the row.
    fn place(&self, position: i32) -> (i64, i64) {
        let (dx, dy) = (f64::from(self.dx.get()), f64::from(self.dy.get()));
        let (steps, length) = (f64::from(position), dx.hypot(dy));
        let share = steps / f64::from((self.count.get() - 1).max(1));
        let bend = self.bend.map_or(0.0, |bend| f64::from(bend.get()));
        let lift = 4.0 * bend * share * (1.0 - share);
        let (side_x, side_y) = if length > 0.0 { (-dy / length, dx / length) } else { (0.0, 0.0) };
        let at = |start: i32, step: f64, side: f64| {
            (f64::from(start) + steps * step + side * lift + 0.5).floor() as i64
        };
        (at(self.x.get(), dx, side_x), at(self.y.get(), dy, side_y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(value: serde_json::Value) -> Run {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_gap_takes_a_position_but_no_number() {
        let run = run(json!({"first": 101, "count": 5, "step": 2, "x": 10, "y": 20, "dx": 100,
                             "dy": 0, "gaps": [2]}));
        let seats: Vec<_> = run.seats().map(|seat| (seat.position, seat.number, seat.x)).collect();
        assert_eq!(seats, [(0, 101, 10), (1, 103, 110), (3, 105, 310), (4, 107, 410)]);
        assert_eq!(run.len(), 4);
    }

    #[test]
    fn numbers_may_count_down() {
        let run =
            run(json!({"first": 3, "count": 4, "step": -1, "x": 0, "y": 0, "dx": 1, "dy": 0}));
        let numbers: Vec<_> = run.seats().map(|seat| seat.number).collect();
        assert_eq!(numbers, [3, 2, 1, 0]);
    }

    #[test]
    fn a_bend_moves_the_middle_and_leaves_the_ends() {
        let run = run(json!({"first": 1, "count": 3, "x": 0, "y": 500, "dx": 100, "dy": 0,
                             "bend": 60}));
        let places: Vec<_> = run.seats().map(|seat| (seat.x, seat.y)).collect();
        assert_eq!(places, [(0, 500), (100, 560), (200, 500)]);
    }
}
