//! The state of the servers, for `doctor`. Nothing here changes anything.

#![expect(missing_docs, reason = "the field names say it")]

use super::{Gate, describe};
use crate::clock;
use redis::{InfoDict, RedisError, Value, from_redis_value};

/// One server as it describes itself; in a cluster, one primary.
#[derive(Clone, Debug)]
pub struct RedisServer {
    /// `host:port`; `None` for a single server.
    pub address: Option<String>,
    pub version: String,
    pub is_primary: bool,
    /// `maxmemory-policy`; `None` if the server does not report it.
    pub eviction_policy: Option<String>,
    pub used_memory: u64,
    /// In bytes; 0 is no limit.
    pub max_memory: u64,
    /// Since the server was started.
    pub evicted_keys: u64,
    /// Whether the append-only file is on.
    pub appends: bool,
    /// Whether the last write to disk and the last snapshot succeeded.
    pub persists: bool,
    pub in_cluster: bool,
    /// Whether a cluster node sees every slot served.
    pub cluster_ok: Option<bool>,
    /// How far the server's clock is ahead of this machine's, accurate to half a round trip.
    pub clock_ahead_ms: i64,
}

impl Gate {
    /// Describes each server. The error says why Redis is unavailable, without a secret.
    pub async fn servers(&self) -> Result<Vec<RedisServer>, String> {
        self.query_servers().await.map_err(|error| describe(&error).trim_end().to_owned())
    }

    async fn query_servers(&self) -> Result<Vec<RedisServer>, RedisError> {
        let connection = self.connection();
        let infos = connection.query_each_node(&["INFO"]).await?;
        let sent_ms = clock::now().timestamp_millis();
        let times = connection.query_each_node(&["TIME"]).await?;
        let midpoint_ms = (sent_ms + clock::now().timestamp_millis()) / 2;
        let mut servers = Vec::new();
        for (address, info) in infos {
            let mut server = server(from_redis_value(info)?);
            let (seconds, micros): (i64, i64) = from_redis_value(response_of(&address, &times))?;
            server.clock_ahead_ms = seconds * 1_000 + micros / 1_000 - midpoint_ms;
            server.address = (!address.is_empty()).then_some(address);
            servers.push(server);
        }
        if servers.iter().any(|server| server.in_cluster) {
            let states = connection.query_each_node(&["CLUSTER", "INFO"]).await?;
            for server in &mut servers {
                let state: String = from_redis_value(response_of(
                    server.address.as_deref().unwrap_or_default(),
                    &states,
                ))?;
                server.cluster_ok =
                    Some(state.lines().any(|line| line.trim() == "cluster_state:ok"));
            }
        }
        Ok(servers)
    }
}

fn response_of(address: &str, responses: &[(String, Value)]) -> Value {
    let response = responses.iter().find(|(node, _)| node == address);
    response.map_or(Value::Nil, |(_, response)| response.clone())
}

fn server(info: InfoDict) -> RedisServer {
    let text = |name: &str| info.get::<String>(name);
    let number = |name: &str| info.get::<u64>(name).unwrap_or(0);
    let is_ok = |name: &str| text(name).is_none_or(|status| status == "ok");
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
            .all(is_ok),
        in_cluster: number("cluster_enabled") == 1,
        cluster_ok: None,
        clock_ahead_ms: 0,
    }
}
