//! What the servers are like, for a person who asks. Nothing here changes anything.

use super::{Gate, describe};
use crate::clock;
use redis::{InfoDict, RedisError, Value, from_redis_value};

/// One server, as it tells of itself; of a cluster, one primary.
#[derive(Clone, Debug)]
pub struct RedisServer {
    /// `host:port`, where there is more than one.
    pub address: Option<String>,
    /// The server's version.
    pub version: String,
    /// Whether it takes writes.
    pub is_primary: bool,
    /// What it does when its memory is full; absent where it does not tell.
    pub eviction_policy: Option<String>,
    /// Bytes in use.
    pub used_memory: u64,
    /// Bytes that it may use; 0 is no limit.
    pub max_memory: u64,
    /// Keys that it has evicted since it was started.
    pub evicted_keys: u64,
    /// Whether it writes each change to a file.
    pub appends: bool,
    /// Whether the last of those writes, and the last snapshot, went well.
    pub persists: bool,
    /// Whether it is a node of a cluster.
    pub in_cluster: bool,
    /// A node's view of its cluster: whether every slot is served.
    pub cluster_ok: Option<bool>,
    /// By how many milliseconds its clock is ahead of this machine's; give or take half the way
    /// there and back.
    pub clock_ahead_ms: i64,
}

impl Gate {
    /// What each server tells of itself.
    ///
    /// # Errors
    /// Why Redis cannot be asked, in words that hold no secret.
    pub async fn servers(&self) -> Result<Vec<RedisServer>, String> {
        self.query_servers().await.map_err(|error| describe(&error).trim_end().to_owned())
    }

    async fn query_servers(&self) -> Result<Vec<RedisServer>, RedisError> {
        let connection = self.connection();
        let infos = connection.query_each_node(&["INFO"]).await?;
        let asked_ms = clock::now().timestamp_millis();
        let times = connection.query_each_node(&["TIME"]).await?;
        let half_way_ms = (asked_ms + clock::now().timestamp_millis()) / 2;
        let mut servers = Vec::new();
        for (address, info) in infos {
            let mut server = server(from_redis_value(info)?);
            let (seconds, micros): (i64, i64) = from_redis_value(of(&address, &times))?;
            server.clock_ahead_ms = seconds * 1_000 + micros / 1_000 - half_way_ms;
            server.address = (!address.is_empty()).then_some(address);
            servers.push(server);
        }
        if servers.iter().any(|server| server.in_cluster) {
            let states = connection.query_each_node(&["CLUSTER", "INFO"]).await?;
            for server in &mut servers {
                let state: String =
                    from_redis_value(of(server.address.as_deref().unwrap_or_default(), &states))?;
                server.cluster_ok =
                    Some(state.lines().any(|line| line.trim() == "cluster_state:ok"));
            }
        }
        Ok(servers)
    }
}

fn of(address: &str, answers: &[(String, Value)]) -> Value {
    answers.iter().find(|(of, _)| of == address).map_or(Value::Nil, |(_, answer)| answer.clone())
}

fn server(info: InfoDict) -> RedisServer {
    let text = |name: &str| info.get::<String>(name);
    let number = |name: &str| info.get::<u64>(name).unwrap_or(0);
    let well = |name: &str| text(name).is_none_or(|status| status == "ok");
    RedisServer {
        address: None,
        version: text("redis_version").unwrap_or_else(|| "unknown".to_owned()),
        is_primary: text("role").is_none_or(|role| role == "master"),
        eviction_policy: text("maxmemory_policy"),
        used_memory: number("used_memory"),
        max_memory: number("maxmemory"),
        evicted_keys: number("evicted_keys"),
        appends: number("aof_enabled") == 1,
        persists: ["aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status"]
            .into_iter()
            .all(well),
        in_cluster: number("cluster_enabled") == 1,
        cluster_ok: None,
        clock_ahead_ms: 0,
    }
}
