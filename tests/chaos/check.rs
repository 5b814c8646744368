//! Checks whether the observations of a seat could have happened one after the other.

use std::{collections::BTreeMap, fmt::Write as _, sync::mpsc, time::Duration};

use todc_utils::{Action, History, WGLChecker};

use super::spec::{Micros, Observation, SeatSpec, Seen, Token};

/// How long the search for an order may take before the seat counts as undecided,
/// which fails the run.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(60);

/// What a client knows about a confirmation or its hold: see [`SeatHistory::settled`].
#[derive(Clone, Copy, Debug)]
struct Attempt {
    start: Micros,
    /// `None`: no response arrived.
    end: Option<Micros>,
}

/// All observations of one seat in a run.
#[derive(Clone, Debug, Default)]
pub struct SeatHistory {
    observations: Vec<Observation>,
    /// The users whose reserve calls had no response, and when those began.
    reserves_without_response: Vec<(usize, Micros)>,
    /// The owner of each token's hold, and when the hold ends unless it is extended.
    holds: BTreeMap<Token, (usize, Micros)>,
    /// When the holds end whose payment was started.
    extended: BTreeMap<Token, Micros>,
    /// Confirmations of a hold with a payment that the provider takes.
    confirms: BTreeMap<Token, Vec<Attempt>>,
}

impl SeatHistory {
    /// Notes what the seat certainly was at some time between `start` and `end`.
    pub fn saw(&mut self, seen: Seen, start: Micros, end: Micros) {
        self.observations.push(Observation { seen, start, end });
    }

    /// The response was a hold, new or known.
    pub fn held(
        &mut self,
        user: usize,
        token: Token,
        expires: Micros,
        new: bool,
        (start, end): (Micros, Micros),
    ) {
        self.holds.entry(token).or_insert((user, expires));
        let seen = if new { Seen::Held { token, expires } } else { Seen::Kept { token, expires } };
        self.saw(seen, start, end);
    }

    /// The start of a payment extended the hold.
    pub fn extended(&mut self, token: Token, expires: Micros, (start, end): (Micros, Micros)) {
        self.extended.insert(token, expires);
        self.saw(Seen::Extended { token, expires }, start, end);
    }

    /// A reservation that may have made a hold.
    pub fn maybe_held(&mut self, user: usize, start: Micros) {
        self.reserves_without_response.push((user, start));
    }

    /// A confirmation with a payment that the provider takes. Its response was a
    /// booking, or none arrived.
    pub fn maybe_sold(&mut self, token: Token, start: Micros, end: Option<Micros>) {
        self.confirms.entry(token).or_default().push(Attempt { start, end });
    }

    /// A hold was released, or no response arrived.
    pub fn maybe_let_go(
        &mut self,
        token: Token,
        expires: Micros,
        start: Micros,
        end: Option<Micros>,
    ) {
        match end {
            Some(end) => self.saw(Seen::LetGo { token, expires }, start, end),
            None => self.saw(Seen::MaybeLetGo { token, expires }, start, Micros::MAX),
        }
    }

    pub fn len(&self) -> usize {
        self.observations.len()
            + self.reserves_without_response.len()
            + self.confirms.values().map(Vec::len).sum::<usize>()
    }

