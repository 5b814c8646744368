//! `stack dev` is what `make dev` runs (with a folder as its second argument, a stack beside that
//! one), `stack events` what `make events` does, `stack doctor` `make doctor` (with a file of
//! settings as its second argument), and `stack clean` `make clean-data`.

mod block;
mod clean;
mod dev;
mod doctor;
mod fill;
mod http;
mod local;
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
        "events" => runtime.block_on(fill::run()),
        "clean" => clean::run(),
        "doctor" => match runtime.block_on(doctor::run(std::env::args().nth(2).as_deref())) {
            Ok(false) => return ExitCode::FAILURE,
            examined => examined.map(drop),
        },
        other => Err(anyhow::anyhow!(
            "unknown command {other:?}; there are: stack dev, events, doctor, clean"
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// The whole chain on one line, without the backtrace that `Debug` would add.
fn failed(error: &anyhow::Error) -> ExitCode {
    say::problem!("stack: {error:#}");
    ExitCode::FAILURE
}
