//! The rows of the table of targets, for `target/bench/summary.json`.

use serde::Serialize;

/// One figure beside what it should be.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
        Self {
            name,
            value: (value * 1000.0).round() / 1000.0,
            unit: unit.to_owned(),
            target,
            met: met && value.is_finite(),
        }
    }
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
        assert!(
            !Row::at_most("a", f64::NAN, "ms", 1.0).met
                && !Row::at_least("a", f64::INFINITY, "ms", 1.0).met
        );
    }
}