    /// Compares the history with the database at the end. `Err` says what cannot have happened.
    pub fn check(mut self, sold: Option<Token>, ttl: Micros) -> Result<(), String> {
        self.born(ttl)?;
        self.settled(sold)?;
        let times = self.observations.iter().flat_map(|seen| [seen.start, seen.end]);
        let last = times.filter(|time| *time < Micros::MAX).max().unwrap_or(0);
        self.saw(Seen::Final { sold }, last + 1, last + 2);
        let history = checker_history(&self.observations);
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || send.send(WGLChecker::<SeatSpec>::is_linearizable(history)));
        match receive.recv_timeout(SEARCH_TIMEOUT) {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("no order of these explains them:\n{}", self.describe())),
            Err(_) => Err(format!("not decided within {SEARCH_TIMEOUT:?}:\n{}", self.describe())),
        }
    }

    /// Holds that were seen later, but that no response reported as new. A call without a response
    /// made each. The hold's end says when.
    fn born(&mut self, ttl: Micros) -> Result<(), String> {
        let made = |token: Token| {
            let is_made = |seen: &&Observation| matches!(seen.seen, Seen::Held { token: made, .. } if made == token);
            self.observations.iter().filter(is_made).count()
        };
        let mut born = Vec::new();
        for (&token, &(user, expires)) in &self.holds {
            match made(token) {
                1 => {}
                0 => {
                    let at = expires - ttl;
                    let cause = self
                        .reserves_without_response
                        .iter()
                        .any(|(who, start)| *who == user && *start <= at + 5_000);
                    if !cause {
                        return Err(format!(
                            "hold {token} of user {user} was made by no call:\n{}",
                            self.describe()
                        ));
                    }
                    born.push(Observation {
                        seen: Seen::Held { token, expires },
                        start: at.saturating_sub(5_000),
                        // It was made at a time of the database's clock. Others see it when a
                        // majority has it.
                        end: self.first_met(token),
                    });
                }
                _ => return Err(format!("hold {token} was made twice:\n{}", self.describe())),
            }
        }
        self.observations.extend(born);
        Ok(())
    }

    fn first_met(&self, token: Token) -> Micros {
        let met = |seen: &&Observation| matches!(seen.seen, Seen::Kept { token: met, .. } if met == token);
        self.observations.iter().filter(met).map(|seen| seen.end).min().unwrap_or(Micros::MAX)
    }

    /// The confirmations of a hold are one sale, made between the start of the first attempt and
    /// the first response. Other responses repeat it. Without a response, there is a sale if the
    /// database has one at the end.
    fn settled(&mut self, sold: Option<Token>) -> Result<(), String> {
        for (token, attempts) in std::mem::take(&mut self.confirms) {
            let start = attempts.iter().map(|attempt| attempt.start).min().unwrap_or(0);
            let first = attempts.iter().filter_map(|attempt| attempt.end).min();
            if first.is_none() && sold != Some(token) {
                continue;
            }
            let end_of_hold = self.holds.get(&token).map(|hold| hold.1);
            let end_of_hold = self.extended.get(&token).copied().or(end_of_hold);
            let expires = end_of_hold.ok_or("a sale of a hold that nobody had")?;
            let end = first.unwrap_or(Micros::MAX);
            self.saw(Seen::Sold { token, expires }, start, end);
            for attempt in attempts {
                if let Some(end) = attempt.end.filter(|end| Some(*end) != first) {
                    self.saw(Seen::SoldBefore { token }, attempt.start, end);
                }
            }
        }
        Ok(())
    }

    /// The history in words, in order of the calls.
    fn describe(&self) -> String {
        let mut all = self.observations.clone();
        all.sort_by_key(|seen| seen.start);
        let begun = all.first().map_or(0, |seen| seen.start);
        let mut text = String::new();
        let ms = |at: Micros| (at.saturating_sub(begun)) as f64 / 1000.0;
        for seen in &all {
            let end = if seen.end == Micros::MAX {
                "?".to_owned()
            } else {
                format!("{:.3}", ms(seen.end))
            };
            let _ = writeln!(text, "  {:>12.3} .. {end:>12} {:?}", ms(seen.start), seen.seen);
        }
        let _ = writeln!(
            text,
            "  begun {begun}, holds {:?}, reserves without a response {:?}",
            self.holds, self.reserves_without_response
        );
        text
    }
}

