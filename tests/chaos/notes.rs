//! Records in the ledger what a response says about its seats, and checks what no response may say.

mod holds;
mod sales;

use std::time::Duration;

use serde_json::Value;

pub use self::holds::Changed;
use super::{
    fleet::CallResult,
    shopper::Held,
    spec::{Micros, Seen},
    world::{Show, World},
};
use crate::support::people::User;

/// How long after a sale every member knows that a majority has it.
const MAJORITY_LAG: Micros = 5_000_000;
/// How long a cached page may be served after a change that Redis missed. `performance::pages`
/// tests the changes that Redis saw.
const PAGE_TTL: Micros = 1_000_000;

/// Takes one client's notes.
pub struct Notes<'a> {
    pub world: &'a World,
    pub user: &'a User,
    pub number: usize,
}

/// No response arrived, or it said that the call should be repeated.
#[derive(Clone, Copy, Debug)]
pub struct NoUsableResponse;

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or_default()
}

fn micros(time: &Value) -> Micros {
    let time = time.as_str().expect("a time");
    let time = chrono::DateTime::parse_from_rfc3339(time).expect("RFC 3339").timestamp_micros();
    u64::try_from(time).expect("a time after 1970")
}

impl Notes<'_> {
    /// Counts a call. Returns its usable response: `None` if the call only may have happened.
    fn count<'r>(
        &self,
        endpoint: &'static str,
        result: &'r CallResult,
    ) -> Option<(u16, &'r Value)> {
        let response = result.response.as_ref().map(|(status, body)| (*status, body));
        let usable = response.filter(|(status, _)| *status != 503);
        let mut entries = self.world.ledger.entries();
        let count = entries.counts.entry(endpoint).or_default();
        match usable {
            None => count.unknown += 1,
            Some((200..=299, _)) => count.ok += 1,
            Some(_) => count.refused += 1,
        }
        usable
    }

    fn unexpected(&self, endpoint: &str, status: u16, body: &Value) {
        self.world
            .ledger
            .violation(format!("{endpoint} of {} returned {status}: {body}", self.user.user_id));
    }

    /// No request outlives its deadline.
    pub fn timing(&self, result: &CallResult, budget: Duration) {
        if result.disturbed {
            return;
        }
        if result.response.is_none() {
            self.world.ledger.violation(format!(
                "a call begun at {} had no response within {budget:?}",
                result.start
            ));
        }
        let left_ms = budget.as_secs_f64() * 1000.0 - (result.end - result.start) as f64 / 1000.0;
        let mut entries = self.world.ledger.entries();
        entries.least_left_ms =
            Some(entries.least_left_ms.map_or(left_ms, |least| least.min(left_ms)));
    }

    fn saw(&self, held: &Held, seen: Seen, (start, end): (Micros, Micros)) {
        let mut entries = self.world.ledger.entries();
        for seat in &held.seats {
            entries.seat_history(seat).saw(seen, start, end);
        }
    }

    pub fn listed(&self, show: &Show, sample: usize, result: &CallResult) {
        let Some((status, body)) = self.count("list", result) else { return };
        if status != 200 {
            return self.unexpected("list", status, body);
        }
        let listed = body["data"]["seats"].as_array().expect("seats").iter();
        let free: Vec<&str> = listed.map(|seat| seat["seatId"].as_str().expect("an id")).collect();
        let sample = show.seats[sample].as_str();
        let mut entries = self.world.ledger.entries();
        let read = result.start.saturating_sub(PAGE_TTL);
        let unsettled = self.world.unsettled_since(read, result.end);
        if free.contains(&sample) && unsettled.is_none() {
            entries.seat_history(sample).saw(Seen::SaidFree, read, result.end);
        }
        // A former primary misses the writes of its successor. A new primary learns a little late
        // what a majority had. Every member knows older writes.
        let known = unsettled.map_or(read, |since| since.saturating_sub(MAJORITY_LAG));
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

    pub fn refused_to_a_stranger(&self, result: &CallResult) {
        let Some((status, body)) = self.count("confirm", result) else { return };
        if (status, code(body)) != (404, "RESERVATION_NOT_FOUND") {
            self.unexpected("a stranger's confirm", status, body);
        }
    }
}
