//! What a run was asked for.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;

/// From the environment, as `make bench` hands it down.
#[derive(Clone, Debug)]
pub struct Options {
    /// `SECONDS`: how long a window is.
    pub window: Duration,
    /// `ROUNDS`: how often each variant is measured.
    pub rounds: usize,
    /// `ONLY`: what has one of these words, parted by commas, in its name.
    pub only: Vec<String>,
    /// `WRITE`: put the results into `docs/PERFORMANCE.md` and `docs/performance.svg`.
    pub write: bool,
    /// `BRIEF`: of the measurements beside the scenarios, only as much as shows that they work.
    pub brief: bool,
    /// Where results, logs and data go: `bench` in the target folder.
    pub dir: PathBuf,
    /// What the functions were built with.
    pub profile: String,
}

impl Options {
    /// Reads them.
    ///
    /// # Errors
    /// Names the one that is no number.
    pub fn read() -> anyhow::Result<Self> {
        let text =
            |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let number = |name: &str, default: f64| match text(name).filter(|text| !text.is_empty()) {
            None => Ok(default),
            Some(text) => {
                text.parse::<f64>().with_context(|| format!("{name}={text} is no number"))
            }
        };
        let binaries = stack::binaries()?;
        let folder = |path: &std::path::Path| {
            path.file_name().map(|name| name.to_string_lossy().into_owned())
        };
        let words = text("ONLY").unwrap_or_default();
        Ok(Self {
            window: Duration::from_secs_f64(number("SECONDS", 1.5)?.clamp(0.2, 600.0)),
            rounds: number("ROUNDS", 5.0)?.clamp(1.0, 100.0) as usize,
            only: words
                .split(',')
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty())
                .collect(),
            write: text("WRITE").is_some_and(|value| value == "1"),
            brief: text("BRIEF").is_some_and(|value| value == "1"),
            dir: binaries.parent().unwrap_or(&binaries).join("bench"),
            profile: folder(&binaries).unwrap_or_default(),
        })
    }

    /// Whether that part of the benchmark is to be run.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| name.contains(word.as_str()))
    }
}
