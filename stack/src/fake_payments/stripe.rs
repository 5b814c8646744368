//! Stripe's API: intents. Shapes and errors follow Stripe's reference, version 2024-06-20.

use serde_json::{Map, Value, json};

use super::{
    http::{Call, Fields, Reply},
    stripe_refunds,
    world::World,
};

/// The smallest charges that Stripe documents. Other currencies have none here.
const MINIMUMS: [(&str, i64); 12] = [
    ("usd", 50),
    ("eur", 50),
    ("gbp", 30),
    ("inr", 50),
    ("jpy", 50),
    ("aud", 50),
    ("chf", 50),
    ("sek", 300),
    ("mxn", 1000),
    ("hkd", 400),
    ("sgd", 50),
    ("aed", 200),
];
/// Stripe takes at most eight digits.
const MAXIMUM: i64 = 99_999_999;
const THREE_DECIMALS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];
/// Stripe counts these currencies in hundredths, but charges only whole units.
const WHOLE_HUNDREDS: [&str; 2] = ["isk", "ugx"];

/// The result of an endpoint: an object, or an error response.
pub(super) type ApiResult = Result<Value, Reply>;

pub(super) fn operation(call: &Call) -> Option<&'static str> {
    let (method, path) = call.route();
    Some(match (method, path.as_slice()) {
        ("POST", ["v1", "payment_intents"]) => "create_intent",
        ("GET", ["v1", "payment_intents", _]) => "get_intent",
        ("POST", ["v1", "payment_intents", _, "cancel"]) => "cancel_intent",
        ("POST", ["v1", "refunds"]) => "create_refund",
        ("GET", ["v1", "refunds"]) => "list_refunds",
        ("GET", ["v1", "refunds", _]) => "get_refund",
        ("GET", ["v1", "disputes"]) => "list_disputes",
        _ => return None,
    })
}

/// The account: the secret key itself.
pub(super) fn account(call: &Call) -> Option<String> {
    let key = call.header("authorization")?.strip_prefix("Bearer ")?;
    let known = ["sk_test_", "sk_live_", "rk_test_", "rk_live_"];
    known
        .iter()
        .any(|prefix| key.len() > prefix.len() && key.starts_with(prefix))
        .then(|| key.into())
}

pub(super) fn execute(world: &mut World, call: &Call) -> Reply {
    let Some(account) = account(call) else {
        return error(401, "invalid_request_error", "", "", "Invalid API Key provided.");
    };
    let (method, path) = call.route();
    let result = match (method, path.as_slice()) {
        ("POST", ["v1", "payment_intents"]) => create(world, &account, &call.form()),
        ("GET", ["v1", "payment_intents", id]) => {
            intent(world, &account, id).map(|intent| expand(world, intent, call))
        }
        ("POST", ["v1", "payment_intents", id, "cancel"]) => {
            cancel(world, &account, id, &call.form())
        }
        ("POST", ["v1", "refunds"]) => stripe_refunds::create(world, &account, &call.form()),
        ("GET", ["v1", "refunds"]) => stripe_refunds::list(world, &account, "refund", &call.query),
        ("GET", ["v1", "refunds", id]) => find(world, &account, "refund", id),
        ("GET", ["v1", "disputes"]) => {
            stripe_refunds::list(world, &account, "dispute", &call.query)
        }
        _ => Err(invalid(404, "", "", "Unrecognized request URL.")),
    };
    result.map_or_else(|reply| reply, |json| Reply::json(200, &json))
}

pub(super) fn error(status: u16, kind: &str, code: &str, param: &str, message: &str) -> Reply {
    let mut error = json!({"type": kind, "message": message});
    for (name, value) in [("code", code), ("param", param)] {
        if !value.is_empty() {
            error[name] = value.into();
        }
    }
    Reply::json(status, &json!({"error": error}))
}

pub(super) fn invalid(status: u16, code: &str, param: &str, message: &str) -> Reply {
    error(status, "invalid_request_error", code, param, message)
}

pub(super) fn find(world: &World, account: &str, kind: &str, id: &str) -> ApiResult {
    world
        .own(account, kind, id)
        .cloned()
        .ok_or_else(|| invalid(404, "resource_missing", "id", &format!("No such {kind}: '{id}'")))
}

pub(super) fn intent(world: &World, account: &str, id: &str) -> ApiResult {
    find(world, account, "payment_intent", id).map_err(|_| {
        invalid(404, "resource_missing", "intent", &format!("No such payment_intent: '{id}'"))
    })
}

