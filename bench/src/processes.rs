//! CPU time and memory of processes, from `/proc`.

use std::fs;

use anyhow::Context as _;
use serde::Serialize;

/// Of `/proc/<pid>/stat`, in every Linux that these programs run on (`getconf CLK_TCK`).
const TICKS_PER_MS: f64 = 0.1;

/// The processes of a measurement.
#[derive(Clone, Debug)]
pub struct Processes {
    /// The function's; none for the floor.
    pub ours: Vec<u32>,
    pub mongod: u32,
    pub redis: u32,
}

/// CPU time, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cpu {
    pub ours: f64,
    pub mongod: f64,
    pub redis: f64,
    /// This process: the Runtime API, or the drivers of the floor.
    pub bench: f64,
}

impl Cpu {
    /// What the processes have used until now.
    pub fn of(processes: &Processes) -> Self {
        Self {
            ours: processes.ours.iter().map(|pid| cpu_ms(*pid)).sum(),
            mongod: cpu_ms(processes.mongod),
            redis: cpu_ms(processes.redis),
            bench: cpu_ms(std::process::id()),
        }
    }

    /// Combines each figure with the same of `other`.
    pub fn with(self, other: Self, combine: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            ours: combine(self.ours, other.ours),
            mongod: combine(self.mongod, other.mongod),
            redis: combine(self.redis, other.redis),
            bench: combine(self.bench, other.bench),
        }
    }
}

/// CPU milliseconds of all threads of a process. Threads that have ended count too: MongoDB has
/// many. Its grain is 10 ms, which is little in the sum of all windows.
fn cpu_ms(pid: u32) -> f64 {
    // A process that has ended uses no more CPU; its missing responses are reported elsewhere.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    ticks(&stat).map_or(0.0, |ticks| ticks as f64 / TICKS_PER_MS)
}

/// utime and stime of a `/proc/<pid>/stat`.
fn ticks(stat: &str) -> Option<u64> {
    // The program's name is in brackets and may contain anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The most memory that a process ever had resident, in MiB.
pub fn peak_mib(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_are_found_behind_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 120 30 0 0 20 0 1 0 5 0 0";
        assert_eq!(ticks(stat), Some(150));
    }
}
