mod brute_force;

use super::*;
use crate::domain::layout::{Flag, Flags, Layout};
use rand::{SeedableRng, rngs::StdRng};

/// Seats of a hall by number, with flags after a colon. A blank is a gap, a line is a row.
struct Plan {
    numbers: Vec<String>,
    places: Vec<SeatPlace>,
    flags: Vec<Flags>,
}

impl Plan {
    /// `o` is a plain seat, `w` a wheelchair place, `c` a companion's seat, `a` a seat at an aisle.
    fn new(rows: &[&str]) -> Self {
        let mut plan = Self { numbers: Vec::new(), places: Vec::new(), flags: Vec::new() };
        for (row_index, row) in (0_u32..).zip(rows) {
            for (position, sign) in (0_u32..).zip(row.chars()) {
                let flag = match sign {
                    'w' => Some(Flag::Wheelchair),
                    'c' => Some(Flag::Companion),
                    'a' => Some(Flag::Aisle),
                    'o' => None,
                    _ => continue,
                };
                plan.numbers.push(format!("{row_index}-{position}"));
                let (x, y) = (100 + position * 10, 100 + row_index * 10);
                plan.places.push(SeatPlace { row_index, x, y, position: Some(position) });
                plan.flags.push(flag.into_iter().collect());
            }
        }
        plan
    }

    fn seats(&self) -> Vec<HallSeat<'_>> {
        let seat = |index: usize| HallSeat {
            number: &self.numbers[index],
            section: None,
            row: None,
            category: None,
            flags: self.flags[index],
            price: 0,
            place: Some(self.places[index]),
        };
        (0..self.numbers.len()).map(seat).collect()
    }

    /// Chooses with all seats free but these.
    fn choose(
        &self,
        taken: &[&str],
        request: &SeatRequest<'_>,
    ) -> Result<Vec<String>, NotEnoughSeats> {
        // The focal point is above the middle of the first row's ten positions.
        let hall = Hall::new(self.seats(), Some((145, 50)));
        let free = self.all_but(taken);
        let choices = hall.choose(&free, request, 1, None)?;
        Ok(choices[0].seats.iter().map(|seat| self.numbers[*seat].clone()).collect())
    }

    fn all_but(&self, taken: &[&str]) -> SeatSet {
        let mut free = SeatSet::new(self.numbers.len());
        let is_free = |number: &String| !taken.contains(&number.as_str());
        let seats = self.numbers.iter().enumerate();
        seats.filter(|(_, number)| is_free(number)).for_each(|(seat, _)| free.insert(seat));
        free
    }
}

fn ask(quantity: usize) -> SeatRequest<'static> {
    SeatRequest { quantity, ..SeatRequest::default() }
}

fn required(quantity: usize) -> SeatRequest<'static> {
    SeatRequest { adjacent: Adjacency::Required, ..ask(quantity) }
}

#[test]
fn the_run_nearest_to_the_focal_point_is_chosen() {
    let plan = Plan::new(&["oooooooooo", "oooooooooo"]);
    assert_eq!(plan.choose(&[], &ask(2)).unwrap(), ["0-4", "0-5"]);
    let taken = ["0-2", "0-3", "0-4", "0-5", "0-6", "0-7"];
    assert_eq!(plan.choose(&taken, &ask(2)).unwrap(), ["1-4", "1-5"]);
}

#[test]
fn no_single_free_seat_is_left_alone_if_that_can_be_avoided() {
    // 4 and 5 would be nearer to the middle, and leave 3 alone.
    let plan = Plan::new(&["oooooooooo"]);
    assert_eq!(plan.choose(&["0-0", "0-1", "0-2"], &ask(2)).unwrap(), ["0-3", "0-4"]);
    // Each choice leaves one alone.
    let plan = Plan::new(&["ooo"]);
    assert_eq!(plan.choose(&[], &ask(2)).unwrap(), ["0-1", "0-2"]);
    // A seat that was alone before does not count.
    let plan = Plan::new(&["o oo"]);
    assert_eq!(plan.choose(&[], &ask(2)).unwrap(), ["0-2", "0-3"]);
}

#[test]
fn neither_a_gap_nor_an_aisle_is_between_adjacent_seats() {
    for row in ["oo oo", "oaao", "oaaoo"] {
        let plan = Plan::new(&[row]);
        let error = plan.choose(&[], &required(4)).unwrap_err();
        let largest = if row.len() == 5 && !row.contains(' ') { 3 } else { 2 };
        assert_eq!(error.largest_adjacent, largest, "{row}");
    }
    // Gaps on both outer sides explain the flags: no aisle is between the two.
    assert!(Plan::new(&["o aa o"]).choose(&[], &required(2)).is_ok());
    // One flag alone does not say on which side the aisle is.
    assert!(Plan::new(&["oaoo"]).choose(&[], &required(4)).is_ok());
}

