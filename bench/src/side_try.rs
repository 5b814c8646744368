//! Temporary: tries the side measurements.
#![allow(dead_code, missing_docs)]
mod batch;
mod figures;
mod growth;
mod memory;
mod proc;
mod replicas;
mod runtime;
mod say;
mod startup;
mod summary;
mod world;
mod zips;
mod side;
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let dir = stack::workspace_root().join("target/bench-try");
    for name in std::env::args().skip(1) {
        let part = side::run(&name, &dir, true).await?;
        say::line!("{}\n{}\n{:?}", part.markdown, part.json, part.rows);
    }
    Ok(())
}

