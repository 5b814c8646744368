//! Random clients and random faults: a run lasts a given time and starts from a printed seed. Every
//! call is recorded with its start, its end and its outcome. At the end no seat may be sold twice
//! and no sale lost, and some order must explain all outcomes. Run it with `make chaos SECONDS=…
//! SEED=…`. `docs/RELIABILITY.md` has the figures of a long run.
//!
//! The seed decides what the clients and the faults do, not how the machine interleaves them.

mod card;
mod check;
mod elections;
mod events;
mod faults;
mod fleet;
mod ledger;
mod notes;
mod organiser;
mod page;
mod report;
mod shopper;
mod spec;
mod verdict;
mod without_redis;
mod world;

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use tokio::{task::JoinHandle, time::sleep};

use self::{
    faults::{KINDS, cause},
    report::{FaultRun, Report},
    shopper::Shopper,
    spec::Micros,
    world::{World, now},
};
use crate::support::runtime_api::Event;

#[cfg(debug_assertions)]
use self::faults::Kind;

/// After a fault has healed, a hold and a booking have to succeed within this time. A build without
/// optimisation is slower on a busy machine. With half-open sockets, a build and two busy loops on
/// two cores, 5.71 s was measured.
const RECOVERY: Duration = Duration::from_secs(if cfg!(debug_assertions) { 15 } else { 5 });
/// How long a run waits for that before it goes on.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(30);
/// The visits per second for which there are seats: more than two cores can make.
const VISITS_A_SECOND: usize = 500;

#[expect(
    clippy::disallowed_methods,
    reason = "the Makefile's way to say how long, with which seed and faults"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn number(name: &str) -> Option<u64> {
    let value = setting(name)?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} must be a whole number")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes the whole machine for CHAOS_SECONDS: make chaos"]
async fn nothing_is_sold_twice_or_lost_whatever_fails() {
    let seconds = number("CHAOS_SECONDS").unwrap_or(60);
    let seed = number("CHAOS_SEED").unwrap_or_else(rand::random);
    println!("chaos: {seconds} s from seed {seed}");
    let world =
        World::start(usize::try_from(seconds).expect("a number") * VISITS_A_SECOND, None).await;
    let wanted = setting("CHAOS_FAULTS").unwrap_or_default();
    let kinds: Vec<usize> =
        (0..KINDS.len()).filter(|kind| KINDS[*kind].0.contains(&wanted)).collect();
    assert!(!kinds.is_empty(), "no fault has {wanted:?} in its name");
    let report = run(&world, seed, Duration::from_secs(seconds), &kinds).await;
    println!("{report}");
    assert!(report.violations().is_empty(), "{:#?}", report.violations());
}

/// The violations that a run must find in functions that sell without a guard.
#[cfg(debug_assertions)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes the whole machine: make chaos PROFILE=dev"]
async fn control_a_run_without_index_and_guard_finds_seats_sold_twice_and_no_order_of_their_calls()
{
    let world = World::start(10 * VISITS_A_SECOND, Some("no-guard=return")).await;
    world.stack.drop_unique_indexes().await;
    let wiped =
        KINDS.iter().position(|(_, kind)| *kind == Kind::RedisWiped).expect("it is one of them");
    let report = run(&world, 1, Duration::from_secs(10), &[wiped]).await;
    println!("{report}");
    for words in ["a seat is sold twice", "no order of these explains them"] {
        assert!(
            report.violations().iter().any(|violation| violation.contains(words)),
            "{words}: {report}"
        );
    }
}

async fn run(world: &Arc<World>, seed: u64, time: Duration, kinds: &[usize]) -> Report {
    let mut rng = StdRng::seed_from_u64(seed);
    let begun = Instant::now();
    let shoppers = open(world, &mut rng);
    let sweeper = tokio::spawn(sweep(Arc::clone(world)));
    let organiser = tokio::spawn(organiser::organise(Arc::clone(world)));
    let deliverer = tokio::spawn(events::deliver(Arc::clone(world)));
    let elections = tokio::spawn(elections::watch(Arc::clone(world)));
    let pages = (0..3).map(|page| tokio::spawn(page::watch(Arc::clone(world), page)));
    let pages: Vec<_> = pages.collect();
    let fault_runs = conduct(world, time, &mut rng, kinds).await;
    world.closing.store(true, Ordering::Relaxed);
    for shopper in shoppers {
        shopper.await.expect("a client does not fail");
    }
    let took = begun.elapsed();
    sweeper.await.expect("the sweeper does not fail");
    organiser.await.expect("the organiser does not fail");
    deliverer.await.expect("the deliverer does not fail");
    for page in pages {
        page.await.expect("a page does not fail");
    }
    elections.abort();
    let verdict = verdict::of(world).await;
    Report::of(world, seed, took, fault_runs, verdict)
}

