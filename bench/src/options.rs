//! The options of a run.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;

/// The variables that `make bench` sets.
#[derive(Clone, Debug)]
pub struct Options {
    /// `SECONDS`: the length of a window.
    pub window: Duration,
    /// `ROUNDS`: how often each variant is measured.
    pub rounds: usize,
    /// `ONLY`: run only what has one of these words in its name. Commas part them.
    pub only: Vec<String>,
    /// `WRITE`: put the results into `docs/PERFORMANCE.md`.
    pub write: bool,
    /// `BRIEF`: few starts and small levels of data, to see that they work.
    pub brief: bool,
    /// Where results, logs and data go: `bench` in the target folder.
    pub dir: PathBuf,
    /// The profile that the functions were built with.
    pub profile: String,
}

impl Options {
    pub fn read() -> anyhow::Result<Self> {
        let text = |name: &str| {
            let value = std::env::var_os(name).unwrap_or_default();
            value.to_string_lossy().into_owned()
        };
        let number = |name: &str, default: f64| match text(name).as_str() {
            "" => Ok(default),
            text => text.parse::<f64>().with_context(|| format!("{name}={text} is not a number")),
        };
        let binaries = stack::binaries()?;
        let only = text("ONLY");
        let only = only.split(',').map(str::trim).filter(|word| !word.is_empty());
        Ok(Self {
            window: Duration::from_secs_f64(number("SECONDS", 1.5)?.clamp(0.2, 600.0)),
            rounds: number("ROUNDS", 5.0)?.clamp(1.0, 100.0) as usize,
            only: only.map(str::to_owned).collect(),
            write: text("WRITE") == "1",
            brief: text("BRIEF") == "1",
            dir: binaries.parent().unwrap_or(&binaries).join("bench"),
            profile: binaries.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        })
    }

    /// Whether that part of the benchmark is to be run.
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| name.contains(word.as_str()))
    }
}
