//! The refunds of Razorpay's API, as far as the service calls it.

use serde_json::{Value, json};

use super::{
    http::{Fields, Reply},
    razorpay::{amount, collection, error, find, notes},
    stripe::ApiResult,
    world::{Provider, World},
};

/// The currency and the amount of a refund, where the payment has that much left.
fn refundable(
    world: &World,
    account: &str,
    id: &str,
    body: &Value,
) -> Result<(String, i64), Reply> {
    let payment = find(world, account, "payment", id)?;
    let refunded = payment["amount_refunded"].as_i64().unwrap_or_default();
    let left = payment["amount"].as_i64().unwrap_or_default() - refunded;
    if left == 0 {
        return Err(error(400, "", "The payment has been fully refunded already"));
    }
    if payment["status"] != "captured" {
        return Err(error(400, "", "The payment status should be captured for action to be taken"));
    }
    let currency = payment["currency"].as_str().unwrap_or_default();
    let amount = if body["amount"].is_null() { left } else { amount(body, currency)? };
    if amount < 1 {
        return Err(error(400, "amount", "The amount must be at least 1."));
    }
    if amount > left {
        return Err(error(
            400,
            "amount",
            "The total refund amount is greater than the refund payment amount",
        ));
    }
    Ok((currency.to_owned(), amount))
}

pub(super) fn create(world: &mut World, account: &str, id: &str, body: &Value) -> ApiResult {
    let (currency, amount) = refundable(world, account, id, body)?;
    if !world.pay_back(Provider::Razorpay, account, amount) {
        return Err(error(
            400,
            "",
            "Your account does not have enough balance to carry out the refund operation.",
        ));
    }
    let status = if world.open_refunds { "pending" } else { "processed" };
    let refund = json!({
        "id": world.id("rfnd"), "entity": "refund", "amount": amount, "currency": currency,
        "payment_id": id, "notes": notes(&body["notes"]), "receipt": body["receipt"],
        "acquirer_data": {"arn": null}, "created_at": world.now(), "batch_id": null,
        "status": status, "speed_processed": "normal", "speed_requested": "normal",
    });
    world.insert(account, refund.clone());
    add_to_payment(world, id, amount);
    let payment = find(world, account, "payment", id)?;
    let name = if status == "processed" { "refund.processed" } else { "refund.created" };
    world.razorpay_event(account, name, &[("refund", refund.clone()), ("payment", payment)]);
    Ok(refund)
}

/// A refund that somebody makes in the dashboard.
pub(super) fn by_hand(world: &mut World, id: &str, command: &Value) -> ApiResult {
    let account = world.get(id).map(|object| object.account.clone()).unwrap_or_default();
    create(world, &account, id, &json!({"amount": command["amount"]}))
}

/// Opens a dispute on a payment, or moves the one it has. What is lost is deducted.
pub(super) fn dispute(world: &mut World, payment_id: &str, status: &str) -> ApiResult {
    let Some(object) = world.get(payment_id) else {
        return Err(error(400, "", "The id provided does not exist"));
    };
    let account = object.account.clone();
    let payment = find(world, &account, "payment", payment_id)?;
    let known = world.list(&account, "dispute", "payment_id", payment_id);
    let id = match known.first().and_then(|dispute| dispute["id"].as_str()) {
        Some(id) => id.to_owned(),
        None => {
            let id = world.id("disp");
            let dispute = json!({
                "id": id, "entity": "dispute", "payment_id": payment_id,
                "amount": payment["amount"], "currency": payment["currency"], "amount_deducted": 0,
                "reason_code": "chargeback", "respond_by": world.now() + 864_000,
                "phase": "chargeback", "created_at": world.now(),
            });
            world.insert(&account, dispute);
            id
        }
    };
    world.update(&id, |dispute| {
        dispute["status"] = status.into();
        if status == "lost" {
            dispute["amount_deducted"] = dispute["amount"].clone();
        }
    });
    let dispute = find(world, &account, "dispute", &id)?;
    let name = if known.is_empty() { "created" } else { status };
    let name = format!("payment.dispute.{name}");
    world.razorpay_event(&account, &name, &[("payment", payment), ("dispute", dispute.clone())]);
    Ok(dispute)
}

fn add_to_payment(world: &mut World, id: &str, amount: i64) {
    world.update(id, |payment| {
        let refunded = payment["amount_refunded"].as_i64().unwrap_or_default() + amount;
        let is_full = payment["amount"] == refunded;
        payment["amount_refunded"] = refunded.into();
        payment["status"] = if is_full { "refunded" } else { "captured" }.into();
        payment["refund_status"] = match refunded {
            0 => Value::Null,
            _ if is_full => "full".into(),
            _ => "partial".into(),
        };
    });
}

/// A page of a payment's refunds, the newest first.
pub(super) fn list(world: &World, account: &str, id: &str, query: &Fields) -> ApiResult {
    find(world, account, "payment", id)?;
    let number = |name: &str, default| query.get(name).map_or(Ok(default), |raw| raw.parse());
    let (Ok(count @ 1..=100), Ok(skip)) = (number("count", 10), number("skip", 0)) else {
        return Err(error(400, "count", "The count must be between 1 and 100."));
    };
    let all = world.list(account, "refund", "payment_id", id);
    Ok(collection(all.into_iter().skip(skip).take(count).collect()))
}

/// Ends a refund. A failed one leaves the money with the account.
pub(super) fn settle(world: &mut World, id: &str, succeeded: bool) -> ApiResult {
    let Some(object) = world.get(id) else {
        return Err(error(400, "", "The id provided does not exist"));
    };
    let account = object.account.clone();
    let before = find(world, &account, "refund", id)?;
    if before["status"] == "failed" {
        return Err(error(400, "", "The refund has failed before"));
    }
    let payment_id = before["payment_id"].as_str().unwrap_or_default();
    if !succeeded {
        add_to_payment(world, payment_id, -before["amount"].as_i64().unwrap_or_default());
    }
    world.update(id, |refund| {
        refund["status"] = if succeeded { "processed" } else { "failed" }.into();
    });
    let refund = find(world, &account, "refund", id)?;
    let payment = find(world, &account, "payment", payment_id)?;
    let name = if succeeded { "refund.processed" } else { "refund.failed" };
    world.razorpay_event(&account, name, &[("refund", refund.clone()), ("payment", payment)]);
    Ok(refund)
}
