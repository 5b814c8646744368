//! The measurements beside the scenarios, by name: each in a world of its own, since what one
//! leaves would be met by the next.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::{
    figures::Part,
    growth, memory, replicas,
    startup::{self, Given},
    world::World,
    zips,
};

/// Their names, for `ONLY`, in the order in which a whole run takes them.
pub const NAMES: [&str; 5] = ["zips", "startup", "memory", "growth", "replicas"];

/// Runs one of them, under `dir`. With `brief` it is to see that it works: quicker, and without a
/// row of the summary.
///
/// # Errors
/// When something does not start, answers otherwise than it should, or has another name.
pub async fn run(name: &str, dir: &Path, brief: bool) -> anyhow::Result<Part> {
    let mut part = match name {
        "zips" => zips::run()?,
        "startup" => start(dir, if brief { 5 } else { 30 }).await?,
        "memory" => memory::run(dir, brief).await?,
        "growth" if brief => growth::run(dir, 2, 10_000).await?,
        "growth" => growth::run(dir, 8, 1_000_000).await?,
        "replicas" if brief => replicas::run(dir, 1, 100).await?,
        "replicas" => replicas::run(dir, 5, 1_000).await?,
        _ => bail!("{name} is none of {}", NAMES.join(", ")),
    };
    if brief {
        part.rows.clear();
    }
    Ok(part)
}

async fn start(dir: &Path, runs: usize) -> anyhow::Result<Part> {
    let world = World::start(&dir.join("startup")).await?;
    let env = world.settings();
    let given = Given {
        env: &env,
        mongodb_port: port(world.mongo.uri())?,
        redis_port: port(world.redis.url())?,
        folder: &world.logs(),
        runs,
    };
    startup::run(&given).await
}

/// The port of an address.
fn port(address: &str) -> anyhow::Result<u16> {
    let (_, behind) = address.rsplit_once(':').with_context(|| format!("no port in {address}"))?;
    let digits = behind.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().with_context(|| format!("no port in {address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_either_address() {
        assert_eq!(port("mongodb://127.0.0.1:4711/?replicaSet=rs0").unwrap(), 4711);
        assert_eq!(port("redis://127.0.0.1:6379").unwrap(), 6379);
        assert!(port("redis://localhost").is_err());
    }
}
