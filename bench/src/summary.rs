//! The rows of the table of targets, for `target/bench/summary.json`.

use serde::{Deserialize, Serialize};

/// One figure beside what it should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// The median of the run.
    pub value: f64,
    /// Of the value; `× floor` for a ratio.
    pub unit: String,
    /// The bound, as text: `≤ 1.25`.
    pub target: String,
    /// Whether the value keeps it.
    pub met: bool,
}

impl Row {
    /// A figure that must not be above `limit`.
    #[must_use]
    pub fn at_most(name: impl Into<String>, value: f64, unit: &str, limit: f64) -> Self {
        Self::new(name.into(), value, unit, format!("≤ {limit}"), value <= limit)
    }

    /// A figure that must not be below `limit`.
    #[must_use]
    pub fn at_least(name: impl Into<String>, value: f64, unit: &str, limit: f64) -> Self {
        Self::new(name.into(), value, unit, format!("≥ {limit}"), value >= limit)
    }

    fn new(name: String, value: f64, unit: &str, target: String, met: bool) -> Self {
        // What was not measured is no number, and keeps no bound.
        Self { name, value: (value * 1000.0).round() / 1000.0, unit: unit.to_owned(), target, met: met && value.is_finite() }
    }
}

/// The rows of a run over those of earlier runs of other parts: a row of the same name is replaced in its place.
#[must_use]
pub fn merged(mut earlier: Vec<Row>, rows: Vec<Row>) -> Vec<Row> {
    for row in rows {
        match earlier.iter_mut().find(|known| known.name == row.name) {
            Some(known) => *known = row,
            None => earlier.push(row),
        }
    }
    earlier
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_met_on_its_own_side_alone() {
        assert!(Row::at_most("a", 1.25, "× floor", 1.25).met);
        assert!(!Row::at_most("a", 1.2501, "× floor", 1.25).met);
        assert!(Row::at_least("a", 0.8, "× floor", 0.8).met);
        assert!(!Row::at_least("a", 0.7999, "× floor", 0.8).met);
        assert!(!Row::at_most("a", f64::NAN, "ms", 1.0).met && !Row::at_least("a", f64::INFINITY, "ms", 1.0).met);
    }

    #[test]
    fn a_later_figure_takes_the_place_of_an_earlier_one() {
        let row = |name: &str, value| Row::at_most(name, value, "ms", 1.0);
        let rows = merged(vec![row("a", 1.0), row("b", 2.0)], vec![row("a", 3.0), row("c", 4.0)]);
        assert_eq!(rows, [row("a", 3.0), row("b", 2.0), row("c", 4.0)]);
    }
}
