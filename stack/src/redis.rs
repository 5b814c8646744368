//! A Redis of our own.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::{
    children::{Child, command},
    disk, free_port, log_files, tools,
};

const START_LIMIT: Duration = Duration::from_secs(30);
/// Its log, in the folder of its data.
const LOG: &str = "redis.log";

/// A running `redis-server` on 127.0.0.1. Dropping it kills the process.
pub struct Redis {
    process: Child,
    url: String,
    dir: PathBuf,
}

impl Redis {
    /// Starts it over the data in `dir`, on this port or on a free one, and waits until it answers.
    ///
    /// # Errors
    /// When there is no `redis-server`, or it does not start: then with the last line of its log.
    pub async fn start(dir: &Path, port: Option<u16>) -> anyhow::Result<Self> {
        let program = tools::find("redis-server")?;
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        log_files::keep_previous(&dir.join(LOG))?;
        // A requested port is taken or not. Another attempt only helps with a random port.
        for _ in 0..if port.is_some() { 1 } else { 5 } {
            let port = port.map_or_else(free_port, Ok)?;
            if let Some(redis) = Self::try_start(&program, dir, port).await? {
                return Ok(redis);
            }
        }
        bail!(
            "redis-server found its port taken: {}",
            port.map_or("five free ones".to_owned(), |p| p.to_string())
        )
    }

    /// `None` when the port was taken between the choice and the start.
    async fn try_start(program: &Path, dir: &Path, port: u16) -> anyhow::Result<Option<Self>> {
        let log = dir.join(LOG);
        let mut command = command(program);
        command
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--daemonize", "no"])
            // Any other policy may evict the lock of a live hold.
            .args(["--maxmemory-policy", "noeviction"])
            .args(["--appendonly", "yes", "--save", "", "--dir"])
            .arg(dir)
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?);
        // Redis replaces its command line by a title with only the program and the address.
        let marks = vec!["redis-server".to_owned(), format!(":{port}")];
        let process = Child::spawn(command, marks).await?;
        let began = Instant::now();
        // Read from its log: on a taken port another program would respond.
        let read = || std::fs::read_to_string(&log).unwrap_or_default();
        while !read().contains("Ready to accept connections") {
            if process.has_exited() {
                let text = read();
                if text.contains("Address already in use") {
                    return Ok(None);
                }
                let why = disk::full(dir, &text).unwrap_or_else(|| last_line(&text));
                bail!("redis-server did not start: {why}\n  its log: {}", log.display());
            }
            if began.elapsed() > START_LIMIT {
                bail!(
                    "redis-server does not answer after {START_LIMIT:?}; its log: {}",
                    log.display()
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let url = format!("redis://127.0.0.1:{port}");
        Ok(Some(Self { process, url, dir: dir.to_owned() }))
    }

    /// The id of the server's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// The URL of its database 0.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for the process to end, which it does not by itself.
    ///
    /// # Errors
    /// When the process was lost.
    pub async fn exited(&self) -> anyhow::Result<()> {
        self.process.wait().await.map(|_| ())
    }

    /// Why the process has ended, as far as its log and its disk say, and where its log is.
    #[must_use]
    pub fn why_it_ended(&self) -> String {
        let log = self.dir.join(LOG);
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let why = disk::full(&self.dir, &text).unwrap_or_else(|| last_line(&text));
        format!("{why}\n  its log: {}", log.display())
    }

    /// Ends it with its data written.
    pub async fn stop(self) {
        self.process.end(Duration::from_secs(10)).await;
    }
}

fn last_line(log: &str) -> String {
    log.lines().last().unwrap_or("it wrote no log").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_refused_even_where_a_redis_responds_on_it() {
        let dir = std::env::temp_dir().join(format!("stack-redis-{}", std::process::id()));
        let first = Redis::start(&dir.join("first"), None).await.unwrap();
        let port = first.url().rsplit(':').next().unwrap();
        let refused = Redis::start(&dir.join("second"), Some(port.parse().unwrap()))
            .await
            .err()
            .unwrap()
            .to_string();
        assert!(refused.contains(port), "{refused}");
        first.stop().await;
        std::fs::remove_dir_all(dir).unwrap();
    }
}
