//! Fuzzing: each target generates input, much of it almost valid, and checks
//! properties of the output.
//!
//! `make test` runs a few thousand cases of each target; `make fuzz CASES=1000000` runs
//! more. A failing case is printed in its smallest form. Turn it into a unit test beside the
//! code that was wrong.

mod changes;
mod contract;
mod events;
mod fields;
mod inputs;
mod json;
mod keys;
mod organiser;
mod origins;
mod plans;
mod text;
mod tokens;

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestRunner},
};
use std::{fmt::Debug, time::Instant};

/// Cases per target in `make test`. `PROPTEST_CASES`, which proptest reads by itself, can raise it.
const DEFAULT_CASES: u32 = 4_000;

/// Checks `property` on values of `strategy`. A property fails by panicking.
fn fuzz<S>(target: &str, strategy: S, property: impl Fn(S::Value))
where
    S: Strategy,
    S::Value: Debug,
{
    let asked = Config { failure_persistence: None, source_file: None, ..Config::default() };
    let config = Config { cases: asked.cases.max(DEFAULT_CASES), ..asked };
    let (cases, began) = (config.cases, Instant::now());
    let outcome = TestRunner::new(config).run(&strategy, |value| {
        property(value);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{target}: {failure}");
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "fuzz: {target:<24} {cases:>9} cases {seconds:>8.1} s {:>9.0}/s",
        f64::from(cases) / seconds
    );
}
