//! Looks up host names and checks their addresses. Every lookup is checked: a name may lead to a
//! public address now, and into our own network a moment later.

use crate::domain::{AllowedHosts, NOT_PUBLIC, WebhookUrl, is_public};
use futures_util::future::BoxFuture;
use hyper_util::client::legacy::connect::dns::Name;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
    vec,
};
use tokio::{net::lookup_host, time::timeout};
use tower_service::Service;
use url::Host;

/// How long a registration waits for a name.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(3);

/// Finds the addresses of a name. Tests have a resolver of their own.
pub(super) trait Resolve: Clone + Send + Sync + 'static {
    /// All addresses of a name.
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// Asks the resolver of the operating system.
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

/// Why a name has no address that may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LookupError {
    #[error("the name does not resolve")]
    Unresolved,
    #[error("the name leads to an address that is not public")]
    NotPublic,
}

/// Resolves a name only if all its addresses are public. The HTTP client calls it for every
/// connection, and connects only to the addresses that it returns.
#[derive(Clone, Debug)]
pub(super) struct PublicResolver<R> {
    resolver: R,
    hosts: Arc<AllowedHosts>,
}

impl<R: Resolve> PublicResolver<R> {
    pub(super) fn new(resolver: R, hosts: AllowedHosts) -> Self {
        Self { resolver, hosts: Arc::new(hosts) }
    }

    pub(super) fn hosts(&self) -> &AllowedHosts {
        &self.hosts
    }

    async fn look_up(&self, name: String) -> Result<Vec<IpAddr>, LookupError> {
        let is_allowed = self.hosts.has(&name);
        let found = self.resolver.addresses(name).await.map_err(|_| LookupError::Unresolved)?;
        if found.is_empty() {
            return Err(LookupError::Unresolved);
        }
        let is_good = is_allowed || found.iter().copied().all(is_public);
        if is_good { Ok(found) } else { Err(LookupError::NotPublic) }
    }

    /// Checks that a URL that is registered may be called. A name that does not resolve yet is
    /// accepted.
    pub(super) async fn check(&self, url: &WebhookUrl) -> Result<(), String> {
        let Some(Host::Domain(name)) = url.as_url().host() else { return Ok(()) };
        match timeout(LOOKUP_TIMEOUT, self.look_up(name.to_owned())).await {
            Ok(Err(LookupError::NotPublic)) => Err(NOT_PUBLIC.into()),
            Ok(Ok(_) | Err(LookupError::Unresolved)) | Err(_) => Ok(()),
        }
    }
}

impl<R: Resolve> Service<Name> for PublicResolver<R> {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = LookupError;
    type Future = BoxFuture<'static, Result<Self::Response, LookupError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), LookupError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let found = this.look_up(name.as_str().to_owned()).await?;
            let with_port = |ip| SocketAddr::new(ip, 0);
            Ok(found.into_iter().map(with_port).collect::<Vec<_>>().into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Timestamp,
        webhooks::sender::{Message, Sender},
    };
    use std::{
        collections::VecDeque,
        sync::{
            Mutex,
            atomic::{AtomicUsize, Ordering},
        },
    };

    /// Gives one answer after the other.
    #[derive(Clone, Default)]
    struct Scripted(Arc<Mutex<VecDeque<Vec<&'static str>>>>);

    impl Scripted {
        fn new<const N: usize>(answers: [&[&'static str]; N]) -> Self {
            Self(Arc::new(Mutex::new(answers.into_iter().map(<[_]>::to_vec).collect())))
        }
    }

    impl Resolve for Scripted {
        fn addresses(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            let answer = self.0.lock().unwrap().pop_front().unwrap_or_default();
            let addresses = answer.iter().map(|address| address.parse().unwrap()).collect();
            Box::pin(std::future::ready(Ok(addresses)))
        }
    }

    fn url(raw: &str) -> WebhookUrl {
        WebhookUrl::parse(raw, &AllowedHosts::default()).unwrap()
    }

    #[tokio::test]
    async fn every_address_of_a_name_must_be_public() {
        for (addresses, is_good) in [
            (&["1.1.1.1"][..], true),
            (&["1.1.1.1", "2606:4700::1111"], true),
            (&["1.1.1.1", "10.0.0.1"], false),
            (&["::ffff:1.1.1.1"], false),
            (&["64:ff9b::101:101"], false),
            (&["2002:101:101::1"], false),
            (&["169.254.169.254"], false),
            (&[], true),
        ] {
            let resolver = Scripted::new([addresses]);
            let resolver = PublicResolver::new(resolver, AllowedHosts::default());
            let checked = resolver.check(&url("https://shop.example/")).await;
            assert_eq!(checked.is_ok(), is_good, "{addresses:?}: {checked:?}");
        }
    }

    /// A name that is public when it is registered, and then leads to us.
    #[tokio::test]
    async fn a_name_that_changes_its_mind_is_not_contacted() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let seen = Arc::<AtomicUsize>::default();
        let counted = seen.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        let answers = Scripted::new([&["1.1.1.1"], &["127.0.0.1"], &["1.1.1.1", "::1"]]);
        let sender = Sender::new(answers, AllowedHosts::default());
        let target = "https://rebinding.example:8443/";
        assert_eq!(sender.check(&url(target)).await, Ok(()));
        let secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()];
        let at = Timestamp::now();
        let message = Message { url: target, event_id: "e", body: "{}", secrets: &secrets, at };
        for _ in 0..2 {
            let error = sender.send(&message).await.error;
            let expected = LookupError::NotPublic.to_string();
            assert_eq!(error, Some(expected));
        }
        assert_eq!(seen.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn an_allowed_host_may_have_any_address() {
        let hosts = AllowedHosts::parse("dev.example, [::1]").unwrap();
        let resolver = PublicResolver::new(Scripted::new([&["127.0.0.1"]]), hosts.clone());
        let url = WebhookUrl::parse("http://dev.example:8080/", &hosts).unwrap();
        assert_eq!(resolver.check(&url).await, Ok(()));
        assert!(WebhookUrl::parse("http://[::1]:9/", &hosts).is_ok());
        assert!(WebhookUrl::parse("https://a.dev.example:9/", &hosts).is_err());
        for bad in ["https://a", "a:80", "a/b", "a b", "a@b", "[::1]:80"] {
            assert!(AllowedHosts::parse(bad).is_err(), "{bad}");
        }
    }
}
