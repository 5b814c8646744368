//! Records in the ledger what a response says about its seats, and checks what no response may say.

mod holds;
mod sales;

use std::time::Duration;

use serde_json::Value;

pub use self::holds::Changed;
use super::{
    fleet::Heard,
    shopper::Held,
    spec::{Micros, Seen},
    world::{Show, World},
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

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or_default()
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

    fn saw(&self, held: &Held, seen: Seen, (start, end): (Micros, Micros)) {
        let mut entries = self.world.ledger.entries();
        for seat in &held.seats {
            entries.story(seat).saw(seen, start, end);
        }
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
