//! The targets, and whether a run meets them.

use serde::Serialize;

use crate::{figures::thousands, outcome::Outcome, scenarios::Variant};

const MAX_MIB: f64 = 32.0;
const LIST: &str = "list 500 seats";
const BEST: &str = "best available 1 seat";

/// One figure beside its target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    pub name: String,
    /// The median of the run.
    pub value: f64,
    /// Of the value; `× floor` for a ratio.
    pub unit: &'static str,
    /// The bound, as text: `≤ 1.25`.
    pub target: String,
    pub met: bool,
}

impl Target {
    pub fn at_most(name: impl Into<String>, value: f64, unit: &'static str, limit: f64) -> Self {
        Self::new(name.into(), value, unit, format!("≤ {limit}"), value <= limit)
    }

    fn at_least(name: impl Into<String>, value: f64, unit: &'static str, limit: f64) -> Self {
        Self::new(name.into(), value, unit, format!("≥ {limit}"), value >= limit)
    }

    fn new(name: String, value: f64, unit: &'static str, target: String, met: bool) -> Self {
        // A missing measurement is not a number, and meets no target.
        let met = met && value.is_finite();
        Self { name, value: (value * 1000.0).round() / 1000.0, unit, target, met }
    }
}

/// The targets of the scenarios that were measured.
pub fn of(outcomes: &[Outcome]) -> Vec<Target> {
    let found = |scenario: &str, in_flight: usize, variant: Variant| {
        let wanted = |found: &&Outcome| {
            (found.scenario.as_str(), found.in_flight, found.variant)
                == (scenario, in_flight, variant.name())
        };
        outcomes.iter().find(wanted)
    };
    let ratio = |scenario, in_flight, variant, figure: fn(&Outcome) -> f64| {
        let floor = found(scenario, in_flight, Variant::Floor)?;
        Some(figure(found(scenario, in_flight, variant)?) / figure(floor))
    };
    let p50 = |outcome: &Outcome| outcome.p50_ms.p50;
    let per_second = |outcome: &Outcome| outcome.per_second.p50;

    let mut targets = Vec::new();
    for (name, limit) in
        [("reserve 1 seat", 1.25), ("confirm", 1.25), ("release", 1.25), (LIST, 1.2)]
    {
        if let Some(ratio) = ratio(name, 1, Variant::One, p50) {
            let name = format!("{name}: p50, 1 in flight");
            targets.push(Target::at_most(name, ratio, "× floor", limit));
        }
    }
    for name in ["reserve 1 seat", "confirm"] {
        let pair = (found(name, 1, Variant::OneWithWebhook), found(name, 1, Variant::One));
        if let (Some(with), Some(without)) = pair {
            let name = format!("{name}, with a webhook: p50, 1 in flight");
            targets.push(Target::at_most(name, p50(with) / p50(without), "× without", 1.1));
        }
    }
    for name in ["reserve 1 seat", "confirm", "release"] {
        for (variant, many) in
            [(Variant::One, "one environment"), (Variant::Many, "many environments")]
        {
            if let Some(ratio) = ratio(name, 16, variant, per_second) {
                let name = format!("{name}: requests/s, 16 in flight, {many}");
                targets.push(Target::at_least(name, ratio, "× floor", 0.8));
            }
        }
    }
    if let Some(cached) = found(LIST, 16, Variant::OneCached) {
        let name = format!("{LIST}, cached: requests/s, 16 in flight");
        targets.push(Target::at_least(name, per_second(cached), "/s", 2_000.0));
    }
    for (name, in_flight, variant, limit) in [
        ("list 500 seats, uncached", 16, Variant::One, 1.0),
        ("list 500 seats, cached", 16, Variant::OneCached, 1.0),
        ("reserve 1 seat, warm", 1, Variant::One, 0.35),
        ("reserve 1 seat, warm", 16, Variant::One, 0.35),
        ("confirm, warm", 1, Variant::One, 0.5),
        ("confirm, warm", 16, Variant::One, 0.5),
        ("feed of 500 seats, unchanged", 16, Variant::One, 0.1),
    ] {
        let scenario = name.split(',').next().unwrap_or_default();
        if let Some(ours) = found(scenario, in_flight, variant) {
            let name = format!("{name}: our CPU, {in_flight} in flight");
            targets.push(Target::at_most(name, ours.cpu_ms.ours, "ms", limit));
        }
    }
    let held = found("reserve 1 seat", 16, Variant::One);
    if let (Some(refused), Some(held)) = (found("contended reserve", 16, Variant::One), held) {
        let ratio = per_second(refused) / per_second(held);
        let name = "contended reserve: refusals/s, 16 in flight";
        targets.push(Target::at_least(name, ratio, "× holds/s", 3.0));
    }
    if let Some(best) = found(BEST, 16, Variant::One) {
        let name = format!("{BEST}: requests/s, 16 in flight");
        targets.push(Target::at_least(&*name, per_second(best), "/s", 300.0));
        if let Some(held) = held {
            let ratio = per_second(best) / per_second(held);
            targets.push(Target::at_least(name, ratio, "× reserve 1 seat", 0.7));
        }
    }
    if let Some((held, peak)) = held.and_then(|held| Some((held, held.peak_mib?))) {
        let name = format!("memory of a process after {} holds", thousands(held.responses));
        targets.push(Target::at_most(name, peak, "MiB", MAX_MIB));
    }
    targets
}

/// The target for a listing while many seats are held.
pub fn of_growth(outcomes: &[Outcome]) -> Option<Target> {
    let p50 = |level: &str| {
        let of_level = |found: &&Outcome| found.scenario.starts_with(level);
        Some(outcomes.iter().find(of_level)?.p50_ms.p50)
    };
    let ratio = p50("40,000 held seats: ")? / p50("0 held seats: ")?;
    let name = "list 100 of 50000 seats, 40,000 held: p50, 1 in flight";
    Some(Target::at_most(name, ratio, "× none held", 3.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{figures::Spread, processes::Cpu};

    #[test]
    fn a_target_is_a_ratio_of_one_run() {
        let outcome = |in_flight, variant: Variant, ms, per_second| Outcome {
            scenario: "confirm".to_owned(),
            in_flight,
            variant: variant.name(),
            p50_ms: Spread::of([ms]),
            per_second: Spread::of([per_second]),
            cpu_ms: Cpu { ours: 0.3, ..Cpu::default() },
            ..Outcome::default()
        };
        let targets = of(&[
            outcome(1, Variant::Floor, 2.0, 500.0),
            outcome(1, Variant::One, 2.4, 400.0),
            outcome(16, Variant::Floor, 8.0, 1_000.0),
            outcome(16, Variant::Many, 20.0, 790.0),
        ]);
        let met: Vec<_> =
            targets.iter().map(|target| (target.name.as_str(), target.value, target.met)).collect();
        assert_eq!(
            met,
            [
                ("confirm: p50, 1 in flight", 1.2, true),
                ("confirm: requests/s, 16 in flight, many environments", 0.79, false),
                ("confirm, warm: our CPU, 1 in flight", 0.3, true),
            ]
        );
    }
}
