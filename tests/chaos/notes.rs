//! Records in the ledger what a response says about its seats, and checks what no response may say.

use std::time::Duration;

use serde_json::Value;

use super::{
    fleet::Heard,
    ledger::{Sale, Success},
    shopper::Held,
    spec::{EPSILON, Micros, Seen},
    world::{Show, TTL, World},
};
use crate::support::people::User;

/// How long after a sale every member knows that a majority has it.
const LATE: Micros = 5_000_000;
/// How long a cached page may be served after a change that Redis missed. `performance::pages`
/// tests the changes that Redis saw.
const FRESH: Micros = 1_000_000;

/// Takes one client's notes.
pub struct Notes<'a> {
    pub world: &'a World,
    pub user: &'a User,
    pub number: usize,
}

/// No response arrived, or it said that the call should be repeated.
#[derive(Clone, Copy, Debug)]
pub struct Unheard;

/// What the response to a change of a hold said.
#[derive(Clone, Debug)]
pub enum Changed {
    To(Held),
    /// The old hold stands.
    Refused,
    /// The hold has run out.
    Over,
}

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or_default()
}

fn refund_due(body: &Value) -> bool {
    body["error"]["details"]["refundDue"] == true
}

fn micros(time: &Value) -> Micros {
    let time = time.as_str().expect("a time");
    let time = chrono::DateTime::parse_from_rfc3339(time).expect("RFC 3339").timestamp_micros();
    u64::try_from(time).expect("a time after 1970")
}

