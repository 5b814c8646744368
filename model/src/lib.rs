//! A model of how a seat is held and sold, for the `stateright` checker: what is explored and what
//! is not is told in `docs/MODEL.md`.
//!
//! [`Booking`] is the model, [`state`] the world between two steps, `clients` what users do,
//! `built` the steps of the code as it is (the names are those of `shared::booking`), `first` those
//! of the design that it replaces, [`promise`] what must hold, [`story`] a counterexample in words.

mod built;
mod clients;
mod first;
mod packed;
pub mod promise;
pub mod state;
pub mod story;

use clients::{broken_off, heard_or_not, is_about};
use state::{Answer, At, Call, Seats, State, Status, Tx, USERS, Verdict};
use stateright::{Model, Property};

/// Calls that each user may make; [`Bounds::extra`] are on top of that.
const FREE_CALLS: u8 = 2;

/// In which order reserve, confirm and release do their work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The design that this project began as: check the lock, delete it, then commit; the
    /// reservation is checked outside of the transaction; no unique index; plain DEL.
    AsFirstDesigned,
    /// As `shared::booking` does it.
    AsBuilt,
}

/// One thing done otherwise in [`Order::AsBuilt`]. The tests show what each costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Locks are deleted whoever's they are.
    PlainDelete,
    /// No unique indexes on seats, and writes of a sale that match whatever is there.
    NoIndexNoGuards,
    /// No unique index on claimed seats; the guards are there.
    NoIndex,
    /// The locks go before the commit. The tests show that this costs none of the promises, but for
    /// the gate.
    UnlockFirst,
    /// The sale asks for ACTIVE, but whether the hold is overdue was asked before the transaction
    /// only.
    ExpiryBeforeTransaction,
    /// A repeated upsert writes its fields anew.
    ReplayRevives,
    /// A payment that came too late is answered without a record.
    SilentMoney,
}

/// How much may happen; everything that may happen within it is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Users, 3 at most. Each makes up to two calls, and one more for each that broke off.
    pub users: usize,
    /// Wipes of Redis.
    pub wipes: u8,
    /// Processes that die between two steps.
    pub crashes: u8,
    /// Answers lost: the client gives the call up and may repeat it while the first still runs, or
    /// the database's answer to an upsert is lost and the driver repeats it.
    pub losses: u8,
    /// Calls beyond two, of all users together.
    pub extra: u8,
    /// Redis answers. If it does not, every call goes on without it.
    pub redis: bool,
}

/// The model.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Which design.
    pub order: Order,
    /// What is done wrong in it.
    pub flaw: Option<Flaw>,
    /// How much may happen.
    pub bounds: Bounds,
}

/// What a user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To hold these seats, under this token.
    Reserve(Seats, u8),
    /// To confirm the hold with this payment.
    Confirm(u8),
    /// To release the hold.
    Release,
}

/// What else may become of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Nothing: it is done.
    Done,
    /// The provider declines.
    Declined,
    /// It is done, its answer is lost, and the driver does it again.
    AnswerLost,
}

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A user makes a call, whose first step is done.
    Call(usize, Ask),
    /// The next step of a user's call: of the one waited for, or (`true`) of the one given up.
    Step(usize, bool, How),
    /// A user stops waiting for an answer. The call goes on.
    GiveUp(usize),
    /// The process of a call dies.
    Crash(usize, bool),
    /// The server aborts the transaction that a dead process left open on a hold.
    Abort(usize, usize),
    /// The time of a hold comes, by the database's clock.
    TimeComes(usize, usize),
    /// The locks of a hold that is not live run out.
    LocksRunOut(usize, usize),
    /// Somebody (a minute's sweep) marks an overdue hold.
    Sweep(usize, usize),
    /// Redis loses everything.
    Wipe,
}

/// What a step leads to.
enum Next {
    To(At),
    Answer(Answer),
    /// Another transaction has written to the document: later.
    Blocked,
}

impl Booking {
    /// The design as built, within `bounds`.
    pub fn as_built(bounds: Bounds) -> Self {
        Self { order: Order::AsBuilt, flaw: None, bounds }
    }

    /// The design as built, but for one flaw.
    pub fn flawed(flaw: Flaw, bounds: Bounds) -> Self {
        Self { order: Order::AsBuilt, flaw: Some(flaw), bounds }
    }

    /// The first design.
    pub fn as_first_designed(bounds: Bounds) -> Self {
        Self { order: Order::AsFirstDesigned, flaw: None, bounds }
    }

