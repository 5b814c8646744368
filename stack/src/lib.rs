//! The whole backend on one machine: a real MongoDB replica set, a real Redis, cargo-lambda's
//! emulator and the function binaries. `make dev` runs it through this crate's binary, the
//! integration tests through this library.
//!
//! | module | what it knows |
//! |---|---|
//! | [`tools`] | where `mongod`, `redis-server` and `cargo-lambda` are |
//! | [`children`] | how a process is started so that it never outlives us |
//! | [`mongo`], [`redis`] | how the two servers are started and ended |
//! | [`secrets_manager`] | a Secrets Manager for tests |
//! | [`api`] | the emulator and the function processes |
//! | [`runtime_relay`] | how functions and the emulator talk, so that no response is lost |
//! | [`gateway`] | how an HTTP request becomes an event, and a response HTTP |
//! | [`sockets`] | the open WebSockets, and how functions send to them |
//! | [`log_files`] | how a restart keeps the logs of the run before it |
//! | [`setting_names`] | all settings, and what looks like a misspelt one |
//! | [`admin`] | credentials for a fresh stack |
//! | [`events`] | the templates under `events/` and their placeholders |
//! | [`fake_payments`] | a Stripe and a Razorpay for tests and browsers |
//! | [`envfile`] | files of `KEY=value` that a shell can read |
//! | [`harness`] | what drives functions and servers in tests and in the benchmark |

pub mod admin;
pub mod api;
pub mod children;
mod disk;
pub mod envfile;
pub mod events;
pub mod fake_payments;
mod gateway;
pub mod harness;
mod log_files;
pub mod mongo;
pub mod redis;
mod runtime_relay;
pub mod secrets_manager;
pub mod setting_names;
mod sockets;
pub mod tools;

use std::{
    iter::repeat_with,
    net::{Ipv4Addr, TcpListener},
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::Context;

pub use api::{Api, ApiOptions};
pub use fake_payments::FakePayments;
pub use mongo::Mongo;
pub use redis::Redis;
pub use secrets_manager::SecretsManager;

/// Where this workspace lies: the folder that holds `Cargo.toml`, `functions/` and `.local/`.
#[must_use]
pub fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The names of all functions, sorted: the binaries in `functions/src/bin/`.
///
/// # Errors
/// When the folder cannot be read.
pub fn functions() -> anyhow::Result<Vec<String>> {
    let folder = workspace_root().join("functions/src/bin");
    let mut names = Vec::new();
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        if let Some(name) = entry?.path().file_stem().and_then(|name| name.to_str()) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The functions that no route leads to: they are invoked by name, and one process
/// of each is enough.
pub const NOT_HTTP: [&str; 8] = [
    "ask-payments",
    "cancel-entities",
    "deliver-webhooks",
    "expire-reservations",
    "live",
    "migrate",
    "pay-refunds",
    "publish-live",
];

/// The functions that run every minute.
pub const EVERY_MINUTE: [&str; 5] =
    ["ask-payments", "cancel-entities", "expire-reservations", "pay-refunds", "publish-live"];

/// How long the deliverer of webhooks stays when there is nothing to do.
/// template.yaml says the same.
pub const DELIVERER_STAYS_SECONDS: u64 = 600;

/// The folder of the built binaries: the one this program was built into, so that a changed target
/// directory or profile needs no setting.
///
/// # Errors
/// When the system does not say where this program lies.
pub fn binaries() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("cannot find this program's own path")?;
    let folder = own.parent().unwrap_or(Path::new("."));
    // Test binaries lie one folder deeper.
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    // With a build directory of its own (`build.build-dir`), cargo leaves test binaries there and
    // puts the others into the target directory.
    if !folder.join("stack").is_file() {
        let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        let target = workspace_root().join(target).join(folder.file_name().unwrap_or_default());
        if target.is_dir() {
            return Ok(target);
        }
    }
    Ok(folder.to_path_buf())
}

/// Below the ports that Linux and macOS give to connections and to listeners on port 0 (from
/// 32,768 and from 49,152). One of those could be taken before its server listens. Even the relay
/// that is to call the server could get its port, and would then call itself without end.
const CHOSEN_PORTS: Range<u16> = 10_000..32_768;

/// A random port that was free a moment ago. Whoever starts a server on it has to cope with
/// it being taken since.
///
/// # Errors
/// When 100 such ports were all taken.
pub fn free_port() -> anyhow::Result<u16> {
    let mut ports = repeat_with(|| rand::random_range(CHOSEN_PORTS)).take(100);
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    ports.find(free).context("no free port on 127.0.0.1")
}

/// Whether something accepts connections on this port of the loopback interface.
pub(crate) async fn accepts(port: u16) -> bool {
    tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_the_workspace_are_found() {
        let names = functions().unwrap();
        for name in ["reserve", "confirm", "migrate", "expire-reservations", "preflight"] {
            assert!(names.iter().any(|n| n == name), "{name} is not in {names:?}");
        }
    }
}