impl Notes<'_> {
    /// Counts a call. `None` if it only may have happened.
    fn count<'h>(&self, endpoint: &'static str, heard: &'h Heard) -> Option<(u16, &'h Value)> {
        let answer = heard.answer.as_ref().map(|(status, body)| (*status, body));
        let told = answer.filter(|(status, _)| *status != 503);
        let mut entries = self.world.ledger.entries();
        let count = entries.counts.entry(endpoint).or_default();
        match told {
            None => count.unknown += 1,
            Some((200..=299, _)) => count.ok += 1,
            Some(_) => count.refused += 1,
        }
        told
    }

    fn unexpected(&self, endpoint: &str, status: u16, body: &Value) {
        self.world
            .ledger
            .violation(format!("{endpoint} of {} answered {status}: {body}", self.user.user_id));
    }

    /// No request outlives its deadline.
    pub fn timing(&self, heard: &Heard, budget: Duration) {
        if heard.disturbed {
            return;
        }
        if heard.answer.is_none() {
            self.world.ledger.violation(format!(
                "a call begun at {} had no answer within {budget:?}",
                heard.start
            ));
        }
        let left_ms = budget.as_secs_f64() * 1000.0 - (heard.end - heard.start) as f64 / 1000.0;
        let mut entries = self.world.ledger.entries();
        entries.least_left_ms =
            Some(entries.least_left_ms.map_or(left_ms, |least| least.min(left_ms)));
    }

    /// `Err`: the call has to be repeated.
    pub fn reserved(&self, seats: &[String], heard: &Heard) -> Result<Option<Held>, Unheard> {
        let (start, end) = (heard.start, heard.end);
        let Some((status, body)) = self.count("reserve", heard) else {
            let mut entries = self.world.ledger.entries();
            for seat in seats {
                entries.story(seat).maybe_held(self.number, start);
            }
            return Err(Unheard);
        };
        match (status, code(body)) {
            (200 | 201, _) => return Ok(Some(self.held(seats, &body["data"], (start, end)))),
            (409, "SEAT_ALREADY_BOOKED") => self.said_sold(body, start, end),
            (
                409,
                "SEAT_ALREADY_LOCKED" | "NOT_ENOUGH_SEATS" | "SALES_PAUSED" | "SEAT_NOT_FOR_SALE",
            )
            | (429, "HOLD_LIMIT_REACHED" | "RATE_LIMITED") => {}
            (404, "SEAT_NOT_FOUND") if self.may_be_removed(seats) => {}
            (400, _) if self.is_from_before(body) => {}
            (409, "IDEMPOTENCY_KEY_IN_USE") => return Err(Unheard),
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
    pub fn chosen(show: &Show, heard: &Heard) -> Vec<String> {
        let seats = heard.answer.as_ref().and_then(|(_, body)| body["data"]["seatIds"].as_array());
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
            entries.story(seat).held(self.number, number, expires, new && first, (start, end));
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
        heard: &Heard,
    ) -> Result<Changed, Unheard> {
        let told = self.count("change", heard);
        let told = told.filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        let Held { number: token, expires, .. } = *held;
        let dropped = || held.seats.iter().filter(|seat| !wanted.contains(seat));
        let Some((status, body)) = told else {
            let mut entries = self.world.ledger.entries();
            for seat in dropped() {
                entries.story(seat).maybe_let_go(token, expires, first, None);
            }
            return Err(Unheard);
        };
        match (status, code(body)) {
            (200, _) => {}
            (409, "SEAT_ALREADY_BOOKED") => {
                self.said_sold(body, heard.start, heard.end);
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
        let span = (first, heard.end);
        let mut entries = self.world.ledger.entries();
        for seat in wanted {
            let is_new = !held.seats.contains(seat);
            entries.story(seat).held(self.number, token, expires, is_new, span);
        }
        for seat in dropped() {
            entries.story(seat).maybe_let_go(token, expires, first, Some(heard.end));
        }
        Ok(Changed::To(Held { seats: wanted.to_vec(), ..held.clone() }))
    }

    fn said_sold(&self, body: &Value, start: Micros, end: Micros) {
        // A former primary may show a sale that is lost in the failover and that no response has
        // confirmed.
        if self.world.unsettled_since(start, end).is_some() {
            return;
        }
        let conflicts = body["error"]["details"]["conflicts"].as_array().into_iter().flatten();
        let mut entries = self.world.ledger.entries();
        for conflict in conflicts.filter(|conflict| conflict["state"] == "BOOKED") {
            let seat = conflict["seatId"].as_str().expect("a seat");
            entries.story(seat).saw(Seen::SaidSold, start, end);
        }
    }

    /// Whether the outcome is known.
    pub fn confirmed(&self, held: &Held, payment: &str, heard: &Heard) -> bool {
        let (start, end) = (heard.start, heard.end);
        let taken = self.is_taken(payment);
        let told = self.count("confirm", heard);
        let told = told.filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        self.paid(payment, taken, told.is_some());
        let Some((status, body)) = told else {
            let mut entries = self.world.ledger.entries();
            for seat in &held.seats {
                let story = entries.story(seat);
                if taken {
                    story.maybe_sold(held.number, start, None);
                } else {
                    story.maybe_let_go(held.number, held.expires, start, None);
                }
            }
            return false;
        };
        let Held { number: token, expires, .. } = *held;
        let seen = match (status, code(body), taken) {
            (200 | 201, _, true) => {
                self.sold(held, payment, body, (start, end));
                return true;
            }
            (402, "PAYMENT_FAILED", false) => Seen::LetGo { token, expires },
            // A card was declined: another may still pay.
            (409, "PAYMENT_PENDING", false) => Seen::Kept { token, expires },
            (410, "RESERVATION_EXPIRED", _) => Seen::RanOut { token, expires },
            (409, "RESERVATION_RELEASED", _) => Seen::GoneBefore { token },
            (409, "RESERVATION_ALREADY_CONFIRMED", _) => Seen::SoldBefore { token },
            _ => {
                self.unexpected("confirm", status, body);
                return true;
            }
        };
        if status != 402 && refund_due(body) != taken {
            self.world.ledger.violation(format!(
                "{payment} for {}: {status} {body}: the money is silent",
                held.token
            ));
        }
        self.saw(held, seen, (start, end));
        true
    }

    fn saw(&self, held: &Held, seen: Seen, (start, end): (Micros, Micros)) {
        let mut entries = self.world.ledger.entries();
        for seat in &held.seats {
            entries.story(seat).saw(seen, start, end);
        }
    }

    /// Whether the provider has the money.
    fn is_taken(&self, payment: &str) -> bool {
        payment.starts_with("pay_ok") || self.world.ledger.entries().payments.contains_key(payment)
    }

    pub fn paid(&self, payment: &str, taken: bool, answered: bool) {
        if taken {
            let mut entries = self.world.ledger.entries();
            *entries.payments.entry(payment.to_owned()).or_default() |= answered;
            entries
                .payers
                .entry(payment.to_owned())
                .or_insert_with(|| self.user.tenant.app_id.clone());
        }
    }

    fn sold(&self, held: &Held, payment: &str, body: &Value, (start, end): (Micros, Micros)) {
        let booked = body["data"]["seatIds"].as_array().expect("seats");
        let all_booked =
            || held.seats.iter().all(|seat| booked.iter().any(|booked| booked == seat));
        if booked.len() != held.seats.len() || !all_booked() {
            self.unexpected("confirm, with other seats,", 200, body);
        }
        let booking_id = body["data"]["bookingId"].as_str().expect("an id").to_owned();
        let user_id = self.user.user_id.clone();
        let sale = Sale { booking_id, user_id, payment: payment.to_owned(), acknowledged: end };
        let mut entries = self.world.ledger.entries();
        let noted = entries.sold(&held.token, sale);
        for seat in &held.seats {
            entries.story(seat).maybe_sold(held.number, start, Some(end));
            entries.sold_seats.entry(seat.clone()).or_insert(end);
        }
        entries.successes.push((Success::Booking, start, end));
        drop(entries);
        if let Err(two) = noted {
            self.world.ledger.violation(two);
        }
    }

    /// The extended hold and its intent, or `None` if the hold is over. `Err`: the call has to be
    /// repeated.
    pub fn payment_started(
        &self,
        held: &Held,
        heard: &Heard,
    ) -> Result<Option<(Held, String)>, Unheard> {
        let told = self.count("payment", heard);
        let told = told.filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        let Some((status, body)) = told else { return Err(Unheard) };
        let Held { number: token, expires, .. } = *held;
        let span = (heard.start, heard.end);
        match (status, code(body)) {
            (200 | 201, _) => {
                let until = micros(&body["data"]["holdExpiresAt"]);
                let mut entries = self.world.ledger.entries();
                for seat in &held.seats {
                    entries.story(seat).extended(token, until, span);
                }
                let intent = body["data"]["paymentId"].as_str().expect("an intent").to_owned();
                return Ok(Some((Held { expires: until, ..held.clone() }, intent)));
            }
            (410, "RESERVATION_EXPIRED") => self.saw(held, Seen::RanOut { token, expires }, span),
            (409, "RESERVATION_RELEASED") => self.saw(held, Seen::GoneBefore { token }, span),
            (409, "RESERVATION_ALREADY_CONFIRMED") => {
                self.saw(held, Seen::SoldBefore { token }, span);
            }
            _ => self.unexpected("payment", status, body),
        }
        Ok(None)
    }

    /// Whether the provider's event was taken. What it did, the database says at the end.
    pub fn event_taken(&self, held: &Held, intent: &str, heard: &Heard) -> bool {
        let told = self.count("event", heard);
        if let Some((status, body)) = told.filter(|(status, _)| *status != 200) {
            self.unexpected("event", status, body);
        }
        let mut entries = self.world.ledger.entries();
        for seat in &held.seats {
            entries.story(seat).maybe_sold(held.number, heard.start, None);
        }
        drop(entries);
        self.paid(intent, true, told.is_some());
        told.is_some()
    }

    /// Notes that these seats of a sale may be free from now on.
    pub fn cancels(&self, token: &str, seats: &[String]) {
        let mut entries = self.world.ledger.entries();
        entries.cancelled.insert(token.to_owned());
        for seat in seats {
            entries.sold_seats.remove(seat);
            *entries.cancellations.entry(seat.clone()).or_default() += 1;
        }
    }

    /// Whether the outcome is known.
    pub fn cancelled(&self, held: &Held, seats: &[String], heard: &Heard) -> bool {
        let told = self.count("cancel", heard);
        let told = told.filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        let token = held.number;
        let (seen, end) = match told {
            None => (Seen::MaybeCancelled { token }, Micros::MAX),
            Some((200, _)) => (Seen::Cancelled { token }, heard.end),
            // The previous release sells without a cancellation policy.
            Some((409, body))
                if self.world.is_mixed && code(body) == "CANCELLATION_NOT_ALLOWED" =>
            {
                return true;
            }
            Some((status, body)) => {
                self.unexpected("cancel", status, body);
                return true;
            }
        };
        let mut entries = self.world.ledger.entries();
        for seat in seats {
            entries.story(seat).saw(seen, heard.start, end);
        }
        told.is_some()
    }

    /// Whether the outcome is known.
    pub fn released(&self, held: &Held, heard: &Heard) -> bool {
        let Held { number: token, expires, .. } = *held;
        let told =
            self.count("release", heard).filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        let seen = match told.map(|(status, body)| (status, code(body))) {
            None => Seen::MaybeLetGo { token, expires },
            Some((200, _)) => Seen::LetGo { token, expires },
            Some((410, "RESERVATION_EXPIRED")) => Seen::RanOut { token, expires },
            Some((409, "RESERVATION_ALREADY_CONFIRMED")) => Seen::SoldBefore { token },
            Some((status, _)) => {
                self.unexpected("release", status, &told.expect("it was told").1.clone());
                return true;
            }
        };
        self.saw(held, seen, (heard.start, if told.is_some() { heard.end } else { Micros::MAX }));
        told.is_some()
    }

    pub fn listed(&self, show: &Show, sample: usize, heard: &Heard) {
        let Some((status, body)) = self.count("list", heard) else { return };
        if status != 200 {
            return self.unexpected("list", status, body);
        }
        let listed = body["data"]["seats"].as_array().expect("seats").iter();
        let free: Vec<&str> = listed.map(|seat| seat["seatId"].as_str().expect("an id")).collect();
        let sample = show.seats[sample].as_str();
        let mut entries = self.world.ledger.entries();
        let read = heard.start.saturating_sub(FRESH);
        let unsettled = self.world.unsettled_since(read, heard.end);
        if free.contains(&sample) && unsettled.is_none() {
            entries.story(sample).saw(Seen::SaidFree, read, heard.end);
        }
        // A former primary misses the writes of its successor. A new primary learns a little late
        // what a majority had. Every member knows older writes.
        let known = unsettled.map_or(read, |since| since.saturating_sub(LATE));
        let sold = |seat: &&&str| entries.sold_seats.get(**seat).is_some_and(|sold| *sold < known);
        let stale = free.iter().find(sold).map(|seat| {
            let sold = entries.sold_seats[*seat];
            format!(
                "{seat}, sold at {sold}, is listed as free as of {read} or later, {unsettled:?}"
            )
        });
        drop(entries);
        if let Some(stale) = stale {
            self.world.ledger.violation(stale);
        }
    }

    pub fn refused_to_a_stranger(&self, heard: &Heard) {
        let Some((status, body)) = self.count("confirm", heard) else { return };
        if (status, code(body)) != (404, "RESERVATION_NOT_FOUND") {
            self.unexpected("a stranger's confirm", status, body);
        }
    }
}
