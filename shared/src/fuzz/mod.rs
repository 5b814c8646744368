//! Fuzzing: each target makes up input, much of it nearly right, and checks what must be true of
//! whatever comes out.
//!
//! `make test` runs a few thousand cases of each target, `make fuzz CASES=1000000` as many as one
//! likes. What a run finds is printed in its smallest form and becomes a unit test beside the code
//! that was wrong.

mod changes;
mod contract;
mod events;
mod inputs;
mod json;
mod keys;
mod origins;
mod text;
mod tokens;

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestRunner},
};
use std::{fmt::Debug, time::Instant};

/// Cases of a target in `make test`; `PROPTEST_CASES`, which proptest reads by itself, asks for
/// more.
const CASES: u32 = 4_000;

/// Holds `property` against what `strategy` makes up. A property fails by panicking.
fn fuzz<S>(target: &str, strategy: S, property: impl Fn(S::Value))
where
    S: Strategy,
    S::Value: Debug,
{
    let asked = Config { failure_persistence: None, source_file: None, ..Config::default() };
    let config = Config { cases: asked.cases.max(CASES), ..asked };
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
