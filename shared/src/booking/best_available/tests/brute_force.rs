//! Compares choices with all possible choices, in small halls.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const FOCAL: (i64, i64) = (145, 95);
/// How far the second block is from the first, beyond the usual distance.
const AISLE: u32 = 20;

#[derive(Clone, Debug)]
struct Case {
    rows: Vec<String>,
    free: u64,
    quantity: usize,
    adjacent: u8,
    accessible: u8,
    half: bool,
    /// Seats from this column on are another block, with an aisle in front.
    block: u32,
    /// The rows list their seats, so that only places tell which are side by side.
    listed: bool,
    /// The order of the list.
    order: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let rows = prop::collection::vec("[o ow]{1,7}|[o]{2,7}|[owc ]{1,7}", 1..4);
    let wish = (1_usize..6, 0_u8..3, 0_u8..6, prop::bool::weighted(0.2));
    let arrangement = (1_u32..12, any::<bool>(), any::<u64>());
    (rows, any::<u64>(), any::<u64>(), wish, arrangement).prop_map(
        |(rows, a, b, (quantity, adjacent, accessible, half), (block, listed, order))| Case {
            rows,
            free: a | b,
            quantity,
            adjacent,
            accessible,
            half,
            block,
            listed,
            order,
        },
    )
}

impl Case {
    /// The hall: each row is in two blocks that label it alike, and the list is in no order.
    fn plan(&self) -> Plan {
        let rows: Vec<&str> = self.rows.iter().map(String::as_str).collect();
        let mut plan = Plan::new(&rows);
        let listed = self.listed && !self.rows.iter().any(|row| row.contains(' '));
        for place in &mut plan.places {
            let column = place.position.unwrap_or_default();
            if column >= self.block {
                place.row_index += rows.len() as u32;
                place.x += AISLE;
            }
            if listed {
                place.position = None;
            }
        }
        let mut order: Vec<usize> = (0..plan.places.len()).collect();
        order.shuffle(&mut StdRng::seed_from_u64(self.order));
        plan.places = order.iter().map(|seat| plan.places[*seat]).collect();
        plan.flags = order.iter().map(|seat| plan.flags[*seat]).collect();
        plan
    }
}

/// A hall as the rules see it, without anything that makes choosing fast.
struct Model {
    at: Vec<(i64, i64)>,
    flags: Vec<Flags>,
    free: Vec<bool>,
    eligible: Vec<bool>,
}

type Set = BTreeSet<usize>;

impl Model {
    fn beside(&self, seat: usize, step: i64) -> Option<usize> {
        let (x, y) = self.at[seat];
        self.at.iter().position(|at| *at == (x + 10 * step, y))
    }

    fn left_free(&self, seat: Option<usize>, set: &Set) -> bool {
        seat.is_some_and(|seat| self.free[seat] && !set.contains(&seat))
    }

    fn has_wheelchair(&self, seat: usize) -> bool {
        self.flags[seat].contains(Flag::Wheelchair)
    }

    fn lonely(&self, set: &Set) -> usize {
        let beside = |seat: &usize| [self.beside(*seat, -1), self.beside(*seat, 1)];
        let around: Set = set.iter().flat_map(beside).flatten().collect();
        let alone = |seat: &&usize| {
            self.left_free(Some(**seat), set)
                && beside(seat).iter().all(|other| !self.left_free(*other, set))
        };
        around.iter().filter(alone).count()
    }

    /// How many groups of adjacent seats a set has.
    fn groups(&self, set: &Set) -> usize {
        let first =
            |seat: &&usize| self.beside(**seat, -1).is_none_or(|before| !set.contains(&before));
        set.iter().filter(first).count()
    }

    fn score(&self, set: &Set) -> i64 {
        let n = set.len() as i64;
        let sum = |axis: fn(&(i64, i64)) -> i64| {
            set.iter().map(|seat| axis(&self.at[*seat])).sum::<i64>()
        };
        let (x, y) = (sum(|at| at.0) - n * FOCAL.0, sum(|at| at.1) - n * FOCAL.1);
        x * x + y * y
    }

    fn distance(&self, set: &Set) -> f64 {
        let one = |seat: &usize| (self.score(&Set::from([*seat])) as f64).sqrt();
        set.iter().map(one).sum()
    }