    fn restore(&self, state: &mut State, u: usize, t: usize) {
        if self.bounds.redis {
            state.restore(u, t);
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// What the provider says is seen by nobody but the call that asks, and differs by nothing that
    /// others do: it is asked at once, which leaves out no order that could matter. (A crash before
    /// it is one after it, with the verdict drawn at the repeat.)
    fn asking(&self, state: &State, actions: &mut Vec<Action>) -> bool {
        let asks = |call: &Call| matches!(call.at, At::Verify(_));
        let asking =
            state.users.iter().enumerate().find(|(_, user)| asks(&user.call) || asks(&user.late));
        let Some((u, user)) = asking.filter(|_| self.order == Order::AsBuilt) else { return false };
        let late = !asks(&user.call);
        let payment = if late { user.late.payment } else { user.call.payment };
        actions.push(Action::Step(u, late, How::Done));
        if user.payments[usize::from(payment)].verdict == Verdict::Unasked {
            actions.push(Action::Step(u, late, How::Declined));
        }
        true
    }

    fn steps(&self, state: &State, u: usize, late: bool, actions: &mut Vec<Action>) {
        let call = if late { &state.users[u].late } else { &state.users[u].call };
        if !call.at.runs() {
            return;
        }
        actions.push(Action::Step(u, late, How::Done));
        let payment = &state.users[u].payments[usize::from(call.payment)];
        if matches!(call.at, At::Verify(_)) && payment.verdict == Verdict::Unasked {
            actions.push(Action::Step(u, late, How::Declined));
        }
        if call.at == At::Claim && state.losses > 0 {
            actions.push(Action::Step(u, late, How::AnswerLost));
        }
        if !late && state.losses > 0 && state.users[u].late.at == At::Idle {
            actions.push(Action::GiveUp(u));
        }
        if state.crashes > 0 {
            actions.push(Action::Crash(u, late));
        }
    }

    /// Does the next step of a call; `false` if it has to wait.
    fn step(&self, state: &mut State, u: usize, late: bool, how: How) -> bool {
        let mut call = if late { state.users[u].late } else { state.users[u].call };
        let next = match self.order {
            Order::AsFirstDesigned => first::step(state, u, &mut call, how),
            Order::AsBuilt => built::step(self, state, u, &mut call, how),
        };
        match next {
            Next::Blocked => return false,
            Next::To(at @ (At::GiveBack(_) | At::Unlock(_))) => {
                // The last step: how the call came there is forgotten.
                call = Call { at, token: call.token, payment: call.payment, ..Call::default() };
            }
            Next::To(at) => call.at = at,
            Next::Answer(answer) => {
                heard_or_not(state, u, &call, answer, late);
                call = Call::default();
            }
        }
        let user = &mut state.users[u];
        if late {
            user.late = call
        } else {
            user.call = call
        }
        true
    }
}

impl Model for Booking {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let Bounds { wipes, crashes, losses, extra, .. } = self.bounds;
        vec![State { wipes, crashes, losses, extra, ..State::default() }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if self.asking(state, actions) {
            return;
        }
        for u in 0..self.bounds.users.min(USERS) {
            self.calls(state, u, actions);
            self.steps(state, u, false, actions);
            self.steps(state, u, true, actions);
            for (t, hold) in state.users[u].holds.iter().enumerate() {
                if hold.status == Status::Live {
                    actions.push(Action::TimeComes(u, t));
                }
                if hold.status == Status::Overdue && hold.tx == Tx::Closed {
                    actions.push(Action::Sweep(u, t));
                }
                if hold.locks != 0 && hold.status != Status::Live {
                    actions.push(Action::LocksRunOut(u, t));
                }
                let holder = |call: &Call| matches!(call.at, At::Commit(_)) && is_about(call, t);
                if hold.tx != Tx::Closed
                    && !holder(&state.users[u].call)
                    && !holder(&state.users[u].late)
                {
                    actions.push(Action::Abort(u, t));
                }
            }
        }
        if state.wipes > 0 && state.holds().any(|(.., hold)| hold.locks != 0) {
            actions.push(Action::Wipe);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = *last;
        let done = match action {
            Action::Call(u, ask) => self.call(&mut state, u, ask),
            Action::Step(u, late, how) => self.step(&mut state, u, late, how),
            Action::GiveUp(u) => {
                let user = &mut state.users[u];
                (user.late, user.call) = (user.call, broken_off(user, &user.call));
                state.losses -= 1;
                true
            }
            Action::Crash(u, late) => {
                let user = &mut state.users[u];
                if late {
                    user.late = Call::default();
                } else {
                    user.call = broken_off(user, &user.call);
                }
                state.crashes -= 1;
                true
            }
            Action::Abort(u, t) => {
                state.users[u].holds[t].tx = Tx::Closed;
                true
            }
            Action::TimeComes(u, t) => {
                state.users[u].holds[t].status = Status::Overdue;
                true
            }
            Action::LocksRunOut(u, t) => {
                state.users[u].holds[t].locks = 0;
                true
            }
            Action::Sweep(u, t) => {
                state.end(None, u, t, Status::Expired);
                true
            }
            Action::Wipe => {
                state
                    .users
                    .iter_mut()
                    .flat_map(|user| &mut user.holds)
                    .for_each(|hold| hold.locks = 0);
                state.wipes -= 1;
                state.wiped = true;
                true
            }
        };
        state.forget(FREE_CALLS);
        done.then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        match self.order {
            Order::AsFirstDesigned => promise::of_the_first_design(),
            Order::AsBuilt => promise::all(&self.bounds),
        }
    }
}
