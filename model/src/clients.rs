//! What users do: which calls they make, what a response tells them, what they repeat. And what
//! the provider sends on its own.

use super::{Action, BookingModel, Design, FREE_CALLS, Outcome, Request};
use crate::state::{
    BOTH, BrokenCall, Call, Hold, PER_USER, Response, Seats, State, Status, Step, User, Verdict,
};

impl BookingModel {
    /// The calls that a user may make now.
    pub(crate) fn requests(&self, state: &State, u: usize, actions: &mut Vec<Action>) {
        let user = &state.users[u];
        if user.call.step.runs() {
            return;
        }
        let repeated = self.repeated(state, u);
        actions.extend(repeated.map(|request| Action::Call(u, request)));
        if user.call.step != Step::Idle && !(self.bounds.tabs && user.known_hold != 0) {
            return;
        }
        let mut offer = |request| {
            if Some(request) != repeated {
                actions.push(Action::Call(u, request));
            }
        };
        if self.may_cancel(user) {
            subsets(known(user).booked()).for_each(|seats| offer(Request::Cancel(seats)));
        }
        if user.calls >= FREE_CALLS && state.extra_calls == 0 {
            return;
        }
        let may_reserve = user.known_hold == 0 || known(user).status == Status::Cancelled;
        if let Some(token) = free_token(state, u).filter(|_| may_reserve) {
            // The first design has one seat a reservation.
            let baskets = match self.design {
                Design::First => [0b01, 0b10].iter(),
                Design::Current => [0b01, 0b10, 0b11].iter(),
            };
            baskets.for_each(|seats| offer(Request::Reserve(*seats, token as u8)));
        }
        if user.known_hold == 0 {
            return;
        }
        let hold = known(user);
        if state.changes > 0 && hold.status == Status::Live {
            subsets(BOTH)
                .filter(|seats| *seats != hold.seats)
                .for_each(|seats| offer(Request::Change(seats)));
        }
        if self.bounds.payments && hold.status == Status::Live && hold.payment == 0 {
            offer(Request::Pay);
        }
        for (p, payment) in user.payments.iter().enumerate() {
            // Which payment is the first makes no difference, so the second is tried only once the
            // first has a verdict.
            let next = p == 0 || user.payments[0].verdict != Verdict::Unknown;
            if if self.bounds.payments { payment.shown } else { next } {
                offer(Request::Confirm(p as u8));
            }
        }
        offer(Request::Release);
    }

    /// Whether a user holds a booking that it may still cancel.
    pub(crate) fn may_cancel(&self, user: &User) -> bool {
        self.bounds.cancels && user.known_hold != 0 && known(user).booked() != 0
    }

    /// The call that broke off, again.
    fn repeated(&self, state: &State, u: usize) -> Option<Request> {
        let Step::BrokenOff(broken) = state.users[u].call.step else { return None };
        Some(match broken {
            BrokenCall::Reserve(seats) => Request::Reserve(seats, free_token(state, u)? as u8),
            BrokenCall::Confirm => Request::Confirm(state.users[u].call.payment),
            BrokenCall::Release => Request::Release,
            BrokenCall::Change(seats) => Request::Change(seats),
            BrokenCall::Pay => Request::Pay,
            BrokenCall::Cancel(seats) => Request::Cancel(seats),
        })
    }

    /// Makes a call. Its first step is done at once: nobody can see a call that has done nothing.
    pub(crate) fn call(&self, state: &mut State, u: usize, request: Request) -> bool {
        let repeated = self.repeated(state, u) == Some(request);
        let user = &mut state.users[u];
        match request {
            _ if repeated => {}
            Request::Change(_) => state.changes -= 1,
            Request::Pay | Request::Cancel(_) => {}
            _ if user.calls < FREE_CALLS => user.calls += 1,
            _ => state.extra_calls -= 1,
        }
        let about = Call { token: user.known_hold.saturating_sub(1), ..Call::default() };
        user.call = match request {
            Request::Reserve(seats, token) => {
                self.reserve(state, u, seats, token);
                return true;
            }
            Request::Confirm(payment) => Call { step: Step::Find, payment, ..about },
            Request::Release => Call { step: Step::Release, ..about },
            Request::Change(seats) => Call { step: Step::FindToChange, seats, ..about },
            Request::Pay => Call { step: Step::FindToPay, ..about },
            Request::Cancel(seats) => Call { step: Step::FindToCancel, seats, ..about },
        };
        self.step(state, u, false, Outcome::Done)
    }

    /// The first step of a reserve is the lock script.
    fn reserve(&self, state: &mut State, u: usize, seats: Seats, token: u8) {
        let t = usize::from(token);
        state.users[u].known_hold = 0;
        state.users[u].holds[t].seats = seats;
        let taken = if self.bounds.redis { state.take(u, t, seats) } else { Some(false) };
        let user = &mut state.users[u];
        user.call = Call::default();
        match taken {
            None => {
                user.holds[t] = Hold::default();
                user.calls = FREE_CALLS;
            }
            Some(met_own_locks) => {
                user.call = Call { step: Step::ReadSeats, token, met_own_locks, ..user.call }
            }
        }
    }

