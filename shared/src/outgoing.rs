//! The HTTP client for calls to payment providers and webhook endpoints. It follows no redirect,
//! uses no proxy and keeps no connection.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use std::{error::Error, io, net::SocketAddr, time::Duration};
use tower_service::Service;

/// A client that looks up addresses with the resolver `R`.
pub(crate) type HttpClient<R> = Client<HttpsConnector<HttpConnector<R>>, Full<Bytes>>;

/// Makes a client. It reads the system's certificates, which takes time.
pub(crate) fn client<R>(resolver: R, connect_timeout: Duration) -> io::Result<HttpClient<R>>
where
    R: Service<Name> + Clone + Send + Sync + 'static,
    R::Response: Iterator<Item = SocketAddr>,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
    R::Future: Send,
{
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()?
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    // While a function is frozen, an idle connection dies, and a request on it would be lost.
    Ok(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
}
