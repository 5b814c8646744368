//! Razorpay's API: orders and payments. Shapes and errors follow Razorpay's reference.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    http::{Call, Reply},
    razorpay_refunds,
    stripe::ApiResult,
    world::World,
};

const MAX_RECEIPT: usize = 40;
const MAX_NOTES: usize = 15;
const MAX_NOTE: usize = 256;
/// The least that Razorpay charges, in the currency's subunits.
const MINIMUM: i64 = 100;
const THREE_DECIMALS: [&str; 5] = ["BHD", "IQD", "JOD", "KWD", "OMR"];
/// Minutes for which a payment may be captured.
const MAX_CAPTURE_MINUTES: i64 = 7200;
const MIN_CAPTURE_MINUTES: i64 = 12;

pub(super) fn operation(call: &Call) -> Option<&'static str> {
    let (method, path) = call.route();
    Some(match (method, path.as_slice()) {
        ("POST", ["v1", "orders"]) => "create_order",
        ("GET", ["v1", "orders"]) => "list_orders",
        ("GET", ["v1", "orders", _]) => "get_order",
        ("GET", ["v1", "orders", _, "payments"]) => "order_payments",
        ("GET", ["v1", "payments", _]) => "get_payment",
        ("POST", ["v1", "payments", _, "capture"]) => "capture",
        ("POST", ["v1", "payments", _, "refund"]) => "create_refund",
        ("GET", ["v1", "payments", _, "refunds"]) => "list_refunds",
        ("GET", ["v1", "refunds", _]) => "get_refund",
        ("GET", ["v1", "disputes", _]) => "get_dispute",
        _ => return None,
    })
}

/// The account: the key's id, and its secret.
pub(super) fn account(call: &Call) -> Option<(String, String)> {
    let encoded = call.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let known = id.starts_with("rzp_test_") || id.starts_with("rzp_live_");
    (known && !secret.is_empty()).then(|| (id.to_owned(), secret.to_owned()))
}

pub(super) fn execute(world: &mut World, call: &Call) -> Reply {
    let refused = || error(401, "", "Authentication failed");
    let Some((account, secret)) = account(call) else { return refused() };
    // The first secret that an account shows is its secret.
    if *world.key_secrets.entry(account.clone()).or_insert_with(|| secret.clone()) != secret {
        return refused();
    }
    let (method, path) = call.route();
    let Some(body) = call.json() else { return error(400, "", "The request body is no JSON") };
    let result = match (method, path.as_slice()) {
        ("POST", ["v1", "orders"]) => create_order(world, &account, &body),
        ("GET", ["v1", "orders"]) => {
            let receipt = call.query.get("receipt").map_or("", String::as_str);
            Ok(collection(world.list(&account, "order", "receipt", receipt)))
        }
        ("GET", ["v1", "orders", id]) => find(world, &account, "order", id),
        ("GET", ["v1", "orders", id, "payments"]) => find(world, &account, "order", id)
            .map(|_| collection(world.list(&account, "payment", "order_id", id))),
        ("GET", ["v1", "payments", id]) => find(world, &account, "payment", id),
        ("POST", ["v1", "payments", id, "capture"]) => {
            find(world, &account, "payment", id).and_then(|_| capture(world, id))
        }
        ("POST", ["v1", "payments", id, "refund"]) => {
            razorpay_refunds::create(world, &account, id, &body)
        }
        ("GET", ["v1", "payments", id, "refunds"]) => {
            razorpay_refunds::list(world, &account, id, &call.query)
        }
        ("GET", ["v1", "refunds", id]) => find(world, &account, "refund", id),
        ("GET", ["v1", "disputes", id]) => find(world, &account, "dispute", id),
        _ => Err(error(404, "", "The requested URL was not found on the server.")),
    };
    result.map_or_else(|reply| reply, |json| Reply::json(200, &json))
}

