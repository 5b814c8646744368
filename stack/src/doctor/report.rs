//! The lines that are printed, and what they come to.

use std::fmt::Display;

use crate::say;

/// What was found so far.
#[derive(Default)]
pub struct Report {
    fine: usize,
    warnings: usize,
    problems: usize,
}

impl Report {
    /// All is well there.
    pub fn ok(&mut self, check: &str, text: impl Display) {
        self.fine += 1;
        line("ok", check, &text, None);
    }

    /// It works, and could be better.
    pub fn warning(&mut self, check: &str, text: impl Display, mend: &str) {
        self.warnings += 1;
        line("warning", check, &text, Some(mend));
    }

    /// It does not work, or something is promised that will not hold.
    pub fn problem(&mut self, check: &str, text: impl Display, mend: &str) {
        self.problems += 1;
        line("problem", check, &text, Some(mend));
    }

    /// Says what it came to, and whether there was no problem.
    pub fn end(self) -> bool {
        let Self { fine, warnings, problems } = self;
        say::line!("problems: {problems}, warnings: {warnings}, well: {fine}");
        problems == 0
    }
}

fn line(level: &str, check: &str, text: &dyn Display, mend: Option<&str>) {
    match mend {
        Some(mend) => say::line!("{level:<8} {check:<9} {text}; to mend it: {mend}"),
        None => say::line!("{level:<8} {check:<9} {text}"),
    }
}
