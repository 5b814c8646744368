//! CPU time of the processes of a measurement, by `/proc/<pid>/stat`: it knows of threads that have
//! ended too, and the database has many of those. Its grain of 10 ms is lost in the sum over all
//! windows.

use std::ops::{Add, Sub};

use serde::Serialize;

/// Of `/proc/<pid>/stat`, in every Linux that these programs run on (`getconf CLK_TCK`).
const TICKS_PER_MS: f64 = 0.1;

/// The processes of a measurement.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Of the function.
    pub ours: Vec<u32>,
    /// The database.
    pub mongod: u32,
    /// The locks.
    pub redis: u32,
}

/// CPU time, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cpu {
    /// The function's processes; of the floor, none.
    pub ours: f64,
    /// The database.
    pub mongod: f64,
    /// The locks.
    pub redis: f64,
    /// The benchmark itself: the Runtime API, and of the floor the drivers.
    pub bench: f64,
}

impl Cpu {
    /// What the processes have used until now.
    #[must_use]
    pub fn of(watched: &Watched) -> Self {
        Self {
            ours: watched.ours.iter().map(|pid| cpu_ms(*pid)).sum(),
            mongod: cpu_ms(watched.mongod),
            redis: cpu_ms(watched.redis),
            bench: cpu_ms(std::process::id()),
        }
    }

    /// A share of it.
    #[must_use]
    pub fn per(self, requests: u64) -> Self {
        let share = |ms: f64| if requests == 0 { f64::NAN } else { ms / requests as f64 };
        Self {
            ours: share(self.ours),
            mongod: share(self.mongod),
            redis: share(self.redis),
            bench: share(self.bench),
        }
    }
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            ours: self.ours - other.ours,
            mongod: self.mongod - other.mongod,
            redis: self.redis - other.redis,
            bench: self.bench - other.bench,
        }
    }
}

impl Add for Cpu {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            ours: self.ours + other.ours,
            mongod: self.mongod + other.mongod,
            redis: self.redis + other.redis,
            bench: self.bench + other.bench,
        }
    }
}

/// Milliseconds that a process has computed, in all its threads, those that have ended too.
#[must_use]
pub fn cpu_ms(pid: u32) -> f64 {
    // One that has ended uses nothing more; its answers are missed elsewhere.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    ticks(&stat).map_or(0.0, |ticks| ticks as f64 / TICKS_PER_MS)
}

/// utime and stime of a `/proc/<pid>/stat`.
fn ticks(stat: &str) -> Option<u64> {
    // The program's name stands in brackets, and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
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
