//! The address of Redis, parsed from the settings.

use crate::{config::RedisSettings, env::SettingError};
use redis::{Client, TlsCertificates};
use secrecy::{ExposeSecret, SecretString};

/// The first line of a certificate in PEM.
const PEM_CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// The servers to connect to.
#[derive(Clone, Debug)]
pub(super) struct RedisTarget {
    /// `redis://` or `rediss://` addresses: one server, or some nodes of a cluster.
    pub(super) nodes: Vec<SecretString>,
    pub(super) is_cluster: bool,
    /// PEM certificates of the authorities to trust; `None` trusts the public ones.
    pub(super) ca_certificates: Option<Vec<u8>>,
}

impl RedisTarget {
    pub(super) fn new(settings: &RedisSettings) -> Result<Self, SettingError> {
        let target = Self::parse(settings.url.expose_secret())?;
        match &settings.ca_file {
            Some(path) => target.with_ca_file(path),
            None => Ok(target),
        }
    }

    fn parse(raw: &str) -> Result<Self, SettingError> {
        let wrong = || {
            SettingError::new(
                "REDIS_URL",
                "must be redis://host:port, rediss://host:port, redis-cluster://host:port, or a \
                comma-separated list",
            )
        };
        let list: Vec<&str> = raw.split(',').map(str::trim).collect();
        let is_named_cluster = raw.trim_start().starts_with("redis-cluster://")
            || raw.starts_with("rediss-cluster://");
        let nodes = list
            .iter()
            .map(|node| {
                let url = node.replacen("redis-cluster://", "redis://", 1).replacen(
                    "rediss-cluster://",
                    "rediss://",
                    1,
                );
                let has_scheme = url.starts_with("redis://") || url.starts_with("rediss://");
                if has_scheme && Client::open(url.as_str()).is_ok() {
                    Ok(url.into())
                } else {
                    Err(wrong())
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { nodes, is_cluster: is_named_cluster || list.len() > 1, ca_certificates: None })
    }

    /// Trusts the certificates in that file, and no others.
    fn with_ca_file(mut self, path: &str) -> Result<Self, SettingError> {
        let wrong = |problem: &str| SettingError::new("REDIS_CA_FILE", problem);
        if !self.nodes.iter().all(|node| node.expose_secret().starts_with("rediss://")) {
            return Err(wrong("works only with rediss:// addresses"));
        }
        let pem = std::fs::read(path.trim()).map_err(|_| wrong("cannot be read"))?;
        let certificates = TlsCertificates { client_tls: None, root_cert: Some(pem.clone()) };
        let first = self.nodes.first().map(|node| node.expose_secret()).unwrap_or_default();
        // The parser accepts text around the certificates, and a file without any. Such a file
        // would trust nobody.
        let has_certificate =
            pem.windows(PEM_CERTIFICATE.len()).any(|bytes| bytes == PEM_CERTIFICATE);
        if !has_certificate || Client::build_with_tls(first, certificates).is_err() {
            return Err(wrong("must contain certificates in PEM"));
        }
        self.ca_certificates = Some(pem);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_server_and_of_a_cluster_are_distinguished() {
        let cluster = |raw: &str| {
            RedisTarget::parse(raw).map(|target| (target.is_cluster, target.nodes.len())).ok()
        };
        assert_eq!(cluster("redis://127.0.0.1:6379"), Some((false, 1)));
        assert_eq!(cluster("rediss://cache.example.com:6380"), Some((false, 1)));
        assert_eq!(cluster("redis-cluster://127.0.0.1:7000"), Some((true, 1)));
        assert_eq!(cluster("redis://127.0.0.1:7000,redis://127.0.0.1:7001"), Some((true, 2)));
        assert_eq!(cluster("http://127.0.0.1"), None);
        assert_eq!(cluster("redis://"), None);
    }
}
