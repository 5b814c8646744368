//! The scenarios' rows of the table of targets.

use crate::{run::Outcome, scenarios::Variant, summary::Row};

/// What holds, sells and gives back.
const FLOW: [&str; 3] = ["reserve 1 seat", "confirm", "release"];
const LIST: &str = "list 500 seats";

/// As far as the scenarios were measured.
#[must_use]
pub fn of(outcomes: &[Outcome]) -> Vec<Row> {
    let found = Found(outcomes);
    let mut rows = Vec::new();
    for name in FLOW {
        if let Some((ours, floor)) = found.pair(name, 1, Variant::One) {
            let ratio = ours.p50_ms.p50 / floor.p50_ms.p50;
            rows.push(Row::at_most(format!("{name}: p50, 1 in flight"), ratio, "× floor", 1.25));
        }
        for (variant, told) in
            [(Variant::One, "one environment"), (Variant::Many, "many environments")]
        {
            if let Some((ours, floor)) = found.pair(name, 16, variant) {
                let ratio = ours.per_second.p50 / floor.per_second.p50;
                rows.push(Row::at_least(
                    format!("{name}: requests/s, 16 in flight, {told}"),
                    ratio,
                    "× floor",
                    0.8,
                ));
            }
        }
    }
    rows.extend(listing(&found));
    for (name, limit) in [("reserve 1 seat", 0.35), ("confirm", 0.5)] {
        for in_flight in [1, 16] {
            if let Some(ours) = found.one(name, in_flight, Variant::One) {
                let told = format!("{name}, warm: our CPU, {in_flight} in flight");
                rows.push(Row::at_most(told, ours.cpu_ms.ours, "ms", limit));
            }
        }
    }
    let contended = found.one("contended reserve", 16, Variant::One);
    if let (Some(refused), Some(held)) = (contended, found.one("reserve 1 seat", 16, Variant::One))
    {
        let ratio = refused.per_second.p50 / held.per_second.p50;
        rows.push(Row::at_least(
            "contended reserve: refusals/s, 16 in flight",
            ratio,
            "× holds/s",
            3.0,
        ));
    }
    rows
}

fn listing(found: &Found<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some((ours, floor)) = found.pair(LIST, 1, Variant::One) {
        let ratio = ours.p50_ms.p50 / floor.p50_ms.p50;
        rows.push(Row::at_most(
            format!("{LIST}, uncached: p50, 1 in flight"),
            ratio,
            "× floor",
            1.2,
        ));
    }
    if let Some(ours) = found.one(LIST, 16, Variant::OneCached) {
        let told = format!("{LIST}, cached: requests/s, 16 in flight");
        rows.push(Row::at_least(told, ours.per_second.p50, "/s", 2_000.0));
    }
    for (variant, told) in [(Variant::One, "uncached"), (Variant::OneCached, "cached")] {
        if let Some(ours) = found.one(LIST, 16, variant) {
            let told = format!("{LIST}, {told}: our CPU, 16 in flight");
            rows.push(Row::at_most(told, ours.cpu_ms.ours, "ms", 1.0));
        }
    }
    rows
}

struct Found<'a>(&'a [Outcome]);

impl<'a> Found<'a> {
    fn one(&self, scenario: &str, in_flight: usize, variant: Variant) -> Option<&'a Outcome> {
        let wanted = |found: &&Outcome| {
            (found.scenario, found.in_flight, found.variant)
                == (scenario, in_flight, variant.name())
        };
        self.0.iter().find(wanted)
    }

    fn pair(
        &self,
        scenario: &str,
        in_flight: usize,
        variant: Variant,
    ) -> Option<(&'a Outcome, &'a Outcome)> {
        Some((
            self.one(scenario, in_flight, variant)?,
            self.one(scenario, in_flight, Variant::Floor)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{figures::Spread, usage::Cpu};

    fn outcome(
        scenario: &'static str,
        in_flight: usize,
        variant: Variant,
        ms: f64,
        per_second: f64,
    ) -> Outcome {
        let spread = |value| Spread::of(vec![value]);
        Outcome {
            scenario,
            in_flight,
            variant: variant.name(),
            p50_ms: spread(ms),
            p90_ms: spread(ms),
            p99_ms: spread(ms),
            per_second: spread(per_second),
            cpu_ms: Cpu { ours: 0.3, ..Cpu::default() },
            peak_mib: None,
            rounds: Vec::new(),
        }
    }

    #[test]
    fn a_row_is_a_ratio_of_one_run() {
        let rows = of(&[
            outcome("confirm", 1, Variant::Floor, 2.0, 500.0),
            outcome("confirm", 1, Variant::One, 2.4, 400.0),
            outcome("confirm", 16, Variant::Floor, 8.0, 1_000.0),
            outcome("confirm", 16, Variant::Many, 20.0, 790.0),
        ]);
        let told: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.value, row.met)).collect();
        assert_eq!(
            told,
            [
                ("confirm: p50, 1 in flight", 1.2, true),
                ("confirm: requests/s, 16 in flight, many environments", 0.79, false),
                ("confirm, warm: our CPU, 1 in flight", 0.3, true),
            ]
        );
    }
}
