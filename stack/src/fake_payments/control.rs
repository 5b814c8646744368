//! What tests steer the fake with: `POST /control/{path}` with JSON.
//!
//! | path | body |
//! |---|---|
//! | `clock` | `{advanceSeconds}` or `{now}` |
//! | `faults` | `{provider, operation, fault, times?, millis?}`; see [`super::faults`] |
//! | `balance` | `{provider, account, amount}`, `null` for no limit |
//! | `settings` | `{openRefunds?}`; `{account, uniqueReceipts}`; `{requestsPerSecond: {stripe: 25}}`, `null` for no limit |
//! | `webhooks` | `{provider, account, url, secrets}` |
//! | `webhooks/mode` | `{held?, copies?, beforeResponse?}` |
//! | `webhooks/release` | `{reversed?}` |
//! | `webhooks/deliveries` | `{}`: every attempt so far |
//! | `stripe/intents/{id}/pay` | `{card}`, a test card's number |
//! | `stripe/intents/{id}/finish` | `{succeeded}`, after `requires_action` or `processing` |
//! | `stripe/intents/{id}/dispute` | `{status}` |
//! | `stripe/intents/{id}/refund` | `{amount}`: made in the dashboard |
//! | `stripe/refunds/{id}/finish` | `{succeeded}` |
//! | `razorpay/orders/{id}/pay` | `{outcome, late?}`: captured, authorized or failed |
//! | `razorpay/payments/{id}/capture` | `{}` |
//! | `razorpay/payments/{id}/expire` | `{}` |
//! | `razorpay/payments/{id}/refund` | `{amount}`: made in the dashboard |
//! | `razorpay/payments/{id}/dispute` | `{status}` |
//! | `razorpay/refunds/{id}/finish` | `{succeeded}` |
//! | `object` | `{id}`: the object as its provider shows it |

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Fake,
    faults::{Fault, FaultKind},
    http::{Call, Reply},
    razorpay, razorpay_refunds, stripe, stripe_refunds, webhooks,
    webhooks::{Endpoint, WebhookMode},
    world::{Provider, Rate, World},
};

/// `None`: the command lacks something, or has something unknown.
type Done = Option<Value>;

pub(super) async fn respond(fake: &Arc<Fake>, call: &Call) -> Reply {
    let (method, path) = call.route();
    let Some(command) = call.json().filter(|_| method == "POST") else {
        return Reply::text(400, "Send POST and JSON.\n");
    };
    if path == ["webhooks", "release"] {
        let mut events = std::mem::take(&mut fake.world().events);
        if command["reversed"] == true {
            events.reverse();
        }
        let mode = fake.world().webhook_mode;
        let count = events.len();
        webhooks::send(fake, mode, events).await;
        return Reply::json(200, &json!({"released": count}));
    }
    fake.steer(|world| match path.as_slice() {
        [provider @ ("stripe" | "razorpay"), kind, id, action] => {
            act(world, &[provider, kind, action], id, &command)
                .map_or_else(|reply| reply, |json| Reply::json(200, &json))
        }
        path => match set(world, path, &command) {
            Some(json) => Reply::json(200, &json),
            None => Reply::text(400, &format!("unknown or incomplete: {path:?} {command}\n")),
        },
    })
    .await
}

/// What happens to one object of a provider.
fn act(world: &mut World, what: &[&str; 3], id: &str, command: &Value) -> stripe::ApiResult {
    let succeeded = command["succeeded"] == true;
    let text = |name: &str| command[name].as_str().unwrap_or_default();
    match what {
        ["stripe", "intents", "pay"] => stripe::pay(world, id, text("card")),
        ["stripe", "intents", "finish"] => finish_intent(world, id, succeeded),
        ["stripe", "intents", "dispute"] => stripe_refunds::dispute(world, id, text("status")),
        ["stripe", "intents", "refund"] => stripe_refunds::by_hand(world, id, command),
        ["stripe", "refunds", "finish"] => stripe_refunds::settle(world, id, succeeded),
        ["razorpay", "orders", "pay"] => {
            razorpay::pay(world, id, text("outcome"), command["late"] == true)
        }
        ["razorpay", "payments", "capture"] => razorpay::capture(world, id),
        ["razorpay", "payments", "expire"] => razorpay::expire(world, id),
        ["razorpay", "payments", "refund"] => razorpay_refunds::by_hand(world, id, command),
        ["razorpay", "payments", "dispute"] => razorpay_refunds::dispute(world, id, text("status")),
        ["razorpay", "refunds", "finish"] => razorpay_refunds::settle(world, id, succeeded),
        _ => Err(Reply::text(404, "There is no such command.\n")),
    }
}

