//! The figures of a run, in the form of `docs/RELIABILITY.md`.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{faults::KINDS, ledger::Count, verdict::Verdict, world::World};

/// A fault that happened.
pub struct FaultRun {
    /// Its place in [`KINDS`].
    pub kind: usize,
    /// Whether it happened alone.
    pub alone: bool,
    /// The time from its end to the first hold and the first booking.
    pub recovery: Duration,
}

pub struct Report {
    seed: u64,
    took: Duration,
    fault_runs: Vec<FaultRun>,
    verdict: Verdict,
    counts: BTreeMap<&'static str, Count>,
    least_left_ms: f64,
    unsettled: Duration,
    violations: Vec<String>,
}

impl Report {
    pub fn of(
        world: &World,
        seed: u64,
        took: Duration,
        fault_runs: Vec<FaultRun>,
        verdict: Verdict,
    ) -> Self {
        let entries = world.ledger.entries();
        Self {
            seed,
            took,
            fault_runs,
            verdict,
            counts: entries.counts.clone(),
            least_left_ms: entries.least_left_ms.unwrap_or_default(),
            unsettled: world.unsettled_time(),
            violations: entries.violations.clone(),
        }
    }

    pub fn violations(&self) -> &[String] {
        &self.violations
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, took, fault_runs, verdict, counts, least_left_ms, unsettled, violations } =
            self;
        let total = |of: fn(&Count) -> u64| counts.values().map(of).sum::<u64>();
        let operations = total(|count| count.ok + count.refused + count.unknown);
        let seconds = took.as_secs_f64();
        writeln!(
            f,
            "\nSeed {seed}, {seconds:.0} s: {operations} operations ({:.0}/s)\n",
            operations as f64 / seconds
        )?;
        writeln!(f, "| operation | ok | refused | unknown |\n|---|---|---|---|")?;
        for (endpoint, count) in counts {
            writeln!(f, "| {endpoint} | {} | {} | {} |", count.ok, count.refused, count.unknown)?;
        }
        let (ok, refused, unknown) = (total(|c| c.ok), total(|c| c.refused), total(|c| c.unknown));
        writeln!(f, "| all | {ok} | {refused} | {unknown} |\n")?;
        writeln!(f, "| checked | count |\n|---|---|")?;
        writeln!(f, "| seats whose calls were put in order | {} |", verdict.seats)?;
        writeln!(
            f,
            "| observations of them (most of one seat) | {} ({}) |",
            verdict.observations, verdict.longest_history
        )?;
        writeln!(f, "| reservations | {} |", verdict.reservations)?;
        writeln!(f, "| bookings | {} |", verdict.bookings)?;
        writeln!(f, "| of them with a cancellation, or CANCELLED | {} |", verdict.cancelled)?;
        writeln!(f, "| refunds paid | {} |", verdict.refunds)?;
        writeln!(f, "| payments recorded as REFUND_DUE | {} |", verdict.refunds_due)?;
        writeln!(f, "| events that reached their receiver | {} |", verdict.events)?;
        writeln!(
            f,
            "| unsold seats that could be reserved afterwards | {} |",
            verdict.reserved_again
        )?;
        writeln!(
            f,
            "| what the latest response left of its invocation's time | {least_left_ms:.0} ms |"
        )?;
        writeln!(
            f,
            "| time with an election, or within five seconds of one | {:.0} s |",
            unsettled.as_secs_f64()
        )?;
        writeln!(f, "| violations | {} |\n", violations.len())?;
        writeln!(f, "| fault | times | recovery: median | worst |\n|---|---|---|---|")?;
        for (kind, (name, _)) in KINDS.iter().enumerate() {
            let mut times: Vec<Duration> =
                fault_runs.iter().filter(|s| s.kind == kind).map(|s| s.recovery).collect();
            times.sort_unstable();
            let Some(worst) = times.last() else { continue };
            let median = times[times.len() / 2];
            writeln!(
                f,
                "| {name} | {} | {:.2} s | {:.2} s |",
                times.len(),
                median.as_secs_f64(),
                worst.as_secs_f64()
            )?;
        }
        let kinds = KINDS
            .iter()
            .enumerate()
            .filter(|(kind, _)| fault_runs.iter().any(|s| s.kind == *kind))
            .count();
        let pairs = fault_runs.iter().filter(|s| !s.alone).count();
        writeln!(
            f,
            "\n{} faults of {kinds} kinds, {pairs} of them two at once.",
            fault_runs.len() + pairs
        )
    }
}
