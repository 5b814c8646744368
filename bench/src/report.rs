//! What a run leaves: `results.json` and `summary.json` in the target folder, and with `WRITE=1`
//! the tables of `docs/PERFORMANCE.md`.

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::{
    figures::{short, table, thousands},
    line,
    options::Options,
    outcome::Outcome,
    startup::Startup,
    targets::{self, Target},
    venues::Venues,
};

const PAGE: &str = "docs/PERFORMANCE.md";
/// The head of the tables of steps and growth.
pub const STEPS_HEAD: &str = "scenario | in flight | how | p50 ms | p90 ms | p99 ms | requests/s | \
                          p50 × floor | /s × floor | CPU ms ours | mongod | redis | driver | \
                          peak MiB";

/// Where it was measured, and what: the date, the commit, the profile and the machine.
async fn machine(options: &Options) -> anyhow::Result<String> {
    let root = stack::workspace_root();
    let git = async |words: &[&str]| {
        let output =
            tokio::process::Command::new("git").args(words).current_dir(&root).output().await;
        let stdout = output.map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&stdout).trim().to_owned()
    };
    let changed = !git(&["status", "--porcelain", "--", "shared", "functions"]).await.is_empty();
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let memory_kib: u64 = memory.trim_end_matches("kB").trim().parse().unwrap_or_default();
    Ok(format!(
        "{}, commit {}{}, profile `{}`: {} cores of {}, {} MiB, Linux {}",
        chrono::Utc::now().format("%Y-%m-%d"),
        git(&["rev-parse", "--short", "HEAD"]).await,
        if changed { " and changes" } else { "" },
        options.profile,
        std::thread::available_parallelism()?,
        field(&read("/proc/cpuinfo"), "model name"),
        memory_kib / 1024,
        read("/proc/sys/kernel/osrelease").trim(),
    ))
}

/// What a run has measured so far.
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub growth: Vec<Outcome>,
    pub startup: Option<Startup>,
    pub venues: Option<Venues>,
    machine: String,
    /// The versions of the servers.
    pub versions: String,
    run: Value,
}

impl Report {
    pub async fn new(options: &Options) -> anyhow::Result<Self> {
        let seconds = options.window.as_secs_f64();
        Ok(Self {
            outcomes: Vec::new(),
            growth: Vec::new(),
            startup: None,
            venues: None,
            machine: machine(options).await?,
            versions: String::new(),
            run: json!({"seconds": seconds, "rounds": options.rounds, "only": options.only}),
        })
    }

    fn targets(&self) -> Vec<Target> {
        let mut targets = targets::of(&self.outcomes);
        targets.extend(targets::of_growth(&self.growth));
        targets.extend(self.startup.iter().flat_map(Startup::targets));
        targets.extend(self.venues.iter().flat_map(Venues::targets));
        targets
    }

    /// Writes `results.json` and the tables with what was measured so far.
    pub fn write(&self, options: &Options) -> anyhow::Result<()> {
        std::fs::create_dir_all(&options.dir)?;
        let results = json!({
            "machine": self.machine, "versions": self.versions, "run": self.run,
            "targets": self.targets(), "scenarios": self.outcomes, "startup": self.startup,
            "venues": self.venues, "growth": self.growth,
        });
        let path = options.dir.join("results.json");
        std::fs::write(&path, format!("{results:#}\n"))
            .with_context(|| format!("cannot write {}", path.display()))?;
        if options.write {
            self.write_page(&stack::workspace_root().join(PAGE), options)?;
        }
        Ok(())
    }

    fn write_page(&self, path: &Path, options: &Options) -> anyhow::Result<()> {
        let mut page = std::fs::read_to_string(path)?;
        // A partial run would remove the targets of the other parts.
        if options.only.is_empty() {
            let text = format!("{}, {}.\n\n{}", self.machine, self.versions, self.targets_table());
            page = between(&page, "targets", &text)?;
        }
        if !self.outcomes.is_empty() {
            let note = "*How*: the floor; one environment that takes as many events at once; many \
                        that take one each. *Driver*: the CPU of the benchmark's drivers or of its \
                        Runtime API.";
            page = between(&page, "bench", &self.steps(&self.outcomes, note))?;
        }
        if let Some(startup) = &self.startup {
            page = between(&page, "startup", &startup.markdown())?;
        }
        if !self.growth.is_empty() {
            let note = "Levels run one after the other. No listing comes from memory. Half of the \
                        past reservations are of the listed entities, one in ten is of the users.";
            page = between(&page, "growth", &self.steps(&self.growth, note))?;
        }
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))
    }

    fn targets_table(&self) -> String {
        let cells = |target: Target| {
            let met = if target.met { "yes" } else { "**no**" };
            let value = format!("{} {}", target.value, target.unit);
            vec![target.name, value, target.target, met.to_owned()]
        };
        table("what | measured | target | met", self.targets().into_iter().map(cells))
    }

    fn steps(&self, outcomes: &[Outcome], note: &str) -> String {
        format!(
            "{}\nMedians of {} rounds of {} s, with the least and the greatest for requests/s. {note}\n",
            table(STEPS_HEAD, outcomes.iter().map(|outcome| cells(outcome, outcomes))),
            self.run["rounds"],
            self.run["seconds"],
        )
    }

    pub fn print_targets(&self) {
        line!("{}", self.targets_table());
    }
}

/// A row of the table of steps. `all` contains the floor of the outcome.
pub fn cells(outcome: &Outcome, all: &[Outcome]) -> Vec<String> {
    let is_floor = outcome.variant == "floor";
    let floor = all.iter().find(|other| {
        (&other.scenario, other.in_flight, other.variant)
            == (&outcome.scenario, outcome.in_flight, "floor")
    });
    let ratio = |figure: fn(&Outcome) -> f64| match floor {
        Some(floor) if !is_floor => format!("{:.2}", figure(outcome) / figure(floor)),
        _ => String::new(),
    };
    let rate = |value: f64| thousands(value.round() as u64);
    let (per_second, cpu) = (outcome.per_second, outcome.cpu_ms);
    vec![
        outcome.scenario.clone(),
        outcome.in_flight.to_string(),
        outcome.variant.to_owned(),
        short(outcome.p50_ms.p50),
        short(outcome.p90_ms.p50),
        short(outcome.p99_ms.p50),
        format!("{} ({}–{})", rate(per_second.p50), rate(per_second.min), rate(per_second.max)),
        ratio(|outcome| outcome.p50_ms.p50),
        ratio(|outcome| outcome.per_second.p50),
        if is_floor { String::new() } else { format!("{:.2}", cpu.ours) },
        format!("{:.2}", cpu.mongod),
        format!("{:.2}", cpu.redis),
        format!("{:.2}", cpu.bench),
        outcome.peak_mib.map_or(String::new(), short),
    ]
}

/// The page with `text` between the markers of that name.
fn between(page: &str, name: &str, text: &str) -> anyhow::Result<String> {
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let split = page.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) = split.with_context(|| format!("{PAGE} has no markers {name}"))?;
    Ok(format!("{before}{begin}{}\n{end}{after}", text.trim_end()))
}

/// The value after `name` and a colon, in the first line that begins so.
fn field(text: &str, name: &str) -> String {
    let value =
        text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    value.unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_replaces_only_its_own_markers() {
        let page = "# P\n\n<!-- bench:begin -->\nold\n<!-- bench:end -->\n\nprose\n";
        let new = "# P\n\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\n\nprose\n";
        assert_eq!(between(page, "bench", "new\n").unwrap(), new);
        assert!(between(page, "startup", "x").is_err());
    }
}
