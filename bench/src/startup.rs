//! Cold starts: from the start of a function's process to its first `GET …/invocation/next`, and the
//! size of what Lambda has to fetch before that.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

use anyhow::Context as _;
use flate2::{Compression, write::DeflateEncoder};
use serde::Serialize;
use serde_json::Value;
use stack::harness::runtime_api::{RuntimeApi, lambda_settings};
use tokio::process::Command;

use crate::{
    figures::{Spread, short, table},
    options::Options,
    processes::young_cpu_ms,
    targets::Target,
    world::World,
};

/// The processes of each kind.
const STARTS: usize = 30;
const BRIEF_STARTS: usize = 5;
const MAX_MS: f64 = 25.0;
const MAX_ZIP_MB: f64 = 6.0;
/// The times that the log line `started` has at the level `debug`, in milliseconds.
const SPANS: [&str; 4] = ["clients_ms", "mongodb_ms", "redis_ms", "total_ms"];

struct Kind {
    name: &'static str,
    program: PathBuf,
    settings: BTreeMap<String, String>,
}

/// The starts of one kind of process.
#[derive(Default)]
struct Starts {
    next_ms: Vec<f64>,
    cpu_ms: Vec<f64>,
    spans: BTreeMap<&'static str, Vec<f64>>,
}

#[derive(Serialize)]
struct Figures {
    name: &'static str,
    next_ms: Spread,
    cpu_ms: Spread,
    spans_ms: BTreeMap<&'static str, Spread>,
}

/// What a cold start costs.
#[derive(Serialize)]
pub struct Startup {
    starts: usize,
    kinds: Vec<Figures>,
    /// The function with the largest zip, and its size; `None` for an unstripped profile.
    largest_zip: Option<(String, f64)>,
    #[serde(skip)]
    brief: bool,
}

/// Starts every kind of process, one of each in turn.
pub async fn measure(options: &Options) -> anyhow::Result<Startup> {
    let dir = options.dir.join("startup");
    let world = World::start(&dir).await?;
    let binaries = stack::binaries()?;
    let kind = |name, program: &str, settings: &BTreeMap<_, _>| Kind {
        name,
        program: binaries.join(program),
        settings: settings.clone(),
    };
    let kinds = [
        kind("empty lambda_http", "empty", &BTreeMap::new()),
        kind("reserve", "reserve", &world.settings),
        kind("health (waits for no server)", "health", &world.settings),
    ];
    let count = if options.brief { BRIEF_STARTS } else { STARTS };
    let mut all: Vec<Starts> = kinds.iter().map(|_| Starts::default()).collect();
    let log = dir.join("start.log");
    // The first of each reads its file from the disk, and is not counted.
    for round in 0..=count {
        for (kind, starts) in kinds.iter().zip(&mut all) {
            let (next_ms, cpu_ms) = start(kind, None).await?;
            start(kind, Some(&log)).await?;
            if round > 0 {
                starts.next_ms.push(next_ms);
                starts.cpu_ms.push(cpu_ms);
                starts.read_spans(&log);
            }
        }
    }
    world.stop().await;
    let largest_zip = if options.profile == "debug" { None } else { largest_zip(&binaries)? };
    let kinds = kinds.iter().zip(all).map(|(kind, starts)| starts.figures(kind.name)).collect();
    Ok(Startup { starts: count, kinds, largest_zip, brief: options.brief })
}

