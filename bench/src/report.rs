//! What a run leaves: `results.json` and `summary.json` in the target folder, and with `WRITE=1` the
//! tables of `docs/PERFORMANCE.md`.

use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    figures::{short, table, thousands},
    line,
    options::Options,
    run::Outcome,
    startup::Startup,
    targets::{self, Target},
    world::World,
};

const PAGE: &str = "docs/PERFORMANCE.md";

/// Where it was measured, and with what.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    cpu: String,
    cores: usize,
    memory_mib: u64,
    kernel: String,
    mongod: String,
    redis: String,
    commit: String,
    profile: String,
    date: String,
}

impl Machine {
    async fn read(options: &Options) -> anyhow::Result<Self> {
        let root = stack::workspace_root();
        let git = async |words: &[&str]| {
            let output =
                tokio::process::Command::new("git").args(words).current_dir(&root).output().await;
            let stdout = output.map(|output| output.stdout).unwrap_or_default();
            String::from_utf8_lossy(&stdout).trim().to_owned()
        };
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let memory = field(&read("/proc/meminfo"), "MemTotal");
        let memory_kib: u64 = memory.trim_end_matches("kB").trim().parse().unwrap_or_default();
        let changed =
            !git(&["status", "--porcelain", "--", "shared", "functions"]).await.is_empty();
        let commit = git(&["rev-parse", "--short", "HEAD"]).await;
        Ok(Self {
            cpu: field(&read("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism()?.get(),
            memory_mib: memory_kib / 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            commit: if changed { format!("{commit} and changes") } else { commit },
            profile: options.profile.clone(),
            date: chrono::Utc::now().format("%Y-%m-%d").to_string(),
            ..Self::default()
        })
    }

    /// Asks the servers for their versions.
    pub async fn read_versions(&mut self, world: &World) -> anyhow::Result<()> {
        (self.mongod, self.redis) = world.versions().await?;
        Ok(())
    }

    fn markdown(&self) -> String {
        let Self { cpu, cores, memory_mib, kernel, mongod, redis, commit, profile, date } = self;
        format!(
            "{date}, commit {commit}, profile `{profile}`: {cores} cores of {cpu}, \
             {memory_mib} MiB, Linux {kernel}, MongoDB {mongod}, Redis {redis}."
        )
    }
}

/// A run, so far.
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub growth: Vec<Outcome>,
    pub startup: Option<Startup>,
    pub machine: Machine,
    run: Value,
}

impl Report {
    pub async fn new(options: &Options) -> anyhow::Result<Self> {
        let seconds = options.window.as_secs_f64();
        Ok(Self {
            outcomes: Vec::new(),
            growth: Vec::new(),
            startup: None,
            machine: Machine::read(options).await?,
            run: json!({"seconds": seconds, "rounds": options.rounds, "only": options.only}),
        })
    }

    fn targets(&self) -> Vec<Target> {
        let mut targets = targets::of(&self.outcomes);
        targets.extend(self.startup.iter().flat_map(Startup::targets));
        targets
    }

    /// Writes what there is.
    pub fn write(&self, options: &Options) -> anyhow::Result<()> {
        std::fs::create_dir_all(&options.dir)?;
        let results = json!({
            "machine": self.machine, "run": self.run, "scenarios": self.outcomes,
            "startup": self.startup, "growth": self.growth,
        });
        let targets = serde_json::to_value(self.targets())?;
        for (name, value) in [("results.json", results), ("summary.json", targets)] {
            let path = options.dir.join(name);
            std::fs::write(&path, format!("{value:#}\n"))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        if options.write {
            self.write_page(&stack::workspace_root().join(PAGE), options)
        } else {
            Ok(())
        }
    }

    fn write_page(&self, path: &Path, options: &Options) -> anyhow::Result<()> {
        let mut page =
            std::fs::read_to_string(path).unwrap_or_else(|_| "# Performance\n".to_owned());
        // A partial run would remove the targets of the other parts.
        if options.only.is_empty() {
            let text = format!("{}\n\n{}", self.machine.markdown(), self.targets_table());
            page = between(page, "targets", &text);
        }
        if !self.outcomes.is_empty() {
            let note = "*How*: the floor; one environment that takes as many events at once; many \
                        that take one each. *Driver* is the CPU of the benchmark itself: beside the \
                        floor its drivers, beside the functions the Runtime API.";
            page = between(page, "bench", &self.steps(&self.outcomes, note));
        }
        if let Some(startup) = &self.startup {
            page = between(page, "startup", &startup.markdown());
        }
        if !self.growth.is_empty() {
            let note = "The levels of an axis are run one after the other. No listing comes from \
                        memory. Half of the past reservations are of the listed entities, one in \
                        ten is of the users.";
            page = between(page, "growth", &self.steps(&self.growth, note));
        }
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))
    }

    fn targets_table(&self) -> String {
        let cells = |target: Target| {
            let met = if target.met { "yes" } else { "**no**" };
            let value = format!("{} {}", target.value, target.unit);
            vec![target.name, value, target.target, met.to_owned()]
        };
        table(&["what", "measured", "target", "met"], self.targets().into_iter().map(cells))
    }

    fn steps(&self, outcomes: &[Outcome], note: &str) -> String {
        let head = [
            "scenario",
            "in flight",
            "how",
            "p50 ms",
            "p90 ms",
            "p99 ms",
            "requests/s",
            "p50 × floor",
            "/s × floor",
            "CPU ms ours",
            "mongod",
            "redis",
            "driver",
            "peak MiB",
        ];
        format!(
            "{}\nMedians of {} rounds of {} s, with the least and the greatest for requests/s. {note}\n",
            table(&head, outcomes.iter().map(|outcome| cells(outcome, outcomes))),
            self.run["rounds"],
            self.run["seconds"],
        )
    }

    pub fn print_targets(&self) {
        for Target { name, value, unit, target, met } in self.targets() {
            let met = if met { "met" } else { "NOT MET" };
            line!("{name:<64} {value:>10} {unit:<10} {target:<8} {met}");
        }
    }
}

fn cells(outcome: &Outcome, all: &[Outcome]) -> Vec<String> {
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

/// The page with `text` between the markers of that name. Missing markers are added at its end.
fn between(mut page: String, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- {name}:begin -->"), format!("<!-- {name}:end -->"));
    let new = format!("{begin}\n{}\n{end}", text.trim_end());
    let old =
        page.find(&begin).and_then(|from| Some(from..from + page[from..].find(&end)? + end.len()));
    match old {
        Some(old) => page.replace_range(old, &new),
        None => page = format!("{}\n\n{new}\n", page.trim_end()),
    }
    page
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
        let page = "# P\n\n<!-- bench:begin -->\nold\n<!-- bench:end -->\n\nprose\n".to_owned();
        let page = between(page, "bench", "new\n");
        assert_eq!(page, "# P\n\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\n\nprose\n");
        let page = between(page, "startup", "x");
        let added = "prose\n\n<!-- startup:begin -->\nx\n<!-- startup:end -->\n";
        assert!(page.ends_with(added), "{page}");
    }

    #[test]
    fn a_field_is_found_by_its_name() {
        assert_eq!(field("a: b\nmodel name\t: Some CPU\n", "model name"), "Some CPU");
    }
}
