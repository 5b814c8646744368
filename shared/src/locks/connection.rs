//! One connection to a server or a cluster. It opens on first use, and again after it was lost.

use super::target::RedisTarget;
use redis::{
    Client, IntoConnectionInfo, RedisError, RedisResult, ScriptInvocation, TlsCertificates, Value,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cluster::{ClusterClient, ClusterClientBuilder},
    cluster_async::ClusterConnection,
    cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo},
    from_redis_value,
    io::tcp::TcpSettings,
};
use secrecy::ExposeSecret;
use std::time::Duration;
use tokio::sync::OnceCell;

const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(300);
const MAX_RETRIES: u32 = 1;
#[cfg(target_os = "linux")]
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(2);

/// Sends small commands at once, and closes a connection whose peer acknowledges nothing.
///
/// Without the user timeout, a connection that the network dropped silently would stay open for a
/// quarter of an hour: the driver does not replace a connection that only times out.
fn tcp_settings() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(TCP_USER_TIMEOUT);
    settings
}

pub(super) enum Connection {
    Server(ConnectionManager),
    Cluster { client: Box<ClusterClient>, connection: OnceCell<ClusterConnection> },
}

impl Connection {
    pub(super) fn new(target: &RedisTarget) -> Result<Self, RedisError> {
        let mut nodes = target.nodes.iter().map(|node| node.expose_secret());
        let certificates = target
            .ca_certificates
            .clone()
            .map(|pem| TlsCertificates { client_tls: None, root_cert: Some(pem) });
        if target.is_cluster {
            let mut builder = ClusterClientBuilder::new(nodes)
                .connection_timeout(CONNECT_TIMEOUT)
                .response_timeout(RESPONSE_TIMEOUT)
                .retries(MAX_RETRIES)
                .tcp_settings(tcp_settings());
            if let Some(certificates) = certificates {
                builder = builder.certs(certificates);
            }
            let client = builder.build()?;
            return Ok(Self::Cluster { client: Box::new(client), connection: OnceCell::new() });
        }
        let url = nodes.next().unwrap_or_default();
        let info = url.into_connection_info()?;
        let info = info.set_tcp_settings(tcp_settings());
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_number_of_retries(MAX_RETRIES as usize);
        let client = match certificates {
            Some(certificates) => Client::build_with_tls(info, certificates)?,
            None => Client::open(info)?,
        };
        Ok(Self::Server(ConnectionManager::new_lazy_with_config(client, config)?))
    }

    pub(super) async fn invoke(&self, script: &ScriptInvocation<'_>) -> RedisResult<Value> {
        match self {
            // A clone is a handle: all clones share one connection.
            Self::Server(manager) => script.invoke_async(&mut manager.clone()).await,
            Self::Cluster { .. } => script.invoke_async(&mut self.cluster().await?).await,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one module that talks to redis")]
    pub(super) async fn ping(&self) -> RedisResult<()> {
        let ping = redis::cmd("PING");
        match self {
            Self::Server(manager) => ping.query_async(&mut manager.clone()).await,
            Self::Cluster { .. } => ping.query_async(&mut self.cluster().await?).await,
        }
    }

    /// Sends a command to every primary. Returns each response with the primary's address. A single
    /// server has an empty address.
    pub(super) async fn query_each_node(
        &self,
        words: &[&str],
    ) -> RedisResult<Vec<(String, Value)>> {
        let mut command = redis::Cmd::new();
        command.arg(words);
        if let Self::Server(manager) = self {
            return Ok(vec![(String::new(), command.query_async(&mut manager.clone()).await?)]);
        }
        let all = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        match self.cluster().await?.route_command(command, all).await? {
            Value::Map(responses) => responses
                .into_iter()
                .map(|(address, response)| Ok((from_redis_value(address)?, response)))
                .collect(),
            _ => Err(RedisError::from((
                redis::ErrorKind::UnexpectedReturnType,
                "a response without addresses",
            ))),
        }
    }

    async fn cluster(&self) -> RedisResult<ClusterConnection> {
        match self {
            Self::Cluster { client, connection } => {
                Ok(connection.get_or_try_init(|| client.get_async_connection()).await?.clone())
            }
            Self::Server(_) => {
                Err(RedisError::from((redis::ErrorKind::InvalidClientConfig, "not a cluster")))
            }
        }
    }
}