pub(super) fn error(status: u16, field: &str, description: &str) -> Reply {
    let mut error = json!({"code": "BAD_REQUEST_ERROR", "description": description,
        "source": "business", "step": "payment_initiation", "reason": "input_validation_failed",
        "metadata": {}});
    if !field.is_empty() {
        error["field"] = field.into();
    }
    Reply::json(status, &json!({"error": error}))
}

pub(super) fn find(world: &World, account: &str, kind: &str, id: &str) -> ApiResult {
    world
        .own(account, kind, id)
        .cloned()
        .ok_or_else(|| error(400, "", "The id provided does not exist"))
}

pub(super) fn collection(items: Vec<Value>) -> Value {
    json!({"entity": "collection", "count": items.len(), "items": items})
}

/// An amount in Razorpay's units.
pub(super) fn amount(body: &Value, currency: &str) -> Result<i64, Reply> {
    let amount = body["amount"]
        .as_i64()
        .ok_or_else(|| error(400, "amount", "The amount must be an integer."))?;
    if THREE_DECIMALS.contains(&currency) && amount % 10 != 0 {
        return Err(error(400, "amount", "The last decimal of the amount must be 0."));
    }
    Ok(amount)
}

fn create_order(world: &mut World, account: &str, body: &Value) -> ApiResult {
    let currency = body["currency"].as_str().unwrap_or_default();
    let is_code = currency.len() == 3 && currency.bytes().all(|c| c.is_ascii_uppercase());
    if !is_code || currency.starts_with("XT") || currency == "XXX" {
        return Err(error(400, "currency", "Currency is not supported"));
    }
    let amount = amount(body, currency)?;
    if amount < MINIMUM {
        return Err(error(400, "amount", "Order amount less than minimum amount allowed"));
    }
    let receipt = body["receipt"].as_str().unwrap_or_default();
    if receipt.len() > MAX_RECEIPT {
        return Err(error(400, "receipt", "receipt: the length must be no more than 40."));
    }
    let is_taken = !world.list(account, "order", "receipt", receipt).is_empty();
    if is_taken && world.unique_receipts.contains(account) {
        return Err(error(400, "receipt", "An order with this receipt already exists"));
    }
    check_notes(&body["notes"])?;
    check_capture(&body["payment"])?;
    let order = json!({
        "id": world.id("order"), "entity": "order", "amount": amount, "amount_paid": 0,
        "amount_due": amount, "currency": currency, "receipt": body["receipt"], "offer_id": null,
        "status": "created", "attempts": 0, "notes": notes(&body["notes"]),
        "created_at": world.now(),
    });
    world.insert(account, order.clone());
    Ok(order)
}

fn check_notes(notes: &Value) -> Result<(), Reply> {
    let Some(notes) = notes.as_object() else { return Ok(()) };
    if notes.len() > MAX_NOTES {
        return Err(error(
            400,
            "notes",
            "Number of fields in notes should be less than or equal to 15",
        ));
    }
    let is_good = |note: &Value| note.as_str().is_some_and(|text| text.len() <= MAX_NOTE);
    if notes.values().all(is_good) {
        Ok(())
    } else {
        Err(error(400, "notes", "A note is no text, or too long"))
    }
}

fn check_capture(payment: &Value) -> Result<(), Reply> {
    if payment.is_null() {
        return Ok(());
    }
    let minutes = |name: &str| payment["capture_options"][name].as_i64();
    let (automatic, manual) = (minutes("automatic_expiry_period"), minutes("manual_expiry_period"));
    let is_good = payment["capture"] == "automatic"
        && automatic.is_some_and(|minutes| minutes >= MIN_CAPTURE_MINUTES)
        && manual
            .is_none_or(|minutes| minutes <= MAX_CAPTURE_MINUTES && Some(minutes) >= automatic);
    if is_good { Ok(()) } else { Err(error(400, "payment", "The capture settings are invalid")) }
}