#[test]
fn accessible_seats_are_used_only_where_allowed() {
    let plan = Plan::new(&["wcooo"]);
    assert_eq!(plan.choose(&[], &ask(2)).unwrap(), ["0-3", "0-4"]);
    assert_eq!(plan.choose(&[], &ask(4)).unwrap_err().available, 3);
    let released = |quantity| SeatRequest { release_accessible: true, ..ask(quantity) };
    assert_eq!(plan.choose(&[], &released(4)).unwrap().len(), 4);
    let taken = ["0-3", "0-4"];
    assert_eq!(plan.choose(&taken, &released(1)).unwrap(), ["0-2"], "the last to be used");
    let accessible = |quantity| SeatRequest { accessible: true, ..ask(quantity) };
    assert_eq!(plan.choose(&[], &accessible(2)).unwrap(), ["0-0", "0-1"]);
    assert_eq!(plan.choose(&["0-0"], &accessible(1)).unwrap().len(), 1);
    let far = Plan::new(&["w    ooo", "", "o"]);
    assert!(far.choose(&[], &accessible(2)).unwrap().contains(&"0-0".to_owned()));
}

#[test]
fn without_enough_adjacent_seats_the_fewest_runs_near_each_other_are_taken() {
    let plan = Plan::new(&["oo x oo", "", "", "", "", "", "   oo  ", "o"]);
    let seats = plan.choose(&[], &ask(4)).unwrap();
    assert_eq!(seats, ["0-0", "0-1", "0-5", "0-6"]);
    assert!(plan.choose(&[], &required(4)).is_err());
    let hall = Hall::new(plan.seats(), Some((145, 50)));
    assert!(!hall.choose(&plan.all_but(&[]), &ask(4), 1, None).unwrap()[0].adjacent);
    assert!(hall.choose(&plan.all_but(&[]), &ask(2), 1, None).unwrap()[0].adjacent);
}

#[test]
fn what_is_missing_is_counted_within_the_filters() {
    let plan = Plan::new(&["oooo", "oo"]);
    let mut seats = plan.seats();
    for (index, seat) in seats.iter_mut().enumerate() {
        seat.section = Some(if index < 4 { "A" } else { "B" });
        seat.category = Some(if index % 2 == 0 { "gold" } else { "blue" });
        seat.price = index as i64;
    }
    let hall = Hall::new(seats, Some((145, 50)));
    let free = plan.all_but(&["0-1"]);
    let choose = |request: SeatRequest<'static>| hall.choose(&free, &request, 1, None);
    let counts = |request| choose(request).map_err(|e| (e.available, e.largest_adjacent));
    assert_eq!(counts(SeatRequest { section: Some("A"), ..ask(4) }), Err((3, 2)));
    assert_eq!(counts(SeatRequest { section: Some("C"), ..ask(1) }), Err((0, 0)));
    assert_eq!(counts(SeatRequest { category: Some("gold"), ..ask(4) }), Err((3, 1)));
    assert_eq!(counts(SeatRequest { max_price: Some(2), ..ask(3) }), Err((2, 1)));
    assert_eq!(choose(SeatRequest { section: Some("B"), ..ask(1) }).unwrap()[0].seats, [5]);
    assert_eq!(choose(SeatRequest { max_price: Some(0), ..ask(1) }).unwrap()[0].seats, [0]);
}

fn unplaced(number: &str) -> HallSeat<'_> {
    let (section, row, category) = (None, None, None);
    HallSeat { number, section, row, category, flags: Flags::default(), price: 0, place: None }
}

