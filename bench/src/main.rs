//! What the backend costs above the databases that it needs: `make bench`.

mod runtime;
mod say;
mod world;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let dir = stack::binaries()?.join("../bench");
    let world = world::World::start(&dir).await?;
    say::line!("{}", world.mongo.uri());
    Ok(())
}
