//! A replica set of three members on the loopback interface.

use std::{
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use mongodb::{
    Client,
    bson::{Document, doc},
    options::ClientOptions,
};
use stack::{
    children::{Child, command},
    free_port, tools,
};

/// How long a start or an election may take on a busy machine.
const START: Duration = Duration::from_secs(60);
const SET: &str = "bench";

/// One member, running.
pub struct Member {
    process: Child,
    port: u16,
}

/// The set, with a primary. Dropping it kills its members.
pub struct Members {
    /// The primary first.
    all: Vec<Member>,
}

impl Member {
    async fn start(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let port = free_port()?;
        let log = File::create(folder.join("mongod.log"))?;
        let mut command = command(&tools::find("mongod")?);
        command
            .args([
                "--replSet",
                SET,
                "--bind_ip",
                "127.0.0.1",
                "--nounixsocket",
                "--wiredTigerCacheSizeGB",
                "0.5",
            ])
            .args(["--setParameter", "enableTestCommands=1"])
            .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
            .args(["--port", &port.to_string()])
            .arg("--dbpath")
            .arg(folder)
            .stdout(log.try_clone()?)
            .stderr(log);
        let marks = vec!["mongod".to_owned(), folder.display().to_string()];
        Ok(Self { process: Child::spawn(command, marks).await?, port })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// A client of this server alone.
    pub async fn direct(&self) -> anyhow::Result<Client> {
        let mut options =
            ClientOptions::parse(format!("mongodb://127.0.0.1:{}/", self.port)).await?;
        options.direct_connection = Some(true);
        options.server_selection_timeout = Some(Duration::from_secs(5));
        Ok(Client::with_options(options)?)
    }

    async fn hello(&self) -> anyhow::Result<Document> {
        let client = self.direct().await?;
        let reply = client.database("admin").run_command(doc! {"hello": 1}).await;
        client.shutdown().immediate(true).await;
        Ok(reply?)
    }

    /// Waits until it says so.
    async fn is(&self, what: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        while !self
            .hello()
            .await
            .is_ok_and(|hello| what == "up" || hello.get_bool(what).unwrap_or(false))
        {
            if began.elapsed() > START || self.process.has_exited() {
                bail!("the member on port {} is not {what}", self.port);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

impl Members {
    /// Starts three, under `folder`, and waits until each is the primary or follows it.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for number in 0..3 {
            all.push(Member::start(&folder.join(format!("member-{number}"))).await?);
        }
        for member in &all {
            member.is("up").await?;
        }
        // The first is preferred, so that the figures of one run are of one primary.
        let members = (0_i32..).zip(&all).map(|(id, member)| {
            doc! {"_id": id, "host": format!("127.0.0.1:{}", member.port), "priority": if id == 0 { 2 } else { 1 }}
        });
        let config = doc! {"_id": SET, "members": members.collect::<Vec<_>>()};
        let first = all.first().context("there is a member")?.direct().await?;
        first.database("admin").run_command(doc! {"replSetInitiate": config}).await?;
        all[0].is("isWritablePrimary").await?;
        for follower in &all[1..] {
            follower.is("secondary").await?;
        }
        Ok(Self { all })
    }

    /// The primary, then those that follow it.
    pub fn all(&self) -> &[Member] {
        &self.all
    }

    /// The last of them applies no more of what the primary writes. (One with a delay of its own in
    /// the set's configuration would not do: drivers are not told of it.)
    pub async fn stop_last(&self) -> anyhow::Result<()> {
        let client = self.all[2].direct().await?;
        let stop = doc! {"configureFailPoint": "rsSyncApplyStop", "mode": "alwaysOn"};
        client.database("admin").run_command(stop).await?;
        client.shutdown().immediate(true).await;
        Ok(())
    }

    /// The address of the set.
    pub fn uri(&self) -> String {
        let hosts: Vec<String> =
            self.all.iter().map(|member| format!("127.0.0.1:{}", member.port)).collect();
        format!("mongodb://{}/?replicaSet={SET}", hosts.join(","))
    }
}
