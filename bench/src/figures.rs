//! What the side measurements share: medians of few values, tables, and what one of them hands to
//! the report.

use std::fmt::{Display, Write as _};

use serde::Serialize;
use serde_json::Value;

use crate::summary::Row;

/// One side measurement, done.
pub struct Part {
    /// The word in its markers in `docs/PERFORMANCE.md`, and its key in `results.json`.
    pub name: &'static str,
    /// All that was measured.
    pub json: Value,
    /// The same for people.
    pub markdown: String,
    /// Its rows of the summary.
    pub rows: Vec<Row>,
}

/// Of a few values: the middle, the ninetieth, the ninety-ninth of a hundred, and the ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// How many values there were.
    pub count: usize,
    /// The smallest.
    pub min: f64,
    /// Half of them are no larger.
    pub p50: f64,
    /// Nine of ten are no larger.
    pub p90: f64,
    /// Ninety-nine of a hundred are no larger.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Of these values, by nearest rank; all zero where there are none.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let rank = |percent: usize| {
            let place = (values.len() * percent).div_ceil(100).max(1) - 1;
            // To the microsecond, where these are milliseconds: the rest is noise.
            (values.get(place).copied().unwrap_or_default() * 1e3).round() / 1e3
        };
        Self {
            count: values.len(),
            min: rank(0),
            p50: rank(50),
            p90: rank(90),
            p99: rank(99),
            max: rank(100),
        }
    }
}

/// A Markdown table: the head, then the rows. Every column but the first is of numbers.
#[must_use]
pub fn table<C: Display>(head: &[&str], rows: impl IntoIterator<Item = Vec<C>>) -> String {
    let mut text = format!(
        "| {} |\n|---|{}\n",
        head.join(" | "),
        "---:|".repeat(head.len().saturating_sub(1))
    );
    for row in rows {
        let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// A number with as many places as a person can use.
#[must_use]
pub fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A count with its thousands set apart.
#[must_use]
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_by_nearest_rank() {
        let spread = Spread::of((1..=200).rev().map(f64::from).collect());
        assert_eq!((spread.count, spread.min, spread.max), (200, 1.0, 200.0));
        assert_eq!((spread.p50, spread.p90, spread.p99), (100.0, 180.0, 198.0));
        let one = Spread::of(vec![7.0]);
        assert_eq!((one.min, one.p50, one.p99, one.max), (7.0, 7.0, 7.0, 7.0));
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }

    #[test]
    fn a_table_is_read_by_markdown() {
        let text = table(&["what", "ms"], [vec!["a".to_owned(), short(1.234)]]);
        assert_eq!(text, "| what | ms |\n|---|---:|\n| a | 1.23 |\n");
        assert_eq!((thousands(1_000_000).as_str(), thousands(500).as_str()), ("1,000,000", "500"));
    }
}
