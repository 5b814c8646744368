//! Stripe's API: refunds and disputes.

use serde_json::{Value, json};

use super::{
    http::{Fields, Reply},
    stripe::{ApiResult, amount, find, intent, invalid, metadata, only},
    world::{Provider, World},
};

/// The charge that is refunded, and how much of it.
fn refundable(world: &World, account: &str, form: &Fields) -> Result<(Value, i64), Reply> {
    let id = form.get("payment_intent").map_or("", String::as_str);
    let paid = intent(world, account, id)?;
    let charge = match paid["latest_charge"].as_str() {
        Some(charge) if paid["status"] == "succeeded" => find(world, account, "charge", charge)?,
        _ => return Err(invalid(400, "", "", "This PaymentIntent has no successful charge.")),
    };
    let disputes = world.list(account, "dispute", "payment_intent", id);
    if disputes.iter().any(|dispute| dispute["status"] != "won") {
        return Err(invalid(400, "charge_disputed", "", "The charge has been charged back."));
    }
    let int = |value: &Value| value.as_i64().unwrap_or_default();
    let left = int(&charge["amount"]) - int(&charge["amount_refunded"]);
    if left == 0 {
        return Err(invalid(400, "charge_already_refunded", "", "The charge is already refunded."));
    }
    let currency = charge["currency"].as_str().unwrap_or_default();
    let amount = form.get("amount").map_or(Ok(left), |raw| amount(raw, currency))?;
    if amount > left {
        let message = format!(
            "Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        );
        return Err(invalid(400, "", "amount", &message));
    }
    Ok((charge, amount))
}

pub(super) fn create(world: &mut World, account: &str, form: &Fields) -> ApiResult {
    only(form, &["payment_intent", "amount", "reason"])?;
    let (charge, amount) = refundable(world, account, form)?;
    let is_covered = world.pay_back(Provider::Stripe, account, amount);
    let is_slow_card = charge["payment_method_details"]["card"]["last4"] == "7726";
    let is_pending = !is_covered || is_slow_card || world.open_refunds;
    let refund = json!({
        "id": world.id("re"), "object": "refund", "amount": amount, "charge": charge["id"],
        "created": world.now(), "currency": charge["currency"], "metadata": metadata(form),
        "payment_intent": charge["payment_intent"], "reason": form.get("reason"),
        "receipt_number": null,
        "pending_reason": if is_covered { Value::Null } else { "insufficient_funds".into() },
        "status": if is_pending { "pending" } else { "succeeded" },
    });
    world.insert(account, refund.clone());
    add_to_charge(world, &charge["id"], amount);
    world.stripe_event(account, "refund.created", &refund);
    let charge = find(world, account, "charge", charge["id"].as_str().unwrap_or_default())?;
    world.stripe_event(account, "charge.refunded", &charge);
    Ok(refund)
}

/// A refund that somebody makes in the dashboard.
pub(super) fn by_hand(world: &mut World, intent_id: &str, command: &Value) -> ApiResult {
    let account = world.get(intent_id).map(|object| object.account.clone()).unwrap_or_default();
    let amount = command["amount"].as_i64().unwrap_or_default().to_string();
    let form = [("payment_intent", intent_id), ("amount", &amount)];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    create(world, &account, &form)
}

fn add_to_charge(world: &mut World, charge: &Value, amount: i64) {
    world.update(charge.as_str().unwrap_or_default(), |charge| {
        let refunded = charge["amount_refunded"].as_i64().unwrap_or_default() + amount;
        charge["amount_refunded"] = refunded.into();
        charge["refunded"] = (charge["amount"] == refunded).into();
    });
}

/// A page of refunds or disputes, the newest first.
pub(super) fn list(world: &World, account: &str, kind: &str, query: &Fields) -> ApiResult {
    let id = query.get("payment_intent").map_or("", String::as_str);
    let all = world.list(account, kind, "payment_intent", id);
    let limit = query.get("limit").map_or(Ok(10), |raw| raw.parse::<usize>());
    let Ok(limit @ 1..=100) = limit else {
        return Err(invalid(400, "parameter_invalid_integer", "limit", "It must be 1 to 100."));
    };
    let first = match query.get("starting_after") {
        None => 0,
        Some(last) => all
            .iter()
            .position(|object| object["id"] == last.as_str())
            .map(|index| index + 1)
            .ok_or_else(|| invalid(400, "resource_missing", "starting_after", "No such object."))?,
    };
    let page: Vec<&Value> = all.iter().skip(first).take(limit).collect();
    let has_more = all.len() > first + page.len();
    let url = format!("/v1/{kind}s");
    Ok(json!({"object": "list", "data": page, "has_more": has_more, "url": url}))
}

/// Pays the refunds that waited for money, as far as the account has it now.
pub(super) fn pay_pending(world: &mut World, account: &str) {
    for refund in world.list(account, "refund", "pending_reason", "insufficient_funds") {
        let (id, amount) = (refund["id"].as_str(), refund["amount"].as_i64());
        if world.pay_back(Provider::Stripe, account, amount.unwrap_or_default()) {
            // It is pending, so it can succeed.
            let _ = settle(world, id.unwrap_or_default(), true);
        }
    }
}

/// Ends a refund: `succeeded`, or `failed` even after it had succeeded.
pub(super) fn settle(world: &mut World, id: &str, succeeded: bool) -> ApiResult {
    let Some(object) = world.get(id) else {
        return Err(invalid(404, "resource_missing", "id", "No such refund."));
    };
    let account = object.account.clone();
    let before = find(world, &account, "refund", id)?;
    if before["status"] == "failed" {
        return Err(invalid(400, "", "", "The refund has failed before."));
    }
    if !succeeded {
        add_to_charge(world, &before["charge"], -before["amount"].as_i64().unwrap_or_default());
    }
    world.update(id, |refund| {
        refund["status"] = if succeeded { "succeeded" } else { "failed" }.into();
        refund["pending_reason"] = Value::Null;
        if !succeeded {
            refund["failure_reason"] = "expired_or_canceled_card".into();
        }
    });
    let refund = find(world, &account, "refund", id)?;
    let name = if succeeded { "refund.updated" } else { "refund.failed" };
    world.stripe_event(&account, name, &refund);
    Ok(refund)
}

/// Opens a dispute on a paid intent, or moves the one it has.
pub(super) fn dispute(world: &mut World, intent_id: &str, status: &str) -> ApiResult {
    let Some(object) = world.get(intent_id) else {
        return Err(invalid(404, "resource_missing", "intent", "No such payment_intent."));
    };
    let account = object.account.clone();
    let paid = intent(world, &account, intent_id)?;
    let charge =
        find(world, &account, "charge", paid["latest_charge"].as_str().unwrap_or_default())?;
    let known = world.list(&account, "dispute", "payment_intent", intent_id);
    let (id, name) = match known.first().and_then(|dispute| dispute["id"].as_str()) {
        Some(id) => (id.to_owned(), "charge.dispute.updated"),
        None => {
            let id = world.id("du");
            let dispute = json!({
                "id": id, "object": "dispute", "amount": charge["amount"], "charge": charge["id"],
                "created": world.now(), "currency": charge["currency"],
                "livemode": charge["livemode"], "metadata": {}, "payment_intent": intent_id,
                "reason": "fraudulent",
            });
            world.insert(&account, dispute);
            (id, "charge.dispute.created")
        }
    };
    world.update(&id, |dispute| dispute["status"] = status.into());
    world.update(charge["id"].as_str().unwrap_or_default(), |charge| {
        charge["disputed"] = true.into();
    });
    let dispute = find(world, &account, "dispute", &id)?;
    world.stripe_event(&account, name, &dispute);
    Ok(dispute)
}
