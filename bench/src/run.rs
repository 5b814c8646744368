//! Rounds in which floor, one environment and many take turns, so that whatever else the machine
//! does affects all of them.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use stack::harness::runtime_api::{Environment, status};
use tokio::task::JoinSet;

use crate::{
    baskets,
    figures::Spread,
    floor::{Floor, Step},
    line,
    options::Options,
    outcome::Outcome,
    processes::{Cpu, Processes, peak_mib},
    report::{Report, cells},
    scenarios::{Action, Fixtures, IN_FLIGHT, SCENARIOS, Scenario, Variant},
    seat_pages::VersionBumper,
    window::{Event, Measured, Window, WindowLoad},
    world::{User, World},
};

/// The length of the first, uncounted window of each variant.
const WARM_UP: Duration = Duration::from_millis(800);
/// How long a warming request may take.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(20);
/// More jobs are prepared than the last window needed: this many times, and for this much longer.
const MARGIN: f64 = 1.4;
const EXTRA_LENGTH: Duration = Duration::from_millis(400);
/// The most jobs of a window.
const MAX_JOBS: usize = 60_000;
const MAX_JOBS_WITH_SEATS: usize = 7_000;
/// The halls of the scenarios, and the sizes of the entities that they list with the count of each.
/// Uncached listings go round them.
const HALLS: (usize, usize) = (60, 500);
const LISTED: [(usize, usize); 4] = [(50, 200), (500, 100), (5_000, 20), (50_000, 2)];

/// One variant, being measured.
struct Contender {
    scenario: Scenario,
    in_flight: usize,
    variant: Variant,
    environments: Vec<Environment>,
    processes: Processes,
    /// Requests a second, to estimate the number of jobs.
    rate: f64,
    rounds: Vec<Measured>,
}

/// Runs the selected scenarios, and adds the outcomes to the report.
pub async fn steps(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let wanted: Vec<&Scenario> =
        SCENARIOS.iter().filter(|scenario| options.wants(scenario.name)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let world = World::start(&options.dir.join("steps")).await?;
    report.versions.clone_from(&world.versions);
    line!("writing users and seats …");
    let mut listed = LISTED.to_vec();
    listed.retain(|(size, _)| {
        let lists = |action| matches!(action, Action::List { seats, .. } if seats == *size);
        wanted.iter().any(|scenario| lists(scenario.action))
    });
    let mut fixtures = Fixtures::build(&world, HALLS, &listed).await?;
    let rounds = Rounds::new(&world, options).await?;
    for scenario in wanted {
        for in_flight in IN_FLIGHT {
            let variants = scenario.variants(in_flight);
            let measured = rounds.measure(&mut fixtures, scenario, in_flight, &variants).await?;
            report.outcomes.extend(measured);
        }
    }
    world.stop().await;
    Ok(())
}

/// What measures scenarios in a world.
pub struct Rounds<'a> {
    world: &'a World,
    options: &'a Options,
    floor: Arc<Floor>,
    bumper: VersionBumper,
}

impl<'a> Rounds<'a> {
    pub async fn new(world: &'a World, options: &'a Options) -> anyhow::Result<Self> {
        let floor = Arc::new(Floor::connect(world).await?);
        Ok(Self { world, options, floor, bumper: VersionBumper::start(world) })
    }

    /// Measures the variants of a scenario in turn. The floor comes first.
    pub async fn measure(
        &self,
        fixtures: &mut Fixtures,
        scenario: &Scenario,
        in_flight: usize,
        variants: &[Variant],
    ) -> anyhow::Result<Vec<Outcome>> {
        let context = || format!("{}, {in_flight} in flight", scenario.name);
        let mut contenders = Vec::new();
        for variant in variants {
            let contender = self.contender(scenario, in_flight, *variant, &fixtures.users[0]).await;
            contenders.push(contender.with_context(context)?);
        }
        for contender in &mut contenders {
            self.round(fixtures, contender, WARM_UP).await.with_context(context)?;
        }
        for _ in 0..self.options.rounds {
            for contender in &mut contenders {
                let measured = self.round(fixtures, contender, self.options.window).await;
                contender.rounds.push(measured.with_context(context)?);
            }
        }
        let outcomes: Vec<Outcome> = contenders.iter().map(Contender::outcome).collect();
        for outcome in &outcomes {
            line!("{}", cells(outcome, &outcomes).join(" | "));
        }
        for environment in contenders.into_iter().flat_map(|contender| contender.environments) {
            environment.end().await;
        }
        Ok(outcomes)
    }

    async fn contender(
        &self,
        scenario: &Scenario,
        in_flight: usize,
        variant: Variant,
        user: &User,
    ) -> anyhow::Result<Contender> {
        let world = self.world;
        let (count, concurrency) = match variant {
            Variant::Floor => (0, 0),
            _ if variant.is_many() => (in_flight, 1),
            _ => (1, in_flight),
        };
        let first = world.event(user, "GET", "/", &serde_json::Value::Null);
        let mut environments = Vec::with_capacity(count);
        for _ in 0..count {
            let environment = world.environment(scenario.function, concurrency).await?;
            // The first request verifies the API key with bcrypt: one environment after the other.
            environment.call(Arc::clone(&first)).await?;
            environments.push(environment);
        }
        let processes = Processes {
            ours: environments.iter().map(Environment::pid).collect(),
            mongod: world.mongo.pid(),
            redis: world.redis.pid(),
        };
        Ok(Contender {
            scenario: *scenario,
            in_flight,
            variant,
            environments,
            processes,
            rate: scenario.action.first_rate(),
            rounds: Vec::new(),
        })
    }

