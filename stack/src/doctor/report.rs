//! The lines that are printed, and their count.

use std::fmt::Display;

use crate::say;

/// How many lines of each level were printed.
#[derive(Default)]
pub struct Report {
    passed: usize,
    warnings: usize,
    problems: usize,
}

impl Report {
    /// The check has passed.
    pub fn ok(&mut self, check: &str, text: impl Display) {
        self.passed += 1;
        line("ok", check, &text, None);
    }

    /// It works, but not as well as it could.
    pub fn warning(&mut self, check: &str, text: impl Display, fix: &str) {
        self.warnings += 1;
        line("warning", check, &text, Some(fix));
    }

    /// It does not work, or a promise of the API does not hold.
    pub fn problem(&mut self, check: &str, text: impl Display, fix: &str) {
        self.problems += 1;
        line("problem", check, &text, Some(fix));
    }

    /// Prints the counts and returns whether there was no problem.
    pub fn end(self) -> bool {
        let Self { passed, warnings, problems } = self;
        say::line!("problems: {problems}, warnings: {warnings}, ok: {passed}");
        problems == 0
    }
}

fn line(level: &str, check: &str, text: &dyn Display, fix: Option<&str>) {
    match fix {
        Some(fix) => say::line!("{level:<8} {check:<9} {text}; to fix it: {fix}"),
        None => say::line!("{level:<8} {check:<9} {text}"),
    }
}