/// Starts a process, waits until it asks for its first event, and kills it. Returns the milliseconds
/// until then, and those of CPU.
async fn start(kind: &Kind, log: Option<&Path>) -> anyhow::Result<(f64, f64)> {
    let api = RuntimeApi::listen().await?;
    let mut command = Command::new(&kind.program);
    command
        .env_clear()
        .envs(&kind.settings)
        .envs(lambda_settings("bench", api.address()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    if let Some(log) = log {
        command.env("AWS_LAMBDA_LOG_LEVEL", "debug").stdout(File::create(log)?);
    }
    let began = Instant::now();
    let mut child =
        command.spawn().with_context(|| format!("cannot start {}", kind.program.display()))?;
    let asked = api.first_next().await.context(kind.name)?;
    let cpu_ms = young_cpu_ms(child.id().context("it has ended")?)?;
    child.kill().await?;
    Ok((asked.duration_since(began).as_secs_f64() * 1e3, cpu_ms))
}

impl Starts {
    fn read_spans(&mut self, log: &Path) {
        let text = fs::read_to_string(log).unwrap_or_default();
        let mut lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let Some(line) = lines.find(|line| line["message"] == "started") else { return };
        for span in SPANS {
            if let Some(ms) = line[span].as_f64() {
                self.spans.entry(span).or_default().push(ms);
            }
        }
    }

    fn figures(self, name: &'static str) -> Figures {
        Figures {
            name,
            next_ms: Spread::of(self.next_ms),
            cpu_ms: Spread::of(self.cpu_ms),
            spans_ms: self.spans.into_iter().map(|(name, ms)| (name, Spread::of(ms))).collect(),
        }
    }
}

/// The largest of the functions that are built, deflated as in its zip, in 10^6 bytes.
fn largest_zip(binaries: &Path) -> anyhow::Result<Option<(String, f64)>> {
    let mut largest: Option<(String, f64)> = None;
    for name in stack::functions()? {
        let Ok(mut binary) = File::open(binaries.join(&name)) else { continue };
        let mut deflated = DeflateEncoder::new(std::io::sink(), Compression::best());
        std::io::copy(&mut binary, &mut deflated)?;
        deflated.try_finish()?;
        let mb = deflated.total_out() as f64 / 1e6;
        if largest.as_ref().is_none_or(|(_, most)| mb > *most) {
            largest = Some((name, mb));
        }
    }
    Ok(largest)
}

impl Startup {
    /// With `BRIEF=1` there are too few starts for a target.
    pub fn targets(&self) -> Vec<Target> {
        if self.brief {
            return Vec::new();
        }
        let mut targets = Vec::new();
        // `redis_ms` is logged when Redis was connected, which is after MongoDB.
        let reserve = self.kinds.iter().find(|kind| kind.name == "reserve");
        if let Some(reserve) = reserve.filter(|kind| kind.spans_ms.contains_key("redis_ms")) {
            let name = "exec → first /next, pools connected";
            targets.push(Target::at_most(name, reserve.next_ms.p50, "ms", MAX_MS));
        }
        if let Some((name, mb)) = &self.largest_zip {
            targets.push(Target::at_most(format!("zip of `{name}`"), *mb, "MB", MAX_ZIP_MB));
        }
        targets
    }

    pub fn markdown(&self) -> String {
        let cells = self.kinds.iter().map(|kind| {
            let next = kind.next_ms;
            let mut cells = vec![kind.name.to_owned(), short(next.p50), short(next.p90)];
            cells.push(format!("{}–{}", short(next.min), short(next.max)));
            cells.push(short(kind.cpu_ms.p50));
            cells.extend(SPANS.map(|span| {
                kind.spans_ms.get(span).map_or_else(|| "–".to_owned(), |ms| short(ms.p50))
            }));
            cells
        });
        let head = [
            "exec → first `/next`, ms",
            "median",
            "p90",
            "range",
            "CPU",
            "clients",
            "MongoDB",
            "Redis",
            "in all",
        ];
        let zip = self.largest_zip.as_ref().map_or_else(String::new, |(name, mb)| {
            format!("\nThe largest zip of those built is that of `{name}`: {mb:.2} MB.\n")
        });
        format!(
            "{} processes of each kind, in turn, with their files in the page cache. The last four \
             columns are medians of timed spans, from further starts that log them.\n\n{}{zip}",
            self.starts,
            table(&head, cells)
        )
    }
}