fn open(world: &Arc<World>, rng: &mut StdRng) -> Vec<JoinHandle<()>> {
    let users = world
        .houses
        .iter()
        .enumerate()
        .flat_map(|(house, built)| (0..built.users.len()).map(move |user| (house, user)));
    users
        .map(|(house, user)| tokio::spawn(Shopper::new(world, house, user, rng.random()).shop()))
        .collect()
}

/// Two sweepers at once, then two payers of refunds, as often as possible. Nothing
/// depends on their responses.
async fn sweep(world: Arc<World>) {
    let mut rng = StdRng::seed_from_u64(0);
    while !world.is_closing() {
        let mut other = rng.clone();
        let event = Event::scheduled();
        for (fleet, seconds) in [(&world.fleets.sweep, 5), (&world.fleets.refunds, 12)] {
            let budget = Duration::from_secs(seconds);
            let two =
                (fleet.call(&event, budget, &mut rng), fleet.call(&event, budget, &mut other));
            tokio::join!(two.0, two.1);
        }
        sleep(Duration::from_millis(700)).await;
    }
}

/// Causes one kind of fault after the other until the time is over. Each kind comes once before any
/// comes again. At times two come at once.
async fn conduct(
    world: &Arc<World>,
    time: Duration,
    rng: &mut StdRng,
    kinds: &[usize],
) -> Vec<FaultRun> {
    let begun = Instant::now();
    let mut fault_runs = Vec::new();
    let mut bag = Vec::new();
    sleep(Duration::from_secs(2)).await;
    while begun.elapsed() < time {
        if bag.is_empty() {
            bag = kinds.to_vec();
            bag.shuffle(rng);
        }
        let kind = bag.pop().expect("it was filled");
        let second = bag.last().copied().filter(|_| rng.random_ratio(1, 6));
        let mut other = StdRng::seed_from_u64(rng.random());
        let both = async {
            match second.filter(|second| can_meet(kind, *second)) {
                Some(second) => cause(world, KINDS[second].1, &mut other).await,
                None => 0,
            }
        };
        let (healed, also) = tokio::join!(cause(world, KINDS[kind].1, rng), both);
        let alone = also == 0;
        let recovery = recovered(world, kind, healed.max(also)).await;
        let seconds = begun.elapsed().as_secs_f32();
        eprintln!(
            "{seconds:>7.1} s  {}{}: {recovery:.1?}",
            KINDS[kind].0,
            if alone { "" } else { " and another" }
        );
        fault_runs.push(FaultRun { kind, alone, recovery });
        sleep(Duration::from_millis(rng.random_range(500..2_500))).await;
    }
    fault_runs
}

/// Two faults at once must concern different parts of the system.
fn can_meet(one: usize, two: usize) -> bool {
    let part = |kind: usize| KINDS[kind].0.split(':').next();
    part(one) != part(two)
}

/// The time from the end of the fault to the first successful hold and booking.
async fn recovered(world: &World, kind: usize, healed: Micros) -> Duration {
    let begun = Instant::now();
    loop {
        if let Some(first) = world.ledger.first_successes(healed) {
            let recovery = Duration::from_micros(first - healed);
            if recovery > RECOVERY {
                world.ledger.violation(format!(
                    "{}: the first success came {recovery:?} after the healing",
                    KINDS[kind].0
                ));
            }
            return recovery;
        }
        if begun.elapsed() > RECOVERY_TIMEOUT {
            world.ledger.violation(format!(
                "{}: no success within {RECOVERY_TIMEOUT:?} after {healed}, it is {}",
                KINDS[kind].0,
                now()
            ));
            return RECOVERY_TIMEOUT;
        }
        sleep(Duration::from_millis(5)).await;
    }
}
