//! Replays the response stored for an idempotency key. Every `expiresIn` is brought up to date;
//! everything else stays as it was sent first.

use crate::{
    clock::own_seconds,
    domain::{ReservationToken, Timestamp},
    error::{Error, Result},
    state::State,
    store::{idempotency::StoredResponse, reservations::Hold},
};
use serde_json::Value;

const FIELD: &str = "expiresIn";

/// The response that was stored at `answered_at`, with every `expiresIn` brought up to date.
pub(super) async fn as_of_now(
    state: &State,
    stored: StoredResponse,
    answered_at: Timestamp,
) -> Result<StoredResponse> {
    if !stored.body.contains(FIELD) {
        return Ok(stored);
    }
    let mut body: Value = serde_json::from_str(&stored.body).map_err(Error::internal)?;
    let elapsed_ms = Timestamp::now().as_millis().saturating_sub(answered_at.as_millis());
    let is_changed = match hold_token(&body) {
        Some(token) => match state.store.reservations.find_by_token(token).await? {
            Some(hold) => set_own(&mut body, &hold),
            None => count_down(&mut body, own_seconds(elapsed_ms)),
        },
        None => count_down(&mut body, own_seconds(elapsed_ms)),
    };
    Ok(if is_changed { StoredResponse { body: body.to_string(), ..stored } } else { stored })
}

/// The token of the hold that the response shows.
fn hold_token(body: &Value) -> Option<ReservationToken> {
    let data = body.get("data").filter(|data| data.get(FIELD).is_some())?;
    ReservationToken::parse(data.get("reservationToken")?.as_str()?).ok()
}

/// The caller's own hold may have ended early: released, or sold.
fn set_own(body: &mut Value, hold: &Hold) -> bool {
    let seconds = if hold.is_live() { own_seconds(hold.remaining_ms()) } else { 0 };
    body["data"][FIELD] = seconds.into();
    true
}

/// Subtracts the seconds that have passed from every `expiresIn` of the API. An `expiresIn` in a
/// seat's metadata belongs to the tenant and stays.
fn count_down(body: &mut Value, seconds: u64) -> bool {
    let mut is_changed = change(body.get_mut("data"), seconds);
    let details = body.get_mut("error").and_then(|error| error.get_mut("details"));
    if let Some(details) = details {
        for conflict in
            details.get_mut("conflicts").and_then(Value::as_array_mut).into_iter().flatten()
        {
            is_changed |= change(Some(conflict), seconds);
        }
        is_changed |= change(Some(details), seconds);
    }
    is_changed
}

fn change(object: Option<&mut Value>, seconds: u64) -> bool {
    let Some(left) = object.and_then(|object| object.get_mut(FIELD)) else { return false };
    let Some(first) = left.as_u64() else { return false };
    *left = first.saturating_sub(seconds).into();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn time_that_has_passed_is_taken_off_wherever_the_api_tells_it() {
        let mut body = json!({"error": {"details": {"expiresIn": 90, "conflicts": [
            {"seatId": "a", "expiresIn": 90}, {"seatId": "b", "expiresIn": 20}, {"seatId": "c"},
        ]}}});
        assert!(count_down(&mut body, 30));
        let details = &body["error"]["details"];
        assert_eq!(details["expiresIn"], 60);
        assert_eq!(details["conflicts"][0]["expiresIn"], 60);
        assert_eq!(details["conflicts"][1]["expiresIn"], 0);
        assert_eq!(details["conflicts"][2], json!({"seatId": "c"}));
        let mut body = json!({"data": {"expiresIn": 10}});
        assert!(count_down(&mut body, 3) && body["data"]["expiresIn"] == 7);
    }

    #[test]
    fn what_a_tenant_calls_so_stays() {
        let first = json!({"data": {"seats": [{"metadata": {"expiresIn": 90}}]}});
        let mut body = first.clone();
        assert!(!count_down(&mut body, 30) && body == first);
        assert!(hold_token(&first).is_none());
    }
}
