//! Responses about holds: to a reserve, a change and a release.

use serde_json::Value;

use super::{NoUsableResponse, Notes, code, micros};
use crate::chaos::{
    fleet::CallResult,
    ledger::Success,
    shopper::Held,
    spec::{EPSILON, Micros, Seen},
    world::{Show, TTL},
};

/// What the response to a change of a hold said.
#[derive(Clone, Debug)]
pub enum Changed {
    To(Held),
    /// The old hold stands.
    Refused,
    /// The hold has run out.
    Over,
}

impl Notes<'_> {
    /// `Err`: the call has to be repeated.
    pub fn reserved(
        &self,
        seats: &[String],
        result: &CallResult,
    ) -> Result<Option<Held>, NoUsableResponse> {
        let (start, end) = (result.start, result.end);
        let Some((status, body)) = self.count("reserve", result) else {
            let mut entries = self.world.ledger.entries();
            for seat in seats {
                entries.seat_history(seat).maybe_held(self.number, start);
            }
            return Err(NoUsableResponse);
        };
        match (status, code(body)) {
            (200 | 201, _) => return Ok(Some(self.held(seats, &body["data"], (start, end)))),
            (409, "SEAT_ALREADY_BOOKED") => self.note_sold_conflicts(body, start, end),
            (
                409,
                "SEAT_ALREADY_LOCKED" | "NOT_ENOUGH_SEATS" | "SALES_PAUSED" | "SEAT_NOT_FOR_SALE",
            )
            | (429, "HOLD_LIMIT_REACHED" | "RATE_LIMITED") => {}
            (404, "SEAT_NOT_FOUND") if self.may_be_removed(seats) => {}
            (400, _) if self.is_from_before(body) => {}
            (409, "IDEMPOTENCY_KEY_IN_USE") => return Err(NoUsableResponse),
            _ => self.unexpected("reserve", status, body),
        }
        Ok(None)
    }

    /// Whether the previous release refuses what it does not know: choosing seats, changing a hold.
    fn is_from_before(&self, body: &Value) -> bool {
        self.world.is_mixed && body["error"]["details"]["fields"][0]["reason"] == "is unknown"
    }

    /// Whether the organiser removes one of these seats at times.
    fn may_be_removed(&self, seats: &[String]) -> bool {
        self.world.houses[1..]
            .iter()
            .flat_map(|house| &house.shows)
            .any(|show| seats.contains(show.loose_seat()))
    }

    /// The seats of a hold that the service chose, or all of the show if nobody knows.
    pub fn chosen(show: &Show, result: &CallResult) -> Vec<String> {
        let seats =
            result.response.as_ref().and_then(|(_, body)| body["data"]["seatIds"].as_array());
        let Some(seats) = seats else { return show.seats.clone() };
        seats.iter().map(|seat| seat.as_str().expect("an id").to_owned()).collect()
    }

    fn held(&self, seats: &[String], data: &Value, (start, end): (Micros, Micros)) -> Held {
        let token = data["reservationToken"].as_str().expect("a token").to_owned();
        let expires = micros(&data["expiresAt"]);
        let ttl = Micros::try_from(TTL.as_micros()).expect("a short time");
        // A hold that is older than the call was made by an earlier call, whatever the status says:
        // a repeated key gets the first response unchanged.
        let new = expires - ttl + EPSILON >= start;
        let mut entries = self.world.ledger.entries();
        let first = entries.known_token(&token).is_none();
        let number = entries.token(&token);
        for seat in seats {
            entries.seat_history(seat).held(
                self.number,
                number,
                expires,
                new && first,
                (start, end),
            );
        }
        if new && first {
            entries.successes.push((Success::Hold, start, end));
        }
        Held { token, number, seats: seats.to_vec(), expires }
    }

    /// The response to a change of a hold to the seats `wanted`. `first` is when the first attempt
    /// began: each later attempt may find its work done. `Err`: the call has to be repeated.
    pub fn changed(
        &self,
        held: &Held,
        wanted: &[String],
        first: Micros,
        result: &CallResult,
    ) -> Result<Changed, NoUsableResponse> {
        let usable = self.count("change", result);
        let usable = usable.filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        let Held { number: token, expires, .. } = *held;
        let dropped = || held.seats.iter().filter(|seat| !wanted.contains(seat));
        let Some((status, body)) = usable else {
            let mut entries = self.world.ledger.entries();
            for seat in dropped() {
                entries.seat_history(seat).maybe_let_go(token, expires, first, None);
            }
            return Err(NoUsableResponse);
        };
        match (status, code(body)) {
            (200, _) => {}
            (409, "SEAT_ALREADY_BOOKED") => {
                self.note_sold_conflicts(body, result.start, result.end);
                return Ok(Changed::Refused);
            }
            (
                409,
                "SEAT_ALREADY_LOCKED" | "SALES_PAUSED" | "SEAT_NOT_FOR_SALE" | "PAYMENT_STARTED",
            )
            | (429, "HOLD_LIMIT_REACHED" | "RATE_LIMITED") => return Ok(Changed::Refused),
            (404, "SEAT_NOT_FOUND") if self.may_be_removed(wanted) => return Ok(Changed::Refused),
            (400, _) if self.is_from_before(body) => return Ok(Changed::Refused),
            (410, "RESERVATION_EXPIRED") => return Ok(Changed::Over),
            _ => {
                self.unexpected("change", status, body);
                return Ok(Changed::Over);
            }
        }
        if micros(&body["data"]["expiresAt"]) != expires {
            self.unexpected("change, with another end,", status, body);
        }
        let span = (first, result.end);
        let mut entries = self.world.ledger.entries();
        for seat in wanted {
            let is_new = !held.seats.contains(seat);
            entries.seat_history(seat).held(self.number, token, expires, is_new, span);
        }
        for seat in dropped() {
            entries.seat_history(seat).maybe_let_go(token, expires, first, Some(result.end));
        }
        Ok(Changed::To(Held { seats: wanted.to_vec(), ..held.clone() }))
    }

    fn note_sold_conflicts(&self, body: &Value, start: Micros, end: Micros) {
        // A former primary may show a sale that is lost in the failover and that no response has
        // confirmed.
        if self.world.unsettled_since(start, end).is_some() {
            return;
        }
        let conflicts = body["error"]["details"]["conflicts"].as_array().into_iter().flatten();
        let mut entries = self.world.ledger.entries();
        for conflict in conflicts.filter(|conflict| conflict["state"] == "BOOKED") {
            let seat = conflict["seatId"].as_str().expect("a seat");
            entries.seat_history(seat).saw(Seen::SaidSold, start, end);
        }
    }

    /// Whether the outcome is known.
    pub fn released(&self, held: &Held, result: &CallResult) -> bool {
        let Held { number: token, expires, .. } = *held;
        let usable = self
            .count("release", result)
            .filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        let seen = match usable.map(|(status, body)| (status, code(body))) {
            None => Seen::MaybeLetGo { token, expires },
            Some((200, _)) => Seen::LetGo { token, expires },
            Some((410, "RESERVATION_EXPIRED")) => Seen::RanOut { token, expires },
            Some((409, "RESERVATION_ALREADY_CONFIRMED")) => Seen::SoldBefore { token },
            Some((status, _)) => {
                self.unexpected("release", status, &usable.expect("a usable response").1.clone());
                return true;
            }
        };
        self.saw(
            held,
            seen,
            (result.start, if usable.is_some() { result.end } else { Micros::MAX }),
        );
        usable.is_some()
    }
}
