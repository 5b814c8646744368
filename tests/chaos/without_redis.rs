//! Compares the throughput with and without Redis, in alternating rounds of one run.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::json;

use super::world::World;
use crate::support::{payment, proxy::Mode, runtime_api::Event};

const ROUNDS: usize = 4;
const ROUND_TIME: Duration = Duration::from_secs(4);
const CLIENTS: usize = 16;
const BUDGET: Duration = Duration::from_secs(3);

/// Sales in a second: each is a hold and a booking of a fresh seat.
async fn sales(world: &Arc<World>, seats: &mut Vec<String>) -> f64 {
    let house = &world.houses[0];
    let begun = Instant::now();
    let share = seats.len() / ROUNDS / 2 / CLIENTS;
    let client = |number: usize, seats: Vec<String>| {
        let mut rng = StdRng::seed_from_u64(number as u64);
        async move {
            let user = &house.users[number];
            let mut sold = 0_u32;
            for seat in seats {
                if begun.elapsed() > ROUND_TIME {
                    return sold;
                }
                let event = Event::of(user, "POST", "/reserve-seat", &json!({"seatId": seat}));
                let Some((201, body)) =
                    world.fleets.reserve.call(&event, BUDGET, &mut rng).await.response
                else {
                    continue;
                };
                let token = &body["data"]["reservationToken"];
                let body = json!({"reservationToken": token, "paymentId": payment()});
                let event = Event::of(user, "POST", "/confirm-booking", &body);
                let response = world.fleets.confirm.call(&event, BUDGET, &mut rng).await.response;
                sold += u32::from(matches!(response, Some((201, _))));
            }
            panic!("there were too few seats for a round");
        }
    };
    let clients = (0..CLIENTS).map(|number| client(number, seats.split_off(seats.len() - share)));
    let sold: u32 = join_all(clients.collect::<Vec<_>>()).await.into_iter().sum();
    f64::from(sold) / begun.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement that needs the machine for itself: make chaos"]
async fn without_redis_holds_and_bookings_go_on_at_no_less_than_a_third_of_the_rate() {
    let world = World::start(600_000, None).await;
    let mut seats: Vec<String> =
        world.houses[0].shows.iter().flat_map(|show| show.seats.clone()).collect();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        world.redis_proxy.set_mode(Mode::Pass);
        // After a failure, the functions do not call Redis for a second.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        with.push(sales(&world, &mut seats).await);
        world.redis_proxy.set_mode(Mode::Refuse);
        without.push(sales(&world, &mut seats).await);
    }
    let median = |mut rates: Vec<f64>| {
        rates.sort_unstable_by(f64::total_cmp);
        (rates[ROUNDS / 2], rates[0], rates[ROUNDS - 1])
    };
    let (with, without) = (median(with), median(without));
    println!("sales/s with Redis: median {:.0} ({:.0} to {:.0})", with.0, with.1, with.2);
    println!("sales/s without:    median {:.0} ({:.0} to {:.0})", without.0, without.1, without.2);
    println!("ratio {:.2}", without.0 / with.0);
    assert!(without.0 * 3.0 >= with.0);
}