/// The buyer's bank has decided.
pub(super) fn finish_intent(world: &mut World, id: &str, succeeded: bool) -> stripe::ApiResult {
    const CARD: &str = "4000002500003155";
    let account = world.get(id).map(|object| object.account.clone()).unwrap_or_default();
    let status = stripe::intent(world, &account, id)?["status"].clone();
    if status != "requires_action" && status != "processing" {
        return Err(Reply::text(400, "The intent waits for nothing.\n"));
    }
    if succeeded {
        stripe::succeed(world, &account, id, CARD)
    } else {
        stripe::attempt_failed(world, &account, id, CARD, "authentication_required")
    }
}

fn set(world: &mut World, path: &[&str], command: &Value) -> Done {
    match path {
        ["clock"] => {
            if let Some(now) = command["now"].as_i64() {
                world.set_clock(now);
            } else {
                world.advance_clock(command["advanceSeconds"].as_i64()?);
            }
            Some(json!({"now": world.now()}))
        }
        ["faults"] => {
            world.faults.push(Fault {
                provider: provider(command)?,
                operation: command["operation"].as_str()?.to_owned(),
                kind: FaultKind::parse(command)?,
                times: command["times"].as_u64().unwrap_or(1),
            });
            Some(json!({}))
        }
        ["balance"] => {
            let key = (provider(command)?, command["account"].as_str()?.to_owned());
            match command["amount"].as_i64() {
                Some(amount) => world.balances.insert(key.clone(), amount),
                None => world.balances.remove(&key),
            };
            if key.0 == Provider::Stripe {
                stripe_refunds::pay_pending(world, &key.1);
            }
            Some(json!({}))
        }
        ["settings"] => set_behaviour(world, command),
        ["webhooks", rest @ ..] => set_webhooks(world, rest, command),
        ["object"] => world.get(command["id"].as_str()?).map(|object| object.json.clone()),
        _ => None,
    }
}

fn set_webhooks(world: &mut World, path: &[&str], command: &Value) -> Done {
    match path {
        [] => {
            world.endpoints.push(endpoint(command)?);
            Some(json!({}))
        }
        ["mode"] => {
            let default = WebhookMode::default();
            world.webhook_mode = WebhookMode {
                held: command["held"] == true,
                copies: command["copies"]
                    .as_u64()
                    .map_or(Some(default.copies), |n| n.try_into().ok())?,
                before_response: command["beforeResponse"] == true,
            };
            Some(json!({}))
        }
        ["deliveries"] => {
            let all: Vec<Value> =
                world.deliveries.iter().map(webhooks::Delivery::to_json).collect();
            Some(json!({"deliveries": all}))
        }
        _ => None,
    }
}

fn set_behaviour(world: &mut World, command: &Value) -> Done {
    if let Some(open) = command["openRefunds"].as_bool() {
        world.open_refunds = open;
    }
    if let Some(limits) = command["requestsPerSecond"].as_object() {
        for (name, limit) in limits {
            let provider = Provider::parse(name)?;
            match limit.as_u64() {
                Some(limit) => world.rates.insert(provider, Rate::new(limit)),
                None => world.rates.remove(&provider),
            };
        }
    }
    if let Some(unique) = command["uniqueReceipts"].as_bool() {
        let account = command["account"].as_str()?.to_owned();
        if unique {
            world.unique_receipts.insert(account);
        } else {
            world.unique_receipts.remove(&account);
        }
    }
    Some(json!({}))
}

fn provider(command: &Value) -> Option<Provider> {
    Provider::parse(command["provider"].as_str()?)
}

fn endpoint(command: &Value) -> Option<Endpoint> {
    let secrets: Option<Vec<String>> = command["secrets"]
        .as_array()?
        .iter()
        .map(|secret| Some(secret.as_str()?.to_owned()))
        .collect();
    Some(Endpoint {
        provider: provider(command)?,
        account: command["account"].as_str()?.to_owned(),
        url: command["url"].as_str()?.to_owned(),
        secrets: secrets?,
    })
}