    /// All sets of `quantity` eligible seats.
    fn sets(&self, eligible: &[bool], quantity: usize) -> Vec<Set> {
        let seats = (0..self.at.len()).filter(|seat| eligible[*seat]);
        seats
            .fold(vec![Set::new()], |sets, seat| {
                let with = sets.iter().filter(|set| set.len() < quantity).map(|set| {
                    let mut set = set.clone();
                    set.insert(seat);
                    set
                });
                with.chain(sets.iter().cloned()).collect()
            })
            .into_iter()
            .filter(|set| set.len() == quantity)
            .collect()
    }

    /// The middle and the length of the run of eligible seats that a seat is in.
    fn run_of(&self, seat: usize) -> ((f64, f64), usize) {
        let walk = |step: i64| {
            let mut seat = seat;
            while let Some(next) = self.beside(seat, step).filter(|next| self.eligible[*next]) {
                seat = next;
            }
            self.at[seat]
        };
        let ((a, y), (b, _)) = (walk(-1), walk(1));
        (((a + b) as f64 / 2.0, y as f64), ((b - a) / 10 + 1) as usize)
    }

    /// The largest distance from the centre to the other runs, for the best centre.
    fn spread(&self, set: &Set) -> f64 {
        let average = set.len().div_ceil(self.groups(set));
        let runs: Vec<_> = set.iter().map(|seat| self.run_of(*seat)).collect();
        let distance = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
        let reach = |a| runs.iter().map(|(b, _)| distance(a, b)).fold(0.0, f64::max);
        let centres = runs.iter().filter(|(_, length)| *length >= average);
        centres.map(|(middle, _)| reach(middle)).fold(f64::INFINITY, f64::min)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_choice_is_better_by_the_rules(case in case()) {
        let plan = case.plan();
        prop_assume!((1..=14).contains(&plan.numbers.len()));
        let adjacent =
            [Adjacency::Required, Adjacency::Preferred, Adjacency::No][usize::from(case.adjacent)];
        let request = SeatRequest {
            accessible: case.accessible == 1,
            release_accessible: case.accessible == 2,
            category: case.half.then_some("even"),
            adjacent,
            ..ask(case.quantity)
        };
        let mut seats = plan.seats();
        for (index, seat) in seats.iter_mut().enumerate() {
            seat.category = Some(if index / 2 % 2 == 0 { "even" } else { "odd" });
            // Only the places tell which row a seat is in.
            seat.row = Some("1");
        }
        let hall = Hall::new(seats.clone(), Some((FOCAL.0 as u32, FOCAL.1 as u32)));
        let free: Vec<bool> = (0..seats.len()).map(|seat| case.free >> seat & 1 == 1).collect();
        let mut set = SeatSet::new(seats.len());
        (0..seats.len()).filter(|seat| free[*seat]).for_each(|seat| set.insert(seat));
        let open = request.accessible || request.release_accessible;
        let eligible: Vec<bool> = (0..seats.len())
            .map(|seat| free[seat] && (open || !seats[seat].flags.is_accessible())
                && (!case.half || seats[seat].category == Some("even")))
            .collect();
        let at = plan.places.iter().map(|place| (i64::from(place.x), i64::from(place.y)));
        let model = Model { at: at.collect(), flags: plan.flags.clone(), free, eligible };
        check(&model, &request, hall.choose(&set, &request, 3, None))?;
    }
}

fn check(
    model: &Model,
    request: &SeatRequest<'_>,
    answer: Result<Vec<Choice>, NotEnoughSeats>,
) -> Result<(), TestCaseError> {
    let mut sets = model.sets(&model.eligible, request.quantity);
    if request.adjacent == Adjacency::Required {
        sets.retain(|set| model.groups(set) == 1);
    }
    let Ok(choices) = answer else {
        prop_assert!(sets.is_empty(), "a choice was missed: {:?}", sets[0]);
        let not_enough = answer.unwrap_err();
        let available = model.eligible.iter().filter(|seat| **seat).count();
        prop_assert_eq!(not_enough.available, available);
        let longest = (1..=available).rev().find(|size| {
            model.sets(&model.eligible, *size).iter().any(|set| model.groups(set) == 1)
        });
        prop_assert_eq!(not_enough.largest_adjacent, longest.unwrap_or(0));
        return Ok(());
    };
    let mut used = Set::new();
    for choice in &choices {
        prop_assert_eq!(choice.seats.len(), request.quantity);
        for seat in &choice.seats {
            prop_assert!(model.eligible[*seat] && used.insert(*seat));
        }
    }
    let chosen: Set = choices[0].seats.iter().copied().collect();
    prop_assert_eq!(choices[0].adjacent, model.groups(&chosen) == 1);
    rule_1(model, request, &chosen, &mut sets)?;
    let wheelchair = request.accessible
        && (0..model.at.len()).any(|seat| model.eligible[seat] && model.has_wheelchair(seat));
    match request.adjacent {
        // Only the wheelchair place matters.
        Adjacency::No if wheelchair => Ok(()),
        Adjacency::No => nearest_singles(model, &chosen, sets),
        Adjacency::Required | Adjacency::Preferred => {
            let groups = sets.iter().map(|set| model.groups(set)).min().unwrap();
            prop_assert_eq!(model.groups(&chosen), groups);
            sets.retain(|set| model.groups(set) == groups);
            match groups {
                1 => nearest_window(model, &chosen, sets),
                _ => nearest_groups(model, request, &chosen, sets),
            }
        }
    }
}

/// Checks who may use accessible seats, and keeps only the sets that this rule prefers.
fn rule_1(
    model: &Model,
    request: &SeatRequest<'_>,
    chosen: &Set,
    sets: &mut Vec<Set>,
) -> Result<(), TestCaseError> {
    if request.accessible {
        let suits = |set: &Set| set.iter().any(|seat| model.has_wheelchair(*seat));
        if sets.iter().any(suits) {
            prop_assert!(suits(chosen), "no wheelchair place");
            sets.retain(suits);
        }
    } else if request.release_accessible {
        let plain = |set: &Set| set.iter().all(|seat| !model.flags[*seat].is_accessible());
        if sets.iter().any(plain) {
            prop_assert!(plain(chosen), "an accessible seat was used while others fit");
            sets.retain(plain);
        }
    }
    Ok(())
}

fn nearest_singles(model: &Model, chosen: &Set, mut sets: Vec<Set>) -> Result<(), TestCaseError> {
    let best = sets.iter().map(|set| model.lonely(set)).min().unwrap();
    prop_assert_eq!(model.lonely(chosen), best);
    sets.retain(|set| model.lonely(set) == best);
    let best = sets.iter().map(|set| model.distance(set)).fold(f64::INFINITY, f64::min);
    prop_assert!(model.distance(chosen) <= best + 1.0);
    Ok(())
}

fn nearest_window(model: &Model, chosen: &Set, mut sets: Vec<Set>) -> Result<(), TestCaseError> {
    let best = sets.iter().map(|set| model.lonely(set)).min().unwrap();
    prop_assert_eq!(model.lonely(chosen), best);
    sets.retain(|set| model.lonely(set) == best);
    let best = sets.iter().map(|set| model.score(set)).min().unwrap();
    prop_assert_eq!(model.score(chosen), best);
    Ok(())
}

fn nearest_groups(
    model: &Model,
    request: &SeatRequest<'_>,
    chosen: &Set,
    mut sets: Vec<Set>,
) -> Result<(), TestCaseError> {
    // Else runs of eligible seats are not runs of free seats: two windows can share a neighbour.
    let plain = model.free == model.eligible
        && !(request.release_accessible && model.flags.iter().any(|flags| flags.is_accessible()));
    if !plain {
        return Ok(());
    }
    let tidy = sets.iter().any(|set| model.lonely(set) == 0);
    prop_assert_eq!(model.lonely(chosen) == 0, tidy);
    if tidy {
        sets.retain(|set| model.lonely(set) == 0);
    }
    if !request.accessible {
        let best = sets.iter().map(|set| model.spread(set)).fold(f64::INFINITY, f64::min);
        prop_assert!(model.spread(chosen) <= best + 1e-6, "{chosen:?} is wider than need be");
    }
    Ok(())
}
