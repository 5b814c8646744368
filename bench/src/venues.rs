//! Large venues: how long it takes to choose among the seats of a hall, and to make the seats of an
//! arena from its layout.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    booking::best_available::{
        Hall, HallSeat, MAX_QUANTITY, SeatPlace, SeatRequest, SeatSet, choices_offered,
    },
    domain::layout::Flags,
};
use stack::harness::runtime_api::Environment;

use crate::{options::Options, targets::Target, world::World};

/// The hall in which seats are chosen: rows, and seats of each.
const HALL: (usize, usize) = (500, 100);
/// How many of ten seats are taken, in turn.
const TAKEN_OF_TEN: [u64; 3] = [1, 5, 9];
/// How many times seats are chosen.
const CHOICES: usize = 3_000;
const MAX_CHOICE_MS: f64 = 1.0;
/// The arena whose seats are made: sections, rows of each, and seats of each row.
const ARENA: (usize, usize, usize) = (10, 40, 50);
const MAX_MAKING: Duration = Duration::from_secs(30);

/// The measured times for venues with many seats.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Venues {
    choices: usize,
    choice_p50_ms: f64,
    choice_p99_ms: f64,
    /// Seconds until all seats of the arena existed.
    making_s: f64,
}

/// Chooses seats in this process, and makes the seats of an arena in a world of its own.
pub async fn measure(options: &Options) -> anyhow::Result<Venues> {
    let latencies = choose()?;
    let ms = |percent: f64| latencies.value_at_quantile(percent) as f64 / 1e6;
    let (choice_p50_ms, choice_p99_ms) = (ms(0.5), ms(0.99));
    let world = World::start(&options.dir.join("venues")).await?;
    let making_s = make_arena(&world).await?.as_secs_f64();
    world.stop().await;
    Ok(Venues { choices: CHOICES, choice_p50_ms, choice_p99_ms, making_s })
}

/// How long each choice took, in nanoseconds.
fn choose() -> anyhow::Result<Histogram<u64>> {
    let (rows, width) = HALL;
    let numbers: Vec<(usize, usize, String)> = (0..rows)
        .flat_map(|row| (0..width).map(move |seat| (row, seat, format!("{row}-{seat}"))))
        .collect();
    let place = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let seats = numbers.iter().map(|(row, seat, number)| HallSeat {
        number,
        section: None,
        row: None,
        category: None,
        flags: Flags::default(),
        price: 1,
        place: Some(SeatPlace {
            row_index: place(*row),
            x: 100 * place(*seat),
            y: 100 * place(*row),
            position: Some(place(*seat)),
        }),
    });
    let hall = Hall::new(seats, Some((place(width) * 50, 0)));
    let mut latencies = Histogram::new(3)?;
    let mut random = 7;
    for number in 0..CHOICES {
        let taken = TAKEN_OF_TEN[number % TAKEN_OF_TEN.len()];
        let mut free = SeatSet::new(numbers.len());
        for seat in 0..numbers.len() {
            if next(&mut random) % 10 >= taken {
                free.insert(seat);
            }
        }
        let quantity = 1 + number % MAX_QUANTITY;
        let request = SeatRequest { quantity, ..SeatRequest::default() };
        let offered = choices_offered(quantity, 0);
        let began = Instant::now();
        let choices = hall.choose(&free, &request, offered, None);
        latencies.record(u64::try_from(began.elapsed().as_nanos())?)?;
        ensure!(choices.is_ok_and(|choices| !choices.is_empty()), "there are enough seats");
    }
    Ok(latencies)
}

/// A number that looks random, and is the same in every run (xorshift).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 11
}

fn arena() -> Value {
    let (sections, rows, seats) = ARENA;
    let row = |section: usize, row: usize| {
        let run = json!({
            "first": 1, "count": seats, "x": 8_000 * section, "y": 100 * row, "dx": 100, "dy": 0,
        });
        json!({"label": format!("{section}{}", row + 100), "category": "all", "run": run})
    };
    let section = |section: usize| {
        let rows: Vec<Value> = (0..rows).map(|number| row(section, number)).collect();
        json!({"key": format!("S{section}"), "label": format!("Block {section}"), "rows": rows})
    };
    json!({
        "name": "Arena", "size": {"width": 100_000, "height": 100_000},
        "focalPoint": {"x": 40_000, "y": 0},
        "categories": [{"key": "all", "label": "All", "color": "red", "mark": "A"}],
        "sections": (0..sections).map(section).collect::<Vec<_>>(),
    })
}

/// Stores the layout and an entity, and makes its seats. Returns how long making the seats took.
async fn make_arena(world: &World) -> anyhow::Result<Duration> {
    let (layouts, entities, seats) = tokio::try_join!(
        world.environment("layouts", 1),
        world.environment("entities", 1),
        world.environment("entity-seats", 1)
    )?;
    let entity = || json!({"entityId": "arena"});
    let layout = json!({"layoutId": "arena"});
    let plan = world.admin_event("PUT", "layouts/arena", layout, &arena());
    call(&layouts, plan, &[201]).await?;
    let settings = json!({"title": "Arena", "currency": "INR"});
    let put = world.admin_event("PUT", "entities/arena", entity(), &settings);
    call(&entities, put, &[201]).await?;
    let prices = json!({"layoutId": "arena", "prices": {"all": 1}});
    let make = world.admin_event("POST", "entities/arena/seats", entity(), &prices);
    let began = Instant::now();
    while call(&seats, Arc::clone(&make), &[201, 202]).await? == 202 {
        if began.elapsed() > MAX_MAKING * 10 {
            bail!("the seats of the arena are never complete");
        }
    }
    let took = began.elapsed();
    for environment in [layouts, entities, seats] {
        environment.end().await;
    }
    Ok(took)
}

/// Returns the status, which must be one of `expected`.
async fn call(
    environment: &Environment,
    event: Arc<[u8]>,
    expected: &[u64],
) -> anyhow::Result<u64> {
    let reply = environment.call(event).await?;
    let status = reply["statusCode"].as_u64().context("no status")?;
    ensure!(expected.contains(&status), "{reply}");
    Ok(status)
}

impl Venues {
    pub fn targets(&self) -> [Target; 2] {
        let (sections, rows, seats) = ARENA;
        [
            Target::at_most(
                format!("choosing among {} seats: p99", HALL.0 * HALL.1),
                self.choice_p99_ms,
                "ms",
                MAX_CHOICE_MS,
            ),
            Target::at_most(
                format!("{} seats from a layout", sections * rows * seats),
                self.making_s,
                "s",
                MAX_MAKING.as_secs_f64(),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::domain::layout::{Layout, LayoutDocument};

    #[test]
    fn the_arena_is_a_layout_of_20_000_seats() {
        let document: LayoutDocument = serde_json::from_value(arena()).unwrap();
        assert_eq!(Layout::new(document).unwrap().len(), 20_000);
    }
}