    /// The events that the provider may send now.
    pub(crate) fn events(&self, state: &State, u: usize, actions: &mut Vec<Action>) {
        let user = &state.users[u];
        if state.events == 0 || user.background.step != Step::Idle {
            return;
        }
        let paid = user.payments.iter().enumerate().filter(|(_, payment)| payment.shown);
        actions.extend(paid.map(|(p, _)| Action::Event(u, p)));
    }

    /// An event only names a payment, which names its hold. It runs the same steps as a confirm.
    pub(crate) fn event(&self, state: &mut State, u: usize, payment: usize) -> bool {
        state.events -= 1;
        let user = &mut state.users[u];
        let Some(key) = user.payments[payment].key else { return false };
        user.background =
            Call { step: Step::Find, token: key.token, payment: payment as u8, ..Call::default() };
        self.step(state, u, true, Outcome::Done)
    }
}

/// What a response promises, and what it tells its user if it arrives.
pub(crate) fn hear(
    model: &BookingModel,
    state: &mut State,
    u: usize,
    call: &Call,
    response: Response,
    background: bool,
) {
    let (token, payment) = (usize::from(call.token), usize::from(call.payment));
    let user = &mut state.users[u];
    let hold = &mut user.holds[token];
    let ended = !matches!(hold.status, Status::Live | Status::Confirmed);
    match response {
        Response::Held(held) => {
            state.wrong_response |= user.holds[usize::from(held)].status == Status::Absent;
        }
        Response::NotHeld => state.wrong_response |= hold.status.claims(),
        // Unless somebody else has changed the hold, it is what this call has read.
        Response::NotChanged => {
            state.wrong_response |= call.read != 0
                && hold.status == Status::Live
                && hold.version == call.version
                && hold.seats != call.read;
        }
        // The response may still reach the client, even one that has given up waiting.
        Response::Paying(payment) => user.payments[usize::from(payment)].shown = true,
        // The provider does not repeat an event that was handled.
        Response::Sold | Response::NotSold if model.bounds.payments => {
            user.payments[payment].answered = true;
        }
        _ => {}
    }
    if background {
        return;
    }
    match response {
        Response::Held(held) => user.known_hold = held + 1,
        Response::Sold => {
            user.payments[payment].answered = true;
            user.holds[token].acknowledged = call.payment + 1;
        }
        Response::NotSold => {
            user.payments[payment].answered = true;
            if ended {
                user.known_hold = 0;
            }
        }
        Response::Released => user.known_hold = 0,
        Response::NotReleased | Response::NotChanged | Response::NotPaying if ended => {
            user.known_hold = 0;
        }
        // A user who repeats the call later behaves like one who calls for the first time later.
        Response::NotHeld => user.calls = FREE_CALLS,
        Response::NotReleased | Response::NotChanged | Response::NotPaying => {}
        Response::Changed | Response::Paying(_) | Response::Cancelled => {}
        Response::NotCancelled | Response::Unavailable => {}
    }
}

/// What remains of a call for its user after it breaks off.
pub(crate) fn broken_off(user: &User, call: &Call) -> Call {
    let Call { token, payment, seats, .. } = *call;
    // A call about a hold is made under a token that the user knows. Only reserve makes a new one.
    let broken = match call.step {
        _ if user.known_hold == 0 => BrokenCall::Reserve(user.holds[usize::from(token)].seats),
        Step::Release | Step::FindReleased | Step::MarkReleased => BrokenCall::Release,
        Step::Unlock(Response::Released | Response::NotReleased)
        | Step::Expire(Response::NotReleased) => BrokenCall::Release,
        Step::FindToPay | Step::CreatePayment | Step::StorePayment => BrokenCall::Pay,
        Step::FindToCancel | Step::OpenCancel | Step::CommitCancel | Step::AddRefund => {
            BrokenCall::Cancel(seats)
        }
        _ if seats != 0 => BrokenCall::Change(seats),
        _ => BrokenCall::Confirm,
    };
    let call = Call { step: Step::BrokenOff(broken), ..Call::default() };
    match broken {
        BrokenCall::Reserve(_) => call,
        BrokenCall::Confirm => Call { token, payment, ..call },
        BrokenCall::Release | BrokenCall::Change(_) | BrokenCall::Pay | BrokenCall::Cancel(_) => {
            Call { token, ..call }
        }
    }
}

/// The hold whose token the user knows.
fn known(user: &User) -> &Hold {
    &user.holds[usize::from(user.known_hold.saturating_sub(1))]
}

fn subsets(seats: Seats) -> impl Iterator<Item = Seats> {
    (1..=BOTH).filter(move |some| some & !seats == 0)
}

/// A token of the user's about which nothing is known.
fn free_token(state: &State, u: usize) -> Option<usize> {
    let User { holds, background, .. } = &state.users[u];
    let in_use = |t: usize| background.step.runs() && usize::from(background.token) == t;
    (0..PER_USER).find(|t| holds[*t] == Hold::default() && !in_use(*t))
}