/// The form's fields, where each one is known.
pub(super) fn only(form: &Fields, known: &[&str]) -> Result<(), Reply> {
    let is_known = |key: &str| known.contains(&key) || key.starts_with("metadata[");
    match form.keys().find(|key| !is_known(key)) {
        None => Ok(()),
        Some(key) => Err(invalid(
            400,
            "parameter_unknown",
            key,
            &format!("Received unknown parameter: {key}"),
        )),
    }
}

pub(super) fn metadata(form: &Fields) -> Value {
    let name = |key: &str| Some(key.strip_prefix("metadata[")?.strip_suffix(']')?.to_owned());
    let all: Map<String, Value> = form
        .iter()
        .filter_map(|(key, value)| Some((name(key)?, Value::from(value.clone()))))
        .collect();
    Value::Object(all)
}

/// An amount in Stripe's units. Stripe refuses some digits in some currencies.
pub(super) fn amount(raw: &str, currency: &str) -> Result<i64, Reply> {
    let wrong = |message: &str| invalid(400, "parameter_invalid_integer", "amount", message);
    let amount: i64 = raw.parse().map_err(|_| wrong(&format!("Invalid integer: {raw}")))?;
    if amount < 1 {
        return Err(wrong("This value must be greater than or equal to 1."));
    }
    if THREE_DECIMALS.contains(&currency) && amount % 10 != 0 {
        return Err(wrong("The last digit must be 0 in this currency."));
    }
    if WHOLE_HUNDREDS.contains(&currency) && amount % 100 != 0 {
        return Err(wrong("The last two digits must be 00 in this currency."));
    }
    Ok(amount)
}

fn create(world: &mut World, account: &str, form: &Fields) -> ApiResult {
    only(form, &["amount", "currency", "automatic_payment_methods[enabled]", "description"])?;
    let missing = |name: &str| {
        invalid(400, "parameter_missing", name, &format!("Missing required param: {name}."))
    };
    let currency = form.get("currency").ok_or_else(|| missing("currency"))?;
    let is_code = currency.len() == 3 && currency.bytes().all(|c| c.is_ascii_lowercase());
    if !is_code || currency.starts_with("xt") || currency == "xxx" {
        return Err(invalid(400, "", "currency", &format!("Invalid currency: {currency}")));
    }
    let amount = amount(form.get("amount").ok_or_else(|| missing("amount"))?, currency)?;
    let minimum = MINIMUMS.iter().find(|(code, _)| code == currency).map_or(1, |(_, least)| *least);
    if amount < minimum {
        return Err(invalid(400, "amount_too_small", "amount", "Amount is below the minimum."));
    }
    if amount > MAXIMUM {
        return Err(invalid(400, "amount_too_large", "amount", "Amount is above the maximum."));
    }
    let id = world.id("pi");
    let intent = json!({
        "id": id, "object": "payment_intent", "amount": amount, "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": true},
        "canceled_at": null, "cancellation_reason": null, "capture_method": "automatic_async",
        "client_secret": format!("{id}_secret_{:016x}", rand::random::<u64>()),
        "confirmation_method": "automatic", "created": world.now(), "currency": currency,
        "customer": null, "description": form.get("description"), "last_payment_error": null,
        "latest_charge": null, "livemode": account.contains("_live_"), "metadata": metadata(form),
        "next_action": null, "payment_method": null, "payment_method_types": ["card"],
        "status": "requires_payment_method",
    });
    world.insert(account, intent.clone());
    world.stripe_event(account, "payment_intent.created", &intent);
    Ok(intent)
}

/// Puts the charge in the place of its id, where the query asks for that.
fn expand(world: &World, mut intent: Value, call: &Call) -> Value {
    let wanted = call.query.iter().filter(|(key, _)| key.starts_with("expand["));
    let charge = intent["latest_charge"].as_str().and_then(|id| world.get(id));
    if let Some(charge) = charge
        && wanted.into_iter().any(|(_, field)| field == "latest_charge")
    {
        intent["latest_charge"] = charge.json.clone();
    }
    intent
}

