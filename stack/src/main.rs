//! The commands behind the Makefile:
//!
//! | command | target | second argument |
//! |---|---|---|
//! | `stack dev` | `make dev` | a folder instead of `.local`, for a second stack |
//! | `stack events` | `make events` | |
//! | `stack doctor` | `make doctor` | a file of settings |
//! | `stack fake-payments` | `make fake-payments` | a port instead of a free one |
//! | `stack clean` | `make clean-data` | a folder instead of `.local` |

mod banner;
mod checks;
mod clean;
mod dev;
mod doctor;
mod event_values;
mod http;
mod local;
mod pages;
mod payments;
mod ready_file;
mod say;
mod seed;
mod settings;

use std::process::ExitCode;

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = match command.as_str() {
        "dev" => runtime.block_on(dev::run(std::env::args().nth(2).as_deref())),
        "fake-payments" => runtime.block_on(payments::run(std::env::args().nth(2).as_deref())),
        "events" => runtime.block_on(event_values::run()),
        "clean" => clean::run(std::env::args().nth(2).as_deref()),
        "doctor" => match runtime.block_on(doctor::run(std::env::args().nth(2).as_deref())) {
            Ok(false) => return ExitCode::FAILURE,
            examined => examined.map(drop),
        },
        other => Err(anyhow::anyhow!(
            "unknown command {other:?}; there are: stack dev, events, fake-payments, doctor, clean"
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Prints the error and its causes on one line. `Debug` would add a backtrace.
fn failed(error: &anyhow::Error) -> ExitCode {
    say::problem!("stack: {error:#}");
    ExitCode::FAILURE
}