fn checker_history(observations: &[Observation]) -> History<Observation> {
    let mut events: Vec<(Micros, bool, usize)> = Vec::with_capacity(observations.len() * 2);
    for (number, seen) in observations.iter().enumerate() {
        // At the same microsecond a call comes before a response: they may have overlapped.
        events.push((seen.start, false, number));
        events.push((seen.end, true, number));
    }
    events.sort_unstable();
    let action = |(_, is_response, number): (Micros, bool, usize)| {
        let seen = observations[number];
        (number, if is_response { Action::Response(seen) } else { Action::Call(seen) })
    };
    History::from_actions(events.into_iter().map(action).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Micros = 1_000_000;

    fn hold(history: &mut SeatHistory, user: usize, token: Token, at: Micros) {
        history.held(user, token, at + TTL, true, (at, at + 1_000));
    }

    #[test]
    fn holds_one_after_the_other_and_a_sale_are_explained() {
        let mut history = SeatHistory::default();
        hold(&mut history, 1, 1, 10_000);
        history.maybe_let_go(1, 10_000 + TTL, 20_000, Some(21_000));
        hold(&mut history, 2, 2, 30_000);
        history.maybe_sold(2, 40_000, Some(50_000));
        history.maybe_sold(2, 60_000, Some(61_000));
        history.saw(Seen::SaidSold, 45_000, 46_000);
        assert_eq!(history.check(Some(2), TTL), Ok(()));
    }

    #[test]
    fn two_holds_at_once_are_caught_and_two_where_the_first_ran_out_are_not() {
        for (second, caught) in [(500_000, true), (1_100_000, false)] {
            let mut history = SeatHistory::default();
            hold(&mut history, 1, 1, 10_000);
            hold(&mut history, 2, 2, second);
            assert_eq!(history.check(None, TTL).is_err(), caught, "{second}");
        }
    }

    #[test]
    fn a_seat_sold_twice_and_a_sale_that_was_lost_are_caught() {
        let mut history = SeatHistory::default();
        hold(&mut history, 1, 1, 10_000);
        history.maybe_sold(1, 20_000, Some(30_000));
        assert!(history.clone().check(None, TTL).is_err(), "lost");
        assert!(history.clone().check(Some(1), TTL).is_ok());
        hold(&mut history, 2, 2, 2_000_000);
        assert!(history.clone().check(Some(1), TTL).is_err(), "held after its sale");
        history.maybe_sold(2, 2_100_000, Some(2_200_000));
        assert!(history.check(Some(2), TTL).is_err(), "sold twice");
    }

    #[test]
    fn a_sale_without_a_response_is_accepted_if_the_database_has_it() {
        let mut history = SeatHistory::default();
        hold(&mut history, 1, 1, 10_000);
        history.maybe_sold(1, 20_000, None);
        for sold in [None, Some(1)] {
            assert_eq!(history.clone().check(sold, TTL), Ok(()), "{sold:?}");
        }
    }

    #[test]
    fn a_hold_without_a_response_is_accepted_if_a_call_can_have_made_it() {
        let mut history = SeatHistory::default();
        history.held(1, 1, 100_000 + TTL, false, (200_000, 210_000));
        assert!(history.clone().check(None, TTL).is_err(), "out of nothing");
        history.maybe_held(2, 90_000);
        assert!(history.clone().check(None, TTL).is_err(), "by another user");
        history.maybe_held(1, 90_000);
        assert_eq!(history.check(None, TTL), Ok(()));
    }

    #[test]
    fn a_release_without_a_response_may_have_happened_or_not() {
        for other in [true, false] {
            let mut history = SeatHistory::default();
            hold(&mut history, 1, 1, 10_000);
            history.maybe_let_go(1, 10_000 + TTL, 20_000, None);
            if other {
                hold(&mut history, 2, 2, 30_000);
            } else {
                history.maybe_sold(1, 30_000, Some(40_000));
            }
            assert_eq!(history.check(if other { None } else { Some(1) }, TTL), Ok(()), "{other}");
        }
    }

    #[test]
    fn a_confirm_of_a_hold_that_had_run_out_is_caught() {
        let mut history = SeatHistory::default();
        hold(&mut history, 1, 1, 10_000);
        history.maybe_sold(1, 1_500_000, Some(1_600_000));
        assert!(history.check(Some(1), TTL).is_err());
    }

    #[test]
    fn a_free_seat_in_the_list_is_caught_where_it_was_held_all_the_time() {
        let mut history = SeatHistory::default();
        hold(&mut history, 1, 1, 10_000);
        history.saw(Seen::SaidFree, 20_000, 30_000);
        assert!(history.clone().check(None, TTL).is_err());
        history.maybe_let_go(1, 10_000 + TTL, 25_000, Some(40_000));
        assert_eq!(history.check(None, TTL), Ok(()));
    }
}
