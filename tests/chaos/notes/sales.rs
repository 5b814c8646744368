//! Responses about payments, sales and cancellations.

use serde_json::Value;

use super::{NoUsableResponse, Notes, code, micros};
use crate::chaos::{
    fleet::CallResult,
    ledger::{Sale, Success},
    shopper::Held,
    spec::{Micros, Seen},
};

fn refund_due(body: &Value) -> bool {
    body["error"]["details"]["refundDue"] == true
}

impl Notes<'_> {
    /// The extended hold and its intent, or `None` if the hold is over. `Err`: the call
    /// has to be repeated.
    pub fn payment_started(
        &self,
        held: &Held,
        result: &CallResult,
    ) -> Result<Option<(Held, String)>, NoUsableResponse> {
        let usable = self.count("payment", result);
        let usable = usable.filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        let Some((status, body)) = usable else { return Err(NoUsableResponse) };
        let Held { number: token, expires, .. } = *held;
        let span = (result.start, result.end);
        match (status, code(body)) {
            (200 | 201, _) => {
                let until = micros(&body["data"]["holdExpiresAt"]);
                let mut entries = self.world.ledger.entries();
                for seat in &held.seats {
                    entries.seat_history(seat).extended(token, until, span);
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
    pub fn event_taken(&self, held: &Held, intent: &str, result: &CallResult) -> bool {
        let usable = self.count("event", result);
        if let Some((status, body)) = usable.filter(|(status, _)| *status != 200) {
            self.unexpected("event", status, body);
        }
        let mut entries = self.world.ledger.entries();
        for seat in &held.seats {
            entries.seat_history(seat).maybe_sold(held.number, result.start, None);
        }
        drop(entries);
        self.paid(intent, true, usable.is_some());
        usable.is_some()
    }

    /// Whether the outcome is known.
    pub fn confirmed(&self, held: &Held, payment: &str, result: &CallResult) -> bool {
        let (start, end) = (result.start, result.end);
        let taken = self.is_taken(payment);
        let usable = self.count("confirm", result);
        let usable = usable.filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        self.paid(payment, taken, usable.is_some());
        let Some((status, body)) = usable else {
            let mut entries = self.world.ledger.entries();
            for seat in &held.seats {
                let history = entries.seat_history(seat);
                if taken {
                    history.maybe_sold(held.number, start, None);
                } else {
                    history.maybe_let_go(held.number, held.expires, start, None);
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
                "{payment} for {}: {status} {body}: refundDue is not {taken}",
                held.token
            ));
        }
        self.saw(held, seen, (start, end));
        true
    }

    /// Whether the provider has the money.
    fn is_taken(&self, payment: &str) -> bool {
        payment.starts_with("pay_ok") || self.world.ledger.entries().payments.contains_key(payment)
    }

    pub fn paid(&self, payment: &str, taken: bool, has_response: bool) {
        if taken {
            let mut entries = self.world.ledger.entries();
            *entries.payments.entry(payment.to_owned()).or_default() |= has_response;
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
            entries.seat_history(seat).maybe_sold(held.number, start, Some(end));
            entries.sold_seats.entry(seat.clone()).or_insert(end);
        }
        entries.successes.push((Success::Booking, start, end));
        drop(entries);
        if let Err(two) = noted {
            self.world.ledger.violation(two);
        }
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
    pub fn cancelled(&self, held: &Held, seats: &[String], result: &CallResult) -> bool {
        let usable = self.count("cancel", result);
        let usable = usable.filter(|(_, body)| code(body) != "IDEMPOTENCY_KEY_IN_USE");
        let token = held.number;
        let (seen, end) = match usable {
            None => (Seen::MaybeCancelled { token }, Micros::MAX),
            Some((200, _)) => (Seen::Cancelled { token }, result.end),
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
            entries.seat_history(seat).saw(seen, result.start, end);
        }
        usable.is_some()
    }
}
