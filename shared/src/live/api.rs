//! Two HTTP APIs of AWS: API Gateway's `@connections`, and Lambda's `Invoke`. Requests are signed
//! here and sent with hyper, so two large SDKs are not needed.

use crate::config::LiveSettings;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use http_body_util::Full;
use hyper::{Method, Request, StatusCode, body::Bytes};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use std::{
    fmt,
    time::{Duration, SystemTime},
};
use tokio::{sync::OnceCell, time::timeout};

const CALL_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Connections that were idle for longer may have died while the function was frozen.
const MAX_IDLE_TIME: Duration = Duration::from_secs(4);

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The outcome of a message to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Posted {
    Sent,
    /// The connection is gone, or not up yet.
    Gone,
    /// It failed; a later attempt may succeed.
    Failed,
}

/// A client of both APIs. It is made at the first call.
pub(super) struct AwsApi {
    connections: Option<String>,
    publisher: Option<String>,
    lambda: Option<String>,
    parts: OnceCell<ApiParts>,
}

struct ApiParts {
    config: SdkConfig,
    http: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl fmt::Debug for AwsApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsApi").field("connections", &self.connections).finish_non_exhaustive()
    }
}

impl AwsApi {
    pub(super) fn new(settings: &LiveSettings) -> Self {
        Self {
            connections: settings.connections_url.clone(),
            publisher: settings.publisher.clone(),
            lambda: settings.lambda_url.clone(),
            parts: OnceCell::new(),
        }
    }

    /// Sends a text to a connection.
    pub(super) async fn post(&self, connection: &str, text: Bytes) -> Result<Posted, Cause> {
        self.on_connection(Method::POST, connection, text).await
    }

    /// Closes the WebSocket of a viewer.
    pub(super) async fn end(&self, connection: &str) -> Result<Posted, Cause> {
        self.on_connection(Method::DELETE, connection, Bytes::new()).await
    }

    async fn on_connection(
        &self,
        method: Method,
        connection: &str,
        text: Bytes,
    ) -> Result<Posted, Cause> {
        let base = self.connections.as_ref().ok_or("LIVE_CONNECTIONS_URL: is missing")?;
        // The ids that API Gateway makes end with `=`.
        let id: String = url::form_urlencoded::byte_serialize(connection.as_bytes()).collect();
        let url = format!("{base}/@connections/{id}");
        Ok(match self.send("execute-api", method, &url, None, text).await? {
            status if status.is_success() => Posted::Sent,
            StatusCode::GONE => Posted::Gone,
            _ => Posted::Failed,
        })
    }

    /// Starts a publisher, and does not wait for it.
    ///
    /// The request passes on no trace header. Otherwise Lambda would treat publishers that start
    /// each other as a loop.
    pub(super) async fn start_publisher(&self) -> Result<(), Cause> {
        let name = self.publisher.as_ref().ok_or("LIVE_PUBLISHER: is missing")?;
        let region = self.parts().await?.region();
        let base = match &self.lambda {
            Some(base) => base.clone(),
            None if region.starts_with("cn-") => {
                format!("https://lambda.{region}.amazonaws.com.cn")
            }
            None => format!("https://lambda.{region}.amazonaws.com"),
        };
        let url = format!("{base}/2015-03-31/functions/{name}/invocations");
        let event = ("x-amz-invocation-type", "Event");
        let body = Bytes::from_static(b"{}");
        match self.send("lambda", Method::POST, &url, Some(event), body).await? {
            status if status.is_success() => Ok(()),
            status => Err(format!("Lambda does not start the publisher: {status}").into()),
        }
    }

    async fn parts(&self) -> Result<&ApiParts, Cause> {
        self.parts
            .get_or_try_init(|| async {
                let config = aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await;
                Ok(ApiParts { config, http: http_client()? })
            })
            .await
    }

    async fn send(
        &self,
        service: &str,
        method: Method,
        url: &str,
        header: Option<(&'static str, &'static str)>,
        body: Bytes,
    ) -> Result<StatusCode, Cause> {
        let parts = self.parts().await?;
        let mut request = Request::new(Full::new(body.clone()));
        *request.uri_mut() = url.parse()?;
        *request.method_mut() = method.clone();
        if let Some((name, value)) = header {
            request.headers_mut().insert(name, value.parse()?);
        }
        let signable = SignableRequest::new(
            method.as_str(),
            url,
            header.into_iter(),
            SignableBody::Bytes(&body),
        )?;
        let provider = parts.config.credentials_provider().ok_or("there are no credentials")?;
        let identity = provider.provide_credentials().await?.into();
        let signing = v4::SigningParams::builder()
            .identity(&identity)
            .region(parts.region())
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?;
        let (signature, _) = sign(signable, &signing.into())?.into_parts();
        signature.apply_to_request_http1x(&mut request);
        Ok(timeout(CALL_TIMEOUT, parts.http.request(request)).await??.status())
    }
}

impl ApiParts {
    fn region(&self) -> &str {
        self.config.region().map_or("us-east-1", AsRef::as_ref)
    }
}

fn http_client() -> Result<Client<HttpsConnector<HttpConnector>, Full<Bytes>>, Cause> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()?
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Ok(Client::builder(TokioExecutor::new())
        .pool_idle_timeout(MAX_IDLE_TIME)
        .pool_timer(TokioTimer::new())
        .build(connector))
}
