//! Cold starts: from the start of a function's process to its first `GET …/invocation/next`, and
//! the size of what Lambda has to fetch before that.

use std::{collections::BTreeMap, fs::File, path::Path, process::Stdio, time::Instant};

use anyhow::Context as _;
use flate2::{Compression, write::DeflateEncoder};
use serde::Serialize;
use stack::harness::runtime_api::{RuntimeApi, lambda_settings};
use tokio::process::Command;

use crate::{
    figures::{Spread, short, table},
    options::Options,
    targets::Target,
    world::World,
};

/// The processes of each kind.
const STARTS: usize = 30;
const BRIEF_STARTS: usize = 5;
const MAX_MS: f64 = 25.0;
const MAX_ZIP_MB: f64 = 6.0;

/// What a cold start costs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Startup {
    starts: usize,
    /// Milliseconds until the first `/next`, for each kind of process.
    next_ms: Vec<(&'static str, Spread)>,
    /// The function with the largest zip, and its size; `None` for an unstripped profile.
    largest_zip_mb: Option<(String, f64)>,
}

/// Starts every kind of process, one of each in turn.
pub async fn measure(options: &Options) -> anyhow::Result<Startup> {
    let world = World::start(&options.dir.join("startup")).await?;
    let binaries = stack::binaries()?;
    let none = BTreeMap::new();
    let kinds = [
        ("empty lambda_http", "empty", &none),
        ("reserve", "reserve", &world.settings),
        ("health (waits for no server)", "health", &world.settings),
    ];
    let starts = if options.brief { BRIEF_STARTS } else { STARTS };
    let mut times: Vec<Vec<f64>> = kinds.iter().map(|_| Vec::new()).collect();
    // The first of each reads its file from the disk, and is not counted.
    for round in 0..=starts {
        for ((_, function, settings), times) in kinds.iter().zip(&mut times) {
            let ms = start(&binaries.join(function), settings).await?;
            if round > 0 {
                times.push(ms);
            }
        }
    }
    let next_ms = kinds.iter().zip(times).map(|((name, ..), ms)| (*name, Spread::of(ms))).collect();
    world.stop().await;
    Ok(Startup {
        starts,
        next_ms,
        largest_zip_mb: if options.profile == "debug" { None } else { largest_zip(&binaries)? },
    })
}

/// Starts a process, waits until it asks for its first event, and kills it. Returns the
/// milliseconds until it asked.
async fn start(program: &Path, settings: &BTreeMap<String, String>) -> anyhow::Result<f64> {
    let api = RuntimeApi::listen().await?;
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(settings)
        .envs(lambda_settings("bench", api.address()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let began = Instant::now();
    let mut child =
        command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
    let asked = api.first_next().await.with_context(|| program.display().to_string())?;
    child.kill().await?;
    Ok(asked.duration_since(began).as_secs_f64() * 1e3)
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
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = Vec::new();
        // A brief run has too few starts.
        if let Some((_, ms)) = self.next_ms.iter().find(|(kind, _)| *kind == "reserve")
            && self.starts >= STARTS
        {
            targets.push(Target::at_most("exec → first /next, reserve", ms.p50, "ms", MAX_MS));
        }
        if let Some((name, mb)) = &self.largest_zip_mb {
            targets.push(Target::at_most(format!("zip of `{name}`"), *mb, "MB", MAX_ZIP_MB));
        }
        targets
    }

    pub fn markdown(&self) -> String {
        let cells = self.next_ms.iter().map(|(kind, ms)| {
            let range = format!("{}–{}", short(ms.min), short(ms.max));
            vec![(*kind).to_owned(), short(ms.p50), short(ms.p90), range]
        });
        let zip = self.largest_zip_mb.as_ref().map_or_else(String::new, |(name, mb)| {
            format!("\n`{name}` has the largest zip of the built functions: {mb:.2} MB.\n")
        });
        format!(
            "{} processes of each kind, in turn, with their files in the page cache.\n\n{}{zip}",
            self.starts,
            table("exec → first `/next`, ms | median | p90 | range", cells)
        )
    }
}
