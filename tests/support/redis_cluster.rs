//! A Redis Cluster: three masters with a replica each, six processes.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    time::Duration,
};

use redis::{Client, FromRedisValue, aio::MultiplexedConnection};
use stack::{
    children::{Child, command},
    free_port, tools,
};

use super::{poll::eventually, servers};

const MASTERS: usize = 3;
const NODES: usize = 2 * MASTERS;
const SLOTS: usize = 16_384;
const READY: Duration = Duration::from_secs(30);

/// A running cluster. Dropping it kills its processes.
pub struct RedisCluster {
    nodes: Vec<Node>,
}

struct Node {
    _process: Child,
    port: u16,
}

impl RedisCluster {
    /// Starts the nodes, gives the masters their slots, and waits until every node says that
    /// the cluster is whole.
    pub async fn start() -> Self {
        let directory = servers::directory("redis-cluster");
        let program = tools::find("redis-server").unwrap();
        let mut nodes = Vec::new();
        for index in 0..NODES {
            nodes.push(Node::start(&program, &directory.join(index.to_string())).await);
        }
        for (index, node) in nodes.iter().enumerate().take(MASTERS) {
            let mut add = redis::Cmd::new();
            add.arg("CLUSTER").arg("ADDSLOTS");
            for slot in (index * SLOTS / MASTERS)..((index + 1) * SLOTS / MASTERS) {
                add.arg(slot);
            }
            let () = node.ask(&add).await;
        }
        for node in &nodes[1..] {
            let () = nodes[0].cluster(&["MEET", "127.0.0.1", &node.port.to_string()]).await;
        }
        let mut ids: Vec<String> = Vec::new();
        for node in &nodes {
            ids.push(node.cluster(&["MYID"]).await);
        }
        for (index, replica) in nodes.iter().enumerate().skip(MASTERS) {
            let master = &ids[index - MASTERS];
            // A node that does not know the master yet refuses to replicate it.
            eventually("a replica follows its master", READY, || async {
                let followed: redis::RedisResult<String> =
                    replica.try_cluster(&["REPLICATE", master]).await;
                followed.ok()
            })
            .await;
        }
        for node in &nodes {
            eventually("the cluster is whole", READY, || async {
                let info: String = node.cluster(&["INFO"]).await;
                let whole = info.contains("cluster_state:ok")
                    && info.contains(&format!("cluster_known_nodes:{NODES}"));
                whole.then_some(())
            })
            .await;
        }
        Self { nodes }
    }

    /// The functions' `REDIS_URL`: two of the nodes, from which they find the others.
    pub fn url(&self) -> String {
        let named = self
            .nodes
            .iter()
            .take(2)
            .map(|node| format!("redis-cluster://127.0.0.1:{}", node.port));
        named.collect::<Vec<_>>().join(",")
    }

    /// How many keys that match `pattern` each master has.
    pub async fn keys(&self, pattern: &str) -> Vec<usize> {
        let mut counts = Vec::new();
        for node in &self.nodes[..MASTERS] {
            let keys: Vec<String> = node.ask(redis::Cmd::new().arg("KEYS").arg(pattern)).await;
            counts.push(keys.len());
        }
        counts
    }
}

impl Node {
    async fn start(program: &Path, directory: &Path) -> Self {
        std::fs::create_dir_all(directory).unwrap();
        // The bus listens 10,000 above it, where no connection must take the port either.
        let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        let port = loop {
            match free_port().unwrap() {
                port if port < 22_768 && is_free(port + 10_000) => break port,
                _ => {}
            }
        };
        let mut command = command(program);
        command
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--daemonize", "no"])
            .args(["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"])
            .args(["--maxmemory-policy", "noeviction", "--save", "", "--dir"])
            .arg(directory)
            .stdout(std::process::Stdio::null());
        let marks = vec!["redis-server".to_owned(), format!(":{port}")];
        let node = Self { _process: Child::spawn(command, marks).await.unwrap(), port };
        eventually("a node answers", READY, || async { node.connect().await.ok() }).await;
        node
    }

    async fn connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        Client::open(format!("redis://127.0.0.1:{}", self.port))?
            .get_multiplexed_async_connection()
            .await
    }

    async fn ask<T: FromRedisValue>(&self, command: &redis::Cmd) -> T {
        command.query_async(&mut self.connect().await.unwrap()).await.unwrap()
    }

    async fn try_cluster<T: FromRedisValue>(&self, words: &[&str]) -> redis::RedisResult<T> {
        redis::Cmd::new().arg("CLUSTER").arg(words).query_async(&mut self.connect().await?).await
    }

    async fn cluster<T: FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_cluster(words).await.unwrap()
    }
}
