//! The results of a run's calls: per seat to check their order, per payment to check the money, and
//! totals for the report.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, MutexGuard},
};

use super::{
    check::SeatHistory,
    spec::{Micros, Token},
};

/// A confirmation whose response was a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    pub booking_id: String,
    pub user_id: String,
    pub payment: String,
    pub acknowledged: Micros,
}

/// A success that only a working system can have. Recovery is measured by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Success {
    Hold,
    Booking,
}

/// The number of calls of an endpoint, by their outcome.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    pub ok: u64,
    pub refused: u64,
    pub unknown: u64,
}

#[derive(Default)]
pub struct Entries {
    pub seat_histories: HashMap<String, SeatHistory>,
    tokens: HashMap<String, Token>,
    /// The sales, by reservation token.
    pub sales: HashMap<String, Sale>,
    /// When a seat's sale was first acknowledged.
    pub sold_seats: HashMap<String, Micros>,
    /// How many cancellations of a seat have begun.
    pub cancellations: HashMap<String, usize>,
    /// The holds whose cancellation has begun, by reservation token.
    pub cancelled: HashSet<String>,
    /// Payments that the provider takes, and whether a confirmation with them got a 2xx or 4xx.
    pub payments: BTreeMap<String, bool>,
    /// In which app a payment was made.
    pub payers: HashMap<String, String>,
    pub counts: BTreeMap<&'static str, Count>,
    pub successes: Vec<(Success, Micros, Micros)>,
    pub violations: Vec<String>,
    /// The time that the slowest response left of its invocation. Negative if it was late.
    pub least_left_ms: Option<f64>,
}

#[derive(Default)]
pub struct Ledger(Mutex<Entries>);

impl Ledger {
    pub fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap()
    }

    pub fn violation(&self, what: String) {
        eprintln!("chaos: VIOLATION: {what}");
        self.entries().violations.push(what);
    }

    /// When the first hold and the first booking were made by calls that began
    /// at `healed` or later.
    pub fn first_successes(&self, healed: Micros) -> Option<Micros> {
        let entries = self.entries();
        let first = |kind: Success| {
            // Calls end in about the order in which they are noted.
            let late =
                entries.successes.iter().rev().take_while(|(_, _, end)| *end + 60_000_000 > healed);
            late.filter(|(what, start, _)| *what == kind && *start >= healed)
                .map(|(_, _, end)| *end)
                .min()
        };
        Some(first(Success::Hold)?.max(first(Success::Booking)?))
    }
}

impl Entries {
    pub fn seat_history(&mut self, seat: &str) -> &mut SeatHistory {
        if !self.seat_histories.contains_key(seat) {
            self.seat_histories.insert(seat.to_owned(), SeatHistory::default());
        }
        self.seat_histories.get_mut(seat).expect("it was put there")
    }

    /// The number of a hold in this run.
    pub fn token(&mut self, token: &str) -> Token {
        let next = Token::try_from(self.tokens.len()).expect("fewer holds");
        *self.tokens.entry(token.to_owned()).or_insert(next)
    }

    /// The number of a hold, if a client has got its token.
    pub fn known_token(&self, token: &str) -> Option<Token> {
        self.tokens.get(token).copied()
    }

    /// Notes a booking; `Err` if an earlier response for the hold had a different booking.
    pub fn sold(&mut self, token: &str, sale: Sale) -> Result<(), String> {
        match self.sales.get(token) {
            None => {
                self.sales.insert(token.to_owned(), sale);
                Ok(())
            }
            Some(known) if known.booking_id == sale.booking_id && known.payment == sale.payment => {
                Ok(())
            }
            Some(known) => {
                Err(format!("hold {token} has responses with two bookings: {known:?} and {sale:?}"))
            }
        }
    }
}
