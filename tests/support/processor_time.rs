//! Processor time, which does not depend on other load on the machine. Tests compare it
//! instead of elapsed time.

use std::{fs, path::Path, time::Duration};

/// The unit in which the kernel counts it, on every Linux that Rust runs on.
pub const TICK: Duration = Duration::from_millis(10);

/// The processor time of all processes that have these settings; `None` where there is no `/proc`.
pub fn processor_time(settings: &[(&str, &str)]) -> Option<Duration> {
    let wanted: Vec<String> =
        settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut ticks = None;
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let has = |setting: &String| {
            environment.split(|byte| *byte == 0).any(|found| found == setting.as_bytes())
        };
        if wanted.iter().all(has) {
            ticks = Some(ticks.unwrap_or(0) + ticks_of(&entry.path()));
        }
    }
    Some(TICK * ticks?)
}

/// User and system time: the twelfth and thirteenth field after the name, which may hold anything.
fn ticks_of(process: &Path) -> u32 {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields.get(11..13).into_iter().flatten().filter_map(|ticks| ticks.parse::<u32>().ok()).sum()
}