#[test]
fn without_a_layout_the_earliest_row_and_its_middle_come_first() {
    let numbers: Vec<String> = ["A2", "A10", "A1", "A3", "B1", "A4", "A5"].map(String::from).into();
    let ask = |numbers: &[String], request: &SeatRequest<'_>| {
        let hall = Hall::new(numbers.iter().map(|number| unplaced(number)), None);
        let free = SeatSet::all(numbers.len());
        let seats = hall.choose(&free, request, 1, None).map(|mut all| all.remove(0).seats);
        seats.map(|seats| {
            let mut chosen: Vec<_> = seats.into_iter().map(|seat| numbers[seat].clone()).collect();
            chosen.sort();
            chosen
        })
    };
    let choose = |numbers: &[String], quantity| ask(numbers, &required(quantity));
    assert_eq!(choose(&numbers, 5).unwrap(), ["A1", "A2", "A3", "A4", "A5"]);
    assert_eq!(choose(&numbers, 2).unwrap(), ["A4", "A5"], "A10 is left alone as before");
    assert!(choose(&numbers, 6).is_err(), "A6 to A9 are missing");
    let bus: Vec<String> = ["2A", "1B", "1A", "10A", "10B"].map(String::from).into();
    assert_eq!(choose(&bus, 2).unwrap(), ["1A", "1B"]);
    let odd: Vec<String> = ["C1", "C3", "C5", "D10", "D2"].map(String::from).into();
    assert_eq!(choose(&odd, 3).unwrap(), ["C1", "C3", "C5"], "odd numbers on one side");

    let apart = |numbers: &[String], quantity| {
        let request = SeatRequest { quantity, adjacent: Adjacency::No, ..SeatRequest::default() };
        ask(numbers, &request).unwrap()
    };
    let row = |name: &str, last: u32| (1..=last).map(|n| format!("{name}{n}")).collect::<Vec<_>>();
    let rows = [row("A", 9), row("B", 9)].concat();
    assert_eq!(apart(&rows, 1), ["A5"]);
    assert_eq!(apart(&rows, 3), ["A4", "A5", "A6"]);
    let rows = [row("A", 3), row("B", 9)].concat();
    assert_eq!(apart(&rows, 4), ["A1", "A2", "A3", "B5"], "the earliest row first");
    let long = [row("A", 2_000), row("B", 1)].concat();
    assert_eq!(apart(&long, 2), ["A1000", "A1001"], "however long the row is");
}

#[test]
fn choices_share_no_seat_and_a_loser_gets_them_in_another_order() {
    let plan = Plan::new(&["oooooooooo", "oooooooooo", "oooooooooo"]);
    let hall = Hall::new(plan.seats(), Some((145, 50)));
    let free = plan.all_but(&[]);
    let choices = hall.choose(&free, &ask(2), 6, None).unwrap();
    let mut seats: Vec<_> = choices.iter().flat_map(|choice| choice.seats.clone()).collect();
    seats.sort_unstable();
    seats.dedup();
    assert_eq!((choices.len(), seats.len()), (6, 12));
    let firsts: std::collections::HashSet<_> = (0..50)
        .map(|seed| {
            let mut rng = StdRng::seed_from_u64(seed);
            hall.choose(&free, &ask(2), 6, Some(&mut rng)).unwrap()[0].seats.clone()
        })
        .collect();
    assert!(firsts.len() > 2, "{firsts:?}");
}

/// The seats of a layout document.
fn hall_of(layout: &Layout) -> Hall {
    let seats = layout.seats().map(|seat| HallSeat {
        number: seat.number.as_str(),
        section: Some(seat.section),
        row: Some(seat.row),
        category: Some(seat.category),
        flags: seat.flags,
        price: 0,
        place: Some(SeatPlace::from(&seat)),
    });
    let focal = layout.document().focal_point;
    Hall::new(seats, Some((focal.x.get() as u32, focal.y.get() as u32)))
}

fn in_layout(text: &str, quantity: usize, section: Option<&str>) -> Vec<String> {
    let layout = Layout::new(serde_json::from_str(text).unwrap()).unwrap();
    let hall = hall_of(&layout);
    let free = SeatSet::all(layout.len());
    let numbers: Vec<_> = layout.seats().map(|seat| seat.number.as_str().to_owned()).collect();
    let request = SeatRequest { section, ..required(quantity) };
    match hall.choose(&free, &request, 1, None) {
        Ok(choices) => choices[0].seats.iter().map(|seat| numbers[*seat].clone()).collect(),
        Err(error) => vec![format!("{error:?}")],
    }
}

#[test]
fn the_aisle_of_a_bus_is_between_its_seats() {
    let bus = include_str!("../../../../stack/layouts/bus.json");
    assert_eq!(in_layout(bus, 5, None), ["11A", "11B", "11C", "11D", "11E"]);
    let three = in_layout(bus, 3, None);
    assert!(three.iter().all(|number| number.starts_with("11")), "{three:?}");
    assert_eq!(in_layout(bus, 2, None).len(), 2);
}

#[test]
fn a_cinema_gives_the_middle_of_its_middle_rows() {
    let cinema = include_str!("../../../../stack/layouts/cinema.json");
    assert_eq!(in_layout(cinema, 2, None), ["F-10", "F-11"]);
    let arena = include_str!("../../../../stack/layouts/arena.json");
    assert_eq!(in_layout(arena, 4, Some("F2")), ["F2-1-9", "F2-1-10", "F2-1-11", "F2-1-12"]);
}
