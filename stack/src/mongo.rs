//! A MongoDB replica set of one member. One member is enough for transactions, which a lone
//! server does not have.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use mongodb::{
    Client,
    bson::{Document, doc},
    error::ErrorKind,
    options::ClientOptions,
};
use tokio::process::Command;

use crate::{
    children::{Child, command},
    disk, free_port, log_files, tools,
};

const START_LIMIT: Duration = Duration::from_secs(60);
/// Its log, in the folder of its data.
const LOG: &str = "mongod.log";

/// A running `mongod` on 127.0.0.1, the only member of the replica set `rs0`. Dropping it kills the
/// process; its journal survives that.
pub struct Mongo {
    process: Child,
    port: u16,
    uri: String,
    dir: PathBuf,
}

impl Mongo {
    /// Starts it over the data in `dir`, on this port or on a free one, and waits
    /// until it takes writes.
    ///
    /// # Errors
    /// When there is no `mongod`, or it does not start: then with the last line of its log.
    pub async fn start(dir: &Path, port: Option<u16>) -> anyhow::Result<Self> {
        let program = tools::find("mongod")?;
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        // A later start recognises the process by its absolute path.
        let dir = dir.canonicalize()?;
        log_files::keep_previous(&dir.join(LOG))?;
        // A requested port is taken or not. Another attempt only helps with a random port.
        for _ in 0..if port.is_some() { 1 } else { 5 } {
            let port = port.map_or_else(free_port, Ok)?;
            if let Some(mongo) = Self::try_start(&program, &dir, port).await? {
                mongo.become_primary().await.with_context(|| format!("MongoDB on port {port}"))?;
                return Ok(mongo);
            }
        }
        bail!(
            "mongod found its port taken: {}",
            port.map_or("five free ones".to_owned(), |p| p.to_string())
        )
    }

