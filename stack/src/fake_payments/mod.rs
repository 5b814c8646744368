//! A fake Stripe and a fake Razorpay on one port of the loopback interface: documented JSON,
//! idempotency keys, refunds, signed webhooks, and faults on demand. No money moves.
//!
//! | path | what it serves |
//! |---|---|
//! | `/stripe` | Stripe's API: the value for `STRIPE_API_BASE` |
//! | `/razorpay` | Razorpay's API: the value for `RAZORPAY_API_BASE` |
//! | `/checkout` | a page on which a browser pays |
//! | `/control` | what tests steer it with: see [`control`] |

mod checkout;
mod control;
mod faults;
mod http;
mod idempotency;
mod razorpay;
mod razorpay_refunds;
mod stripe;
mod stripe_refunds;
mod webhooks;
mod world;

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, bail};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpListener, task::AbortHandle};

use http::{Call, Reply};
use world::{Provider, World};

/// A running fake. Dropping it closes the port.
pub struct FakePayments {
    url: String,
    listener: AbortHandle,
}

/// What the connections share.
struct Fake {
    world: Mutex<World>,
    client: reqwest::Client,
}

impl FakePayments {
    /// Starts it on this port of 127.0.0.1, or on a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(port: Option<u16>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)))
            .await
            .context("the fake payment providers cannot listen")?;
        let url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let client = reqwest::Client::builder().no_proxy().build()?;
        let fake = Arc::new(Fake { world: Mutex::default(), client });
        Ok(Self { url, listener: tokio::spawn(accept(listener, fake)).abort_handle() })
    }

    /// The value for `STRIPE_API_BASE`.
    #[must_use]
    pub fn stripe(&self) -> String {
        format!("{}/stripe", self.url)
    }

    /// The value for `RAZORPAY_API_BASE`.
    #[must_use]
    pub fn razorpay(&self) -> String {
        format!("{}/razorpay", self.url)
    }

    /// The page on which a browser pays.
    #[must_use]
    pub fn checkout(&self) -> String {
        format!("{}/checkout", self.url)
    }

    /// Steers the fake, as `POST /control/{path}` does.
    ///
    /// # Errors
    /// Says what is wrong with the command.
    pub async fn control(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let response =
            client.post(format!("{}/control/{path}", self.url)).json(body).send().await?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            bail!("{path}: {text}");
        }
        Ok(serde_json::from_str(&text)?)
    }
}

impl Drop for FakePayments {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn accept(listener: TcpListener, fake: Arc<Fake>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let fake = fake.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let fake = fake.clone();
                async move {
                    let call = Call::read(request).await?;
                    fake.respond(call).await.map(Reply::into_http)
                }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            // A fault that loses the response ends the connection with an error.
            let _ = connection.await;
        });
    }
}

impl Fake {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error closes the connection without a response.
    async fn respond(self: Arc<Self>, mut call: Call) -> anyhow::Result<Reply> {
        let area = if call.path.is_empty() { String::new() } else { call.path.remove(0) };
        match area.as_str() {
            // In a task, so that a client who gives up ends nothing.
            "stripe" => tokio::spawn(self.provider(Provider::Stripe, call)).await?,
            "razorpay" => tokio::spawn(self.provider(Provider::Razorpay, call)).await?,
            "checkout" => Ok(self.steer(|world| checkout::respond(world, &call)).await),
            "control" => Ok(control::respond(&self, &call).await),
            _ => Ok(Reply::text(404, "There are /stripe, /razorpay, /checkout and /control.\n")),
        }
    }

    /// Changes the world, and delivers the events of the change.
    async fn steer(self: &Arc<Self>, change: impl FnOnce(&mut World) -> Reply) -> Reply {
        let reply = change(&mut self.world());
        webhooks::deliver(self).await;
        reply
    }

    async fn provider(self: Arc<Self>, provider: Provider, call: Call) -> anyhow::Result<Reply> {
        let reply = faults::around(&self, provider, &call).await;
        webhooks::deliver(&self).await;
        reply
    }
}

/// Carries out one request of a provider's API.
fn execute(world: &mut World, provider: Provider, call: &Call) -> Reply {
    match provider {
        Provider::Stripe => stripe::execute(world, call),
        Provider::Razorpay => razorpay::execute(world, call),
    }
}

/// The name of a request for a fault. `None`: the provider has no such call.
fn operation(provider: Provider, call: &Call) -> Option<&'static str> {
    match provider {
        Provider::Stripe => stripe::operation(call),
        Provider::Razorpay => razorpay::operation(call),
    }
}
