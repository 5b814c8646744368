//! The interleaved rounds: floor, one environment, many, floor, one, many and so on, so that
//! whatever else the machine does falls on all of them.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::{
    figures::Spread,
    floor::{Floor, Step},
    holds,
    measure::{Batch, Feed, Measured, Window},
    options::Options,
    places::{Outdate, Outdater},
    proc,
    runtime::Environment,
    say::line,
    scenarios::{Jobs, SCENARIOS, Scenario, Stage, Variant},
    usage::{Cpu, Watched},
    world::World,
};

/// How long the first, uncounted window of each variant is.
const WARM_UP: Duration = Duration::from_millis(800);
/// What is made ready beyond what the window before needed, and for how much more than its length.
const MARGIN: f64 = 1.4;
const BESIDE: Duration = Duration::from_millis(400);

/// What came of one variant of a scenario.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Of which scenario.
    pub scenario: &'static str,
    /// So many at once.
    pub in_flight: usize,
    /// How it was run.
    pub variant: &'static str,
    /// Milliseconds, over the rounds.
    pub p50_ms: Spread,
    /// The same.
    pub p90_ms: Spread,
    /// The same.
    pub p99_ms: Spread,
    /// Answers a second, over the rounds.
    pub per_second: Spread,
    /// CPU milliseconds a request, of all rounds together.
    pub cpu_ms: Cpu,
    /// Of the function's process, or the greatest of them.
    pub peak_mib: Option<f64>,
    /// Each round.
    pub rounds: Vec<Measured>,
}

/// One variant, being measured.
struct Entry {
    variant: Variant,
    environments: Vec<Environment>,
    watched: Watched,
    /// Answers a second, as the number of jobs is reckoned.
    rate: f64,
    rounds: Vec<Measured>,
}

/// Runs every scenario that was asked for, and adds what came of it to `outcomes`.
///
/// # Errors
/// When an answer is not as it should be.
pub async fn all(
    world: &World,
    options: &Options,
    outcomes: &mut Vec<Outcome>,
) -> anyhow::Result<()> {
    let wanted: Vec<&Scenario> =
        SCENARIOS.iter().filter(|scenario| options.wants(scenario.name)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    line!("writing users and seats …");
    let mut stage = Stage::build(world, options).await?;
    let floor = Arc::new(Floor::connect(world).await?);
    let outdater = Outdater::start(world);
    for scenario in wanted {
        for in_flight in scenario.in_flight {
            let run = Run {
                world,
                options,
                floor: &floor,
                outdater: &outdater,
                scenario,
                in_flight: *in_flight,
            };
            let measured = run.measure(&mut stage).await;
            let measured =
                measured.with_context(|| format!("{}, {in_flight} in flight", scenario.name))?;
            for outcome in &measured {
                line!("{}", told(outcome, measured.first()));
            }
            outcomes.extend(measured);
        }
    }
    Ok(())
}

struct Run<'a> {
    world: &'a World,
    options: &'a Options,
    floor: &'a Arc<Floor>,
    outdater: &'a Outdater,
    scenario: &'static Scenario,
    in_flight: usize,
}

