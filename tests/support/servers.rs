//! The one MongoDB and the one Redis of this test process, and where tests may write.

use std::sync::LazyLock;

use redis::aio::MultiplexedConnection;
pub use stack::harness::scratch::directory;
use stack::{Mongo, Redis};
use tokio::{runtime::Runtime, sync::OnceCell};

/// Servers outlive the test that asked for them first, and a test's own runtime ends with it.
static FOREVER: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
static MONGO: OnceCell<Mongo> = OnceCell::const_new();
static REDIS: OnceCell<Redis> = OnceCell::const_new();

/// Runs `work` on a runtime that outlives the calling test.
pub async fn forever<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    FOREVER.spawn(work).await.expect("the work did not panic")
}

/// `forever` for work that may panic: `None` after a panic, which has been printed.
pub async fn try_forever<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    FOREVER.spawn(work).await.ok()
}

pub async fn mongodb_uri() -> &'static str {
    let start =
        || forever(async { Mongo::start(&directory("mongo"), None).await.expect("mongod starts") });
    MONGO.get_or_init(start).await.uri()
}

pub async fn redis_url() -> &'static str {
    let start = || {
        forever(async {
            Redis::start(&directory("redis"), None).await.expect("redis-server starts")
        })
    };
    REDIS.get_or_init(start).await.url()
}

/// A new, empty Redis of one test.
pub async fn own_redis(name: &str) -> Redis {
    Redis::start(&directory(name), None).await.expect("redis-server starts")
}

pub fn port_of(url: &str) -> u16 {
    let digits = url.rsplit_once(':').expect("a port").1;
    digits
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port")
}

/// Sends a command that has to succeed. Its response does not matter.
pub async fn redis_command(redis: &mut MultiplexedConnection, words: &[&str]) {
    let mut command = redis::Cmd::new();
    command.arg(words);
    let _: redis::Value =
        command.query_async(redis).await.unwrap_or_else(|e| panic!("{words:?}: {e}"));
}