    /// `None` when the port was taken between the choice and the start.
    async fn try_start(program: &Path, dir: &Path, port: u16) -> anyhow::Result<Option<Self>> {
        let log = dir.join(LOG);
        let mut command = mongod(program, "rs0", "0.5", port, dir, File::create(&log)?)?;
        // A set of one answers a linearizable read when its journal is next written, which is every
        // 100 ms unless said otherwise. Three members do not wait for that.
        command.args(["--journalCommitInterval", "5"]);
        let marks = vec!["mongod".to_owned(), dir.display().to_string()];
        let process = Child::spawn(command, marks).await?;
        let began = Instant::now();
        // Read from its log: on a taken port another program would accept connections.
        let read = || std::fs::read_to_string(&log).unwrap_or_default();
        while !read().contains("Waiting for connections") {
            if process.has_exited() {
                let text = read();
                if text.contains("Address already in use") {
                    return Ok(None);
                }
                let why = disk::full(dir, &text).unwrap_or_else(|| why(&text));
                bail!("mongod did not start: {why}\n  its log: {}", log.display());
            }
            if began.elapsed() > START_LIMIT {
                bail!("mongod does not answer after {START_LIMIT:?}; its log: {}", log.display());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // One server has no successor to look for. With the functions' own heartbeat, hundreds of
        // idle processes would take more than a core.
        let uri = format!("mongodb://127.0.0.1:{port}/?replicaSet=rs0&heartbeatFrequencyMS=10000");
        Ok(Some(Self { process, port, uri, dir: dir.to_owned() }))
    }

    /// Makes the server the primary of its set: of a new set, or of the set that it was
    /// in on another port.
    async fn become_primary(&self) -> anyhow::Result<()> {
        let client = direct(self.port, Duration::from_secs(20)).await?;
        let host = format!("127.0.0.1:{}", self.port);

        let began = Instant::now();
        loop {
            match primary_step(&client, &host).await {
                Ok(true) => break,
                // A server that takes up its configuration closes its connections.
                Ok(false) | Err(_)
                    if began.elapsed() < START_LIMIT && !self.process.has_exited() =>
                {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Ok(false) => bail!("the server did not become primary within {START_LIMIT:?}"),
                Err(error) => return Err(error),
            }
        }
        client.shutdown().immediate(true).await;
        Ok(())
    }

    /// The id of the server's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// The connection string, without a database.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
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
        let why = disk::full(&self.dir, &text).unwrap_or_else(|| why(&text));
        format!("{why}\n  its log: {}", log.display())
    }

    /// Ends it cleanly, so that the next start has nothing to recover.
    pub async fn stop(self) {
        self.process.end(Duration::from_secs(20)).await;
    }
}

/// A command that starts a member of the replica set `set` on `port`, with its data in `dir`.
pub(crate) fn mongod(
    program: &Path,
    set: &str,
    cache_gb: &str,
    port: u16,
    dir: &Path,
    log: File,
) -> anyhow::Result<Command> {
    let mut command = command(program);
    command
        .args(["--replSet", set, "--bind_ip", "127.0.0.1", "--nounixsocket"])
        .args(["--wiredTigerCacheSizeGB", cache_gb])
        .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
        .args(["--port", &port.to_string()])
        .arg("--dbpath")
        .arg(dir)
        .stdout(log.try_clone()?)
        .stderr(log);
    Ok(command)
}

/// A client of the server on this port alone, whatever its set is.
pub(crate) async fn direct(port: u16, selection_timeout: Duration) -> anyhow::Result<Client> {
    let mut options = ClientOptions::parse(format!("mongodb://127.0.0.1:{port}/")).await?;
    options.direct_connection = Some(true);
    options.server_selection_timeout = Some(selection_timeout);
    Ok(Client::with_options(options)?)
}

const NOT_YET_INITIALIZED: i32 = 94;

/// Checks the server once and does the next step. True when it takes writes.
async fn primary_step(client: &Client, host: &str) -> anyhow::Result<bool> {
    let admin = client.database("admin");
    match admin.run_command(doc! { "replSetGetConfig": 1 }).await {
        Ok(reply) => {
            let mut config = reply.get_document("config")?.clone();
            if only_member(&config)? != host {
                move_to(&mut config, host)?;
                admin.run_command(doc! { "replSetReconfig": config, "force": true }).await?;
            }
        }
        Err(error) if code(&error) == Some(NOT_YET_INITIALIZED) => {
            let config = doc! { "_id": "rs0", "members": [{ "_id": 0, "host": host }] };
            admin.run_command(doc! { "replSetInitiate": config }).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(admin.run_command(doc! { "hello": 1 }).await?.get_bool("isWritablePrimary").unwrap_or(false))
}

fn code(error: &mongodb::error::Error) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(command) => Some(command.code),
        _ => None,
    }
}

fn only_member(config: &Document) -> anyhow::Result<String> {
    let members = config.get_array("members")?;
    let [member] = members.as_slice() else {
        bail!(
            "the data belongs to a replica set of {} members, not to a local stack",
            members.len()
        );
    };
    Ok(member.as_document().context("a member is a document")?.get_str("host")?.to_owned())
}

/// The port may change at each start, and a member that is not in its set's list takes no writes.
fn move_to(config: &mut Document, host: &str) -> anyhow::Result<()> {
    let version = config.get_i32("version")?;
    config.insert("version", version + 1);
    let members = config.get_array_mut("members")?;
    for member in members {
        if let Some(member) = member.as_document_mut() {
            member.insert("host", host);
        }
    }
    Ok(())
}

/// The line of mongod's log that says why it ended: its first error, else its last line.
fn why(log: &str) -> String {
    let severe = |line: &&str| line.contains(r#""s":"F""#) || line.contains(r#""s":"E""#);
    let line = log.lines().find(severe).or_else(|| log.lines().last()).unwrap_or("it wrote no log");
    if line.contains("shared libraries") {
        return format!("{line} (on Debian and Ubuntu: apt-get install libcurl4)");
    }
    // Its lines are JSON; people need two of the fields.
    let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    match entry["msg"].as_str() {
        Some(message) => {
            let detail =
                ["error", "message", "reason"].iter().find_map(|name| match &entry["attr"][name] {
                    serde_json::Value::Null => None,
                    serde_json::Value::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                });
            detail.map_or_else(|| message.to_owned(), |detail| format!("{message}: {detail}"))
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn data_survives_a_restart_on_another_port() {
        let dir = std::env::temp_dir().join(format!("stack-mongo-{}", std::process::id()));
        let first = Mongo::start(&dir, None).await.unwrap();
        let port = first.port;
        let notes = |client: &Client| client.database("test").collection::<Document>("notes");
        let client = Client::with_uri_str(first.uri()).await.unwrap();
        notes(&client).insert_one(doc! { "_id": 1 }).await.unwrap();
        first.stop().await;

        let other = std::iter::repeat_with(free_port)
            .find_map(|free| free.ok().filter(|free| *free != port));
        let second = Mongo::start(&dir, other).await.unwrap();
        let client = Client::with_uri_str(second.uri()).await.unwrap();
        assert_eq!(
            notes(&client).find_one(doc! { "_id": 1 }).await.unwrap(),
            Some(doc! { "_id": 1 })
        );
        second.stop().await;
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[tokio::test]
    async fn a_taken_port_is_refused_by_its_number() {
        let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let dir = std::env::temp_dir().join(format!("stack-mongo-port-{}", std::process::id()));
        let refused = Mongo::start(&dir, Some(port)).await.err().unwrap().to_string();
        assert!(refused.contains(&port.to_string()), "{refused}");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
