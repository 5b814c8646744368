//! Medians of few values, and tables.

use std::fmt::Write as _;

use serde::Serialize;

/// The middle, the ninetieth percentile and the ends of a few values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    pub min: f64,
    pub p50: f64,
    pub p90: f64,
    pub max: f64,
}

impl Spread {
    /// By nearest rank; all zero where there are no values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let rank = |percent: usize| {
            let place = (values.len() * percent).div_ceil(100).max(1) - 1;
            // To the microsecond, where these are milliseconds: the rest is noise.
            (values.get(place).copied().unwrap_or_default() * 1e3).round() / 1e3
        };
        Self { min: rank(0), p50: rank(50), p90: rank(90), max: rank(100) }
    }
}

/// A Markdown table with this head, whose columns are parted by ` | `. Every column but
/// the first contains numbers.
pub fn table(head: &str, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let columns = "---:|".repeat(head.matches(" | ").count());
    let mut text = format!("| {head} |\n|---|{columns}\n");
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

/// A number with as many places as a reader can use.
pub fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A count with its thousands set apart.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_by_nearest_rank() {
        let spread = Spread::of((1..=200).rev().map(f64::from));
        assert_eq!(spread, Spread { min: 1.0, p50: 100.0, p90: 180.0, max: 200.0 });
        assert_eq!(Spread::of([]), Spread::default());
    }

    #[test]
    fn a_count_has_its_thousands_set_apart() {
        assert_eq!((thousands(1_000_000).as_str(), thousands(500).as_str()), ("1,000,000", "500"));
    }
}
