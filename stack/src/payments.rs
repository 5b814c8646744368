//! `stack fake-payments`: the fake payment providers, until Ctrl-C.

use anyhow::Context;
use stack::FakePayments;

use crate::say;

/// Runs on this port, or on a free one.
pub async fn run(port: Option<&str>) -> anyhow::Result<()> {
    let port = port.map(|port| port.parse().context("the port must be 1 to 65535")).transpose()?;
    let fake = FakePayments::start(port).await?;
    say::line!("A fake Stripe:      {}", fake.stripe());
    say::line!("A fake Razorpay:    {}", fake.razorpay());
    say::line!("Pay in a browser:   {}?client_secret=… or ?order_id=…", fake.checkout());
    say::line!("No money moves. docs/PAYMENTS.md says how to steer it. Ctrl-C ends it.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