/// Razorpay shows `[]` where there are no notes.
pub(super) fn notes(notes: &Value) -> Value {
    if notes.as_object().is_some_and(|notes| !notes.is_empty()) { notes.clone() } else { json!([]) }
}

/// What a buyer's attempt to pay an order does: `captured`, `authorized` or `failed`. A paid order
/// takes another payment only if it is `late`, authorised after the buyer has tried again.
pub(super) fn pay(world: &mut World, order_id: &str, outcome: &str, late: bool) -> ApiResult {
    let Some(object) = world.get(order_id) else {
        return Err(error(400, "", "The id provided does not exist"));
    };
    let account = object.account.clone();
    let order = find(world, &account, "order", order_id)?;
    if order["status"] == "paid" && !late {
        return Err(error(400, "", "The order is paid"));
    }
    if !matches!(outcome, "captured" | "authorized" | "failed") {
        return Err(error(400, "outcome", "must be captured, authorized or failed"));
    }
    let failed = outcome == "failed";
    let id = world.id("pay");
    let payment = json!({
        "id": id, "entity": "payment", "amount": order["amount"], "currency": order["currency"],
        "status": if failed { "failed" } else { "authorized" }, "order_id": order_id,
        "invoice_id": null, "international": false, "method": "card", "amount_refunded": 0,
        "refund_status": null, "captured": false, "description": null, "card_id": null,
        "email": "buyer@example.com", "contact": "+919999999999", "notes": order["notes"],
        "fee": null, "tax": null, "created_at": world.now(),
        "error_code": if failed { "BAD_REQUEST_ERROR".into() } else { Value::Null },
        "error_description": if failed { "Payment failed".into() } else { Value::Null },
    });
    world.insert(&account, payment.clone());
    world.update(order_id, |order| {
        order["attempts"] = (order["attempts"].as_i64().unwrap_or_default() + 1).into();
        if order["status"] == "created" {
            order["status"] = "attempted".into();
        }
    });
    let name = if failed { "payment.failed" } else { "payment.authorized" };
    world.razorpay_event(&account, name, &[("payment", payment.clone())]);
    if outcome == "captured" { capture(world, &id) } else { Ok(payment) }
}

pub(super) fn capture(world: &mut World, id: &str) -> ApiResult {
    let Some(object) = world.get(id) else {
        return Err(error(400, "", "The id provided does not exist"));
    };
    let account = object.account.clone();
    if find(world, &account, "payment", id)?["status"] != "authorized" {
        return Err(error(
            400,
            "",
            "Only payments which have been authorized and not yet captured can be captured",
        ));
    }
    world.update(id, |payment| {
        payment["status"] = "captured".into();
        payment["captured"] = true.into();
    });
    let payment = find(world, &account, "payment", id)?;
    let order_id = payment["order_id"].as_str().unwrap_or_default();
    world.update(order_id, |order| {
        order["status"] = "paid".into();
        order["amount_paid"] = order["amount"].clone();
        order["amount_due"] = 0.into();
    });
    let order = find(world, &account, "order", order_id)?;
    world.razorpay_event(&account, "payment.captured", &[("payment", payment.clone())]);
    world.razorpay_event(&account, "order.paid", &[("payment", payment.clone()), ("order", order)]);
    Ok(payment)
}

/// Razorpay gives an authorised payment back that nobody has captured in time.
pub(super) fn expire(world: &mut World, id: &str) -> ApiResult {
    let Some(object) = world.get(id) else {
        return Err(error(400, "", "The id provided does not exist"));
    };
    let account = object.account.clone();
    if find(world, &account, "payment", id)?["status"] != "authorized" {
        return Err(error(400, "", "The payment is not authorized"));
    }
    world.update(id, |payment| {
        payment["status"] = "refunded".into();
        payment["amount_refunded"] = payment["amount"].clone();
        payment["refund_status"] = "full".into();
    });
    find(world, &account, "payment", id)
}