    /// Runs one window, and puts everything back.
    async fn round(
        &self,
        fixtures: &mut Fixtures,
        contender: &mut Contender,
        length: Duration,
    ) -> anyhow::Result<Measured> {
        let (world, action, variant) = (self.world, contender.scenario.action, contender.variant);
        let lanes = contender.environments.len().max(1);
        let most = if action.needs_seats() { MAX_JOBS_WITH_SEATS } else { MAX_JOBS };
        let count = contender.rate * MARGIN * (length + EXTRA_LENGTH).as_secs_f64();
        let count = (count as usize).max(24 * lanes).min(most);
        let steps = fixtures.steps(world, action, variant.is_cached(), count).await?;
        baskets::mark_all_holds_known(world).await?;
        world.want_events(variant == Variant::OneWithWebhook).await?;
        let measured = if variant == Variant::Floor {
            self.measure_floor(&steps, contender, length).await
        } else {
            let events = fixtures.events(world, &steps, lanes);
            let warm_up = fixtures.warm_up(world, action, lanes);
            let environments = contender.environments.iter().zip(warm_up);
            try_join_all(environments.map(|(environment, events)| refuse(environment, events)))
                .await?;
            self.measure_functions(events, contender, length).await
        };
        let measured = measured.with_context(|| format!("variant {}", variant.name()))?;
        if matches!(action, Action::Best(_)) {
            let all = fixtures.all_seats();
            baskets::reset(world, &all.iter().collect::<Vec<_>>()).await?;
        } else {
            let baskets: Vec<_> = steps.iter().filter_map(Step::basket).collect();
            baskets::reset(world, &baskets).await?;
        }
        // Holds take time to prepare, so only for as many as the fastest window needed. Of other
        // jobs there can be too many.
        let least =
            if contender.rounds.is_empty() && action.needs_seats() { 0.0 } else { contender.rate };
        contender.rate = measured.per_second.max(least);
        Ok(measured)
    }

    async fn measure_floor(
        &self,
        steps: &[Step],
        contender: &Contender,
        length: Duration,
    ) -> anyhow::Result<Measured> {
        let repeats = contender.scenario.action.repeats(true);
        let window = Window::open(vec![steps.to_vec()], length, repeats)?;
        let mut clients = JoinSet::new();
        for _ in 0..contender.in_flight {
            let (floor, bumper) = (Arc::clone(&self.floor), self.bumper.clone());
            clients.spawn(floor_client(floor, Arc::clone(&window), bumper));
        }
        let measured = window.measured(&contender.processes).await;
        clients.join_all().await;
        measured
    }

    async fn measure_functions(
        &self,
        events: Vec<Vec<Event>>,
        contender: &Contender,
        length: Duration,
    ) -> anyhow::Result<Measured> {
        let action = contender.scenario.action;
        let window = Window::open(events, length, action.repeats(false))?;
        for (lane, environment) in contender.environments.iter().enumerate() {
            environment.api().load(Arc::new(WindowLoad {
                window: Arc::clone(&window),
                lane,
                expected: action.expected(),
                bumper: self.bumper.clone(),
            }));
        }
        window.measured(&contender.processes).await.with_context(|| {
            let logs = contender.environments.iter().map(Environment::log);
            logs.flat_map(|log| log.lines().last().map(str::to_owned)).next().unwrap_or_default()
        })
    }
}

impl Contender {
    fn outcome(&self) -> Outcome {
        let rounds = &self.rounds;
        let spread = |figure: fn(&Measured) -> f64| Spread::of(rounds.iter().map(figure));
        let responses: u64 = rounds.iter().map(|round| round.responses).sum();
        let cpu =
            rounds.iter().fold(Cpu::default(), |sum, round| sum.with(round.cpu, |a, b| a + b));
        let peaks = self.processes.ours.iter().filter_map(|pid| peak_mib(*pid).ok());
        Outcome {
            scenario: self.scenario.name.to_owned(),
            in_flight: self.in_flight,
            variant: self.variant.name(),
            p50_ms: spread(|round| round.p50_ms),
            p90_ms: spread(|round| round.p90_ms),
            p99_ms: spread(|round| round.p99_ms),
            per_second: spread(|round| round.per_second),
            // Without a request it is no number, which meets no target.
            cpu_ms: cpu.with(cpu, |ms, _| ms / responses as f64),
            peak_mib: peaks.reduce(f64::max),
            responses,
            rounds: rounds.clone(),
        }
    }
}

/// One client of the floor.
async fn floor_client(floor: Arc<Floor>, window: Arc<Window<Step>>, bumper: VersionBumper) {
    while let Some((_, step)) = window.next(0) {
        let began = std::time::Instant::now();
        match floor.run(&step).await {
            Ok(counts) => window.done(began, counts),
            Err(error) => window.fail(format!("{error:#}")),
        }
        if let Step::List(page, _) = &step {
            bumper.bump(page);
        }
    }
}

/// Sends requests that are refused with 400, so that the environment's caches are warm.
async fn refuse(environment: &Environment, events: Vec<Arc<[u8]>>) -> anyhow::Result<()> {
    let invoke = |event| environment.api().invoke(event, WARM_UP_TIMEOUT);
    for outcome in events.into_iter().map(invoke).collect::<Vec<_>>() {
        let payload = tokio::time::timeout(WARM_UP_TIMEOUT, outcome).await??;
        let payload = payload.map_err(anyhow::Error::msg)?;
        let shown = || String::from_utf8_lossy(&payload).into_owned();
        ensure!(status(&payload) == 400, "a warming request was answered with {}", shown());
    }
    Ok(())
}
