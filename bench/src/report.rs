//! What a run leaves: `results.json` and `summary.json` in the target folder, and with `WRITE=1`
//! the tables of `docs/PERFORMANCE.md` and the plot beside it.

use std::{fmt::Write as _, path::Path};

use anyhow::Context as _;
use mongodb::bson::doc;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    figures::{Part, short, table, thousands},
    options::Options,
    plot, rows,
    run::Outcome,
    say::line,
    summary::Row,
    world::World,
};

const PAGE: &str = "docs/PERFORMANCE.md";
const PLOT: &str = "docs/performance.svg";
/// Where it was measured, and with what.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Machine {
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

/// A run, so far.
pub struct Report {
    /// The scenarios.
    pub outcomes: Vec<Outcome>,
    /// What was measured beside them.
    pub parts: Vec<Part>,
    machine: Machine,
    run: Value,
}

impl Report {
    /// With what the machine tells of itself.
    ///
    /// # Errors
    /// When it tells nothing.
    pub async fn new(options: &Options) -> anyhow::Result<Self> {
        let root = stack::workspace_root();
        let git = async |words: &[&str]| {
            let output =
                tokio::process::Command::new("git").args(words).current_dir(&root).output().await;
            output.map_or_else(
                |_| String::new(),
                |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            )
        };
        let changed =
            !git(&["status", "--porcelain", "--", "shared", "functions"]).await.is_empty();
        let commit = git(&["rev-parse", "--short", "HEAD"]).await;
        let machine = Machine {
            cpu: first(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default(), "model name"),
            cores: std::thread::available_parallelism()?.get(),
            memory_mib: kib(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default()) / 1024,
            kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            commit: if changed { format!("{commit} and changes") } else { commit },
            profile: options.profile.clone(),
            date: chrono::Utc::now().format("%Y-%m-%d").to_string(),
            ..Machine::default()
        };
        let run = json!({"seconds": options.window.as_secs_f64(), "rounds": options.rounds, "only": options.only});
        Ok(Self { outcomes: Vec::new(), parts: Vec::new(), machine, run })
    }

    /// With what the servers tell of themselves.
    ///
    /// # Errors
    /// When they do not answer.
    pub async fn servers(&mut self, world: &World) -> anyhow::Result<()> {
        let build = world.database.run_command(doc! {"buildInfo": 1}).await?;
        self.machine.mongod = build.get_str("version")?.to_owned();
        let mut info = redis::Cmd::new();
        info.arg("INFO").arg("server");
        let info: String = info.query_async(&mut world.locks.clone()).await?;
        self.machine.redis = first(&info, "redis_version");
        Ok(())
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = rows::of(&self.outcomes);
        rows.extend(self.parts.iter().flat_map(|part| part.rows.iter().cloned()));
        rows
    }