impl Run<'_> {
    async fn measure(&self, stage: &mut Stage) -> anyhow::Result<Vec<Outcome>> {
        let mut entries = Vec::new();
        for variant in self.scenario.variants(self.in_flight) {
            entries.push(self.entry(variant).await?);
        }
        for entry in &mut entries {
            self.round(stage, entry, WARM_UP * self.scenario.kind.windows()).await?;
        }
        for _ in 0..self.options.rounds {
            for entry in &mut entries {
                let measured = self
                    .round(stage, entry, self.options.window * self.scenario.kind.windows())
                    .await?;
                entry.rounds.push(measured);
            }
        }
        let mut outcomes = Vec::new();
        for entry in entries {
            outcomes.push(self.outcome(&entry));
            for environment in entry.environments {
                environment.end().await;
            }
        }
        Ok(outcomes)
    }

    async fn entry(&self, variant: Variant) -> anyhow::Result<Entry> {
        let (processes, concurrency) = match variant {
            Variant::Floor => (0, 0),
            _ if variant.is_many() => (self.in_flight, 1),
            _ => (1, self.in_flight),
        };
        let first = self.world.event(None, "GET", "/", &serde_json::Value::Null);
        let mut environments = Vec::with_capacity(processes);
        for _ in 0..processes {
            let environment = self.world.environment(self.scenario.function, concurrency).await?;
            // The first request checks the API's key: one after the other, so that no environment
            // waits for a turn.
            environment.server().call(Arc::clone(&first)).await?;
            environments.push(environment);
        }
        let watched = Watched {
            ours: environments.iter().map(Environment::pid).collect(),
            mongod: self.world.mongo.pid(),
            redis: self.world.redis.pid(),
        };
        Ok(Entry {
            variant,
            environments,
            watched,
            rate: self.scenario.kind.guess(),
            rounds: Vec::new(),
        })
    }

    /// One window, and everything as it was before.
    async fn round(
        &self,
        stage: &mut Stage,
        entry: &mut Entry,
        length: Duration,
    ) -> anyhow::Result<Measured> {
        let lanes = entry.environments.len().max(1);
        let count = entry.rate * MARGIN * (length + BESIDE).as_secs_f64();
        let count =
            (count as usize).max(24 * lanes).min(if self.is_bounded() { 7_000 } else { 60_000 });
        let kind = self.scenario.kind;
        let jobs = stage.jobs(self.world, kind, entry.variant, lanes, count).await?;
        holds::settle(self.world).await?;
        let measured = match entry.variant {
            Variant::Floor => self.of_floor(&jobs, &entry.watched, length).await,
            _ => {
                self.touch(entry, stage.touches(self.world, kind, lanes)).await?;
                self.of_environments(&jobs, entry, length).await
            }
        };
        let measured = measured.with_context(|| format!("variant {}", entry.variant.name()))?;
        stage.reset(self.world, kind, &jobs).await?;
        // What is made fresh costs time to make: as much as the fastest window needed. The rest is
        // as good as free.
        let least = if entry.rounds.is_empty() && self.is_bounded() { 0.0 } else { entry.rate };
        entry.rate = measured.per_second.max(least);
        Ok(measured)
    }

    /// Whether each job needs seats of its own.
    fn is_bounded(&self) -> bool {
        use crate::scenarios::Kind::{Confirm, Release, Reserve};
        matches!(self.scenario.kind, Reserve(_) | Confirm | Release)
    }

    async fn of_floor(
        &self,
        jobs: &Jobs,
        watched: &Watched,
        length: Duration,
    ) -> anyhow::Result<Measured> {
        let window = Window::open(
            vec![jobs.steps.clone()],
            length,
            self.scenario.expected(),
            self.scenario.kind.cycles(true),
        )?;
        let mut clients = JoinSet::new();
        for _ in 0..self.in_flight {
            clients.spawn(bare(Arc::clone(self.floor), Arc::clone(&window), self.outdater.clone()));
        }
        let measured = window.measured(watched).await;
        clients.join_all().await;
        measured
    }

    async fn of_environments(
        &self,
        jobs: &Jobs,
        entry: &Entry,
        length: Duration,
    ) -> anyhow::Result<Measured> {
        let window = Window::open(
            jobs.events.clone(),
            length,
            self.scenario.expected(),
            self.scenario.kind.cycles(false),
        )?;
        for (lane, environment) in entry.environments.iter().enumerate() {
            let outdate = (!jobs.listed.is_empty() && !entry.variant.is_cached())
                .then(|| Outdate::new(self.outdater.clone(), Arc::clone(&jobs.listed)));
            environment.server().load(Arc::new(Feed {
                window: Arc::clone(&window),
                lane,
                outdate,
            }));
        }
        window.measured(&entry.watched).await.with_context(|| {
            let logs = entry.environments.iter().map(Environment::log);
            logs.flat_map(|log| log.lines().last().map(str::to_owned)).next().unwrap_or_default()
        })
    }

    /// Lets each environment see its users, so that what it knows of them is warm.
    async fn touch(&self, entry: &Entry, touches: Vec<Vec<Arc<[u8]>>>) -> anyhow::Result<()> {
        let mut batches = Vec::new();
        for (environment, events) in entry.environments.iter().zip(touches) {
            let batch = Batch::new(events, 400);
            environment.server().load(Arc::clone(&batch) as Arc<_>);
            batches.push(batch);
        }
        for batch in batches {
            batch.finished().await?;
        }
        Ok(())
    }

    fn outcome(&self, entry: &Entry) -> Outcome {
        let spread =
            |figure: fn(&Measured) -> f64| Spread::of(entry.rounds.iter().map(figure).collect());
        let answers = entry.rounds.iter().map(|round| round.answers).sum();
        let cpu = entry.rounds.iter().fold(Cpu::default(), |sum, round| sum + round.cpu);
        let peaks = entry
            .watched
            .ours
            .iter()
            .filter_map(|pid| proc::memory(*pid).ok())
            .map(|memory| memory.peak_mib);
        Outcome {
            scenario: self.scenario.name,
            in_flight: self.in_flight,
            variant: entry.variant.name(),
            p50_ms: spread(|round| round.p50_ms),
            p90_ms: spread(|round| round.p90_ms),
            p99_ms: spread(|round| round.p99_ms),
            per_second: spread(|round| round.per_second),
            cpu_ms: cpu.per(answers),
            peak_mib: peaks.reduce(f64::max),
            rounds: entry.rounds.clone(),
        }
    }
}

/// One client of the floor.
async fn bare(floor: Arc<Floor>, window: Arc<Window<Step>>, outdater: Outdater) {
    while let Some((_, step)) = window.next(0) {
        let began = std::time::Instant::now();
        match floor.run(&step).await {
            Ok(counts) => window.done(began, counts),
            Err(error) => window.wrong(format!("{error:#}")),
        }
        // As beside the functions: what this costs Redis is in both.
        if let Step::List(place, _) = &step {
            outdater.tell(place);
        }
    }
}

/// A line for who waits.
fn told(outcome: &Outcome, floor: Option<&Outcome>) -> String {
    let Outcome { scenario, in_flight, variant, p50_ms, p99_ms, per_second, cpu_ms, .. } = outcome;
    let (slower, rate) = floor.map_or((f64::NAN, f64::NAN), |floor| {
        (p50_ms.p50 / floor.p50_ms.p50, per_second.p50 / floor.per_second.p50)
    });
    format!(
        "{scenario:<26} {in_flight:>2} {variant:<12} p50 {:>8.2} ms ({slower:>5.2} ×)  p99 {:>8.2}  {:>7.0}/s \
         ({rate:>5.2} ×)  CPU ms: ours {:.3}, mongod {:.3}, redis {:.3}, bench {:.3}",
        p50_ms.p50,
        p99_ms.p50,
        per_second.p50,
        cpu_ms.ours,
        cpu_ms.mongod,
        cpu_ms.redis,
        cpu_ms.bench,
    )
}