fn cancel(world: &mut World, account: &str, id: &str, form: &Fields) -> ApiResult {
    only(form, &["cancellation_reason"])?;
    let status = intent(world, account, id)?["status"].clone();
    let status = status.as_str().unwrap_or_default();
    if !matches!(status, "requires_payment_method" | "requires_action" | "requires_confirmation") {
        let message =
            format!("You cannot cancel this PaymentIntent because it has a status of {status}.");
        return Err(invalid(400, "payment_intent_unexpected_state", "", &message));
    }
    let now = world.now();
    world.update(id, |intent| {
        intent["status"] = "canceled".into();
        intent["canceled_at"] = now.into();
        intent["cancellation_reason"] = form.get("cancellation_reason").cloned().into();
        intent["next_action"] = Value::Null;
    });
    let intent = intent(world, account, id)?;
    world.stripe_event(account, "payment_intent.canceled", &intent);
    Ok(intent)
}

/// What a buyer's card does.
pub(super) fn pay(world: &mut World, id: &str, card: &str) -> ApiResult {
    let Some(object) = world.get(id) else {
        return Err(invalid(404, "resource_missing", "intent", "No such payment_intent."));
    };
    let account = object.account.clone();
    let status = intent(world, &account, id)?["status"].clone();
    if !matches!(
        status.as_str(),
        Some("requires_payment_method" | "requires_action" | "processing")
    ) {
        return Err(invalid(400, "payment_intent_unexpected_state", "", "It cannot be paid now."));
    }
    match card.replace(' ', "").as_str() {
        "4000002500003155" | "4000002760003184" => {
            world.update(id, |intent| {
                intent["status"] = "requires_action".into();
                intent["next_action"] = json!({"type": "use_stripe_sdk"});
            });
            let intent = intent(world, &account, id)?;
            world.stripe_event(&account, "payment_intent.requires_action", &intent);
            Ok(intent)
        }
        // Not a card: a bank debit, which takes days.
        "000123456789" => {
            world.update(id, |intent| intent["status"] = "processing".into());
            let intent = intent(world, &account, id)?;
            world.stripe_event(&account, "payment_intent.processing", &intent);
            Ok(intent)
        }
        "4000000000000002" => attempt_failed(world, &account, id, card, "generic_decline"),
        "4000000000009995" => attempt_failed(world, &account, id, card, "insufficient_funds"),
        number @ ("4242424242424242" | "4000000000000259" | "4000000000007726"
        | "4000000000005126") => succeed(world, &account, id, number),
        _ => Err(invalid(400, "incorrect_number", "card", "This is no test card of the fake.")),
    }
}

fn charge(world: &mut World, account: &str, intent: &Value, card: &str, paid: bool) -> Value {
    let charge = json!({
        "id": world.id("ch"), "object": "charge", "amount": intent["amount"],
        "amount_captured": if paid { intent["amount"].clone() } else { 0.into() },
        "amount_refunded": 0, "captured": paid, "created": world.now(),
        "currency": intent["currency"], "disputed": false, "livemode": intent["livemode"],
        "metadata": intent["metadata"], "paid": paid, "payment_intent": intent["id"],
        "payment_method_details": {"type": "card", "card": {"last4": &card[card.len() - 4..]}},
        "refunded": false, "status": if paid { "succeeded" } else { "failed" },
    });
    world.insert(account, charge.clone());
    charge
}

pub(super) fn attempt_failed(
    world: &mut World,
    account: &str,
    id: &str,
    card: &str,
    decline: &str,
) -> ApiResult {
    let before = intent(world, account, id)?;
    let charge = charge(world, account, &before, card, false);
    world.update(id, |intent| {
        intent["status"] = "requires_payment_method".into();
        intent["latest_charge"] = charge["id"].clone();
        intent["next_action"] = Value::Null;
        intent["last_payment_error"] = json!({"type": "card_error", "code": "card_declined",
            "decline_code": decline, "message": "Your card was declined."});
    });
    let intent = intent(world, account, id)?;
    world.stripe_event(account, "payment_intent.payment_failed", &intent);
    Ok(intent)
}

pub(super) fn succeed(world: &mut World, account: &str, id: &str, card: &str) -> ApiResult {
    let before = intent(world, account, id)?;
    let charge = charge(world, account, &before, card, true);
    world.update(id, |intent| {
        intent["status"] = "succeeded".into();
        intent["amount_received"] = intent["amount"].clone();
        intent["latest_charge"] = charge["id"].clone();
        intent["next_action"] = Value::Null;
        intent["last_payment_error"] = Value::Null;
    });
    let paid = intent(world, account, id)?;
    world.stripe_event(account, "charge.succeeded", &charge);
    world.stripe_event(account, "payment_intent.succeeded", &paid);
    if card == "4000000000000259" {
        stripe_refunds::dispute(world, id, "needs_response")?;
    }
    Ok(paid)
}