    /// Writes what there is.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, options: &Options) -> anyhow::Result<()> {
        std::fs::create_dir_all(&options.dir)?;
        let mut results =
            json!({"machine": self.machine, "run": self.run, "scenarios": self.outcomes});
        for part in &self.parts {
            results[part.name] = part.json.clone();
        }
        let put = |name: &str, value: &Value| -> anyhow::Result<()> {
            let path = options.dir.join(name);
            std::fs::write(&path, format!("{value:#}\n"))
                .with_context(|| format!("cannot write {}", path.display()))
        };
        put("results.json", &results)?;
        put("summary.json", &serde_json::to_value(self.rows())?)?;
        let root = stack::workspace_root();
        if !self.outcomes.is_empty() {
            plot::draw(&self.outcomes, &options.dir.join("performance.svg"))?;
        }
        if options.write {
            self.write_page(&root.join(PAGE), options)?;
            if !self.outcomes.is_empty() {
                std::fs::copy(options.dir.join("performance.svg"), root.join(PLOT))?;
            }
        }
        Ok(())
    }

    fn write_page(&self, path: &Path, options: &Options) -> anyhow::Result<()> {
        let mut page =
            std::fs::read_to_string(path).unwrap_or_else(|_| "# Performance\n".to_owned());
        // A part of a run would leave out the others' rows.
        if options.only.is_empty() {
            page =
                between(page, "targets", &format!("{}\n{}", self.told_machine(), self.targets()));
        }
        if !self.outcomes.is_empty() {
            page = between(page, "bench", &self.scenarios());
        }
        for part in &self.parts {
            page = between(page, part.name, &part.markdown);
        }
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))
    }

    fn told_machine(&self) -> String {
        let Machine { cpu, cores, memory_mib, kernel, mongod, redis, commit, profile, date } =
            &self.machine;
        format!(
            "{date}, commit {commit}, profile `{profile}`: {cores} cores of {cpu}, {memory_mib} MiB, Linux {kernel}, MongoDB \
             {mongod}, Redis {redis}.\n"
        )
    }

    fn targets(&self) -> String {
        let cells = |row: Row| {
            let met = if row.met { "yes" } else { "**no**" };
            vec![row.name, format!("{} {}", row.value, row.unit), row.target, met.to_owned()]
        };
        table(&["what", "measured", "target", "met"], self.rows().into_iter().map(cells))
    }

    fn scenarios(&self) -> String {
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
        let mut text = table(&head, self.outcomes.iter().map(|outcome| self.cells(outcome)));
        let _ = writeln!(
            text,
            "\nMedians of {} rounds of {} s, with the least and the greatest for requests/s. *How*: the floor; one \
             environment that takes as many events at once; many that take one each. *Driver* is what the benchmark itself \
             used: beside the floor its drivers, beside the functions the Runtime API.\n\n\
             ![p50 and requests/s of each step, beside the floor](performance.svg)",
            self.run["rounds"], self.run["seconds"]
        );
        text
    }

    fn cells(&self, outcome: &Outcome) -> Vec<String> {
        let floor = self.outcomes.iter().find(|other| {
            (other.scenario, other.in_flight, other.variant)
                == (outcome.scenario, outcome.in_flight, "floor")
        });
        let ratio = |ours: f64, of: fn(&Outcome) -> f64| {
            let floor = floor.filter(|_| outcome.variant != "floor");
            floor.map_or(String::new(), |floor| format!("{:.2}", ours / of(floor)))
        };
        let rate = |value: f64| thousands(value.round() as u64);
        let (p50, per_second, cpu) = (outcome.p50_ms.p50, outcome.per_second, outcome.cpu_ms);
        vec![
            outcome.scenario.to_owned(),
            outcome.in_flight.to_string(),
            outcome.variant.to_owned(),
            short(p50),
            short(outcome.p90_ms.p50),
            short(outcome.p99_ms.p50),
            format!("{} ({}–{})", rate(per_second.p50), rate(per_second.min), rate(per_second.max)),
            ratio(p50, |floor| floor.p50_ms.p50),
            ratio(per_second.p50, |floor| floor.per_second.p50),
            if outcome.variant == "floor" { String::new() } else { format!("{:.2}", cpu.ours) },
            format!("{:.2}", cpu.mongod),
            format!("{:.2}", cpu.redis),
            format!("{:.2}", cpu.bench),
            outcome.peak_mib.map_or(String::new(), short),
        ]
    }

    /// The rows, for whoever waits.
    pub fn tell(&self) {
        for row in self.rows() {
            let met = if row.met { "met" } else { "NOT MET" };
            line!("{:<64} {:>10} {:<10} {:<8} {met}", row.name, row.value, row.unit, row.target);
        }
    }
}

/// The page with `text` between the markers of that name, which are put at its end where they are
/// missing.
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

/// What stands behind `name` and a colon in the first line that begins so.
fn first(text: &str, name: &str) -> String {
    let value =
        text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    value.unwrap_or_default().trim().to_owned()
}

fn kib(meminfo: &str) -> u64 {
    first(meminfo, "MemTotal").trim_end_matches("kB").trim().parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_its_own_place_and_no_other() {
        let page = "# P\n\n<!-- bench:begin -->\nold\n<!-- bench:end -->\n\nprose\n".to_owned();
        let page = between(page, "bench", "new\n");
        assert_eq!(page, "# P\n\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\n\nprose\n");
        let page = between(page, "startup", "x");
        assert!(
            page.ends_with("prose\n\n<!-- startup:begin -->\nx\n<!-- startup:end -->\n"),
            "{page}"
        );
    }

    #[test]
    fn what_a_machine_says_is_found() {
        assert_eq!(first("a: b\nmodel name\t: Some CPU\n", "model name"), "Some CPU");
        assert_eq!(kib("MemTotal:       24684544 kB\n"), 24_684_544);
    }
}
