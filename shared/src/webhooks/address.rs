//! Names and the addresses they lead to. Each lookup is checked by itself: a name may lead to a
//! public address now, and into our own network a moment later.

use crate::domain::{AllowedHosts, NOT_PUBLIC, WebhookUrl, is_public};
use futures_util::future::BoxFuture;
use std::{io, net::IpAddr, time::Duration};
use tokio::{net::lookup_host, time::timeout};
use url::Host;

/// How long a registration waits for a name.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(3);

/// Looks names up.
pub(super) trait Resolve: Send + Sync {
    /// All addresses of a name.
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Whether all addresses that a name has now are public. A name that leads nowhere has none.
pub(super) async fn check(
    resolver: &impl Resolve,
    url: &WebhookUrl,
    allowed: &AllowedHosts,
) -> Result<(), String> {
    let Some(Host::Domain(name)) = url.as_url().host() else { return Ok(()) };
    if allowed.has(name) {
        return Ok(());
    }
    match timeout(LOOKUP_TIMEOUT, resolver.addresses(name.to_owned())).await {
        Ok(Ok(found)) if !found.iter().copied().all(is_public) => Err(NOT_PUBLIC.into()),
        Ok(Ok(_) | Err(_)) | Err(_) => Ok(()),
    }
}
