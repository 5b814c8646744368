//! What was measured of one variant of a scenario.

use serde::Serialize;

use crate::{figures::Spread, processes::Cpu, window::Measured};

/// The outcome of one variant of a scenario.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub scenario: String,
    pub in_flight: usize,
    pub variant: &'static str,
    pub p50_ms: Spread,
    pub p90_ms: Spread,
    pub p99_ms: Spread,
    pub per_second: Spread,
    /// CPU milliseconds of a request.
    pub cpu_ms: Cpu,
    /// Of the function's process with the most; `None` for the floor.
    pub peak_mib: Option<f64>,
    /// How many responses were counted.
    pub responses: u64,
    pub rounds: Vec<Measured>,
}
