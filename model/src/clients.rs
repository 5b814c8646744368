//! What users do: which calls they make, what an answer tells them, what they repeat.

use super::{Action, Ask, Booking, FREE_CALLS, How, Order};
use crate::state::{Answer, At, Broken, Call, EACH, Hold, Seats, State, Status, User, Verdict};

impl Booking {
    /// The calls that a user may make now.
    pub(crate) fn calls(&self, state: &State, u: usize, actions: &mut Vec<Action>) {
        let user = &state.users[u];
        if let At::BrokeOff(broken) = user.call.at {
            actions.extend(self.repeat(state, u, broken).map(|ask| Action::Call(u, ask)));
            return;
        }
        if user.call.at != At::Idle || (user.calls >= FREE_CALLS && state.extra == 0) {
            return;
        }
        if user.known == 0 {
            if let Some(token) = free_token(state, u) {
                let baskets: &[Seats] = match self.order {
                    Order::AsFirstDesigned => &[0b01, 0b10],
                    Order::AsBuilt => &[0b01, 0b10, 0b11],
                };
                actions.extend(
                    baskets.iter().map(|seats| Action::Call(u, Ask::Reserve(*seats, token as u8))),
                );
            }
            return;
        }
        // The second payment is tried once the first has come to something: which is the first
        // makes no difference.
        let payments = if user.payments[0].verdict == Verdict::Unasked { 1 } else { EACH };
        actions.extend((0..payments).map(|payment| Action::Call(u, Ask::Confirm(payment as u8))));
        actions.push(Action::Call(u, Ask::Release));
    }

    /// The same call again.
    fn repeat(&self, state: &State, u: usize, broken: Broken) -> Option<Ask> {
        match broken {
            Broken::Reserve(seats) => {
                free_token(state, u).map(|token| Ask::Reserve(seats, token as u8))
            }
            Broken::Confirm => Some(Ask::Confirm(state.users[u].call.payment)),
            Broken::Release => Some(Ask::Release),
        }
    }

    /// Makes a call: its first step is done at once, since nobody sees a call that has done
    /// nothing.
    pub(crate) fn call(&self, state: &mut State, u: usize, ask: Ask) -> bool {
        let user = &mut state.users[u];
        match user.call.at {
            // The same call again: counted already.
            At::BrokeOff(_) => {}
            _ if user.calls < FREE_CALLS => user.calls += 1,
            _ => state.extra -= 1,
        }
        let token = user.known.saturating_sub(1);
        match ask {
            Ask::Confirm(payment) => {
                user.call = Call { at: At::Find, token, payment, ..Call::default() }
            }
            Ask::Release => user.call = Call { at: At::Release, token, ..Call::default() },
            Ask::Reserve(seats, token) => {
                let t = usize::from(token);
                user.holds[t].seats = seats;
                // The lock script is its first step.
                let taken = if self.bounds.redis { state.take(u, t, seats) } else { Some(false) };
                match taken {
                    None => {
                        state.users[u].holds[t] = Hold::default();
                        state.users[u].call = Call::default();
                        state.users[u].calls = FREE_CALLS;
                    }
                    Some(flag) => {
                        state.users[u].call =
                            Call { at: At::ReadSeats, token, flag, ..Call::default() }
                    }
                }
                return true;
            }
        }
        self.step(state, u, false, How::Done)
    }
}

/// What an answer tells its user, if it is heard, and what it promises.
pub(crate) fn heard_or_not(state: &mut State, u: usize, call: &Call, answer: Answer, late: bool) {
    let (token, payment) = (usize::from(call.token), usize::from(call.payment));
    let user = &mut state.users[u];
    match answer {
        Answer::Held(held) => state.lied |= user.holds[usize::from(held)].status == Status::Absent,
        Answer::NotHeld => state.lied |= user.holds[token].status.claims(),
        _ => {}
    }
    if late {
        return;
    }
    match answer {
        Answer::Held(held) => user.known = held + 1,
        Answer::Sold => {
            user.payments[payment].answered = true;
            user.holds[token].acknowledged = call.payment + 1;
        }
        Answer::NotSold => {
            user.payments[payment].answered = true;
            if !matches!(user.holds[token].status, Status::Live | Status::Confirmed) {
                user.known = 0;
            }
        }
        Answer::Released => user.known = 0,
        Answer::NotReleased if user.holds[token].status != Status::Confirmed => user.known = 0,
        // Who would ask again later is one who asks for the first time later: nothing is left of
        // this call.
        Answer::NotHeld => user.calls = FREE_CALLS,
        Answer::NotReleased | Answer::Unavailable => {}
    }
}

/// What is left of a call for its user when it breaks off.
pub(crate) fn broken_off(user: &User, call: &Call) -> Call {
    // A call that a user makes under a token that they know is about that hold; reserve makes a new
    // one.
    let broken = match call.at {
        _ if user.known == 0 => Broken::Reserve(user.holds[usize::from(call.token)].seats),
        At::Release | At::FindReleased | At::MarkReleased => Broken::Release,
        At::Unlock(Answer::Released | Answer::NotReleased) | At::Expire(Answer::NotReleased) => {
            Broken::Release
        }
        _ => Broken::Confirm,
    };
    match broken {
        Broken::Reserve(_) => Call { at: At::BrokeOff(broken), ..Call::default() },
        Broken::Release => Call { at: At::BrokeOff(broken), token: call.token, ..Call::default() },
        Broken::Confirm => Call {
            at: At::BrokeOff(broken),
            token: call.token,
            payment: call.payment,
            ..Call::default()
        },
    }
}

/// A token of the user's that nothing is known of.
fn free_token(state: &State, u: usize) -> Option<usize> {
    let user = &state.users[u];
    (0..EACH).find(|token| user.holds[*token] == Hold::default() && !is_about(&user.late, *token))
}

/// Whether a function works on that call, about that hold.
pub(crate) fn is_about(call: &Call, token: usize) -> bool {
    call.at.runs() && usize::from(call.token) == token
}
