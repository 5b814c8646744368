//! What the backend costs above the databases that it needs: `make bench`.
//!
//! | module | what it knows |
//! |---|---|
//! | [`options`] | what a run was asked for |
//! | [`world`] | the servers, the tenant, users and seats |
//! | [`runtime`] | the Lambda Runtime API for a process of a function |
//! | [`floor`] | the same steps without us |
//! | [`scenarios`], [`holds`], [`places`] | what is measured, and what it works on |
//! | [`measure`], [`usage`], [`proc`] | a window: latencies, answers, CPU, memory |
//! | [`run`] | the interleaved rounds |
//! | [`side`] | what is measured beside them: start-up, memory, growth, replicas, sizes |
//! | [`summary`], [`report`], [`plot`] | what is written in the end |

mod batch;
mod figures;
mod floor;
mod growth;
mod holds;
mod measure;
mod memory;
mod options;
mod places;
mod plot;
mod proc;
mod replicas;
mod report;
mod rows;
mod run;
mod runtime;
mod say;
mod scenarios;
mod side;
mod startup;
mod summary;
mod usage;
mod world;
mod zips;

use options::Options;
use report::Report;
use world::World;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::read()?;
    let mut report = Report::new(&options).await?;
    if scenarios::SCENARIOS.iter().any(|scenario| options.wants(scenario.name)) {
        let world = World::start(&options.dir.join("flow")).await?;
        report.servers(&world).await?;
        let run = run::all(&world, &options, &mut report.outcomes).await;
        report.write(&options)?;
        run?;
        world.mongo.stop().await;
        world.redis.stop().await;
    }
    for name in side::NAMES.into_iter().filter(|name| options.wants(name)) {
        say::line!("{name} …");
        report.parts.push(side::run(name, &options.dir, options.brief).await?);
        // After each, so that a run that is broken off has left what it had.
        report.write(&options)?;
    }
    report.tell();
    Ok(())
}
