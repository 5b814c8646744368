//! scratch
use std::{path::Path, time::Instant};
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let t = Instant::now();
    let m = stack::Mongo::start(Path::new("/tmp/probe/mdata"), None).await?;
    eprintln!("mongo {} {:?}", m.uri(), t.elapsed());
    let t = Instant::now();
    let r = stack::Redis::start(Path::new("/tmp/probe/rdata"), None).await?;
    eprintln!("redis {} {:?}", r.url(), t.elapsed());
    let t = Instant::now();
    let api = stack::Api::start(stack::ApiOptions {
        port: Some(9107),
        env: Default::default(),
        instances: 1,
        functions: Some(vec!["health".into()]),
        log_dir: "/tmp/probe/logs".into(),
    })
    .await?;
    eprintln!("api {} {:?}", api.base_url(), t.elapsed());
    if std::env::args().nth(1).is_some() {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    }
    let t = Instant::now();
    eprintln!("{:?}", api.invoke("health", &serde_json::json!({})).await);
    api.stop().await;
    r.stop().await;
    m.stop().await;
    eprintln!("stop {:?}", t.elapsed());
    Ok(())
}
