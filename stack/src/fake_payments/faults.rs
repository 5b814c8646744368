//! One request to a provider, with the faults that a test has asked for.

use std::{sync::Arc, time::Duration};

use anyhow::bail;
use serde_json::{Value, json};

use super::{
    Fake, execute,
    http::{Call, Reply},
    idempotency::{Key, Known},
    operation, razorpay, stripe,
    world::{Provider, World},
};

/// More than any client should read.
const OVERSIZED_BYTES: usize = 1024 * 1024;

/// A fault for the next requests of one operation.
pub(super) struct Fault {
    pub(super) provider: Provider,
    /// The operation that fails, such as `create_refund`.
    pub(super) operation: String,
    pub(super) kind: FaultKind,
    pub(super) times: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum FaultKind {
    /// The request is carried out and the connection closed without a response.
    ReplyLost,
    /// 500, and nothing is done or remembered.
    Error500,
    /// 500, nothing is done, and the idempotency key gives the same 500 for a day, as at Stripe.
    Error500Kept,
    /// The request is carried out, but the response is 500. The key gives the same 500.
    Error500Done,
    /// The provider answers 429.
    RateLimited,
    /// The request is carried out after a wait. Meanwhile its key is in use.
    Slow(Duration),
    /// The request is carried out, and the response is no JSON.
    Malformed,
    /// The request is carried out, and the response is too large.
    Oversized,
}

impl FaultKind {
    pub(super) fn parse(command: &Value) -> Option<Self> {
        Some(match command["fault"].as_str()? {
            "reply_lost" => Self::ReplyLost,
            "error_500" => Self::Error500,
            "error_500_kept" => Self::Error500Kept,
            "error_500_done" => Self::Error500Done,
            "rate_limited" => Self::RateLimited,
            "slow" => Self::Slow(Duration::from_millis(command["millis"].as_u64()?)),
            "malformed" => Self::Malformed,
            "oversized" => Self::Oversized,
            _ => return None,
        })
    }
}

/// An error closes the connection without a response.
pub(super) async fn around(
    fake: &Arc<Fake>,
    provider: Provider,
    call: &Call,
) -> anyhow::Result<Reply> {
    if !fake.world().admits(provider) {
        return Ok(failure(provider, 429));
    }
    let fault = take_fault(&mut fake.world(), provider, call);
    let key = match begin(&mut fake.world(), provider, call) {
        Ok(key) => key,
        Err(reply) => return Ok(reply),
    };
    if let Some(FaultKind::Slow(wait)) = fault {
        tokio::time::sleep(wait).await;
    }
    let reply = carry_out(&mut fake.world(), fault, provider, call, key);
    match fault {
        Some(FaultKind::ReplyLost) => bail!("the response is lost"),
        Some(FaultKind::Malformed) => Ok(Reply::html(200, "<html>Bad gateway</html>".into())),
        Some(FaultKind::Oversized) => Ok(Reply::text(200, &" ".repeat(OVERSIZED_BYTES))),
        _ => Ok(reply),
    }
}

fn carry_out(
    world: &mut World,
    fault: Option<FaultKind>,
    provider: Provider,
    call: &Call,
    key: Option<Key>,
) -> Reply {
    let reply = match fault {
        Some(FaultKind::Error500 | FaultKind::Error500Kept) => failure(provider, 500),
        Some(FaultKind::RateLimited) => failure(provider, 429),
        Some(FaultKind::Error500Done) => {
            execute(world, provider, call);
            failure(provider, 500)
        }
        _ => execute(world, provider, call),
    };
    match key {
        Some(key) if matches!(fault, Some(FaultKind::Error500)) => world.memory.abandon(&key),
        Some(key) => {
            let now = world.now();
            world.memory.end(key, call, &reply, now);
        }
        None => {}
    }
    reply
}

fn take_fault(world: &mut World, provider: Provider, call: &Call) -> Option<FaultKind> {
    let operation = operation(provider, call)?;
    let index = world
        .faults
        .iter()
        .position(|fault| fault.provider == provider && fault.operation == operation)?;
    let fault = &mut world.faults[index];
    let kind = fault.kind;
    fault.times = fault.times.saturating_sub(1);
    if fault.times == 0 {
        world.faults.remove(index);
    }
    Some(kind)
}

/// Looks the idempotency key up. `Err`: the response, without carrying the request out.
fn begin(world: &mut World, provider: Provider, call: &Call) -> Result<Option<Key>, Reply> {
    let header = match provider {
        Provider::Stripe => "idempotency-key",
        Provider::Razorpay => "x-refund-idempotency",
    };
    let (Some(key), "POST") = (call.header(header), call.method.as_str()) else {
        return Ok(None);
    };
    let account = match provider {
        Provider::Stripe => stripe::account(call),
        Provider::Razorpay => razorpay::account(call).map(|(id, _)| id),
    };
    // Without an account, the request will be refused.
    let Some(account) = account else { return Ok(None) };
    let key = (provider, account, key.to_owned());
    let now = world.now();
    match world.memory.look_up(&key, call, now) {
        Known::Nothing => {
            world.memory.begin(&key);
            Ok(Some(key))
        }
        Known::Same(reply) => Err(reply.with_header("idempotent-replayed", "true".into())),
        Known::Other => Err(failure(provider, 400)),
        Known::InUse => Err(failure(provider, 409)),
    }
}

/// A provider's error that has nothing to do with what was asked.
fn failure(provider: Provider, status: u16) -> Reply {
    let (stripe_type, stripe_code, message) = match status {
        400 => (
            "idempotency_error",
            Value::Null,
            "Keys for idempotent requests can only be used with the same parameters \
             they were first used with.",
        ),
        409 => (
            "idempotency_error",
            "idempotency_key_in_use".into(),
            "There is currently another in-progress request using this key.",
        ),
        429 => ("invalid_request_error", "rate_limit".into(), "Request rate limit exceeded."),
        _ => ("api_error", Value::Null, "An unknown error occurred."),
    };
    let error = match provider {
        Provider::Stripe => json!({"type": stripe_type, "code": stripe_code, "message": message}),
        Provider::Razorpay => {
            let code = if status >= 500 { "SERVER_ERROR" } else { "BAD_REQUEST_ERROR" };
            json!({"code": code, "description": message, "source": "NA", "step": "NA",
                   "reason": "NA", "metadata": {}})
        }
    };
    Reply::json(status, &json!({"error": error}))
}
